"""Arrays as colours: uptake over CT, a projection in grey, the index over both.

Design choice: uptake and CT are drawn smoothly, as viewers draw them; the local index
keeps its voxels, since between two of them it has no value.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model.page.summary.framing import Frame
from model.page.summary.numerals import rounded_up
from model.page.summary.palette import coloured
from model.page.summary.views import Plane, View

FUSED, PROJECTED, INDEX = "inferno", "gray_r", "viridis"
_OPAQUE = 0.8
"""Of uptake over CT."""
_OPAQUE_FROM = 0.4
"""Of the top of the scale; below it, uptake lets the CT through more and more."""
_TAILS = (0.5, 99.5)
"""Percentiles of a CT without a window."""
_ROOM = 1.4
_AIR_HU, _DENSE_HU = -600.0, 4000.0
_WINDOW_HU = (-400.0, 700.0)
_PALE = 0.45
"""Of what lies below the index: its contrast."""

Shown = NDArray[np.float32]
Colours = NDArray[np.uint8]


def uptake_top(region: NDArray[np.floating], views: list[View]) -> float:
    """Return the SUV at the top of the scale: a round number above the region's."""
    own = region[np.isfinite(region)]
    if own.size and own.max() > 0:
        return rounded_up(float(own.max()))
    rest = [view.uptake[np.isfinite(view.uptake)] for view in views]
    highest = max((float(part.max()) for part in rest if part.size), default=0.0)
    return rounded_up(highest)


def anatomy_window(views: list[View]) -> tuple[float, float]:
    """Return the values of the CT that are black and white.

    Those of soft tissue and bone where the values can be Hounsfield units; else nearly
    all that the CT holds, with some room above.
    """
    parts = [
        view.anatomy[np.isfinite(view.anatomy)].ravel()[::7]
        for view in views
        if view.anatomy is not None
    ]
    values = np.concatenate(parts) if parts else np.empty(0)
    if not values.size:
        return 0.0, 1.0
    low, high = (float(v) for v in np.percentile(values, _TAILS))
    if low < _AIR_HU and high < _DENSE_HU:
        return _WINDOW_HU
    return low, max(low + _ROOM * (high - low), low + 1e-6)


def fused(view: View, frame: Frame, top: float, window: tuple[float, float]) -> Colours:
    """Return uptake in colour over CT in grey, or alone where there is no CT."""
    share = _share(view, frame, top)
    colours = coloured(share, FUSED)
    if view.anatomy is None:
        return colours
    grey = _grey(view.anatomy, view, frame, window)[..., None]
    weight = np.clip(share * (_OPAQUE / _OPAQUE_FROM), 0.0, _OPAQUE)[..., None]
    mixed = colours * weight
    mixed += grey * 255.0 * (1.0 - weight)
    result: Colours = (mixed + 0.5).astype(np.uint8)
    return result


def projected(view: View, frame: Frame, top: float) -> Colours:
    """Return uptake in grey, dark where it is high."""
    return coloured(_share(view, frame, top), PROJECTED)


def index_over(
    view: View, frame: Frame, limits: tuple[float, float], base: Colours
) -> Colours:
    """Return the local index in colour, where it is defined, over a picture."""
    if view.index is None:
        return base
    low, high = limits
    middle = np.where(np.isfinite(view.index), 0.5, np.nan)
    # Before it is made small, since a number may be too large for that.
    span = high - low
    shares = np.clip((view.index - low) / span, 0.0, 1.0) if span > 0 else middle
    share = _resampled(shares, frame, view.index.shape, smooth=False)
    shown = np.isfinite(share)
    colours = coloured(np.where(shown, share, 0.0), INDEX)
    result: Colours = np.where(shown[..., None], colours, base)
    return result


def base_of(
    view: View, frame: Frame, top: float, window: tuple[float, float]
) -> Colours:
    """Return what lies below the index: the CT, or uptake in pale grey."""
    if view.anatomy is not None:
        grey = _grey(view.anatomy, view, frame, window)
        return coloured(grey, "gray")
    share = np.clip(_share(view, frame, top), 0.0, 1.0)
    return coloured(_PALE * share, PROJECTED)


def index_limits(views: list[View]) -> tuple[float, float] | None:
    """Return the ends of the index's colours; None where it is nowhere defined.

    The extremes; where these are far beyond the rest, the first and last two percent.
    """
    parts = [v.index[np.isfinite(v.index)] for v in views if v.index is not None]
    values = np.concatenate(parts) if parts else np.empty(0)
    if not values.size:
        return None
    low, high = float(values.min()), float(values.max())
    inner = [float(v) for v in np.percentile(values, (2, 98))]
    if inner[1] > inner[0] and high - low > 1.5 * (inner[1] - inner[0]):
        return inner[0], inner[1]
    return low, high


def _share(view: View, frame: Frame, top: float) -> Shown:
    """Return uptake as a part of the top of the scale; far beyond it, four times."""
    return _resampled(np.clip(view.uptake / top, 0.0, 4.0), frame, view.uptake.shape)


def _grey(
    anatomy: Plane, view: View, frame: Frame, window: tuple[float, float]
) -> NDArray[np.floating]:
    low, high = window
    filled = np.nan_to_num(anatomy, nan=low, posinf=high, neginf=low)
    shown = _resampled(np.clip(filled, low, high), frame, view.uptake.shape)
    grey: NDArray[np.floating] = np.clip((shown - low) / (high - low), 0.0, 1.0)
    return grey


def _resampled(
    plane: Plane, frame: Frame, shape: tuple[int, ...], *, smooth: bool = True
) -> Shown:
    """Return what a frame shows of a plane, a value for each pixel of the sheet.

    Parameters
    ----------
    plane : ndarray
        Of the same field of view as the pixels that the frame counts.
    frame : Frame
    shape : tuple of int
        Of those pixels.
    smooth : bool
    """
    values = np.asarray(plane, dtype=np.float32)
    if smooth:
        values = np.where(np.isfinite(values), values, np.float32(0.0))
    down, across = values.shape[0] / shape[0], values.shape[1] / shape[1]
    image = Image.fromarray(np.ascontiguousarray(values))
    return np.asarray(
        image.resize(
            (round(frame.box.width), round(frame.box.height)),
            Image.Resampling.BILINEAR if smooth else Image.Resampling.NEAREST,
            box=(
                frame.columns[0] * across,
                frame.rows[0] * down,
                min(frame.columns[1] * across, values.shape[1]),
                min(frame.rows[1] * down, values.shape[0]),
            ),
        )
    )
