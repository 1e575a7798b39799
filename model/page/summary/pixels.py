"""A sheet as the pixels of a colour image."""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from model.page.summary.marks import (
    HEIGHT,
    WIDTH,
    Anchor,
    Box,
    Colour,
    Disc,
    Mark,
    Picture,
    Rectangle,
    Sheet,
    Stroke,
    Text,
)
from model.page.summary.page import OverviewPage, SummaryPage
from model.page.summary.sheet import sheet_of
from model.page.summary.wording import font

_FINER = 3
"""Strokes are drawn so many times larger, and made small again, for smooth edges."""
_HALO = 2
_ANCHORS = {Anchor.LEFT: "ls", Anchor.MIDDLE: "ms", Anchor.RIGHT: "rs"}

_Paint = Callable[[ImageDraw.ImageDraw, float, float], None]
"""Draws into a mask whose upper left corner is at the given x and y of the sheet."""


def page_pixels(page: SummaryPage | OverviewPage) -> NDArray[np.uint8]:
    """Return a page as a colour image.

    Parameters
    ----------
    page : SummaryPage or OverviewPage

    Returns
    -------
    ndarray of uint8, shape (rows, columns, 3)
        Red, green, blue; always of the same size.
    """
    return sheet_pixels(sheet_of(page))


def sheet_pixels(sheet: Sheet) -> NDArray[np.uint8]:
    """Return a sheet as a colour image, shape (rows, columns, 3)."""
    image = Image.new("RGB", (WIDTH, HEIGHT), "white")
    draw = ImageDraw.Draw(image)
    for mark in sheet.marks:
        _draw(mark, image, draw)
    pixels = np.frombuffer(image.tobytes(), dtype=np.uint8)
    return pixels.reshape(HEIGHT, WIDTH, 3)


def _draw(mark: Mark, image: Image.Image, draw: ImageDraw.ImageDraw) -> None:
    match mark:
        case Text():
            _draw_text(mark, draw)
        case Rectangle():
            _fill(mark.box, mark.fill, draw)
        case Picture():
            image.paste(Image.fromarray(mark.pixels), (mark.x, mark.y))
        case Disc():
            _draw_disc(mark, image)
        case Stroke():
            _draw_stroke(mark, image, draw)


def _draw_text(mark: Text, draw: ImageDraw.ImageDraw) -> None:
    look = mark.look
    draw.text(
        (mark.x, mark.y),
        mark.words,
        fill=look.colour,
        font=font(look.size, look.weight),
        anchor=_ANCHORS[mark.anchor],
        stroke_width=_HALO if look.halo else 0,
        stroke_fill=look.halo,
    )


def _fill(box: Box, colour: Colour, draw: ImageDraw.ImageDraw) -> None:
    left, top = round(box.x), round(box.y)
    right = max(left, round(box.right) - 1)
    draw.rectangle((left, top, right, max(top, round(box.bottom) - 1)), fill=colour)


def _draw_disc(mark: Disc, image: Image.Image) -> None:
    def circle(radius: float) -> _Paint:
        def paint(mask: ImageDraw.ImageDraw, left: float, top: float) -> None:
            x, y = (mark.x - left) * _FINER, (mark.y - top) * _FINER
            reach = radius * _FINER
            mask.ellipse((x - reach, y - reach, x + reach, y + reach), fill=255)

        return paint

    whole = Box(
        mark.x - mark.radius, mark.y - mark.radius, 2 * mark.radius, 2 * mark.radius
    )
    _paint(image, whole, circle(mark.radius), mark.rim)
    _paint(image, whole, circle(mark.radius - mark.rim_width), mark.fill)


def _draw_stroke(mark: Stroke, image: Image.Image, draw: ImageDraw.ImageDraw) -> None:
    points = np.asarray(mark.points, dtype=float)
    low, high = points.min(axis=0), points.max(axis=0)
    half = mark.width / 2
    around = Box(low[0] - half, low[1] - half, *(high - low + mark.width)[:2].tolist())
    if (low == high).any() and mark.clip is None and not mark.closed:
        _fill(_crisp(points, mark.width), mark.colour, draw)
        return

    def paint(mask: ImageDraw.ImageDraw, left: float, top: float) -> None:
        finer = (points - (left, top)) * _FINER
        if mark.closed:
            finer = np.concatenate([finer, finer[:2]])
        width = max(1, round(mark.width * _FINER))
        path = [(float(x), float(y)) for x, y in finer]
        mask.line(path, fill=255, width=width, joint="curve")

    _paint(image, _within(around, mark.clip), paint, mark.colour)


def _crisp(points: NDArray[np.floating], width: float) -> Box:
    """Return the whole pixels of a line along an axis."""
    low, high = points.min(axis=0), points.max(axis=0)
    thick = max(1, round(width))
    if low[0] == high[0]:
        left = round(low[0] - thick / 2)
        return Box(left, low[1], thick, high[1] - low[1])
    return Box(low[0], round(low[1] - thick / 2), high[0] - low[0], thick)


def _within(box: Box, clip: Box | None) -> Box:
    if clip is None:
        return box
    left, top = max(box.x, clip.x), max(box.y, clip.y)
    right, bottom = min(box.right, clip.right), min(box.bottom, clip.bottom)
    return Box(left, top, max(0.0, right - left), max(0.0, bottom - top))


def _paint(image: Image.Image, around: Box, paint: _Paint, colour: Colour) -> None:
    """Lay a colour where a shape is, as much as it covers of each pixel."""
    around = _within(around, Box(0, 0, WIDTH, HEIGHT))
    left, top = math.floor(around.x), math.floor(around.y)
    size = (math.ceil(around.right) - left, math.ceil(around.bottom) - top)
    if min(size) <= 0:
        return
    mask = Image.new("L", (size[0] * _FINER, size[1] * _FINER))
    paint(ImageDraw.Draw(mask), left, top)
    image.paste(colour, (left, top, left + size[0], top + size[1]), mask.reduce(_FINER))
