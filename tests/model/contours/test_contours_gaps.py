"""Promises of `model.contours` for planes that lie further apart than the voxels."""

import dataclasses
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.contours import Roi, gaps_of, rasterise
from tests.support.contours import (
    PET_LIKE,
    STORAGES,
    as_before,
    at_indices,
    cubes,
    on_plane,
    roi_of,
    rotation,
    square,
    stored,
    turned_roi,
)

GRID = dataclasses.replace(PET_LIKE, shape=(9, 14, 17))
FINE = cubes(61, 0.5)
ACROSS = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0))


def squares_on(planes: dict[float, tuple[float, float]]) -> Roi:
    return roi_of(
        *(at_indices(GRID, plane, square(*ends)) for plane, ends in planes.items())
    )


def slices_of(roi: Roi, *, interpolate_gaps: bool) -> list[int]:
    """Return how many voxels each slice holds."""
    mask = rasterise(roi, GRID, interpolate_gaps=interpolate_gaps)
    return np.count_nonzero(mask.inside, axis=(1, 2)).tolist()


def test_slices_where_nobody_drew_stay_empty_and_are_counted() -> None:
    roi = squares_on({1: (1.5, 4.5), 3: (1.5, 4.5), 6: (1.5, 4.5)})

    assert slices_of(roi, interpolate_gaps=False) == [0, 9, 0, 9, 0, 0, 9, 0, 0]
    assert gaps_of(roi, GRID) == 3


def test_gaps_are_filled_between_planes_and_never_beyond_them() -> None:
    roi = squares_on({1: (1.5, 4.5), 3: (1.5, 4.5), 6: (1.5, 4.5)})

    assert slices_of(roi, interpolate_gaps=True) == [0, 9, 9, 9, 9, 9, 9, 0, 0]


def test_a_shape_between_two_others_lies_between_them() -> None:
    small, large = (4.5, 7.5), (1.5, 10.5)
    roi = squares_on({1: small, 4: large})

    found = rasterise(roi, GRID, interpolate_gaps=True).inside

    voxels = np.count_nonzero(found, axis=(1, 2)).tolist()
    assert voxels[1] == 9
    assert voxels[4] == 81
    assert 9 < voxels[2] < voxels[3] < 81
    for lower, upper in ((1, 2), (2, 3), (3, 4)):
        assert not (found[lower] & ~found[upper]).any()


def test_a_hole_goes_through_a_gap() -> None:
    roi = roi_of(
        *(
            at_indices(GRID, plane, square(*ends))
            for plane in (1, 4)
            for ends in ((1.5, 10.5), (4.5, 7.5))
        )
    )

    assert slices_of(roi, interpolate_gaps=True)[1:5] == [72] * 4


def test_planes_that_leave_no_gap_are_not_touched() -> None:
    planes = {0.9: (1.5, 4.5), 2.1: (1.5, 5.5), 2.9: (2.5, 8.5)}
    roi = squares_on(planes)

    assert gaps_of(roi, GRID) == 0
    assert slices_of(roi, interpolate_gaps=True) == slices_of(
        roi, interpolate_gaps=False
    )


def test_a_gap_at_the_image_s_edge_is_filled_from_the_plane_outside() -> None:
    roi = squares_on({-2: (1.5, 4.5), 2: (1.5, 4.5), 10: (1.5, 4.5)})

    assert gaps_of(roi, GRID) == 2 + 6
    assert slices_of(roi, interpolate_gaps=True) == [9] * 9


def test_a_plane_too_small_for_a_centre_gives_no_shape_to_a_gap() -> None:
    roi = squares_on({1: (3.2, 3.6), 4: (1.5, 4.5)})

    assert slices_of(roi, interpolate_gaps=True) == [0, 0, 0, 0, 9, 0, 0, 0, 0]
    assert gaps_of(roi, GRID) == 2


def test_a_region_on_one_plane_or_none_has_no_gap() -> None:
    assert gaps_of(squares_on({3: (1.5, 4.5)}), GRID) == 0
    assert gaps_of(roi_of(), GRID) == 0
    assert rasterise(roi_of(), GRID, interpolate_gaps=True).voxels == 0


@given(
    edges=st.lists(st.integers(0, 40).map(lambda n: n / 4), min_size=4, max_size=4),
    storage=st.sampled_from(STORAGES),
)
@settings(deadline=None, max_examples=40)
def test_however_the_image_is_stored_its_gaps_are_filled_alike(
    edges: list[float], storage: tuple[Sequence[int], Sequence[bool]]
) -> None:
    roi = squares_on({1: (edges[0], edges[1]), 5: (edges[2], edges[3])})
    other, ways = stored(GRID, *storage)

    found = rasterise(roi, other, interpolate_gaps=True).inside

    expected = rasterise(roi, GRID, interpolate_gaps=True).inside
    np.testing.assert_array_equal(as_before(found, storage[0], ways), expected)
    assert gaps_of(roi, other) == gaps_of(roi, GRID)


def ellipse(height: float) -> list[tuple[float, float]]:
    """Return the outline at a height of an ellipsoid of 8 x 6 x 10 mm half axes."""
    angles = np.linspace(0, 2 * np.pi, 180, endpoint=False)
    shrunk = np.sqrt(1 - (height / 10) ** 2)
    return [
        (8 * shrunk * float(np.cos(a)), 6 * shrunk * float(np.sin(a))) for a in angles
    ]


