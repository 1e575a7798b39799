"""The LASSO: its path against glmnet, its penalty against cv.glmnet."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.linear_model import Lasso, lars_path_gram

from model.learning.selection import optimum
from model.learning.selection.folds import TooFewGroupsError, deal
from model.learning.selection.lasso import LassoOptions, lasso_path, select
from model.learning.selection.penalty_rule import PenaltyRule
from model.learning.selection.problem import (
    AllConstantError,
    ConstantReadoutError,
    MissingValuesError,
    UnfitForSelectionError,
)
from tests.support.r import run_r

Floats = NDArray[np.float64]


def table(rows: int, columns: int, seed: int) -> tuple[Floats, Floats]:
    """Return correlated features on very different scales, and a readout of three."""
    generator = np.random.default_rng(seed)
    shared = generator.normal(size=(rows, 6)) @ generator.normal(size=(6, columns))
    features = shared + generator.normal(size=(rows, columns))
    readout = features[:, 0] - 0.7 * features[:, 3] + 0.5 * features[:, -1]
    readout = 40 + 10 * readout + 15 * generator.normal(size=rows)
    scales = np.geomspace(0.01, 1000, columns)
    return features * scales + 3 * scales, readout


def grid(features: Floats, readout: Floats) -> Floats:
    """Return penalties from the largest down."""
    standard = (features - features.mean(0)) / features.std(0)
    largest = abs(standard.T @ (readout - readout.mean())).max() / len(readout)
    return np.asarray(np.geomspace(largest, largest * 1e-3, 40))


# Coordinate descent stops when steps are small, which is short of the optimum: at a
# hundredth of the threshold it is ten times nearer. 1e-24 shows what it nears.
GLMNET = """
library(glmnet)
answer <- lapply(data, function(one) {
  fit <- function(thresh) glmnet(one$features, one$readout, lambda = one$penalties,
                                 thresh = thresh, maxit = 1e9)
  cv <- cv.glmnet(one$features, one$readout, lambda = one$penalties, thresh = 1e-24,
                  maxit = 1e9, foldid = one$folds)
  usual <- fit(1e-12)
  list(path = as.matrix(t(fit(1e-24)$beta)), usual = as.matrix(t(usual$beta)),
       lambda = usual$lambda, errors = cv$cvm,
       standard_errors = cv$cvsd, minimum = cv$lambda.min, one = cv$lambda.1se)
})
"""

SHAPES = {"few_rows": (18, 30), "more_rows": (60, 12), "many_features": (40, 60)}


@pytest.fixture(scope="module")
def peer() -> dict[str, Any]:
    """Return glmnet's paths and cross-validation of each shape of table."""
    data = {}
    for name, (rows, columns) in SHAPES.items():
        features, readout = table(rows, columns, seed=rows)
        folds = deal(np.arange(rows) // 2, 5, seed=4)
        chosen = select(features, readout, np.arange(rows) // 2, LassoOptions(), 4)
        data[name] = {
            "features": features.tolist(),
            "readout": readout.tolist(),
            "penalties": chosen.penalties.tolist(),
            "folds": (folds + 1).tolist(),
        }
    answer: dict[str, Any] = run_r(GLMNET, data, "glmnet")
    return answer


@pytest.mark.reference
@pytest.mark.parametrize("name", SHAPES)
def test_coefficients_on_the_same_penalties_are_glmnets(
    name: str, peer: dict[str, Any]
) -> None:
    rows, columns = SHAPES[name]
    features, readout = table(rows, columns, seed=rows)
    ours = lasso_path(features, readout, np.array(peer[name]["lambda"]))
    theirs = np.array(peer[name]["path"])
    assert abs(ours - theirs).max() < 1e-8 * abs(theirs).max()
    # Per standard deviation too, as raw ones differ by their features' units.
    deviations = features.std(0)
    apart = abs(ours - theirs) * deviations
    assert apart.max() < 1e-8 * (abs(theirs) * deviations).max()
    usual = np.array(peer[name]["usual"])
    nearness = 1e-4 if name != "many_features" else 1e-3
    assert abs(ours - usual).max() < nearness * abs(usual).max()


@pytest.mark.reference
@pytest.mark.parametrize("name", SHAPES)
def test_cross_validated_errors_and_penalties_are_those_of_cv_glmnet(
    name: str, peer: dict[str, Any]
) -> None:
    rows, columns = SHAPES[name]
    features, readout = table(rows, columns, seed=rows)
    groups = np.arange(rows) // 2
    chosen = select(features, readout, groups, LassoOptions(), 4)
    theirs = peer[name]
    assert chosen.errors == pytest.approx(theirs["errors"], rel=1e-8)
    assert chosen.standard_errors == pytest.approx(theirs["standard_errors"], rel=1e-7)
    assert chosen.penalty == pytest.approx(theirs["minimum"])
    sparing = LassoOptions(rule=PenaltyRule.ONE_STANDARD_ERROR)
    sparser = select(features, readout, groups, sparing, 4)
    assert sparser.penalty == pytest.approx(theirs["one"])


def test_a_path_is_the_optimum_that_coordinate_descent_nears() -> None:
    features, readout = table(30, 8, seed=1)
    penalties = grid(features, readout)[[5, 20]]
    ours = lasso_path(features, readout, penalties)
    standard = (features - features.mean(0)) / features.std(0)
    for coefficients, penalty in zip(ours, penalties, strict=True):
        theirs = Lasso(alpha=penalty, tol=1e-13, max_iter=100_000)
        theirs.fit(standard, readout)
        assert coefficients * features.std(0) == pytest.approx(theirs.coef_, abs=1e-7)


@pytest.mark.parametrize(("rows", "columns"), [(18, 9), (60, 12)])
def test_a_path_is_that_of_scikit_learns_least_angles(rows: int, columns: int) -> None:
    features, readout = table(rows, columns, seed=rows)
    standard = (features - features.mean(0)) / features.std(0)
    penalties = grid(features, readout)
    knots, _, corners = lars_path_gram(
        standard.T @ (readout - readout.mean()),
        standard.T @ standard,
        n_samples=rows,
        method="lasso",
        alpha_min=penalties[-1],
    )
    theirs = [np.interp(penalties, knots[::-1], each[::-1]) for each in corners]
    ours = lasso_path(features, readout, penalties) * features.std(0)
    assert abs(ours - np.transpose(theirs)).max() < 1e-9 * abs(ours).max()


def test_penalties_may_come_in_any_order() -> None:
    features, readout = table(30, 8, seed=1)
    penalties = grid(features, readout)
    ours = lasso_path(features, readout, penalties)
    assert (lasso_path(features, readout, penalties[::-1]) == ours[::-1]).all()
    assert lasso_path(features, readout, []).shape == (0, 8)


def test_copies_of_a_feature_and_constant_ones_leave_the_fit_as_it_is() -> None:
    features, readout = table(30, 8, seed=2)
    penalties = grid(features, readout)
    alone = lasso_path(features, readout, penalties)
    more = np.column_stack(
        [features, -2 * features[:, 0], features[:, 3] + 7, np.full(30, 5.0)]
    )
    together = lasso_path(more, readout, penalties)
    # Which copy is taken is free; what is foretold is not.
    deviations = (more - more.mean(0)) @ together.T - (
        features - features.mean(0)
    ) @ alone.T
    assert abs(deviations).max() < 1e-6 * readout.std()
    assert (together[:, -1] == 0).all()


@pytest.mark.parametrize("apart", [1e-9, 1e-6, 1e-5, 1e-3])
def test_features_that_nearly_copy_others_are_no_trouble(apart: float) -> None:
    features, readout = table(30, 8, seed=2)
    noise = np.random.default_rng(1).normal(size=features.shape) * features.std(0)
    twins = np.column_stack([features, 2 * features + apart * noise])
    chosen = select(twins, readout, np.arange(30), LassoOptions(), 1)
    alone = select(features, readout, np.arange(30), LassoOptions(), 1)
    # A thousandth of noise is worth nothing at a penalty of a thousandth.
    assert chosen.errors == pytest.approx(alone.errors, rel=0.02)


def test_near_copies_among_many_rows_do_not_wait_for_coordinate_descent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    features, readout = table(60, 30, seed=60)
    noise = np.random.default_rng(2).normal(size=features.shape) * features.std(0)
    twins = np.column_stack([features, 3 * features + 3e-5 * noise])
    alone = select(features, readout, np.arange(60), LassoOptions(), 1)

    def slow(*_: object) -> Floats:
        pytest.fail("coordinate descent takes seconds here")

    monkeypatch.setattr(optimum, "_descend", slow)
    chosen = select(twins, readout, np.arange(60), LassoOptions(), 1)

    assert chosen.errors == pytest.approx(alone.errors, rel=0.02)


def test_a_path_that_misses_the_optimum_is_mended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    features, readout = table(30, 8, seed=1)
    penalties = grid(features, readout)[[5, 20]]
    right = lasso_path(features, readout, penalties)

    def wrong(_: Floats, correlations: Floats, wanted: Floats) -> Floats:
        return np.full((1, len(wanted), correlations.shape[1]), np.nan)

    monkeypatch.setattr(optimum, "homotopy", wrong)
    mended = lasso_path(features, readout, penalties)
    apart = abs(mended - right) * features.std(0)
    assert apart.max() < 1e-5 * abs(right * features.std(0)).max()


def test_what_does_not_settle_is_an_error_and_no_warning(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    features, readout = table(30, 40, seed=1)

    def wrong(_: Floats, correlations: Floats, wanted: Floats) -> Floats:
        return np.zeros((1, len(wanted), correlations.shape[1]))

    monkeypatch.setattr(optimum, "homotopy", wrong)
    monkeypatch.setattr(optimum, "_ROUNDS", 2)
    with pytest.raises(optimum.UnsettledPathError):
        lasso_path(features, readout, grid(features, readout)[[30]])


def test_rows_that_repeat_are_no_trouble() -> None:
    features, readout = table(9, 30, seed=3)
    twice = np.tile(np.arange(9), 3)
    chosen = select(features[twice], readout[twice], twice, LassoOptions(), 1)
    once = lasso_path(features, readout, chosen.penalties)
    again = lasso_path(features[twice], readout[twice], chosen.penalties)
    assert again == pytest.approx(once, rel=1e-6, abs=1e-9 * abs(once).max())


def test_integers_with_ties_are_solved_too() -> None:
    generator = np.random.default_rng(8)
    for _ in range(20):
        features = generator.integers(0, 3, size=(16, 24)).astype(float)
        readout = generator.integers(0, 4, size=16).astype(float)
        # Optimality is checked inside; what is not optimal is an error.
        select(features, readout, np.arange(16), LassoOptions(), 1)


@pytest.mark.parametrize("rule", PenaltyRule)
def test_planted_features_are_chosen(rule: PenaltyRule) -> None:
    generator = np.random.default_rng(5)
    features = generator.normal(size=(60, 40)) * np.geomspace(0.01, 1000, 40)
    readout = features[:, 4] / features[:, 4].std() - features[:, 30] / 500
    readout += 0.3 * generator.normal(size=60)
    chosen = select(features, readout, np.arange(60), LassoOptions(rule=rule), 2)
    assert {4, 30} <= set(chosen.selected)
    assert chosen.coefficients[4] > 0 > chosen.coefficients[30]
    assert chosen.standardised == pytest.approx(chosen.coefficients * features.std(0))
    foretold = chosen.intercept + features @ chosen.coefficients
    assert foretold.mean() == pytest.approx(readout.mean())


def test_an_empty_model_is_an_answer() -> None:
    generator = np.random.default_rng(4)
    features, readout = generator.normal(size=(30, 10)), generator.normal(size=30)
    options = LassoOptions(rule=PenaltyRule.ONE_STANDARD_ERROR)
    chosen = select(features, readout, np.arange(30), options, 1)
    assert chosen.selected == ()
    assert chosen.penalty == chosen.penalties[0]
    assert not chosen.coefficients.any()
    assert chosen.intercept == pytest.approx(readout.mean())


def test_the_same_seed_deals_the_same_folds() -> None:
    features, readout = table(30, 8, seed=1)
    first, again, other = (
        select(features, readout, np.arange(30), LassoOptions(), seed).errors
        for seed in (3, 3, 4)
    )
    assert (first == again).all()
    assert (first != other).any()


def test_a_group_is_never_parted() -> None:
    groups = np.array(["a", "b", "c", "d", "e", "f", "a", "b", "a", "f"])
    fold_of = deal(groups, 4, seed=1)
    assert sorted(set(fold_of)) == [0, 1, 2, 3]
    for name in groups:
        assert len(set(fold_of[groups == name])) == 1


def test_folds_are_as_even_as_the_groups_allow() -> None:
    sizes = np.bincount(deal(np.arange(43) // 2, 5, seed=1))
    assert sizes.max() - sizes.min() <= 2


def test_few_groups_are_left_out_one_at_a_time() -> None:
    features, readout = table(12, 4, seed=1)
    groups = np.arange(12) // 4
    assert deal(groups, 5, seed=1).max() == 2
    assert len(select(features, readout, groups, LassoOptions(), 1).errors) == 100


def test_what_cannot_be_learnt_from_is_refused_with_its_reason() -> None:
    features, readout = table(12, 4, seed=1)
    groups = np.arange(12)
    holed = features.copy()
    holed[3, [1, 2]] = np.nan, np.inf
    refused: list[tuple[type[UnfitForSelectionError], Any, Any, Any, str]] = [
        (MissingValuesError, holed, readout, groups, "feature columns 2, 3"),
        (MissingValuesError, features, readout * np.nan, groups, "the readout"),
        (AllConstantError, features * 0 + 0.1, readout, groups, "all 4 features"),
        (ConstantReadoutError, features, readout * 0 + 0.1, groups, "over 12 rows"),
        (TooFewGroupsError, features, readout, groups // 6, "2 groups"),
    ]
    for error, values, measured, names, words in refused:
        with pytest.raises(error, match=words):
            select(values, measured, names, LassoOptions(), 1)


def test_shapes_that_disagree_are_a_defect_of_the_caller() -> None:
    with pytest.raises(ValueError, match="as many rows"):
        lasso_path(np.ones((3, 2)), np.ones(4), [1.0])
    features, readout = table(12, 4, seed=1)
    with pytest.raises(ValueError, match="above 0"):
        lasso_path(features, readout, [1.0, 0.0])
