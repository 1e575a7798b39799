"""Promises of the phantoms of ``make paper``: that the truth is in them."""

from dataclasses import replace

import numpy as np
import pytest

from config.score_models import find_score_model
from model.features.catalogue import compute_features
from tests.paper.scans import phantom_of
from tests.paper.truth import Size, Tumour, inhibited, irradiated, retested

FINE = find_score_model("zhang2023-fine").preparation
SMALL = Size(inhibited=2, irradiated=2, followed=1, retested=2)


@pytest.fixture(scope="module")
def tumour() -> Tumour:
    return next(retested(Size()))


def features_of(tumour: Tumour, repeat: int = 1) -> dict[str, float]:
    phantom = phantom_of(tumour, repeat)
    names = ("histogram_Skewness", "glcm_Contrast", "shape_Volume")
    found = compute_features(phantom.suv, phantom.tumour_mask, FINE, names)
    return dict(found.values)


def test_the_truth_is_the_same_every_time() -> None:
    assert list(inhibited(SMALL)) == list(inhibited(SMALL))
    assert list(irradiated(SMALL)) == list(irradiated(SMALL))


def test_a_smaller_study_has_animals_of_the_larger_one() -> None:
    for draw in (inhibited, irradiated, retested):
        assert set(draw(SMALL)) <= set(draw(Size()))


def test_groups_and_days_are_those_of_the_paper() -> None:
    trained = {(each.tumour_model, each.day) for each in inhibited(SMALL)}
    assert trained == {(m, d) for m in ("LLC", "B16") for d in (0, 7, 22)}
    assert {each.day for each in irradiated(SMALL)} == {0, 3, 7, 14, 21}
    assert all(each.irradiation_day is None for each in inhibited(SMALL))
    assert all(each.irradiation_day == 0 for each in irradiated(SMALL))


def test_no_two_animals_share_a_seed() -> None:
    size = Size()
    drawn = [*inhibited(size), *irradiated(size), *retested(size)]
    seeds = {each.seed for each in drawn}

    assert len(seeds) == len(drawn)
    assert max(seeds) < 2**32


def test_heterogeneity_follows_exhaustion_and_size_does_not() -> None:
    drawn = list(inhibited(Size(inhibited=60)))
    terminal = np.array([each.terminal for each in drawn])
    on_one_day = np.array([each.day == 0 for each in drawn])

    assert np.corrcoef(terminal, [t.heterogeneity for t in drawn])[0, 1] > 0.9
    for what in ("diameter_mm", "suv", "weight_g", "correlation_length_mm"):
        other = np.array([getattr(each, what) for each in drawn])
        llc = np.array([each.tumour_model == "LLC" for each in drawn]) & on_one_day
        assert abs(np.corrcoef(terminal[llc], other[llc])[0, 1]) < 0.3


def test_texture_follows_the_heterogeneity_that_was_put_in(tumour: Tumour) -> None:
    found = [features_of(replace(tumour, heterogeneity=h)) for h in (0.05, 0.2, 0.35)]

    skewness = [each["histogram_Skewness"] for each in found]
    assert skewness == sorted(skewness)
    contrast = [each["glcm_Contrast"] for each in found]
    assert contrast == sorted(contrast, reverse=True)


def test_a_retest_is_the_same_tumour_under_other_noise(tumour: Tumour) -> None:
    first, second = phantom_of(tumour), phantom_of(tumour, repeat=2)
    inside = first.tumour_mask.inside
    values = first.suv.values[inside], second.suv.values[inside]

    assert np.array_equal(inside, second.tumour_mask.inside)
    assert not np.array_equal(*values)
    # What they share is the tumour: far more than what the noise parts them by.
    assert np.corrcoef(*values)[0, 1] > 0.9
    spread = np.std(values[0] - values[1]) / np.sqrt(2.0)
    expected = first.spec.noise * np.sqrt(values[0].mean())
    assert spread == pytest.approx(expected, rel=0.2)
