"""``python -m tests.fuzz [files|associations]``, with ``--seed --count --seconds``."""

import argparse
import sys
from pathlib import Path

from tests.fuzz.association_run import run_associations
from tests.fuzz.file_run import keep, run_files

_FOUND = Path("build/fuzz")


def main() -> int:
    """Run what is asked for and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("what", nargs="?", choices=("files", "associations"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=None)
    parser.add_argument("--seconds", type=float, default=280.0)
    parser.add_argument("--score-every", type=int, default=8)
    chosen = parser.parse_args()
    failed = False
    if chosen.what in (None, "files"):
        report = run_files(
            chosen.seed,
            chosen.count or 20_000,
            chosen.seconds,
            score_every=chosen.score_every,
        )
        print(*report.lines(), sep="\n")  # noqa: T201 (what it is for)
        keep(report, _FOUND)
        failed = failed or bool(report.faults)
    if chosen.what in (None, "associations"):
        talked = run_associations(chosen.seed, chosen.count or 100_000, chosen.seconds)
        print(*talked.lines(), sep="\n")  # noqa: T201 (what it is for)
        failed = failed or bool(talked.faults)
    return int(failed)


sys.exit(main()) if __name__ == "__main__" else None
