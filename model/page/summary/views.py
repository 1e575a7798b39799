"""Pictures of an animal as arrays, before they have colours."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.floating]
Outline = NDArray[np.floating]


@dataclass(frozen=True)
class EdgeLetters:
    """Where the edges of a picture lie on the animal: L, R, A, P, H, F, or empty."""

    left: str = ""
    right: str = ""
    top: str = ""
    bottom: str = ""


@dataclass(frozen=True, eq=False)
class View:
    """A plane through the region, or a projection of the whole image.

    Attributes
    ----------
    title : str
        For example ``Axial``.
    position : str
        Where the plane lies, in words, or what a projection is of.
    uptake : ndarray, shape (rows, columns), g/ml
        The first row is drawn at the top. NaN where nothing was measured.
    spacing_mm : tuple of float
        Between rows, between columns; above 0.
    contours : sequence of ndarray, shape (points, 2)
        Closed outlines of the region as (row, column) of `uptake`, in which the centre
        of the first pixel is (0, 0). None where the plane misses the region.
    letters : EdgeLetters
    anatomy : ndarray, shape (any, any), or None
        CT of the same field of view, with edges where those of `uptake` lie; its
        pixels may be finer. NaN outside of the CT.
    index : ndarray, shape (rows, columns), or None
        The local index on the pixels of `uptake`, NaN where undefined.
    """

    title: str
    position: str
    uptake: Plane
    spacing_mm: tuple[float, float]
    contours: Sequence[Outline] = ()
    letters: EdgeLetters = EdgeLetters()
    anatomy: Plane | None = None
    index: Plane | None = None
