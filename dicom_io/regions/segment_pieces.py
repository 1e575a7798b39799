"""Segments put together from the frames that show them.

Design choice: what a frame shows is kept as the smallest rectangle that holds it, and a
segment stands on the part of the grid that holds all of them. Segments of a whole body
on a CT's grid would take its room once for each.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from dicom_io.attributes import name_of, required_whole, uid_of
from dicom_io.errors import DicomContentError
from dicom_io.regions.segmentation_frames import FramePlanes, FunctionalGroups
from dicom_io.regions.segmentation_pixels import stored_frames
from model.grid import Grid, Mask


@dataclass(frozen=True, eq=False)
class Piece:
    """What a frame shows of a segment.

    Attributes
    ----------
    corner : tuple of int
        (slice, row, column) of the first voxel of the rectangle.
    inside : ndarray of bool, shape (rows, columns)
    """

    corner: tuple[int, int, int]
    inside: NDArray[np.bool_]


def pieces_of_labels(
    dataset: Dataset, planes: FramePlanes, background: int
) -> dict[int, list[Piece]]:
    """Return what the frames of a label map hold, by segment number.

    Parameters
    ----------
    dataset : Dataset
    planes : FramePlanes
    background : int
        Stored value that stands for no segment.

    Raises
    ------
    SegmentFramesError
        When two frames lie at one place.
    PixelDataError
    """
    pieces: dict[int, list[Piece]] = {}
    frames = stored_frames(dataset, len(planes.planes))
    shown: set[int] = set()
    for plane, stored in zip(planes.planes, frames, strict=True):
        _require_once(dataset, shown, plane)
        for number in np.unique(stored).tolist():
            if number != background:
                found = pieces.setdefault(number, [])
                found.extend(_cropped(stored == number, plane))
    return pieces


def pieces_of_segments(
    dataset: Dataset, planes: FramePlanes, groups: FunctionalGroups, least: int
) -> dict[int, list[Piece]]:
    """Return what frames that show one segment each hold, by segment number.

    Parameters
    ----------
    dataset : Dataset
    planes : FramePlanes
    groups : FunctionalGroups
    least : int
        Stored value from which on a voxel belongs to the segment.

    Raises
    ------
    SegmentFramesError
        When a frame does not say what it shows, or two show one segment at one place.
    PixelDataError
    """
    pieces: dict[int, list[Piece]] = {}
    shown: dict[int, set[int]] = {}
    frames = stored_frames(dataset, len(planes.planes))
    for frame, stored in enumerate(frames):
        number = _segment_of(dataset, groups, frame)
        plane = planes.planes[frame]
        _require_once(dataset, shown.setdefault(number, set()), plane)
        found = list(_cropped(stored >= least, plane))
        if found:
            pieces.setdefault(number, []).extend(found)
    return pieces


def joined_mask(pieces: list[Piece], grid: Grid) -> Mask:
    """Return the voxels of a segment on the part of the grid that holds them."""
    corners = np.array([piece.corner for piece in pieces])
    sizes = np.array([(1, *piece.inside.shape) for piece in pieces])
    first = corners.min(axis=0)
    extent = (corners + sizes).max(axis=0) - first
    inside = np.zeros(extent, np.bool_)
    for piece, corner in zip(pieces, corners - first, strict=True):
        k, row, column = corner.tolist()
        rows, columns = piece.inside.shape
        inside[k, row : row + rows, column : column + columns] = piece.inside
    (origin,) = grid.points_mm(first[np.newaxis].astype(np.float64)).tolist()
    x, y, z = origin
    slices, rows, columns = extent.tolist()
    part = Grid(
        shape=(slices, rows, columns),
        origin_mm=(x, y, z),
        slice_step_mm=grid.slice_step_mm,
        row_step_mm=grid.row_step_mm,
        column_step_mm=grid.column_step_mm,
        frame_of_reference=grid.frame_of_reference,
    )
    return Mask(part, inside)


def _require_once(dataset: Dataset, shown: set[int], plane: int) -> None:
    if plane in shown:
        fact = "two frames show one segment at one place"
        raise SegmentFramesError(dataset, "ImagePositionPatient", fact)
    shown.add(plane)


def _cropped(inside: NDArray[np.bool_], plane: int) -> Iterator[Piece]:
    """Give the smallest rectangle with all voxels of a plane, if there are any."""
    rows = np.flatnonzero(inside.any(axis=1))
    if len(rows):
        columns = np.flatnonzero(inside.any(axis=0))
        row, column = int(rows[0]), int(columns[0])
        part = inside[row : int(rows[-1]) + 1, column : int(columns[-1]) + 1]
        yield Piece((plane, row, column), part.copy())


def _segment_of(dataset: Dataset, groups: FunctionalGroups, frame: int) -> int:
    item = groups.of(frame, "SegmentIdentificationSequence")
    if item is None:
        fact = "a frame does not say which segment it shows"
        raise SegmentFramesError(dataset, "SegmentIdentificationSequence", fact)
    return required_whole(item, "ReferencedSegmentNumber")


class SegmentFramesError(DicomContentError):
    """It is not clear which segment a frame shows, or what is true at its place."""

    remedy = "Export the segmentation again."

    def __init__(self, dataset: Dataset, keyword: str, fact: str) -> None:
        super().__init__(fact, attribute=name_of(keyword), uid=uid_of(dataset))
