"""``study UID``: everything about one study."""

import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
from rich.console import Console
from rich.markup import escape

from node.commands.exits import EXIT_USAGE
from node.commands.options import (
    config_option,
    console,
    json_option,
    notes,
    print_json,
    settings_of,
)
from node.commands.studies import STYLES, deleted_of, why_of
from node.commands.study_data import study_data
from node.data_folder import lost_documents, open_ledger, result_documents
from node.display import print_held, print_result, print_text, printable
from node.object_display import counted, object_words
from node.records.jobs import Delivery
from node.records.states import StudyState
from node.records.study_views import Event, StudyDetail
from node.records.withheld import WITHHELD_REASONS
from node.releases import for_whom, told_values
from node.sought_display import sought_lines
from node.source_views import animals_in_use, source_line

# The folder of a job is named whole: a person is to find it.
_JOB_KEY = re.compile(r"(?<!/)\b[0-9a-f]{64}\b")
_HOLD = re.compile(r"(?P<head>(?:job \w+ )?held: \w+): (?P<why>.+)", re.DOTALL)
_STANDS = frozenset({StudyState.SCORED, StudyState.DELIVERED, StudyState.COMMITTED})


@click.command("study")
@click.argument("uid")
@config_option
@json_option
def study_command(*, uid: str, config_file: Path | None, as_json: bool) -> None:
    """Show the study UID: what came, was computed and sent, and what happened.

    Times are in the zone node.timezone of the configuration.
    """
    settings = settings_of(config_file)
    with open_ledger(settings) as ledger:
        detail = ledger.study(uid)
    if detail is None:
        notes().print(f"no study {uid}; `exhaustion-node studies` lists them")
        sys.exit(EXIT_USAGE)
    documents = result_documents(settings.node.data_folder, detail)
    for key in lost_documents(settings.node.data_folder, detail):
        notes().print(f"the numbers of job {key[:12]} are lost: `audit` says more")
    if as_json:
        print_json(study_data(detail, documents))
    else:
        _show(console(), detail, documents, ZoneInfo(settings.node.timezone))


def _show(
    page: Console,
    detail: StudyDetail,
    documents: list[dict[str, Any]],
    zone: ZoneInfo,
) -> None:
    summary = detail.summary
    page.print(
        f"[{STYLES[summary.state]}]{summary.state}[/]  {summary.study_instance_uid}",
        soft_wrap=True,
    )
    print_text(page, f"PatientID {printable(summary.patient_id)}")
    for line in filter(None, (why_of(summary), deleted_of(summary, zone))):
        print_text(page, line)
    page.print("\n[bold]Received[/]")
    for series in detail.series:
        page.print(
            f"  {series.instances:>5} {series.modality:<8} "
            f"{escape(printable(series.series_description))}"
        )
    _show_sources(page, detail, zone)
    _show_sought(page, detail, zone)
    withheld = summary.reason in WITHHELD_REASONS
    stands = summary.state in _STANDS or withheld
    for document in documents:
        page.print("\n[bold]Computed[/]" + ("" if stands else " before"))
        for result in document["results"]:
            print_result(page, result)
        print_held(page, document["held"])
    if detail.deliveries:
        page.print("\n[bold]Deliveries[/]")
    for alike in _alike(detail.deliveries):
        page.print(printable(_sent(alike)), markup=False, soft_wrap=True)
    page.print(f"\n[bold]What happened[/] ({zone})")
    told: set[str] = set()
    for event in detail.events:
        at = f"{event.at.astimezone(zone):%Y-%m-%d %H:%M:%S}"
        print_text(page, f"{at}  {_told_once(event, told)}", indent=2, hang=4)


def _alike(deliveries: Iterable[Delivery]) -> Iterable[list[Delivery]]:
    """Return what became of each series at each destination, by what was said."""
    found: dict[tuple[str, ...], list[Delivery]] = {}
    for each in deliveries:
        # Of an earlier version nobody knows the series.
        series = each.object.series_instance_uid or each.object.sop_instance_uid
        key = (each.destination, each.job_key, series, each.state, _told(each))
        found.setdefault(key, []).append(each)
    return found.values()


def _sent(alike: list[Delivery]) -> str:
    """Return a line on deliveries of one series that went alike."""
    first = alike[0]
    what = counted(
        object_words(first.object.kind, first.object.sop_class_uid), len(alike)
    )
    several = len(alike) > 1
    uid = (
        f"series {first.object.series_instance_uid}"
        if several
        else first.object.sop_instance_uid
    )
    told = _told(first)
    return f"  {first.state:<9} to {first.destination}: {what} {uid} {told}".rstrip()


def _told(delivery: Delivery) -> str:
    """Return what a destination answered, and what it said when asked later."""
    return "; ".join(filter(None, (delivery.status, delivery.confirmation)))


def _show_sources(page: Console, detail: StudyDetail, zone: ZoneInfo) -> None:
    """Show what is said of the animals beside the PET."""
    animals = animals_in_use(detail)
    if animals:
        page.print("\n[bold]Animals[/]")
    for animal in animals:
        where = f" at {animal['bed_position']}" if animal["bed_position"] else ""
        print_text(page, printable(animal["animal_id"] + where), indent=2)
        for said in animal["sources"]:
            print_text(page, printable(source_line(said, zone)), indent=4, hang=2)
    if detail.releases:
        page.print(f"\n[bold]Released[/] ({zone})")
    for release in detail.releases:
        at = f"{release.at.astimezone(zone):%Y-%m-%d %H:%M:%S}"
        values = ", ".join(told_values(release).values())
        said = f"{at}  {release.who}{for_whom(release)}: {values}"
        print_text(page, printable(said), indent=2, hang=4)


def _show_sought(page: Console, detail: StudyDetail, zone: ZoneInfo) -> None:
    """Show what is fetched from the archive, and since when it is wanted."""
    lines = sought_lines(detail.retrievals, zone)
    if lines:
        page.print(f"\n[bold]Sought at the archive[/] ({zone})")
    for line in lines:
        print_text(page, printable(line), indent=2, hang=4)


def _told_once(event: Event, told: set[str]) -> str:
    """Return an event in words; why something is held at its first time only."""
    text = _short(printable(event.text))
    hold = _HOLD.fullmatch(text)
    if hold is None:
        return text
    if hold["why"] in told:
        return hold["head"]
    told.add(hold["why"])
    return text


def _short(text: str) -> str:
    """Return the text with job keys cut to what tells them apart."""
    return _JOB_KEY.sub(lambda key: f"job {key.group()[:12]}", text)
