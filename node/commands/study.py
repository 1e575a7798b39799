"""``study UID``: everything about one study."""

import re
import sys
from pathlib import Path
from typing import Any

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
from node.commands.studies import STYLES, summary_data
from node.data_folder import open_ledger, result_documents
from node.display import print_held, print_result
from node.releases import told_values
from node.source_views import animals_in_use, release_data, source_line
from node.study_views import StudyDetail

_JOB_KEY = re.compile(r"\b[0-9a-f]{64}\b")


@click.command("study")
@click.argument("uid")
@config_option
@json_option
def study_command(*, uid: str, config_file: Path | None, as_json: bool) -> None:
    """Show the study UID: what came, was computed and sent, and what happened."""
    settings = settings_of(config_file)
    with open_ledger(settings) as ledger:
        detail = ledger.study(uid)
    if detail is None:
        notes().print(f"no study {uid}; `exhaustion-node studies` lists them")
        sys.exit(EXIT_USAGE)
    documents = result_documents(settings.node.data_folder, detail)
    if as_json:
        print_json(_data(detail, documents))
    else:
        _show(console(), detail, documents)


def _data(detail: StudyDetail, documents: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        **summary_data(detail.summary),
        "series": [
            {
                "series_instance_uid": series.series_instance_uid,
                "modality": series.modality,
                "description": series.series_description,
                "instances": series.instances,
            }
            for series in detail.series
        ],
        "animals": animals_in_use(detail),
        "releases": [release_data(release) for release in detail.releases],
        "jobs": [
            {
                "key": job.key,
                "state": str(job.state),
                "attempts": job.attempts,
                "reason": job.reason,
                "detail": job.detail,
            }
            for job in detail.jobs
        ],
        "results": [found for item in documents for found in item["results"]],
        "held": [held for item in documents for held in item["held"]],
        "deliveries": [
            {
                "destination": delivery.destination,
                "sop_instance_uid": delivery.object.sop_instance_uid,
                "state": str(delivery.state),
                "attempts": delivery.attempts,
                "status": delivery.status,
            }
            for delivery in detail.deliveries
        ],
        "events": [
            {"at": event.at.isoformat(), "kind": event.kind, "text": event.text}
            for event in detail.events
        ],
    }


def _show(page: Console, detail: StudyDetail, documents: list[dict[str, Any]]) -> None:
    summary = detail.summary
    why = ": ".join(part for part in (summary.reason, summary.detail) if part)
    page.print(
        f"[{STYLES[summary.state]}]{summary.state}[/]  {summary.study_instance_uid}"
    )
    if why:
        page.print(escape(why))
    page.print("\n[bold]Received[/]")
    for series in detail.series:
        page.print(
            f"  {series.instances:>5} {series.modality:<8} "
            f"{escape(series.series_description)}"
        )
    _show_sources(page, detail)
    for document in documents:
        page.print("\n[bold]Computed[/]")
        for result in document["results"]:
            print_result(page, result)
        print_held(page, document["held"])
    if detail.deliveries:
        page.print("\n[bold]Sent[/]")
    for delivery in detail.deliveries:
        page.print(
            f"  {delivery.state:<9} to {escape(delivery.destination)}: "
            f"{delivery.object.sop_instance_uid} {escape(delivery.status)}"
        )
    page.print("\n[bold]What happened[/] (UTC)")
    for event in detail.events:
        page.print(f"  {event.at:%Y-%m-%d %H:%M:%S}  {escape(_short(event.text))}")


def _show_sources(page: Console, detail: StudyDetail) -> None:
    """Show what is said of the animals beside the PET."""
    animals = animals_in_use(detail)
    if animals:
        page.print("\n[bold]Animals[/]")
    for animal in animals:
        where = f" at {animal['bed_position']}" if animal["bed_position"] else ""
        page.print(f"  {escape(animal['animal_id'] + where)}")
        for said in animal["sources"]:
            page.print(f"    {escape(source_line(said))}")
    if detail.releases:
        page.print("\n[bold]Released[/] (UTC)")
    for release in detail.releases:
        page.print(
            f"  {release.at:%Y-%m-%d %H:%M:%S}  {escape(release.who)}: "
            f"{escape(', '.join(told_values(release).values()))}"
        )


def _short(text: str) -> str:
    """Return the text with job keys cut to what tells them apart."""
    return _JOB_KEY.sub(lambda key: f"job {key.group()[:12]}", text)
