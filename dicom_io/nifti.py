"""NIfTI images as volumes, for data that never were DICOM.

SimpleITK reads them, so that the choice between sform and qform, the units of length
and the turn from the format's RAS to LPS are ITK's. A file's header is checked first:
what it declares must be an image of one volume, of a size that can be held, and the
file must hold all of it, which the reader itself would fill up with zeros.

Design choice: only single files of NIfTI-1 are read (``.nii``, ``.nii.gz``); ITK knows
no NIfTI-2. Values are dimensionless; the format has no word for their unit.

Design choice: the coordinate system of a file has no name. Files are on the same grid
when their voxels coincide to `SAME_PLACE` of a voxel, whatever they were made from.

References
----------
* NIfTI-1 data format, https://nifti.nimh.nih.gov.
"""

import gzip
import math
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from dicom_io.errors import DicomContentError
from model.grid import Grid, Vector, Volume

SUFFIXES = (".nii", ".nii.gz")
"""Of the files that are read, in lower case."""

MOST_VOXELS = 2**28
"""Of a file that is read: a CT of 512 x 512 x 1024."""

SAME_PLACE = 0.01
"""Part of a voxel by which voxels of one grid may lie apart."""

_FRAME = "nifti"
_CHUNK = 2**20
_DIMENSIONS = 3
_BITS = {2: 8, 4: 16, 8: 32, 16: 32, 64: 64, 256: 8, 512: 16, 768: 32, 1024: 64}
_BITS[1280] = 64
"""Bits of a voxel, by *datatype*: whole and floating point numbers."""


_HEADER_SIZE = 348
_MAGIC = (344, b"n+1\0")
_FIELDS = {
    "dim": ("8h", 40),
    "datatype": ("h", 70),
    "bitpix": ("h", 72),
    "pixdim": ("8f", 76),
    "vox_offset": ("f", 108),
}
"""Struct format and offset of what is checked."""


def is_nifti(path: Path) -> bool:
    """Return whether a file bears a name of NIfTI files."""
    return path.name.lower().endswith(SUFFIXES)


def stem_of(path: Path) -> str:
    """Return a NIfTI file's name without its suffix."""
    name = path.name
    suffix = max((each for each in SUFFIXES if name.lower().endswith(each)), key=len)
    return name[: -len(suffix)]


def read_nifti_grid(path: Path) -> Grid:
    """Return where the voxels of a NIfTI file lie; its values are not read.

    Parameters
    ----------
    path : Path

    Returns
    -------
    Grid
        LPS; slices are the third axis of the file.

    Raises
    ------
    UnreadableNiftiError
        When the file is none, or no single volume of whole or real numbers.
    """
    _require_readable(path)
    return _grid(path, _reader(path))


def read_nifti(path: Path) -> Volume:
    """Return a NIfTI file as a volume, scaled as its header says.

    Raises
    ------
    UnreadableNiftiError
        As `read_nifti_grid`, and when the file holds fewer voxels than it declares.
    """
    _require_readable(path)
    _require_whole(path)
    reader = _reader(path)
    grid = _grid(path, reader)
    try:
        values: NDArray[Any] = _sitk().GetArrayFromImage(reader.Execute())
    # A reader of hostile files may fail in any way.
    except Exception as error:
        raise UnreadableNiftiError(path, "its voxels cannot be read") from error
    return Volume(grid, values.astype(np.float64, copy=False), "1")


def same_grid(one: Grid, other: Grid) -> bool:
    """Return whether voxels of two grids coincide, to `SAME_PLACE` of a voxel.

    Parameters
    ----------
    one, other : Grid
        Of one coordinate system, whatever its name.
    """
    if one.shape != other.shape:
        return False
    ends = [(0.0, float(extent - 1)) for extent in one.shape]
    corners = np.array([(k, j, i) for k in ends[0] for j in ends[1] for i in ends[2]])
    apart = one.indices(other.points_mm(corners)) - corners
    return bool(np.abs(apart).max() <= SAME_PLACE)


def _sitk() -> Any:
    # Takes half a second, which commands that read no NIfTI should not pay.
    import SimpleITK  # noqa: PLC0415 - see above

    return SimpleITK


