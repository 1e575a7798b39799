"""Figures in the house's style, and how they become pictures.

    figure = new_figure(160, 90)
    axes = figure.subplots()
    axes.plot(days, means, color=COLOURS[0])
    picture = picture_of(figure)

Design choice: no pyplot, which keeps every figure of a process alive. The style holds
inside the methods of these figures and nowhere else; matplotlib's own parameters are as
they were before and after.

Design choice: no text is read as mathematics, since a group may be called ``$5``. The
numbers of a logarithmic axis are set with raised digits instead.

Design choice: the shapes of letters are drawn into the SVG. A page needs no font, looks
the same everywhere, and holds no text of a table that a browser could read as mark-up.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache, wraps
from io import BytesIO, StringIO
from types import MappingProxyType
from typing import Any

from cycler import cycler
from matplotlib import RcParams, rcParams, rcParamsDefault
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.ticker import Formatter, LogFormatterMathtext

from model.page.document import Picture
from model.page.matplotlib_home import FAMILY
from model.page.typeface import plain

COLOURS = (
    "#0072B2",  # blue
    "#D55E00",  # vermilion
    "#009E73",  # bluish green
    "#CC79A7",  # reddish purple
    "#56B4E9",  # sky blue
    "#B8860B",  # dark yellow
    "#000000",  # black
)
"""Colours that people with any colour vision tell apart, most different first.

Okabe and Ito 2008, "Color Universal Design"; their yellow and orange, which are too
light for thin lines on white, are one darker yellow here.
"""
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
"""Shapes beside the colours, so that no difference hangs on colour alone."""
INK = "#1f2933"
"""Of text and axes."""
QUIET = "#7b8794"
"""Of lines of reference and other things that should stand back."""
RULE = "#e4e7eb"
"""Of the grid."""

DOTS_PER_INCH = 200
_COMPRESSION = 4
"""Of PNG: what more costs in time, it does not gain in size."""
_MM_PER_INCH = 25.4
_TEXT_PT = 8.5

_STYLE: Mapping[str, Any] = MappingProxyType(
    {
        "axes.axisbelow": True,
        "axes.edgecolor": INK,
        "axes.formatter.use_mathtext": False,
        "axes.grid": True,
        "axes.labelcolor": INK,
        "axes.labelsize": _TEXT_PT,
        "axes.linewidth": 0.8,
        "axes.prop_cycle": cycler(color=COLOURS),
        "axes.spines.right": False,
        "axes.spines.top": False,
        "axes.titlelocation": "left",
        "axes.titlesize": 9.5,
        "axes.titleweight": "bold",
        "figure.facecolor": "white",
        "figure.titlesize": 10,
        "font.family": FAMILY,
        "font.size": _TEXT_PT,
        "grid.color": RULE,
        "grid.linewidth": 0.6,
        "legend.fontsize": _TEXT_PT,
        "legend.frameon": False,
        "lines.markersize": 5,
        "savefig.facecolor": "white",
        "svg.fonttype": "path",
        "svg.hashsalt": "exhaustion-node",
        "text.color": INK,
        "text.parse_math": False,
        "xtick.color": INK,
        "xtick.labelsize": _TEXT_PT,
        "ytick.color": INK,
        "ytick.labelsize": _TEXT_PT,
    }
)
_PROCESS = ("backend", "interactive", "toolbar", "timezone", "date.epoch", "webagg.")
"""Parameters that are no matter of style."""

_RAISED = str.maketrans(
    "0123456789-\N{MINUS SIGN}",
    "\N{SUPERSCRIPT ZERO}\N{SUPERSCRIPT ONE}\N{SUPERSCRIPT TWO}\N{SUPERSCRIPT THREE}"
    "\u2074\u2075\u2076\u2077\u2078\u2079\u207b\u207b",
)


@lru_cache
def _style() -> Mapping[str, Any]:
    """Return every parameter of the house's style: its own, matplotlib's elsewhere."""
    whole: dict[str, Any] = {
        name: value
        for name, value in dict.items(rcParamsDefault)
        if not name.startswith(_PROCESS)
    }
    whole.update({str(name): value for name, value in dict.items(RcParams(_STYLE))})
    return MappingProxyType(whole)


@contextmanager
def _house_style() -> Iterator[None]:
    # Hundreds of times a figure: read and put back as the dict that the parameters
    # are, as matplotlib's own rc_context does at its end, and only what differs.
    own = {
        name: value
        for name, value in dict.items(rcParams)
        if (wanted := _style().get(name, value)) is not value and wanted != value
    }
    dict.update(rcParams, {name: _style()[name] for name in own})
    try:
        yield
    finally:
        dict.update(rcParams, own)


def _in_style(method: Callable[..., Any]) -> Any:
    """Return a method during which the house's style holds."""

    @wraps(method)
    def styled(*given: Any, **named: Any) -> Any:
        with _house_style():
            return method(*given, **named)

    return styled


