"""A reader of result objects that shares nothing with the writer: pydicom and numpy.

Points are voxel centres in the patient, LPS millimetres, by each object's own
geometry, so that objects with frames in any order compare as sets of points.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

GROUP = "125007"
TRACKING_IDENTIFIER = "112039"
TRACKING_UID = "112040"
BASE_UNITS = {
    "1": 1.0,
    "{ratio}": 1.0,
    "%": 0.01,
    "[ppth]": 1e-3,
    "10*-2": 1e-2,
    "10*-3": 1e-3,
    "10*-4": 1e-4,
    "10*-6": 1e-6,
    "mm3": 1e-3,
    "mg": 1e-3,
    "g": 1.0,
    "cm3": 1.0,
    "ml": 1.0,
    "%{ID}/kg": 1e-3,
}
"""What a unit's number is multiplied by: to 1, to ml, to g, to per gram."""


@dataclass(frozen=True)
class Number:
    """A measurement as a report says it."""

    meaning: str
    code: str
    value: float | None
    unit: str
    qualifier: str | None


@dataclass(frozen=True)
class Group:
    """A measurement group of a report."""

    tracking_identifier: str
    tracking_uid: str
    numbers: list[Number]
    items: list[Dataset]


@dataclass(frozen=True)
class Voxels:
    """Voxels of an image: centres, shape (voxels, 3), and what is stored there."""

    points: NDArray[np.float64]
    values: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))


def groups(report: Dataset) -> list[Group]:
    """Return the measurement groups of a report."""
    return [
        _group(item)
        for item in _items(report)
        if item.ValueType == "CONTAINER" and _concept(item).CodeValue == GROUP
    ]


def outlined(group: Group, plane_of: Callable[[str, int | None], Dataset]) -> Voxels:
    """Return the voxels inside of the polylines that a group has on images.

    Parameters
    ----------
    group : Group
    plane_of : callable
        Gives the slice that an image, or a frame of one, is.
    """
    masks: dict[tuple[str, int | None], NDArray[np.bool_]] = {}
    for item in group.items:
        if item.ValueType == "SCOORD":
            (reference,) = item.ContentSequence[0].ReferencedSOPSequence
            frame = reference.get("ReferencedFrameNumber")
            image = (
                str(reference.ReferencedSOPInstanceUID),
                None if frame is None else int(frame),
            )
            plane = plane_of(*image)
            inside = _enclosed(item.GraphicData, (plane.Rows, plane.Columns))
            # Several on one image are a union.
            masks[image] = masks.get(image, np.zeros_like(inside)) | inside
    return _joined([_inside(_plane(plane_of(*at)), mask) for at, mask in masks.items()])


def segment(segmentation: Dataset, number: int) -> Voxels:
    """Return the voxels of a segment."""
    # Of a single frame the reader gives no axis of frames.
    pixels = segmentation.pixel_array.reshape(
        -1, segmentation.Rows, segmentation.Columns
    )
    planes = [
        _inside(_frame_geometry(segmentation, index), pixels[index] != 0).points
        for index, frame in enumerate(segmentation.PerFrameFunctionalGroupsSequence)
        if frame.SegmentIdentificationSequence[0].ReferencedSegmentNumber == number
    ]
    return Voxels(np.concatenate(planes))


def mapped(parametric_map: Dataset) -> Voxels:
    """Return the voxels of a Parametric Map that have a value, in real-world values."""
    # Read as they lie, since a decoder might have ideas of its own about NaN.
    name = (
        "FloatPixelData"
        if "FloatPixelData" in parametric_map
        else "DoubleFloatPixelData"
    )
    kind = "<f4" if name == "FloatPixelData" else "<f8"
    frames = np.frombuffer(parametric_map[name].value, kind).reshape(
        -1, parametric_map.Rows, parametric_map.Columns
    )
    found = []
    for index, frame in enumerate(frames):
        slope, intercept = _real_world(parametric_map, index)
        plane = _inside(_frame_geometry(parametric_map, index), ~np.isnan(frame), frame)
        found.append(Voxels(plane.points, slope * plane.values + intercept))
    return _joined(found)


def single_frames(instances: Sequence[Dataset]) -> Voxels:
    """Return the voxels of single-frame images that are no padding, rescaled."""
    found = []
    for each in instances:
        stored = each.pixel_array.astype(float)
        padding = each.get("PixelPaddingValue")
        valid = (
            stored != padding if padding is not None else np.ones(stored.shape, bool)
        )
        rescaled = stored * float(each.RescaleSlope) + float(each.RescaleIntercept)
        found.append(_inside(_plane(each), valid, rescaled))
    return _joined(found)


