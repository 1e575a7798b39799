"""The elements of a data set at its top level, undecoded (PS3.5 section 7.1).

Design choice: a plain element (known VR, stated length, in little endian) is cut out of
memory here; every other one is left to pydicom's own element generator, one at a time.
A slice has eighty elements and a study hundreds of slices: a dozen calls into a file
for each of them is most of what reading a study costs. What is hard to parse is parsed
in one place only, and that is pydicom's.
"""

import struct
from collections.abc import Callable, MutableSequence
from functools import cache, lru_cache, partial
from itertools import count
from typing import Any, BinaryIO

from pydicom.charset import convert_encodings, default_encoding
from pydicom.dataelem import RawDataElement, empty_value_for_VR
from pydicom.filereader import data_element_generator
from pydicom.tag import BaseTag
from pydicom.valuerep import EXPLICIT_VR_LENGTH_32, STANDARD_VR
from pydicom.values import convert_string

from dicom_io.series_pattern import Element, Elements, SeriesPattern

StopWhen = Callable[[BaseTag, str | None, int], bool]

WINDOW_BYTES = 1 << 18
"""How much is read at once; what lies behind is left to pydicom, element by element."""

_DELIMITERS = 0xFFFE
_HEAD_BYTES = 12
_EXPLICIT_HEAD = struct.Struct("<HH2sH")
_IMPLICIT_HEAD = struct.Struct("<HHL")
_LONG = struct.Struct("<L")
_element = partial(tuple.__new__, RawDataElement)
"""Makes an element of all its fields, without a call of Python."""
_EXPLICIT_LITTLE = (False, True, True, False)
_IMPLICIT_LITTLE = (True, True, True, False)
_VRS = {
    vr.value.encode(): (vr.value, vr in EXPLICIT_VR_LENGTH_32) for vr in STANDARD_VR
}


@lru_cache(maxsize=4096)
def shared_tag(number: int) -> BaseTag:
    """Return a tag, the same object again and again.

    A dictionary finds the very key that it holds without asking whether two are equal,
    which pydicom's tags take long to say.
    """
    return BaseTag(number)


_SPECIFIC_CHARACTER_SET = shared_tag(0x00080005)


def scan_elements(
    file: BinaryIO,
    *,
    implicit: bool,
    little_endian: bool,
    stop_at: frozenset[int],
    pattern: SeriesPattern | None = None,
) -> Elements:
    """Return the elements of a data set, in the order of the file.

    Parameters
    ----------
    file : binary file
        At the first byte of the data set; left where the reading ended.
    implicit, little_endian : bool
        How it is encoded.
    stop_at : frozenset of int
        Tags before the first of which reading stops.
    pattern : SeriesPattern or None
        Of the series, where the data set is one of its slices.

    Raises
    ------
    Exception
        Whatever pydicom raises for what it cannot parse.
    """
    start = file.tell()
    window = file.read(WINDOW_BYTES) if little_endian else b""
    cut = _cut_implicit if implicit else _cut_explicit
    encoding: str | MutableSequence[str] | None = None
    elements: Elements = {}
    done = 0
    for number in count():
        like = cut if pattern is None else pattern.cut(cut, stop_at, number)
        done = like(window, done, start, stop_at, elements)
        file.seek(start + done)
        if 0 < done == len(window) < WINDOW_BYTES:
            # All there is.
            break
        if encoding is None and _SPECIFIC_CHARACTER_SET in elements:
            encoding = _encoding(elements[_SPECIFIC_CHARACTER_SET])
        generator = data_element_generator(
            file,
            implicit,
            little_endian,
            stop_when=_stop_before(stop_at),
            encoding=encoding or default_encoding,
        )
        element = next(generator, None)
        if element is None:
            break
        elements[element.tag] = element
        done = file.tell() - start
    return elements


def _cut_explicit(
    window: bytes, begin: int, start: int, stop_at: frozenset[int], elements: Elements
) -> int:
    """Add plain elements in explicit VR, and return where the first other one begins.

    Parameters
    ----------
    window : bytes
    begin : int
        Offset in the window.
    start : int
        Offset of the window in the file.
    stop_at : frozenset of int
    elements : dict
        Added to.
    """
    size = len(window)
    while begin + _HEAD_BYTES <= size:
        key, vr, length = explicit_head(window[begin : begin + 8])
        value_at = begin + 8
        if length is None:
            (length,) = _LONG.unpack_from(window, value_at)
            value_at += 4
        end = value_at + length
        # An undefined length lies beyond every window.
        if vr is None or end > size or key in stop_at:
            break
        value = window[value_at:end] if length else _empty(vr)
        where = start + value_at
        elements[key] = _element((key, vr, length, value, where, *_EXPLICIT_LITTLE))
        begin = end
    return begin


@lru_cache(maxsize=4096)
def explicit_head(head: bytes) -> tuple[BaseTag, str | None, int | None]:
    """Return tag, VR and length of an element in explicit VR, from its first bytes.

    Slices of a series have the same ones by the hundred.

    Returns
    -------
    tag : BaseTag
    vr : str or None
        None of what is no plain element.
    length : int or None
        None where it follows.
    """
    group, number, code, length = _EXPLICIT_HEAD.unpack(head)
    vr, is_long = _VRS.get(code, (None, False))
    plain = None if group == _DELIMITERS else vr
    return shared_tag(group << 16 | number), plain, None if is_long else length


def _cut_implicit(
    window: bytes, begin: int, start: int, stop_at: frozenset[int], elements: Elements
) -> int:
    """Do in implicit VR what `_cut_explicit` does in explicit VR."""
    while begin + _HEAD_BYTES <= len(window):
        group, number, length = _IMPLICIT_HEAD.unpack_from(window, begin)
        value_at = begin + 8
        key = shared_tag(group << 16 | number)
        end = value_at + length
        if end > len(window) or group == _DELIMITERS or key in stop_at:
            break
        value = window[value_at:end] if length else _empty(None)
        where = start + value_at
        elements[key] = _element((key, None, length, value, where, *_IMPLICIT_LITTLE))
        begin = end
    return begin


@cache
def _empty(vr: str | None) -> bytes | None:
    empty: object = empty_value_for_VR(vr, raw=True)
    return empty if isinstance(empty, bytes) else None


def _encoding(element: Element) -> str | MutableSequence[str]:
    value: Any = element.value
    if isinstance(element, RawDataElement):
        value = convert_string(element.value or b"", element.is_little_endian)
    return convert_encodings(value)


def _stop_before(stop_at: frozenset[int]) -> StopWhen | None:
    if not stop_at:
        return None
    return lambda tag, _vr, _length: tag in stop_at
