"""Promises of `dicom_io.pet.field_of_view`."""

from datetime import UTC
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from dicom_io.pet.field_of_view import is_cropped
from dicom_io.pet.series import PetSeries, read_pet_series
from dicom_io.suv.rule import SuvRules, convert_to_suv
from model.activity_balance import require_balance
from model.grid import Volume
from model.plausibility import AnimalLimits, UnitsInDoubt
from tests.support.pet import pet_datasets
from tests.support.result import series_of
from tests.support.shared import SHARED_DATA, needs_shared_data

SHAPE = (40, 48, 48)


def body(*, bias: float = 0.0) -> NDArray[np.float64]:
    """Return a whole ellipsoid, by slice, row and column, on a background."""
    k, j, i = (np.linspace(-1, 1, length) for length in SHAPE)
    radius = np.sqrt(
        (k[:, None, None] / 0.8) ** 2
        + (j[:, None] / 0.35) ** 2
        + ((i - 0.2) / 0.35) ** 2
    )
    noise = np.random.default_rng(3).normal(size=SHAPE)
    return 2e5 * ((radius < 1) * (1 + 0.3 * noise) + bias * (1 + noise))


def shown(values: NDArray[np.float64], folder: Path, **overrides: Any) -> PetSeries:
    return series_of(pet_datasets(values=values, **overrides), folder)


@pytest.mark.parametrize("bias", [0.0, 0.01, 0.1])
def test_a_whole_animal_is_not_cropped(tmp_path: Path, bias: float) -> None:
    assert not is_cropped(shown(body(bias=bias), tmp_path))


@pytest.mark.parametrize("unit", [1e-6, 1e6])
def test_the_unit_of_the_image_does_not_matter(tmp_path: Path, unit: float) -> None:
    assert not is_cropped(shown(body() * unit, tmp_path))


@pytest.mark.parametrize(
    "part",
    [
        np.s_[:, 18:30, 23:35],
        np.s_[15:, :, :],
        np.s_[:25, :, :],
        np.s_[:, 20:44, 18:42],
        np.s_[20:21, :, :],
        np.s_[:, 8:40, :],
    ],
    ids=["sides", "start", "end", "half", "one slice", "rows"],
)
def test_a_part_of_an_animal_is_cropped(
    tmp_path: Path, part: tuple[slice, slice, slice]
) -> None:
    assert is_cropped(shown(body()[part], tmp_path))


def test_a_zoomed_reconstruction_in_a_circle_is_cropped(tmp_path: Path) -> None:
    zoomed = body()[:, 18:30, 23:35].copy()
    across = np.linspace(-1, 1, zoomed.shape[1])
    zoomed[:, np.hypot(across[:, None], across) > 0.97] = 0.0

    assert is_cropped(shown(zoomed, tmp_path))


def test_a_derived_image_is_cropped(tmp_path: Path) -> None:
    assert is_cropped(shown(body(), tmp_path, ImageType=["DERIVED", "SECONDARY"]))


@pytest.mark.parametrize("value", [0.0, np.nan, np.inf])
def test_an_image_of_nothing_is_cropped(tmp_path: Path, value: float) -> None:
    series = shown(body(), tmp_path)
    values = np.full(SHAPE, value)
    object.__setattr__(series, "volume", Volume(series.volume.grid, values, "Bq/ml"))

    assert is_cropped(series)


@needs_shared_data
@pytest.mark.parametrize(
    "name", ["DRO_0_0", "DRO_1_0", "DRO_3_0", "DRO_3_1", "DRO_3_2", "DRO_4_0"]
)
def test_public_reference_objects_are_in_balance(name: str) -> None:
    folder = SHARED_DATA / "suv-reference-objects" / name / "PT"
    series = read_pet_series(list(folder.iterdir()))
    human = AnimalLimits("human", (2_000.0, 300_000.0), (10e6, 2e9))
    rules = SuvRules(human, UnitsInDoubt.CONVERT, UTC)
    _, conversion = convert_to_suv(series, rules)
    numbers = conversion.numbers
    dose_bq = numbers.get(
        "activity_at_decay_reference_bq", numbers["injected_activity_bq"]
    )

    said = require_balance(series.volume, dose_bq, cropped=is_cropped(series))

    assert said == ()


@needs_shared_data
@pytest.mark.parametrize("folder", ["STS_002/PET/image", "STS_025/PET/image"])
def test_public_images_that_were_cropped_are_known(folder: str) -> None:
    paths = sorted((SHARED_DATA / "sts-petct" / folder).glob("*.dcm"))

    assert is_cropped(read_pet_series(paths))
