"""Promises of ICC, within-subject variation, bias, and of what they make together."""

from collections.abc import Callable

import numpy as np
import pytest

from model.learning.estimate import Assessed, Estimate, NotAssessable
from model.learning.repeatability.assessment import assess_repeatability
from model.learning.repeatability.bias import Agreement, agreement
from model.learning.repeatability.intraclass import icc_agreement, icc_one_way
from model.learning.repeatability.keeping import DecidedOn, KeepRule, verdict
from model.learning.repeatability.within_subject import (
    repeatability_coefficient,
    within_subject_deviation,
    within_subject_variation,
)
from tests.support.r import run_r

SHROUT_FLEISS = np.array(
    [
        [9, 2, 5, 8],
        [6, 1, 3, 2],
        [8, 4, 6, 8],
        [7, 1, 2, 6],
        [10, 5, 6, 9],
        [6, 2, 4, 7],
    ],
    dtype=float,
)
"""Shrout and Fleiss 1979, Table 2: four judges rate six targets."""

PAIRS = np.random.default_rng(3).normal(50, 10, (12, 1)) + np.random.default_rng(
    4
).normal(0, 2, (12, 2))


def estimate(found: Assessed) -> Estimate:
    assert isinstance(found, Estimate), found
    return found


@pytest.mark.reference
def test_icc_is_that_of_shrout_and_fleiss() -> None:
    """Their Table 4: 0.17 and 0.29; intervals as R's psych prints of the same table."""
    one_way = estimate(icc_one_way(SHROUT_FLEISS))
    absolute = estimate(icc_agreement(SHROUT_FLEISS))

    assert round(one_way.value, 2) == 0.17
    assert [one_way.low, one_way.high] == pytest.approx([-0.133, 0.723], abs=5e-4)
    assert round(absolute.value, 2) == 0.29
    assert [absolute.low, absolute.high] == pytest.approx([0.019, 0.761], abs=5e-4)


def test_icc_is_that_of_variance_components_in_r() -> None:
    script = """
    d <- data.frame(y = c(data), s = factor(rep(seq_len(nrow(data)), ncol(data))),
                    r = factor(rep(seq_len(ncol(data)), each = nrow(data))))
    tight <- lmerControl(optimizer = "nloptwrap",
                         optCtrl = list(xtol_abs = 1e-12, ftol_abs = 1e-14))
    one <- as.data.frame(VarCorr(lmer(y ~ (1 | s), d, control = tight)))$vcov
    two <- as.data.frame(VarCorr(lmer(y ~ (1 | s) + (1 | r), d, control = tight)))
    v <- setNames(two$vcov, two$grp)
    answer <- list(one = one[1] / sum(one), two = v[["s"]] / sum(v), sd = sqrt(one[2]))
    """
    told = run_r(script, SHROUT_FLEISS.tolist(), "lme4")

    assert estimate(icc_one_way(SHROUT_FLEISS)).value == pytest.approx(
        told["one"], abs=1e-5
    )
    assert estimate(icc_agreement(SHROUT_FLEISS)).value == pytest.approx(
        told["two"], abs=1e-5
    )
    assert estimate(within_subject_deviation(SHROUT_FLEISS)).value == pytest.approx(
        told["sd"], abs=1e-5
    )


@pytest.mark.parametrize("icc", [icc_one_way, icc_agreement])
def test_subjects_of_one_mean_have_no_correlation(
    icc: Callable[[np.ndarray], Assessed],
) -> None:
    shifted = np.tile([1.0, 2.0], (6, 1))
    crossed = np.column_stack([np.arange(6.0), 10 - np.arange(6.0)])

    for measurements in (shifted, crossed):
        found = icc(measurements)
        assert isinstance(found, NotAssessable)
        assert "same mean" in found.why


def test_a_shift_between_sessions_lowers_the_agreement() -> None:
    shifted = PAIRS + np.array([0, 15])

    assert estimate(icc_agreement(shifted)).value < estimate(icc_agreement(PAIRS)).value


def test_the_within_subject_deviation_of_pairs_is_that_of_their_differences() -> None:
    differences = PAIRS[:, 1] - PAIRS[:, 0]

    found = estimate(within_subject_deviation(PAIRS))

    assert found.value == pytest.approx(np.sqrt(np.mean(differences**2) / 2))


