"""``show``: a result in the terminal, from the ledger or from files."""

import sys
from pathlib import Path
from typing import Any

import click
from rich.markup import escape

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
from node.data_folder import open_ledger
from node.display import print_held, printable
from node.records.states import StudyState
from node.records.study_views import StudySummary
from node.showing.from_files import results_in
from node.showing.from_ledger import results_of_uid
from node.showing.shown import ShownResult
from node.showing.telling import print_shown, shown_data


@click.command("show")
@click.argument("what", metavar="UID|PATH")
@config_option
@json_option
def show_command(*, what: str, config_file: Path | None, as_json: bool) -> None:
    """Show a result: its numbers, its objects, where they were sent.

    UID is that of a study, of a report, or of any other object of a result. PATH is the
    file of one, or a folder of them such as `score` writes; it needs no node. Exit code
    3 says that something was held.
    """
    study: StudySummary | None = None
    base: Path | None = None
    if is_uid(what) and not Path(what).exists():
        settings = settings_of(config_file)
        folder = settings.node.data_folder
        with open_ledger(settings) as ledger:
            shown, study = results_of_uid(ledger, folder.absolute(), what)
    else:
        base = Path(what)
        shown = results_in(base)
        base = base if base.is_dir() else base.parent
    held = _held(shown, study)
    if as_json:
        document = shown_data(shown, base)
        print_json(document | {"held": held})
    else:
        _tell(shown, study)
    if held:
        if not as_json and not shown:
            print_held(notes(), held)
        sys.exit(EXIT_HELD)


def _held(
    shown: tuple[ShownResult, ...], study: StudySummary | None
) -> list[dict[str, Any]]:
    """Return what was held of the results, and of a study that has none."""
    held: list[dict[str, Any]] = [each for result in shown for each in result.held]
    if study is not None and study.state is StudyState.HELD and not held:
        held.append(
            {
                "study_instance_uid": study.study_instance_uid,
                "reason": study.reason,
                "detail": study.detail,
            }
        )
    return held


def _tell(shown: tuple[ShownResult, ...], study: StudySummary | None) -> None:
    page = console()
    if study is not None:
        # Of a held study everything is said on standard error, once.
        held = study.state is StudyState.HELD and not shown
        why = "" if held else ": ".join(filter(None, (study.reason, study.detail)))
        page.print(f"[bold]{study.state}[/] {escape(printable(why))}".rstrip())
        if not shown:
            page.print(f"study {study.study_instance_uid} has no result")
    for result in shown:
        print_shown(page, result)
