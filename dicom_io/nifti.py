"""NIfTI images as volumes, for data that never were DICOM.

SimpleITK says where the voxels lie, so that the choice between sform and qform, the
units of length and the turn from the format's RAS to LPS are ITK's. What the header
declares is checked before, and the voxels are read as they are (`dicom_io.nifti_file`).

Design choice: only single files of NIfTI-1 are read (``.nii``, ``.nii.gz``); ITK knows
no NIfTI-2. Values are dimensionless; the format has no word for their unit.

Design choice: the coordinate system of a file has no name. Files are on the same grid
when their voxels coincide to `SAME_PLACE` of a voxel, whatever they were made from.

References
----------
* NIfTI-1 data format, https://nifti.nimh.nih.gov.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dicom_io.nifti_file import UnreadableNiftiError, read_header, read_voxels
from model.grid import Grid, Vector, Volume

SUFFIXES = (".nii", ".nii.gz")
"""Of the files that are read, in lower case."""

SAME_PLACE = 0.01
"""Part of a voxel by which voxels of one grid may lie apart."""

_FRAME = "nifti"
_DIMENSIONS = 3


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
    read_header(path)
    return _grid(path)


def read_nifti(path: Path) -> Volume:
    """Return a NIfTI file as a volume, scaled as its header says.

    Raises
    ------
    UnreadableNiftiError
        As `read_nifti_grid`, and when the file holds fewer voxels than it declares.
    """
    header = read_header(path)
    return Volume(_grid(path), read_voxels(path, header), "1")


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
    sitk = _sitk()
    shown = sitk.ProcessObject.GetGlobalWarningDisplay()
    # What ITK makes of odd headers it writes on stderr otherwise, once for each file.
    sitk.ProcessObject.GlobalWarningDisplayOff()
    try:
        reader = sitk.ImageFileReader()
        reader.SetImageIO("NiftiImageIO")
        reader.SetFileName(str(path))
        reader.ReadImageInformation()
    # A reader of hostile files may fail in any way; ITK refuses sheared axes so.
    except Exception as error:
        raise UnreadableNiftiError(path, "ITK cannot read its geometry") from error
    finally:
        sitk.ProcessObject.SetGlobalWarningDisplay(shown)
    return reader


def _grid(path: Path) -> Grid:
    reader = _reader(path)
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


__all__ = [
    "SAME_PLACE",
    "SUFFIXES",
    "UnreadableNiftiError",
    "is_nifti",
    "read_nifti",
    "read_nifti_grid",
    "same_grid",
    "stem_of",
]
