"""Texts that fit: measured, shortened, broken into lines."""

from collections.abc import Sequence
from functools import lru_cache

from PIL import ImageFont
from reportlab.pdfbase import pdfmetrics

from model.page.matplotlib_home import font_file
from model.page.pdf_style import use_typeface
from model.page.summary.marks import Anchor, Box, Look, Text, Weight
from model.page.typeface import BOLD, FILES, REGULAR, plain

FACES = {Weight.REGULAR: REGULAR, Weight.BOLD: BOLD}
"""What ReportLab calls the weights."""
_ASCENT, _DESCENT = 0.76, 0.24
"""Of DejaVu Sans, from the base line, as parts of the em: capitals and tails."""
_ELLIPSIS = "…"


@lru_cache
def font(size: float, weight: Weight) -> ImageFont.FreeTypeFont:
    """Return the typeface as the colour image draws it."""
    # The simple layout is part of Pillow; the other one hangs on a library that a
    # machine may have or not, and would give other pixels.
    return ImageFont.truetype(
        font_file(FILES[FACES[weight]]), size, layout_engine=ImageFont.Layout.BASIC
    )


def width_of(words: str, look: Look) -> float:
    """Return how wide a line of text is in the wider of the two forms, in pixels."""
    return sum(_advance(letter, look.size, look.weight) for letter in words)


@lru_cache(maxsize=4096)
def _advance(letter: str, size: float, weight: Weight) -> float:
    use_typeface()
    paper = pdfmetrics.stringWidth(letter, FACES[weight], size)
    return float(max(paper, font(size, weight).getlength(letter)))


def box_of(text: Text) -> Box:
    """Return the rectangle that a text fills, from its capitals to its tails."""
    width = width_of(text.words, text.look)
    left = {
        Anchor.LEFT: text.x,
        Anchor.MIDDLE: text.x - width / 2,
        Anchor.RIGHT: text.x - width,
    }[text.anchor]
    size = text.look.size
    return Box(left, text.y - _ASCENT * size, width, (_ASCENT + _DESCENT) * size)


def one_line(words: str) -> str:
    """Return a text of any origin as letters of the typeface on one line."""
    return " ".join(plain(words).split())


def shortened(words: str, look: Look, room: float) -> str:
    """Return a text that is no wider than its room, with an ellipsis if it is cut."""
    words = one_line(words)
    if width_of(words, look) <= room:
        return words
    low, high = 0, len(words)
    while low < high:
        middle = (low + high + 1) // 2
        if width_of(words[:middle].rstrip() + _ELLIPSIS, look) <= room:
            low = middle
        else:
            high = middle - 1
    return words[:low].rstrip() + _ELLIPSIS


def wrapped(words: str, look: Look, room: float, lines: int) -> Sequence[str]:
    """Return a text in lines that are no wider than the room.

    Parameters
    ----------
    words : str
    look : Look
    room : float
    lines : int
        At most; what is left over is cut with an ellipsis.
    """
    done: list[str] = []
    rest = one_line(words)
    while rest and len(done) < lines - 1:
        head, rest = _broken(rest, look, room)
        done.append(head)
    if rest and lines > 0:
        done.append(shortened(rest, look, room))
    return done


def _broken(words: str, look: Look, room: float) -> tuple[str, str]:
    """Return what fits on a line, and the rest."""
    if width_of(words, look) <= room:
        return words, ""
    low, high = 1, len(words)
    while low < high:
        middle = (low + high + 1) // 2
        if width_of(words[:middle].rstrip(), look) <= room:
            low = middle
        else:
            high = middle - 1
    space = words.rfind(" ", 0, low + 1)
    # A word that is longer than the line is broken where the line ends.
    at = space if space > 0 else low
    return words[:at].rstrip(), words[at:].lstrip()
