"""Files of datasets that tests build, as pydicom writes them, in less of the time.

Most elements of a series, and of one study and the next, are the same; each is encoded
once. Whatever is not plain is left to pydicom as a whole.
"""

from functools import lru_cache
from io import BytesIO
from struct import pack

from pydicom.charset import convert_encodings
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import (
    correct_ambiguous_vr_element,
    write_data_element,
    write_file_meta_info,
)
from pydicom.uid import ExplicitVRLittleEndian

_FIRST_GROUP = 8
"""Of those that belong into a data set."""
_VR_LENGTH = 2

Encodings = tuple[str, ...]


class _NotPlainError(Exception):
    """Something that only pydicom knows how to write."""


def part10_of(dataset: Dataset) -> bytes:
    """Return the Part 10 file of a dataset, byte for byte as pydicom writes it."""
    if _is_plain(dataset):
        try:
            return _head(dataset) + _body(dataset, ("iso8859",), above=None)
        except _NotPlainError:
            pass
    file = BytesIO()
    dataset.save_as(file, enforce_file_format=True)
    return file.getvalue()


def _is_plain(dataset: Dataset) -> bool:
    return (
        dataset.file_meta.get("TransferSyntaxUID") == ExplicitVRLittleEndian
        and dataset.original_encoding == (None, None)
        and not getattr(dataset, "preamble", None)
        and all(tag.group >= _FIRST_GROUP for tag in dataset.keys())  # noqa: SIM118 (a Dataset gives elements)
    )


def _head(dataset: Dataset) -> bytes:
    meta = FileMetaDataset()
    for element in dataset.file_meta:
        meta[element.tag] = DataElement(element.tag, element.VR, element.value)
    for keyword in ("SOPClassUID", "SOPInstanceUID"):
        if dataset.get(keyword):
            setattr(meta, f"MediaStorage{keyword}", dataset.get(keyword))
    file = _buffer()
    file.write(bytes(128) + b"DICM")
    write_file_meta_info(file, meta, enforce_standard=True)
    return file.getvalue()


def _body(dataset: Dataset, parent: Encodings, above: Dataset | None) -> bytes:
    encodings = parent
    if "SpecificCharacterSet" in dataset:
        named = dataset.SpecificCharacterSet
        encodings = tuple(convert_encodings(named))
    parts = []
    for element in dataset:
        if len(element.VR) > _VR_LENGTH:
            if above is not None:
                raise _NotPlainError
            correct_ambiguous_vr_element(element, dataset, is_little_endian=True)
        parts.append(_element(element, dataset, encodings))
    return b"".join(parts)


def _element(element: DataElement, owner: Dataset, encodings: Encodings) -> bytes:
    if element.VR == "SQ":
        return _sequence(element, owner, encodings)
    if element.keyword == "PixelData":
        element.is_undefined_length = False
    if isinstance(element.value, bytes) or element.is_undefined_length:
        return _written(element, encodings)
    # Text shows what is written of any other value; a decimal string keeps its own.
    key = (int(element.tag), str(element.VR), encodings, _said(element.value))
    return _remembered(_Remembered(element, key))


def _said(value: object) -> tuple[str, ...]:
    parts = value if isinstance(value, (list, tuple)) else getattr(value, "_list", None)
    if parts is None:
        return (type(value).__name__, str(value))
    return ("several", *(said for part in parts for said in _said(part)))


def _sequence(element: DataElement, owner: Dataset, encodings: Encodings) -> bytes:
    items = []
    for item in element.value:
        if element.is_undefined_length or item.is_undefined_length_sequence_item:
            raise _NotPlainError
        content = _body(item, encodings, above=owner)
        items.append(b"\xfe\xff\x00\xe0" + pack("<L", len(content)) + content)
    content = b"".join(items)
    tag = element.tag
    return pack("<HH2sHL", tag.group, tag.element, b"SQ", 0, len(content)) + content


class _Remembered:
    """An element that is what its key says."""

    def __init__(self, element: DataElement, key: tuple[object, ...]) -> None:
        self.element = element
        self.key = key

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Remembered) and self.key == other.key


@lru_cache(maxsize=20_000)
def _remembered(remembered: _Remembered) -> bytes:
    encodings = remembered.key[2]
    assert isinstance(encodings, tuple)
    return _written(remembered.element, encodings)


def _written(element: DataElement, encodings: Encodings) -> bytes:
    buffer = _buffer()
    write_data_element(buffer, element, list(encodings))
    return buffer.getvalue()


def _buffer() -> DicomBytesIO:
    buffer = DicomBytesIO()
    buffer.is_little_endian, buffer.is_implicit_VR = True, False
    return buffer
