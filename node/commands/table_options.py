"""The options that name tables, shared by what learns from them."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar, cast

import click

from node.learning.tables.choice import TableChoice

Command = TypeVar("Command", bound=Callable[..., Any])

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


def table_options(command: Command) -> Command:
    """Add the options that name tables; the command gets one keyword, `tables`.

    Parameters
    ----------
    command : callable
        Takes the keyword `tables`, a `node.learning.tables.choice.TableChoice`.
    """

    @wraps(command)
    def with_choice(
        *,
        features: tuple[Path, ...],
        ledger: bool,
        flow: Path | None,
        fractions: Path | None,
        design: Path | None,
        roi: str | None,
        column: dict[str, str],
        **rest: Any,
    ) -> Any:
        choice = TableChoice(features, ledger, flow, fractions, design, roi, column)
        return command(tables=choice, **rest)

    with_options: Callable[..., Any] = with_choice
    for option in reversed(_OPTIONS):
        with_options = option(with_options)
    return cast("Command", with_options)


def _columns(
    _context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]
) -> dict[str, str]:
    """Return the columns of ``--column``, by name."""
    found: dict[str, str] = {}
    for value in values:
        name, sign, header = value.partition("=")
        name, header = name.strip(), header.strip()
        if not (name and sign and header):
            fact = f'{value!r} is not NAME=HEADER, such as terminal="PD-1hi"'
            raise click.BadParameter(fact)
        if name in found:
            fact = f"{name} is named twice"
            raise click.BadParameter(fact)
        found[name] = header
    return found


_OPTIONS = (
    click.option(
        "--features",
        type=_FILE,
        multiple=True,
        help="Table of features, a row a region of a scan: of `features --table` (PET "
        "and CT), a document of `score --json`, or one of your own with the columns "
        "animal, day, roi and features (glcm_InverseVariance, ...). Several times for "
        "several files.",
    ),
    click.option(
        "--ledger",
        is_flag=True,
        help="The results of the node's own ledger; needs --config.",
    ),
    click.option(
        "--flow",
        type=_FILE,
        help="Flow cytometry, a row a tumour: animal, day, early, terminal "
        "(proportions or per cent), early_to_terminal (E/T), mfi.",
    ),
    click.option(
        "--fractions",
        type=_FILE,
        help="Fractions of cells as CIBERSORTx writes them: Mixture, a column for each "
        "type of cell, P-value. Rows with P of 0.05 or more are left out.",
    ),
    click.option(
        "--design",
        type=_FILE,
        help="Design, a row an animal or an animal and day: animal, tumour_model, "
        "group, day, irradiation_day, ici_day, cage, batch, sample, scan_date, day_0, "
        "study_instance_uid, route.",
    ),
    click.option(
        "--roi", metavar="NAME", help="The region that is meant, of several in a scan."
    ),
    click.option(
        "--column",
        metavar="NAME=HEADER",
        multiple=True,
        callback=_columns,
        help="Read the column HEADER of a file as NAME, such as "
        'terminal="Lymphocytes/CD8+/PD-1hi | Freq. of Parent (%)".',
    ),
)
"""In the order of the help."""
