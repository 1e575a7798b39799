"""What is drawn on a sheet, and where.

Coordinates are pixels of the colour image from the sheet's upper left corner, x to the
right and y down; the PDF scales them to its paper.

Design choice: the sheet has the shape of A4 on its side, so that a page prints without
margins of its own, and 1600 columns, which most screens show without scaling.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT = 1600, 1132

Colour = tuple[int, int, int]
"""Red, green, blue, 0 to 255."""


class Weight(StrEnum):
    """How heavy letters are."""

    REGULAR = "regular"
    BOLD = "bold"


class Anchor(StrEnum):
    """Which point of a line of text its x is."""

    LEFT = "left"
    MIDDLE = "middle"
    RIGHT = "right"


@dataclass(frozen=True)
class Box:
    """A rectangle with its sides along the axes."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """The x of its right side."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """The y of its lower side."""
        return self.y + self.height


@dataclass(frozen=True)
class Look:
    """How text looks.

    Attributes
    ----------
    size : float
        Of the letters' em, in pixels.
    colour : tuple of int
    weight : Weight
    halo : tuple of int, or None
        Colour of a rim round the letters, for text on a picture.
    """

    size: float
    colour: Colour
    weight: Weight = Weight.REGULAR
    halo: Colour | None = None


@dataclass(frozen=True)
class Text:
    """One line of text; `y` is its base line."""

    x: float
    y: float
    words: str
    look: Look
    anchor: Anchor = Anchor.LEFT


@dataclass(frozen=True)
class Rectangle:
    """A filled rectangle."""

    box: Box
    fill: Colour


@dataclass(frozen=True, eq=False)
class Stroke:
    """A line through points.

    Attributes
    ----------
    points : ndarray, shape (points, 2)
        As (x, y).
    width : float
    colour : tuple of int
    closed : bool
    clip : Box or None
        Nothing is drawn outside of it.
    """

    points: NDArray[np.floating]
    width: float
    colour: Colour
    closed: bool = False
    clip: Box | None = None


@dataclass(frozen=True)
class Disc:
    """A point of a chart: a filled circle with a rim."""

    x: float
    y: float
    radius: float
    fill: Colour
    rim: Colour
    rim_width: float = 2.0


@dataclass(frozen=True, eq=False)
class Picture:
    """Pixels.

    Attributes
    ----------
    x, y : int
        Of the upper left corner.
    pixels : ndarray of uint8, shape (rows, columns, 3)
        A pixel for each of the sheet's.
    name : str
        In words, for those who take a page apart.
    """

    x: int
    y: int
    pixels: NDArray[np.uint8]
    name: str


Mark = Text | Rectangle | Stroke | Disc | Picture


@dataclass(frozen=True, eq=False)
class Sheet:
    """A page that is laid out.

    Attributes
    ----------
    title : str
    marks : sequence of Mark
        In the order of drawing.
    """

    title: str
    marks: Sequence[Mark]


def line(start: tuple[float, float], end: tuple[float, float], look: Colour) -> Stroke:
    """Return a thin straight line."""
    return Stroke(np.array([start, end], dtype=float), 1.0, look)
