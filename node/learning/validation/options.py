"""The options that ``validate`` and ``calibrate`` share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from model.learning.performance.resamples import RESAMPLES
from model.learning.readout import Readout
from node.learning.validation.groupings import ANIMAL, GROUPINGS

Command = TypeVar("Command", bound=Callable[..., Any])

SEED = 20231101
LARGEST_SEED = 2**32 - 1


def labelling_options(command: Command) -> Command:
    """Add ``--model``, ``--label``, ``--cut-off``, ``--groups``, ``--out``, ...."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


_OPTIONS = (
    click.option(
        "--model",
        required=True,
        metavar="NAME|FILE",
        help="Score model: a name, or a file.",
    ),
    click.option(
        "--label",
        type=click.Choice([str(readout) for readout in Readout]),
        help="Readout of flow cytometry that is cut to labels; without it the model's "
        "own, or terminal.",
    ),
    click.option(
        "--cut-off",
        metavar="training|median|NUMBER",
        help="Above it a label is 1: the cut-off that the model was made with, the "
        "median of these rows, or a number. Without it the first, or the median where "
        "the model has none.",
    ),
    click.option(
        "--groups",
        "grouping",
        type=click.Choice(GROUPINGS),
        default=ANIMAL,
        show_default=True,
        help="Whose scans are not independent; intervals and resamples are of these.",
    ),
    click.option(
        "--out",
        required=True,
        type=click.Path(path_type=Path, file_okay=False),
        help="Folder for the report: report.html, report.pdf, summary.json and tables.",
    ),
    click.option(
        "--resamples",
        type=click.IntRange(100, 100_000),
        default=RESAMPLES,
        show_default=True,
        help="Bootstrap samples of the correction for optimism.",
    ),
    click.option(
        "--seed",
        type=click.IntRange(0, LARGEST_SEED),
        default=SEED,
        show_default=True,
        help="Of all that is drawn at random.",
    ),
)
"""In the order of the help."""
