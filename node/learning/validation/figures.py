"""The plots of a validation, their points as tables, and why some are missing."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from model.learning.estimate import NotAssessable
from model.page.charts.performance import (
    calibration_picture,
    decision_picture,
    score_picture,
)
from model.page.document import Block, Figure, Paragraph, Points, Section
from node.learning.validation.numbers import Curves
from node.learning.validation.rows import ScoredRows

Labels = NDArray[np.bool_]

_SMALL = (
    "Groups of like probability need 20 scans, and a flexible curve 200 of each label; "
    "with fewer the plot shows these animals more than the model."
)


def figures_section(
    rows: ScoredRows, labels: Labels, curves: Curves, title: str
) -> Section:
    """Return scores by label, the calibration plot and the decision curve."""
    picture = score_picture(
        rows.scores, labels, rows.model.cut_off, ("below the cut-off", "above it")
    )
    calibrated = calibration_picture(
        rows.scores,
        labels,
        curves.groups,
        [("logistic line", curves.line), ("flexible curve", curves.flexible)],
    )
    blocks: list[Block] = [
        Figure(
            picture,
            "Scores by label. Lines: medians; dashed: cut-off of the model's class.",
            "Scores of scans below and above the cut-off of the readout.",
        ),
        Figure(
            calibrated,
            "Calibration: observed against foretold, with 95 % intervals (groups: "
            "Wilson's, of as many as there are animals; curves: pointwise).",
            "Observed proportions against foretold probabilities.",
        ),
        Paragraph(_SMALL),
        *_missing(curves),
    ]
    if not isinstance(curves.decision, NotAssessable):
        blocks.append(
            Figure(
                decision_picture(curves.decision),
                "Net benefit of acting by the score, on all, and on none; 95 % "
                f"percentiles of {curves.decision.resamples} bootstrap samples of "
                "animals, pointwise. At one threshold of many a gain may be chance.",
                "Net benefit against the threshold probability.",
            )
        )
    return Section(title, blocks)


def _missing(curves: Curves) -> list[Block]:
    reasons = curve_reasons(curves)["not_assessable"]
    told = [f"{name.replace('_', ' ')}: {why}" for name, why in reasons.items() if why]
    return [Points(told)] if told else []


def curve_reasons(curves: Curves) -> dict[str, Any]:
    """Return why curves are missing, by name; None where they are there."""
    named = {
        "calibration_groups": curves.groups,
        "calibration_line": curves.line,
        "flexible_calibration": curves.flexible,
        "decision_curve": curves.decision,
    }
    why = {
        name: curve.why if isinstance(curve, NotAssessable) else None
        for name, curve in named.items()
    }
    return {"not_assessable": why}


def curve_frames(curves: Curves) -> dict[str, pd.DataFrame]:
    """Return the points of the curves that there are."""
    frames: dict[str, pd.DataFrame] = {}
    for name, curve in (
        ("calibration_groups", curves.groups),
        ("calibration_line", curves.line),
        ("flexible_calibration", curves.flexible),
    ):
        if not isinstance(curve, NotAssessable):
            frames[name] = pd.DataFrame(vars(curve))
    decision = curves.decision
    if not isinstance(decision, NotAssessable):
        columns = {"threshold": decision.thresholds}
        for name in ("model", "treat_all", "gain"):
            benefit = getattr(decision, name)
            columns[name] = benefit.value
            columns[f"{name}_low"], columns[f"{name}_high"] = benefit.low, benefit.high
        frames["decision_curve"] = pd.DataFrame(columns)
    return frames
