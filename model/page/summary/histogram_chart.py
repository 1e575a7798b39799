"""How the SUV of the region is distributed."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from model.page.summary.axes import (
    FOOT,
    Axis,
    below,
    chart_title,
    dashed,
    nothing,
    padded,
    room_left,
    ticks_below,
    ticks_left,
)
from model.page.summary.marks import Box, Mark, Rectangle
from model.page.summary.palette import ACCENT_PALE, INK

_MOST_BINS = 25


def histogram_chart(region: NDArray[np.floating], box: Box) -> Iterator[Mark]:
    """Give the histogram, with the mean as a line of dashes.

    Parameters
    ----------
    region : ndarray, g/ml
        NaN is left out.
    box : Box
        Its y is the base line of the title.
    """
    values = np.asarray(region, dtype=float)
    values = values[np.isfinite(values)]
    yield from chart_title(box, "Uptake in the region", "voxels")
    area = Box(box.x, box.y + 14, box.width, box.height - 14)
    if not values.size:
        yield from nothing(area, "No voxel has a value.")
        return
    low, high = padded(float(values.min()), float(values.max()), 0.0)
    # Of an odd number, one lies about values that are all the same.
    bins = int(np.clip(np.sqrt(values.size), 5, _MOST_BINS)) | 1
    counts, edges = np.histogram(values, bins=bins, range=(low, high))
    most = float(counts.max()) * 1.05
    left = box.x + room_left(0, most)
    across = Axis(*padded(low, high, 0.02), left, box.right)
    up = Axis(0.0, most, area.bottom - FOOT, area.y)
    yield from ticks_left(up, left, box.right, whole=True)
    for count, start, end in zip(counts, edges[:-1], edges[1:], strict=True):
        if count:
            x, y = across.at(start), up.at(float(count))
            width = max(2.0, across.at(end) - x - 1)
            yield Rectangle(Box(x, y, width, up.start - y), ACCENT_PALE)
    mean = across.at(float(values.mean()))
    yield from dashed((mean, up.end), (mean, up.start), INK)
    yield from ticks_below(across, up.start)
    yield from below(area, "SUV (g/ml)", "dashed: mean")
