"""``audit``: the ledger against the disk.

Design choice: exit code 0 says that everything is accounted for, 3 that something is
not, or needs a person; so a nightly job can watch it.
"""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from node import clock
from node.commands.exits import EXIT_HELD
from node.commands.options import (
    config_option,
    console,
    json_option,
    notes,
    print_json,
    settings_of,
)
from node.data_folder import is_in_use, open_ledger
from node.display import print_text, printable
from node.keeping.finding import Finding, Report
from node.keeping.reconciliation import reconcile
from node.options.keeping import audit_options


@click.command("audit")
@click.option("--repair", is_flag=True, help="Put right what needs no opinion.")
@click.option(
    "--quick", is_flag=True, help="Compare sizes of files instead of their contents."
)
@config_option
@json_option
def audit_command(
    *, repair: bool, quick: bool, config_file: Path | None, as_json: bool
) -> None:
    """Prove that everything received is accounted for, and its files are whole.

    Goes through every row and every file of the data folder: objects, results,
    deliveries, studies and jobs. What does not agree is told with its remedy; exit code
    3 then, unless --repair could put all of it right. Works while the node runs, and
    while it does not.
    """
    settings = settings_of(config_file)
    options = audit_options(settings, repair=repair, quick=quick)
    with open_ledger(settings) as ledger, notes().status("") as status:
        report = reconcile(
            ledger,
            options,
            clock.now,
            node_runs=is_in_use(options.root),
            progress=status.update,
        )
    if as_json:
        print_json(_data(report))
    else:
        _show(console(), report)
    if report.left:
        sys.exit(EXIT_HELD)


def _data(report: Report) -> dict[str, Any]:
    return {
        "node_runs": report.node_runs,
        "accounts": dict(sorted(report.accounts.items())),
        "found": {str(kind): number for kind, number in sorted(report.kinds.items())},
        "repaired": report.repaired,
        "left": report.left,
        "findings": [
            {**vars(finding), "kind": str(finding.kind)} for finding in report.findings
        ],
    }


def _show(page: Console, report: Report) -> None:
    page.print("[bold]Accounted for[/]")
    for account, number in sorted(report.accounts.items()):
        page.print(f"  {number:>9,} {account}", markup=False)
    if not report.node_runs:
        page.print("no node runs; what is to be done waits for its start")
    if not report.kinds:
        page.print("\n[bold green]everything agrees[/]")
        return
    page.print()
    page.print(_table(report))
    for finding in report.findings:
        _show_finding(page, finding)
    told = len(report.findings)
    if told < report.kinds.total():
        page.print(f"\nand {report.kinds.total() - told:,} more of these kinds")
    color = "bold yellow" if report.left else "bold green"
    page.print(f"\n[{color}]{report.repaired} repaired, {report.left} left[/]")


def _table(report: Report) -> Table:
    table = Table("found", "number")
    table.columns[1].justify = "right"
    for kind, number in sorted(report.kinds.items()):
        table.add_row(str(kind), f"{number:,}")
    return table


def _show_finding(page: Console, finding: Finding) -> None:
    """Print a finding; what it is about stands whole on a line of its own."""
    mark = "[green]repaired[/] " if finding.repaired else ""
    page.print(f"\n{mark}[bold]{finding.kind}[/]")
    for line in _lines(finding):
        print_text(page, printable(line), indent=2)


def _lines(finding: Finding) -> Iterable[str]:
    return (finding.what, finding.detail, finding.remedy)