@pytest.mark.parametrize("tilt", [0.0, 25.0, 45.0])
def test_a_missing_plane_of_an_ellipsoid_is_nearly_restored(tilt: float) -> None:
    turn = rotation(tilt, (1.0, 0.5, 0.3))
    heights = [height for height in np.arange(-9.5, 10.0, 0.5) if not 1 < height < 4]
    outlines = [
        on_plane(ellipse(float(height)), ACROSS, (0.0, 0.0, height))
        for height in heights
    ]
    roi = turned_roi(roi_of(*outlines), turn, (0, 0, 0))
    volume_ml = 4 / 3 * np.pi * 8 * 6 * 10 / 1000

    broken = rasterise(roi, FINE)
    filled = rasterise(roi, FINE, interpolate_gaps=True)

    assert gaps_of(roi, FINE) == 5
    assert broken.volume_ml < 0.85 * volume_ml
    assert filled.volume_ml == pytest.approx(volume_ml, rel=0.02)
    assert not (broken.inside & ~filled.inside).any()


@pytest.mark.parametrize("tilt", [0.0, 0.1, 0.3, 1.0])
@pytest.mark.parametrize("distance", [1.0, 0.75, 0.1], ids=["double", "1.5", "thin"])
def test_a_tilt_by_a_hair_changes_a_region_by_no_more(
    tilt: float, distance: float
) -> None:
    """Planes of thicker and of thinner slices than the voxels, within and at ends."""
    turn = rotation(tilt, (1.0, 0.5, 0.3))
    roi = roi_of(
        *(
            on_plane(ellipse(0.0), ACROSS, (0.0, 0.0, height))
            for height in np.arange(-3.0, 3.3, distance) + 0.01
        )
    )
    tilted = turned_roi(roi, turn, (0, 0, 0))

    flat, found = rasterise(roi, FINE), rasterise(tilted, FINE)

    # Of an ellipse of 8 mm, each degree moves centres on the rim by a quarter voxel.
    assert found.voxels == pytest.approx(flat.voxels, rel=0.005 + 0.06 * tilt)
    assert gaps_of(tilted, FINE) == pytest.approx(
        gaps_of(roi, FINE), abs=0.2 + 1.2 * tilt
    )


@pytest.mark.parametrize("tilt", [0.0, 25.0])
def test_planes_of_thicker_slices_leave_gaps_and_say_so(tilt: float) -> None:
    roi = turned_roi(
        roi_of(
            *(
                on_plane(ellipse(float(height)), ACROSS, (0.0, 0.0, height))
                for height in np.arange(-9.0, 10.0, 2.0)
            )
        ),
        rotation(tilt, (1.0, 0.5, 0.3)),
        (0, 0, 0),
    )
    volume_ml = 4 / 3 * np.pi * 8 * 6 * 10 / 1000

    assert gaps_of(roi, FINE) == 9 * 3
    assert rasterise(roi, FINE).volume_ml < 0.4 * volume_ml
    assert rasterise(roi, FINE, interpolate_gaps=True).volume_ml == pytest.approx(
        volume_ml, rel=0.06
    )


@pytest.mark.parametrize("degrees", [5.0, 10.0, 20.0])
def test_planes_of_a_turned_copy_of_the_slices_leave_no_gap(degrees: float) -> None:
    """Slices thicker than the pixels: a turn makes the voxel's ellipsoid thinner."""
    grid = dataclasses.replace(
        FINE,
        shape=(11, 61, 61),
        slice_step_mm=(0.0, 0.0, 3.27),
        origin_mm=(-15.0, -15.0, -16.35),
    )
    turn = rotation(degrees, (1.0, 0.0, 0.0))
    roi = turned_roi(
        roi_of(
            *(
                on_plane(ellipse(0.0), ACROSS, (0.0, 0.0, 3.27 * plane))
                for plane in range(-2, 3)
            )
        ),
        turn,
        (0, 0, 0),
    )

    assert gaps_of(roi, grid) == 0
    assert rasterise(roi, grid).volume_ml == pytest.approx(
        np.pi * 8 * 6 * 5 * 3.27 / 1000, rel=0.03
    )


def test_single_planes_that_stray_open_no_gap() -> None:
    random = np.random.default_rng(4)
    heights = 0.5 * np.arange(-8, 9) + random.uniform(-0.04, 0.04, 17)
    roi = turned_roi(
        roi_of(*(on_plane(ellipse(0.0), ACROSS, (0, 0, h)) for h in heights)),
        rotation(2.0, (1.0, 0.5, 0.3)),
        (0, 0, 0),
    )

    assert gaps_of(roi, FINE) == 0
    assert rasterise(roi, FINE).volume_ml == pytest.approx(
        np.pi * 8 * 6 * 17 * 0.5 / 1000, rel=0.02
    )


@pytest.mark.parametrize("decimals", [2, 3, 4])
def test_planes_half_way_between_slices_all_go_to_one_side(decimals: int) -> None:
    """Rounding would else give one slice two planes and its neighbour none."""
    steps = np.array(GRID.slice_step_mm)
    roi = roi_of(
        *(
            at_indices(GRID, 0, square(1.5, 4.5))
            + np.round((k + 0.5) * steps, decimals)
            for k in range(1, 8)
        )
    )

    assert slices_of(roi, interpolate_gaps=False) == [0, *[9] * 7, 0]
    assert gaps_of(roi, GRID) == 0
