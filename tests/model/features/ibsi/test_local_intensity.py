"""Local and global intensity peak: the sphere, the image's edge, invalid voxels."""

import numpy as np
import pytest

from model.features.ibsi import local_intensity as module
from model.features.ibsi.local_intensity import local_intensity
from tests.model.features.ibsi import plain_ibsi as plain
from tests.model.features.ibsi.regions import region_of


@pytest.mark.parametrize(
    "spacing_mm", [(2.5, 3.0, 3.1), (7.0, 2.0, 2.0), (3.1, 3.1, 3.1)]
)
def test_peaks_are_means_over_the_sphere_also_outside_the_region(
    spacing_mm: tuple[float, float, float],
) -> None:
    random = np.random.default_rng(3)
    image = random.normal(-200.0, 300.0, (5, 7, 6))
    inside = random.random(image.shape) < 0.2

    found = local_intensity(*region_of(image, inside, spacing_mm))

    wanted = plain.local_peaks(image, inside, spacing_mm)
    assert (found["peak_loc"], found["peak_glob"]) == pytest.approx(wanted, rel=1e-10)


def test_a_large_region_is_measured_part_by_part(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    random = np.random.default_rng(5)
    region = region_of(random.normal(0.0, 1.0, (9, 7, 6)), None, (2.5, 3.0, 3.1))
    whole = local_intensity(*region)
    monkeypatch.setattr(module, "MAXIMUM_TRANSFORM", 0)

    assert local_intensity(*region) == pytest.approx(whole, rel=1e-12)


def test_of_several_greatest_values_the_greatest_mean_counts() -> None:
    image = np.zeros((1, 5, 30))
    image[0, 2, 4] = image[0, 2, 25] = 9.0
    image[0, 1, 25] = 8.0

    found = local_intensity(*region_of(image, None, (3.0, 3.0, 3.0)))

    assert found["peak_loc"] == pytest.approx(17.0 / 13)


def test_a_sphere_smaller_than_a_voxel_is_the_voxel() -> None:
    image = np.arange(60.0).reshape(3, 4, 5)

    found = local_intensity(*region_of(image, None, (15.0, 15.0, 15.0)))

    assert found["peak_loc"] == pytest.approx(59.0)


def test_voxels_that_are_not_numbers_outside_the_region_do_not_count() -> None:
    image = np.full((1, 9, 9), 2.0)
    image[0, 4, 5] = np.nan
    image[0, 3, 4] = np.inf
    inside = np.zeros(image.shape, np.bool_)
    inside[0, 4, 4] = True

    found = local_intensity(*region_of(image, inside, (3.0, 3.0, 3.0)))

    assert found["peak_glob"] == 2.0
