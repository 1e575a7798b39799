"""``make bench``: a line per measurement, and all of them in ``build/bench.json``."""

import json
import sys
from dataclasses import asdict
from pathlib import Path

import click

from tests.benchmarks.contests import CONTESTS
from tests.benchmarks.measurement import measure

RESULT = Path(__file__).resolve().parents[2] / "build" / "bench.json"


def main(only: list[str]) -> int:
    """Measure what is named, or everything; return the exit code."""
    unknown = [name for name in only if name not in CONTESTS]
    if unknown:
        known = ", ".join(CONTESTS)
        click.echo(f"no measurement {', '.join(unknown)}; there are {known}")
        return 2
    measurements = []
    for name in only or CONTESTS:
        with CONTESTS[name]() as contest:
            measurement = measure(contest)
        click.echo(str(measurement))
        measurements.append(measurement)
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps([asdict(each) for each in measurements], indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
