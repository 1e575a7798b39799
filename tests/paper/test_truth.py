"""Promises of the phantoms of ``make paper``: that the truth is in them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from config.score_models import find_score_model
from model.features.catalogue import compute_features
from tests.paper.scans import phantom_of
from tests.paper.truth import (
    CORRELATION_LENGTH_MM,
    HETEROGENEITY_PER_TERMINAL,
    INFILTRATION,
    IRRADIATED,
    LEAST_HETEROGENEITY,
    MOST_HETEROGENEITY,
    NOISE_OF_HETEROGENEITY,
    OFFSET_OF_HETEROGENEITY,
    SEED,
    SPREAD_OF_ANIMALS,
    SPREAD_OF_DAYS,
    TERMINAL,
    Size,
    Tumour,
    inhibited,
    irradiated,
    retested,
)
from tests.paper.written_tables import (
    ERROR_OF_EARLY,
    ERROR_OF_INFILTRATION,
    ERROR_OF_MFI,
    ERROR_OF_TERMINAL,
    INSIGNIFICANT,
)

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "paper.md"

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


def test_the_documentation_states_the_courses_that_are_drawn() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    said = {"20 Gy": "20 Gy on day 0", "ICI": "ICI"}

    for (model, group), course in TERMINAL.items():
        if group in said:
            days = ", ".join(f"{day}: {100 * t:.0f} %" for day, t in course.items())
            assert f"| {said[group]} | {model} | {days} |" in text
    after = INFILTRATION["LLC", IRRADIATED].values()
    assert f"{', '.join(f'{100 * each:.0f}' for each in after)} % of leuco" in text
    assert (
        f"{OFFSET_OF_HETEROGENEITY} + {HETEROGENEITY_PER_TERMINAL} *T*, "
        f"SD {NOISE_OF_HETEROGENEITY}, within {LEAST_HETEROGENEITY} to "
        f"{MOST_HETEROGENEITY} |" in text
    )
    for what in (
        f"The seed is {SEED}.",
        f"{CORRELATION_LENGTH_MM} mm, 5 %",
        f"SD {SPREAD_OF_ANIMALS['ICI']} on the logit in the ICI group",
        f"{SPREAD_OF_ANIMALS['20 Gy']} after 20 Gy",
        f"SD {SPREAD_OF_DAYS} on the logit",
        f"infiltration, SD {ERROR_OF_INFILTRATION}",
        f"0.6 - 0.55 *T*, SD {ERROR_OF_EARLY}",
        f"| *T*, SD {ERROR_OF_TERMINAL} |",
        f"2000 + 9000 *T*, {100 * ERROR_OF_MFI:.0f} %",
        f"in {100 * INSIGNIFICANT:.0f} % of the rows",
    ):
        assert what in text


def test_the_documentation_states_how_many_animals_there_are() -> None:
    text, size = DOCUMENT.read_text(encoding="utf-8"), Size()
    followed = sum(not each.killed for each in irradiated(size))

    assert f"| ICI | {size.inhibited} for each tumour model and day" in text
    assert f"on that day: {len(list(inhibited(size)))} scans" in text
    assert f"| 20 Gy | {size.irradiated} for each day" in text
    assert f"on that day: {5 * size.irradiated} scans" in text
    assert f"| 20 Gy, followed | {size.followed}, " in text
    assert f"without flow cytometry: {followed} scans" in text
    assert f"| test-retest | {size.retested}, scanned twice |" in text
