"""The content tree of a document as it is written: explicit VR, little endian.

Design choice: what is judged are the bytes that are sent, read by a reader of its own.
It reads what this software writes (PS3.5 section 7.5: defined lengths) and takes some
milliseconds for a report; pydicom's data sets would take longer than all the rest of
making it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from struct import unpack_from
from typing import Any

from pydicom.charset import convert_encodings, decode_bytes, default_encoding
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.tag import Tag
from pydicom.valuerep import EXPLICIT_VR_LENGTH_32, TEXT_VR_DELIMS

from dicom_io.encoding import encoded_elements, encoded_items
from dicom_io.lenient import attribute_value

_LONG = frozenset(vr.encode() for vr in EXPLICIT_VR_LENGTH_32)
_ESCAPE = b"\x1b"
_ITEM = 0xFFFEE000
_HEAD = 8
_LONG_HEAD = 12
_TAGS = {
    keyword: int(Tag(keyword))
    for keyword in (
        "CodeValue",
        "CodingSchemeDesignator",
        "CodeMeaning",
        "ConceptCodeSequence",
        "ConceptNameCodeSequence",
        "ContentSequence",
        "GraphicData",
        "GraphicType",
        "MeasuredValueSequence",
        "MeasurementUnitsCodeSequence",
        "NumericValue",
        "NumericValueQualifierCodeSequence",
        "ReferencedSOPInstanceUID",
        "ReferencedSOPSequence",
        "ReferencedSegmentNumber",
        "RelationshipType",
        "SegmentIdentificationSequence",
        "TextValue",
        "UID",
        "ValueType",
    )
}


class MalformedError(ValueError):
    """A sequence is not written as this software writes one."""

    def __init__(self) -> None:
        super().__init__("lengths of elements or items do not fit")


class Item:
    """An item of a sequence; its elements are found at once and decoded when asked for.

    Parameters
    ----------
    content : bytes
        That the item is a part of.
    start, end : int
    encodings : tuple of str
        Of its texts, as pydicom names them.

    Raises
    ------
    MalformedError
        When lengths are odd, or do not fit.
    """

    __slots__ = ("_at", "_content", "_encodings")

    def __init__(
        self,
        content: bytes,
        start: int,
        end: int,
        encodings: tuple[str, ...] = (default_encoding,),
    ) -> None:
        self._content = content
        self._encodings = encodings
        self._at: dict[int, tuple[int, int]] = {}
        place = start
        while place + _HEAD <= end:
            group, element, vr, length = unpack_from("<HH2sH", content, place)
            place += _HEAD
            if vr in _LONG:
                (length,) = unpack_from("<L", content, place)
                place += _LONG_HEAD - _HEAD
            if length % 2 or place + length > end:
                raise MalformedError
            self._at[group << 16 | element] = place, place + length
            place += length
        if place != end:
            raise MalformedError

    def value(self, keyword: str) -> bytes:
        """Return a value as it is written; empty where there is none."""
        start, end = self._at.get(_TAGS[keyword], (0, 0))
        return self._content[start:end]

    def text(self, keyword: str) -> str:
        """Return a value as text."""
        value = self.value(keyword)
        if value.isascii() and _ESCAPE not in value:
            return value.decode("ascii").strip(" \0")
        text = decode_bytes(value, list(self._encodings), TEXT_VR_DELIMS)
        return text.strip(" \0")

    def items(self, keyword: str) -> list["Item"]:
        """Return the items of a sequence; none where it is absent."""
        start, end = self._at.get(_TAGS[keyword], (0, 0))
        return list(items_of(self._content, start, end, self._encodings))


def items_of(
    content: bytes, start: int, end: int, encodings: tuple[str, ...]
) -> Iterator[Item]:
    """Give the items of the value of a sequence.

    Raises
    ------
    MalformedError
    """
    place = start
    while place + _HEAD <= end:
        group, element, length = unpack_from("<HHL", content, place)
        place += _HEAD
        if group << 16 | element != _ITEM or length % 2 or place + length > end:
            raise MalformedError
        yield Item(content, place, place + length, encodings)
        place += length
    if place != end:
        raise MalformedError


def sequence_of(dataset: Dataset, keyword: str) -> list[Item]:
    """Return the items of a data set's sequence, as they are written."""
    if keyword not in dataset:
        return []
    element: Any = dataset.get_item(keyword)
    if isinstance(element, RawDataElement):
        content = element.value or b""
    else:
        content = encoded_items(map(encoded_elements, element.value))
    declared = attribute_value(dataset, "SpecificCharacterSet")
    encodings = tuple(convert_encodings(declared)) if declared else (default_encoding,)
    return list(items_of(content, 0, len(content), encodings))


@dataclass(frozen=True, eq=False)
class Node:
    """A content item.

    Attributes
    ----------
    item : Item
    kind : str
        *Value Type*.
    concept : tuple of (str, str)
        Code value and scheme of its name; empty where it has none.
    meaning : str
    children : tuple of Node
    """

    item: Item
    kind: str
    concept: tuple[str, str]
    meaning: str
    children: tuple["Node", ...] = field(default=())

    def of(self, concept: tuple[str, str], kind: str = "") -> list["Node"]:
        """Return the children of a name, and of a kind where one is given."""
        return [
            child
            for child in self.children
            if child.concept == concept and kind in ("", child.kind)
        ]

    def all(self) -> tuple["Node", ...]:
        """Return this item and all under it."""
        return self._all

    @cached_property
    def _all(self) -> tuple["Node", ...]:
        return (self, *(node for child in self.children for node in child.all()))

    @cached_property
    def label(self) -> str:
        """The name for people, or what it is where it has none."""
        return self.meaning or self.concept[0] or self.kind

    @cached_property
    def referenced(self) -> str:
        """SOP Instance UID that it refers to; empty for none."""
        found = self.item.items("ReferencedSOPSequence")
        return found[0].text("ReferencedSOPInstanceUID") if found else ""


def node_of(item: Item) -> Node:
    """Return a content item with all under it."""
    names = item.items("ConceptNameCodeSequence")
    name = names[0] if names else None
    return Node(
        item=item,
        kind=item.text("ValueType"),
        concept=code_of(name),
        meaning=name.text("CodeMeaning") if name else "",
        children=tuple(map(node_of, item.items("ContentSequence"))),
    )


def code_of(item: Item | None) -> tuple[str, str]:
    """Return code value and scheme; empty where there is no code."""
    if item is None:
        return "", ""
    return item.text("CodeValue"), item.text("CodingSchemeDesignator")


def tree_of(dataset: Dataset) -> Node:
    """Return the root of a document, which has no name of its own here.

    Raises
    ------
    MalformedError
    """
    children = tuple(map(node_of, sequence_of(dataset, "ContentSequence")))
    return Node(Item(b"", 0, 0), "", ("", ""), "", children)
