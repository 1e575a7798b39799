"""A picture in a terminal: by its own protocol where it has one, else in characters.

Design choice: a protocol is used only where the terminal says by name that it has it.
One that was guessed fills the screen with letters. Inside a multiplexer, which hands
none of them through by itself, there are characters only.

Design choice: half a character is a pixel: a block in the colour of the upper one on
the colour of the lower one, which every terminal with 256 colours can show.

References
----------
* The kitty graphics protocol; iTerm2, *Images*; DEC STD 070, *Sixel graphics*.
"""

import base64
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from rich.color import Color
from rich.style import Style
from rich.text import Text

Pixels = NDArray[np.uint8]
"""Shape (rows, columns, 3): red, green, blue."""

_CHUNK = 4096
_SIXEL_ROWS = 6
_SIXEL_COLOURS = 64
_SIXEL_ZERO = 63
_CHARACTER_PIXELS = 10
"""Width of a character in most terminals that know Sixel, which scale nothing."""
_UPPER_HALF = "\N{UPPER HALF BLOCK}"
_MULTIPLEXERS = ("screen", "tmux")
_KITTY_PROGRAMS = frozenset({"ghostty"})
_ITERM_PROGRAMS = frozenset({"iTerm.app", "WezTerm"})
_SIXEL_TERMINALS = ("foot", "mlterm", "yaft")


class Protocol(StrEnum):
    """How a picture is shown."""

    BLOCKS = "blocks"
    KITTY = "kitty"
    ITERM2 = "iterm2"
    SIXEL = "sixel"


@dataclass(frozen=True)
class Terminal:
    """What a terminal says of itself.

    Attributes
    ----------
    term, program, kitty_window : str
        ``TERM``, ``TERM_PROGRAM`` and ``KITTY_WINDOW_ID``; empty where not set.
    """

    term: str = ""
    program: str = ""
    kitty_window: str = ""

    @property
    def protocol(self) -> Protocol:
        """How it shows pictures best, as far as it clearly says."""
        bare = bool(self.kitty_window) and not self.program
        shows = {
            Protocol.BLOCKS: self.term.startswith(_MULTIPLEXERS),
            Protocol.KITTY: "kitty" in self.term or self.program in _KITTY_PROGRAMS,
            Protocol.ITERM2: self.program in _ITERM_PROGRAMS,
            Protocol.SIXEL: self.term.startswith(_SIXEL_TERMINALS),
        }
        otherwise = Protocol.KITTY if bare else Protocol.BLOCKS
        return next((each for each, does in shows.items() if does), otherwise)


def in_characters(pixels: Pixels) -> Text:
    """Return a picture of which each character shows two pixels."""
    if len(pixels) % 2:
        pixels = np.concatenate([pixels, np.zeros_like(pixels[:1])])
    lines = [
        Text.assemble(
            *(
                (_UPPER_HALF, _style(above, below))
                for above, below in zip(*pair, strict=True)
            )
        )
        for pair in zip(pixels[::2], pixels[1::2], strict=True)
    ]
    return Text("\n").join(lines)


def in_protocol(pixels: Pixels, protocol: Protocol, columns: int) -> str:
    """Return the escape sequences that show a picture.

    Parameters
    ----------
    pixels : ndarray of uint8
    protocol : Protocol
        None of characters.
    columns : int
        Characters that it is to be wide; at most that where the protocol cannot say so.
    """
    if protocol is Protocol.KITTY:
        return _kitty(_png(pixels), columns)
    if protocol is Protocol.ITERM2:
        return _iterm2(_png(pixels), columns)
    return _sixel(_at_most(pixels, columns * _CHARACTER_PIXELS))


def _style(above: NDArray[np.uint8], below: NDArray[np.uint8]) -> Style:
    return Style(color=_colour(above), bgcolor=_colour(below))


def _colour(pixel: NDArray[np.uint8]) -> Color:
    red, green, blue = pixel.tolist()
    return Color.from_rgb(red, green, blue)


def _png(pixels: Pixels) -> bytes:
    memory = BytesIO()
    Image.fromarray(pixels).save(memory, "PNG")
    return memory.getvalue()


def _kitty(png: bytes, columns: int) -> str:
    encoded = base64.b64encode(png).decode()
    chunks = [encoded[at : at + _CHUNK] for at in range(0, len(encoded), _CHUNK)]
    parts = []
    for number, chunk in enumerate(chunks, start=1):
        # Shown at once, and nothing answered (q=2), which nobody here would read.
        head = f"a=T,f=100,q=2,c={columns}," if number == 1 else ""
        more = int(number < len(chunks))
        parts.append(f"\x1b_G{head}m={more};{chunk}\x1b\\")
    return "".join(parts)


def _iterm2(png: bytes, columns: int) -> str:
    encoded = base64.b64encode(png).decode()
    told = f"inline=1;size={len(png)};width={columns};preserveAspectRatio=1"
    return f"\x1b]1337;File={told}:{encoded}\x07"


def _at_most(pixels: Pixels, width: int) -> Pixels:
    """Return a picture that is not wider than so many pixels."""
    image = Image.fromarray(pixels)
    if image.width <= width:
        return pixels
    size = (width, max(1, round(image.height * width / image.width)))
    return np.asarray(image.resize(size, Image.Resampling.LANCZOS))


def _sixel(pixels: Pixels) -> str:
    """Return rows of six pixels, colour by colour, each run of a value counted."""
    image = Image.fromarray(pixels).quantize(_SIXEL_COLOURS)
    levels = np.asarray(image)
    palette = np.asarray(image.getpalette(), int).reshape(-1, 3)
    height, width = levels.shape
    parts = [f'\x1bP0;1q"1;1;{width};{height}']
    for level in np.unique(levels).tolist():
        red, green, blue = (palette[level] * 100 // 255).tolist()
        parts.append(f"#{level};2;{red};{green};{blue}")
    for top in range(0, height, _SIXEL_ROWS):
        band = levels[top : top + _SIXEL_ROWS]
        weights = 1 << np.arange(len(band))
        for level in np.unique(band).tolist():
            codes = weights @ (band == level)
            parts.append(f"#{level}{_runs(codes)}$")
        parts.append("-")
    parts.append("\x1b\\")
    return "".join(parts)


def _runs(codes: NDArray[np.int_]) -> str:
    """Return sixels, equal neighbours written once with their number."""
    ends = np.flatnonzero(np.diff(codes)) + 1
    starts = np.concatenate([[0], ends])
    lengths = np.diff(np.concatenate([starts, [len(codes)]]))
    return "".join(
        f"!{length}{chr(_SIXEL_ZERO + code)}"
        for code, length in zip(codes[starts].tolist(), lengths.tolist(), strict=True)
    )
