"""Firth's logistic regression: finite, unmoved by units, of the observed share."""

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from model.learning.fitting.design import (
    CollinearColumnsError,
    ConstantColumnsError,
    NotFiniteError,
    OneClassError,
    TooManyColumnsError,
)
from model.learning.fitting.firth import (
    firth_intervals,
    firth_likelihood_ratio,
    fit_firth,
)
from model.learning.fitting.logistic import Method
from tests.model.learning.fitting.labelled import (
    Floats,
    mixed,
    nearly_collinear,
    quasi_separated,
    separated,
)


def probabilities(features: Floats, labels: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-fit_firth(features, labels).scores(features))))


def penalised(design: Floats, labels: Floats, parameters: Floats) -> float:
    """Return the penalised log-likelihood, written out."""
    line = design @ parameters
    p = 1 / (1 + np.exp(-line))
    information = design.T @ np.diag(p * (1 - p)) @ design
    plain = float((labels * np.log(p) + (1 - labels) * np.log(1 - p)).sum())
    return plain + 0.5 * math.log(np.linalg.det(information))


def test_one_feature_of_two_values_has_the_closed_form() -> None:
    # In a saturated 2 by 2 table Firth's fit adds one half to every cell.
    cells = {(0, 0): 9, (0, 1): 3, (1, 0): 0, (1, 1): 6}
    rows = [cell for cell, count in cells.items() for _ in range(count)]
    features, labels = np.array(rows, float)[:, :1], np.array(rows)[:, 1]
    fit = fit_firth(features, labels, intercept_correction=False)
    assert fit.intercept == pytest.approx(math.log(3.5 / 9.5), abs=1e-9)
    ratio = (6.5 / 0.5) / (3.5 / 9.5)
    assert fit.coefficients[0] == pytest.approx(math.log(ratio), abs=1e-9)
    error = math.sqrt(sum(1 / (n + 0.5) for n in (9, 3, 0, 6)))
    # The information at the fit weighs 12 and 6 rows, the halves aside.
    assert fit.standard_errors[1] == pytest.approx(error, rel=0.2)
    assert fit.method is Method.FIRTH


@pytest.mark.parametrize("table", [separated(), quasi_separated(), nearly_collinear()])
def test_a_fit_stays_finite_and_foretells_the_observed_share(
    table: tuple[Floats, Floats],
) -> None:
    features, labels = table
    foretold = probabilities(features, labels)
    assert ((foretold > 0) & (foretold < 1)).all()
    assert foretold.mean() == pytest.approx(labels.mean(), abs=1e-12)
    assert np.isfinite(fit_firth(features, labels).standard_errors).all()


@settings(max_examples=20, deadline=None)
@given(
    scales=st.tuples(*[st.floats(-6, 6)] * 3),
    shifts=st.tuples(*[st.floats(-5, 5)] * 3),
    signs=st.tuples(*[st.sampled_from((-1.0, 1.0))] * 3),
)
def test_units_of_features_change_no_probability(
    scales: tuple[float, ...], shifts: tuple[float, ...], signs: tuple[float, ...]
) -> None:
    features, labels = mixed(24, seed=3)
    units = np.array(signs) * 10.0 ** np.array(scales)
    deviations = features.std(0) * abs(units)
    moved = features * units + np.array(shifts) * deviations
    before, after = probabilities(features, labels), probabilities(moved, labels)
    assert after == pytest.approx(before, abs=1e-8)


