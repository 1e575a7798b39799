"""Texts as a reader sees them: nothing in them is invisible or turns others round.

A name from a table may hold anything: a control character that HTML cannot hold, marks
that reverse the direction of what follows, letters that a font has no shape for. Each
such character is written as its code point, ``[U+0000]``, so that two names that differ
still look different.
"""

import unicodedata
from collections.abc import Container

_LAYOUT = frozenset("\n\t")
_TURNING = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
"""Marks of the Unicode bidirectional algorithm (UAX 9) that turn a text round."""
_UNPRINTABLE = frozenset({"Cc", "Cs", "Cn", "Co"})
"""Controls, halves of characters, code points that are nothing or private."""
_JOINING = frozenset("\u200b\u200c\u200d\u2060\ufeff\ufe0e\ufe0f\u00ad")
"""Letters without a shape of their own, which a font need not have."""


def visible(text: str) -> str:
    """Return a text with what cannot be seen, or would turn it round, spelt out.

    Parameters
    ----------
    text : str
        Of any origin. Ends of lines and tabs stay.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_spelt(each) if _hidden(each) else each for each in text)


def drawable(text: str, letters: Container[int]) -> str:
    """Return a text of which a font has every letter; others are spelt out.

    Parameters
    ----------
    text : str
    letters : container of int
        Code points that the font has.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        each if each in _LAYOUT or ord(each) in letters else _spelt(each)
        for each in visible(text)
        if each not in _JOINING
    )


def _hidden(letter: str) -> bool:
    if letter in _LAYOUT:
        return False
    return letter in _TURNING or unicodedata.category(letter) in _UNPRINTABLE


def _spelt(letter: str) -> str:
    return f"[U+{ord(letter):04X}]"
