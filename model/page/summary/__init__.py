"""The summary page: one region's result on one sheet, as pixels and as PDF.

Knows numbers, arrays, words and how they look. Never knows DICOM, files or a clock.

Values: `page` and `views` (what a page says), `marks` (what is drawn, where). `sheet`
lays a page out into marks; `pixels` and `pdf` draw them. Whoever wants both forms lays
the page out once: ``sheet = sheet_of(page)``, `sheet_pixels`, `sheets_pdf`.

Design choice: matplotlib draws nothing here. A page is wanted with each result, in
tens of milliseconds; only its typeface and its colour maps are used.

Side effects: none.
"""

from model.page.summary.page import OverviewPage, SummaryPage
from model.page.summary.pdf import pages_pdf, sheets_pdf
from model.page.summary.pixels import page_pixels, sheet_pixels
from model.page.summary.sheet import sheet_of

__all__ = [
    "OverviewPage",
    "SummaryPage",
    "page_pixels",
    "pages_pdf",
    "sheet_of",
    "sheet_pixels",
    "sheets_pdf",
]
