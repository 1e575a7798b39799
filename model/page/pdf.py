"""A document as PDF.

The same document as `model.page.html` sets, for paper and archives: A4, with the
typeface in it, an outline, and tables that repeat their head on every page. The same
document gives the same bytes.
"""

from collections.abc import Iterator, Sequence
from io import BytesIO
from itertools import count
from typing import Any

from reportlab.lib.units import mm
from reportlab.platypus import (
    CondPageBreak,
    Flowable,
    Image,
    KeepTogether,
    ListFlowable,
    NextPageTemplate,
    PageBreak,
    Spacer,
)
from reportlab.platypus import Table as Box

from model.page.document import (
    Block,
    Document,
    Figure,
    Notice,
    Paragraph,
    Points,
    Section,
    Table,
    Weight,
)
from model.page.pdf_pages import ON_SIDE, UPRIGHT, Pages, numbered
from model.page.pdf_style import (
    ACCENT,
    BOX_HEADING,
    FIGURE_CAPTION,
    FOOT_SPACE,
    HEAD_SPACE,
    HEADING,
    HEIGHT,
    MADE,
    NOTE_BAR,
    NOTE_FILL,
    NOTICE,
    POINT,
    SUBTITLE,
    SUMMARY_FILL,
    SUMMARY_LINE,
    TEXT,
    TEXT_WIDTH,
    TITLE,
    WARNING_BAR,
    WARNING_FILL,
    WIDE_WIDTH,
    WIDTH,
    paragraph,
    use_typeface,
)
from model.page.pdf_table import is_wide, table_flowables
from model.page.typeface import plain

_WORDS = {Weight.NOTE: "NOTE", Weight.WARNING: "WARNING"}
_FILLS = {Weight.NOTE: NOTE_FILL, Weight.WARNING: WARNING_FILL}
_BARS = {Weight.NOTE: NOTE_BAR, Weight.WARNING: WARNING_BAR}
_CAPTION_SPACE = 22 * mm
"""Left free under a figure for its caption."""
_START_SPACE = 28 * mm
"""Of a text or table that must still fit below its heading."""
_HEADING_SPACE = 16 * mm
_BOX_PADDING = 10


def as_pdf(document: Document) -> bytes:
    """Return a document as PDF.

    Parameters
    ----------
    document : Document
    """
    use_typeface()
    written = BytesIO()
    pages = Pages(written, document)
    pages.build(list(_story(document)), canvasmaker=numbered(document))
    return written.getvalue()


def _story(document: Document) -> Iterator[Flowable]:
    figures = count(1)
    yield _heading(document.title, paragraph(document.title, TITLE))
    if document.subtitle:
        yield paragraph(document.subtitle, SUBTITLE)
    made = f"{document.made_at}  ·  {document.made_by}  ·  for research use only"
    yield paragraph(made, MADE)
    yield Spacer(0, 12)
    if document.summary:
        yield _summary(document.summary, figures)
    lies = False
    for section in document.sections:
        wide = any(isinstance(each, Table) and is_wide(each) for each in section.blocks)
        if wide or lies:
            yield NextPageTemplate(ON_SIDE if wide else UPRIGHT)
            yield PageBreak()
        yield from _section(section, figures, on_side=wide)
        lies = wide


def _section(
    section: Section, figures: Iterator[int], *, on_side: bool
) -> Iterator[Flowable]:
    room = WIDE_WIDTH if on_side else TEXT_WIDTH
    height = (WIDTH if on_side else HEIGHT) - HEAD_SPACE - FOOT_SPACE
    first = section.blocks[0] if section.blocks else None
    needed = _HEADING_SPACE + _START_SPACE
    if isinstance(first, Figure):
        needed = _HEADING_SPACE + _size(first, room, height)[1] + _CAPTION_SPACE
    yield CondPageBreak(min(needed, height))
    yield _heading(section.title, paragraph(section.title, HEADING))
    for block in section.blocks:
        yield from _flowables(block, room, height, figures)


