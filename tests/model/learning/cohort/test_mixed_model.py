"""Animals scanned repeatedly, against R's lme4 and lmerTest and against statsmodels.

Tolerances: lme4 stops its search at about 1e-6 of the ratio of standard deviations, so
coefficients and standard errors agree to 1e-5 relative; lmerTest takes derivatives by
differences, so its degrees of freedom and P agree to 1e-3 relative.
"""

from typing import Any

import numpy as np
import pytest
from statsmodels.regression.mixed_linear_model import MixedLM

from model.learning.cohort.mixed_model import MixedModel, fit_mixed_model
from model.learning.estimate import NotAssessable
from tests.support.r import run_r

CLOSE, ABOUT = 1e-5, 1e-3

LMER = """
data$group <- factor(data$group); data$day <- factor(data$day)
contrasts(data$group) <- contr.sum(2)
contrasts(data$day) <- contr.sum(nlevels(data$day))
fit <- lmer(value ~ group * day + (1 | animal), data = data, REML = TRUE,
            control = lmerControl(optCtrl = list(xtol_abs = 1e-12, ftol_abs = 1e-14)))
data$cell <- factor(data$cell)
cells <- lmer(value ~ 0 + cell + (1 | animal), data = data, REML = TRUE)
tests <- anova(fit, type = 3)
first <- rep(0, nlevels(data$cell)); first[1] <- -1; first[2] <- 1
pair <- contest1D(cells, first)
answer <- list(
  means = unname(fixef(cells)), errors = unname(sqrt(diag(as.matrix(vcov(cells))))),
  variances = as.data.frame(VarCorr(fit))$vcov,
  f = tests[["F value"]], below = tests[["DenDF"]], p = tests[["Pr(>F)"]],
  difference = pair[["Estimate"]], freedom = pair[["df"]], pair = pair[["Pr(>|t|)"]])
"""


def scans(seed: int, *, own: float = 4.0, missing: int = 6) -> dict[str, Any]:
    """Return two groups of seven animals on four days, some scans missing."""
    rng = np.random.default_rng(seed)
    animals, days = np.repeat(np.arange(14), 4), np.tile(np.arange(4), 14)
    groups = (animals >= 7).astype(int)
    values = (
        20.0
        + rng.normal(0, own, 14)[animals]
        + 2.0 * days
        + 1.5 * days * groups
        + rng.normal(0, 3.0, 56)
    )
    kept = np.sort(rng.permutation(56)[missing:])
    return {
        "value": values[kept],
        "animal": animals[kept],
        "day": days[kept],
        "group": groups[kept],
        "cell": (groups * 4 + days)[kept],
    }


def model_of(data: dict[str, Any]) -> MixedModel:
    model = fit_mixed_model(data["value"], data["cell"], data["animal"])
    assert isinstance(model, MixedModel)
    return model


def sums(groups: int, days: int) -> dict[str, np.ndarray]:
    """Return the contrasts of group, day and interaction, equally weighted."""
    of_groups = np.diff(np.eye(groups), axis=0)
    of_days = np.diff(np.eye(days), axis=0)
    return {
        "group": np.kron(of_groups, np.ones((1, days)) / days),
        "day": np.kron(np.ones((1, groups)) / groups, of_days),
        "group:day": np.kron(of_groups, of_days),
    }


@pytest.mark.parametrize("seed", [1, 2])
def test_the_model_is_that_of_lme4_and_its_tests_those_of_lmertest(seed: int) -> None:
    data = scans(seed)
    theirs = run_r(
        LMER, {name: values.tolist() for name, values in data.items()}, "lmerTest"
    )

    ours = model_of(data)

    assert ours.means == pytest.approx(theirs["means"], rel=CLOSE)
    errors = np.sqrt(np.diag(ours.covariance))
    assert errors == pytest.approx(theirs["errors"], rel=CLOSE)
    variances = [ours.between_variance, ours.within_variance]
    assert variances == pytest.approx(theirs["variances"], rel=1e-4)
    tests = [ours.joint_test(weights) for weights in sums(2, 4).values()]
    assert [test.statistic for test in tests] == pytest.approx(theirs["f"], rel=1e-4)
    assert [test.within for test in tests] == pytest.approx(theirs["below"], rel=ABOUT)
    assert [test.p for test in tests] == pytest.approx(theirs["p"], rel=0.01, abs=1e-9)
    first = ours.contrast(np.array([-1.0, 1, 0, 0, 0, 0, 0, 0]))
    assert first.value == pytest.approx(theirs["difference"], rel=1e-4)
    assert first.degrees_of_freedom == pytest.approx(theirs["freedom"], rel=ABOUT)


def test_the_model_is_that_of_statsmodels() -> None:
    data = scans(3)
    design = (data["cell"][:, None] == np.arange(8)).astype(float)
    theirs = MixedLM(data["value"], design, groups=data["animal"]).fit(reml=True)

    ours = model_of(data)

    assert ours.means == pytest.approx(theirs.fe_params, rel=1e-4)
    assert np.sqrt(np.diag(ours.covariance)) == pytest.approx(theirs.bse_fe, rel=1e-3)
    assert ours.within_variance == pytest.approx(theirs.scale, rel=1e-3)


