"""Where texture and readouts have nothing to do with each other, nothing is found."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import kstest

from model.learning.readout import Readout
from model.learning.selection.lasso import LassoOptions
from model.learning.training.cross_validation import (
    FoldPlan,
    cross_validate,
    mean_c_index,
)
from model.learning.training.recipe import Recipe
from tests.reference import null_cohorts
from tests.reference.null_cohorts import (
    BEGIN,
    DESIGNS,
    END,
    PAGE,
    Design,
    NullResult,
    null_cohort,
    null_result,
    spread_p_values,
)

SMALL = Design(18, features=4, permutations=3)
CLUSTERED = Design(8, scans=3, features=4, permutations=3)
COHORTS = 24
COARSE = Recipe(LassoOptions(folds=3, penalties=15, smallest_ratio=0.05))


@pytest.fixture(scope="module", params=[SMALL, CLUSTERED], ids=lambda each: each.name)
def results(request: pytest.FixtureRequest) -> list[NullResult]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(null_cohorts, "RECIPE", COARSE)
        return [null_result(request.param, number) for number in range(COHORTS)]


def test_the_c_index_of_a_null_cohort_is_one_half(results: list[NullResult]) -> None:
    values = np.array([each.observed.c_index for each in results])
    error = values.std(ddof=1) / np.sqrt(len(values))

    assert abs(values.mean() - 0.5) < 3.5 * error
    assert error < 0.08


def test_permutation_p_values_of_null_cohorts_are_uniform(
    results: list[NullResult],
) -> None:
    assert kstest(spread_p_values(results), "uniform").pvalue > 0.001


def test_a_recipe_that_leaks_would_be_seen() -> None:
    """Features chosen on all rows make 0.5 much more, which the test above sees."""
    design = replace(SMALL, features=200)
    recipe = replace(COARSE, at_least=1)
    found = []
    for number in range(24):
        data = null_cohort(design, number)
        terminal = data.readouts[Readout.TERMINAL]
        sizes = abs(np.corrcoef(data.features.T, terminal)[-1, :-1])
        leaked = replace(
            data,
            features=data.features[:, np.argsort(-sizes)[:3]],
            readouts={Readout.TERMINAL: terminal},
        )
        rounds = cross_validate(leaked, recipe, FoldPlan(5, compared=False), 1, 0)
        found.append(mean_c_index(rounds.results))

    error = np.std(found, ddof=1) / np.sqrt(len(found))
    assert np.mean(found) - 0.5 > 3.5 * error


def test_the_page_has_a_row_for_each_design() -> None:
    _, _, after = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    table, _, _ = after.partition(END)

    assert all(f"| {design.name} |" in table for design in DESIGNS)
