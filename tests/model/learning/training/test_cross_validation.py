"""Promises of the judgement: nothing of a fold reaches what foretells it."""

import math
from dataclasses import replace

import numpy as np
import pytest

from model.learning.estimate import Estimate, NotAssessable
from model.learning.performance.concordance import concordance
from model.learning.readout import Readout
from model.learning.training.contenders import BASELINE, BOTH, TEXTURE
from model.learning.training.cross_validation import (
    FoldPlan,
    cross_validate,
    mean_c_index,
)
from model.learning.training.increment import increment_of, out_of_fold_scores
from model.learning.training.left_out import leave_one_out
from model.learning.training.recipe import follow
from model.learning.training.resampled_interval import resampled_mean
from tests.model.learning.training.planted import (
    QUICK,
    SPARSE,
    cohort,
    following_volume,
)

PLAN = FoldPlan(4)


def test_every_scan_is_tested_once_in_a_round() -> None:
    data = cohort(12, scans=3)
    results = cross_validate(data, QUICK, PLAN, 1, 0).results

    tested = np.concatenate([each.tested for each in results])
    assert sorted(tested) == list(range(36))


def test_an_animal_is_on_one_side_only() -> None:
    data = cohort(12, scans=3)

    for each in cross_validate(data, QUICK, PLAN, 1, 0).results:
        inside = set(data.groups[each.tested])
        outside = set(np.delete(data.groups, each.tested))
        assert not inside & outside
        assert each.tested_groups == len(inside)
        assert each.fitted_groups == len(outside)


def test_what_a_fold_measures_changes_no_score_of_it() -> None:
    """The readouts of a fold's rows may be anything: its scores are the others'."""
    data = cohort(24)
    fold = cross_validate(data, QUICK, PLAN, 1, 0).results[0]
    strata = data.labels(data.cut_off)
    terminal = data.readouts[Readout.TERMINAL].copy()
    # Values go far up or down but stay on their side of the median of all rows, so
    # that the same folds are dealt.
    terminal[fold.tested] += np.where(strata[fold.tested] == 1, 1e3, -1e3)
    readouts = {**data.readouts, Readout.TERMINAL: terminal}
    for name in (Readout.EARLY, Readout.RATIO, Readout.MFI):
        readouts[name] = readouts[name].copy()
        readouts[name][fold.tested] = -55.0

    other = cross_validate(replace(data, readouts=readouts), QUICK, PLAN, 1, 0)

    assert np.array_equal(other.results[0].tested, fold.tested)
    assert np.array_equal(other.results[0].scores, fold.scores)
    assert other.results[0].cut_off == fold.cut_off


def test_a_fold_is_cut_at_the_median_of_the_others() -> None:
    data = cohort(20)

    for each in cross_validate(data, QUICK, PLAN, 1, 0).results:
        others = np.delete(data.readouts[Readout.TERMINAL], each.tested)
        labels = data.readouts[Readout.TERMINAL][each.tested] > np.median(others)
        assert each.cut_off == np.median(others)
        assert each.events == labels.sum()
        if each.has_both_classes:
            assert each.c_index[TEXTURE] == concordance(each.scores, labels)


def test_folds_of_one_class_have_no_c_index_and_count_in_no_mean() -> None:
    data = cohort(12)
    results = cross_validate(data, QUICK, FoldPlan(6), 3, 0).results
    one_class = [each for each in results if not each.has_both_classes]
    kept = [each.c_index[TEXTURE] for each in results if each.has_both_classes]

    assert all(each.events in (0, len(each.tested)) for each in one_class)
    assert all(math.isfinite(each.brier[TEXTURE]) for each in results)
    assert mean_c_index(results) == pytest.approx(np.mean(kept))


def test_an_empty_model_is_chance_in_its_fold() -> None:
    data = cohort(20, signal=0.0, seed=2)
    recipe = replace(SPARSE, at_least=4)
    results = cross_validate(data, recipe, PLAN, 1, 0).results
    empty = [each for each in results if not each.chosen and each.has_both_classes]

    assert empty
    assert all(each.c_index[TEXTURE] == 0.5 for each in empty)
    for each in empty:
        above = data.labels(each.cut_off)
        share = np.delete(above, each.tested).mean()
        errors = (above[each.tested] - share) ** 2
        assert each.brier[TEXTURE] == pytest.approx(errors.mean())


