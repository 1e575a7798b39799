"""Objects with damaged attributes, byte for byte as no correct writer makes them.

pydicom decodes and encodes what it writes, and so repairs or refuses much of what
arrives in practice. Here the bytes of a value are what the test says.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from pydicom.datadict import keyword_for_tag
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_data_element, write_file_meta_info
from pydicom.tag import BaseTag
from pydicom.valuerep import EXPLICIT_VR_LENGTH_32

Place = tuple[int, ...]
"""Tags and item numbers in turn, down to an attribute."""

BINARY = {"US": "<H", "SS": "<h", "UL": "<L", "SL": "<l", "FL": "<f", "FD": "<d"}
TEXTS = (
    b"",
    b"garbage",
    b"99999999999999999999",
    b"1e300",
    b"NaN",
    b"-inf",
    b"-1",
    b"0",
    b"1_0",
    b"1\\2",
    b"1\\2\\3\\4\\5\\6\\7",
    b"\xff\xfe\xff\xff\x00\x01",
    b"\x1b$B\x1b",
    b"[bold]x[/nope]",
    b"../../x",
    b"A" * 500,
)


@dataclass(frozen=True)
class Damage:
    """What becomes of one attribute.

    Attributes
    ----------
    place : tuple of int
    vr : str or None
        None takes the attribute away.
    content : bytes
    """

    place: Place
    vr: str | None
    content: bytes = b""

    def __str__(self) -> str:
        name = ".".join(keyword_for_tag(tag) or f"{tag:08X}" for tag in self.place[::2])
        return f"{name} = {self.vr} {self.content[:20]!r}"


@dataclass(frozen=True)
class _Element:
    """An element as it is written; of a sequence, the elements of each item."""

    tag: BaseTag
    content: "bytes | list[list[_Element]]"


def damages_of(dataset: Dataset) -> Iterator[Damage]:
    """Give every damage to every attribute, sequences' first items included."""
    for place, vr in _places(dataset, ()):
        yield Damage(place, None)
        for content in _contents(vr):
            yield Damage(place, vr, content)
        yield Damage(place, "UN", b"garbage!")
        yield Damage(place, "US", b"\x10\0")
        yield Damage(place, "SQ", b"")
        yield Damage(place, "LO", b"garbage!")


def damaged(dataset: Dataset, damage: Damage) -> bytes:
    """Return the bytes of a DICOM file in Explicit VR Little Endian."""
    return Damageable(dataset).damaged(damage)


class Damageable:
    """An object that is damaged again and again, encoded once.

    Parameters
    ----------
    dataset : Dataset
        Changes of it after this are not seen.
    """

    def __init__(self, dataset: Dataset) -> None:
        head = DicomBytesIO()
        head.write(bytes(128) + b"DICM")
        write_file_meta_info(head, dataset.file_meta)
        self._head = head.getvalue()
        self._elements = _elements(dataset)

    def damaged(self, damage: Damage) -> bytes:
        """Return the bytes of a DICOM file in Explicit VR Little Endian."""
        return self._head + _encoded(self._elements, damage)


def _places(dataset: Dataset, above: Place) -> Iterator[tuple[Place, str]]:
    for element in dataset:
        place = (*above, int(element.tag))
        yield place, str(element.VR)
        if element.VR == "SQ" and element.value:
            yield from _places(element.value[0], (*place, 0))


def _contents(vr: str) -> Iterator[bytes]:
    if vr in BINARY:
        width = struct.calcsize(BINARY[vr])
        for number in (0, 1, 2, 7):
            yield struct.pack(BINARY[vr], number)
        yield b"\xff" * width
        yield b"\1\2\3\4\5\6"
    elif vr == "SQ":
        yield b"\xfe\xff\x00\xe0\x04\0\0\0"
        yield b"\xfe\xff\x00\xe0\0\0\0\0"
    elif vr in {"OB", "OW"}:
        yield from (b"", b"\0\0")
    else:
        yield from TEXTS


def _elements(dataset: Dataset) -> list[_Element]:
    return [_Element(element.tag, _content(element)) for element in dataset]


def _content(element: DataElement) -> bytes | list[list[_Element]]:
    """Return an element, encoded; a sequence by its items."""
    if element.VR == "SQ":
        return [_elements(item) for item in element.value]
    if isinstance(element.value, bytes):
        return _element(element.tag, "OW", element.value)
    memory = DicomBytesIO()
    memory.is_little_endian, memory.is_implicit_VR = True, False
    write_data_element(memory, element, ["utf8"])
    return memory.getvalue()


def _encoded(elements: list[_Element], damage: Damage, above: Place = ()) -> bytes:
    parts = []
    for element in elements:
        place = (*above, int(element.tag))
        if place == damage.place:
            if damage.vr is not None:
                parts.append(_element(element.tag, damage.vr, damage.content))
        elif isinstance(element.content, bytes):
            parts.append(element.content)
        else:
            items = [
                _encoded(item, damage, (*place, number))
                for number, item in enumerate(element.content)
            ]
            heads = [b"\xfe\xff\x00\xe0" + struct.pack("<L", len(i)) for i in items]
            content = b"".join(h + i for h, i in zip(heads, items, strict=True))
            parts.append(_element(element.tag, "SQ", content))
    return b"".join(parts)


def _element(tag: BaseTag, vr: str, content: bytes) -> bytes:
    content += b" " * (len(content) % 2)
    head = struct.pack("<HH", tag.group, tag.element) + vr.encode()
    if vr in EXPLICIT_VR_LENGTH_32:
        return head + struct.pack("<HL", 0, len(content)) + content
    return head + struct.pack("<H", len(content)) + content
