"""``make paper``: the whole study, into ``build/paper``, and what came of it.

Exit code 0 where all of the truth was found, 1 where something was not.
"""

import json
import os
import shutil
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from tests.paper.recovered import Finding, recovered
from tests.paper.side_by_side import Beside, side_by_side
from tests.paper.study import Plan, conduct
from tests.paper.truth import Size

FOLDER = Path(__file__).resolve().parents[2] / "build" / "paper"
LABEL = (
    "SYNTHETIC: phantoms of a stated generative model (docs/paper.md), no animals. The "
    "paper's numbers are of mice and stand beside for orientation only."
)
_THOROUGHNESS = ("--repeats", "5", "--permutations", "50", "--resamples", "50")
_WIDTH = 132


def main() -> int:
    """Do the study, print and write what came of it; return the exit code."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    began = time.monotonic()

    def tell(what: str) -> None:
        click.echo(f"{time.monotonic() - began:5.0f} s  {what}", err=True)

    processes = min(2, os.cpu_count() or 1)
    study = conduct(Plan(FOLDER, Size(), processes, _THOROUGHNESS, tell))
    rows, findings = side_by_side(study), recovered(study)
    tell("done")
    write_summary(rows, findings, FOLDER)
    click.echo((FOLDER / "summary.txt").read_text(encoding="utf-8"))
    click.echo(f"Everything is in {FOLDER}")
    return 0 if all(each.found for each in findings) else 1


def write_summary(
    rows: Sequence[Beside], findings: Sequence[Finding], folder: Path
) -> None:
    """Write ``summary.txt`` for people and ``summary.json`` for programs."""
    with (folder / "summary.txt").open("w", encoding="utf-8") as file:
        console = Console(file=file, width=_WIDTH, color_system=None, markup=False)
        console.print(LABEL, highlight=False)
        console.print(_beside(rows))
        console.print(_found(findings))
    document = {
        "synthetic": True,
        "label": LABEL,
        "side_by_side": [asdict(each) for each in rows],
        "recovered": [asdict(each) for each in findings],
    }
    text = json.dumps(document, indent=2, ensure_ascii=False)
    (folder / "summary.json").write_text(f"{text}\n", encoding="utf-8")


def _beside(rows: Sequence[Beside]) -> Table:
    title = "Zhang et al. 2023, and phantoms (synthetic)"
    table = Table(title=title, show_lines=True, expand=True)
    for name, share in (("quantity", 2), ("paper", 3), ("phantoms (synthetic)", 5)):
        table.add_column(name, ratio=share, overflow="fold")
    for each in rows:
        table.add_row(each.quantity, each.paper, each.ours)
    return table


def _found(findings: Sequence[Finding]) -> Table:
    title = "The truth that was put in (synthetic)"
    table = Table(title=title, show_lines=True, expand=True)
    for name, share in (("truth", 3), ("found", 1), ("evidence", 6)):
        table.add_column(name, ratio=share, overflow="fold")
    for each in findings:
        table.add_row(each.truth, "yes" if each.found else "NO", each.evidence)
    return table


if __name__ == "__main__":
    sys.exit(main())
