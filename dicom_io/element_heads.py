"""The heads of elements and items: tag, VR and length (PS3.5 tables 7.1-1 to 7.5-1)."""

import struct
from dataclasses import dataclass
from functools import lru_cache
from typing import BinaryIO, NamedTuple

from pydicom.datadict import dictionary_VR
from pydicom.valuerep import EXPLICIT_VR_LENGTH_32, STANDARD_VR

HEAD_BYTES = 8
"""Of an item, and at least of an element."""
UNDEFINED = 0xFFFFFFFF
"""A length that is not stated: a delimiter follows."""

_WINDOW_BYTES = 1 << 18
_LONG_HEAD_BYTES = 12
_LONG_VRS = frozenset(vr.value.encode() for vr in EXPLICIT_VR_LENGTH_32)
_VRS = frozenset(vr.value.encode() for vr in STANDARD_VR)
_PLAIN_LONG_VRS = _LONG_VRS - {b"SQ", b"UN"}
_SHORT_VRS = _VRS - _LONG_VRS
_DELIMITERS = 0xFFFE
_MAY_BE_SEQUENCE = frozenset({"", "SQ"})
_VR_END = 6
_A, _Z = b"AZ"


@dataclass(frozen=True)
class Encoding:
    """How a data set is encoded.

    Attributes
    ----------
    implicit, little_endian : bool
    """

    implicit: bool
    little_endian: bool


class Head(NamedTuple):
    """What stands before a value.

    Attributes
    ----------
    tag : int
    vr : bytes
        Empty where none is stated.
    length : int
    value_at : int
        Offset in the file.
    """

    tag: int
    vr: bytes
    length: int
    value_at: int


class Heads:
    """Reads heads wherever they stand, through a window on the file."""

    def __init__(self, file: BinaryIO, encoding: Encoding) -> None:
        endian = "<" if encoding.little_endian else ">"
        self._explicit = struct.Struct(f"{endian}HH2sH").unpack_from
        self._plain = struct.Struct(f"{endian}HHL").unpack_from
        self._long = struct.Struct(f"{endian}L").unpack_from
        self._file = file
        self._window = b""
        self._window_at = 0

    def plain(
        self, at: int, end: int, bound: int, *, implicit: bool
    ) -> tuple[int, int]:
        """Pass elements that are no sequences, as far as the window reaches.

        Parameters
        ----------
        at, end : int
            Where they begin, and before which an element must begin.
        bound : int
            Beyond which no head may reach.
        implicit : bool

        Returns
        -------
        tuple of int
            Where the first other element begins, or the level ends, and how many were
            passed.
        """
        window, where = self._bytes_at(at)
        start = at - where
        stop = min(end, bound - _LONG_HEAD_BYTES + 1) - start
        stop = min(stop, len(window) - _LONG_HEAD_BYTES)
        passing = self._pass_implicit if implicit else self._pass_explicit
        where, passed = passing(window, where, stop)
        return start + where, passed

    def _pass_explicit(self, window: bytes, where: int, stop: int) -> tuple[int, int]:
        passed = 0
        while where < stop:
            group, _, vr, length = self._explicit(window, where)
            value = where + HEAD_BYTES
            if vr in _PLAIN_LONG_VRS:
                (length,) = self._long(window, value)
                value += 4
            elif vr not in _SHORT_VRS:
                break
            if length == UNDEFINED or group == _DELIMITERS:
                break
            where = value + length
            passed += 1
        return where, passed

    def _pass_implicit(self, window: bytes, where: int, stop: int) -> tuple[int, int]:
        passed = 0
        while where < stop:
            group, number, length = self._plain(window, where)
            known = known_vr(group << 16 | number)
            if known in _MAY_BE_SEQUENCE or length == UNDEFINED:
                break
            where += HEAD_BYTES + length
            passed += 1
        return where, passed

    def element(self, at: int, bound: int, *, implicit: bool) -> Head | None:
        """Return the head of an element, or None where none fits in."""
        value_at = at + HEAD_BYTES
        if value_at > bound:
            return None
        window, where = self._bytes_at(at)
        if not implicit:
            group, number, vr, length = self._explicit(window, where)
            if vr in _LONG_VRS:
                value_at += 4
                (length,) = self._long(window, where + HEAD_BYTES)
                return Head(group << 16 | number, vr, length, value_at)
            if vr in _VRS or b"AA" <= vr <= b"ZZ":
                return Head(group << 16 | number, vr, length, value_at)
        # pydicom takes an element of an impossible VR for an implicit one.
        group, number, length = self._plain(window, where)
        return Head(group << 16 | number, b"", length, value_at)

    def item(self, at: int, bound: int) -> tuple[int, int] | None:
        """Return tag and length of an item or delimiter, or None where none fits in."""
        if at + HEAD_BYTES > bound:
            return None
        group, number, length = self._plain(*self._bytes_at(at))
        return group << 16 | number, length

    def lack_vr(self, at: int, bound: int) -> bool:
        """Return whether an element has no capital letters where its VR would stand."""
        if at + _VR_END > bound:
            return False
        window, where = self._bytes_at(at)
        first, second = window[where + 4], window[where + 5]
        return not (_A <= first <= _Z and _A <= second <= _Z)

    def _bytes_at(self, at: int) -> tuple[bytes, int]:
        """Return bytes in which a head can be read, and where it begins in them."""
        where = at - self._window_at
        if not 0 <= where <= len(self._window) - _LONG_HEAD_BYTES:
            self._file.seek(at)
            # Behind the last byte there is nothing to be misread.
            self._window = self._file.read(_WINDOW_BYTES) + bytes(_LONG_HEAD_BYTES)
            self._window_at, where = at, 0
        return self._window, where


@lru_cache(maxsize=4096)
def known_vr(tag: int) -> str:
    """Return the VR of a tag of the standard; empty for any other tag."""
    try:
        return "" if tag >> 16 == _DELIMITERS else dictionary_VR(tag)
    except KeyError:
        return ""
