"""Charts of performance draw whatever could be assessed, the same each time."""

import numpy as np
import pytest

from model.learning.estimate import NotAssessable
from model.learning.performance.calibration_curve import (
    calibration_groups,
    calibration_line,
    flexible_calibration,
)
from model.learning.performance.decision import DecisionCurve, decision_curve
from model.learning.performance.grouped_error import expit
from model.page.charts.performance import (
    calibration_picture,
    decision_picture,
    score_picture,
)
from model.page.document import Picture
from tests.model.learning.performance.drawn import logistic


def calibrated(observations: int) -> Picture:
    data = logistic(observations, 1)
    curves = [
        ("logistic line", calibration_line(*data)),
        ("flexible curve", flexible_calibration(*data)),
    ]
    return calibration_picture(data[0], data[1] == 1, calibration_groups(*data), curves)


@pytest.mark.parametrize("observations", [12, 40])
def test_a_calibration_plot_is_drawn_of_any_number(observations: int) -> None:
    picture = calibrated(observations)

    assert picture.png.startswith(b"\x89PNG")
    assert picture == calibrated(observations)


def test_what_cannot_be_assessed_is_not_drawn() -> None:
    scores, labels = logistic(40, 1)
    missing = NotAssessable("not assessable at n = 40")
    with_line = calibration_picture(
        scores, labels == 1, missing, [("line", calibration_line(scores, labels))]
    )
    without = calibration_picture(scores, labels == 1, missing, [("line", missing)])

    assert len(without.svg) < len(with_line.svg)


def test_scores_of_one_label_alone_are_drawn() -> None:
    scores = np.array([1.0, 1.0, 1.0, 2.0])

    picture = score_picture(scores, np.ones(4, bool), 0.0, ("below", "above"))

    assert picture.width_mm == pytest.approx(110)


def test_a_decision_curve_is_drawn() -> None:
    scores, labels = logistic(40, 2)
    curve = decision_curve(expit(scores), labels, seed=1, resamples=100)

    assert isinstance(curve, DecisionCurve)
    assert decision_picture(curve).png.startswith(b"\x89PNG")
