"""A picture of a result, put on a terminal that can show one."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.padding import Padding

from node.showing.graphics import Protocol, Terminal, in_characters, in_protocol
from node.showing.picture import Picture, map_picture, page_picture
from node.showing.shown import ShownResult

_BLOCK_COLUMNS = 48
_PAGE_COLUMNS = 100
_INDENT = 2
_COLOURS = frozenset({"truecolor", "256"})


@dataclass(frozen=True)
class Drawing:
    """How a picture is wanted.

    Attributes
    ----------
    wanted : str
        ``auto``, ``blocks`` or ``never``.
    terminal : Terminal
    images : mapping of str to Path
        Where source images lie, by SOP Instance UID, as far as they are known.
    """

    wanted: str
    terminal: Terminal
    images: Mapping[str, Path]


def draw(page: Console, shown: ShownResult, drawing: Drawing) -> None:
    """Draw a result, where it is wanted and the terminal can show it."""
    protocol = drawing.terminal.protocol
    if drawing.wanted == "blocks":
        protocol = Protocol.BLOCKS
    if not _can_show(page, drawing.wanted, protocol):
        return
    if protocol is not Protocol.BLOCKS:
        picture = page_picture(shown) or map_picture(
            shown, drawing.images, _BLOCK_COLUMNS * 8
        )
        if picture is not None:
            columns = min(_PAGE_COLUMNS, page.width - _INDENT)
            page.file.write(f"{in_protocol(picture.pixels, protocol, columns)}\n")
            _print_caption(page, picture)
        return
    columns = min(_BLOCK_COLUMNS, page.width - _INDENT)
    picture = map_picture(shown, drawing.images, columns)
    if picture is not None:
        page.print(Padding(in_characters(picture.pixels), (0, 0, 0, _INDENT)))
        _print_caption(page, picture)


def _can_show(page: Console, wanted: str, protocol: Protocol) -> bool:
    """Return whether there is somebody to see it; characters need colours enough."""
    if wanted == "never" or page.no_color or not page.is_terminal:
        return False
    return protocol is not Protocol.BLOCKS or page.color_system in _COLOURS


def _print_caption(page: Console, picture: Picture) -> None:
    if picture.caption:
        page.print(f"  {picture.caption}", style="dim", soft_wrap=True)
