"""How well scores do: scores by label, the calibration plot, the decision curve."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from model.learning.estimate import NotAssessable
from model.learning.performance.calibration_curve import (
    CalibrationCurve,
    CalibrationGroups,
)
from model.learning.performance.decision import DecisionCurve
from model.learning.performance.grouped_error import expit
from model.page.document import Picture
from model.page.drawing import COLOURS, INK, MARKERS, QUIET, new_figure, picture_of

Floats = NDArray[np.float64]

_SPREAD = 0.32
"""Half the width of a column of points."""
_BINS = 24
"""In which points of like score lie side by side."""
_RUG = 0.025


def score_picture(
    scores: Floats, labels: NDArray[np.bool_], cut_off: float, names: Sequence[str]
) -> Picture:
    """Return every score, below and above the label's cut-off, with the medians.

    A reader sees how far the two columns overlap, which is what the C-index counts.

    Parameters
    ----------
    scores : ndarray, shape (observations,)
    labels : ndarray of bool, shape (observations,)
    cut_off : float
        Of the model's class, on the scale of the score.
    names : sequence of str
        Of the label 0, and of 1.
    """
    figure = new_figure(110, 80)
    axes = figure.subplots()
    for label, name in enumerate(names):
        own = np.sort(scores[labels == bool(label)])
        axes.plot(
            label + _side_by_side(own, np.ptp(scores)),
            own,
            MARKERS[label],
            color=COLOURS[label],
            markersize=4,
            alpha=0.85,
            label=f"{name} (n = {len(own)})",
        )
        if len(own):
            middle = float(np.median(own))
            axes.hlines(middle, label - 0.38, label + 0.38, color=INK, linewidth=1.5)
    axes.axhline(cut_off, color=QUIET, linestyle="--", linewidth=1)
    axes.set_xticks(range(len(names)), list(names))
    axes.set_xlim(-0.6, len(names) - 0.4)
    axes.set_ylabel("Score")
    axes.grid(visible=False, axis="x")
    figure.legend(loc="outside upper left", ncols=2)
    return picture_of(figure)


def calibration_picture(
    scores: Floats,
    labels: NDArray[np.bool_],
    groups: CalibrationGroups | NotAssessable,
    curves: Sequence[tuple[str, CalibrationCurve | NotAssessable]],
) -> Picture:
    """Return the calibration plot: what happened against what was foretold.

    On the diagonal a probability comes true. What could not be assessed is not drawn;
    the ticks at the edges are the observations, above the cut-off at the top.

    Parameters
    ----------
    scores : ndarray, shape (observations,)
        On the logit scale.
    labels : ndarray of bool, shape (observations,)
    groups : CalibrationGroups or NotAssessable
    curves : sequence of (str, CalibrationCurve or NotAssessable)
        With their names, in the order of the legend.
    """
    figure = new_figure(110, 105)
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color=QUIET, linestyle=":", label="ideal")
    styles = ("-", "--", "-.")
    for number, (name, curve) in enumerate(curves):
        if isinstance(curve, NotAssessable):
            continue
        colour = COLOURS[number]
        axes.plot(
            curve.foretold,
            curve.observed,
            color=colour,
            linestyle=styles[number % len(styles)],
            label=name,
        )
        axes.fill_between(
            curve.foretold, curve.low, curve.high, color=colour, alpha=0.14, linewidth=0
        )
    if not isinstance(groups, NotAssessable):
        _draw_groups(axes, groups)
    probabilities = expit(scores)
    for mark, edge in ((False, 0.0), (True, 1.0)):
        own = probabilities[labels == mark]
        inward = edge + (_RUG if not mark else -_RUG)
        axes.vlines(own, edge, inward, color=INK, linewidth=0.6)
    axes.set_xlim(-0.02, 1.02)
    axes.set_ylim(-0.02, 1.02)
    axes.set_aspect("equal")
    axes.set_xlabel("Foretold probability")
    axes.set_ylabel("Observed proportion above the cut-off")
    figure.legend(loc="outside upper left", ncols=2)
    return picture_of(figure)


def decision_picture(curve: DecisionCurve) -> Picture:
    """Return the decision curve: the net benefit of acting, threshold by threshold.

    The score is of use where its line lies above both others, and shown to be where its
    band does.

    Parameters
    ----------
    curve : DecisionCurve
    """
    figure = new_figure(130, 80)
    axes = figure.subplots()
    for benefit, name, number, style in (
        (curve.model, "by the score", 0, "-"),
        (curve.treat_all, "act on all", 1, "--"),
    ):
        colour = COLOURS[number]
        axes.plot(curve.thresholds, benefit.value, style, color=colour, label=name)
        axes.fill_between(
            curve.thresholds,
            benefit.low,
            benefit.high,
            color=colour,
            alpha=0.14,
            linewidth=0,
        )
    axes.axhline(0, color=INK, linestyle=":", linewidth=1.2, label="act on none")
    highest = float(max(curve.model.high.max(), curve.treat_all.high.max(), 0.05))
    # What is much worse than nothing need not be seen in full.
    axes.set_ylim(-0.6 * highest, 1.08 * highest)
    axes.set_xlim(float(curve.thresholds[0]), float(curve.thresholds[-1]))
    axes.set_xlabel("Threshold probability")
    axes.set_ylabel("Net benefit per scan")
    figure.legend(loc="outside upper left", ncols=3)
    return picture_of(figure)


def _draw_groups(axes: Axes, groups: CalibrationGroups) -> None:
    below = np.maximum(groups.observed - groups.low, 0)
    above = np.maximum(groups.high - groups.observed, 0)
    axes.errorbar(
        groups.foretold,
        groups.observed,
        yerr=[below, above],
        fmt="o",
        color=INK,
        elinewidth=1,
        markersize=4.5,
        label="groups of like probability",
    )


def _side_by_side(ordered: Floats, span: float) -> Floats:
    """Return how far aside each ordered value is put, so that none hides another."""
    if not len(ordered):
        return np.empty(0)
    width = span / _BINS or 1.0
    bins = np.floor((ordered - ordered[0]) / width).astype(int)
    aside = np.zeros(len(ordered))
    most = int(np.bincount(bins).max())
    for each in np.unique(bins):
        members = np.flatnonzero(bins == each)
        places = np.arange(len(members)) - (len(members) - 1) / 2
        aside[members] = places * 2 * _SPREAD / max(most, 8)
    return aside
