"""``studies``: what waits, is held, failed or was delivered."""

from pathlib import Path

import click
from rich.markup import escape
from rich.table import Table

from node.commands.options import (
    config_option,
    console,
    json_option,
    print_json,
    settings_of,
)
from node.data_folder import open_ledger
from node.states import StudyState
from node.study_views import StudySummary

STYLES = {
    StudyState.WAITING: "cyan",
    StudyState.QUEUED: "blue",
    StudyState.HELD: "yellow",
    StudyState.FAILED: "red",
    StudyState.SCORED: "green",
    StudyState.DELIVERED: "bold green",
}


@click.command("studies")
@click.option(
    "--state",
    type=click.Choice([str(state) for state in StudyState]),
    help="Only studies in this state.",
)
@config_option
@json_option
def studies_command(
    *, state: str | None, config_file: Path | None, as_json: bool
) -> None:
    """List the studies of the node, and why each stands where it stands."""
    with open_ledger(settings_of(config_file)) as ledger:
        found = ledger.studies(None if state is None else StudyState(state))
    if as_json:
        print_json([summary_data(study) for study in found])
    elif not found:
        click.echo("no studies" if state is None else f"no studies are {state}")
    else:
        console().print(_table(found))


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
    }


def _table(studies: list[StudySummary]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for title in ("state", "objects", "changed (UTC)", "study", "why"):
        table.add_column(title, overflow="fold", no_wrap=title == "state")
    for study in studies:
        why = ": ".join(part for part in (study.reason, study.detail) if part)
        table.add_row(
            f"[{STYLES[study.state]}]{study.state}[/]",
            str(study.instances),
            f"{study.updated_at:%Y-%m-%d %H:%M:%S}",
            study.study_instance_uid,
            escape(why),
        )
    return table
