"""A data set as a tree that can be encoded wrongly, in every encoding of PS3.5.

pydicom writes what is right. Here each element has a tag, a VR, a value and, if it is
to lie, a length of its own.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_data_element
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ImplicitVRLittleEndian,
)
from pydicom.valuerep import EXPLICIT_VR_LENGTH_32

UNDEFINED = 0xFFFFFFFF
_ITEM = (0xFFFE, 0xE000)
_ITEM_END = (0xFFFE, 0xE00D)
_SEQUENCE_END = (0xFFFE, 0xE0DD)


@dataclass
class Item:
    """An item of a sequence; a lie is a length to state instead of the true one."""

    elements: "list[Element]"
    lie: int | None = None
    undefined: bool = False
    closed: bool = True
    tag: tuple[int, int] = _ITEM


@dataclass
class Element:
    """An element; of a sequence, the items stand in for the value."""

    tag: int
    vr: str
    value: bytes = b""
    items: list[Item] = field(default_factory=list)
    lie: int | None = None
    undefined: bool = False
    closed: bool = True

    @property
    def is_sequence(self) -> bool:
        return self.vr == "SQ"


@dataclass
class Tree:
    """A Part 10 file: its meta information, and its data set."""

    meta: list[Element]
    elements: list[Element]
    syntax: str

    def walk(self) -> "Iterator[list[Element]]":
        """Give every list of elements: the data set's, and each item's."""
        yield from _walk(self.elements)

    def copied(self) -> "Tree":
        """Return a tree that can be changed without this one."""
        return Tree(_copied(self.meta), _copied(self.elements), self.syntax)

    def encoded(self) -> bytes:
        """Return the bytes of the file."""
        meta = _encoded(self.meta, "<", implicit=False)
        endian = ">" if self.syntax == ExplicitVRBigEndian else "<"
        implicit = self.syntax == ImplicitVRLittleEndian
        body = _encoded(self.elements, endian, implicit=implicit)
        if self.syntax == DeflatedExplicitVRLittleEndian:
            deflater = zlib.compressobj(1, zlib.DEFLATED, -zlib.MAX_WBITS)
            body = deflater.compress(body) + deflater.flush()
        return bytes(128) + b"DICM" + meta + body


def tree_of(dataset: Dataset) -> Tree:
    """Return a data set with its file meta information."""
    meta = _elements(dataset.file_meta)
    return Tree(meta, _elements(dataset), str(dataset.file_meta.TransferSyntaxUID))


def _elements(dataset: Dataset) -> list[Element]:
    found = []
    for element in dataset:
        tag, vr = int(element.tag), str(element.VR)
        if vr == "SQ":
            items = [Item(_elements(item)) for item in element.value]
            found.append(Element(tag, vr, items=items))
        elif isinstance(element.value, bytes):
            vr = vr if len(vr) == 2 else "OW"
            undefined = bool(element.is_undefined_length)
            found.append(Element(tag, vr, element.value, undefined=undefined))
        else:
            vr = vr if len(vr) == 2 else "US"
            found.append(Element(tag, vr, _value(element)))
    return found


def _value(element: object) -> bytes:
    memory = DicomBytesIO()
    memory.is_little_endian, memory.is_implicit_VR = True, True
    write_data_element(memory, element, ["utf8"])  # type: ignore[arg-type]
    return memory.getvalue()[8:]


def _copied(elements: list[Element]) -> list[Element]:
    # One by one: `copy.deepcopy` took a third of the time of the whole run.
    return [
        Element(
            each.tag,
            each.vr,
            each.value,
            [
                Item(_copied(i.elements), i.lie, i.undefined, i.closed, i.tag)
                for i in each.items
            ],
            each.lie,
            each.undefined,
            each.closed,
        )
        for each in elements
    ]


def _walk(elements: list[Element]) -> Iterator[list[Element]]:
    yield elements
    for element in elements:
        for item in element.items:
            yield from _walk(item.elements)


def _encoded(elements: list[Element], endian: str, *, implicit: bool) -> bytes:
    return b"".join(_element(each, endian, implicit=implicit) for each in elements)


def _element(element: Element, endian: str, *, implicit: bool) -> bytes:
    value = element.value
    if element.items or element.is_sequence:
        value = b"".join(_item(i, endian, implicit=implicit) for i in element.items)
    length = UNDEFINED if element.undefined else len(value)
    length = length if element.lie is None else element.lie
    if length == UNDEFINED and element.closed and (element.items or element.undefined):
        value += struct.pack(f"{endian}HHL", *_SEQUENCE_END, 0)
    head = struct.pack(f"{endian}HH", element.tag >> 16, element.tag & 0xFFFF)
    if implicit:
        return head + struct.pack(f"{endian}L", length & UNDEFINED) + value
    head += element.vr.encode("latin-1")[:2].ljust(2, b"\0")
    if element.vr in EXPLICIT_VR_LENGTH_32:
        return head + struct.pack(f"{endian}HL", 0, length & UNDEFINED) + value
    return head + struct.pack(f"{endian}H", length & 0xFFFF) + value[: 1 << 17]


def _item(item: Item, endian: str, *, implicit: bool) -> bytes:
    value = _encoded(item.elements, endian, implicit=implicit)
    length = UNDEFINED if item.undefined else len(value)
    length = length if item.lie is None else item.lie
    if length == UNDEFINED and item.closed:
        value += struct.pack(f"{endian}HHL", *_ITEM_END, 0)
    return struct.pack(f"{endian}HHL", *item.tag, length & UNDEFINED) + value
