"""``demo``: the main job, end to end, explained in one screen."""

import sys
import tempfile
from collections import Counter
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from shlex import quote

import click
from rich.console import Console
from rich.markup import escape

from dicom_io.part10 import is_part10
from dicom_io.phantom.study import StudyOptions
from model.phantom import PhantomSpec, make_phantom
from node.commands.exits import EXIT_HELD
from node.commands.options import (
    config_option,
    console,
    notes,
    settings_of,
    species_option,
    units_option,
    writable_folder,
)
from node.commands.phantom import DEFAULT_AT, write_phantom
from node.demo import DemoOutcome, DemoStudy, run_demo
from node.display import print_held, print_result, printable
from node.folder import opened_source
from node.object_display import counted, object_words
from node.records.kinds import ResultKind

DEFAULT_OUT = Path("demo-results")


@click.command("demo")
@click.option(
    "--study",
    type=click.Path(path_type=Path, exists=True),
    help="Folder, zip file or DICOMDIR to send; a phantom Inveon study without it.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=DEFAULT_OUT,
    show_default=True,
    help="Folder for what the archive receives.",
)
@config_option
@species_option
@units_option
def demo_command(
    study: Path | None,
    out: Path,
    config_file: Path | None,
    species: str | None,
    units_in_doubt: str | None,
) -> None:
    """Run a node and a small archive on this machine, and score a study end to end.

    The study goes to the node by C-STORE; the node scores it and sends the results to
    the archive by C-STORE. Exit code 3 says that something was held.
    """
    settings = settings_of(config_file, species=species, units_in_doubt=units_in_doubt)
    writable_folder(out)
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        status = stack.enter_context(notes().status("making a phantom study"))
        source = study or _phantom(scratch / "phantom")
        files = [
            path
            for path in stack.enter_context(opened_source(source))
            if is_part10(path) and path.name.upper() != "DICOMDIR"
        ]
        node = settings.node.model_copy(update={"data_folder": scratch / "node"})
        outcome = run_demo(
            files, settings.model_copy(update={"node": node}), out, status.update
        )
    _show(console(), outcome, study, out)
    held = any(found.held for found in outcome.studies)
    if held or outcome.refused or not outcome.studies:
        sys.exit(EXIT_HELD)


def _phantom(folder: Path) -> Path:
    at = datetime.fromisoformat(DEFAULT_AT)
    write_phantom(make_phantom(PhantomSpec(seed=0)), StudyOptions(at=at), folder)
    return folder


def _show(page: Console, outcome: DemoOutcome, study: Path | None, out: Path) -> None:
    source = "a phantom Inveon study" if study is None else escape(str(study))
    page.print(f"[bold]1. What came in[/]: {source}, by C-STORE")
    for found in outcome.studies:
        _show_received(page, found)
    page.print(
        f"   {outcome.sent} objects stored and acknowledged in {outcome.send_s:.2f} s"
    )
    for line in outcome.refused:
        page.print(f"   [red]not taken[/] {escape(line)}")
    page.print("\n[bold]2. What was computed[/]")
    for found in outcome.studies:
        for result in found.results:
            print_result(page, result)
        print_held(page, found.held)
    if not outcome.studies:
        page.print("nothing: no DICOM object was sent")
    page.print("\n[bold]3. What went out[/]: to the archive, by C-STORE")
    for words, count in _went_out(outcome).items():
        page.print(f"   {counted(words, count)}")
    if outcome.answer_s is not None:
        page.print(
            f"   last C-STORE answered to report at the archive: "
            f"[bold]{outcome.answer_s:.2f} s[/]"
        )
        page.print(
            f"   the objects are in {escape(str(out))}; docs/results.md explains them",
            soft_wrap=True,
        )
        _show_pages(page, outcome, out)
    else:
        page.print("   nothing")


def _show_received(page: Console, found: DemoStudy) -> None:
    counts = Counter[str]()
    for series in found.detail.series:
        counts[series.modality] += series.instances
    parts = ", ".join(
        f"{counts[modality]} {modality}" for modality in sorted(counts, key=_rank)
    )
    told = f"   study {found.detail.summary.study_instance_uid}: {parts}"
    page.print(told, markup=False, soft_wrap=True)


def _rank(modality: str) -> tuple[bool, bool, str]:
    """Sort PET first, then CT, then the rest."""
    return (modality != "PT", modality != "CT", modality)


def _went_out(outcome: DemoOutcome) -> Counter[str]:
    """Return how many objects of each kind the archive has, in the order of kinds."""
    found = Counter(
        object_words(outcome.kinds.get(arrival.sop_instance_uid), arrival.sop_class_uid)
        for arrival in outcome.arrivals
    )
    order = [object_words(kind, "") for kind in ResultKind]
    return Counter(
        {
            words: found[words]
            for words in dict.fromkeys((*order, *found))
            if words in found
        }
    )


def _show_pages(page: Console, outcome: DemoOutcome, out: Path) -> None:
    """Tell where the summary pages lie, and how to look at them."""
    for kind in (ResultKind.SUMMARY, ResultKind.PDF):
        for arrival in outcome.arrivals:
            if outcome.kinds.get(arrival.sop_instance_uid) is kind:
                words = object_words(kind, arrival.sop_class_uid)
                told = f"   {words}: {arrival.path}"
                page.print(printable(told), markup=False, soft_wrap=True)
    show = f"exhaustion-node show {quote(str(out))}"
    told = f"   look at them in any DICOM viewer, or: {show}"
    page.print(printable(told), markup=False, soft_wrap=True)
