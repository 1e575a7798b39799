"""C-index, Brier score and calibration as R has them."""

from typing import Any

import numpy as np
import pytest

from model.learning.estimate import Estimate
from model.learning.performance.brier import brier_score
from model.learning.performance.calibration import calibration
from model.learning.performance.concordance import c_index, concordance
from model.learning.performance.grouped_error import expit
from model.learning.performance.observed import observed
from model.learning.recalibrated import Recalibrated
from model.learning.recalibration import fit_recalibration
from tests.model.learning.performance.drawn import logistic
from tests.support.r import run_r

SIZES = (18, 30, 45, 100)

SCRIPT = """
one <- function(s, y) {
  v <- val.prob(plogis(s), y, pl = FALSE)
  both <- glm(y ~ s, family = binomial, control = list(epsilon = 1e-14))
  large <- glm(y ~ offset(s), family = binomial, control = list(epsilon = 1e-14))
  dev <- function(a) deviance(glm(y ~ 0 + offset(a * s) + rep(1, length(s)),
    family = binomial, control = list(epsilon = 1e-14)))
  fall <- function(a) dev(a) - deviance(both) - qchisq(0.95, 1)
  b <- unname(coef(both)[2])
  list(c = unname(somers2(s, y)["C"]), cens = unname(rcorr.cens(s, y)["C Index"]),
    brier = unname(v["Brier"]), slope = unname(v["Slope"]),
    intercept = unname(v["Intercept"]), lrm = unname(coef(lrm(y ~ s, tol = 1e-14))),
    large = unname(coef(large)),
    low = uniroot(fall, c(b - 5, b), tol = 1e-11)$root,
    high = uniroot(fall, c(b, b + 15), tol = 1e-11)$root)
}
answer <- lapply(data, function(each) one(each$scores, each$labels))
"""

FIRTH = """
fit <- glm(data$labels ~ data$scores, family = binomial, method = "brglmFit",
  type = "AS_mean", epsilon = 1e-12)
answer <- unname(coef(fit))
"""


@pytest.fixture(scope="module")
def theirs() -> list[dict[str, Any]]:
    data = {}
    for size in SIZES:
        scores, labels = drawn(size)
        data[f"of {size}"] = {"scores": scores.tolist(), "labels": labels.tolist()}
    answer: dict[str, dict[str, Any]] = run_r(SCRIPT, data, "Hmisc", "rms")
    return [answer[name] for name in data]


def drawn(size: int) -> tuple[np.ndarray, np.ndarray]:
    """Return scores with ties, and labels."""
    scores, labels = logistic(size, size + 1)
    return scores.round(1), labels


def estimated(found: object) -> Estimate:
    assert isinstance(found, Estimate)
    return found


@pytest.mark.parametrize("which", range(len(SIZES)))
def test_discrimination_and_brier_score_are_those_of_hmisc_and_rms(
    which: int, theirs: list[dict[str, Any]]
) -> None:
    scores, labels = drawn(SIZES[which])
    peer = theirs[which]

    assert concordance(scores, labels) == pytest.approx(peer["c"], abs=1e-8)
    assert estimated(c_index(scores, labels)).value == pytest.approx(
        peer["cens"], abs=1e-8
    )
    ours = estimated(brier_score(expit(scores), labels)).value
    assert ours == pytest.approx(peer["brier"], abs=1e-8)


@pytest.mark.parametrize("which", range(len(SIZES)))
def test_calibration_is_that_of_rms_and_its_limits_are_the_profile_s(
    which: int, theirs: list[dict[str, Any]]
) -> None:
    found, peer = calibration(*drawn(SIZES[which])), theirs[which]
    slope = estimated(found.slope)

    assert slope.value == pytest.approx(peer["slope"], abs=1e-4)
    assert estimated(found.intercept).value == pytest.approx(
        peer["intercept"], abs=1e-4
    )
    assert [estimated(found.intercept).value, slope.value] == pytest.approx(
        peer["lrm"], abs=1e-4
    )
    assert estimated(found.in_the_large).value == pytest.approx(peer["large"], abs=1e-6)
    assert (slope.low, slope.high) == pytest.approx(
        (peer["low"], peer["high"]), abs=1e-5
    )


def test_a_separated_recalibration_is_the_one_of_brglm2() -> None:
    scores = np.linspace(-2, 2, 20)
    labels = (scores > 0.1).astype(int)
    peer = run_r(
        FIRTH, {"scores": scores.tolist(), "labels": labels.tolist()}, "brglm2"
    )

    found = fit_recalibration(observed(scores, labels), Recalibrated.BOTH)

    assert not hasattr(found, "why")
    assert [found.intercept.value, found.slope.value] == pytest.approx(peer, abs=1e-5)
