"""Which part of a picture is shown, where, and how large.

Design choice: the planes through a region share one scale in millimetres and show the
region in its surroundings: four times its extent, but at least a third of the image
and 64 of its pixels. The whole of a small animal's section is shown that way, and a
lesion of a patient is not lost in the body. Maps of the index come closer, since they
are about the region alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.page.summary.marks import Box
from model.page.summary.views import View

_REGION_SHARE = 4.0
_IMAGE_SHARE = 1 / 3
_LEAST_PIXELS = 64
_CLOSE, _CLOSE_PIXELS = 1.7, 12
_CONTENT = 0.04
"""Of the top of the scale: what is darker is no part of the animal."""
_MARGIN = 0.05

Span = tuple[float, float]


@dataclass(frozen=True)
class Frame:
    """A part of a view, and where it is drawn.

    Attributes
    ----------
    rows, columns : tuple of float
        First and last edge of what is shown; the first pixel is from 0 to 1.
    box : Box
        On the sheet, whole pixels.
    panel : Box
        The place that was given; what the picture does not fill is left empty.
    pixels_per_mm : float
    """

    rows: Span
    columns: Span
    box: Box
    panel: Box
    pixels_per_mm: float

    def on_sheet(self, outline: NDArray[np.floating]) -> NDArray[np.floating]:
        """Return (x, y) on the sheet of (row, column) of the view's pixels."""
        across = self.box.width / (self.columns[1] - self.columns[0])
        down = self.box.height / (self.rows[1] - self.rows[0])
        x = self.box.x + (outline[:, 1] + 0.5 - self.columns[0]) * across
        y = self.box.y + (outline[:, 0] + 0.5 - self.rows[0]) * down
        return np.stack([x, y], axis=1)


def common_side_mm(views: Sequence[View]) -> float:
    """Return the side of the square field that all planes are shown in."""
    region = max((max(_region_mm(view)) for view in views), default=0.0)
    image = max((max(_extent_mm(view)) for view in views), default=1.0)
    pixel = max((max(view.spacing_mm) for view in views), default=0.0)
    wanted = max(_REGION_SHARE * region, _IMAGE_SHARE * image, _LEAST_PIXELS * pixel)
    return min(wanted, image)


def close_side_mm(views: Sequence[View]) -> float:
    """Return the side of the square field that all maps of the region are shown in."""
    region = max((max(_region_mm(view)) for view in views), default=0.0)
    pixel = max((max(view.spacing_mm) for view in views), default=0.0)
    if not region:
        return common_side_mm(views)
    return min(max(_CLOSE * region, _CLOSE_PIXELS * pixel), common_side_mm(views))


def around_region(view: View, panel: Box, side_mm: float) -> Frame:
    """Return the part of a plane round the region."""
    middle = _middle(view)
    spans = tuple(
        _span(middle[axis], side_mm / view.spacing_mm[axis], view.uptake.shape[axis])
        for axis in (0, 1)
    )
    return _framed(view, (spans[0], spans[1]), panel, side_mm)


def whole(view: View, panel: Box, top: float) -> Frame:
    """Return all of a projection that holds anything, and the region.

    Parameters
    ----------
    view : View
    panel : Box
    top : float
        Uptake at the top of the scale, g/ml.
    """
    shown = np.nan_to_num(view.uptake, nan=0.0) > _CONTENT * top
    spans = []
    for axis in (0, 1):
        filled = np.flatnonzero(shown.any(axis=1 - axis))
        edges = [float(filled[0]), float(filled[-1]) + 1] if filled.size else []
        for outline in view.contours if edges else ():
            edges += [
                float(v) + 0.5 for v in (outline[:, axis].min(), outline[:, axis].max())
            ]
        size = view.uptake.shape[axis]
        low, high = (min(edges), max(edges)) if edges else (0.0, float(size))
        margin = _MARGIN * (high - low)
        spans.append((max(0.0, low - margin), min(float(size), high + margin)))
    side_mm = max(
        (span[1] - span[0]) * spacing
        for span, spacing in zip(spans, view.spacing_mm, strict=True)
    )
    return _framed(view, (spans[0], spans[1]), panel, side_mm)


def _framed(view: View, spans: tuple[Span, Span], panel: Box, side_mm: float) -> Frame:
    scale = min(panel.width, panel.height) / side_mm
    height, width = (
        max(1, min(round(room), round((span[1] - span[0]) * spacing * scale)))
        for span, spacing, room in zip(
            spans, view.spacing_mm, (panel.height, panel.width), strict=True
        )
    )
    left = round(panel.x + (panel.width - width) / 2)
    top = round(panel.y + (panel.height - height) / 2)
    return Frame(spans[0], spans[1], Box(left, top, width, height), panel, scale)


def _span(middle: float, wanted: float, size: int) -> Span:
    """Return a span of the wanted length about the middle, moved into the image."""
    if wanted >= size:
        return 0.0, float(size)
    low = min(max(0.0, middle - wanted / 2), size - wanted)
    return low, low + wanted


def _extent_mm(view: View) -> tuple[float, float]:
    rows, columns = view.uptake.shape
    return rows * view.spacing_mm[0], columns * view.spacing_mm[1]


def _region(view: View) -> tuple[Span, Span] | None:
    """Return where the region lies, in edges of pixels; None where it is unknown."""
    if not view.contours:
        return None
    points = np.concatenate(list(view.contours)) + 0.5
    low, high = points.min(axis=0), points.max(axis=0)
    return (float(low[0]), float(high[0])), (float(low[1]), float(high[1]))


def _region_mm(view: View) -> tuple[float, float]:
    found = _region(view)
    if found is None:
        return 0.0, 0.0
    rows, columns = found
    return (
        (rows[1] - rows[0]) * view.spacing_mm[0],
        (columns[1] - columns[0]) * view.spacing_mm[1],
    )


def _middle(view: View) -> tuple[float, float]:
    found = _region(view)
    if found is None:
        rows, columns = view.uptake.shape
        return rows / 2, columns / 2
    return sum(found[0]) / 2, sum(found[1]) / 2
