"""Courses and trajectories: what a day's animals and what one animal did."""

import numpy as np
import pytest

from model.learning.cohort.course import course
from model.learning.cohort.trajectory import changes


def test_a_course_has_mean_sd_and_sem_of_each_day() -> None:
    values = np.array([1.0, 3.0, 5.0, 10.0, np.nan, 4.0])
    days = np.array([0.0, 0.0, 0.0, 7.0, 7.0, 3.0])

    first, second, third = course(values, days)

    assert (first.day, first.count, first.mean) == (0.0, 3, 3.0)
    assert first.sd == pytest.approx(2.0)
    assert first.sem == pytest.approx(2.0 / np.sqrt(3))
    assert (second.day, third.day) == (3.0, 7.0)
    assert (third.count, third.mean, third.sd, third.sem) == (1, 10.0, None, None)


def test_a_day_without_values_has_no_point() -> None:
    assert course(np.array([np.nan]), np.array([3.0])) == ()


def test_only_a_change_beyond_the_coefficient_is_called_one() -> None:
    values = np.array([5.0, 1.0, 1.9, np.nan])
    days = np.array([7.0, 0.0, 3.0, 5.0])

    first, second = changes(values, days, coefficient=1.0)

    assert (first.from_day, first.to_day, first.is_beyond) == (0.0, 3.0, False)
    assert first.size == pytest.approx(0.9)
    assert (second.from_day, second.to_day, second.is_beyond) == (3.0, 7.0, True)


def test_without_a_coefficient_nothing_is_said_of_a_change() -> None:
    (change,) = changes(np.array([0.0, 100.0]), np.array([0.0, 7.0]), None)

    assert change.is_beyond is None
