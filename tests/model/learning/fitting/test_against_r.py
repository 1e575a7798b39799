"""Logistic regressions against glm and brglm2 of R."""

from typing import Any

import numpy as np
import pytest

from model.learning.fitting.firth import (
    firth_intervals,
    firth_likelihood_ratio,
    fit_firth,
)
from model.learning.fitting.maximum_likelihood import fit_maximum_likelihood
from tests.model.learning.fitting.labelled import (
    mixed,
    nearly_collinear,
    quasi_separated,
    separated,
)
from tests.support.r import run_r

TABLES = {
    "few_rows": mixed(18, seed=12),
    "scales": mixed(60, seed=2),
    "nearly_collinear": nearly_collinear(),
    "separated": separated(),
    "quasi_separated": quasi_separated(),
}
OVERLAPPING = ["few_rows", "scales", "nearly_collinear"]

PEERS = """
library(brglm2)
answer <- lapply(data, function(one) {
  # Centred and scaled there as well, as brglm2 stops by the size of a step.
  x <- scale(one$features)
  y <- one$labels
  firth <- suppressWarnings(glm(y ~ x, family = binomial, method = "brglmFit",
    type = "AS_mean", control = list(epsilon = 1e-13, maxit = 10000)))
  slopes <- coef(firth)[-1]
  flic <- suppressWarnings(glm(y ~ 1 + offset(as.vector(x %*% slopes)),
    family = binomial, control = list(epsilon = 1e-15, maxit = 1000)))
  plain <- suppressWarnings(glm(y ~ x, family = binomial,
    control = list(epsilon = 1e-15, maxit = 1000)))
  errors <- function(fit) as.vector(sqrt(diag(vcov(fit))))[-1]
  scales <- as.vector(attr(x, "scaled:scale"))
  centres <- as.vector(attr(x, "scaled:center"))
  raw <- function(a, b) c(a - sum(b * centres / scales), b / scales)
  list(firth = raw(coef(firth)[1], slopes), firth_errors = errors(firth) / scales,
       flic = raw(coef(flic), slopes),
       plain = raw(coef(plain)[1], coef(plain)[-1]),
       plain_errors = errors(plain) / scales)
})
"""

LOGISTF = """
answer <- lapply(data, function(one) {
  x <- scale(one$features)
  y <- one$labels
  fit <- logistf(y ~ x, pl = TRUE,
    plcontrol = logistpl.control(maxit = 10000, xconv = 1e-8, lconv = 1e-8),
    control = logistf.control(maxit = 10000, lconv = 1e-10, gconv = 1e-10,
    xconv = 1e-10))
  scales <- as.vector(attr(x, "scaled:scale"))
  list(firth = as.vector(coef(fit))[-1] / scales,
       low = as.vector(fit$ci.lower)[-1] / scales,
       high = as.vector(fit$ci.upper)[-1] / scales, p = as.vector(fit$prob)[-1])
})
"""


def as_data(names: list[str]) -> dict[str, Any]:
    return {
        name: {"features": table.tolist(), "labels": labels.tolist()}
        for name, (table, labels) in TABLES.items()
        if name in names
    }


@pytest.fixture(scope="module")
def peers() -> dict[str, Any]:
    """Return what glm and brglm2 make of all tables."""
    answer: dict[str, Any] = run_r(PEERS, as_data(list(TABLES)), "brglm2")
    return answer


@pytest.mark.reference
@pytest.mark.parametrize("name", TABLES)
def test_firths_coefficients_and_errors_are_those_of_brglm2(
    name: str, peers: dict[str, Any]
) -> None:
    features, labels = TABLES[name]
    ours = fit_firth(features, labels, intercept_correction=False)
    theirs = peers[name]
    both = np.array([ours.intercept, *ours.coefficients])
    assert both == pytest.approx(np.array(theirs["firth"]), rel=1e-7)
    assert ours.standard_errors[1:] == pytest.approx(
        np.array(theirs["firth_errors"]), rel=1e-6
    )


@pytest.mark.reference
@pytest.mark.parametrize("name", TABLES)
def test_the_corrected_intercept_is_that_of_glm_with_an_offset(
    name: str, peers: dict[str, Any]
) -> None:
    features, labels = TABLES[name]
    ours = fit_firth(features, labels)
    both = np.array([ours.intercept, *ours.coefficients])
    assert both == pytest.approx(np.array(peers[name]["flic"]), rel=1e-7)


@pytest.mark.reference
@pytest.mark.parametrize("name", OVERLAPPING)
def test_maximum_likelihood_is_that_of_glm(name: str, peers: dict[str, Any]) -> None:
    features, labels = TABLES[name]
    ours = fit_maximum_likelihood(features, labels)
    theirs = peers[name]
    both = np.array([ours.intercept, *ours.coefficients])
    assert both == pytest.approx(np.array(theirs["plain"]), rel=1e-7)
    assert ours.standard_errors[1:] == pytest.approx(
        np.array(theirs["plain_errors"]), rel=1e-6
    )


@pytest.mark.reference
def test_intervals_and_ratio_tests_are_those_of_logistf() -> None:
    names = ["few_rows", "scales", "quasi_separated"]
    answer = run_r(LOGISTF, as_data(names), "logistf", optional=True)
    for name in names:
        features, labels = TABLES[name]
        theirs = answer[name]
        ours = fit_firth(features, labels, intercept_correction=False)
        limits = firth_intervals(features, labels)
        assert ours.coefficients == pytest.approx(np.array(theirs["firth"]), rel=1e-5)
        assert limits.low == pytest.approx(np.array(theirs["low"]), rel=1e-3)
        assert limits.high == pytest.approx(np.array(theirs["high"]), rel=1e-3)
        for column, p in enumerate(theirs["p"]):
            without = np.delete(features, column, axis=1)
            found = firth_likelihood_ratio(features, without, labels)
            assert found == pytest.approx(p, rel=1e-3)
