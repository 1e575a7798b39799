"""Promises of the recipe on given rows."""

from dataclasses import replace

import numpy as np
import pytest

from model.learning.fitting.logistic import Method
from model.learning.readout import Readout
from model.learning.training.independent_columns import independent, varying
from model.learning.training.recipe import (
    OBSERVATIONS_PER_FEATURE,
    OneClassLabelError,
    follow,
    most_features,
)
from tests.model.learning.training.planted import PLANTED, QUICK, SPARSE, cohort


def test_planted_features_are_found() -> None:
    found = [
        set(PLANTED) <= set(follow(QUICK, cohort(40, seed=seed), seed).chosen)
        for seed in range(10)
    ]

    assert all(found)


def test_planted_features_lead() -> None:
    trained = follow(QUICK, cohort(60), 3)

    assert set(trained.chosen[:2]) == set(PLANTED)


def test_the_cut_off_is_the_median_of_the_rows_that_were_given() -> None:
    data = cohort(30)
    part = data.rows(np.arange(20))

    assert follow(QUICK, part, 1).cut_off == np.median(
        data.readouts[Readout.TERMINAL][:20]
    )


def test_the_same_seed_gives_the_same_model() -> None:
    first, again = (follow(QUICK, cohort(), 5) for _ in range(2))

    assert first.chosen == again.chosen
    assert first.fit is not None
    assert again.fit is not None
    assert first.fit.intercept == again.fit.intercept
    assert np.array_equal(first.fit.coefficients, again.fit.coefficients)


def test_units_of_features_change_no_score() -> None:
    data = cohort()
    scale, shift = np.geomspace(1e-4, 1e4, 8), np.linspace(-3, 3, 8)
    other = replace(data, features=data.features * scale + shift)
    first, again = follow(QUICK, data, 5), follow(QUICK, other, 5)

    assert first.chosen == again.chosen
    assert np.allclose(
        first.scores(data.features), again.scores(other.features), atol=1e-6
    )


def test_an_empty_model_foretells_the_share() -> None:
    data = cohort(signal=0.0, seed=2)
    trained = follow(replace(SPARSE, at_least=4), data, 1)

    assert trained.chosen == ()
    assert np.allclose(1 / (1 + np.exp(-trained.scores(data.features))), 0.5)


def test_a_feature_of_one_readout_is_not_chosen_for_two() -> None:
    data = cohort(40)
    generator = np.random.default_rng(0)
    only = {
        name: values if name is Readout.TERMINAL else generator.normal(size=data.count)
        for name, values in data.readouts.items()
    }
    trained = follow(replace(SPARSE, at_least=2), replace(data, readouts=only), 1)

    assert set(PLANTED) <= set(trained.selected(Readout.TERMINAL))
    assert not set(PLANTED) & set(trained.chosen)


def test_a_readout_that_few_rows_have_is_learnt_from_those() -> None:
    data = cohort(40)
    early = data.readouts[Readout.EARLY].copy()
    early[25:] = np.nan
    trained = follow(
        QUICK, replace(data, readouts={**data.readouts, Readout.EARLY: early}), 1
    )

    assert Readout.EARLY in trained.selections
    assert set(PLANTED) <= set(trained.chosen)


def test_no_more_features_than_the_labels_bear() -> None:
    data = cohort(16, features=30)
    trained = follow(replace(QUICK, at_least=1), data, 1)

    assert len(trained.chosen) == 16 // 2 // OBSERVATIONS_PER_FEATURE
    assert trained.crowded_out
    assert not set(trained.chosen) & set(trained.crowded_out)


def test_twins_do_not_stop_a_fit() -> None:
    data = cohort(30)
    twins = np.hstack([data.features, 3 * data.features + 1])
    trained = follow(replace(QUICK, at_least=1), replace(data, features=twins), 1)
    width = data.features.shape[1]
    chosen = [column % width for column in trained.chosen]

    assert len(set(chosen)) == len(chosen) > 0


def test_a_column_that_is_constant_here_is_not_used() -> None:
    data = cohort(30)
    features = data.features.copy()
    features[:, PLANTED[0]] = 7.0
    trained = follow(QUICK, replace(data, features=features), 1)

    assert PLANTED[0] not in trained.usable
    assert PLANTED[1] in trained.chosen


def test_where_labels_are_separated_firth_stands_in() -> None:
    data = cohort(16)
    terminal = data.features[:, 0] + 1e-6 * data.features[:, 1]
    same = dict.fromkeys(data.readouts, terminal)
    trained = follow(
        replace(QUICK, method=Method.MAXIMUM_LIKELIHOOD),
        replace(data, readouts=same),
        1,
    )

    assert trained.fell_back
    assert trained.fit is not None
    assert trained.fit.method is Method.FIRTH


def test_one_class_is_refused() -> None:
    data = cohort(12)
    constant = {**data.readouts, Readout.TERMINAL: np.full(data.count, 3.0)}

    with pytest.raises(OneClassLabelError, match="terminal"):
        follow(QUICK, replace(data, readouts=constant), 1)


def test_the_limit_counts_the_rarer_label() -> None:
    assert most_features(np.array([1] * 5 + [0] * 20)) == 2


def test_columns_that_follow_from_others_are_told() -> None:
    generator = np.random.default_rng(4)
    matrix = generator.normal(size=(20, 3))
    matrix = np.column_stack([matrix, matrix[:, 0] + matrix[:, 1] + 5, np.ones(20)])

    assert independent(matrix, range(5)) == (0, 1, 2)
    assert independent(matrix, (3, 1, 0, 2)) == (3, 1, 2)
    assert independent(matrix, range(5), most=2) == (0, 1)
    assert varying(matrix).tolist() == [True] * 4 + [False]
