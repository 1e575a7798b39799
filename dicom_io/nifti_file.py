"""The bytes of a NIfTI-1 file: what its header declares, and its voxels.

A header is checked before anything is read by it: what it declares must be an image of
one volume, of a size that can be held, and the file must hold all of it.

Design choice: voxels are taken from the file as they stand there. The format's own
library, and all that call it, replace what is no finite number by 0, and then a value
that nobody knows would count as a value.

Design choice: a file that states its voxels' size twice and differently is refused.
Programs disagree on which of the two counts, and volumes would by its cube.

Design choice: a scale of 0, or one that is no number, means none, as the format and the
programs that write it have it.

References
----------
* NIfTI-1 data format, https://nifti.nimh.nih.gov.
"""

import gzip
import math
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from dicom_io.errors import DicomContentError

MOST_VOXELS = 2**28
"""Of a file that is read: a CT of 512 x 512 x 1024."""

_CHUNK = 2**20
_DIMENSIONS = 3
_NUMBERS = {
    2: "u1",
    4: "i2",
    8: "i4",
    16: "f4",
    64: "f8",
    256: "i1",
    512: "u2",
    768: "u4",
    1024: "i8",
    1280: "u8",
}
"""numpy's name of whole and floating point numbers, by *datatype*."""

_HEADER_SIZE = 348
_MAGIC = (344, b"n+1\0")
_FIELDS = {
    "dim": ("8h", 40),
    "datatype": ("h", 70),
    "bitpix": ("h", 72),
    "pixdim": ("8f", 76),
    "vox_offset": ("f", 108),
    "scale": ("2f", 112),
    "codes": ("2h", 252),
    "sform": ("12f", 280),
}
"""Struct format and offset of what is read: *scale* is scl_slope and scl_inter, *codes*
qform_code and sform_code."""

_OF_SCANNER = 1
_SAME_LENGTH = 1e-3
"""Part of a voxel's size by which two statements of it may differ."""

_Fields = dict[str, tuple[Any, ...]]


@dataclass(frozen=True)
class NiftiHeader:
    """What a file declares.

    Attributes
    ----------
    shape : tuple of int
        (slices, rows, columns).
    numbers : str
        numpy's name of a voxel's type, with the order of its bytes.
    begin : int
        Offset of the first voxel in the unpacked file, bytes.
    slope, intercept : float
        From stored to true values.
    """

    shape: tuple[int, int, int]
    numbers: str
    begin: int
    slope: float
    intercept: float


def read_header(path: Path) -> NiftiHeader:
    """Return what a file declares, when that is a volume that can be read.

    Raises
    ------
    UnreadableNiftiError
    """
    order, fields = _fields(path)
    _require_volume(path, fields)
    _require_spacing(path, fields)
    columns, rows, slices = fields["dim"][1 : _DIMENSIONS + 1]
    slope, intercept = _scale(path, fields)
    return NiftiHeader(
        shape=(slices, rows, columns),
        numbers=order + _numbers(path, fields),
        begin=_begin(path, fields),
        slope=slope,
        intercept=intercept,
    )


def read_voxels(path: Path, header: NiftiHeader) -> NDArray[np.float64]:
    """Return the true values of a file's voxels, shape (slices, rows, columns).

    Raises
    ------
    UnreadableNiftiError
        When the file ends before its voxels do, or is damaged.
    """
    kind = np.dtype(header.numbers)
    wanted = math.prod(header.shape) * kind.itemsize
    stored = np.empty(wanted, np.uint8)
    found, skip = 0, header.begin
    # A packed file's last piece is asked for as well: its checksum follows it.
    for chunk in _chunks(path):
        if found == wanted:
            break
        piece = chunk[skip : skip + wanted - found]
        skip = max(skip - len(chunk), 0)
        stored[found : found + len(piece)] = np.frombuffer(piece, np.uint8)
        found += len(piece)
    if found < wanted:
        missing = wanted - found
        raise UnreadableNiftiError(path, f"{missing} bytes of its voxels are missing")
    # Stored numbers may be signalling NaN, which are none for all that.
    with np.errstate(invalid="ignore", over="ignore"):
        values = stored.view(kind).reshape(header.shape).astype(np.float64)
        if (header.slope, header.intercept) != (1.0, 0.0):
            values *= header.slope
            values += header.intercept
    return values