def _heading(title: str, flowable: Any) -> Flowable:
    """Return a heading that the outline names."""
    flowable.outline_title = " ".join(plain(title).split())
    result: Flowable = flowable
    return result


def _flowables(
    block: Block, room: float, height: float, figures: Iterator[int]
) -> Iterator[Flowable]:
    match block:
        case Paragraph():
            yield paragraph(block.text, TEXT)
        case Notice():
            yield _notice(block, room)
        case Points():
            yield _points(block)
        case Table():
            yield CondPageBreak(_START_SPACE)
            yield from table_flowables(block, room)
        case Figure():
            yield KeepTogether(_figure(block, room, height, next(figures)))


def _figure(block: Figure, room: float, height: float, number: int) -> list[Flowable]:
    width, tall = _size(block, room, height - _HEADING_SPACE)
    image = Image(BytesIO(block.picture.png), width, tall, hAlign="LEFT")
    return [image, paragraph(block.caption, FIGURE_CAPTION, f"Figure {number}.")]


def _points(block: Points) -> Flowable:
    return ListFlowable(
        [paragraph(text, POINT) for text in block.items],
        bulletType="bullet",
        bulletFontName=TEXT.fontName,
        bulletFontSize=TEXT.fontSize,
        start="•",
        leftIndent=12,
    )


def _size(figure: Figure, room: float, height: float) -> tuple[float, float]:
    """Return a figure's width and height in points, made smaller where it must be."""
    width = figure.picture.width_mm * mm
    tall = figure.picture.height_mm * mm
    scale = min(1.0, room / width, (height - _CAPTION_SPACE) / tall)
    return width * scale, tall * scale


def _notice(block: Notice, room: float) -> Flowable:
    text = paragraph(block.text, NOTICE, _WORDS[block.weight])
    box = Box([[text]], colWidths=[room], splitInRow=1)
    box.setStyle(
        [
            ("BACKGROUND", (0, 0), (-1, -1), _FILLS[block.weight]),
            ("LINEBEFORE", (0, 0), (0, -1), 4, _BARS[block.weight]),
            ("LEFTPADDING", (0, 0), (-1, -1), 12),
            ("TOPPADDING", (0, 0), (-1, -1), 5),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 7),
        ]
    )
    box.spaceBefore, box.spaceAfter = 4, 8
    return box


def _summary(blocks: Sequence[Block], figures: Iterator[int]) -> Flowable:
    """Return the summary in its frame, a row a block, so that it may break."""
    room = TEXT_WIDTH - 2 * _BOX_PADDING
    height = HEIGHT - HEAD_SPACE - FOOT_SPACE
    # A cell holds a flowable or a list of them; what keeps others together cannot be
    # in one, nor what breaks a page.
    rows: list[list[Any]] = [[paragraph("Summary", BOX_HEADING)]]
    for block in blocks:
        if isinstance(block, Figure):
            rows.append([_figure(block, room, height, next(figures))])
            continue
        rows.extend(
            [flowable]
            for flowable in _flowables(block, room, height, figures)
            if not isinstance(flowable, CondPageBreak)
        )
    box = Box(rows, colWidths=[TEXT_WIDTH], splitInRow=1)
    box.setStyle(
        [
            ("BACKGROUND", (0, 0), (-1, -1), SUMMARY_FILL),
            ("BOX", (0, 0), (-1, -1), 0.8, SUMMARY_LINE),
            ("LINEABOVE", (0, 0), (-1, 0), 2.5, ACCENT),
            ("LEFTPADDING", (0, 0), (-1, -1), _BOX_PADDING),
            ("RIGHTPADDING", (0, 0), (-1, -1), _BOX_PADDING),
            ("TOPPADDING", (0, 0), (-1, -1), 3),
            ("TOPPADDING", (0, 0), (-1, 0), 9),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
            ("BOTTOMPADDING", (0, -1), (-1, -1), 10),
        ]
    )
    box.spaceAfter = 8
    return box
