"""Pages of the PDF: header, footer, page numbers, upright and on their side."""

from collections.abc import Callable
from typing import Any

from reportlab.lib.pagesizes import A4, landscape
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate

from model.page.document import Document
from model.page.pdf_style import FOOT_SPACE, HEAD_SPACE, LINE, MARGIN, QUIET
from model.page.typeface import REGULAR, plain

UPRIGHT, ON_SIDE = "upright", "on side"
_RUNNING_SIZE = 7.5
_HEADER_SHARE = 0.6
"""How much of the line a title may take before it is cut."""

DrawPage = Callable[[Canvas, Any], None]


class Pages(BaseDocTemplate):
    """A document that lists its headings in the outline."""

    def __init__(self, file: Any, document: Document) -> None:
        super().__init__(
            file,
            pagesize=A4,
            title=plain(document.title),
            subject=plain(document.subtitle),
            author=plain(document.made_by),
            creator=plain(document.made_by),
            keywords=[plain(word) for word in document.keywords],
            lang="en",
            invariant=1,
            displayDocTitle=1,
        )
        running = _running(document)
        for name, size in ((UPRIGHT, A4), (ON_SIDE, landscape(A4))):
            frame = Frame(
                MARGIN,
                FOOT_SPACE,
                size[0] - 2 * MARGIN,
                size[1] - HEAD_SPACE - FOOT_SPACE,
                leftPadding=0,
                rightPadding=0,
                topPadding=0,
                bottomPadding=0,
            )
            template = PageTemplate(name, [frame], onPage=running, pagesize=size)
            self.addPageTemplates(template)
        self._headings = 0

    def afterFlowable(self, flowable: Flowable) -> None:  # noqa: N802 (ReportLab's)
        """Put a heading into the outline."""
        title = getattr(flowable, "outline_title", None)
        if title is None:
            return
        key = f"heading-{self._headings}"
        self._headings += 1
        self.canv.bookmarkPage(key)
        self.canv.addOutlineEntry(title, key, 0)


def numbered(document: Document) -> type[Canvas]:
    """Return a canvas that knows how many pages there will be.

    Parameters
    ----------
    document : Document
        Whose foot the pages have.
    """
    foot = f"For research use only  ·  {plain(document.made_by)}"

    class Numbered(Canvas):
        """Keeps the pages until their number is known."""

        def __init__(self, *given: Any, **named: Any) -> None:
            super().__init__(*given, **named)
            self._kept: list[dict[str, Any]] = []

        def showPage(self) -> None:  # noqa: N802 (ReportLab's)
            self._kept.append(dict(self.__dict__))
            self._startPage()  # type: ignore[attr-defined] # not in the stubs

        def save(self) -> None:
            for kept in self._kept:
                self.__dict__.update(kept)
                _draw_foot(self, foot, len(self._kept))
                super().showPage()
            super().save()

    return Numbered


def _draw_foot(canvas: Canvas, foot: str, pages: int) -> None:
    size: tuple[float, float] = vars(canvas)["_pagesize"]
    width = size[0]
    height = FOOT_SPACE - 9
    canvas.setStrokeColor(LINE)
    canvas.setLineWidth(0.5)
    canvas.line(MARGIN, height, width - MARGIN, height)
    canvas.setFillColor(QUIET)
    canvas.setFont(REGULAR, _RUNNING_SIZE)
    canvas.drawString(MARGIN, height - 12, foot)
    number = f"{canvas.getPageNumber()} / {pages}"
    canvas.drawRightString(width - MARGIN, height - 12, number)


def _running(document: Document) -> DrawPage:
    def draw_head(canvas: Canvas, pages: Any) -> None:
        if canvas.getPageNumber() == 1:
            return
        width, height = pages.pageTemplate.pagesize
        canvas.saveState()
        canvas.setFillColor(QUIET)
        canvas.setFont(REGULAR, _RUNNING_SIZE)
        line = height - HEAD_SPACE + 14
        room = (width - 2 * MARGIN) * _HEADER_SHARE
        canvas.drawString(MARGIN, line, _cut(canvas, plain(document.title), room))
        rest = (width - 2 * MARGIN) - room - 6
        subtitle = _cut(canvas, plain(document.subtitle), rest)
        canvas.drawRightString(width - MARGIN, line, subtitle)
        canvas.setStrokeColor(LINE)
        canvas.setLineWidth(0.5)
        canvas.line(MARGIN, line - 5, width - MARGIN, line - 5)
        canvas.restoreState()

    return draw_head


def _cut(canvas: Canvas, text: str, room: float) -> str:
    line = " ".join(text.split())
    if canvas.stringWidth(line, REGULAR, _RUNNING_SIZE) <= room:
        return line
    while line and canvas.stringWidth(f"{line}…", REGULAR, _RUNNING_SIZE) > room:
        line = line[:-1]
    return f"{line}…"