class _HouseAxes(Axes):
    """Axes whose later texts are in the style, too."""

    annotate = _in_style(Axes.annotate)
    boxplot = _in_style(Axes.boxplot)
    errorbar = _in_style(Axes.errorbar)
    legend = _in_style(Axes.legend)
    plot = _in_style(Axes.plot)
    scatter = _in_style(Axes.scatter)
    set_title = _in_style(Axes.set_title)
    table = _in_style(Axes.table)
    text = _in_style(Axes.text)


class _HouseFigure(Figure):
    """A figure whose axes are made in the style."""

    def add_subplot(self, *given: Any, **named: Any) -> Any:
        """Add axes; see matplotlib."""
        if "projection" not in named:
            named.setdefault("axes_class", _HouseAxes)
        with _house_style():
            return super().add_subplot(*given, **named)

    colorbar = _in_style(Figure.colorbar)
    legend = _in_style(Figure.legend)
    suptitle = _in_style(Figure.suptitle)
    supxlabel = _in_style(Figure.supxlabel)
    supylabel = _in_style(Figure.supylabel)
    text = _in_style(Figure.text)


def new_figure(width_mm: float = 160, height_mm: float = 90) -> Figure:
    """Return an empty figure in the house's style.

    Parameters
    ----------
    width_mm, height_mm : float
        As it is printed; 160 mm is the width of a page's text.
    """
    size = (width_mm / _MM_PER_INCH, height_mm / _MM_PER_INCH)
    with _house_style():
        figure = _HouseFigure(figsize=size, layout="constrained")
        FigureCanvasAgg(figure)
    return figure


def picture_of(figure: Figure) -> Picture:
    """Return a figure as SVG and PNG; the same figure gives the same bytes.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Of `new_figure`. Letters that the typeface lacks are spelt out in it.
    """
    width_mm, height_mm = (float(x) * _MM_PER_INCH for x in figure.get_size_inches())
    with _house_style():
        _spell_out(figure)
        _lay_out(figure)
        png = _png_of(figure)
        svg = _svg_of(figure)
    return Picture(svg=svg, png=png, width_mm=width_mm, height_mm=height_mm)


def _lay_out(figure: Figure) -> None:
    """Find the places of all things once, rather than twice for each of the forms."""
    engine = figure.get_layout_engine()
    if engine is not None and figure.axes:
        engine.execute(figure)
    figure.set_layout_engine(None)


def _spell_out(figure: Figure) -> None:
    """Write every text of a figure so that the typeface can draw it."""
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            # Axes that share an axis share its formatter, too.
            major, minor = axis.get_major_formatter(), axis.get_minor_formatter()
            if not isinstance(major, _DrawableFormatter):
                axis.set_major_formatter(_DrawableFormatter(major))
            if not isinstance(minor, _DrawableFormatter):
                axis.set_minor_formatter(_DrawableFormatter(minor))
    for artist in figure.findobj(Text):
        if isinstance(artist, Text):
            artist.set_text(plain(artist.get_text()))


class _DrawableFormatter(Formatter):
    """What another formatter writes at the ticks, without mathematics."""

    def __init__(self, written: Formatter) -> None:
        self.written = written

    def __call__(self, x: float, pos: int | None = None) -> str:
        return self._plain(self.written(x, pos))

    def format_ticks(self, values: list[float]) -> list[str]:
        """Return the texts of all ticks; see matplotlib."""
        return [self._plain(text) for text in self.written.format_ticks(values)]

    def get_offset(self) -> str:
        """Return the text at the end of the axis; see matplotlib."""
        return self._plain(self.written.get_offset())

    def set_locs(self, locs: list[float]) -> None:
        """Take the ticks' places; see matplotlib."""
        self.written.set_locs(locs)

    def _plain(self, text: str) -> str:
        if isinstance(self.written, LogFormatterMathtext):
            text = text.replace("$", "").replace(r"\times", "·")
            text = re.sub(r"\\mathdefault\{(.*)\}", r"\1", text)
            text = re.sub(r"\^\{(.*?)\}", lambda found: _raised(found[1]), text)
        return plain(text)


def _raised(digits: str) -> str:
    return digits.translate(_RAISED)


def _png_of(figure: Figure) -> bytes:
    written = BytesIO()
    figure.savefig(
        written,
        format="png",
        dpi=DOTS_PER_INCH,
        metadata={"Software": None},
        pil_kwargs={"compress_level": _COMPRESSION},
    )
    return written.getvalue()


def _svg_of(figure: Figure) -> str:
    written = StringIO()
    nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    figure.savefig(written, format="svg", metadata=nothing)
    svg = written.getvalue()
    svg = svg[svg.index("<svg") :]
    # Comments repeat the texts that are drawn; the style would hold for a whole page.
    svg = re.sub(r"<!--.*?-->\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<style.*?</style>", "", svg, count=1, flags=re.DOTALL)
    svg = svg.replace("<svg ", '<svg stroke-linejoin="round" ', 1)
    return svg.replace(" <defs>\n  \n </defs>\n", "", 1).strip()