@pytest.mark.parametrize("correction", [True, False])
def test_exchanged_classes_change_the_sign_and_nothing_else(
    correction: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    for features, labels in (mixed(24, seed=3), separated()):
        one, other = (
            fit_firth(features, marks, intercept_correction=correction)
            for marks in (labels, 1 - labels)
        )
        assert other.intercept == pytest.approx(-one.intercept, rel=1e-8)
        assert other.coefficients == pytest.approx(-one.coefficients, rel=1e-7)
        assert other.standard_errors == pytest.approx(one.standard_errors, rel=1e-8)


def test_no_feature_gives_the_observed_share() -> None:
    fit = fit_firth(np.empty((10, 0)), [1, 1, 1, 0, 0, 0, 0, 0, 0, 0])
    assert fit.scores(np.empty((1, 0)))[0] == pytest.approx(math.log(3 / 7))


def test_a_fit_is_the_top_of_the_penalised_likelihood() -> None:
    features, labels = mixed(18, seed=12)
    standard = (features - features.mean(0)) / features.std(0)
    design = np.column_stack([np.ones(18), standard])
    found = minimize(
        lambda at: -penalised(design, labels, at),
        np.zeros(4),
        method="Nelder-Mead",
        options={"xatol": 1e-9, "fatol": 1e-13, "maxiter": 5000},
    )
    fit = fit_firth(features, labels, intercept_correction=False)
    assert fit.coefficients * features.std(0) == pytest.approx(found.x[1:], abs=1e-6)


def test_limits_lie_where_the_profile_has_fallen_by_half_a_quantile() -> None:
    features, labels = mixed(18, seed=12)
    limits = firth_intervals(features, labels, level=0.9)
    standard = (features - features.mean(0)) / features.std(0)
    design = np.column_stack([np.ones(18), standard])

    tight = {"xatol": 1e-7, "fatol": 1e-9, "maxiter": 2000, "maxfev": 2000}

    def profile(held: float | None) -> float:
        def value(at: Floats) -> float:
            whole = at if held is None else np.array([at[0], held, *at[1:]])
            return -penalised(design, labels, whole)

        at = np.zeros(4 if held is None else 3)
        # A simplex that has shrunk too early is spread again.
        for _ in range(4):
            done = minimize(value, at, method="Nelder-Mead", options=tight)
            at = done.x
        return -float(done.fun)

    top = profile(None)
    for limit in (limits.low[0], limits.high[0]):
        fall = top - profile(limit * features[:, 0].std())
        assert fall == pytest.approx(2.705543 / 2, abs=1e-5)


def test_limits_of_separated_labels_are_far_out_but_finite() -> None:
    features, labels = separated()
    fit, limits = fit_firth(features, labels), firth_intervals(features, labels)
    assert limits.low[0] > 0
    assert (limits.low < fit.coefficients).all()
    assert (fit.coefficients < limits.high).all()
    errors = fit.standard_errors[1:]
    assert limits.high[0] - fit.coefficients[0] > 3 * errors[0]
    assert math.isfinite(limits.high[0])


def test_limits_are_found_where_the_profile_has_a_lower_branch() -> None:
    for seed in (18, 22, 23):
        generator = np.random.default_rng(seed)
        table = np.round(generator.normal(size=(8, 2)), 1)
        labels = (table[:, 0] + 0.2 * generator.normal(size=8) > 0).astype(int)
        fit, limits = fit_firth(table, labels), firth_intervals(table, labels)
        assert (limits.low < fit.coefficients).all()
        assert (fit.coefficients < limits.high).all()


def test_an_interval_and_a_ratio_test_agree() -> None:
    features, labels = mixed(40, seed=9)
    p = firth_likelihood_ratio(features, features[:, 1:], labels)
    limits = firth_intervals(features, labels, level=1 - p)
    # At this level one limit of the first coefficient is 0.
    nearest = min(abs(limits.low[0]), abs(limits.high[0]))
    assert nearest * features[:, 0].std() < 1e-6


def test_a_ratio_test_takes_any_coordinates_of_the_reduced_features() -> None:
    features, labels = mixed(40, seed=9)
    plain = firth_likelihood_ratio(features, features[:, :2], labels)
    turned = features[:, :2] @ [[1.0, 0.0], [0.001, 3.0]] - 5
    assert firth_likelihood_ratio(features, turned, labels) == pytest.approx(plain)
    none = firth_likelihood_ratio(features, features[:, :0], labels)
    assert 0 < none < 1


def test_a_ratio_test_of_noise_is_even_and_of_an_effect_small() -> None:
    generator = np.random.default_rng(1)
    found = []
    for _ in range(100):
        features = generator.normal(size=(40, 3))
        labels = generator.permutation(np.arange(40) % 2)
        found.append(firth_likelihood_ratio(features, features[:, :1], labels))
    # 100 draws: the mean of an even P is 0.5 with an error of 0.029.
    assert abs(np.mean(found) - 0.5) < 4 * 0.029
    effect = np.column_stack([labels + 0.5 * generator.normal(size=40), features])
    assert firth_likelihood_ratio(effect, features, labels) < 0.001


def test_a_ratio_test_of_what_is_not_nested_is_a_defect_of_the_caller() -> None:
    features, labels = mixed(40, seed=9)
    other = np.random.default_rng(1).normal(size=(40, 1))
    for full, reduced in ((features, other), (features[:, :1], features)):
        with pytest.raises(ValueError, match="follow from the full"):
            firth_likelihood_ratio(full, reduced, labels)
    with pytest.raises(ValueError, match="fewer"):
        firth_likelihood_ratio(features, features, labels)


def test_rows_that_cannot_be_fitted_are_refused_by_the_names_of_columns() -> None:
    features, labels = mixed(24, seed=3)
    names = ("InverseVariance", "Kurtosis", "volume", "fourth")
    holed = features.copy()
    holed[2, 1] = np.nan
    with pytest.raises(NotFiniteError, match=r"^Kurtosis has"):
        fit_firth(holed, labels, names=names)
    constant = np.column_stack([features, np.full(24, 0.1)])
    with pytest.raises(ConstantColumnsError, match=r"^fourth has") as raised:
        fit_firth(constant, labels, names=names)
    assert raised.value.columns == (3,)
    follows = np.column_stack([features, features[:, 0] * 1e5 - features[:, 2] + 4])
    with pytest.raises(CollinearColumnsError, match="volume") as collinear:
        fit_firth(follows, labels, names=names)
    assert collinear.value.columns == (0, 2, 3)
    with pytest.raises(CollinearColumnsError, match="columns 1, 3, 4"):
        fit_firth(follows, labels)
    with pytest.raises(TooManyColumnsError, match="23 features"):
        fit_firth(np.eye(23), np.arange(23) % 2)


@pytest.mark.parametrize("label", [0, 1])
def test_one_class_only_is_refused(label: int) -> None:
    with pytest.raises(OneClassError, match=f"all 5 labels are {label}"):
        fit_firth(np.arange(5.0)[:, None], np.full(5, label))


@pytest.mark.parametrize(
    ("features", "labels"),
    list(
        product(
            [np.ones((3, 2)), np.ones(4)],
            [np.array([0, 1, 1, 0]), np.array([0, 2, 1]), np.array([[0], [1], [1]])],
        )
    ),
)
def test_shapes_that_disagree_are_a_defect_of_the_caller(
    features: Floats, labels: Floats
) -> None:
    with pytest.raises(ValueError, match="must be"):
        fit_firth(features, labels)
