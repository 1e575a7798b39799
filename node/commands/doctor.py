"""``doctor``: every peer, port, disk and clock tried, each fault with its remedy."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from node.commands.exits import EXIT_HELD
from node.commands.options import (
    config_option,
    console,
    json_option,
    print_json,
    settings_of,
)
from node.display import print_text, printable

if TYPE_CHECKING:
    from node.doctor.finding import Finding

_MARKS = {"well": "[green]ok[/]", "doubtful": "[yellow]look[/]", "ill": "[red]fault[/]"}


@click.command("doctor")
@config_option
@click.option(
    "--timeout-s",
    type=click.FloatRange(min=0.1),
    default=5.0,
    show_default=True,
    help="For each connection, association and answer.",
)
@json_option
def doctor_command(
    *, config_file: Path | None, timeout_s: float, as_json: bool
) -> None:
    """Try everything that the node of a configuration needs.

    The data folder is written to, the ledger opened, the port asked, each archive
    called with every service that it is to be used by, each certificate read, the clock
    compared. Nothing is stored anywhere. Each finding that is not well says what to do;
    the exit code is 3 when there is a fault.
    """
    from node import clock
    from node.doctor.examination import examine
    from node.doctor.finding import Health

    settings = settings_of(config_file)
    found = []
    for finding in examine(settings, clock.now(), timeout_s):
        found.append(finding)
        if not as_json:
            _show(finding)
    faults = sum(finding.health is Health.ILL for finding in found)
    if as_json:
        print_json({"well": not faults, "findings": [vars(each) for each in found]})
    else:
        told = f"{faults} fault{'s' if faults != 1 else ''}" if faults else "no faults"
        click.echo(f"{len(found)} things tried, {told}")
    if faults:
        sys.exit(EXIT_HELD)


def _show(finding: "Finding") -> None:
    page = console()
    page.print(f"{_MARKS[finding.health]:<5} ", end="")
    page.print(
        printable(f"{finding.subject}: {finding.fact}"), markup=False, soft_wrap=True
    )
    if finding.remedy:
        print_text(page, printable(finding.remedy), indent=6)
