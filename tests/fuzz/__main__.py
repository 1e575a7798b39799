"""``python -m tests.fuzz [files|associations]``, with ``--seed --count --seconds``."""

import argparse
import sys
from pathlib import Path

from tests.fuzz.association_run import run_associations
from tests.fuzz.file_run import keep, run_files

_FOUND = Path("build/fuzz")
_FILES_S = 330.0
_ASSOCIATIONS_S = 210.0
"""With what is waited for before and after, both stay below ten minutes."""


def main() -> int:
    """Run what is asked for and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("what", nargs="?", choices=("files", "associations"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=None)
    parser.add_argument("--seconds", type=float, default=None)
    parser.add_argument("--score-every", type=int, default=20)
    chosen = parser.parse_args()
    failed = False
    if chosen.what in (None, "files"):
        count = chosen.count or 20_000
        report = run_files(
            chosen.seed,
            count,
            chosen.seconds or _FILES_S,
            score_every=chosen.score_every,
        )
        _print(*report.lines(), *_short_of(count, report.examined, "files"))
        keep(report, _FOUND)
        failed = bool(report.faults) or report.examined < count
    if chosen.what in (None, "associations"):
        count = chosen.count or 100_000
        seconds = chosen.seconds or _ASSOCIATIONS_S
        talked = run_associations(chosen.seed, count, seconds)
        _print(*talked.lines(), *_short_of(count, talked.pdus, "PDUs"))
        failed = failed or bool(talked.faults) or talked.pdus < count
    return int(failed)


def _short_of(count: int, reached: int, what: str) -> list[str]:
    """Return what is to be said of a run that its time has ended."""
    if reached >= count:
        return []
    return [f"FAULT only {reached} of {count} {what} in the time: give more --seconds"]


def _print(*lines: str) -> None:
    print(*lines, sep="\n", flush=True)  # noqa: T201 (what it is for)


sys.exit(main()) if __name__ == "__main__" else None
