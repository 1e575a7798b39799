"""Promises of `model.activity_balance`."""

from dataclasses import replace

import numpy as np
import pytest

from model.activity_balance import ActivityBalanceError, require_balance
from model.grid import Grid, Volume

DOSE_BQ = 5.55e6
GRID = Grid(
    shape=(10, 20, 20),
    origin_mm=(0.0, 0.0, 0.0),
    slice_step_mm=(0.0, 0.0, 2.0),
    row_step_mm=(0.0, 1.0, 0.0),
    column_step_mm=(1.0, 0.0, 0.0),
    frame_of_reference="1.2",
)
ML = 0.002 * 10 * 20 * 20
UNITS_BELOW_ONE = (1 / 37, 1e-3, 1 / 3.7e4, 1e-6, 1 / 3.7e7)


def image(balance: float) -> Volume:
    """Return an image that holds so many times the dose."""
    generator = np.random.default_rng(1)
    values = generator.random(GRID.shape)
    return Volume(GRID, values * (balance * DOSE_BQ / ML / values.mean()), "Bq/ml")


@pytest.mark.parametrize("cropped", [True, False])
@pytest.mark.parametrize("balance", [0.06, 0.19, 0.5, 0.77, 0.91, 1.0, 1.29])
def test_what_animals_and_reference_objects_hold_is_taken(
    balance: float, *, cropped: bool
) -> None:
    assert require_balance(image(balance), DOSE_BQ, cropped=cropped) == ()


def noisy(balance: float, bias: float) -> Volume:
    """Return an animal that holds so many times the dose, and air that holds more."""
    shape = (48, 48, 48)
    grid = replace(GRID, shape=shape)
    body = np.zeros(shape)
    body[12:36, 18:30, 18:30] = 1.0
    air = bias * body.sum() / body.size
    noise = np.abs(np.random.default_rng(2).normal(size=shape)) * np.sqrt(np.pi / 2)
    values = body + air * noise
    scale = balance * DOSE_BQ / (body.sum() * grid.voxel_volume_ml)
    return Volume(grid, values * scale, "Bq/ml")


@pytest.mark.parametrize("bias", [0.0, 0.2, 1.0, 2.0])
@pytest.mark.parametrize("balance", [0.5, 0.8, 0.9])
def test_the_noise_of_the_air_is_not_taken_for_activity(
    balance: float, bias: float
) -> None:
    assert require_balance(noisy(balance, bias), DOSE_BQ, cropped=False) == ()


@pytest.mark.parametrize("bias", [0.0, 0.2, 1.0, 3.0])
@pytest.mark.parametrize("balance", [1.5, 2.9, 37.0])
def test_an_excess_is_held_with_and_without_noise(balance: float, bias: float) -> None:
    with pytest.raises(ActivityBalanceError):
        require_balance(noisy(balance, bias), DOSE_BQ, cropped=True)


@pytest.mark.parametrize("factor", UNITS_BELOW_ONE)
@pytest.mark.parametrize("bias", [0.0, 0.2, 1.0, 3.0])
def test_a_unit_s_factor_is_held_with_and_without_noise(
    factor: float, bias: float
) -> None:
    with pytest.raises(ActivityBalanceError):
        require_balance(noisy(0.8 * factor, bias), DOSE_BQ, cropped=False)


@pytest.mark.parametrize("cropped", [True, False])
@pytest.mark.parametrize(
    ("balance", "suspect"),
    [
        (1.31, "several animals"),
        (2.9, "several animals"),
        (3.9, "several animals"),
        (0.91 * 37, "mCi that was entered as MBq"),
        (0.6e3, "kBq that was entered as Bq"),
        (0.9 * 3.7e4, "µCi that was entered as Bq"),
        (1e6, "MBq that was entered as Bq"),
        (0.8 * 3.7e7, "mCi that was entered as Bq"),
        (1e20, "no activities"),
    ],
)
def test_more_than_was_injected_is_held_with_what_may_explain_it(
    balance: float, suspect: str, *, cropped: bool
) -> None:
    with pytest.raises(ActivityBalanceError, match=suspect) as refusal:
        require_balance(image(balance), DOSE_BQ, cropped=cropped)

    assert refusal.value.reason == "activity_balance"
    assert refusal.value.balance == pytest.approx(balance)
    assert f"{balance:.3g} times" in str(refusal.value)
    assert "5.55e+06 Bq" in str(refusal.value)


@pytest.mark.parametrize("kept", [0.75, 0.91, 1.0, 1.25])
@pytest.mark.parametrize("factor", UNITS_BELOW_ONE)
def test_a_unit_s_factor_of_the_dose_is_held_where_all_is_in_view(
    factor: float, kept: float
) -> None:
    with pytest.raises(ActivityBalanceError, match="suspected is an image in"):
        require_balance(image(kept * factor), DOSE_BQ, cropped=False)


@pytest.mark.parametrize("balance", [*UNITS_BELOW_ONE, 0.91e-3, 0.004, 0.0])
def test_a_low_value_of_a_partial_view_is_never_held(balance: float) -> None:
    assert require_balance(image(balance), DOSE_BQ, cropped=True) == ()


@pytest.mark.parametrize("balance", [0.045, 0.01, 4e-6, 0.0, -0.01])
def test_a_low_value_that_is_no_unit_s_is_said_and_not_held(balance: float) -> None:
    (said,) = require_balance(image(balance), DOSE_BQ, cropped=False)

    assert f"{100 * balance:.2g} %" in said


@pytest.mark.parametrize("cropped", [True, False])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e308, -1e20])
def test_what_is_no_activity_is_held(value: float, *, cropped: bool) -> None:
    values = np.full(GRID.shape, value)

    with pytest.raises(ActivityBalanceError, match="values that are no activities"):
        require_balance(Volume(GRID, values, "Bq/ml"), DOSE_BQ, cropped=cropped)


@pytest.mark.parametrize("activity_bq", [0.0, np.nan])
def test_a_dose_of_nothing_is_held(activity_bq: float) -> None:
    with pytest.raises(ActivityBalanceError, match="no number of"):
        require_balance(image(1.0), activity_bq, cropped=False)


def test_half_precision_images_do_not_overflow() -> None:
    values = np.full(GRID.shape, 6e4, np.float16)
    volume = Volume(GRID, values, "Bq/ml")

    assert require_balance(volume, 6e4 * ML, cropped=False) == ()
