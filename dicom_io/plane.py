"""Where an image lies (PS3.3 C.7.6.2, C.7.6.16.2), as a header tells it.

Design choice: of a multi-frame image the two planes at each end are kept. They say how
far it reaches and how far planes are apart, which is all that a header is asked for.
"""

from dataclasses import dataclass

from pydicom.dataset import Dataset

from dicom_io.lenient import attribute_integer, attribute_items, attribute_numbers

_KEPT_AT_EACH_END = 2
_PLANE_GROUPS = {
    "PlanePositionSequence": "ImagePositionPatient",
    "PlaneOrientationSequence": "ImageOrientationPatient",
    "PixelMeasuresSequence": "PixelSpacing",
}


@dataclass(frozen=True)
class Plane:
    """Where a single-frame image lies (PS3.3 C.7.6.2).

    Attributes
    ----------
    position_mm : tuple of float
        *Image Position (Patient)*.
    orientation : tuple of float
        *Image Orientation (Patient)*, six cosines.
    rows, columns : int
    spacing_mm : tuple of float
        *Pixel Spacing*: between rows, between columns.
    """

    position_mm: tuple[float, float, float]
    orientation: tuple[float, float, float, float, float, float]
    rows: int
    columns: int
    spacing_mm: tuple[float, float]


def read_plane(dataset: Dataset) -> Plane | None:
    """Return the plane of a single-frame image; None where it is not told."""
    position = attribute_numbers(dataset, "ImagePositionPatient", 3)
    orientation = attribute_numbers(dataset, "ImageOrientationPatient", 6)
    spacing = attribute_numbers(dataset, "PixelSpacing", 2)
    rows, columns = (
        attribute_integer(dataset, "Rows"),
        attribute_integer(dataset, "Columns"),
    )
    if position is None or orientation is None or spacing is None:
        return None
    if rows is None or columns is None:
        return None
    x, y, z = position
    a, b, c, d, e, f = orientation
    between_rows, between_columns = spacing
    return Plane(
        (x, y, z), (a, b, c, d, e, f), rows, columns, (between_rows, between_columns)
    )


def read_outer_planes(dataset: Dataset) -> tuple[Plane, ...]:
    """Return the two planes at each end of a multi-frame image.

    Returns
    -------
    tuple of Plane
        Each place once; fewer than four where there are not as many. Empty where the
        place of a frame is not told.
    """
    shared = Dataset()
    shared.Rows = attribute_integer(dataset, "Rows")
    shared.Columns = attribute_integer(dataset, "Columns")
    for group in attribute_items(dataset, "SharedFunctionalGroupsSequence"):
        _take(group, shared)
    found = []
    for group in attribute_items(dataset, "PerFrameFunctionalGroupsSequence"):
        frame = Dataset(dict(shared.items()))
        _take(group, frame)
        plane = read_plane(frame)
        if plane is None:
            return ()
        found.append(plane)
    return _outer(found)


def _take(group: Dataset, header: Dataset) -> None:
    for sequence, keyword in _PLANE_GROUPS.items():
        for item in attribute_items(group, sequence):
            if keyword in item:
                header[keyword] = item.get_item(keyword, keep_deferred=True)


def _outer(planes: list[Plane]) -> tuple[Plane, ...]:
    if not planes:
        return ()
    a, b, c, d, e, f = planes[0].orientation
    normal = (b * f - c * e, c * d - a * f, a * e - b * d)
    placed = {
        sum(n * x for n, x in zip(normal, plane.position_mm, strict=True)): plane
        for plane in planes
    }
    ordered = [placed[place] for place in sorted(placed)]
    kept = [*ordered[:_KEPT_AT_EACH_END], *ordered[-_KEPT_AT_EACH_END:]]
    return tuple(dict.fromkeys(kept))
