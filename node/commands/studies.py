"""``studies``: what waits, is held, failed or was delivered.

Design choice: no table. A UID of 64 characters and a reason of several sentences share
no line of 80; broken over several, a UID cannot be copied into the next command.
"""

from datetime import tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from rich.console import Console

from node.commands.options import (
    config_option,
    console,
    json_option,
    notes,
    print_json,
    settings_of,
)
from node.data_folder import open_ledger
from node.display import print_text, printable
from node.records.states import StudyState
from node.records.study_views import StudySummary

STYLES = {
    StudyState.WAITING: "cyan",
    StudyState.QUEUED: "blue",
    StudyState.HELD: "yellow",
    StudyState.FAILED: "red",
    StudyState.SCORED: "green",
    StudyState.DELIVERED: "bold green",
    StudyState.COMMITTED: "bold green",
    StudyState.WITHDRAWN: "magenta",
}


@click.command("studies")
@click.option(
    "--state",
    type=click.Choice([str(state) for state in StudyState]),
    help="Only studies in this state.",
)
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=1000,
    show_default=True,
    help="At most so many, those that changed last.",
)
@config_option
@json_option
def studies_command(
    *, state: str | None, limit: int, config_file: Path | None, as_json: bool
) -> None:
    """List the studies of the node, and why each stands where it stands.

    Of each: its state since when (in the zone node.timezone), how many objects of it
    came, and its PatientID; its UID, for the other commands; and why it waits or is
    held. The one that changed last comes first.
    """
    settings = settings_of(config_file)
    with open_ledger(settings) as ledger:
        found = ledger.studies(
            None if state is None else StudyState(state), limit=limit
        )
    if as_json:
        print_json([summary_data(study) for study in found])
    elif not found:
        click.echo("no studies" if state is None else f"no studies are {state}")
    else:
        page, zone = console(), ZoneInfo(settings.node.timezone)
        for study in found:
            _show(page, study, zone)
        if len(found) == limit:
            notes().print(f"the list ends here, at {limit} studies; see --limit")


def summary_data(study: StudySummary) -> dict[str, object]:
    """Return a study's line as plain data."""
    return {
        "study_instance_uid": study.study_instance_uid,
        "patient_id": study.patient_id,
        "state": str(study.state),
        "reason": study.reason,
        "detail": study.detail,
        "instances": study.instances,
        "updated_at": study.updated_at.isoformat(),
        "deleted_at": None
        if study.retired_at is None
        else study.retired_at.isoformat(),
    }


def why_of(study: StudySummary) -> str:
    """Return why a study stands where it stands, in words; empty when all is done."""
    return printable(": ".join(part for part in (study.reason, study.detail) if part))


def deleted_of(study: StudySummary, zone: tzinfo) -> str:
    """Return that the files of a study were deleted, in words; or an empty string."""
    if study.retired_at is None:
        return ""
    at = study.retired_at.astimezone(zone)
    return f"its files were deleted at {at:%Y-%m-%d %H:%M:%S}; its archives keep them"


def _show(page: Console, study: StudySummary, zone: tzinfo) -> None:
    since = study.updated_at.astimezone(zone)
    facts = f"{since:%Y-%m-%d %H:%M:%S}  {study.instances:>5} objects"
    page.print(
        f"[{STYLES[study.state]}]{study.state:<9}[/]  {facts}  ", end="", soft_wrap=True
    )
    page.print(printable(study.patient_id), markup=False, soft_wrap=True)
    page.print(f"  {study.study_instance_uid}", markup=False, soft_wrap=True)
    if why := why_of(study):
        print_text(page, why, indent=2)
    if deleted := deleted_of(study, zone):
        print_text(page, deleted, indent=2)
