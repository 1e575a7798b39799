"""Data sets as bytes in explicit VR little endian (PS3.5 section 7.1.2).

Design choice: pydicom encodes every value, and this module only puts the elements in
order and states their lengths. pydicom's own walk takes a result object through a dozen
checks per element that are for objects of unknown origin, three quarters of the time.
The bytes are the same; whatever is out of the ordinary is left to pydicom altogether.

Design choice: sequences and items are of defined length (PS3.5 section 7.5), as pydicom
writes them unless they were read otherwise.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from functools import cache
from struct import pack
from typing import Any

from pydicom.charset import convert_encodings, default_encoding
from pydicom.datadict import dictionary_VR
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import correct_ambiguous_vr, write_data_element, writers
from pydicom.tag import BaseTag, Tag
from pydicom.valuerep import CUSTOMIZABLE_CHARSET_VR, EXPLICIT_VR_LENGTH_32, VR

_CHARACTER_SET = 0x00080005
_OF_NO_CHARACTER_SET = frozenset({"AE", "AS", "CS", "DA", "DT", "TM", "UI", "UR"})
_BULK = frozenset({"OB", "OW", "OF"})
_ASCII_IS_ASCII = frozenset({default_encoding, "latin_1", "UTF8"})
"""Python's names of the encodings of most files: in them ASCII is one byte as it is."""
_PLAIN_TEXT = frozenset({"AS", "CS", "DA", "DS", "IS", "TM", "UI"})
_PLAIN = re.compile(rb"([0-9A-Za-z.+:_\\-]{1,1024})[ \0]?")
_ITEM = pack("<HH", 0xFFFE, 0xE000)
_VR_LETTERS = 2
_LAST_GROUP_WITH_LENGTH = 6
_LONGEST_SHORT_VALUE = 0xFFFF


class EncodedSequence(RawDataElement):
    """A sequence that is encoded already, and is written as it stands.

    pydicom decodes it when it is asked for, like one that was read from a file. It
    holds ASCII, or text in the character set of its data set.
    """

    __slots__ = ()


def encoded_sequence(keyword: str, items: Iterable[bytes]) -> EncodedSequence:
    """Return a sequence of items, each as `encoded_elements` returns it.

    Parameters
    ----------
    keyword : str
    items : iterable of bytes
        ASCII, or text in the character set of the data set that it goes into.
    """
    value = encoded_items(items)
    return EncodedSequence(
        Tag(keyword),
        "SQ",
        len(value),
        value,
        0,
        is_implicit_VR=False,
        is_little_endian=True,
    )


def encoded_element(keyword: str, value: bytes) -> bytes:
    """Return an element of a value that is encoded already.

    Parameters
    ----------
    keyword : str
        Of an element of one VR.
    value : bytes
        Of even length, for its VR.
    """
    tag, vr = _tag_and_vr(keyword)
    return _head(tag, vr, len(value)) + value


def encoded_items(items: Iterable[bytes]) -> bytes:
    """Return the value of a sequence of items, each a run of elements."""
    return b"".join(map(_item, items))


def encoded_elements(dataset: Dataset) -> bytes:
    """Return the elements of a data set, without preamble and file meta information.

    Parameters
    ----------
    dataset : Dataset
        An element whose VR follows from others is given it, in place.

    Raises
    ------
    ValueError
        When a value cannot be encoded.
    """
    return b"".join(encoded_pieces(dataset, ()))


def encoded_pieces(
    dataset: Dataset, cuts: Sequence[int], character_set: Any = None
) -> list[bytes]:
    """Return the elements of a data set in pieces.

    Parameters
    ----------
    dataset : Dataset
        As in `encoded_elements`.
    cuts : sequence of int
        Tags in rising order, each of which begins a piece, whether it is there or not.
    character_set : str, list of str or None
        In which texts are written where the data set does not say it.

    Returns
    -------
    list of bytes
        One more than cuts: what stands before the first, then from each to the next.

    Raises
    ------
    ValueError
        When a value cannot be encoded.
    """
    encodings = convert_encodings(character_set) if character_set else None
    return _Walk(dataset).pieces(dataset, encodings or [default_encoding], cuts)


def is_plain_text(element: DataElement | RawDataElement) -> bool:
    """Return whether an element is written as it was read, and need not be decoded."""
    return isinstance(element, RawDataElement) and _as_it_was_read(element) is not None


