"""Planes of a series as a grid (PS3.3 C.7.6.2).

Design choice: array slices run along the normal of *Image Orientation (Patient)*, which
is the cross product of its row and column cosines. The order is then the same in
whatever order files come and whatever their numbers say; where the patient's axes lie
is the Grid's business.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from dicom_io.attributes import (
    UnreadableValueError,
    is_binary,
    name_of,
    number,
    numbers,
    raw_value,
    require_text,
    required_numbers,
    required_text,
    required_whole,
    text,
    texts,
)
from dicom_io.errors import DicomContentError
from model.grid import Grid, Vector

# Positions are written with few decimals. A missing plane is off by a whole spacing.
_REGULAR_PART_OF_SPACING = 0.05
_DOUBLED_PART_OF_SPACING = 0.01
_UNIT_TOLERANCE = 1e-3
_COSINE_TOLERANCE = 1e-4
_SPACING_TOLERANCE = 1e-4
_SAME_IN_ALL = (
    "SeriesInstanceUID",
    "StudyInstanceUID",
    "FrameOfReferenceUID",
    "Rows",
    "Columns",
    "BitsAllocated",
    "BitsStored",
    "HighBit",
    "PixelRepresentation",
    "SamplesPerPixel",
    "NumberOfFrames",
)


@dataclass(frozen=True)
class Stack:
    """Where the planes of a series lie.

    Attributes
    ----------
    grid : Grid
    order : tuple of int
        For each slice of the grid, the position of its header among those given.
    """

    grid: Grid
    order: tuple[int, ...]


def stack_planes(headers: Sequence[Dataset]) -> Stack:
    """Return the grid of single-frame images of one series.

    Parameters
    ----------
    headers : sequence of Dataset
        In any order, at least one.

    Raises
    ------
    InconsistentSeriesError
        When size, orientation, spacing or frame of reference differ between planes.
    IrregularPlanesError
        When planes are doubled, missing, or not stacked along their normal.
    MissingAttributeError, UnreadableValueError
        When the geometry of a plane cannot be read.
    """
    first = headers[0]
    require_same(headers, _SAME_IN_ALL)
    for header in headers:
        # The grid of several planes does not need it; what is made of them carries it.
        number(header, "SliceThickness")
        require_text(header, "PositionReferenceIndicator")
    row_cosines, column_cosines = _orientation(first)
    spacing = _spacing(first)
    _require_same_plane(headers)
    normal = np.cross(row_cosines, column_cosines)
    positions = np.array(
        [required_numbers(header, "ImagePositionPatient", 3) for header in headers]
    )
    order = np.argsort(positions @ normal, kind="stable")
    rising = positions[order]
    step = _slice_step(rising, normal, first)
    rows, columns = _extent(first, "Rows"), _extent(first, "Columns")
    grid = Grid(
        shape=(len(headers), rows, columns),
        origin_mm=_vector(rising[0]),
        slice_step_mm=_vector(step),
        # Pixel Spacing: between rows first (PS3.3 10.7.1.3).
        row_step_mm=_vector(column_cosines * spacing[0]),
        column_step_mm=_vector(row_cosines * spacing[1]),
        frame_of_reference=required_text(first, "FrameOfReferenceUID"),
    )
    return Stack(grid, tuple(int(position) for position in order))


def require_same(headers: Sequence[Dataset], keywords: Sequence[str]) -> None:
    """Refuse a series in which one of these attributes differs between instances.

    Raises
    ------
    InconsistentSeriesError
        Naming the attribute.
    """
    for keyword in keywords:
        expected = raw_value(headers[0], keyword)
        for header in headers[1:]:
            found = raw_value(header, keyword)
            # Writers pad and format differently; most do not, so bytes come first.
            if found != expected and _said(header, keyword) != _said(
                headers[0], keyword
            ):
                raise InconsistentSeriesError(header, keyword)


def _said(header: Dataset, keyword: str) -> tuple[str, ...] | tuple[float, ...]:
    return numbers(header, keyword) if is_binary(keyword) else texts(header, keyword)


def _require_same_plane(headers: Sequence[Dataset]) -> None:
    for keyword, count, tolerance in (
        ("ImageOrientationPatient", 6, _COSINE_TOLERANCE),
        ("PixelSpacing", 2, _SPACING_TOLERANCE),
    ):
        first = raw_value(headers[0], keyword)
        expected = np.array(required_numbers(headers[0], keyword, count))
        for header in headers[1:]:
            if raw_value(header, keyword) == first:
                continue
            found = np.array(required_numbers(header, keyword, count))
            if np.abs(found - expected).max() > tolerance:
                raise InconsistentSeriesError(header, keyword)


def _orientation(header: Dataset) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    cosines = np.array(required_numbers(header, "ImageOrientationPatient", 6))
    along_row, along_column = cosines[:3], cosines[3:]
    lengths = np.linalg.norm(cosines.reshape(2, 3), axis=1)
    unit = np.abs(lengths - 1.0).max() < _UNIT_TOLERANCE
    if not unit or abs(along_row @ along_column) > _UNIT_TOLERANCE:
        raise UnreadableValueError(
            header, "ImageOrientationPatient", "a pair of perpendicular unit vectors"
        )
    return along_row / lengths[0], along_column / lengths[1]


def _extent(header: Dataset, keyword: str) -> int:
    extent = required_whole(header, keyword)
    if extent <= 0:
        raise UnreadableValueError(header, keyword, "a number of pixels")
    return extent


def _spacing(header: Dataset) -> tuple[float, ...]:
    spacing = required_numbers(header, "PixelSpacing", 2)
    if min(spacing) <= 0.0:
        raise UnreadableValueError(header, "PixelSpacing", "a pair of distances")
    return spacing


def _slice_step(
    rising: NDArray[np.float64], normal: NDArray[np.float64], header: Dataset
) -> NDArray[np.float64]:
    """Return the way from a plane to the next, shape (3,)."""
    if len(rising) == 1:
        return np.asarray(normal * _single_plane_distance(header), np.float64)
    series = required_text(header, "SeriesInstanceUID")
    gaps = np.diff(rising @ normal)
    usual = float(np.median(gaps))
    if gaps.min() <= _DOUBLED_PART_OF_SPACING * max(usual, gaps.max()):
        doubled = int(np.argmin(gaps))
        where = float(rising[doubled] @ normal)
        fact = f"two planes lie at {where:.3f} mm along the normal"
        raise IrregularPlanesError(fact, series)
    widest = int(np.argmax(np.abs(gaps - usual)))
    if abs(gaps[widest] - usual) > _REGULAR_PART_OF_SPACING * usual:
        where = float(rising[widest] @ normal)
        fact = (
            f"the plane after {where:.3f} mm along the normal follows in"
            f" {gaps[widest]:.3f} mm, where planes are {usual:.3f} mm apart"
        )
        raise IrregularPlanesError(fact, series)
    step = (rising[-1] - rising[0]) / (len(rising) - 1)
    expected = rising[0] + np.arange(len(rising))[:, np.newaxis] * step
    allowed = _REGULAR_PART_OF_SPACING * usual
    shear = float(np.linalg.norm(np.cross(step, normal)))
    if np.abs(rising - expected).max() > allowed or shear > allowed:
        fact = "the planes are not stacked in a straight line along their normal"
        raise IrregularPlanesError(fact, series)
    return np.asarray(step, np.float64)


def _single_plane_distance(header: Dataset) -> float:
    distance = number(header, "SpacingBetweenSlices") or number(
        header, "SliceThickness"
    )
    if distance is None or distance <= 0.0:
        raise UnreadableValueError(header, "SliceThickness", "a distance")
    return distance


def _vector(values: NDArray[np.float64]) -> Vector:
    return (float(values[0]), float(values[1]), float(values[2]))


class InconsistentSeriesError(DicomContentError):
    """Instances of one series contradict each other."""

    remedy = "Export the series again in one piece."

    def __init__(self, header: Dataset, keyword: str) -> None:
        super().__init__(
            "the attribute differs within the series",
            attribute=name_of(keyword),
            uid=text(header, "SOPInstanceUID") or None,
        )


class IrregularPlanesError(DicomContentError):
    """Planes of a series are doubled, missing or irregular."""

    reason = "incomplete_series"
    remedy = "Send the whole series again from its source."

    def __init__(self, fact: str, series_instance_uid: str) -> None:
        super().__init__(
            fact,
            attribute="ImagePositionPatient (0020,0032)",
            uid=series_instance_uid,
        )
