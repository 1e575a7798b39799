"""Terminal groups compared, against R on the same data."""

from typing import Any

import numpy as np
import pytest
from scipy.stats import t as student

from model.learning.cohort.one_way import FTest, OneWay, compare
from model.learning.cohort.pair import symbol
from model.learning.cohort.variance import Variance
from model.learning.estimate import NotAssessable
from tests.support.r import run_r

TOLERANCE = 1e-8

ANALYSIS = """
g <- factor(data$group, levels = unique(data$group))
table <- summary(aov(data$value ~ g))[[1]]
p <- function(...) pairwise.t.test(data$value, g, ...)$p.value
medians <- tapply(data$value, g, median)
spread <- anova(lm(abs(data$value - medians[g]) ~ g))
answer <- list(
  f = table[["F value"]][1], p = table[["Pr(>F)"]][1],
  levene = spread[["Pr(>F)"]][1],
  pooled = p(p.adjust.method = "bonferroni"),
  welch = p(p.adjust.method = "bonferroni", pool.sd = FALSE),
  interval = t.test(data$value[g == "d0"], data$value[g == "d3"],
                    conf.level = 1 - 0.05 / 6)$conf.int)
"""


def cells_of(seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    sizes, means = (5, 4, 7, 2), (30.0, 33.0, 60.0, 45.0)
    return {
        name: rng.normal(mean, 4.0 + 3.0 * place, size)
        for place, (name, size, mean) in enumerate(
            zip(("d0", "d3", "d7", "d14"), sizes, means, strict=True)
        )
    }


def f_test_of(comparison: OneWay) -> FTest:
    assert isinstance(comparison.test, FTest)
    return comparison.test


@pytest.mark.parametrize("seed", [1, 2])
def test_anova_and_pairs_are_those_of_r(seed: int) -> None:
    cells = cells_of(seed)
    data = {
        "group": [name for name, values in cells.items() for _ in values],
        "value": [float(value) for values in cells.values() for value in values],
    }
    theirs = run_r(ANALYSIS, data)

    pooled, welch = compare(cells), compare(cells, Variance.WELCH)

    assert f_test_of(pooled).statistic == pytest.approx(theirs["f"], rel=TOLERANCE)
    assert f_test_of(pooled).p == pytest.approx(theirs["p"], rel=1e-7, abs=TOLERANCE)
    assert pooled.equal_variance_p == pytest.approx(theirs["levene"], abs=TOLERANCE)
    names = list(cells)
    for ours, key in ((pooled, "pooled"), (welch, "welch")):
        for pair in ours.pairs:
            # R's table: a row for each second group, a column for each first.
            row, column = names.index(pair.second) - 1, names.index(pair.first)
            expected = theirs[key][row][column]
            assert pair.p_corrected == pytest.approx(expected, abs=TOLERANCE)
        assert len(ours.pairs) == 6
    # R's interval is of the first minus the second.
    low, high = theirs["interval"]
    assert welch.pairs[0].low == pytest.approx(-high, abs=TOLERANCE)
    assert welch.pairs[0].high == pytest.approx(-low, abs=TOLERANCE)


def test_a_group_of_one_is_left_out_and_each_of_its_pairs_says_why() -> None:
    cells = cells_of(3)
    with_one = {**cells, "d21": np.array([400.0])}

    ours = compare(with_one)

    assert f_test_of(ours) == f_test_of(compare(cells))
    assert len(ours.pairs) == 6
    assert {gap.second for gap in ours.not_compared} == {"d21"}
    assert len(ours.not_compared) == 4
    assert "at n = 1" in ours.not_compared[0].why.why
    assert any("One animal only" in remark for remark in ours.remarks)


def test_pairs_are_corrected_for_those_that_were_compared() -> None:
    ours = compare(cells_of(1))

    for pair in ours.pairs:
        assert pair.p_corrected == pytest.approx(min(1.0, 6 * pair.p))
        excludes = pair.low > 0 or pair.high < 0
        assert excludes == (pair.p_corrected < 0.05)


def test_two_groups_need_no_correction() -> None:
    cells = {name: cells_of(1)[name] for name in ("d0", "d7")}

    (pair,) = compare(cells).pairs

    assert pair.p_corrected == pair.p
    width = pair.high - pair.difference
    quantile = student.isf(0.025, pair.degrees_of_freedom)
    assert width == pytest.approx(quantile * pair.standard_error)


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        ({"a": [1.0, 2.0]}, "fewer than two groups"),
        ({"a": [1.0], "b": [2.0]}, "fewer than two groups"),
        ({"a": [1.1, 1.1, 1.1], "b": [2.3, 2.3]}, "do not vary"),
    ],
)
def test_what_cannot_be_compared_says_why(
    cells: dict[str, list[float]], why: str
) -> None:
    ours = compare({name: np.array(values) for name, values in cells.items()})

    assert isinstance(ours.test, NotAssessable)
    assert why in ours.test.why
    assert not ours.pairs


def test_a_pair_that_does_not_vary_has_no_welch_test() -> None:
    cells = {
        "a": np.array([1.0, 1.0]),
        "b": np.array([2.0, 2.0]),
        "c": np.array([1.0, 3.0]),
    }

    ours = compare(cells, Variance.WELCH)

    assert [(gap.first, gap.second) for gap in ours.not_compared] == [("a", "b")]
    assert len(ours.pairs) == 2


def test_unequal_variances_are_remarked() -> None:
    rng = np.random.default_rng(1)
    cells = {"a": rng.normal(0, 1, 12), "b": rng.normal(0, 30, 12)}

    assert any("Variances differ" in remark for remark in compare(cells).remarks)


@pytest.mark.parametrize(
    ("p", "mark"),
    [
        (0.0009, "***"),
        (0.001, "**"),
        (0.01, "*"),
        (0.049, "*"),
        (0.05, "#"),
        (0.1, ""),
        (1.0, ""),
    ],
)
def test_symbols_are_the_papers(p: float, mark: str) -> None:
    assert symbol(p) == mark
