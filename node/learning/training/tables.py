"""The tables of a training, for programs."""

from typing import Any

import numpy as np
import pandas as pd

from model.learning.estimate import NotAssessable
from model.learning.readout import Readout
from model.learning.selection.lasso import LassoSelection, lasso_path
from model.learning.training.recipe import measured
from node.learning.report.writing import findings_table
from node.learning.training.run import Training
from node.learning.validation.words import assessed_data


def training_tables(training: Training) -> dict[str, pd.DataFrame]:
    """Return the tables that stand beside the report, by name."""
    rows = training.rows
    found = {
        "candidates": _candidates(training),
        "coefficients": _coefficients(training),
        "path": _paths(training),
        "frequencies": frequencies_frame(training),
        "folds": _folds(training),
        "baselines": _baselines(training),
        "left_out": _left_out_frame(training),
        "findings": findings_table((*rows.table.findings, *rows.left_out)),
    }
    if not isinstance(training.permutations, NotAssessable):
        found["permutations"] = pd.DataFrame(
            [
                (number, each.c_index, each.correlation)
                for number, each in enumerate(training.permutations.drawn)
            ],
            columns=["permutation", "c_index", "largest_correlation"],
        )
    return found


def frequencies_frame(training: Training) -> pd.DataFrame:
    """Return how often each feature is selected, the most frequent first."""
    columns: dict[str, Any] = {"feature": list(training.rows.names)}
    columns |= {str(name): found for name, found in training.frequency.items()}
    columns["model"] = training.in_model
    frame = pd.DataFrame(columns)
    readouts = [str(name) for name in training.frequency]
    frame["mean"] = frame[readouts].mean(axis=1)
    return frame.sort_values(
        ["model", "mean", "feature"], ascending=[False, False, True]
    ).reset_index(drop=True)


def selection_of(
    training: Training, readout: Readout
) -> tuple[LassoSelection, list[str]] | None:
    """Return the LASSO of a readout with its features' names, if there is one."""
    found = training.final.selections.get(readout)
    if found is None:
        return None
    return found, [training.rows.names[column] for column in training.final.usable]


def standardised_path(training: Training, readout: Readout) -> Any:
    """Return coefficients for one standard deviation, shape (penalties, features)."""
    data, usable = training.rows.data, np.asarray(training.final.usable, np.intp)
    rows = measured(data, readout)
    features = data.features[np.ix_(rows, usable)]
    penalties = training.final.selections[readout].penalties
    path = lasso_path(features, data.readouts[readout][rows], penalties)
    return path * features.std(axis=0)


def _candidates(training: Training) -> pd.DataFrame:
    rows = [
        (each.name, each.modality, "no" if each.why_not else "yes", each.why_not)
        for each in training.rows.candidates
    ]
    return pd.DataFrame(rows, columns=["feature", "modality", "used", "why_not"])


def _coefficients(training: Training) -> pd.DataFrame:
    """Return the coefficients of every LASSO and of the final fit, in raw units."""
    rows: list[tuple[Any, ...]] = []
    for readout in training.rows.data.readouts:
        found = selection_of(training, readout)
        if found is None:
            continue
        selection, names = found
        rows += [
            (f"lasso_{readout}", name, selection.coefficients[at],
             selection.standardised[at], None)
            for at, name in enumerate(names)
            if at in selection.selected
        ]  # fmt: skip
        rows.append((f"lasso_{readout}", "intercept", selection.intercept, None, None))
    fit = training.final.fit
    if fit is not None:
        numbers = [fit.intercept, *fit.coefficients]
        terms = ["intercept", *training.chosen]
        errors = fit.standard_errors
        rows += [
            ("model", *row)
            for row in zip(terms, numbers, [None] * len(terms), errors, strict=True)
        ]
    columns = ["fit", "term", "coefficient", "standardised", "standard_error"]
    return pd.DataFrame(rows, columns=columns)


def _paths(training: Training) -> pd.DataFrame:
    """Return every LASSO's path: its errors, and coefficients that are not 0."""
    rows: list[tuple[Any, ...]] = []
    for readout in training.rows.data.readouts:
        found = selection_of(training, readout)
        if found is None:
            continue
        selection, names = found
        path = standardised_path(training, readout)
        for at, penalty in enumerate(selection.penalties):
            errors = (selection.errors[at], selection.standard_errors[at])
            chosen = "yes" if penalty == selection.penalty else "no"
            own = (str(readout), float(penalty), chosen, *errors)
            terms = [(names[i], path[at, i]) for i in np.flatnonzero(path[at])]
            rows += [(*own, *term) for term in terms or [("", None)]]
    columns = ["readout", "penalty", "chosen", "error", "standard_error", "feature",
               "standardised"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def _folds(training: Training) -> pd.DataFrame:
    names = training.rows.names
    rows = [
        {
            "repeat": each.repeat,
            "fold": each.fold,
            "fitted_groups": each.fitted_groups,
            "tested_groups": each.tested_groups,
            "tested": len(each.tested),
            "events": each.events,
            "cut_off": each.cut_off,
            "chosen": " ".join(names[column] for column in each.chosen),
            "firth_instead": "yes" if each.fell_back else "no",
            **{f"c_index_{name}": value for name, value in each.c_index.items()},
            **{f"brier_{name}": value for name, value in each.brier.items()},
        }
        for each in training.folds
    ]
    return pd.DataFrame(rows)


def _baselines(training: Training) -> pd.DataFrame:
    rows = [
        {"model": name, "quantity": quantity, **assessed_data(found)}
        for quantity, numbers in (
            ("c_index", training.c_index),
            ("brier_score", training.brier),
        )
        for name, found in numbers.items()
    ]
    gained = training.increment
    rows += [
        {"model": "gained", "quantity": quantity, **assessed_data(found)}
        for quantity, found in (
            ("c_index", gained.c_index),
            ("brier_score", gained.brier),
        )
    ]
    return pd.DataFrame(rows)


def _left_out_frame(training: Training) -> pd.DataFrame:
    names = training.rows.names
    rows = [
        {
            "by": column,
            "name": each.name,
            "fitted": each.fitted,
            "tested": each.tested,
            "chosen": " ".join(names[at] for at in each.chosen),
            "model": model,
            **assessed_data(number),
        }
        for column, found in training.left_out.items()
        if isinstance(found, tuple)
        for each in found
        for model, number in (("texture", each.texture), ("baseline", each.baseline))
    ]
    columns = ["by", "name", "fitted", "tested", "chosen", "model", "value", "low",
               "high", "level", "method", "why"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)
