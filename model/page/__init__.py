"""Pages: figures and documents as bytes.

Knows numbers, words and how they look. Never knows files, DICOM or how a number came
about. A `Document` is written once and rendered twice, as HTML and as PDF, so that both
say the same.

Values: `document` (what a report says), `Picture` (a drawn figure in both forms).
`drawing` gives figures in the house's style, `charts` draws them, `html` and `pdf` set
the document.

Side effects: none but one, on import: matplotlib is given a home of its own for as long
as it is imported (`matplotlib_home`). The instant that a page shows is an argument; the
same document gives the same bytes.
"""

# First of all, before any module of this package can import matplotlib by itself.
from model.page import matplotlib_home

__all__ = ["matplotlib_home"]
