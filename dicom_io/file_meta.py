"""The file meta information that stands before a data set (PS3.10 section 7.1)."""

import io
import os
import struct
from typing import Any, BinaryIO

from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import FileMetaDataset
from pydicom.tag import BaseTag
from pydicom.valuerep import EXPLICIT_VR_LENGTH_32

from dicom_io.element_scan import explicit_head, shared_tag
from dicom_io.lenient import is_uid
from dicom_io.unreadable import UnreadableObjectError

PREAMBLE_BYTES = 128
TRANSFER_SYNTAX_UID = 0x00020010
MEDIA_STORAGE_SOP_CLASS_UID = 0x00020002
_MEDIA_STORAGE_SOP_INSTANCE_UID = 0x00020003
_LONG_VRS = frozenset(vr.value.encode() for vr in EXPLICIT_VR_LENGTH_32)
_MOST_ELEMENTS = 256
"""There are a dozen of them in the standard."""
_GROUP = b"\x02\x00"
_HEAD_BYTES = 8
_WINDOW_BYTES = 1 << 11
"""How much is read at once, which is more than most files have."""


def has_prefix(file: BinaryIO) -> bool:
    """Return whether a file starts with a preamble and ``DICM``, and read past them."""
    return file.read(PREAMBLE_BYTES + 4)[PREAMBLE_BYTES:] == b"DICM"


def read_file_meta(file: BinaryIO) -> FileMetaDataset:
    """Read up to the first byte of the data set and leave the file there.

    Parameters
    ----------
    file : binary file
        At its first byte. It must give no more memory to a read than it has bytes.

    Raises
    ------
    UnreadableObjectError
        When it is not DICOM, ends too early, or does not state its transfer syntax.
    """
    if not has_prefix(file):
        fact = "the file is not DICOM"
        raise UnreadableObjectError(fact)
    elements: dict[BaseTag, DataElement | RawDataElement] = {}
    read = _cut_plain(file, elements)
    for _ in range(_MOST_ELEMENTS - read):
        element = _next_element(file)
        if element is None:
            break
        if len(element.value or b"") < element.length:
            fact = "the file ends inside its file meta information"
            raise UnreadableObjectError(fact)
        elements[element.tag] = element
    else:
        fact = f"its file meta information has more than {_MOST_ELEMENTS} elements"
        raise UnreadableObjectError(fact)
    if TRANSFER_SYNTAX_UID not in elements:
        fact = "the file does not state its transfer syntax"
        raise UnreadableObjectError(fact, attribute="TransferSyntaxUID (0002,0010)")
    return FileMetaDataset(elements)


def meta_text(meta: FileMetaDataset, tag: int) -> str:
    """Return a value without its padding; empty where it is absent."""
    element: Any = meta.get_item(shared_tag(tag))
    if element is None:
        return ""
    return bytes(element.value or b"").decode("latin-1").strip(" \0")


def shown_uid(meta: FileMetaDataset) -> str | None:
    """Return the UID of the object; None where it is none that can be shown."""
    uid = meta_text(meta, _MEDIA_STORAGE_SOP_INSTANCE_UID)
    return uid if is_uid(uid) else None


class MeasuredFile(io.BufferedReader):
    """A file that is asked for no more than it has.

    A length that is a lie would have Python make room for as much as four gigabytes.
    """

    def __init__(self, raw: io.FileIO) -> None:
        super().__init__(raw)
        self._size = os.fstat(raw.fileno()).st_size

    def read(self, size: int | None = -1) -> bytes:
        """Return so many bytes, or those that are left."""
        left = max(self._size - self.tell(), 0)
        return super().read(left if size is None or size < 0 else min(size, left))


def _cut_plain(
    file: BinaryIO, elements: dict[BaseTag, DataElement | RawDataElement]
) -> int:
    """Add what is read at once, leave the file after it, and return how many it was."""
    start = file.tell()
    window = file.read(_WINDOW_BYTES)
    done = count = 0
    while window[done : done + 2] == _GROUP and done + _HEAD_BYTES <= len(window):
        tag, vr, length = explicit_head(window[done : done + _HEAD_BYTES])
        value_at = done + _HEAD_BYTES
        if length is None:
            length = int.from_bytes(window[value_at : value_at + 4], "little")
            value_at += 4
        if vr is None or value_at + length > len(window):
            break
        done = value_at + length
        count += 1
        elements[tag] = RawDataElement(
            tag,
            vr,
            length,
            window[value_at:done],
            start + value_at,
            is_implicit_VR=False,
            is_little_endian=True,
        )
    file.seek(start + done)
    return count


def _next_element(file: BinaryIO) -> RawDataElement | None:
    start = file.tell()
    head = file.read(_HEAD_BYTES)
    if len(head) < _HEAD_BYTES or head[:2] != _GROUP:
        file.seek(start)
        return None
    _, element, vr, length = struct.unpack("<HH2sH", head)
    if vr in _LONG_VRS:
        length = int.from_bytes(file.read(4), "little")
    tag = BaseTag(0x00020000 | element)
    where = file.tell()
    value = file.read(length)
    return RawDataElement(
        tag,
        vr.decode("latin-1"),
        length,
        value,
        where,
        is_implicit_VR=False,
        is_little_endian=True,
    )