def _require_volume(path: Path, fields: _Fields) -> None:
    extents = fields["dim"]
    count = extents[0]
    if not 1 <= count <= 7 or min(extents[1 : count + 1]) < 1:  # noqa: PLR2004 - of dim
        raise UnreadableNiftiError(path, "its dimensions are no numbers of voxels")
    if any(extent > 1 for extent in extents[_DIMENSIONS + 1 : count + 1]):
        size = " x ".join(map(str, extents[1 : count + 1]))
        fact = f"it holds {size} voxels, and an image of one volume is wanted"
        raise UnreadableNiftiError(path, fact)
    if count < _DIMENSIONS:
        raise UnreadableNiftiError(path, f"it has {count} dimensions and not 3")
    voxels = math.prod(extents[1 : _DIMENSIONS + 1])
    if voxels > MOST_VOXELS:
        fact = f"it declares {voxels} voxels, of at most {MOST_VOXELS}"
        raise UnreadableNiftiError(path, fact)


def _require_spacing(path: Path, fields: _Fields) -> None:
    """Refuse voxels whose size is none, or is stated twice and not the same.

    An sform that is not of the scanner may say anything beside a qform: it leads into
    another image, and the reader goes by the qform then.
    """
    spacing = fields["pixdim"][1 : _DIMENSIONS + 1]
    if not all(math.isfinite(each) and each != 0.0 for each in spacing):
        raise UnreadableNiftiError(path, "the distances of its voxels are none")
    qform, sform = fields["codes"]
    if sform == _OF_SCANNER or (sform > 0 and qform <= 0):
        rows = np.reshape(fields["sform"], (_DIMENSIONS, _DIMENSIONS + 1))
        lengths = np.linalg.norm(rows[:, :_DIMENSIONS], axis=0)
        if not np.allclose(lengths, np.abs(spacing), rtol=_SAME_LENGTH, atol=0):
            fact = "pixdim and sform state voxels of different sizes"
            raise UnreadableNiftiError(path, fact)


def _numbers(path: Path, fields: _Fields) -> str:
    [kind], [bits] = fields["datatype"], fields["bitpix"]
    name = _NUMBERS.get(kind)
    if name is None or np.dtype(name).itemsize * 8 != bits:
        fact = f"voxels of {bits} bits and type {kind} are no numbers that are read"
        raise UnreadableNiftiError(path, fact)
    return name


def _scale(path: Path, fields: _Fields) -> tuple[float, float]:
    slope, intercept = fields["scale"]
    if slope == 0.0 or not math.isfinite(slope):
        return 1.0, 0.0
    if not math.isfinite(intercept):
        raise UnreadableNiftiError(path, "the scale of its values is no number")
    return slope, intercept


def _begin(path: Path, fields: _Fields) -> int:
    [begin] = fields["vox_offset"]
    if not math.isfinite(begin):
        raise UnreadableNiftiError(path, "it does not say where its voxels begin")
    # As in the format's own library: never within the header.
    return max(int(begin), _HEADER_SIZE)


def _fields(path: Path) -> tuple[str, _Fields]:
    """Return the order of a file's bytes, and the fields of its header."""
    content = next(_chunks(path), b"")
    where, magic = _MAGIC
    if len(content) < _HEADER_SIZE or not content.startswith(magic, where):
        raise UnreadableNiftiError(path, "it is no single NIfTI-1 file")
    for order in "<>":
        if content.startswith(struct.pack(f"{order}i", _HEADER_SIZE)):
            return order, {
                name: struct.unpack_from(f"{order}{kind}", content, at)
                for name, (kind, at) in _FIELDS.items()
            }
    raise UnreadableNiftiError(path, "its header does not say its own size")


def _chunks(path: Path) -> Iterator[bytes]:
    """Give the content of a file piece by piece, unpacked where it is packed."""
    try:
        with _opened(path) as file:
            while chunk := file.read(_CHUNK):
                yield chunk
    except (OSError, EOFError, zlib.error) as error:
        fact = f"it cannot be read ({type(error).__name__})"
        raise UnreadableNiftiError(path, fact) from error


def _opened(path: Path) -> BinaryIO | gzip.GzipFile:
    if path.name.lower().endswith(".gz"):
        return gzip.open(path, "rb")
    return path.open("rb")


class UnreadableNiftiError(DicomContentError):
    """A file is no NIfTI image of one volume that can be read."""

    remedy = (
        "Write the image again as one volume of whole or real numbers in NIfTI-1 "
        "(.nii or .nii.gz), its axes perpendicular."
    )

    def __init__(self, path: Path, fact: str) -> None:
        super().__init__(f"{path.name}: {fact}")
        self.path = path
