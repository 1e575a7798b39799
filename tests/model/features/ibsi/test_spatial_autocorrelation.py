"""Moran's I and Geary's C: all pairs, however many."""

from dataclasses import replace

import numpy as np
import pytest

from model.features.ibsi import spatial_autocorrelation as module
from model.features.ibsi.outcome import Undefined
from model.features.ibsi.spatial_autocorrelation import spatial_autocorrelation
from model.grid import Mask, Volume
from tests.model.features.ibsi import plain_ibsi as plain
from tests.model.features.ibsi.regions import SPACING_MM, ragged, region_of


@pytest.mark.parametrize("seed", range(3))
def test_every_pair_has_the_inverse_of_its_distance_as_weight(seed: int) -> None:
    image, inside = ragged(seed)
    image += 1000.0

    found = spatial_autocorrelation(*region_of(image, inside))

    wanted = plain.moran_and_geary(plain.values_of(image, inside), SPACING_MM)
    assert (found["moran_i"], found["geary_c"]) == pytest.approx(wanted, rel=1e-10)


def test_pair_by_pair_gives_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    volume, mask = region_of(*ragged(4))
    wanted = spatial_autocorrelation(volume, mask)
    monkeypatch.setattr(module, "MAXIMUM_TRANSFORM", 0)
    monkeypatch.setattr(module, "_PAIRS_AT_ONCE", 1000)

    assert spatial_autocorrelation(volume, mask) == pytest.approx(wanted, rel=1e-10)


def test_a_region_that_is_too_large_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAXIMUM_TRANSFORM", 0)
    monkeypatch.setattr(module, "MAXIMUM_PAIRS", 100)

    found = spatial_autocorrelation(*region_of(*ragged(4)))

    assert all(isinstance(outcome, Undefined) for outcome in found.values())


def test_an_oblique_grid_changes_nothing() -> None:
    volume, mask = region_of(*ragged(5))
    half = np.sqrt(0.5)
    row, column = volume.grid.spacing_mm[1:]
    oblique = replace(
        volume.grid,
        row_step_mm=(-half * row, half * row, 0.0),
        column_step_mm=(half * column, half * column, 0.0),
    )

    found = spatial_autocorrelation(
        Volume(oblique, volume.values, "1"), Mask(oblique, mask.inside)
    )

    assert found == pytest.approx(spatial_autocorrelation(volume, mask), rel=1e-10)
