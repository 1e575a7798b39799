"""The typeface of all pages: its files and its letters."""

from functools import lru_cache

from matplotlib.ft2font import FT2Font

from model.page.letters import drawable
from model.page.matplotlib_home import font_file

REGULAR, BOLD = "exhaustion-node", "exhaustion-node-bold"
"""What the PDF calls its two weights."""
FILES = {REGULAR: "DejaVuSans.ttf", BOLD: "DejaVuSans-Bold.ttf"}


@lru_cache
def letters_of(file: str) -> frozenset[int]:
    """Return the code points that a font file of matplotlib's has shapes for."""
    return frozenset(FT2Font(font_file(file)).get_charmap())


def plain(text: str) -> str:
    """Return a text of letters that the typeface has."""
    return drawable(text, letters_of(FILES[REGULAR]))
