"""Boxes and ellipsoids drawn by contours have their volume, and their features."""

import dataclasses
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from model.contours import Roi, rasterise
from model.features.catalogue import compute_features
from model.features.definitions import Group, features_of
from model.features.preparation import Dimension, Preparation
from model.grid import Grid, Mask, Volume
from tests.model.features.regions import FINE
from tests.support.contours import (
    PET_LIKE,
    STORAGES,
    Points,
    centres_of,
    cubes,
    on_plane,
    roi_of,
    rotation,
    steps_of,
    stored,
    turned_grid,
    turned_roi,
)

ACROSS = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0))
ORIGIN = (0.0, 0.0, 0.0)
HALVES = (8.0, 6.0, 7.0)
GRIDS = {
    "cubes": cubes(41, 0.5),
    "PET": Grid(
        (27, 25, 27),
        (-10.4, -9.6, -10.35),
        (0.0, 0.0, 0.796),
        (0.0, 0.8, 0.0),
        (0.8, 0.0, 0.0),
        "1.2.3",
    ),
    "thick slices": Grid(
        (9, 41, 41),
        (-10.0, -10.0, -10.0),
        (0.0, 0.0, 2.5),
        (0.0, 0.5, 0.0),
        (0.5, 0.0, 0.0),
        "1.2.3",
    ),
}
seeds = st.integers(0, 2**32 - 1)
grids = st.sampled_from(list(GRIDS))


def ellipsoid(turn: Points, distance: float) -> Roi:
    """Return the contours of an ellipsoid on planes across the third turned axis."""
    angles = np.linspace(0, 2 * np.pi, 240, endpoint=False)
    heights = np.arange(-HALVES[2] + distance / 2, HALVES[2], distance)
    circle = np.column_stack([np.cos(angles), np.sin(angles)]) * HALVES[:2]
    flat = roi_of(
        *(
            on_plane(circle * np.sqrt(1 - (height / HALVES[2]) ** 2), ACROSS, at)
            for height, at in ((float(h), (0.0, 0.0, h)) for h in heights)
        )
    )
    return turned_roi(flat, turn, ORIGIN)


def box(turn: Points, distance: float) -> Roi:
    """Return the contours of a box, the outermost half a distance within its ends."""
    a, b, _ = HALVES
    heights = np.arange(-HALVES[2] + distance / 2, HALVES[2], distance)
    outline = [(-a, -b), (a, -b), (a, b), (-a, b)]
    flat = roi_of(*(on_plane(outline, ACROSS, (0.0, 0.0, h)) for h in heights))
    return turned_roi(flat, turn, ORIGIN)


def beyond_ends(grid: Grid, turn: Points, distance: float) -> float:
    """Return how far voxels of a box may lie beyond its ends.

    Half a voxel lies beyond the outermost plane, as for contours in slices.
    """
    voxel = float(np.linalg.norm(steps_of(grid) @ turn[:, 2]))
    return (voxel - distance) / 2


def of_ellipsoid(centres: Points, wider: float) -> NDArray[np.bool_]:
    scaled = centres / (np.array(HALVES) + wider)
    return np.asarray((scaled**2).sum(axis=-1) < 1)


def of_box(centres: Points, beyond: float, wider: float) -> NDArray[np.bool_]:
    halves = np.add(HALVES, (0.0, 0.0, beyond)) + wider
    return np.asarray((np.abs(centres) < halves).all(axis=-1))


@given(seed=seeds, grid_name=grids)
@settings(deadline=None, max_examples=12)
def test_an_oblique_ellipsoid_holds_its_centres_and_its_volume(
    seed: int, grid_name: str
) -> None:
    random = np.random.default_rng(seed)
    grid, turn = (
        GRIDS[grid_name],
        rotation(random.uniform(0, 180), random.normal(size=3)),
    )
    # No further apart than any voxel is wide, so that there are no gaps.
    distance = 14 / int(random.integers(28, 40))

    mask = rasterise(ellipsoid(turn, distance), grid)

    own = centres_of(grid) @ turn
    wider = distance + max(beyond_ends(grid, turn, distance), 0.0)
    assert not (mask.inside & ~of_ellipsoid(own, wider)).any()
    assert not (of_ellipsoid(own, -distance) & ~mask.inside).any()
    exact = 4 / 3 * np.pi * np.prod(HALVES) / 1000
    assert mask.volume_ml == pytest.approx(exact, rel=0.05)


