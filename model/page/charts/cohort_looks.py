"""How groups look in the charts of a cohort: the same in all of them."""

from collections.abc import Sequence

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from model.page.drawing import COLOURS, MARKERS

WIDTH_MM = 160.0


def look_of(place: int) -> tuple[str, str]:
    """Return colour and marker of a group by its place."""
    # From the eighth group on the colours come again, with other shapes.
    shape = place + place // len(COLOURS)
    return COLOURS[place % len(COLOURS)], MARKERS[shape % len(MARKERS)]


def draw_key(figure: Figure, groups: Sequence[str]) -> None:
    """Draw which look is which group's, above all panels; nothing for one group."""
    if len(groups) < 2:  # noqa: PLR2004 - one group needs no key
        return
    keys = [
        Line2D([], [], color=look_of(place)[0], marker=look_of(place)[1], label=group)
        for place, group in enumerate(groups)
    ]
    figure.legend(handles=keys, loc="outside upper left", ncols=min(4, len(groups)))