def test_the_repeatability_coefficient_is_2_77_deviations_with_its_interval() -> None:
    deviation = estimate(within_subject_deviation(PAIRS))
    coefficient = estimate(repeatability_coefficient(PAIRS))

    assert coefficient.value == pytest.approx(2.7718585822512662 * deviation.value)
    # The chi-square quantiles of 12 degrees of freedom: 4.4038, 23.3367.
    assert coefficient.low == pytest.approx(
        coefficient.value * np.sqrt(12 / 23.3367), rel=1e-5
    )
    assert coefficient.high == pytest.approx(
        coefficient.value * np.sqrt(12 / 4.4038), rel=1e-5
    )


def test_the_variation_is_the_root_mean_square_of_the_subjects_own() -> None:
    own = PAIRS.std(axis=1, ddof=1) / PAIRS.mean(axis=1)

    found = estimate(within_subject_variation(PAIRS))

    assert found.value == pytest.approx(100 * np.sqrt(np.mean(own**2)))
    assert estimate(within_subject_variation(-PAIRS)).value == pytest.approx(
        found.value
    )


def test_a_feature_of_both_signs_has_no_coefficient_of_variation() -> None:
    found = within_subject_variation(PAIRS - 50)

    assert isinstance(found, NotAssessable)
    assert "sign" in found.why


def test_bias_and_limits_are_those_of_bland_and_altman() -> None:
    differences = PAIRS[:, 1] - PAIRS[:, 0]
    told = run_r("answer <- t.test(data)$conf.int", differences.tolist())

    found = agreement(PAIRS)

    assert isinstance(found, Agreement)
    assert found.bias.value == pytest.approx(differences.mean())
    assert [found.bias.low, found.bias.high] == pytest.approx(told, abs=1e-10)
    assert found.high - found.low == pytest.approx(2 * 1.96 * differences.std(ddof=1))


@pytest.mark.parametrize("unit", [1e-200, 1.0, 1e200])
def test_the_size_of_a_feature_s_numbers_makes_no_difference(unit: float) -> None:
    found = assess_repeatability(PAIRS * unit)
    same = assess_repeatability(PAIRS)

    assert estimate(found.concordance).value == pytest.approx(
        estimate(same.concordance).value
    )
    assert estimate(found.coefficient).value / unit == pytest.approx(
        estimate(same.coefficient).value
    )


def test_equal_repeats_give_no_coefficient_that_every_change_would_exceed() -> None:
    found = assess_repeatability(np.repeat(PAIRS[:, :1], 2, axis=1))

    assert isinstance(found.coefficient, NotAssessable)
    assert estimate(found.icc_one_way).low is None


def test_repeats_that_differ_by_rounding_are_equal_for_every_number() -> None:
    rounded = PAIRS[:, :1] * (1 + 1e-9 * np.arange(2))

    found = assess_repeatability(rounded)

    assert isinstance(found.coefficient, NotAssessable)
    assert estimate(found.icc_agreement).low is None
    assert estimate(found.concordance).low is None


def test_more_than_two_repeats_have_no_bias_and_say_so() -> None:
    found = assess_repeatability(SHROUT_FLEISS)

    assert found.repeats == 4
    assert isinstance(found.agreement, NotAssessable)
    assert "two repeats" in found.agreement.why


@pytest.mark.parametrize(
    ("value", "low", "on", "kept"),
    [
        (0.66, 0.3, DecidedOn.ESTIMATE, True),
        (0.66, 0.3, DecidedOn.LOWER, False),
        (0.9, 0.7, DecidedOn.LOWER, True),
        (0.65, 0.3, DecidedOn.ESTIMATE, False),
        (1.0, None, DecidedOn.ESTIMATE, True),
        (1.0, None, DecidedOn.LOWER, False),
    ],
)
def test_a_feature_is_kept_above_the_threshold(
    value: float, low: float | None, on: DecidedOn, *, kept: bool
) -> None:
    found = verdict(Estimate(value, low, None, "as stated"), KeepRule(0.65, on))

    assert found.kept is kept
    assert found.why


def test_what_is_not_assessable_is_not_kept_and_says_why() -> None:
    found = verdict(NotAssessable("all measurements are equal"), KeepRule(0.65))

    assert not found.kept
    assert found.why == "all measurements are equal"
