"""Where a single-frame image lies (PS3.3 C.7.6.2), as a header tells it."""

from dataclasses import dataclass

from pydicom.dataset import Dataset

from dicom_io.lenient import attribute_integer, attribute_numbers


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
