"""Promises of `model.plausibility`."""

import pytest

from model.errors import ModelError
from model.plausibility import (
    AnimalLimits,
    ImplausibleActivityError,
    ImplausibleWeightError,
    UnitsInDoubt,
    UnitsInDoubtError,
    plausible_activity,
    plausible_weight,
)

MOUSE = AnimalLimits("mouse", (10.0, 60.0), (0.5e6, 40e6))
HUMAN = AnimalLimits("human", (2_000.0, 300_000.0), (10e6, 2e9))
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