class _Walk:
    """One encoding of a data set with all that is in it."""

    def __init__(self, root: Dataset) -> None:
        self._root = root

    def elements(self, dataset: Dataset, encodings: list[str]) -> bytes:
        return self.pieces(dataset, encodings, ())[0]

    def pieces(
        self, dataset: Dataset, encodings: list[str], cuts: Sequence[int]
    ) -> list[bytes]:
        if _CHARACTER_SET in dataset.keys():  # noqa: SIM118 - by tag alone, much faster
            encodings = convert_encodings(dataset.SpecificCharacterSet)
        parts: list[list[bytes]] = [[] for _ in range(len(cuts) + 1)]
        for tag, element in sorted(dataset.items(), key=_tag_of):
            # Group Length is retired (PS3.5 section 7.2).
            if tag & 0xFFFF or tag >> 16 <= _LAST_GROUP_WITH_LENGTH:
                piece = parts[bisect_right(cuts, tag)] if cuts else parts[0]
                piece += self._element(dataset, element, encodings)
        return [b"".join(piece) for piece in parts]

    def _element(
        self,
        dataset: Dataset,
        element: DataElement | RawDataElement,
        encodings: list[str],
    ) -> tuple[bytes, ...]:
        """Return head and value of an element."""
        if isinstance(element, EncodedSequence):
            items = element.value or b""
            return _head(element.tag, "SQ", len(items)), items
        if isinstance(element, RawDataElement):
            plain = _as_it_was_read(element)
            if plain is not None:
                return plain
            element = self._decoded(dataset, element.tag)
        elif len(element.VR) != _VR_LETTERS:
            element = self._decoded(dataset, element.tag)
        value = self._value(element, encodings)
        if value is None:
            return (_by_pydicom(element, encodings),)
        return _head(element.tag, element.VR, len(value)), value

    def _decoded(self, dataset: Dataset, tag: BaseTag) -> DataElement:
        element = dataset[tag]
        if len(element.VR) != _VR_LETTERS:
            # "US or SS": pydicom finds which in the data sets around the element.
            correct_ambiguous_vr(self._root, is_little_endian=True)
        return dataset[tag]

    def _value(self, element: DataElement, encodings: list[str]) -> bytes | None:
        """Return the encoded value; None where the element is out of the ordinary."""
        if element.VR == "SQ":
            return b"".join(
                _item(self.elements(item, encodings)) for item in element.value
            )
        if element.is_undefined_length or element.is_buffered:
            return None
        if element.VR in _BULK and isinstance(element.value, bytes):
            return element.value + b"\0" * (len(element.value) % 2)
        value = _ascii(element, encodings)
        if value is None:
            value = b"" if element.is_empty else _written(element, encodings)
        short = element.VR not in EXPLICIT_VR_LENGTH_32
        return None if short and len(value) > _LONGEST_SHORT_VALUE else value


def _as_it_was_read(element: RawDataElement) -> tuple[bytes, ...] | None:
    """Return head and value of a plain text; None where pydicom might change it."""
    vr = element.VR
    found = _PLAIN.fullmatch(element.value or b"") if vr in _PLAIN_TEXT else None
    if vr is None or found is None:
        return None
    value = found[1] + (b"\0" if vr == "UI" else b" ") * (len(found[1]) % 2)
    return _head(element.tag, vr, len(value)), value


def _ascii(element: DataElement, encodings: list[str]) -> bytes | None:
    """Return a single text whose bytes are the same whatever pydicom does with it."""
    value, vr = element.value, element.VR
    if not isinstance(value, str) or not value.isascii():
        return None
    if vr not in _OF_NO_CHARACTER_SET and encodings[0] not in _ASCII_IS_ASCII:
        return None
    padding = ("\0" if vr == "UI" else " ") * (len(value) % 2)
    return (value + padding).encode("ascii")


def _written(element: DataElement, encodings: list[str]) -> bytes:
    writer: tuple[Any, str | None] = writers[VR(element.VR)]
    write, number_format = writer
    buffer = _buffer()
    if element.VR in CUSTOMIZABLE_CHARSET_VR:
        write(buffer, element, encodings)
    elif number_format is not None:
        write(buffer, element, number_format)
    else:
        write(buffer, element)
    return bytes(buffer.getvalue())


def _by_pydicom(element: DataElement, encodings: list[str]) -> bytes:
    buffer = _buffer()
    write_data_element(buffer, element, encodings)
    return bytes(buffer.getvalue())


def _buffer() -> DicomBytesIO:
    buffer = DicomBytesIO()
    buffer.is_little_endian = True
    buffer.is_implicit_VR = False
    return buffer


@cache
def _tag_and_vr(keyword: str) -> tuple[BaseTag, str]:
    tag = Tag(keyword)
    return tag, dictionary_VR(tag)


def _tag_of(entry: tuple[BaseTag, Any]) -> int:
    """Return a plain number: pydicom's tags are slow to compare."""
    return int(entry[0])


def _head(tag: int, vr: str, length: int) -> bytes:
    """Return what stands before a value (PS3.5 tables 7.1-1 and 7.1-2)."""
    if vr in EXPLICIT_VR_LENGTH_32:
        return pack("<HH2sxxL", tag >> 16, tag & 0xFFFF, vr.encode(), length)
    return pack("<HH2sH", tag >> 16, tag & 0xFFFF, vr.encode(), length)


def _item(elements: bytes) -> bytes:
    return _ITEM + pack("<L", len(elements)) + elements
