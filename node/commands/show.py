"""``show``: a result in the terminal, from the ledger or from files.

Design choice: exit code 3 where the document's `held` is not empty, as with `score`: a
region that was held, a result that waits for a person (`awaiting_review`,
`invalid_object`), a study that is held. What is held is said on standard error, last,
where it is seen.
"""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from config.schema import Settings
from dicom_io.lenient import is_uid
from node.commands.exits import EXIT_HELD
from node.commands.options import (
    config_option,
    console,
    json_option,
    notes,
    print_json,
    settings_of,
)
from node.display import print_held, print_text, printable
from node.records.states import StudyState
from node.records.study_views import StudySummary
from node.showing.from_files import results_in
from node.showing.shown import ShownResult
from node.showing.telling import print_shown, shown_data


@click.command("show")
@click.argument("what", metavar="UID|PATH")
@config_option
@json_option
@click.option(
    "--picture",
    type=click.Choice(["auto", "blocks", "never"]),
    default="auto",
    show_default=True,
    help="Draw the page or a slice of the map: as the terminal can, in characters, "
    "or not at all.",
)
@click.option(
    "--term",
    envvar="TERM",
    default="",
    hidden=True,
    help="Kind of terminal.",
)
@click.option(
    "--term-program",
    envvar="TERM_PROGRAM",
    default="",
    hidden=True,
    help="Program that shows the terminal.",
)
@click.option(
    "--kitty-window",
    envvar="KITTY_WINDOW_ID",
    default="",
    hidden=True,
    help="Window of a kitty terminal.",
)
def show_command(
    *,
    what: str,
    config_file: Path | None,
    as_json: bool,
    picture: str,
    term: str,
    term_program: str,
    kitty_window: str,
) -> None:
    """Show a result: its numbers, its objects, where they were sent.

    UID is that of a study, of a report, or of any other object of a result. PATH is the
    file of one, or a folder of them such as `score` writes; it needs no node. Exit code
    3 says that something is held, a result that waits for its release included. Where
    the terminal can, a picture comes with it; not with NO_COLOR, and not into a file or
    pipe.
    """
    page = console()
    seen = page.is_terminal and not page.no_color and not as_json
    if is_uid(what) and not Path(what).exists():
        found = _of_uid(what, settings_of(config_file), images=seen)
    else:
        found = _of_path(Path(what))
    held = _held(found.shown, found.study)
    if as_json:
        print_json(shown_data(found.shown, found.base) | {"held": held})
    else:
        terminal = (term, term_program, kitty_window)
        _tell(page, found, _drawer(picture, terminal, found) if seen else None)
    print_held(notes(), held)
    if held:
        sys.exit(EXIT_HELD)


@dataclass(frozen=True)
class _Found:
    """What is to be shown.

    Attributes
    ----------
    shown : tuple of ShownResult
    study : StudySummary or None
        Where its UID was given.
    base : Path or None
        What paths are relative to.
    images : mapping of str to Path
        Where source images lie, by SOP Instance UID, as far as they are known.
    """

    shown: tuple[ShownResult, ...]
    study: StudySummary | None = None
    base: Path | None = None
    images: Mapping[str, Path] = field(default_factory=dict)


def _of_uid(uid: str, settings: Settings, *, images: bool) -> _Found:
    # A database and its migrations take longer to load than files to be shown.
    from node.data_folder import open_ledger
    from node.showing.from_ledger import images_of, results_of_uid

    folder = settings.node.data_folder.absolute()
    with open_ledger(settings) as ledger:
        shown, study = results_of_uid(ledger, folder, uid)
        return _Found(shown, study, None, images_of(ledger, shown) if images else {})


def _of_path(path: Path) -> _Found:
    return _Found(results_in(path), base=path if path.is_dir() else path.parent)


def _drawer(
    wanted: str, terminal: tuple[str, str, str], found: _Found
) -> Callable[[Console, ShownResult], None]:
    """Return what draws a result."""
    # Only a terminal that can show it waits for what draws.
    from node.showing.drawing import Drawing, draw
    from node.showing.graphics import Terminal

    drawing = Drawing(wanted, Terminal(*terminal), found.images)
    return partial(draw, drawing=drawing)


def _held(
    shown: tuple[ShownResult, ...], study: StudySummary | None
) -> list[dict[str, Any]]:
    """Return what is held of the results, and why the study is beside that."""
    held: list[dict[str, Any]] = [each for result in shown for each in result.held]
    told = {each["reason"] for each in held}
    if study and study.state is StudyState.HELD and study.reason not in told:
        held.append(
            {
                "study_instance_uid": study.study_instance_uid,
                "reason": study.reason,
                "detail": study.detail,
            }
        )
    return held


def _tell(
    page: Console,
    found: _Found,
    draw: Callable[[Console, ShownResult], None] | None,
) -> None:
    study = found.study
    if study is not None:
        # Of a held study everything is said on standard error, once.
        held = study.state is StudyState.HELD
        why = "" if held else ": ".join(filter(None, (study.reason, study.detail)))
        page.print(f"[bold]{study.state}[/]")
        if why:
            print_text(page, printable(why))
        if not found.shown:
            page.print(f"study {study.study_instance_uid} has no result that stands")
    for result in found.shown:
        print_shown(page, result)
        if draw is not None:
            draw(page, result)
