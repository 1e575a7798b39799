"""Lines of voxel centres and where outlines cross them.

Design choice: a centre that lies on an outline belongs to the side to which it would
move by an infinitesimal step along its line, then by a smaller one to the next line.
"""

import numpy as np
from numpy.typing import NDArray

from model.contours.axes import DECIMALS_OF_A_VOXEL
from model.contours.outlines import Integers, Outlines, runs


def fill(view: NDArray[np.bool_], outlines: Outlines, layers: Integers) -> None:
    """Set what outlines enclose, by the even-odd rule.

    Parameters
    ----------
    view : ndarray of bool, shape (layers, lines, places)
        What is enclosed is set in it; layers without a crossing are left as they are.
    outlines : Outlines
        As indices of the view; those of layers are not looked at.
    layers : ndarray of int, shape (contours,)
        To which layer each contour applies.
    """
    crossings = _crossings(outlines, layers, view.shape)
    if not crossings.shape[1]:
        return
    which, lines, places = crossings
    used, rank = np.unique(which, return_inverse=True)
    top, bottom = int(lines.min()), int(lines.max()) + 1
    left, right = int(places.min()), int(places.max())
    # A centre is inside when an odd number of outlines lie at or before it. Counts may
    # wrap: only their last bit matters.
    counts = np.zeros((len(used), bottom - top, right - left + 1), np.uint8)
    np.add.at(counts, (rank, lines - top, places - left), np.uint8(1))
    np.add.accumulate(counts, axis=2, out=counts)
    view[used, top:bottom, left:right] = counts[:, :, :-1] & 1


def _crossings(
    outlines: Outlines, layers: Integers, shape: tuple[int, ...]
) -> Integers:
    """Return where outlines cross lines of voxel centres.

    Returns
    -------
    ndarray of int, shape (3, crossings)
        Layer, line, and the first place on it that is not before the crossing, from 0
        to the number of places.
    """
    starts, ends = outlines.points, outlines.next_points
    # Edges run up, whichever way they were drawn, so that they round alike.
    upward = (starts[:, 1] < ends[:, 1])[:, np.newaxis]
    low, high = np.where(upward, starts, ends), np.where(upward, ends, starts)
    first = np.clip(np.ceil(low[:, 1]), 0, shape[1]).astype(np.int64)
    stop = np.clip(np.ceil(high[:, 1]), 0, shape[1]).astype(np.int64)
    counts = stop - first
    edge = np.repeat(np.arange(len(low)), counts)
    lines = runs(first, counts)
    low, high = low[edge], high[edge]
    part = (lines - low[:, 1]) / (high[:, 1] - low[:, 1])
    places = low[:, 2] + part * (high[:, 2] - low[:, 2])
    places = np.ceil(np.round(places, DECIMALS_OF_A_VOXEL))
    places = np.clip(places, 0, shape[2])
    of_point = np.repeat(layers, outlines.sizes)
    return np.stack([of_point[edge], lines, places.astype(np.int64)])
