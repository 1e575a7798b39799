"""``repeatability``: which features say the same when nothing has changed."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from model.features.feature import CT, PET
from model.learning.repeatability.keeping import CCC_CT, CCC_PET, DecidedOn
from node.commands.options import (
    config_option,
    json_option,
    species_option,
)
from node.learning.repeatability.pair_by import PairBy

_THRESHOLD = click.FloatRange(-1, 1)


def _parse_repeats(
    _context: click.Context, _parameter: click.Parameter, value: str | None
) -> tuple[int, ...]:
    parts = value.split(",") if value else []
    if not all(part.strip().isdecimal() for part in parts):
        fact = f"{value!r} are no repeats such as 1,2"
        raise click.BadParameter(fact)
    return tuple(int(part) for part in parts)


def _parse_columns(
    _context: click.Context, _parameter: click.Parameter, value: Sequence[str]
) -> dict[str, str]:
    for each in value:
        if "=" not in each.strip("="):
            fact = f"{each!r} is not of the form NAME=HEADER"
            raise click.BadParameter(fact)
    return {name: header for name, _, header in (each.partition("=") for each in value)}


@click.command("repeatability")
@click.option(
    "--features",
    "tables",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    multiple=True,
    help="Table of features with the columns animal and repeat; may be given again.",
)
@click.option(
    "--test",
    type=click.Path(path_type=Path, exists=True),
    help="Instead of a table: folder, zip file or DICOMDIR with the first scans.",
)
@click.option(
    "--retest",
    type=click.Path(path_type=Path, exists=True),
    multiple=True,
    help="The same with the second scans; again for the third, and so on.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="Folder of the report.",
)
@click.option(
    "--ccc-pet",
    type=_THRESHOLD,
    default=CCC_PET,
    show_default=True,
    help="A PET feature is kept above this concordance.",
)
@click.option(
    "--ccc-ct",
    type=_THRESHOLD,
    default=CCC_CT,
    show_default=True,
    help="A CT feature is kept above this concordance.",
)
@click.option(
    "--on",
    type=click.Choice([str(each) for each in DecidedOn]),
    default=str(DecidedOn.ESTIMATE),
    show_default=True,
    help="Compared with the threshold: the estimate, as in the paper, or the lower "
    "limit of its 95 % interval.",
)
@click.option(
    "--repeats",
    metavar="1,2",
    callback=_parse_repeats,
    help="Which repeats are compared; all without it.",
)
@click.option(
    "--column",
    "columns",
    metavar="NAME=HEADER",
    multiple=True,
    callback=_parse_columns,
    help="The header under which a table has the column animal, repeat, roi, modality, "
    "profile or profile_sha256, or a feature of the catalogue.",
)
@click.option(
    "--feature",
    "named",
    metavar="HEADER",
    multiple=True,
    help="A further column of a table that is a feature.",
)
@click.option(
    "--modality",
    "modalities",
    type=click.Choice([PET, CT]),
    multiple=True,
    default=[PET],
    show_default=True,
    help="Of which images of the studies; give both for both.",
)
@click.option(
    "--pair-by",
    type=click.Choice([str(each) for each in PairBy]),
    default=str(PairBy.ANIMAL),
    show_default=True,
    help="What scans of one subject have in common: the animal as the node knows it, "
    "the PatientID, or the name of their folder below --test and --retest.",
)
@click.option(
    "--roi",
    "rois",
    metavar="PATTERN",
    multiple=True,
    help="Only these regions of the studies, * and ? allowed.",
)
@click.option(
    "--profile",
    metavar="NAME|FILE",
    help="How the features of studies are computed, as in the command features.",
)
@config_option
@species_option
@json_option
@click.pass_context
def repeatability_command(context: click.Context, /, **asked: Any) -> None:
    """Tell which features repeat when an animal is scanned twice.

    \b
    Columns: animal, repeat and features, a row a scan and region;
    optional: roi, modality, profile, profile_sha256:
      animal,repeat,roi,modality,glcm_Contrast,glcm_Homogeneity2
      m01,1,Tumor,PET,812.4,0.0312
      m01,2,Tumor,PET,790.9,0.0325

    or two folders of DICOM studies with RTSTRUCT or SEG, --test and --retest. For each
    feature: Lin's concordance correlation coefficient (CCC) with its interval, ICC,
    within-subject coefficient of variation, repeatability coefficient and bias.

    \b
    Example:
      exhaustion-node repeatability --features retest.csv --out repeatability

    Writes to --out: repeatability.csv (every feature), kept.csv (those above the
    threshold, for train --kept), findings.csv (rows that were not simply used),
    report.html, report.pdf, summary.json.

    Exit code 3 says that something could not be assessed; the report is written.
    """  # noqa: D301 (click's mark before lines that stay apart)
    tables, test, retest = (bool(asked[key]) for key in ("tables", "test", "retest"))
    if tables == test or test != retest:
        fact = "Give either --features, or --test together with --retest."
        raise click.UsageError(fact)
    from node.commands.work.repeatability import do_repeatability

    do_repeatability(context, **asked)
