"""The window: opened by evidence of both conditions, and by nothing less."""

import numpy as np
import pytest
from scipy.stats import t as student

from model.learning.cohort.day_means import DayMeans, animal_weights
from model.learning.cohort.window import (
    Followed,
    Span,
    Window,
    WindowOptions,
    find_window,
)
from model.learning.estimate import NotAssessable

DAYS = (0, 3, 7, 14, 21)
INFILTRATION = (10.0, 18.0, 22.0, 20.0, 6.0)
EXHAUSTION = (35.0, 36.0, 69.0, 76.0, 50.0)
"""The course of Zhang et al. 2023 after 20 Gy: infiltration up from D3 to D14, below
baseline at D21; terminal exhaustion flat to D3, highest from D7 to D14."""


def terminal_group(
    seed: int,
    *,
    infiltration: tuple[float, ...] = INFILTRATION,
    exhaustion: tuple[float, ...] = EXHAUSTION,
    animals: int = 6,
) -> Followed:
    rng = np.random.default_rng(seed)
    days = np.repeat(np.array(DAYS, float), animals)
    return Followed(
        days,
        np.arange(len(days)),
        np.repeat(infiltration, animals) + rng.normal(0, 2.0, len(days)),
        np.repeat(exhaustion, animals) + rng.normal(0, 6.0, len(days)),
    )


def found(group: Followed, **options: float) -> Window:
    window = find_window(group, WindowOptions(**options))  # type: ignore[arg-type]
    assert isinstance(window, Window), window
    return window


def test_the_papers_course_opens_the_window_from_day_3_to_before_day_7() -> None:
    window = found(terminal_group(1))

    assert window.spans == (Span(after=0.0, first=3.0, last=3.0, until=7.0),)
    chances = {day.day: day.probability for day in window.days}
    assert chances[3.0] is not None
    assert chances[3.0] > 0.95
    assert chances[7.0] == chances[21.0] == 0.0


def test_a_null_cohort_opens_no_window() -> None:
    flat = {"infiltration": (10.0,) * 5, "exhaustion": (35.0,) * 5}
    windows = [
        found(terminal_group(seed, **flat), margin=40.0, draws=10)
        for seed in range(200)
    ]

    opened = sum(bool(window.spans) for window in windows)
    # Nominally 2.5 % at most: the margin is so wide that only infiltration decides.
    assert opened <= 11


def test_a_null_cohort_without_a_margin_has_no_half_way() -> None:
    window = found(terminal_group(3, infiltration=(10.0,) * 5, exhaustion=(35.0,) * 5))

    assert not window.spans
    assert {day.is_in for day in window.days} == {None}
    why = window.days[0].over_margin
    assert isinstance(why, NotAssessable)
    assert "no rise" in why.why


def test_scatter_that_hides_exhaustion_does_not_open_the_window() -> None:
    """Absence of evidence is no evidence of absence."""
    rng = np.random.default_rng(5)
    group = terminal_group(5)
    noisy = Followed(
        group.days,
        group.animals,
        group.infiltration,
        35.0 + rng.normal(0, 30.0, len(group.days)),
    )

    window = found(noisy, margin=10.0)

    assert window.days[0].infiltration.low > 0  # type: ignore[union-attr]
    assert not window.spans


def test_a_stated_margin_decides_where_exhaustion_never_rises() -> None:
    group = terminal_group(7, exhaustion=(35.0, 35.0, 35.0, 35.0, 35.0))

    window = found(group, margin=20.0)

    assert window.spans == (Span(after=0.0, first=3.0, last=14.0, until=21.0),)


def test_a_window_that_no_later_scan_closes_stays_open() -> None:
    group = terminal_group(
        2, infiltration=(10, 10, 22, 22, 22), exhaustion=(35, 35, 35, 35, 35)
    )

    window = found(group, margin=20.0)

    assert window.spans == (Span(after=3.0, first=7.0, last=21.0, until=None),)


