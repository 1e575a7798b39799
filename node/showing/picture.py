"""What of a result is drawn in a terminal: its page, or a slice of its map.

Design choice: a terminal that shows pixels gets the summary page, which is made to be
looked at; characters are too coarse for it, and get the slice that most of the region
lies on, the map over the image that it was computed from.

Design choice: a picture is an extra. What cannot be read for it costs the picture and
nothing of the numbers.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dicom_io.errors import DicomContentError
from dicom_io.results.images.map_content import INDEX_DISCLAIMER
from dicom_io.results.images.picture_reading import (
    MapSlice,
    read_colours,
    read_grey,
    read_map_slice,
    read_position,
)
from model.page.region_picture import region_picture
from node.records.kinds import ResultKind
from node.showing.graphics import Pixels
from node.showing.shown import ShownResult

_SAME_PLACE_MM = 0.01


@dataclass(frozen=True, eq=False)
class Picture:
    """A picture of a result.

    Attributes
    ----------
    pixels : ndarray of uint8, shape (rows, columns, 3)
    caption : str
    """

    pixels: Pixels
    caption: str


def page_picture(shown: ShownResult) -> Picture | None:
    """Return the first summary page; None where there is none that can be read."""
    for page in shown.of(ResultKind.SUMMARY):
        try:
            return Picture(read_colours(page.path), "")
        except (DicomContentError, OSError):
            continue
    return None


def map_picture(
    shown: ShownResult, images: Mapping[str, Path], columns: int
) -> Picture | None:
    """Return a slice of the first map; None where there is none that can be read.

    Parameters
    ----------
    shown : ShownResult
    images : mapping of str to Path
        Where source images lie, by SOP Instance UID, as far as they are known.
    columns : int
        Width, in pixels.
    """
    for found in shown.of(ResultKind.PARAMETRIC_MAP):
        try:
            piece = read_map_slice(found.path)
        except (DicomContentError, OSError):
            continue
        below = _below(piece, shown, images)
        low, high = np.nanmin(piece.values), np.nanmax(piece.values)
        return Picture(
            region_picture(piece.values, below, piece.spacing_mm, columns),
            f"{INDEX_DISCLAIMER}; {low:.3g} (blue) to {high:.3g} (yellow)",
        )
    return None


def _below(
    piece: MapSlice, shown: ShownResult, images: Mapping[str, Path]
) -> NDArray[np.float64] | None:
    """Return the image at the place of a slice, None where there is none."""
    try:
        path = images.get(piece.source_uid) or _slice_at(piece.position, shown)
        if path is None:
            return None
        frame = piece.source_frame if piece.source_uid in images else None
        below = read_grey(path, frame)
    except (DicomContentError, OSError):
        return None
    return below if below.shape == piece.values.shape else None


def _slice_at(position: tuple[float, ...], shown: ShownResult) -> Path | None:
    """Return the slice of the result's SUV series at a place."""
    if not position:
        return None
    for each in shown.of(ResultKind.SUV_SERIES):
        there = read_position(each.path)
        if there and np.allclose(there, position, rtol=0.0, atol=_SAME_PLACE_MM):
            return each.path
    return None
