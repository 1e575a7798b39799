"""``features``: the feature catalogue of a study."""

from pathlib import Path
from typing import Any

import click

from node.commands.options import config_option, json_option, species_option


@click.command("features")
@click.argument("source", type=click.Path(path_type=Path, exists=True))
@click.option("--roi", metavar="NAME", help="Only this region.")
@click.option(
    "--modality",
    type=click.Choice(["PET", "CT", "ANY"]),
    default="PET",
    show_default=True,
    help="Of which image; CT features are on the CT grid unless features.ct_grid says "
    "otherwise. ANY takes the PET that fits the contours, else the CT, else any other "
    "image, NIfTI among them.",
)
@click.option(
    "--profile",
    metavar="NAME|FILE",
    help="Feature profile (ibsi, ...) or score model, or a file of either; without it "
    "that of features.profile in the configuration, else the configured score model.",
)
@config_option
@species_option
@click.option(
    "--table",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write a CSV table as well, one row a region.",
)
@json_option
def features_command(**asked: Any) -> None:
    """Compute the feature catalogue of the study in SOURCE.

    With several regions, --json prints a list; two structure sets may each hold one of
    the name that --roi gives.
    """
    from node.commands.work.features import do_features

    do_features(**asked)
