"""DICOM files: the only reading and writing of them (PS3.10).

Design choice: files are parsed by `dicom_io.element_scan` and not by `dcmread`, because
`dcmread` returns what it got of a file that ends too early, with a warning at most.
Here a file is whole or it is refused. Elements stay undecoded until somebody asks for
them, and reading a slice costs a small part of what `dcmread` takes.
"""

import copy
import hashlib
import io
import os
import struct
import zlib
from pathlib import Path
from typing import BinaryIO

from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import dcmwrite, write_file_meta_info
from pydicom.tag import BaseTag
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)
from pydicom.valuerep import EXPLICIT_VR_LENGTH_32

from dicom_io.element_scan import Element, scan_elements
from dicom_io.encoding import encoded_elements
from dicom_io.errors import DicomContentError

PREAMBLE_BYTES = 128
_PIXEL_TAGS = frozenset({0x7FE00008, 0x7FE00009, 0x7FE00010})
_ROWS = 0x00280010
_TRANSFER_SYNTAX_UID = 0x00020010
_MEDIA_STORAGE_SOP_CLASS_UID = 0x00020002
_MEDIA_STORAGE_SOP_INSTANCE_UID = 0x00020003
_LONG_VRS = frozenset(vr.value.encode() for vr in EXPLICIT_VR_LENGTH_32)
# Deflated data may blow up a thousandfold; no image that this node reads is larger.
_MAXIMUM_INFLATED_BYTES = 1 << 30
_CHUNK_BYTES = 1 << 20
_UNDEFINED_LENGTH = 0xFFFFFFFF
_LONGEST_HEAD_BYTES = 12


def is_part10(path: Path) -> bool:
    """Return whether a file starts as a DICOM file does: preamble and ``DICM``."""
    try:
        with path.open("rb") as file:
            return _has_prefix(file)
    except OSError:
        return False


def read_dataset(path: Path, *, stop_before_pixels: bool = False) -> Dataset:
    """Return the data set of a DICOM file, with its `file_meta`.

    Parameters
    ----------
    path : Path
    stop_before_pixels : bool
        Leave out *Pixel Data* and what follows it; that it is there in full length is
        checked all the same where its length is stated.

    Returns
    -------
    Dataset
        Elements are decoded when they are first asked for.

    Raises
    ------
    UnreadableObjectError
        When the file is not DICOM, ends too early, or cannot be parsed.
    """
    if stop_before_pixels:
        with path.open("rb") as file:
            return _read(file, path, stop_before_pixels=True)
    with io.BytesIO(path.read_bytes()) as memory:
        return _read(memory, path, stop_before_pixels=False)


def decode_dataset(content: bytes, *, stop_before_pixels: bool = False) -> Dataset:
    """Return what `read_dataset` returns, from the bytes of a DICOM file.

    Raises
    ------
    UnreadableObjectError
    """
    with io.BytesIO(content) as memory:
        return _read(memory, None, stop_before_pixels=stop_before_pixels)


def write_dataset(dataset: Dataset, path: Path) -> None:
    """Write a data set as a DICOM file, in the bytes of `encode_dataset`."""
    path.write_bytes(encode_dataset(dataset))


def encode_dataset(dataset: Dataset) -> bytes:
    """Return the bytes of a DICOM file; the same data set gives the same bytes.

    Parameters
    ----------
    dataset : Dataset
        With a `file_meta` that names the transfer syntax.
    """
    if dataset.file_meta.get("TransferSyntaxUID") == ExplicitVRLittleEndian:
        preamble = getattr(dataset, "preamble", None) or bytes(PREAMBLE_BYTES)
        return b"".join((preamble, _encoded_meta(dataset), encoded_elements(dataset)))
    memory = io.BytesIO()
    dcmwrite(memory, dataset, enforce_file_format=True)
    return memory.getvalue()


def content_sha256(path: Path) -> str:
    """Return the hex digest of the data set's bytes.

    Preamble and file meta information do not count: every hop may rewrite them, as
    PS3.10 section 7.1 lets it.

    Raises
    ------
    UnreadableObjectError
        When the file is not DICOM.
    """
    digest = hashlib.sha256()
    with path.open("rb") as file:
        _read_meta(file, path)
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def _encoded_meta(dataset: Dataset) -> bytes:
    """Return the file meta information, from the prefix on; it names the data set."""
    meta = copy.deepcopy(dataset.file_meta)
    meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    memory = DicomBytesIO()
    write_file_meta_info(memory, meta)
    return b"DICM" + bytes(memory.getvalue())


def _has_prefix(file: BinaryIO) -> bool:
    return file.read(PREAMBLE_BYTES + 4)[PREAMBLE_BYTES:] == b"DICM"


def _read(file: BinaryIO, path: Path | None, *, stop_before_pixels: bool) -> Dataset:
    meta = _read_meta(file, path)
    uid = _meta_text(meta, _MEDIA_STORAGE_SOP_INSTANCE_UID) or None
    try:
        return _read_body(file, meta, stop_before_pixels=stop_before_pixels)
    except _EndError as error:
        raise UnreadableObjectError(str(error), path=path, uid=uid) from error
    except EOFError as error:
        fact = "the file ends inside an element"
        raise UnreadableObjectError(fact, path=path, uid=uid) from error
    # A hostile file can make a parser fail in any way, which is never our defect.
    except Exception as error:
        fact = f"the file cannot be parsed ({type(error).__name__})"
        raise UnreadableObjectError(fact, path=path, uid=uid) from error


