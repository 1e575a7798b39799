"""``score``: a folder of DICOM in, result objects out, without a network."""

import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.markup import escape

from node import clock
from node.case.written import WrittenObject
from node.commands.exits import EXIT_HELD
from node.commands.options import (
    console,
    notes,
    print_json,
    settings_of,
    writable_folder,
)
from node.display import print_held, print_result, printable
from node.folder import opened_source, read_folder
from node.object_display import counted, named_files, object_words
from node.options.case import (
    case_options,
    matching_rules,
    reading_limits,
    subject_rules,
)
from node.scoring import FolderScore, score_folder


def do_score(
    *,
    source: Path,
    out: Path,
    config_file: Path | None,
    species: str | None,
    units_in_doubt: str | None,
    model: str | None,
    at: datetime | None,
    as_json: bool,
) -> None:
    """Do what ``score`` was asked."""
    settings = settings_of(
        config_file, species=species, units_in_doubt=units_in_doubt, model=model
    )
    options = case_options(settings)
    # In UTC, since the same instant in another zone is to give the same bytes.
    instant = (at or clock.now()).astimezone(UTC)
    writable_folder(out)
    with (
        opened_source(source) as files,
        notes().status(f"reading {len(files)} files") as status,
    ):
        contents = read_folder(files, instant, reading_limits(settings))
        found = score_folder(
            contents,
            matching_rules(settings),
            options,
            out,
            instant,
            lambda doing: status.update(escape(doing)),
            subjects=subject_rules(settings),
        )
    if as_json:
        print_json(_document(found, contents.skipped))
    else:
        _show(found, contents.skipped, out)
    for why in found.unheard:
        told = f"{why}: only the node's own rules were applied"
        notes().print(printable(told), markup=False, soft_wrap=True)
    print_held(notes(), [vars(held) for held in found.held])
    if found.held:
        sys.exit(EXIT_HELD)


def _document(found: FolderScore, skipped: int) -> dict[str, Any]:
    return {
        "results": [result.as_data() for result in found.results],
        "held": [vars(held) for held in found.held],
        "objects": [
            {
                "sop_class": written.sop_class_uid,
                "sop_instance_uid": written.sop_instance_uid,
                "path": written.path.as_posix(),
            }
            for written in found.objects
        ],
        "skipped": skipped,
    }


def _show(found: FolderScore, skipped: int, out: Path) -> None:
    page = console()
    for result in found.results:
        print_result(page, result.as_data())
    for series in _by_series(found.objects):
        first, paths = series[0], [out / written.path for written in series]
        what = counted(object_words(first.kind, first.sop_class_uid), len(series))
        told = printable(f"wrote {named_files(paths)}: {what}")
        page.print(told, markup=False, soft_wrap=True)
    if skipped:
        page.print(f"skipped, being no DICOM objects: {skipped}")


def _by_series(objects: Iterable[WrittenObject]) -> Iterable[list[WrittenObject]]:
    series: dict[str, list[WrittenObject]] = {}
    for written in objects:
        series.setdefault(written.series_instance_uid, []).append(written)
    return series.values()
