"""Promises of `model.decay`."""

import math
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest

from model.decay import (
    Activity,
    ImpossibleActivityError,
    ImpossibleHalfLifeError,
    average_decay_time,
)

F18_HALF_LIFE = timedelta(seconds=6586.2)
INJECTION = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


def test_activity_halves_in_one_half_life() -> None:
    dose = Activity(5.55e6, INJECTION, F18_HALF_LIFE)

    assert dose.at(INJECTION + F18_HALF_LIFE) == pytest.approx(2.775e6, rel=1e-12)


def test_activity_does_not_depend_on_the_zone_in_which_an_instant_is_written() -> None:
    dose = Activity(5.55e6, INJECTION, F18_HALF_LIFE)
    same_instant = INJECTION.astimezone(timezone(timedelta(hours=-5)))

    assert dose.at(same_instant) == 5.55e6


@pytest.mark.parametrize("activity_bq", [0.0, -1.0, float("nan"), float("inf")])
def test_an_impossible_activity_is_refused_and_named(activity_bq: float) -> None:
    with pytest.raises(ImpossibleActivityError) as refusal:
        Activity(activity_bq, INJECTION, F18_HALF_LIFE)

    assert refusal.value.activity_bq is activity_bq


@pytest.mark.parametrize("seconds", [0.0, -6586.2])
def test_an_impossible_half_life_is_refused(seconds: float) -> None:
    with pytest.raises(ImpossibleHalfLifeError):
        Activity(5.55e6, INJECTION, timedelta(seconds=seconds))
    with pytest.raises(ImpossibleHalfLifeError):
        average_decay_time(timedelta(minutes=5), timedelta(seconds=seconds))


@pytest.mark.parametrize("minutes", [0.001, 10.0, 600.0])
def test_at_the_average_decay_time_activity_is_its_mean_in_the_frame(
    minutes: float,
) -> None:
    frame = timedelta(minutes=minutes)
    centres = (np.arange(100_000) + 0.5) / 100_000 * (frame / F18_HALF_LIFE)
    mean = float(np.mean(np.exp2(-centres)))

    found = average_decay_time(frame, F18_HALF_LIFE)

    assert math.exp2(-(found / F18_HALF_LIFE)) == pytest.approx(mean, rel=1e-8)


def test_a_frame_without_duration_has_its_average_at_its_start() -> None:
    assert average_decay_time(timedelta(0), F18_HALF_LIFE) == timedelta(0)
