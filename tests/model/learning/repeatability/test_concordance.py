"""Promises of the concordance correlation coefficient and its interval."""

import numpy as np
import pytest

from model.learning.estimate import Assessed, Estimate, NotAssessable
from model.learning.repeatability.concordance import (
    ConcordanceOptions,
    Interval,
    Moments,
    concordance_correlation,
    lin_standard_error,
    overall_coefficient,
)
from tests.support.r import run_r

PEAK_FLOW = np.array(
    [
        [494, 512],
        [395, 430],
        [516, 520],
        [434, 428],
        [476, 500],
        [557, 600],
        [413, 364],
        [442, 380],
        [650, 658],
        [433, 445],
        [417, 432],
        [656, 626],
        [267, 260],
        [478, 477],
        [178, 259],
        [423, 350],
        [427, 451],
    ],
    dtype=float,
)
"""Bland and Altman 1986, Table 1: two meters of peak expiratory flow, l/min."""


def estimate(found: Assessed) -> Estimate:
    assert isinstance(found, Estimate), found
    return found


@pytest.mark.reference
def test_the_coefficient_and_its_interval_are_those_of_a_published_example() -> None:
    """The example of `ccc_test` in the reference of the R package SimplyAgree."""
    measurements = np.array([[1, 1.1], [2, 2.2], [3, 2.9], [4, 4.1], [5, 5.2]])

    found = estimate(concordance_correlation(measurements))

    assert found.value == pytest.approx(0.9945839, abs=5e-8)
    assert found.low == pytest.approx(0.9556798, abs=5e-8)
    assert found.high == pytest.approx(0.9993495, abs=5e-8)


def test_the_coefficient_is_the_closed_form_of_lin() -> None:
    x, y = PEAK_FLOW.T
    closed = (
        2
        * np.mean((x - x.mean()) * (y - y.mean()))
        / (np.var(x) + np.var(y) + (x.mean() - y.mean()) ** 2)
    )

    assert overall_coefficient(PEAK_FLOW) == pytest.approx(closed, abs=1e-14)


def test_moments_over_n_minus_1_weigh_the_shift_less() -> None:
    shifted = PEAK_FLOW + np.array([0, 60])

    assert overall_coefficient(shifted, Moments.UNBIASED) > overall_coefficient(shifted)


def test_both_intervals_are_lin_s_formulas_in_r() -> None:
    """Lin 1989 with the variance of 2000, as printed, with the correlation below."""
    script = """
    x <- data[, 1]; y <- data[, 2]; n <- length(x)
    sx2 <- var(x) * (n - 1) / n; sy2 <- var(y) * (n - 1) / n
    r <- cor(x, y); u <- (mean(x) - mean(y)) / (sx2 * sy2)^0.25
    p <- 2 * r * sqrt(sx2 * sy2) / (sx2 + sy2 + (mean(x) - mean(y))^2)
    v <- ((1 - r^2) * p^2 * (1 - p^2) / r^2 + 2 * p^3 * (1 - p) * u^2 / r
          - 0.5 * p^4 * u^4 / r^2) / (n - 2)
    z <- atanh(p); half <- qnorm(0.975) * sqrt(v) / (1 - p^2)
    answer <- list(p = p, se = sqrt(v), z = tanh(z + c(-half, half)),
                   a = p + c(-1, 1) * qnorm(0.975) * sqrt(v))
    """
    told = run_r(script, PEAK_FLOW.tolist())

    z = estimate(concordance_correlation(PEAK_FLOW))
    asymptotic = estimate(
        concordance_correlation(
            PEAK_FLOW, ConcordanceOptions(interval=Interval.ASYMPTOTIC)
        )
    )

    assert z.value == pytest.approx(told["p"], abs=1e-12)
    assert lin_standard_error(PEAK_FLOW) == pytest.approx(told["se"], abs=1e-12)
    assert [z.low, z.high] == pytest.approx(told["z"], abs=1e-12)
    assert [asymptotic.low, asymptotic.high] == pytest.approx(told["a"], abs=1e-12)


def test_uncorrelated_repeats_have_an_interval_too() -> None:
    measurements = np.array([[1, 0], [-1, 0.0], [0, 1], [0, -1], [0, 0]], dtype=float)

    found = estimate(concordance_correlation(measurements))

    assert found.value == pytest.approx(0, abs=1e-15)
    assert found.low == pytest.approx(-found.high)  # type: ignore[operator]


def test_the_interval_on_z_covers_the_truth_at_twenty_pairs() -> None:
    generator = np.random.default_rng(20231101)
    truth, subjects, simulated = 0.8, 20, 2000
    between = np.sqrt(truth) * generator.standard_normal((simulated, subjects, 1))
    within = np.sqrt(1 - truth) * generator.standard_normal((simulated, subjects, 2))

    covered = 0
    for measurements in between + within:
        found = estimate(concordance_correlation(measurements))
        assert found.low is not None
        assert found.high is not None
        covered += found.low <= truth <= found.high

    assert 0.93 <= covered / simulated <= 0.97


def test_more_than_two_repeats_have_barnhart_s_coefficient() -> None:
    """By its definition: one less the disagreement over that of independence."""
    generator = np.random.default_rng(1)
    measurements = generator.standard_normal((8, 1)) + 0.3 * generator.standard_normal(
        (8, 3)
    )
    disagreement, independent = np.float64(0), np.float64(0)
    for first, second in ((0, 1), (0, 2), (1, 2)):
        x, y = measurements[:, first], measurements[:, second]
        disagreement += np.mean((x - y) ** 2)
        independent += np.mean((x[:, None] - y[None, :]) ** 2)

    found = estimate(concordance_correlation(measurements))

    assert found.value == pytest.approx(1 - disagreement / independent, abs=1e-12)
    assert found.low is not None
    assert found.low < found.value
    assert "jackknife" in found.method


def test_fewer_than_five_subjects_are_not_assessed() -> None:
    found = concordance_correlation(PEAK_FLOW[:4])

    assert isinstance(found, NotAssessable)
    assert "n = 4" in found.why


@pytest.mark.parametrize(
    ("measurements", "why"),
    [
        (np.full((6, 2), 3.7), "all measurements are equal"),
        (np.full((6, 2), 0.1) * (1 + 1e-16), "all measurements are equal"),
        (np.array([[1.0, n] for n in range(6)]), "single value"),
        (np.ones((6, 1)), "1 measurement"),
    ],
)
def test_a_constant_is_not_assessed(measurements: np.ndarray, why: str) -> None:
    found = concordance_correlation(measurements)

    assert isinstance(found, NotAssessable)
    assert why in found.why


@pytest.mark.parametrize("repeats", [2, 3])
def test_repeats_that_differ_by_rounding_have_no_interval(repeats: int) -> None:
    rounded = PEAK_FLOW[:, :1] * (1 + 1e-9 * np.arange(repeats))

    found = estimate(concordance_correlation(rounded))

    assert (found.value, found.low, found.high) == (1.0, None, None)


def test_repeats_that_mirror_each_other_have_no_interval() -> None:
    first = np.array([-2.0, -1.0, 0.0, 1.0, 2.0])

    found = estimate(concordance_correlation(np.column_stack([first, -first])))

    assert (found.value, found.low, found.high) == (-1.0, None, None)
    assert "mirror" in found.method


def test_equal_repeats_have_a_coefficient_of_one_without_interval() -> None:
    found = estimate(concordance_correlation(np.repeat(PEAK_FLOW[:, :1], 2, axis=1)))

    assert (found.value, found.low, found.high) == (1.0, None, None)
    assert "equal" in found.method
