"""Frames of a Segmentation: their functional groups, and where they lie.

Design choice: the planes of all frames are planes of one grid, whose step along the
normal is *Spacing Between Slices*, else *Slice Thickness*, else the smallest distance
between two frames: the first of these of which every distance is a multiple. Frames
without any voxel are left out by most writers, so that the distances alone would take
two painted planes with an empty one between them for neighbours.

References
----------
* DICOM PS3.3 A.51, C.8.20 (Segmentation), C.7.6.16 (functional groups).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from dicom_io.attributes import (
    MissingAttributeError,
    UnreadableValueError,
    items,
    name_of,
    number,
    required_numbers,
    required_text,
    required_whole,
    uid_of,
    whole,
)
from dicom_io.errors import DicomContentError
from model.grid import Grid, Vector

_MOST_PLANES = 1 << 13
_MOST_VOXELS = 1 << 31
_UNIT_TOLERANCE = 1e-3
_SAME_COSINE = 1e-4
_SAME_SPACING = 1e-4
_SAME_PLACE_MM = 5e-3
# Stated steps are rounded, and the way from plane to plane is measured afterwards.
_MULTIPLE = 0.1
_PART_OF_STEP = 0.05
_POSITION = ("PlanePositionSequence", "ImagePositionPatient", 3)
_ORIENTATION = ("PlaneOrientationSequence", "ImageOrientationPatient", 6)
_SPACING = ("PixelMeasuresSequence", "PixelSpacing", 2)

Numbers = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class FramePlanes:
    """Where the frames of a Segmentation lie.

    Attributes
    ----------
    grid : Grid
        From the first plane that bears a frame to the last.
    planes : tuple of int
        Slice index of each frame.
    """

    grid: Grid
    planes: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class FunctionalGroups:
    """The functional groups of a multi-frame object (PS3.3 C.7.6.16).

    Attributes
    ----------
    shared : tuple of Dataset
        One item, or none.
    frames : tuple of Dataset
        One item for each frame.
    """

    shared: tuple[Dataset, ...]
    frames: tuple[Dataset, ...]

    def of(self, frame: int, keyword: str) -> Dataset | None:
        """Return the first item of a group that holds for a frame, or None."""
        for level in (self.frames[frame], *self.shared):
            found = items(level, keyword)
            if found:
                return found[0]
        return None


def functional_groups(dataset: Dataset) -> FunctionalGroups:
    """Return the functional groups of every frame.

    Raises
    ------
    UnreadableValueError
        When there are not as many as frames.
    """
    count = required_whole(dataset, "NumberOfFrames")
    frames = items(dataset, "PerFrameFunctionalGroupsSequence")
    if len(frames) != count or not frames:
        expected = f"the number of its functional groups, {len(frames)}"
        raise UnreadableValueError(dataset, "NumberOfFrames", expected)
    return FunctionalGroups(items(dataset, "SharedFunctionalGroupsSequence"), frames)


def frame_planes(dataset: Dataset, groups: FunctionalGroups) -> FramePlanes:
    """Return the grid on which all frames lie.

    Raises
    ------
    IrregularFramesError
        When orientation or spacing differ, or planes are no multiples of one step.
    MissingAttributeError, UnreadableValueError
    """
    cosines = _same(dataset, groups, _ORIENTATION, _SAME_COSINE)
    spacing = _same(dataset, groups, _SPACING, _SAME_SPACING)
    along_row, along_column = _unit_vectors(dataset, cosines)
    if spacing.min() <= 0.0:
        raise UnreadableValueError(dataset, "PixelSpacing", "a pair of distances")
    normal = np.cross(along_row, along_column)
    positions = np.array(
        [_numbers(dataset, groups, frame, _POSITION) for frame in _each(groups)]
    )
    planes, step = _planes(dataset, groups, positions, normal)
    rows, columns = _extent(dataset, "Rows"), _extent(dataset, "Columns")
    if (int(planes.max()) + 1) * rows * columns > _MOST_VOXELS:
        fact = f"the frames span more than {_MOST_VOXELS} voxels"
        raise IrregularFramesError(dataset, "ImagePositionPatient", fact)
    grid = Grid(
        shape=(int(planes.max()) + 1, rows, columns),
        origin_mm=_vector(positions[int(np.argmin(planes))]),
        slice_step_mm=_vector(step),
        # Pixel Spacing: between rows first (PS3.3 10.7.1.3).
        row_step_mm=_vector(along_column * spacing[0]),
        column_step_mm=_vector(along_row * spacing[1]),
        frame_of_reference=required_text(dataset, "FrameOfReferenceUID"),
    )
    return FramePlanes(grid, tuple(planes.tolist()))


def _each(groups: FunctionalGroups) -> range:
    return range(len(groups.frames))


def _numbers(
    dataset: Dataset,
    groups: FunctionalGroups,
    frame: int,
    where: tuple[str, str, int],
) -> tuple[float, ...]:
    group, keyword, count = where
    item = groups.of(frame, group)
    if item is None:
        raise MissingAttributeError(dataset, keyword)
    return required_numbers(item, keyword, count)


def _same(
    dataset: Dataset,
    groups: FunctionalGroups,
    where: tuple[str, str, int],
    tolerance: float,
) -> Numbers:
    """Return numbers that must be alike in all frames."""
    found = np.array(
        [_numbers(dataset, groups, frame, where) for frame in _each(groups)]
    )
    if np.abs(found - found[0]).max() > tolerance:
        raise IrregularFramesError(dataset, where[1], "the value differs among frames")
    return np.asarray(found[0], np.float64)


def _unit_vectors(dataset: Dataset, cosines: Numbers) -> tuple[Numbers, Numbers]:
    lengths = np.linalg.norm(cosines.reshape(2, 3), axis=1)
    crooked = abs(cosines[:3] @ cosines[3:]) > _UNIT_TOLERANCE
    if crooked or np.abs(lengths - 1.0).max() > _UNIT_TOLERANCE:
        expected = "a pair of perpendicular unit vectors"
        raise UnreadableValueError(dataset, "ImageOrientationPatient", expected)
    return cosines[:3] / lengths[0], cosines[3:] / lengths[1]


def _planes(
    dataset: Dataset, groups: FunctionalGroups, positions: Numbers, normal: Numbers
) -> tuple[NDArray[np.int64], Numbers]:
    """Return the slice index of each frame and the way from a slice to the next."""
    along = positions @ normal
    order = np.argsort(along, kind="stable")
    gaps = np.diff(along[order])
    gaps[gaps <= _SAME_PLACE_MM] = 0.0
    step_mm = _step_mm(dataset, groups, gaps)
    planes = np.zeros(len(along), np.int64)
    planes[order[1:]] = np.cumsum(np.rint(gaps / step_mm)).astype(np.int64)
    last = int(planes.max())
    if last >= _MOST_PLANES:
        fact = f"the frames span more than {_MOST_PLANES} planes"
        raise IrregularFramesError(dataset, "ImagePositionPatient", fact)
    step = normal * step_mm
    if last:
        step = (positions[order[-1]] - positions[order[0]]) / last
    expected = positions[order[0]] + planes[:, np.newaxis] * step
    allowed = _PART_OF_STEP * step_mm
    shear = float(np.linalg.norm(np.cross(step, normal)))
    if shear > allowed or np.abs(positions - expected).max() > allowed:
        fact = "the frames are not stacked in a straight line along their normal"
        raise IrregularFramesError(dataset, "ImagePositionPatient", fact)
    return planes, np.asarray(step, np.float64)


def _step_mm(dataset: Dataset, groups: FunctionalGroups, gaps: Numbers) -> float:
    """Return the distance from a plane to the next."""
    apart = gaps[gaps > 0.0]
    stated = [_measure(groups, "SpacingBetweenSlices")]
    stated.append(_measure(groups, "SliceThickness"))
    smallest = float(apart.min()) if len(apart) else 0.0
    for step in (*stated, smallest):
        if step <= 0.0:
            continue
        steps = apart / step
        counts = np.maximum(np.rint(steps), 1.0)
        if (np.abs(steps - counts) <= _MULTIPLE).all():
            return step
    fact = "the distances of the frames are no multiples of one step"
    raise IrregularFramesError(dataset, "ImagePositionPatient", fact)


def _measure(groups: FunctionalGroups, keyword: str) -> float:
    item = groups.of(0, "PixelMeasuresSequence")
    found = None if item is None else number(item, keyword)
    # Some write the spacing of a stack that runs against its normal as negative.
    return abs(found or 0.0)


def _extent(dataset: Dataset, keyword: str) -> int:
    extent = whole(dataset, keyword) or 0
    if extent <= 0:
        raise UnreadableValueError(dataset, keyword, "a number of pixels")
    return extent


def _vector(values: Numbers) -> Vector:
    return (float(values[0]), float(values[1]), float(values[2]))


class IrregularFramesError(DicomContentError):
    """The frames of a Segmentation do not lie on one grid."""

    reason = "unsupported_segmentation"
    remedy = "Export the segmentation on the planes of the image that it was drawn on."

    def __init__(self, dataset: Dataset, keyword: str, fact: str) -> None:
        super().__init__(fact, attribute=name_of(keyword), uid=uid_of(dataset))
