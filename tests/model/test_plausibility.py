"""Promises of `model.plausibility`."""

from datetime import timedelta

import pytest

from model.errors import ModelError
from model.plausibility import (
    AnimalLimits,
    ImplausibleActivityError,
    ImplausibleWeightError,
    UnitsInDoubt,
    UnitsInDoubtError,
    UptakeTimeError,
    plausible_activity,
    plausible_weight,
    require_uptake,
)

MOUSE = AnimalLimits("mouse", (10.0, 60.0), (0.5e6, 40e6))
HUMAN = AnimalLimits("human", (2_000.0, 300_000.0), (10e6, 2e9))
F18 = timedelta(seconds=6586.2)
ZR89 = timedelta(hours=78.41)
HOLD, CONVERT = UnitsInDoubt.HOLD, UnitsInDoubt.CONVERT


@pytest.mark.parametrize("in_doubt", UnitsInDoubt)
@pytest.mark.parametrize("weight_kg", [0.010, 0.0379, 0.060])
def test_a_plausible_weight_is_taken_as_it_stands(
    weight_kg: float, in_doubt: UnitsInDoubt
) -> None:
    checked = plausible_weight(weight_kg, MOUSE, in_doubt)

    assert checked.value == pytest.approx(weight_kg * 1000)
    assert checked.statement is None


def test_a_weight_in_grams_is_held_and_the_unit_named() -> None:
    with pytest.raises(UnitsInDoubtError, match=r"22 kg.*10 to 60 g.* in g") as refusal:
        plausible_weight(22.0, MOUSE, HOLD)

    assert refusal.value.units == ("g",)
    assert refusal.value.reason == "units_in_doubt"


def test_a_weight_in_grams_is_converted_on_request_and_said() -> None:
    checked = plausible_weight(22.0, MOUSE, CONVERT)

    assert checked.value == 22.0
    assert "read as g" in str(checked.statement)


@pytest.mark.parametrize("weight_kg", [-0.022, 0.0, 0.005, 0.25, 900.0])
def test_a_weight_that_no_unit_explains_is_implausible(weight_kg: float) -> None:
    for in_doubt in UnitsInDoubt:
        with pytest.raises(ImplausibleWeightError, match="mouse"):
            plausible_weight(weight_kg, MOUSE, in_doubt)


@pytest.mark.parametrize(
    ("limits", "stated", "unit", "activity_bq"),
    [
        (MOUSE, 5.55, "MBq", 5.55e6),
        (MOUSE, 0.15, "mCi", 5.55e6),
        (MOUSE, 150.0, "µCi", 5.55e6),
        (MOUSE, 5550.0, "kBq", 5.55e6),
        (HUMAN, 368.08, "MBq", 368.08e6),
        (HUMAN, 9.95, "mCi", 9.95 * 3.7e7),
    ],
)
def test_an_activity_in_another_unit_is_held_or_converted(
    limits: AnimalLimits, stated: float, unit: str, activity_bq: float
) -> None:
    with pytest.raises(UnitsInDoubtError, match=unit):
        plausible_activity(stated, limits, HOLD)

    checked = plausible_activity(stated, limits, CONVERT)

    assert checked.value == pytest.approx(activity_bq)
    assert f"read as {unit}" in str(checked.statement)


def test_an_activity_that_two_units_explain_is_never_converted() -> None:
    with pytest.raises(UnitsInDoubtError) as refusal:
        plausible_activity(1.0, MOUSE, CONVERT)

    assert refusal.value.units == ("MBq", "mCi")


@pytest.mark.parametrize("activity_bq", [-5e6, 0.0, 1e-3, 4e5, 4.1e7, 1e12])
def test_an_activity_that_no_unit_explains_is_implausible(activity_bq: float) -> None:
    with pytest.raises(ImplausibleActivityError) as refusal:
        plausible_activity(activity_bq, MOUSE, CONVERT)

    assert refusal.value.reason == "implausible_activity"
    assert isinstance(refusal.value, ModelError)


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


@pytest.mark.parametrize("site", [None, (minutes(50), minutes(70))])
@pytest.mark.parametrize("uptake", [50.0, 60.0, 70.0, 70.01])
def test_an_uptake_within_all_limits_is_taken(
    uptake: float, site: tuple[timedelta, timedelta] | None
) -> None:
    require_uptake(minutes(uptake), F18, MOUSE, site)


def test_limits_in_half_lives_follow_the_tracer() -> None:
    a_day = timedelta(days=1)

    require_uptake(a_day, ZR89, MOUSE, None)
    with pytest.raises(UptakeTimeError, match=r"13\.12 half-lives"):
        require_uptake(a_day, F18, MOUSE, None)


def test_a_scan_that_began_with_the_injection_is_taken_to_the_second() -> None:
    require_uptake(timedelta(seconds=-0.9), F18, MOUSE, None)


@pytest.mark.parametrize("uptake", [-5.0, 10.0, 49.5, 70.5, 700.0])
def test_an_uptake_outside_the_site_s_or_the_species_limits_is_held_with_all_numbers(
    uptake: float,
) -> None:
    with pytest.raises(UptakeTimeError) as refusal:
        require_uptake(minutes(uptake), F18, MOUSE, (minutes(50), minutes(70)))

    said = str(refusal.value)
    assert refusal.value.reason == "uptake_time"
    assert f"{uptake:.1f} min, or {minutes(uptake) / F18:.2f} half-lives" in said
    assert "mouse 0 to 5 half-lives, or 0.0 to 548.9 min" in said
    assert "of the site 50.0 to 70.0 min" in said


def test_the_site_narrows_the_species_limits_and_never_widens_them() -> None:
    with pytest.raises(UptakeTimeError):
        require_uptake(minutes(600), F18, MOUSE, (minutes(0), minutes(1000)))