@given(seed=seeds, grid_name=grids)
@settings(deadline=None, max_examples=12)
def test_an_oblique_box_holds_exactly_its_centres(seed: int, grid_name: str) -> None:
    random = np.random.default_rng(seed)
    grid, turn = (
        GRIDS[grid_name],
        rotation(random.uniform(0, 180), random.normal(size=3)),
    )
    # No further apart than any voxel is wide, so that there are no gaps.
    distance = 14 / int(random.integers(28, 40))

    mask = rasterise(box(turn, distance), grid)

    own = centres_of(grid) @ turn
    beyond, hair = beyond_ends(grid, turn, distance), 0.001
    assert not (mask.inside & ~of_box(own, beyond, hair)).any()
    assert not (of_box(own, beyond, -hair) & ~mask.inside).any()


@pytest.mark.parametrize("grid", GRIDS.values(), ids=list(GRIDS))
@pytest.mark.parametrize("axis", [0, 1, 2], ids=["transverse", "coronal", "sagittal"])
def test_a_box_along_the_grid_has_its_volume_within_half_a_voxel_on_each_side(
    grid: Grid, axis: int
) -> None:
    """One contour for each layer; the box ends half a layer beyond the outermost."""
    # Array axes 0, 1, 2 are superior, posterior, left.
    normal = np.eye(3)[2 - axis]
    a, b = (np.eye(3)[2 - other] for other in range(3) if other != axis)
    layers = np.arange(2, grid.shape[axis] - 2)
    places = np.array(grid.origin_mm) @ normal + layers * grid.spacing_mm[axis]
    outline = [(-7.1, -5.3), (7.1, -5.3), (7.1, 5.3), (-7.1, 5.3)]
    exact = 14.2 * 10.6 * len(layers) * grid.spacing_mm[axis]

    mask = rasterise(
        roi_of(*(on_plane(outline, (a, b), place * normal) for place in places)), grid
    )

    across = [grid.spacing_mm[other] for other in range(3) if other != axis]
    thickness = len(layers) * grid.spacing_mm[axis]
    bound = thickness * (across[0] * 10.6 + across[1] * 14.2 + across[0] * across[1])
    assert mask.volume_ml * 1000 == pytest.approx(exact, abs=bound)
    assert np.count_nonzero(mask.inside) % len(layers) == 0


def region(grid: Grid) -> tuple[Volume, Mask]:
    """Return smooth values that are tied to places, and the voxels of an ellipsoid."""
    mask = rasterise(ellipsoid(rotation(20.0, (1.0, 0.3, 2.0)) * 0.4, 0.2), grid)
    x, y, z = np.moveaxis(centres_of(grid), -1, 0)
    values = 3 + np.sin(1.3 * x + 0.2) + np.cos(0.9 * y - 0.4 * z) + 0.2 * np.sin(7 * z)
    return Volume(grid, values, "g/ml"), mask


CENTRED = dataclasses.replace(PET_LIKE, origin_mm=(-6.43, -5.18, -3.98))
IN_PLANE = [storage for storage in STORAGES if storage[0][0] == 0][::5]
IN_VOLUME = dataclasses.replace(FINE, dimension=Dimension.VOLUME)
TEXTURE = [f.name for f in features_of("PET", FINE) if f.group is not Group.SHAPE]


@pytest.mark.parametrize(
    ("preparation", "storages"),
    [(FINE, IN_PLANE), (IN_VOLUME, STORAGES[::9])],
    ids=["2.5D, slices kept", "3D"],
)
def test_features_are_the_same_however_the_image_is_stored(
    preparation: Preparation, storages: list[tuple[Sequence[int], Sequence[bool]]]
) -> None:
    """In-plane texture depends on which axis the slices run along, and on no other."""
    volume, mask = region(CENTRED)
    expected = compute_features(volume, mask, preparation, TEXTURE).values

    assert mask.voxels > 100
    for storage in storages:
        other, _ = stored(CENTRED, *storage)
        found = compute_features(*region(other), preparation, TEXTURE).values
        assert found == pytest.approx(expected, rel=1e-9, nan_ok=True)


@given(seed=seeds)
@settings(deadline=None, max_examples=3)
def test_features_are_the_same_in_a_turned_coordinate_system(seed: int) -> None:
    random = np.random.default_rng(seed)
    turn = rotation(random.uniform(0, 360), random.normal(size=3))
    turn = turn @ np.diag(random.choice([-1.0, 1.0], 3))
    shift = random.uniform(-200, 200, 3)
    volume, mask = region(CENTRED)
    other = turned_grid(CENTRED, turn, shift)
    drawn = ellipsoid(rotation(20.0, (1.0, 0.3, 2.0)) * 0.4, 0.2)

    turned = rasterise(turned_roi(drawn, turn, shift), other)

    np.testing.assert_array_equal(turned.inside, mask.inside)
    found = compute_features(Volume(other, volume.values, "g/ml"), turned, FINE)
    expected = compute_features(volume, mask, FINE)
    assert found.values == pytest.approx(dict(expected.values), nan_ok=True)
