"""Sheets as PDF: the same marks, with text that can be selected and lines that scale.

Design choice: pictures are embedded with as many pixels as the colour image has, and
past ReportLab's own reader of images, which writes each as text and takes four times as
long as all the rest of a page.
"""

import zlib
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from typing import Any

import numpy as np
from reportlab.lib.pagesizes import A4, landscape
from reportlab.pdfbase.pdfdoc import PDFImageXObject
from reportlab.pdfgen.canvas import Canvas

from model.page.pdf_style import use_typeface
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
from model.page.summary.wording import FACES
from model.page.typeface import REGULAR, plain

_PAPER = landscape(A4)
_SCALE = _PAPER[0] / WIDTH
_HALO_WIDTH = 3.0
_COMPRESSION = 2
"""Of pictures: what more costs in time, it hardly gains in size."""
_ROUND = 1
"""Of the ends and corners of lines."""


def pages_pdf(
    pages: Sequence[SummaryPage | OverviewPage],
    *,
    title: str,
    made_by: str,
    made_at: datetime,
) -> bytes:
    """Return pages as one PDF, A4 on its side; the same pages give the same bytes.

    Parameters
    ----------
    pages : sequence of SummaryPage or OverviewPage
        At least one.
    title : str
    made_by : str
        Software and version.
    made_at : datetime
        Timezone-aware; the date of creation that the file states.
    """
    sheets = [sheet_of(page) for page in pages]
    return sheets_pdf(sheets, title=title, made_by=made_by, made_at=made_at)


def sheets_pdf(
    sheets: Sequence[Sheet], *, title: str, made_by: str, made_at: datetime
) -> bytes:
    """Return sheets as one PDF; see `pages_pdf`."""
    use_typeface()
    written = BytesIO()
    canvas = Canvas(
        written,
        pagesize=_PAPER,
        pageCompression=1,
        invariant=1,
        lang="en",
        # Else the file names a typeface that it neither uses nor holds. (The stub takes
        # a name for a number.)
        initialFontName=REGULAR,  # type: ignore[arg-type]
    )
    canvas.setTitle(plain(title))
    canvas.setAuthor(plain(made_by))
    canvas.setCreator(plain(made_by))
    canvas.setSubject(f"Made at {made_at.isoformat()}")
    stated = f"D:{made_at.astimezone(UTC):%Y%m%d%H%M%S}Z"
    canvas.setDateFormatter(lambda *_: stated)
    for number, sheet in enumerate(sheets):
        _draw_sheet(sheet, canvas, f"page-{number}")
    canvas.save()
    return written.getvalue()


def _draw_sheet(sheet: Sheet, canvas: Canvas, key: str) -> None:
    canvas.bookmarkPage(key)
    canvas.addOutlineEntry(sheet.title, key, 0)
    canvas.scale(_SCALE, _SCALE)
    canvas.translate(0, _PAPER[1] / _SCALE - HEIGHT)
    canvas.setLineCap(_ROUND)
    canvas.setLineJoin(_ROUND)
    for mark in sheet.marks:
        _draw(mark, canvas)
    canvas.showPage()


def _draw(mark: Mark, canvas: Canvas) -> None:
    match mark:
        case Text():
            _draw_text(mark, canvas)
        case Rectangle():
            _fill_with(canvas, mark.fill)
            box = mark.box
            canvas.rect(
                box.x, HEIGHT - box.bottom, box.width, box.height, stroke=0, fill=1
            )
        case Picture():
            _draw_picture(mark, canvas)
        case Disc():
            _draw_disc(mark, canvas)
        case Stroke():
            _draw_stroke(mark, canvas)


def _draw_text(mark: Text, canvas: Canvas) -> None:
    look = mark.look
    canvas.setFont(FACES[look.weight], look.size)
    draw = {
        Anchor.LEFT: canvas.drawString,
        Anchor.MIDDLE: canvas.drawCentredString,
        Anchor.RIGHT: canvas.drawRightString,
    }[mark.anchor]
    if look.halo is not None:
        _stroke_with(canvas, look.halo)
        canvas.setLineWidth(_HALO_WIDTH)
        # Outlines only (PDF 32000-1, 9.3.6): the letters themselves come on top.
        draw(mark.x, HEIGHT - mark.y, mark.words, mode=1)
    _fill_with(canvas, look.colour)
    draw(mark.x, HEIGHT - mark.y, mark.words, mode=0)


def _draw_picture(mark: Picture, canvas: Canvas) -> None:
    rows, columns = mark.pixels.shape[:2]
    canvas.saveState()
    canvas.transform(columns, 0, 0, rows, mark.x, HEIGHT - mark.y - rows)
    canvas.doForm(_embedded(mark, canvas))
    canvas.restoreState()


def _embedded(mark: Picture, canvas: Canvas) -> str:
    """Put pixels into the file, once, and return what they are called there."""
    pixels = np.ascontiguousarray(mark.pixels)
    name = sha256(pixels.tobytes() + str(pixels.shape).encode()).hexdigest()
    if not canvas.hasForm(name):
        image: Any = PDFImageXObject(name)
        image.height, image.width = pixels.shape[:2]
        image.bitsPerComponent, image.colorSpace = 8, "DeviceRGB"
        image.streamContent = zlib.compress(pixels.tobytes(), _COMPRESSION)
        image._filters = ("FlateDecode",)  # noqa: SLF001 - it has no other way in
        document: Any = vars(canvas)["_doc"]
        document.Reference(image, document.getXObjectName(name))
        document.addForm(name, image)
    return name


def _draw_disc(mark: Disc, canvas: Canvas) -> None:
    _fill_with(canvas, mark.fill)
    _stroke_with(canvas, mark.rim)
    canvas.setLineWidth(mark.rim_width)
    radius = mark.radius - mark.rim_width / 2
    canvas.circle(mark.x, HEIGHT - mark.y, radius, stroke=1, fill=1)


def _draw_stroke(mark: Stroke, canvas: Canvas) -> None:
    canvas.saveState()
    if mark.clip is not None:
        _clip_to(canvas, mark.clip)
    _stroke_with(canvas, mark.colour)
    canvas.setLineWidth(mark.width)
    path = canvas.beginPath()
    first, *others = mark.points.tolist()
    path.moveTo(first[0], HEIGHT - first[1])
    for x, y in others:
        path.lineTo(x, HEIGHT - y)
    if mark.closed:
        path.close()
    canvas.drawPath(path, stroke=1, fill=0)
    canvas.restoreState()


def _clip_to(canvas: Canvas, box: Box) -> None:
    path = canvas.beginPath()
    path.rect(box.x, HEIGHT - box.bottom, box.width, box.height)
    canvas.clipPath(path, stroke=0, fill=0)


def _fill_with(canvas: Canvas, colour: Colour) -> None:
    canvas.setFillColorRGB(*(part / 255 for part in colour))


def _stroke_with(canvas: Canvas, colour: Colour) -> None:
    canvas.setStrokeColorRGB(*(part / 255 for part in colour))
