"""Charts of a training: what competes, what is selected, what chance does.

Numbers in, pictures out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.page.document import Picture
from model.page.drawing import (
    COLOURS,
    INK,
    MARKERS,
    QUIET,
    new_figure,
    picture_of,
)

Floats = NDArray[np.float64]

_ROW_MM = 7.0
_FRAME_MM = 24.0
_NAMED = 7
"""Features of a path that are told apart; as many as there are colours."""


@dataclass(frozen=True)
class Contender:
    """A model in the comparison.

    Attributes
    ----------
    name : str
    value : float
    low, high : float or None
    """

    name: str
    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True, eq=False)
class Path:
    """A readout's LASSO.

    Attributes
    ----------
    title : str
    names : sequence of str
        Of the features.
    penalties : ndarray, shape (penalties,)
        Falling.
    coefficients : ndarray, shape (penalties, features)
        For one standard deviation of each feature.
    errors, standard_errors : ndarray, shape (penalties,)
    penalty : float
        The chosen one.
    """

    title: str
    names: Sequence[str]
    penalties: Floats
    coefficients: Floats
    errors: Floats
    standard_errors: Floats
    penalty: float


def comparison_picture(contenders: Sequence[Contender]) -> Picture:
    """Return C-indices with intervals, one below the other; 0.5 is chance."""
    figure = new_figure(160, _FRAME_MM + _ROW_MM * len(contenders))
    axes = figure.subplots()
    for row, each in enumerate(contenders):
        colour = COLOURS[row % len(COLOURS)]
        if each.low is not None and each.high is not None:
            axes.plot([each.low, each.high], [row, row], color=colour, linewidth=2)
        axes.plot([each.value], [row], MARKERS[row % len(MARKERS)], color=colour)
        axes.annotate(
            f"{each.value:.2f}",
            (each.value, row),
            xytext=(0, 5),
            textcoords="offset points",
            ha="center",
        )
    axes.axvline(0.5, color=QUIET, linestyle="--", linewidth=1)
    axes.set_yticks(range(len(contenders)), [each.name for each in contenders])
    axes.set_ylim(len(contenders) - 0.4, -0.7)
    axes.set_xlim(0, 1.02)
    axes.set_xlabel("C-index in cross-validation; dashed: chance")
    return picture_of(figure)


def path_picture(path: Path) -> Picture:
    """Return a LASSO's coefficients and its cross-validated error over the penalty.

    The largest coefficients at the chosen penalty are named (at the smallest, where
    none is chosen); a line marks that penalty.
    """
    figure = new_figure(160, 105)
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=[3, 2])
    at = int(np.argmin(abs(path.penalties - path.penalty)))
    there = abs(path.coefficients[at])
    if not there.any():
        there = abs(path.coefficients[-1])
    named = [int(column) for column in np.argsort(-there)[:_NAMED] if there[column] > 0]
    for column in range(path.coefficients.shape[1]):
        values = path.coefficients[:, column]
        if column not in named and values.any():
            upper.plot(path.penalties, values, color=QUIET, linewidth=0.5, alpha=0.6)
    for place, column in enumerate(named):
        upper.plot(
            path.penalties,
            path.coefficients[:, column],
            color=COLOURS[place],
            marker=MARKERS[place],
            markevery=12,
            markersize=4,
            label=path.names[column],
        )
    upper.set_title(path.title)
    upper.set_ylabel("coefficient per SD")
    if named:
        upper.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    band = (path.errors - path.standard_errors, path.errors + path.standard_errors)
    lower.fill_between(path.penalties, *band, color=COLOURS[0], alpha=0.2, linewidth=0)
    lower.plot(path.penalties, path.errors, color=COLOURS[0])
    lower.set_ylabel("squared error")
    lower.set_xlabel("penalty; dashed: chosen")
    for axes in (upper, lower):
        axes.axvline(path.penalty, color=INK, linestyle="--", linewidth=1)
    lower.set_xscale("log")
    lower.invert_xaxis()
    return picture_of(figure)


def frequency_picture(
    names: Sequence[str], frequencies: Mapping[str, Sequence[float]]
) -> Picture:
    """Return how often features are selected, a marker for each readout.

    Parameters
    ----------
    names : sequence of str
        Of the features, the most frequent first.
    frequencies : mapping of str to sequence of float
        By readout, and for the model; as many as names, NaN where there is none.
    """
    figure = new_figure(160, _FRAME_MM + 5.5 * len(names))
    axes = figure.subplots()
    for place, (series, values) in enumerate(frequencies.items()):
        axes.plot(
            values,
            range(len(names)),
            MARKERS[place % len(MARKERS)],
            color=COLOURS[place % len(COLOURS)],
            label=series,
            linestyle="none",
        )
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.set_xlim(-0.02, 1.02)
    axes.set_xlabel("share of resamples in which it is selected")
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    return picture_of(figure)


def permutation_picture(drawn: Sequence[float], observed: float) -> Picture:
    """Return C-indices with permuted readouts, and the observed one as a line."""
    figure = new_figure(160, 70)
    axes = figure.subplots()
    finite = [value for value in drawn if np.isfinite(value)]
    bins = np.linspace(0, 1, 41).tolist()
    axes.hist(finite, bins=bins, color=COLOURS[4], edgecolor="white")
    axes.axvline(observed, color=COLOURS[1], linewidth=2)
    axes.set_xlim(0, 1)
    axes.set_xlabel(
        "C-index in cross-validation with permuted readouts; line: observed"
    )
    axes.set_ylabel("permutations")
    return picture_of(figure)