def test_repeated_animals_are_compared_with_themselves() -> None:
    """What differs between animals alike on all days hides nothing."""
    rng = np.random.default_rng(11)
    animals, days = np.tile(np.arange(6), 3), np.repeat([0.0, 3.0, 7.0], 6)
    own = rng.normal(0, 50.0, 6)[animals]
    rise = np.repeat([0.0, 8.0, 8.0], 6) + rng.normal(0, 1.0, 18)
    tired = np.repeat([0.0, 0.0, 40.0], 6) + rng.normal(0, 1.0, 18)

    window = found(Followed(days, animals, own + rise, own + tired))

    assert window.spans == (Span(after=0.0, first=3.0, last=3.0, until=7.0),)
    paired = (own + rise)[6:12] - (own + rise)[:6]
    day = window.days[0].infiltration
    assert day.value == pytest.approx(paired.mean())  # type: ignore[union-attr]
    # Two later days: Student's t of five degrees of freedom at 1 - 0.05 / 4.
    half = 3.163381 * paired.std(ddof=1) / np.sqrt(6)
    assert day.high - day.value == pytest.approx(half, rel=1e-5)  # type: ignore[union-attr]


def test_limits_of_animals_seen_once_are_welchs() -> None:
    group = terminal_group(4)
    first, second = (group.infiltration[group.days == day] for day in (0.0, 3.0))
    parts = [cell.var(ddof=1) / 6 for cell in (first, second)]
    freedom = sum(parts) ** 2 / sum(part**2 / 5 for part in parts)

    half = student.isf(0.05 / 8, freedom) * np.sqrt(sum(parts))
    day = found(group).days[0].infiltration
    assert day.high - day.value == pytest.approx(half)  # type: ignore[union-attr]


def test_the_same_seed_gives_the_same_probabilities() -> None:
    group = terminal_group(9, infiltration=(10, 12, 13, 12, 10))

    once, again, other = (
        [day.probability for day in found(group, seed=seed).days] for seed in (1, 1, 2)
    )

    assert once == again
    assert once != other


def test_too_few_animals_at_baseline_are_not_assessable() -> None:
    group = terminal_group(1, animals=2)

    window = find_window(group, WindowOptions())

    assert isinstance(window, NotAssessable)
    assert "at n = 2" in window.why


def test_a_day_of_two_animals_is_neither_in_nor_out() -> None:
    group = terminal_group(1)
    kept = np.ones(len(group.days), bool)
    kept[np.flatnonzero(group.days == 3.0)[2:]] = False

    window = found(
        Followed(
            group.days[kept],
            group.animals[kept],
            group.infiltration[kept],
            group.exhaustion[kept],
        )
    )

    assert window.days[0].is_in is None
    assert window.days[0].probability is None
    assert not window.spans


def test_scans_before_irradiation_are_one_baseline_of_each_animal() -> None:
    group = terminal_group(1)
    early = group.days == 0.0
    doubled = Followed(
        np.concatenate([group.days, np.full(early.sum(), -2.0)]),
        np.concatenate([group.animals, group.animals[early]]),
        np.concatenate([group.infiltration, group.infiltration[early]]),
        np.concatenate([group.exhaustion, group.exhaustion[early]]),
    )

    assert found(doubled) == found(group)


def test_values_without_scatter_open_nothing() -> None:
    group = terminal_group(1)
    exact = Followed(
        group.days,
        group.animals,
        np.where(group.days == 0, 0.0, 1.0),
        group.exhaustion,
    )

    window = found(exact)

    assert {day.is_in for day in window.days} == {None}
    assert not window.spans


def test_values_that_do_not_vary_open_nothing() -> None:
    days = np.repeat([0.0, 3.0, 7.0], 3)
    rise = np.random.default_rng(1).normal(np.repeat([0.1, 0.1, 0.7], 3), 0.01)
    group = Followed(days, np.arange(9), np.repeat([0.1, 0.3, 0.3], 3), rise)

    window = found(group)

    # The mean of three values of 0.1 is not 0.1: their scatter is rounding's.
    assert [day.is_in for day in window.days] == [None, None]
    assert [day.probability for day in window.days] == [None, None]


def test_draws_scatter_as_means_of_few_animals_do() -> None:
    values = np.array([1.0, 2.0, 6.0, 3.0, 3.5, 7.0, 9.0])
    days = np.array([0, 0, 0, 1, 1, 1, 1])
    group = DayMeans(values, days, np.arange(7), 2)
    weights = animal_weights(7, 20_000, np.random.default_rng(3))

    drawn = group.drawn_means(weights).std(axis=0)

    errors = [
        values[days == day].std(ddof=1) / count**0.5 for day, count in ((0, 3), (1, 4))
    ]
    assert drawn == pytest.approx(errors, rel=0.03)
