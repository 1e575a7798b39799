"""The left side of a page: planes, projection and maps, with what reads them."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from model.page.summary.colouring import (
    FUSED,
    INDEX,
    PROJECTED,
    Colours,
    anatomy_window,
    base_of,
    fused,
    index_limits,
    index_over,
    projected,
    uptake_top,
)
from model.page.summary.framing import (
    Frame,
    around_region,
    close_side_mm,
    common_side_mm,
    whole,
)
from model.page.summary.marks import (
    Anchor,
    Box,
    Colour,
    Look,
    Mark,
    Picture,
    Rectangle,
    Stroke,
    Text,
)
from model.page.summary.numerals import brief, number
from model.page.summary.page import SummaryPage
from model.page.summary.palette import (
    BLACK,
    CONTOUR,
    FAINT,
    HALO,
    ON_DARK,
    ON_LIGHT,
    PALE,
    SMALL,
    SMALL_QUIET,
    TITLE,
    WHITE,
    table_of,
)
from model.page.summary.views import View
from model.page.summary.wording import one_line, shortened, width_of, wrapped

PANEL = 290
"""Side of a picture."""
GAP = 20
_BAR_HEIGHT = 12
_POSITION = 110.0
"""Room that the beginning of a position is worth."""
_MAPS = 2
_PLANES = 3
_INSET = 8
_SHORTER = np.array([(2.0, 0.0), (-2.0, 0.0)])
"""Added to a line, makes it shorter at both ends."""


def planes(page: SummaryPage, left: float, top: float) -> Iterator[Mark]:
    """Give the planes through the region: uptake over CT, with its scale below."""
    views = list(page.views[:_PLANES])
    highest = _top_of(page)
    window = page.anatomy_window or anatomy_window(views)
    side_mm = common_side_mm(views)
    for place in range(_PLANES):
        panel = _panel(left, top, place)
        if place >= len(views):
            yield from _empty(panel, "", "No plane")
            continue
        view = views[place]
        frame = around_region(view, panel, side_mm)
        pixels = fused(view, frame, highest, window)
        yield from _picture(view, frame, pixels, BLACK)
    yield from _scale_of_planes(page, left, top + PANEL + 14, highest)


def projection(page: SummaryPage, left: float, top: float) -> Iterator[Mark]:
    """Give the maximum intensity projection with its scale below."""
    panel = _panel(left, top, 0)
    if page.projection is None:
        yield from _empty(panel, "Projection", "No projection")
        return
    highest = _top_of(page)
    frame = whole(page.projection, panel, highest)
    pixels = projected(page.projection, frame, highest)
    yield from _picture(page.projection, frame, pixels, WHITE)
    yield from colour_bar(
        Box(left, top + PANEL + 14, PANEL, _BAR_HEIGHT),
        PROJECTED,
        ("0", _top_in_words([page.projection], highest)),
    )


def maps(page: SummaryPage, left: float, top: float) -> Iterator[Mark]:
    """Give the local index in one or two planes, with its scale below."""
    views = list(page.views[:_PLANES])
    mapped = [view for view in views if view.index is not None][:_MAPS]
    limits = index_limits(mapped)
    both = Box(left, top, _MAPS * PANEL + GAP, PANEL)
    if limits is None:
        yield from _empty(
            both, "Local texture index", "The local index is undefined in these planes."
        )
        return
    window = page.anatomy_window or anatomy_window(views)
    side_mm = close_side_mm(mapped)
    for place, view in enumerate(mapped):
        frame = around_region(view, _panel(left, top, place), side_mm)
        base = base_of(view, frame, _top_of(page), window)
        empty = BLACK if view.anatomy is not None else WHITE
        pixels = index_over(view, frame, limits, base)
        yield from _picture(view, frame, pixels, empty, named="Local index")
    yield from colour_bar(
        Box(left, top + PANEL + 14, 250, _BAR_HEIGHT),
        INDEX,
        _ends(mapped, limits),
        # What the map is not stands where the map is.
        "no unit; locates no cells; grey: no value",
        both.right,
    )


def colour_bar(
    box: Box,
    table: str,
    ends: tuple[str, str],
    after: str = "",
    right: float = 0.0,
) -> Iterator[Mark]:
    """Give a colour scale between the words of its ends.

    Parameters
    ----------
    box : Box
        Of the scale with its ends.
    table : str
        Name of the colours.
    ends : tuple of str
    after : str
        Words behind it.
    right : float
        Where these must end.
    """
    baseline = box.y + _BAR_HEIGHT
    low, high = (width_of(words, SMALL) for words in ends)
    first, last = round(box.x + low + 8), round(box.right - high - 8)
    steps = np.linspace(0, 255, max(2, last - first)).astype(np.uint8)
    row = table_of(table)[steps]
    pixels = np.repeat(row[None], _BAR_HEIGHT, axis=0)
    yield Text(box.x, baseline, ends[0], SMALL)
    edge = Box(first - 1, box.y - 1, len(steps) + 2, _BAR_HEIGHT + 2)
    yield Rectangle(edge, SMALL_QUIET.colour)
    yield Picture(first, round(box.y), pixels, f"scale of {table}")
    yield Text(box.right, baseline, ends[1], SMALL, Anchor.RIGHT)
    if after:
        start = box.right + 14
        yield Text(start, baseline, shortened(after, SMALL, right - start), SMALL)


def _scale_of_planes(
    page: SummaryPage, left: float, top: float, highest: float
) -> Iterator[Mark]:
    right = left + _PLANES * PANEL + (_PLANES - 1) * GAP
    bar = Box(left, top, PANEL, _BAR_HEIGHT)
    lies_over = any(view.anatomy is not None for view in page.views[:_PLANES])
    words = " ".join(
        part for part in ("SUV", page.tracer and f"of {page.tracer}") if part
    )
    words += " over CT in grey" if lies_over else "; no CT"
    key = "region"
    key_left = right - width_of(key, SMALL) - 44
    ends = ("0", _top_in_words(page.views[:_PLANES], highest))
    yield from colour_bar(bar, FUSED, ends, words, key_left - 20)
    middle = top + _BAR_HEIGHT / 2
    swatch = np.array([(key_left, middle), (key_left + 34, middle)])
    yield Stroke(swatch, 6.0, HALO)
    yield Stroke(swatch + _SHORTER, 2.0, CONTOUR)
    yield Text(right, top + _BAR_HEIGHT, key, SMALL, Anchor.RIGHT)


def _picture(
    view: View, frame: Frame, pixels: Colours, empty: Colour, named: str = ""
) -> Iterator[Mark]:
    panel = frame.panel
    title = f"{named}, {view.title.lower()}" if named else view.title
    yield from _titled(panel, title, view.position)
    yield Rectangle(panel, empty)
    yield Picture(round(frame.box.x), round(frame.box.y), pixels, title)
    if empty == WHITE:
        yield from _edge(panel)
    for outline in view.contours:
        points = frame.on_sheet(np.asarray(outline, dtype=float))
        yield Stroke(points, 4.0, HALO, closed=True, clip=frame.box)
        yield Stroke(points, 1.8, CONTOUR, closed=True, clip=frame.box)
    look = ON_LIGHT if empty == WHITE else ON_DARK
    yield from _letters(view, panel, look)
    yield from _scale_bar(frame, look)


def _titled(panel: Box, title: str, position: str) -> Iterator[Mark]:
    title = shortened(title, TITLE, panel.width)
    yield Text(panel.x, panel.y - 10, title, TITLE)
    room = panel.width - width_of(title, TITLE) - 12
    words = one_line(position)
    # The plane's own picture says where it lies; a map has room for it or has not.
    if words and width_of(words, SMALL_QUIET) > room:
        words = shortened(words, SMALL_QUIET, room) if room > _POSITION else ""
    if words:
        yield Text(panel.right, panel.y - 10, words, SMALL_QUIET, Anchor.RIGHT)


def _edge(panel: Box) -> Iterator[Mark]:
    x, y, right, bottom = panel.x, panel.y, panel.right, panel.bottom
    corners = np.array([(x, y), (right, y), (right, bottom), (x, bottom), (x, y)])
    for start, end in pairwise(corners):
        yield Stroke(np.array([start, end]), 1.0, FAINT)


def _letters(view: View, panel: Box, look: Look) -> Iterator[Mark]:
    middle = panel.y + panel.height / 2 + 6
    centre = panel.x + panel.width / 2
    for words, x, y, anchor in (
        (view.letters.left, panel.x + _INSET, middle, Anchor.LEFT),
        (view.letters.right, panel.right - _INSET, middle, Anchor.RIGHT),
        (view.letters.top, centre, panel.y + 20, Anchor.MIDDLE),
        (view.letters.bottom, centre, panel.bottom - _INSET, Anchor.MIDDLE),
    ):
        if words:
            yield Text(x, y, shortened(words, look, 40), look, anchor)


def _scale_bar(frame: Frame, look: Look) -> Iterator[Mark]:
    panel = frame.panel
    length_mm = _round_length(panel.width / frame.pixels_per_mm / 4)
    length = length_mm * frame.pixels_per_mm
    y = panel.bottom - _INSET - 2
    left = panel.x + _INSET + 2
    bar = np.array([(left, y), (left + length, y)])
    yield Stroke(bar - _SHORTER, 7.0, look.halo or look.colour)
    yield Stroke(bar, 3.0, look.colour)
    yield Text(left, y - 8, f"{length_mm:g} mm", look)


def _round_length(most_mm: float) -> float:
    power: float = 10.0 ** np.floor(np.log10(most_mm))
    return float(max(s * power for s in (1, 2, 5) if s * power <= most_mm * 1.001))


def _empty(panel: Box, title: str, words: str) -> Iterator[Mark]:
    look: Look = SMALL_QUIET
    if title:
        yield from _titled(panel, title, "")
    yield Rectangle(panel, PALE)
    lines = wrapped(words, look, panel.width - 40, 3)
    first = panel.y + panel.height / 2 - 11 * (len(lines) - 1)
    for place, line in enumerate(lines):
        x = panel.x + panel.width / 2
        yield Text(x, first + 22 * place, line, look, Anchor.MIDDLE)


def _panel(left: float, top: float, place: int) -> Box:
    return Box(left + place * (PANEL + GAP), top, PANEL, PANEL)


def _top_of(page: SummaryPage) -> float:
    return uptake_top(np.asarray(page.region_suv), list(page.views))


def _top_in_words(views: Sequence[View], highest: float) -> str:
    beyond = any(bool((view.uptake > highest).any()) for view in views)
    return f"{'≥ ' if beyond else ''}{brief(highest)} g/ml"


def _ends(views: Sequence[View], limits: tuple[float, float]) -> tuple[str, str]:
    """Return the words of the ends, which say so where values lie beyond them."""
    shown = np.concatenate(
        [v.index[np.isfinite(v.index)] for v in views if v.index is not None]
    )
    low = "≤ " if shown.min() < limits[0] else ""
    high = "≥ " if shown.max() > limits[1] else ""
    return f"{low}{number(limits[0])}", f"{high}{number(limits[1])}"
