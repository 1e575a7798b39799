"""The five configurations of IBSI's CT image, prepared again in a few lines."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from config.feature_profiles import find_profile
from model.features.bins import fixed_bin_number, fixed_bin_size
from model.features.ibsi.configuration import IbsiConfiguration
from model.features.preparation import Interpolation, Resampling, Resegmentation
from model.features.resampling import resampled
from model.features.resegmentation import resegmented
from model.grid import Grid, Mask, Volume

pytestmark = pytest.mark.reference

Array = NDArray[np.float64]
SPACING_MM = (3.0, 0.9765625, 0.9765625)


def ct(seed: int) -> tuple[Array, NDArray[np.bool_]]:
    """Lung with a tumour and some bone, whole Hounsfield units; ragged at a border."""
    random = np.random.default_rng(seed)
    shape = (9, 30, 33)
    k, j, i = np.indices(shape) * np.reshape(SPACING_MM, (3, 1, 1, 1))
    distance = np.sqrt((k - 12) ** 2 + (j - 13) ** 2 + (i - 20) ** 2)
    values = np.where(distance < 9, 30.0, -850.0) + random.normal(0, 60, shape)
    values[random.random(shape) < 0.01] = 900.0
    inside = (distance < 13) & (random.random(shape) < 0.97)
    return np.rint(values), inside


@pytest.mark.parametrize("letter", "abcde")
@pytest.mark.parametrize("seed", [1, 2])
def test_values_and_levels_are_those_of_the_plain_way(letter: str, seed: int) -> None:
    configuration = find_profile(f"ibsi-{letter}").preparation
    assert isinstance(configuration, IbsiConfiguration)
    values, inside = ct(seed)

    ours = prepared(values, inside, configuration)
    plain = plainly_prepared(values, inside, configuration)

    assert plain[0].size > 100
    assert len(np.unique(plain[1])) > 15
    assert np.array_equal(ours[0], plain[0])
    assert np.array_equal(ours[1], plain[1])


def prepared(
    values: Array, inside: NDArray[np.bool_], configuration: IbsiConfiguration
) -> tuple[Array, NDArray[np.int32]]:
    slices, rows, columns = SPACING_MM
    grid = Grid(
        shape=(values.shape[0], values.shape[1], values.shape[2]),
        origin_mm=(4.0, 5.0, 6.0),
        slice_step_mm=(0.0, 0.0, slices),
        row_step_mm=(0.0, rows, 0.0),
        column_step_mm=(columns, 0.0, 0.0),
        frame_of_reference="1.2.3",
    )
    volume, mask = Volume(grid, values, "[hnsf'U]"), Mask(grid, inside)
    if configuration.resampling is not None:
        volume, mask = resampled(volume, mask, configuration.resampling)
    assert configuration.resegmentation is not None
    chosen = volume.inside(resegmented(volume, mask, configuration.resegmentation))
    if configuration.bins is not None:
        return chosen, fixed_bin_number(chosen, configuration.bins).values
    assert configuration.bin_size is not None
    low = configuration.resegmentation.low
    return chosen, fixed_bin_size(chosen, configuration.bin_size, low).values


def plainly_prepared(
    values: Array, inside: NDArray[np.bool_], configuration: IbsiConfiguration
) -> tuple[Array, Array]:
    if configuration.resampling is not None:
        values, inside = plainly_resampled(values, inside, configuration.resampling)
    assert configuration.resegmentation is not None
    chosen = plainly_kept(values[inside], configuration.resegmentation)
    bins, size = configuration.bins, configuration.bin_size
    if bins is not None:
        parts = (chosen - chosen.min()) / (chosen.max() - chosen.min())
        return chosen, np.minimum(np.floor(bins * parts) + 1, bins)
    assert size is not None
    assert configuration.resegmentation.low is not None
    return chosen, np.floor((chosen - configuration.resegmentation.low) / size) + 1


def plainly_resampled(
    values: Array, inside: NDArray[np.bool_], resampling: Resampling
) -> tuple[Array, NDArray[np.bool_]]:
    """Section 2.4 of the manual, on the whole image."""
    old = np.array(SPACING_MM)
    new = np.array(
        [
            own if wanted is None else wanted
            for wanted, own in zip(resampling.spacing_mm, old, strict=True)
        ]
    )
    count = np.array(values.shape)
    counts = np.ceil(count * old / new).astype(int)
    first = 0.5 * (count - 1 - new / old * (counts - 1))
    indices = np.indices(counts).reshape(3, -1)
    places = first[:, None] + (new / old)[:, None] * indices
    order = 3 if resampling.interpolation is Interpolation.CUBIC_SPLINE else 1
    image = ndimage.map_coordinates(values, places, order=order, mode="nearest")
    parts = ndimage.map_coordinates(
        inside.astype(float), places, order=1, mode="nearest"
    )
    return (
        np.floor(np.round(image, 9) + 0.5).reshape(counts),
        (np.round(parts, 9) >= 0.5).reshape(counts),
    )


def plainly_kept(values: Array, resegmentation: Resegmentation) -> Array:
    """Section 2.5 of the manual."""
    if resegmentation.low is not None:
        values = values[values >= resegmentation.low]
    if resegmentation.high is not None:
        values = values[values <= resegmentation.high]
    if resegmentation.outlier_sigmas is not None:
        reach = resegmentation.outlier_sigmas * values.std()
        values = values[np.abs(values - values.mean()) <= reach]
    return values
