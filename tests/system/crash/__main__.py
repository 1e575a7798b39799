"""``make crash``: the matrix as a table, and in ``build/crash.json``.

Exit code 0 when nothing was lost, doubled or left over anywhere, 1 otherwise.
"""

import json
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from config.load import default_settings
from node.compute.warm_up import warm_up
from node.fault_points import FaultPoint
from node.options.case import case_options
from tests.support.kept import Faults
from tests.support.passings import passed
from tests.system.crash.forked import Fork, forked_node
from tests.system.crash.matrix import Cell, Material, Verdict, judge, material
from tests.system.crash.whole import WHOLE, WHOLE_IN_BRIEF, started_node

_RESULTS = Path(__file__).resolve().parents[3] / "build" / "crash.json"
_LONGEST_S = 150.0
_LATER = 2
_REFERENCE = Cell(None, 1)
_WIDTH = 110


@click.command()
@click.option("--times", default="1,2", help="Passings to kill at, by commas.")
@click.option("--point", "points", multiple=True, help="Only these fault points.")
@click.option(
    "--bounded", is_flag=True, help="Fewer later passings and whole services."
)
@click.option("--at-once", default=2, help="Cells at a time.")
@click.option("--out", default=_RESULTS, type=click.Path(path_type=Path))
def crash(
    times: str, points: Sequence[str], *, bounded: bool, at_once: int, out: Path
) -> None:
    """Kill the node at each fault point, restart it, and look what it kept."""
    folder = Path(tempfile.mkdtemp(prefix="exhaustion-crash-"))
    sent = material(folder / "sent", studies=_LATER)
    # What is forked from now on has computed before.
    warm_up(case_options(default_settings()))
    runs = _Runs(folder, sent, at_once)
    [reference] = runs.judged([_REFERENCE])
    reached = passed(runs.place(_REFERENCE) / "passed")
    wanted = [FaultPoint(each) for each in points] or list(FaultPoint)
    cells = [
        Cell(point, int(time), whole)
        for whole in (False, True)
        for point in wanted
        for time in times.split(",")
        if reached[point] and _is_run(point, int(time), whole=whole, bounded=bounded)
    ]
    judged = [(_REFERENCE, reference), *zip(cells, runs.judged(cells), strict=True)]
    missed = [point for point in wanted if not reached[point]]
    out.parent.mkdir(exist_ok=True, parents=True)
    out.write_text(json.dumps(_as_data(judged, missed), indent=1))
    _print(judged, missed)
    if any(verdict.faults or not _as_meant(cell, verdict) for cell, verdict in judged):
        Console(stderr=True).print(f"what was left lies in {folder}")
        sys.exit(1)
    shutil.rmtree(folder)


def _is_run(point: FaultPoint, time: int, *, whole: bool, bounded: bool) -> bool:
    if whole:
        return point in (WHOLE_IN_BRIEF if bounded else WHOLE) and time == 1
    return time == 1 or not bounded or point in WHOLE


class _Runs:
    """Cells, each in a fork of its own, some at a time."""

    def __init__(self, folder: Path, sent: Material, at_once: int) -> None:
        self._folder = folder
        self._sent = sent
        self._at_once = at_once

    def place(self, cell: Cell) -> Path:
        """Return the folder of a cell."""
        return self._folder / cell.name

    def judged(self, cells: Sequence[Cell]) -> list[Verdict]:
        """Return what became of each cell."""
        waiting = list(cells)
        under_way: list[Fork] = []
        while waiting or under_way:
            while waiting and len(under_way) < self._at_once:
                under_way.append(self._begun(waiting.pop(0)))
            under_way[0].wait(0.05)
            under_way = [each for each in under_way if not each.has_ended()]
        return [self._verdict(cell) for cell in cells]

    def _begun(self, cell: Cell) -> Fork:
        start = started_node if cell.whole else forked_node

        def run() -> None:
            verdict = judge(cell, self._sent, self.place(cell), start)
            self._file(cell).write_text(json.dumps(asdict(verdict)))

        return Fork(run, self._folder / f"{cell.name}.log")

    def _verdict(self, cell: Cell) -> Verdict:
        if not self._file(cell).exists():
            log = (self._folder / f"{cell.name}.log").read_text().splitlines()
            return Verdict(faults=Faults(odd=["the run failed", *log[-1:]]))
        data = json.loads(self._file(cell).read_text())
        return Verdict(**{**data, "faults": Faults(**data["faults"])})

    def _file(self, cell: Cell) -> Path:
        return self._folder / f"{cell.name}.json"


def _as_meant(cell: Cell, verdict: Verdict) -> bool:
    """Return whether a cell tells what it is there for: its kill came."""
    return verdict.killed is (cell.point is not None)


def _as_data(
    judged: Sequence[tuple[Cell, Verdict]], missed: Sequence[FaultPoint]
) -> dict[str, object]:
    return {
        "cells": [
            {"name": cell.name, "as_meant": _as_meant(cell, verdict), **asdict(verdict)}
            for cell, verdict in judged
        ],
        "never_passed": missed,
    }


def _print(
    judged: Sequence[tuple[Cell, Verdict]], missed: Sequence[FaultPoint]
) -> None:
    table = Table(title="The node, killed at each fault point and restarted")
    for name in ("point", "passing", "service"):
        table.add_column(name)
    for name in ("killed", "acknowledged", "lost", "doubled", "odd", "s"):
        table.add_column(name, justify="right")
    for cell, verdict in judged:
        faults = verdict.faults
        table.add_row(
            cell.point or "none: it is not killed",
            str(cell.time),
            "whole" if cell.whole else "forked",
            "yes" if verdict.killed else "no",
            str(verdict.acknowledged),
            *(str(len(each)) for each in (faults.lost, faults.doubled, faults.odd)),
            f"{verdict.seconds:.1f}",
        )
    console = Console(width=_WIDTH)
    console.print(table)
    for cell, verdict in judged:
        found = verdict.faults
        for words in (*found.lost, *found.doubled, *found.odd):
            console.print(f"{cell.name}: {words}", markup=False)
        if not _as_meant(cell, verdict):
            console.print(f"{cell.name}: the kill did not come as it should")
    if missed:
        console.print(f"not passed: {', '.join(missed)}", markup=False)


if __name__ == "__main__":
    crash()
