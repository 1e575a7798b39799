"""``make bench``: a line per measurement, and all of them in ``build/bench.json``."""

import json
import sys
from dataclasses import asdict
from pathlib import Path

import click

from tests.benchmarks.contests import CONTESTS
from tests.benchmarks.measurement import UnlikeError, measure

RESULT = Path(__file__).resolve().parents[2] / "build" / "bench.json"


def main(only: list[str]) -> int:
    """Measure what is named, or everything; return the exit code."""
    unknown = [name for name in only if name not in CONTESTS]
    if unknown:
        known = ", ".join(CONTESTS)
        click.echo(f"no measurement {', '.join(unknown)}; there are {known}")
        return 2
    measurements, failed = [], []
    for name in only or CONTESTS:
        try:
            with CONTESTS[name]() as contest:
                found = [measure(contest), *contest.parts()]
        except (UnlikeError, AssertionError) as failure:
            # A comparison that does not hold is no number; the others still are.
            click.echo(
                f"{name} was not measured: {str(failure) or 'the ways end unlike'}"
            )
            failed.append(name)
            continue
        for measurement in found:
            click.echo(str(measurement))
        measurements += found
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps([asdict(each) for each in measurements], indent=2))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
