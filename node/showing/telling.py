"""A result in words and numbers, for a terminal and for `--json`."""

from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from node.display import print_result, print_text, printable
from node.object_display import counted, named_files
from node.records.kinds import ResultKind
from node.showing.shown import ShownObject, ShownResult

_PAGES = (ResultKind.PDF, ResultKind.SUMMARY)


def shown_data(shown: tuple[ShownResult, ...], base: Path | None) -> dict[str, Any]:
    """Return results as the one document of `score --json`.

    Parameters
    ----------
    shown : tuple of ShownResult
    base : Path or None
        What paths are relative to.
    """
    return {
        "results": [each for result in shown for each in result.results],
        "held": [each for result in shown for each in result.held],
        "objects": [
            {
                "sop_class": each.sop_class_uid,
                "sop_instance_uid": each.sop_instance_uid,
                "path": _relative(each.path, base),
            }
            for result in shown
            for each in result.objects
        ],
        "sent": [
            {
                "destination": each.destination,
                "state": each.state,
                "objects": each.objects,
            }
            for result in shown
            for each in result.sent
        ],
    }


def _relative(path: Path, base: Path | None) -> str:
    if base is not None and path.is_relative_to(base):
        return path.relative_to(base).as_posix()
    return path.as_posix()


def print_shown(page: Console, shown: ShownResult) -> None:
    """Print a result: its regions, its objects, where they are."""
    print_text(page, f"study {shown.study_instance_uid}")
    for remark in shown.remarks:
        page.print(f"[yellow]! {escape(remark)}[/]")
    for result in shown.results:
        print_result(page, result)
    _print_models(page, shown)
    _print_objects(page, shown)
    for each in shown.sent:
        page.print(
            f"  {each.state} at {escape(each.destination)}: {each.objects} objects",
            soft_wrap=True,
        )
    for kind in _PAGES:
        # A person is asked to look at it before a result is released.
        if found := shown.of(kind):
            told = f"page: {named_files([each.path for each in found])}"
            page.print(printable(told), markup=False, soft_wrap=True)


def _print_models(page: Console, shown: ShownResult) -> None:
    """Print by which model the scores are: version, calibration, checksum."""
    told = dict.fromkeys(
        (
            result["score_model"],
            result["score_model_version"],
            result["score_model_sha256"],
            result["calibration"],
        )
        for result in shown.results
    )
    for name, version, checksum, calibration in told:
        words = (
            f"model {name} {version}, calibration {calibration or 'not stated'}, "
            f"sha256 {checksum or 'not stated'}"
        )
        print_text(page, printable(words), indent=2, hang=4)


def _print_objects(page: Console, shown: ShownResult) -> None:
    series: dict[str, list[ShownObject]] = {}
    for each in shown.objects:
        series.setdefault(each.words, []).append(each)
    if series:
        told = ", ".join(counted(words, len(found)) for words, found in series.items())
        print_text(page, f"objects: {told}", indent=2, hang=4)