def _reader(path: Path) -> Any:
    try:
        reader = _sitk().ImageFileReader()
        reader.SetImageIO("NiftiImageIO")
        reader.SetFileName(str(path))
        reader.ReadImageInformation()
    # A reader of hostile files may fail in any way; ITK refuses sheared axes so.
    except Exception as error:
        raise UnreadableNiftiError(path, "ITK cannot read its geometry") from error
    return reader


def _grid(path: Path, reader: Any) -> Grid:
    columns, rows, slices = (int(extent) for extent in reader.GetSize()[:_DIMENSIONS])
    spacing = np.array(reader.GetSpacing()[:_DIMENSIONS], np.float64)
    origin = np.array(reader.GetOrigin()[:_DIMENSIONS], np.float64)
    dimension = int(reader.GetDimension())
    direction = np.array(reader.GetDirection(), np.float64)
    turned = direction.reshape(dimension, dimension)[:_DIMENSIONS, :_DIMENSIONS]
    steps = (turned * spacing).T
    if not (np.isfinite(steps).all() and np.isfinite(origin).all()):
        raise UnreadableNiftiError(path, "its place in space is no number")
    if abs(float(np.linalg.det(steps))) == 0.0:
        raise UnreadableNiftiError(path, "its voxels have no volume")
    column, row, step = steps
    return Grid(
        shape=(slices, rows, columns),
        origin_mm=_vector(origin),
        slice_step_mm=_vector(step),
        row_step_mm=_vector(row),
        column_step_mm=_vector(column),
        frame_of_reference=_FRAME,
    )


def _vector(values: NDArray[np.float64]) -> Vector:
    return (float(values[0]), float(values[1]), float(values[2]))


def _require_readable(path: Path) -> None:
    """Refuse what no reader should be asked to read."""
    header = _header(path)
    extents = header["dim"]
    count = extents[0]
    if not 1 <= count <= 7 or min(extents[1 : count + 1]) < 1:  # noqa: PLR2004 - of dim
        raise UnreadableNiftiError(path, "its dimensions are no numbers of voxels")
    if any(extent > 1 for extent in extents[_DIMENSIONS + 1 : count + 1]):
        size = " x ".join(map(str, extents[1 : count + 1]))
        fact = f"it holds {size} voxels, and an image of one volume is wanted"
        raise UnreadableNiftiError(path, fact)
    if count < _DIMENSIONS:
        raise UnreadableNiftiError(path, f"it has {count} dimensions and not 3")
    if _voxels(header) > MOST_VOXELS:
        fact = f"it declares {_voxels(header)} voxels, of at most {MOST_VOXELS}"
        raise UnreadableNiftiError(path, fact)
    [kind], [bits] = header["datatype"], header["bitpix"]
    if _BITS.get(kind) != bits:
        fact = f"voxels of {bits} bits and type {kind} are no numbers that are read"
        raise UnreadableNiftiError(path, fact)
    spacing = header["pixdim"][1 : _DIMENSIONS + 1]
    if not all(math.isfinite(each) and each != 0.0 for each in spacing):
        raise UnreadableNiftiError(path, "the distances of its voxels are none")


def _require_whole(path: Path) -> None:
    """Refuse a file that ends before its voxels do."""
    header = _header(path)
    [bits] = header["bitpix"]
    missing = _begin(header) + _voxels(header) * (bits // 8)
    for chunk in _chunks(path):
        missing -= len(chunk)
        if missing <= 0:
            return
    raise UnreadableNiftiError(path, f"{missing} bytes of its voxels are missing")


def _voxels(header: dict[str, tuple[Any, ...]]) -> int:
    return math.prod(header["dim"][1 : _DIMENSIONS + 1])


def _begin(header: dict[str, tuple[Any, ...]]) -> int:
    [begin] = header["vox_offset"]
    return max(int(begin), 0) if math.isfinite(begin) else 0


def _header(path: Path) -> dict[str, tuple[Any, ...]]:
    """Return the fields of a header that are checked."""
    content = next(_chunks(path), b"")
    where, magic = _MAGIC
    if len(content) < _HEADER_SIZE or not content.startswith(magic, where):
        raise UnreadableNiftiError(path, "it is no single NIfTI-1 file")
    for order in "<>":
        if content.startswith(struct.pack(f"{order}i", _HEADER_SIZE)):
            return {
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