def contoured(region: Dataset, images: Sequence[Dataset]) -> Voxels:
    """Return the voxels inside of a structure set's region.

    A voxel is inside of a contour when its centre is, by even and odd crossings, and
    inside of the region when it is inside of an odd number of a plane's contours.
    """
    contours = [
        np.reshape(np.array(item.ContourData, float), (-1, 3))
        for item in region.ContourSequence
    ]
    first = _plane(images[0])
    normal = np.cross(first.row, first.column)
    heights = np.array([_plane(each).origin @ normal for each in images])
    found = []
    for image, height in zip(images, heights, strict=True):
        plane = _plane(image)
        inside = np.zeros((image.Rows, image.Columns), bool)
        for contour in contours:
            nearest = np.abs(heights - contour.mean(axis=0) @ normal).argmin()
            if heights[nearest] == height:
                inside ^= _even_odd(plane, inside.shape, contour)
        found.append(_inside(plane, inside))
    return _joined(found)


def values_at(voxels: Voxels, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the values of the voxels whose centres are the points."""
    places = nearest(voxels.points, points)
    return voxels.values[places]


def difference(one: Voxels, other: Voxels) -> NDArray[np.float64] | None:
    """Return by how much voxels differ from others, at the places of the others.

    None when not all of the others have a counterpart.
    """
    places = _places(one.points, other.points)
    return None if -1 in places else one.values[places] - other.values


def nearest(
    points: NDArray[np.float64], wanted: NDArray[np.float64]
) -> NDArray[np.intp]:
    """Return which point each wanted one is, to a hundredth of a millimetre."""
    places = _places(points, wanted)
    assert -1 not in places, "a voxel has no counterpart"
    return places


def same_points(one: Voxels, other: Voxels) -> bool:
    """Return whether the voxels are at the same places."""
    ours, theirs = _keys(one.points), _keys(other.points)
    return len(ours) == len(theirs) and np.array_equal(
        np.unique(ours), np.unique(theirs)
    )


def all_references(dataset: Dataset) -> Iterator[tuple[str, str]]:
    """Give SOP Class and instance of everything that a data set refers to."""
    for element in dataset:
        if element.VR == "SQ":
            for item in element.value:
                yield from all_references(item)
    if "ReferencedSOPInstanceUID" in dataset:
        yield str(dataset.ReferencedSOPClassUID), str(dataset.ReferencedSOPInstanceUID)


@dataclass(frozen=True)
class _Plane:
    origin: NDArray[np.float64]
    row: NDArray[np.float64]
    column: NDArray[np.float64]
    spacing: tuple[float, float]


def _items(dataset: Dataset) -> Iterator[Dataset]:
    for item in dataset.get("ContentSequence", []):
        yield item
        yield from _items(item)


def _concept(item: Dataset) -> Dataset:
    sequence = item.get("ConceptNameCodeSequence") or [Dataset()]
    concept: Dataset = sequence[0]
    concept.setdefault("CodeValue", "")
    concept.setdefault("CodeMeaning", "")
    return concept


def _group(container: Dataset) -> Group:
    items = list(_items(container))
    texts: dict[str, Any] = {
        _concept(item).CodeValue: item.get("TextValue") or item.get("UID")
        for item in container.ContentSequence
        if item.ValueType in ("TEXT", "UIDREF")
    }
    numbers = [_number(item) for item in items if item.ValueType == "NUM"]
    return Group(
        str(texts[TRACKING_IDENTIFIER]), str(texts[TRACKING_UID]), numbers, items
    )


def _number(item: Dataset) -> Number:
    concept = _concept(item)
    qualifier = item.get("NumericValueQualifierCodeSequence")
    why = qualifier[0].CodeValue if qualifier else None
    if not item.MeasuredValueSequence:
        return Number(concept.CodeMeaning, concept.CodeValue, None, "", why)
    measured = item.MeasuredValueSequence[0]
    (unit,) = measured.MeasurementUnitsCodeSequence
    # The exact number stands beside the decimal one where that could not hold it.
    exact = measured.get("FloatingPointValue")
    value = float(measured.NumericValue) if exact is None else float(exact)
    return Number(concept.CodeMeaning, concept.CodeValue, value, unit.CodeValue, why)


def _shared_or_own(dataset: Dataset, index: int, name: str) -> Dataset:
    frame = dataset.PerFrameFunctionalGroupsSequence[index]
    shared = dataset.SharedFunctionalGroupsSequence[0]
    item: Dataset = (frame.get(name) or shared.get(name))[0]
    return item


def _frame_geometry(dataset: Dataset, index: int) -> _Plane:
    measures = _shared_or_own(dataset, index, "PixelMeasuresSequence")
    position = _shared_or_own(dataset, index, "PlanePositionSequence")
    orientation = _shared_or_own(dataset, index, "PlaneOrientationSequence")
    return _geometry(
        position.ImagePositionPatient,
        orientation.ImageOrientationPatient,
        measures.PixelSpacing,
    )


def _plane(image: Dataset) -> _Plane:
    return _geometry(
        image.ImagePositionPatient, image.ImageOrientationPatient, image.PixelSpacing
    )


def _geometry(position: Any, orientation: Any, spacing: Any) -> _Plane:
    axes = np.array(orientation, float)
    return _Plane(
        np.array(position, float),
        axes[:3],
        axes[3:],
        (float(spacing[0]), float(spacing[1])),
    )


def _centres(plane: _Plane, shape: tuple[int, int]) -> NDArray[np.float64]:
    down = np.arange(shape[0])[:, np.newaxis, np.newaxis] * plane.spacing[0]
    along = np.arange(shape[1])[np.newaxis, :, np.newaxis] * plane.spacing[1]
    return np.asarray(plane.origin + down * plane.column + along * plane.row)


def _inside(
    plane: _Plane, inside: NDArray[np.bool_], values: NDArray[Any] | None = None
) -> Voxels:
    shape = (inside.shape[0], inside.shape[1])
    kept = np.empty(0) if values is None else values[inside].astype(float)
    return Voxels(_centres(plane, shape)[inside], kept)


def _joined(planes: Sequence[Voxels]) -> Voxels:
    return Voxels(
        np.concatenate([plane.points for plane in planes]),
        np.concatenate([plane.values for plane in planes]),
    )


def _even_odd(
    plane: _Plane, shape: tuple[int, int], contour: NDArray[np.float64]
) -> NDArray[np.bool_]:
    across = (contour - plane.origin) @ plane.row / plane.spacing[1]
    down = (contour - plane.origin) @ plane.column / plane.spacing[0]
    rows = np.arange(shape[0])[:, np.newaxis]
    columns = np.arange(shape[1])[np.newaxis, :]
    inside = np.zeros(shape, bool)
    for x0, y0, x1, y1 in zip(
        across, down, np.roll(across, -1), np.roll(down, -1), strict=True
    ):
        if y0 != y1:
            crossing = x0 + (rows - y0) * (x1 - x0) / (y1 - y0)
            inside ^= ((y0 > rows) != (y1 > rows)) & (columns < crossing)
    return inside


def _enclosed(data: Sequence[float], shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Return the pixels whose centres a polyline encloses (PS3.3 C.18.6.1.1)."""
    points = np.array(data, float).reshape(-1, 2)
    pixels = _Plane(np.zeros(3), np.eye(3)[0], np.eye(3)[1], (1.0, 1.0))
    # Whole numbers are edges; the centre of the first pixel is half a pixel on.
    corners = np.column_stack([points[:-1] - 0.5, np.zeros(len(points) - 1)])
    return _even_odd(pixels, shape, corners)


def _real_world(dataset: Dataset, index: int) -> tuple[float, float]:
    mapping = _shared_or_own(dataset, index, "RealWorldValueMappingSequence")
    return float(mapping.RealWorldValueSlope), float(mapping.RealWorldValueIntercept)


def _places(
    points: NDArray[np.float64], wanted: NDArray[np.float64]
) -> NDArray[np.intp]:
    """Return which point each wanted one is; -1 for none."""
    if not len(points):
        return np.full(len(wanted), -1)
    known, sought = _keys(points), _keys(wanted)
    order = np.argsort(known)
    last = np.searchsorted(known, sought, side="right", sorter=order) - 1
    places = order[last]
    return np.where(known[places] == sought, places, -1)


def _keys(points: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return a number for each point, the same for the same place."""
    # Centres are computed by sums of their own in each object: they are equal to some
    # 1e-10 mm, and voxels are a tenth of a millimetre and more apart.
    steps = np.rint((points + 3.7e-4) / 0.01).astype(np.int64) + (1 << 20)
    assert ((steps >= 0) & (steps < 1 << 21)).all(), "a point further than ten metres"
    return np.asarray((steps[:, 0] << 42) | (steps[:, 1] << 21) | steps[:, 2])
