"""Validation, from the tables that were chosen to what is found."""

from dataclasses import dataclass

from config.schema import Settings
from node.learning.tables.choice import TableChoice
from node.learning.tables.join import read_joined
from node.learning.validation.labels import LabelRule, label_rule, readout_of
from node.learning.validation.numbers import Drawing, Validation, validate
from node.learning.validation.rows import (
    ScoredRows,
    model_of,
    require_preparation,
    scored_rows,
)
from node.learning.validation.setting import setting_of


@dataclass(frozen=True)
class LabelOptions:
    """Which labels, and which rows are not independent.

    Attributes
    ----------
    model : str
        Name or file.
    label : str or None
        A readout; that of the model without it.
    cut_off : str or None
        ``training``, ``median`` or a number.
    grouping : str
        ``animal``, ``cage`` or ``batch``.
    """

    model: str
    label: str | None
    cut_off: str | None
    grouping: str


def labelled_rows(
    choice: TableChoice, settings: Settings, options: LabelOptions
) -> tuple[ScoredRows, LabelRule]:
    """Return the rows of tables with their scores, and how they are labelled.

    Parameters
    ----------
    choice : TableChoice
    settings : Settings
    options : LabelOptions

    Raises
    ------
    config.refusal.RefusalError
        With what must be put right in tables, model or options.
    """
    model = model_of(options.model, settings)
    readout = readout_of(options.label, model)
    table = read_joined(choice, settings)
    require_preparation(table, model, settings)
    rows = scored_rows(table, model, readout, options.grouping)
    return rows, label_rule(options.cut_off, readout, model, rows.values)


def run_validation(
    choice: TableChoice,
    settings: Settings,
    options: LabelOptions,
    drawing: Drawing,
    *,
    declared_apparent: bool = False,
) -> Validation:
    """Return what tables say of a model.

    Parameters
    ----------
    choice : TableChoice
    settings : Settings
    options : LabelOptions
    drawing : Drawing
    declared_apparent : bool
        Whether the user says that the model was made from these animals.

    Raises
    ------
    config.refusal.RefusalError
        With what must be put right in tables, model or options.
    """
    rows, rule = labelled_rows(choice, settings, options)
    setting = setting_of(rows, declared_apparent=declared_apparent)
    return validate(rows, rule, setting, drawing)
