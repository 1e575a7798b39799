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
from contextlib import ExitStack
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

from dicom_io.character_set import character_set_of
from dicom_io.deflated import inflated_data_set
from dicom_io.element_heads import Encoding
from dicom_io.element_scan import scan_elements
from dicom_io.encoding import encoded_elements
from dicom_io.errors import DicomContentError
from dicom_io.file_meta import (
    MEDIA_STORAGE_SOP_CLASS_UID,
    PREAMBLE_BYTES,
    TRANSFER_SYNTAX_UID,
    MeasuredFile,
    has_prefix,
    meta_text,
    read_file_meta,
    shown_uid,
)
from dicom_io.limits import LimitExceededError, ReadingLimits
from dicom_io.series_pattern import Element, SeriesPattern
from dicom_io.structure import require_modest_structure
from dicom_io.unreadable import UnreadableObjectError

_PIXEL_TAGS = frozenset({0x7FE00008, 0x7FE00009, 0x7FE00010})
_ROWS = 0x00280010
_CHUNK_BYTES = 1 << 20
_UNDEFINED_LENGTH = 0xFFFFFFFF
_LONGEST_HEAD_BYTES = 12


def is_part10(path: Path) -> bool:
    """Return whether a file starts as a DICOM file does: preamble and ``DICM``."""
    try:
        with path.open("rb") as file:
            return has_prefix(file)
    except OSError:
        return False


def read_dataset(
    path: Path,
    *,
    stop_before_pixels: bool = False,
    limits: ReadingLimits | None = None,
    pattern: SeriesPattern | None = None,
) -> Dataset:
    """Return the data set of a DICOM file, with its `file_meta`.

    Parameters
    ----------
    path : Path
    stop_before_pixels : bool
        Leave out *Pixel Data* and what follows it; that it is there in full length is
        checked all the same where its length is stated.
    limits : ReadingLimits or None
        For a file of unknown origin. None for one whose header was read within limits,
        as `dicom_io.limits` explains.
    pattern : SeriesPattern or None
        Of the series, where the file is one of its slices.

    Returns
    -------
    Dataset
        Elements are decoded when they are first asked for.

    Raises
    ------
    UnreadableObjectError
        When the file is not DICOM, ends too early, or cannot be parsed.
    LimitExceededError
        When it demands more than the limits allow.
    """
    if stop_before_pixels:
        with MeasuredFile(io.FileIO(path)) as file:
            return _read(file, path, limits, pattern, stop_before_pixels=True)
    with io.FileIO(path) as file:
        _require_modest_size(file, limits)
        content = file.readall()
    with io.BytesIO(content) as memory:
        return _read(memory, path, limits, pattern, stop_before_pixels=False)


def decode_dataset(
    content: bytes,
    *,
    stop_before_pixels: bool = False,
    limits: ReadingLimits | None = None,
) -> Dataset:
    """Return what `read_dataset` returns, from the bytes of a DICOM file.

    Raises
    ------
    UnreadableObjectError, LimitExceededError
    """
    with io.BytesIO(content) as memory:
        return _read(memory, None, limits, stop_before_pixels=stop_before_pixels)


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
        return b"".join(
            (preamble, encoded_file_meta(dataset), encoded_elements(dataset))
        )
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
    with MeasuredFile(io.FileIO(path)) as file:
        read_file_meta(file)
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def encoded_file_meta(dataset: Dataset) -> bytes:
    """Return the file meta information, from the prefix on; it names the data set.

    Parameters
    ----------
    dataset : Dataset
        With a `file_meta` that names the transfer syntax.
    """
    meta = copy.deepcopy(dataset.file_meta)
    meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    memory = DicomBytesIO()
    write_file_meta_info(memory, meta)
    return b"DICM" + bytes(memory.getvalue())


def _require_modest_size(
    file: BinaryIO | io.FileIO, limits: ReadingLimits | None
) -> None:
    """Refuse a file that is too large, and leave it at its first byte."""
    if limits is None:
        return
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    if size > limits.object_bytes:
        fact = f"the object has more than {limits.object_bytes} bytes"
        raise LimitExceededError(fact, "object_mb")