def _read_body(
    file: BinaryIO, meta: FileMetaDataset, *, stop_before_pixels: bool
) -> Dataset:
    syntax = UID(_meta_text(meta, _TRANSFER_SYNTAX_UID))
    implicit = syntax == ImplicitVRLittleEndian
    little_endian = syntax != ExplicitVRBigEndian
    if syntax == DeflatedExplicitVRLittleEndian:
        file = _inflated(file)
    elements = scan_elements(
        file,
        implicit=implicit,
        little_endian=little_endian,
        stop_at=_PIXEL_TAGS if stop_before_pixels else frozenset(),
    )
    endian = "<" if little_endian else ">"
    if not _ends_with_pixels(file, elements, implicit=implicit, endian=endian):
        _require_no_image(elements, meta)
    dataset = Dataset(elements)
    dataset.file_meta = meta
    encoding = dataset._character_set  # noqa: SLF001 - as pydicom's own reader does
    dataset.set_original_encoding(implicit, little_endian, encoding)
    return dataset


def _read_meta(file: BinaryIO, path: Path | None) -> FileMetaDataset:
    """Read up to the first byte of the data set and leave the file there."""
    if not _has_prefix(file):
        fact = "the file is not DICOM"
        raise UnreadableObjectError(fact, path=path)
    elements: dict[BaseTag, Element] = {}
    while (element := _next_meta_element(file)) is not None:
        if len(element.value or b"") < element.length:
            fact = "the file ends inside its file meta information"
            raise UnreadableObjectError(fact, path=path)
        elements[element.tag] = element
    if _TRANSFER_SYNTAX_UID not in elements:
        fact = "the file does not state its transfer syntax"
        raise UnreadableObjectError(
            fact, path=path, attribute="TransferSyntaxUID (0002,0010)"
        )
    return FileMetaDataset(elements)


def _next_meta_element(file: BinaryIO) -> RawDataElement | None:
    start = file.tell()
    head = file.read(8)
    if len(head) < 8 or head[:2] != b"\x02\x00":  # noqa: PLR2004 - tag, VR, length
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


def _meta_text(meta: FileMetaDataset, tag: int) -> str:
    if tag not in meta:
        return ""
    value = meta.get_item(BaseTag(tag)).value
    return bytes(value or b"").decode("latin-1").strip(" \0")


def _inflated(file: BinaryIO) -> BinaryIO:
    """Return the data set of a deflated file (PS3.5 A.5), refusing a bomb."""
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    data = inflater.decompress(file.read(), _MAXIMUM_INFLATED_BYTES)
    if not inflater.eof:
        fact = "the deflated data set has no end, or is too large"
        raise _EndError(fact)
    return io.BytesIO(data)


def _ends_with_pixels(
    file: BinaryIO, elements: dict[BaseTag, Element], *, implicit: bool, endian: str
) -> bool:
    """Return whether pixel data were read or follow; refuse what lost its end.

    Deeper losses make the parser fail; at the top level the last element can be short,
    or a few bytes can be left over.
    """
    if not elements:
        fact = "the file holds no data set"
        raise _EndError(fact)
    last = elements[next(reversed(elements))]
    if isinstance(last, RawDataElement) and last.length != _UNDEFINED_LENGTH:
        if len(last.value or b"") < last.length:
            fact = f"the file ends inside element {last.tag}"
            raise _EndError(fact)
        file.seek(last.value_tell + last.length)
    start = file.tell()
    head = file.read(_LONGEST_HEAD_BYTES)
    if not head.strip(b"\0"):
        return not _PIXEL_TAGS.isdisjoint(elements)
    _require_pixels(file, start, head, implicit=implicit, endian=endian)
    return True


def _require_pixels(
    file: BinaryIO, start: int, head: bytes, *, implicit: bool, endian: str
) -> None:
    """Refuse anything but pixel data in full length where the reading stopped."""
    head = head.ljust(_LONGEST_HEAD_BYTES, b"\0")
    group, element = struct.unpack(f"{endian}HH", head[:4])
    if (group << 16 | element) not in _PIXEL_TAGS:
        fact = "the file ends inside an element"
        raise _EndError(fact)
    where = 4 if implicit else 8
    (length,) = struct.unpack(f"{endian}L", head[where : where + 4])
    end = start + where + 4 + length
    if length != _UNDEFINED_LENGTH and end > file.seek(0, os.SEEK_END):
        fact = "the file ends inside its pixel data"
        raise _EndError(fact)


def _require_no_image(elements: dict[BaseTag, Element], meta: FileMetaDataset) -> None:
    """Refuse an image without pixel data: it ends between two elements."""
    sop_class = UID(_meta_text(meta, _MEDIA_STORAGE_SOP_CLASS_UID))
    if _ROWS in elements or "Image Storage" in sop_class.name:
        fact = "the file ends before its pixel data"
        raise _EndError(fact)


class _EndError(Exception):
    """The data set does not end where its elements say."""


class UnreadableObjectError(DicomContentError):
    """A file is not DICOM, is truncated, or cannot be parsed.

    Attributes
    ----------
    path : Path or None
        Not part of the message: names of files may be names of people.
    """

    reason = "unreadable_object"
    remedy = "Send the object again from its source."

    def __init__(
        self,
        fact: str,
        *,
        path: Path | None = None,
        attribute: str | None = None,
        uid: str | None = None,
    ) -> None:
        super().__init__(fact, attribute=attribute, uid=uid)
        self.path = path
