"""``validate``: how well a score model does on a site's own labels."""

from typing import Any

import click

from node.commands.options import (
    config_option,
    json_option,
)
from node.commands.table_options import table_options
from node.learning.validation.options import labelling_options


@click.command("validate")
@table_options
@labelling_options
@click.option(
    "--apparent",
    is_flag=True,
    help="The model was made from these animals, whatever its file can tell: correct "
    "for optimism.",
)
@config_option
@json_option
def validate_command(**asked: Any) -> None:
    """Measure how well a score model foretells the labels of these tables.

    Scores are made of the features as the node makes them, and compared with flow
    cytometry above a cut-off: C-index, Brier score, calibration, decision curve, each
    with a 95 % interval or `not assessable at n = ...`. Rows that the model was made
    from are told by the checksums in its file, and corrected for optimism.

    \b
    Columns: animal, day and the model's features (--features);
    animal, day and the readout (--flow); optional: --design.

    \b
    Example:
      exhaustion-node features STUDY --profile zhang2023-fine --table f.csv
      exhaustion-node validate --model zhang2023-fine --features f.csv
        --flow flow.csv --cut-off median --out validation

    Writes report.html, report.pdf, summary.json, performance.csv, scores.csv and the
    points of the curves. Exit code 3 says that the C-index is not assessable.
    """  # noqa: D301 (click's mark of a paragraph that stays as it is)
    from node.commands.work.validate import do_validate

    do_validate(**asked)
