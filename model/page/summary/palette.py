"""Colours of the summary page, and colour tables.

Design choice: one accent for what is this page's own, ink and two greys for all else,
and vermilion for warnings alone. Colour tables are perceptually uniform and read the
same with any colour vision: inferno for uptake over CT, grey for a projection, viridis
for the index, so that nobody takes one for another (Nunez et al. 2018,
doi:10.1371/journal.pone.0199239, compare viridis with cividis).

Design choice: not cividis, whose middle is a grey: over a picture in grey, a voxel of
the index would look like one that has none.
"""

from functools import lru_cache

import numpy as np
from matplotlib import colormaps
from numpy.typing import NDArray

from model.page.summary.marks import Colour, Look, Weight

INK: Colour = (31, 41, 51)
QUIET: Colour = (82, 96, 109)
FAINT: Colour = (203, 210, 217)
PALE: Colour = (233, 237, 241)
WHITE: Colour = (255, 255, 255)
BLACK: Colour = (0, 0, 0)
ACCENT: Colour = (0, 102, 166)
ACCENT_PALE: Colour = (158, 199, 226)
WARNING: Colour = (190, 80, 0)
CONTOUR: Colour = (110, 220, 255)
HALO: Colour = (10, 16, 24)

SMALL_SIZE = 16.0
"""Of the smallest text of a page."""
SMALL = Look(SMALL_SIZE, INK)
SMALL_QUIET = Look(SMALL_SIZE, QUIET)
SMALL_BOLD = Look(SMALL_SIZE, INK, Weight.BOLD)
SMALL_ACCENT = Look(SMALL_SIZE, ACCENT, Weight.BOLD)
TITLE = Look(18.0, INK, Weight.BOLD)
ON_DARK = Look(SMALL_SIZE, WHITE, Weight.BOLD, halo=HALO)
ON_LIGHT = Look(SMALL_SIZE, INK, Weight.BOLD, halo=WHITE)


@lru_cache
def table_of(name: str) -> NDArray[np.uint8]:
    """Return a colour table, shape (256, 3), by matplotlib's name."""
    table: NDArray[np.uint8] = colormaps[name](np.arange(256), bytes=True)[:, :3]
    table = np.ascontiguousarray(table)
    table.setflags(write=False)
    return table


def coloured(values: NDArray[np.floating], name: str) -> NDArray[np.uint8]:
    """Return colours of values from 0 to 1; beyond, those of the ends.

    Parameters
    ----------
    values : ndarray
        Finite.
    name : str
    """
    places = (np.clip(values, 0.0, 1.0) * 255.0 + 0.5).astype(np.uint8)
    result: NDArray[np.uint8] = np.take(table_of(name), places, axis=0)
    return result
