"""How often a feature is chosen, and for how many readouts."""

import numpy as np
import pytest

from model.learning.readout import Readout
from model.learning.selection.folds import TooFewGroupsError
from model.learning.selection.lasso import LassoOptions, select
from model.learning.selection.penalty_rule import PenaltyRule
from model.learning.selection.rule import selected_for_several
from model.learning.selection.stability import selection_frequency

SPARING = LassoOptions(penalties=30, rule=PenaltyRule.ONE_STANDARD_ERROR)


def test_a_planted_feature_is_chosen_nearly_always_and_noise_seldom() -> None:
    generator = np.random.default_rng(1)
    features = generator.normal(size=(40, 12))
    readout = 2 * features[:, 7] + generator.normal(size=40)
    ticks: list[int] = []
    often = selection_frequency(
        features, readout, np.arange(40), SPARING, 20, 9, lambda: ticks.append(1)
    )
    assert often[7] == 1
    assert np.delete(often, 7).max() < 0.5
    assert len(ticks) == 20


def test_the_same_seed_gives_the_same_frequencies() -> None:
    generator = np.random.default_rng(2)
    features, readout = generator.normal(size=(24, 6)), generator.normal(size=24)
    readout += features[:, 0]
    first, again, other = (
        selection_frequency(features, readout, np.arange(24), SPARING, 10, seed)
        for seed in (1, 1, 2)
    )
    assert (first == again).all()
    assert (first != other).any()


def test_a_readout_that_is_nearly_always_the_same_chooses_nothing_then() -> None:
    generator = np.random.default_rng(3)
    features = generator.normal(size=(12, 3))
    readout = np.zeros(12)
    readout[0] = 1.0
    often = selection_frequency(features, readout, np.arange(12), SPARING, 10, 1)
    assert (often < 1).all()


def test_too_few_groups_for_a_subsample_are_refused() -> None:
    features = np.random.default_rng(3).normal(size=(12, 3))
    with pytest.raises(TooFewGroupsError):
        selection_frequency(features, features[:, 0], np.arange(12) // 4, SPARING, 5, 1)


def test_features_that_several_readouts_chose_are_kept_in_order() -> None:
    generator = np.random.default_rng(6)
    features = generator.normal(size=(60, 6))
    noise = 0.2 * generator.normal(size=(60, 4))
    planted = {
        Readout.EARLY: features[:, 5] + noise[:, 0],
        Readout.TERMINAL: features[:, 5] + features[:, 2] + noise[:, 1],
        Readout.RATIO: features[:, 2] + noise[:, 2],
        Readout.MFI: features[:, 5] + noise[:, 3],
    }
    groups = np.arange(60)
    chosen = {
        readout: select(features, values, groups, SPARING, 1)
        for readout, values in planted.items()
    }
    assert selected_for_several(chosen, 2) == (2, 5)
    assert selected_for_several(chosen, 3) == (5,)
    assert selected_for_several(chosen, 4) == ()
    assert selected_for_several({}, 1) == ()