def _read(
    file: BinaryIO,
    path: Path | None,
    limits: ReadingLimits | None,
    pattern: SeriesPattern | None = None,
    *,
    stop_before_pixels: bool,
) -> Dataset:
    _require_modest_size(file, limits)
    uid: str | None = None
    try:
        meta = read_file_meta(file)
        uid = shown_uid(meta)
        return _read_body(
            file, meta, limits, pattern, stop_before_pixels=stop_before_pixels
        )
    except DicomContentError as error:
        error.uid = uid
        if isinstance(error, UnreadableObjectError):
            error.path = path
        raise
    # A hostile file can make a parser fail in any way, which is never our defect.
    except Exception as error:
        fact = f"the file cannot be parsed ({type(error).__name__})"
        if isinstance(error, EOFError):
            fact = "the file ends inside an element"
        raise UnreadableObjectError(fact, path=path, uid=uid) from error


def _read_body(
    file: BinaryIO,
    meta: FileMetaDataset,
    limits: ReadingLimits | None,
    pattern: SeriesPattern | None,
    *,
    stop_before_pixels: bool,
) -> Dataset:
    syntax = meta_text(meta, TRANSFER_SYNTAX_UID)
    with ExitStack() as stack:
        if syntax == DeflatedExplicitVRLittleEndian:
            file = stack.enter_context(inflated_data_set(file, limits))
        elements = _elements(
            file, syntax, limits, pattern, stop_before_pixels=stop_before_pixels
        )
        if not _ends_with_pixels(file, elements, _encoding(syntax)):
            _require_no_image(elements, meta)
    dataset = Dataset(elements)
    dataset.file_meta = meta
    encoded = _encoding(syntax)
    dataset.set_original_encoding(
        encoded.implicit, encoded.little_endian, character_set_of(elements)
    )
    return dataset


def _encoding(syntax: str) -> Encoding:
    return Encoding(
        implicit=syntax == ImplicitVRLittleEndian,
        little_endian=syntax != ExplicitVRBigEndian,
    )


def _elements(
    file: BinaryIO,
    syntax: str,
    limits: ReadingLimits | None,
    pattern: SeriesPattern | None,
    *,
    stop_before_pixels: bool,
) -> dict[BaseTag, Element]:
    encoding = _encoding(syntax)
    if limits is not None:
        require_modest_structure(file, encoding, limits)
    return scan_elements(
        file,
        implicit=encoding.implicit,
        little_endian=encoding.little_endian,
        stop_at=_PIXEL_TAGS if stop_before_pixels else frozenset(),
        pattern=pattern,
    )


def _ends_with_pixels(
    file: BinaryIO, elements: dict[BaseTag, Element], encoding: Encoding
) -> bool:
    """Return whether pixel data were read or follow; refuse what lost its end.

    Deeper losses make the parser fail; at the top level the last element can be short,
    or a few bytes can be left over.
    """
    if not elements:
        fact = "the file holds no data set"
        raise UnreadableObjectError(fact)
    last = elements[next(reversed(elements))]
    if isinstance(last, RawDataElement) and last.length != _UNDEFINED_LENGTH:
        if len(last.value or b"") < last.length:
            fact = f"the file ends inside element {last.tag}"
            raise UnreadableObjectError(fact)
        file.seek(last.value_tell + last.length)
    start = file.tell()
    head = file.read(_LONGEST_HEAD_BYTES)
    if not head.strip(b"\0"):
        return not _PIXEL_TAGS.isdisjoint(elements)
    _require_pixels(file, start, head, encoding)
    return True


def _require_pixels(
    file: BinaryIO, start: int, head: bytes, encoding: Encoding
) -> None:
    """Refuse anything but pixel data in full length where the reading stopped."""
    endian = "<" if encoding.little_endian else ">"
    head = head.ljust(_LONGEST_HEAD_BYTES, b"\0")
    group, element = struct.unpack(f"{endian}HH", head[:4])
    if (group << 16 | element) not in _PIXEL_TAGS:
        fact = "the file ends inside an element"
        raise UnreadableObjectError(fact)
    where = 4 if encoding.implicit else 8
    (length,) = struct.unpack(f"{endian}L", head[where : where + 4])
    end = start + where + 4 + length
    if length != _UNDEFINED_LENGTH and end > file.seek(0, os.SEEK_END):
        fact = "the file ends inside its pixel data"
        raise UnreadableObjectError(fact)


def _require_no_image(elements: dict[BaseTag, Element], meta: FileMetaDataset) -> None:
    """Refuse an image without pixel data: it ends between two elements."""
    sop_class = UID(meta_text(meta, MEDIA_STORAGE_SOP_CLASS_UID))
    if _ROWS in elements or "Image Storage" in sop_class.name:
        fact = "the file ends before its pixel data"
        raise UnreadableObjectError(fact)
