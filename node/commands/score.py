"""``score``: a folder of DICOM in, result objects out, without a network."""

from pathlib import Path
from typing import Any

import click

from node.commands.options import (
    config_option,
    json_option,
    parse_instant,
    species_option,
    units_option,
)


@click.command("score")
@click.argument("source", type=click.Path(path_type=Path, exists=True))
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for the result objects.",
)
@config_option
@species_option
@units_option
@click.option("--model", metavar="NAME", help="Score model; see docs/results.md.")
@click.option(
    "--at",
    callback=parse_instant,
    metavar="INSTANT",
    help="Instant of the results, ISO 8601; now without it. The same instant gives "
    "the same bytes.",
)
@json_option
def score_command(**asked: Any) -> None:
    """Score the study in SOURCE: a folder, zip file or DICOMDIR.

    Writes the objects that results.objects names below --out: reports, segmentation,
    maps, series and pages. `exhaustion-node show` shows them again. Exit code 3 says
    that something was held; the reasons stand on stderr and in the JSON.
    """
    from node.commands.work.score import do_score

    do_score(**asked)
