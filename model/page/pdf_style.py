"""Typeface, measures and styles of the PDF, and plain texts as its paragraphs.

Design choice: the typeface is embedded, as the figures have it, so that Greek letters,
± and ≥ print everywhere. Letters that it lacks, Chinese ones for example, are written
as their code points; the HTML page has them. Right-to-left scripts are set letter by
letter from left to right.
"""

from functools import lru_cache
from xml.sax.saxutils import escape

from reportlab import rl_config
from reportlab.lib.colors import Color, HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Paragraph

from model.page.matplotlib_home import font_file
from model.page.typeface import BOLD, FILES, REGULAR, plain

WIDTH, HEIGHT = A4
MARGIN = 20 * mm
HEAD_SPACE, FOOT_SPACE = 22 * mm, 22 * mm
TEXT_WIDTH = WIDTH - 2 * MARGIN
WIDE_WIDTH = HEIGHT - 2 * MARGIN

INK = HexColor("#1f2933")
QUIET = HexColor("#52606d")
ACCENT = HexColor("#0b4f71")
LINE = HexColor("#cbd2d9")
PALE_LINE = HexColor("#e4e7eb")
NOTE_FILL, NOTE_BAR = HexColor("#e3eef5"), ACCENT
WARNING_FILL, WARNING_BAR = HexColor("#fff0e0"), HexColor("#b34700")
SUMMARY_FILL, SUMMARY_LINE = HexColor("#f0f6fa"), HexColor("#b8d3e2")


@lru_cache
def use_typeface() -> None:
    """Tell ReportLab the typeface; once a process is enough.

    Also that streams may be binary: as ASCII they make a file a fifth larger, and take
    a sixth of the time in which it is written.
    """
    rl_config.useA85 = 0
    for name, file in FILES.items():
        pdfmetrics.registerFont(TTFont(name, font_file(file)))
    pdfmetrics.registerFontFamily(REGULAR, REGULAR, BOLD, REGULAR, BOLD)


def _style(  # noqa: PLR0913 - a style is its measures
    name: str,
    size: float,
    *,
    font: str = REGULAR,
    colour: Color = INK,
    before: float = 0.0,
    after: float = 0.0,
    leading: float = 1.4,
) -> ParagraphStyle:
    return ParagraphStyle(
        name,
        fontName=font,
        fontSize=size,
        leading=size * leading,
        textColor=colour,
        spaceBefore=before,
        spaceAfter=after,
        splitLongWords=1,
        allowWidows=0,
        allowOrphans=0,
    )


TITLE = _style("title", 20, font=BOLD, colour=ACCENT, leading=1.2)
SUBTITLE = _style("subtitle", 12, colour=QUIET, before=2)
MADE = _style("made", 8, colour=QUIET, before=5)
HEADING = _style("heading", 14, font=BOLD, colour=ACCENT, before=18, after=7)
BOX_HEADING = _style("box heading", 11, font=BOLD, colour=ACCENT, after=4)
TEXT = _style("text", 9.5, after=6, leading=1.45)
POINT = ParagraphStyle("point", TEXT, leftIndent=0, spaceAfter=3)
NOTICE = ParagraphStyle("notice", TEXT, spaceAfter=0)
CAPTION = _style("caption", 9, font=BOLD, before=8, after=4)
FIGURE_CAPTION = _style("figure caption", 8.5, colour=QUIET, before=3, after=12)
SMALL = _style("small", 7.5, colour=QUIET)
CELL_SIZE = 8.0
CELL = _style("cell", CELL_SIZE, leading=1.3)
NUMBER = ParagraphStyle("number", CELL, alignment=TA_RIGHT)
HEAD = ParagraphStyle("head", CELL, fontName=BOLD)
NUMBER_HEAD = ParagraphStyle("number head", HEAD, alignment=TA_RIGHT)


def paragraph(text: str, style: ParagraphStyle, word: str = "") -> Paragraph:
    """Return a text as a paragraph; no mark-up is read in it.

    Parameters
    ----------
    text : str
    style : ParagraphStyle
    word : str
        Of this package; stands bold before the text.
    """
    lead = f'<font name="{BOLD}" size="8">{escape(word)}</font>&nbsp;&nbsp;'
    lines = escape(plain(text)).replace("\n", "<br/>")
    return Paragraph((lead if word else "") + lines, style)


def width_of(text: str, *, bold: bool = False) -> float:
    """Return how wide a line of a table is, in points."""
    font = BOLD if bold else REGULAR
    return float(pdfmetrics.stringWidth(text, font, CELL_SIZE))
