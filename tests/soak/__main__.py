"""``make soak``: the run, its table, and ``build/soak.json``.

Exit code 0 when all was kept, 1 otherwise.
"""

import json
import shutil
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from tests.soak.soaking import Outcome, Plan, Soak
from tests.soak.studies import studies

_RESULTS = Path(__file__).resolve().parents[2] / "build" / "soak.json"


@click.command()
@click.option("--instances", default=20_000, help="Objects that are sent.")
@click.option("--study", default=100, help="Objects in a study: PET and its contours.")
@click.option("--senders", default=8, help="Senders at a time.")
@click.option("--kills", default=30, help="How often the node is killed.")
@click.option("--seconds", default=570.0, help="The longest that the run may take.")
@click.option("--seed", default=1, help="Of the times of the kills.")
@click.option("--out", default=_RESULTS, type=click.Path(path_type=Path))
def soak(  # noqa: PLR0917 (its options, which click hands over)
    instances: int,
    study: int,
    senders: int,
    kills: int,
    seconds: float,
    seed: int,
    out: Path,
) -> None:
    """Send from many sides while the node is killed, and look what it kept."""
    folder = Path(tempfile.mkdtemp(prefix="exhaustion-soak-"))
    made = list(studies(folder / "sent", instances=instances, each=study))
    found = Soak(folder, made, Plan(senders, kills, seconds, seed)).run()
    out.parent.mkdir(exist_ok=True, parents=True)
    sent = sum(len(each.files) for each in made)
    out.write_text(json.dumps({"sent": sent, **asdict(found)}, indent=1))
    _print(sent, len(made), found)
    if found.faults:
        Console(stderr=True).print(f"what was left lies in {folder}")
        sys.exit(1)
    shutil.rmtree(folder)


def _print(sent: int, count: int, found: Outcome) -> None:
    table = Table(title="Sent from many sides while the node was killed")
    table.add_column("what")
    table.add_column("number", justify="right")
    faults = found.faults
    for words, number in (
        ("instances sent", sent),
        ("acknowledged", found.acknowledged),
        ("associations", found.associations),
        ("times the node was killed", found.kills),
        ("studies", count),
        ("studies with their result delivered", found.delivered),
        ("lost", len(faults.lost)),
        ("doubled", len(faults.doubled)),
        ("otherwise odd", len(faults.odd)),
        ("seconds", round(found.seconds)),
    ):
        table.add_row(words, str(number))
    console = Console(width=100)
    console.print(table)
    for words in (*faults.lost, *faults.doubled, *faults.odd)[:50]:
        console.print(words, markup=False)


if __name__ == "__main__":
    soak()
