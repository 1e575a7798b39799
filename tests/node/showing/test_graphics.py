"""Promises of `node.showing.graphics`: pictures, as terminals can."""

import base64
import re
from io import BytesIO

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from node.showing.graphics import Protocol, Terminal, in_characters, in_protocol

PIXELS = (np.arange(5 * 4 * 3) * 37 % 251).astype(np.uint8).reshape(5, 4, 3)


@pytest.mark.parametrize(
    ("terminal", "expected"),
    [
        (Terminal("xterm-kitty", "", "1"), Protocol.KITTY),
        (Terminal("xterm-256color", "", "1"), Protocol.KITTY),
        (Terminal("xterm-256color", "ghostty"), Protocol.KITTY),
        (Terminal("xterm-256color", "iTerm.app"), Protocol.ITERM2),
        (Terminal("xterm-256color", "WezTerm"), Protocol.ITERM2),
        (Terminal("foot"), Protocol.SIXEL),
        (Terminal("mlterm-256color"), Protocol.SIXEL),
        (Terminal("xterm-256color"), Protocol.BLOCKS),
        (Terminal("xterm-256color", "vscode", "1"), Protocol.BLOCKS),
        (Terminal("tmux-256color", "iTerm.app", "1"), Protocol.BLOCKS),
        (Terminal("screen", "", "1"), Protocol.BLOCKS),
        (Terminal(), Protocol.BLOCKS),
    ],
)
def test_a_protocol_is_used_only_where_the_terminal_says_so(
    terminal: Terminal, expected: Protocol
) -> None:
    assert terminal.protocol is expected


def test_a_character_shows_two_pixels_one_over_the_other() -> None:
    text = in_characters(PIXELS)

    assert text.plain == "\n".join(["▀▀▀▀"] * 3)
    first = text.spans[0].style
    assert first.color.triplet == tuple(PIXELS[0, 0].tolist())  # type: ignore[union-attr]
    assert first.bgcolor.triplet == tuple(PIXELS[1, 0].tolist())  # type: ignore[union-attr]


def pixels_of(encoded: str) -> NDArray[np.uint8]:
    return np.asarray(Image.open(BytesIO(base64.b64decode(encoded))))


def test_kitty_gets_the_picture_in_pieces_it_takes_and_is_to_say_nothing() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (80, 80, 3), np.uint8)
    told = in_protocol(noise, Protocol.KITTY, 40)
    pieces = re.findall("\x1b_G([^;]*);([^\x1b]*)\x1b\\\\", told)

    assert "q=2" in pieces[0][0]
    assert "c=40" in pieces[0][0]
    assert [head[-1] for head, _ in pieces] == ["1"] * (len(pieces) - 1) + ["0"]
    assert all(len(piece) <= 4096 for _, piece in pieces)
    np.testing.assert_array_equal(
        pixels_of("".join(piece for _, piece in pieces)), noise
    )


def test_iterm_gets_the_picture_inline() -> None:
    told = in_protocol(PIXELS, Protocol.ITERM2, 40)

    assert told.startswith("\x1b]1337;File=inline=1;")
    assert told.endswith("\x07")
    np.testing.assert_array_equal(pixels_of(told[:-1].split(":")[1]), PIXELS)


def test_sixels_spell_the_picture() -> None:
    black_and_white = np.zeros((8, 10, 3), np.uint8)
    black_and_white[2:7, 3:6] = 255
    told = in_protocol(black_and_white, Protocol.SIXEL, 40)

    np.testing.assert_array_equal(sixels(told), black_and_white)


def test_sixels_are_no_wider_than_the_terminal() -> None:
    told = in_protocol(np.full((50, 200, 3), 255, np.uint8), Protocol.SIXEL, 10)

    assert sixels(told).shape == (25, 100, 3)


def sixels(told: str) -> NDArray[np.uint8]:
    """Read sixels as a terminal does."""
    head = re.match('\x1bP0;1q"1;1;(\\d+);(\\d+)', told)
    assert head is not None
    width, height = int(head[1]), int(head[2])
    picture = np.zeros((height, width, 3), np.uint8)
    palette: dict[str, list[int]] = {}
    top = left = 0
    level = ""
    for part in re.findall(r"#\d+;2;\d+;\d+;\d+|#\d+|!\d+.|[$-]", told[head.end() :]):
        if part == "$":
            left = 0
        elif part == "-":
            top, left = top + 6, 0
        elif ";2;" in part:
            name, _, *rgb = part[1:].split(";")
            palette[name] = [round(int(each) * 2.55) for each in rgb]
        elif part.startswith("#"):
            level = part[1:]
        else:
            count, bits = int(part[1:-1]), ord(part[-1]) - 63
            for row in range(6):
                if bits >> row & 1:
                    picture[top + row, left : left + count] = palette[level]
            left += count
    return picture