def test_balanced_scans_give_the_classical_analysis() -> None:
    """Days of the same animals: F of repeated measures, and paired t of two days."""
    data = scans(4, missing=0)
    one = {name: values[data["group"] == 0] for name, values in data.items()}
    table = one["value"].reshape(7, 4)
    off = table - table.mean(axis=1, keepdims=True) - table.mean(axis=0) + table.mean()
    between = 7 * ((table.mean(axis=0) - table.mean()) ** 2).sum() / 3
    expected = between / ((off**2).sum() / 18)

    ours = model_of(one)

    test = ours.joint_test(np.diff(np.eye(4), axis=0))
    assert test.statistic == pytest.approx(expected, rel=1e-6)
    assert test.within == pytest.approx(18, rel=1e-6)


def test_at_the_boundary_animals_count_and_not_their_scans() -> None:
    rng = np.random.default_rng(1)
    animals, cells = np.repeat(np.arange(6), 4), np.tile(np.arange(4), 6)
    # Each animal's scans add up to the same, so that nothing is left between animals.
    noise = rng.normal(0, 1, (6, 4))
    noise -= noise.mean(axis=1, keepdims=True)

    ours = fit_mixed_model(noise.ravel() + cells, cells, animals)

    assert isinstance(ours, MixedModel)
    assert ours.at_boundary
    assert ours.between_variance == 0.0
    assert ours.contrast(np.array([-1.0, 1, 0, 0])).degrees_of_freedom == 5
    assert ours.joint_test(np.diff(np.eye(4), axis=0)).within == 5


def test_treating_scans_as_animals_would_be_another_answer() -> None:
    """What differs between animals is not noise of the difference between days."""
    data = scans(5, own=30.0, missing=0)

    ours = model_of(data)

    difference = ours.contrast(np.array([-1.0, 1, 0, 0, 0, 0, 0, 0]))
    assert difference.standard_error < 3.0
    assert ours.intraclass_correlation > 0.9


@pytest.mark.parametrize(
    ("values", "cells", "animals", "why"),
    [
        ([1, 2, 3, 4], [0, 1, 0, 1], [0, 0, 1, 2], "1 of them have more than one"),
        (range(6), [0, 1, 2, 0, 1, 2], [0, 0, 1, 1, 2, 2], None),
        ([1, 2, 4, 1, 3, 5], [0, 1, 2, 3, 2, 0], [0, 0, 1, 1, 2, 2], "freedom"),
        ([1, 2, 1, 2, 1, 2], [0, 1, 0, 1, 0, 1], [0, 0, 1, 1, 2, 2], "do not vary"),
    ],
)
def test_too_little_is_not_assessable(
    values: list[float], cells: list[int], animals: list[int], why: str | None
) -> None:
    model = fit_mixed_model(np.array(values, float), np.array(cells), np.array(animals))

    if why is None:
        assert isinstance(model, MixedModel)
    else:
        assert isinstance(model, NotAssessable)
        assert why in model.why


def course(animals: int, own: float, scan: float) -> MixedModel | NotAssessable:
    """Return the model of animals far apart that are all seen on three days."""
    rng = np.random.default_rng(5)
    cells, rows = np.tile(np.arange(3), animals), np.repeat(np.arange(animals), 3)
    values = own * rng.normal(size=animals)[rows] + 2.0 * cells
    return fit_mixed_model(values + scan * rng.normal(size=len(rows)), cells, rows)


@pytest.mark.parametrize("scan", [0.0, 1e-6])
def test_animals_that_all_move_alike_are_not_assessable(scan: float) -> None:
    model = course(5, 10.0 if scan else 1.0, scan * 1e-3)

    assert isinstance(model, NotAssessable)
    assert "move alike" in model.why


def test_far_apart_animals_are_compared_within_themselves() -> None:
    model = course(6, 1000.0, 1.0)

    assert isinstance(model, MixedModel)
    found = model.contrast(np.array([-1.0, 1.0, 0.0]))
    # Two-way analysis of variance: (animals - 1) (days - 1).
    assert found.degrees_of_freedom == pytest.approx(10, rel=1e-3)
    assert found.standard_error < 2.0


def test_what_all_values_share_takes_no_scatter_away() -> None:
    rng = np.random.default_rng(2)
    cells, rows = np.tile(np.arange(3), 6), np.repeat(np.arange(6), 3)
    values = rng.normal(size=6)[rows] + rng.normal(size=18)

    plain, shifted = (
        fit_mixed_model(values + shared, cells, rows) for shared in (0.0, 1e9)
    )

    assert isinstance(plain, MixedModel)
    assert isinstance(shifted, MixedModel)
    assert shifted.within_variance == pytest.approx(plain.within_variance, rel=1e-5)