def test_rounds_deal_differently_and_repeat_by_their_seed() -> None:
    data = cohort(24)
    first, second = (cross_validate(data, QUICK, PLAN, 1, at) for at in (0, 1))
    again = cross_validate(data, QUICK, PLAN, 1, 0)

    assert [each.c_index for each in first.results] == [
        each.c_index for each in again.results
    ]
    assert any(
        not np.array_equal(one.tested, other.tested)
        for one, other in zip(first.results, second.results, strict=True)
    )


def test_texture_that_repeats_the_volume_adds_nothing() -> None:
    data = following_volume()
    results = cross_validate(data, QUICK, PLAN, 1, 0).results
    found = increment_of(data, follow(QUICK, data, 1), results)

    assert mean_c_index(results, TEXTURE) > 0.8
    assert mean_c_index(results, "volume") > 0.8
    assert isinstance(found.c_index, Estimate)
    assert abs(found.c_index.value) < 0.1
    assert found.p_cross_validated is None or found.p_cross_validated > 0.05


def test_texture_beyond_the_volume_is_seen() -> None:
    data = cohort(48)
    results = cross_validate(data, QUICK, PLAN, 1, 0).results
    found = increment_of(data, follow(QUICK, data, 1), results)

    assert isinstance(found.c_index, Estimate)
    assert found.c_index.low is not None
    assert found.c_index.low > 0
    assert found.p_cross_validated is not None
    assert found.p_cross_validated < 0.001
    assert mean_c_index(results, BOTH) > mean_c_index(results, BASELINE) + 0.2


def test_scores_out_of_fold_are_means_over_rounds() -> None:
    data = cohort(20)
    rounds = [cross_validate(data, QUICK, PLAN, 1, at).results for at in (0, 1)]
    both = out_of_fold_scores(20, (*rounds[0], *rounds[1]))
    each = [out_of_fold_scores(20, one) for one in rounds]

    assert np.allclose(both, (each[0] + each[1]) / 2)


def test_a_batch_is_foretold_by_the_others() -> None:
    data = cohort(40)
    names = np.array(["A", "B"])[np.arange(40) % 2]
    found = leave_one_out(data, QUICK, names, 1)

    assert [each.name for each in found] == ["A", "B"]
    assert [(each.fitted, each.tested) for each in found] == [(20, 20), (20, 20)]
    assert all(isinstance(each.texture, Estimate) for each in found)
    assert min(getattr(each.texture, "value", 0) for each in found) > 0.65


def test_an_animal_of_two_batches_does_not_foretell_itself() -> None:
    data = cohort(20, scans=2)
    names = np.array(["A", "B"])[np.arange(40) % 2]
    (first, _) = leave_one_out(data, QUICK, names, 1)

    assert first.fitted == 0
    assert isinstance(first.texture, NotAssessable)


def test_the_interval_is_nadeau_and_bengios() -> None:
    """Of the formula: t * sqrt((1/J + n2/n1) s^2), J = 10, n2/n1 = 1/4."""
    values = [0.6, 0.7, 0.8, 0.7, 0.6, 0.8, 0.7, 0.9, 0.5, 0.7]
    found = resampled_mean(values, 0.25)

    assert isinstance(found, Estimate)
    # s^2 = 0.12 / 9; t(0.975, 9) = 2.262157.
    width = 2.262157 * math.sqrt((0.1 + 0.25) * 0.12 / 9)
    assert found.value == pytest.approx(0.7)
    assert found.low == pytest.approx(0.7 - width, abs=1e-6)
    assert found.high == pytest.approx(0.7 + width, abs=1e-6)


def test_few_folds_have_no_mean() -> None:
    found = resampled_mean([0.5, 0.6, 0.7, math.nan], 0.25)

    assert isinstance(found, NotAssessable)
    assert "3 folds" in found.why
