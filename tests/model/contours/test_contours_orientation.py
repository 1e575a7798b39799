"""Promises of `model.contours` for contours in whichever orientation."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from model.contours import (
    MixedOrientationsError,
    NonPlanarContourError,
    RoiOutsideImageError,
    gaps_of,
    outside_contours,
    rasterise,
)
from model.grid import Grid
from tests.support.contours import (
    PET_LIKE,
    STORAGES,
    Points,
    as_before,
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

Pair = tuple[float, float]
Placed = list[tuple[int, NDArray[np.float64]]]

CUBES = cubes(13)
LYING = ((1.0, 0.0, 0.0), (0.0, 0.0, 1.0))
"""In-plane axes of coronal contours: to the left, and superior."""

seeds = st.integers(0, 2**32 - 1)
storages = st.sampled_from(STORAGES)


def box(left: float, low: float, right: float, high: float) -> list[Pair]:
    return [(left, low), (right, low), (right, high), (left, high)]


def cast_rays(u: Points, v: Points, outline: Points) -> NDArray[np.bool_]:
    """Say which places an outline encloses, as textbooks do."""
    inside = np.zeros(u.shape, np.bool_)
    for (u1, v1), (u2, v2) in zip(outline, np.roll(outline, -1, axis=0), strict=True):
        if v1 != v2:
            before = u < u1 + (v - v1) / (v2 - v1) * (u2 - u1)
            inside ^= ((v1 > v) != (v2 > v)) & before
    return inside


def random_outlines(random: np.random.Generator, planes: int) -> Placed:
    """Return outlines in mm, most of which cross themselves, and their planes."""
    return [
        (plane, random.uniform(-6.0, 6.0, (random.integers(3, 9), 2)))
        for plane in range(planes)
        for _ in range(random.integers(1, 3))
    ]


def reaches(
    grid: Grid, normal: Points, distance: float, *, beyond: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Return how far from a plane a centre may lie, where planes are regular."""
    steps = steps_of(grid) @ normal
    voxel, cut = np.sqrt((steps**2).sum()), np.abs(steps).sum()
    apart = max(cut - distance / 2, voxel / 2)
    inward = distance / 2 if distance <= 1.01 * cut else apart
    return np.where(beyond, voxel / 2, inward)


@given(seed=seeds)
@settings(deadline=None, max_examples=40)
def test_oblique_contours_enclose_what_rays_in_the_nearest_plane_say(seed: int) -> None:
    random = np.random.default_rng(seed)
    turn = rotation(random.uniform(0, 360), random.normal(size=3))
    grid = turned_grid(
        PET_LIKE if seed % 2 else CUBES,
        rotation(random.uniform(0, 360), random.normal(size=3)),
        random.uniform(-50, 50, 3),
    )
    distance, planes = random.uniform(0.4, 2.0), int(random.integers(3, 7))
    # The boundary rule decides what lies within a hundred-thousandth of a voxel.
    aside = min(grid.spacing_mm) * np.array([1e-5, 1e-7, 1e-9])
    centres = centres_of(grid) + aside
    middle = centres.reshape(-1, 3).mean(axis=0) + 0.01234
    across, up, normal = turn.T
    outlines = random_outlines(random, planes)

    found = rasterise(
        roi_of(
            *(
                on_plane(
                    outline,
                    (across, up),
                    middle + distance * (plane - planes / 2) * normal,
                )
                for plane, outline in outlines
            )
        ),
        grid,
    )

    offsets = centres - middle
    heights = offsets @ normal / distance + planes / 2
    nearest = np.clip(np.rint(heights), 0, planes - 1)
    near = np.abs(heights - nearest) * distance <= reaches(
        grid, normal, distance, beyond=(heights < 0) | (heights > planes - 1)
    )
    expected = np.zeros(grid.shape, np.bool_)
    for plane, outline in outlines:
        enclosed = cast_rays(offsets @ across, offsets @ up, outline)
        expected ^= enclosed & (nearest == plane) & near
    np.testing.assert_array_equal(found.inside, expected)


@given(seed=seeds, storage=storages)
@settings(deadline=None, max_examples=60)
def test_however_the_image_is_stored_its_voxels_are_the_same(
    seed: int, storage: tuple[Sequence[int], Sequence[bool]]
) -> None:
    random = np.random.default_rng(seed)
    # Quarters of a voxel and right angles put many centres on outlines and many
    # half-way between planes.
    turn = rotation(
        float(random.choice([0, 45, 90, 135])), np.eye(3)[random.integers(3)]
    )
    outlines = [
        on_plane(
            random.integers(-24, 24, (5, 2)) / 4,
            (turn[0], turn[1]),
            plane * turn[2] / 2,
        )
        for plane in range(-3, 4)
    ]
    other, ways = stored(CUBES, *storage)

    found = rasterise(roi_of(*outlines), other).inside

    np.testing.assert_array_equal(
        as_before(found, storage[0], ways), rasterise(roi_of(*outlines), CUBES).inside
    )


@given(seed=seeds)
@settings(deadline=None, max_examples=40)
def test_turning_the_coordinate_system_leaves_the_mask_as_it_is(seed: int) -> None:
    random = np.random.default_rng(seed)
    drawn = rotation(float(random.choice([0, 90, 37])), random.normal(size=3))
    roi = roi_of(
        *(
            on_plane(outline, (drawn[0], drawn[1]), (plane - 2.2) * 0.9 * drawn[2])
            for plane, outline in random_outlines(random, 5)
        )
    )
    turn = rotation(random.uniform(0, 360), random.normal(size=3))
    mirror = np.diag(random.choice([-1.0, 1.0], 3))
    shift = random.uniform(-200, 200, 3)

    found = rasterise(
        turned_roi(roi, turn @ mirror, shift), turned_grid(CUBES, turn @ mirror, shift)
    )

    # What lies on an outline goes to one side of the patient, who was turned.
    decided = np.all(
        [
            rasterise(roi, turned_grid(CUBES, np.eye(3), way)).inside
            == rasterise(roi, turned_grid(CUBES, np.eye(3), -way)).inside
            for way in 2e-5 * np.eye(3)
        ],
        axis=0,
    )
    np.testing.assert_array_equal(
        found.inside & decided, rasterise(roi, CUBES).inside & decided
    )
    assert np.count_nonzero(~decided) < 10


@pytest.mark.parametrize("axis", [0, 1, 2], ids=["transverse", "coronal", "sagittal"])
def test_contours_along_any_axis_follow_one_rule(axis: int) -> None:
    """Thin planes, planes off the centre and a gap, as in `test_contours`."""
    order = [axis, *(other for other in range(3) if other != axis)]
    grid, _ = stored(PET_LIKE, np.argsort(order), (False, False, False))
    steps = {
        0: grid.slice_step_mm,
        1: grid.row_step_mm,
        2: grid.column_step_mm,
    }
    normal, a, b = (np.array(steps[each]) for each in order)
    outlines = [
        on_plane(box(1.5, 1.5, 4.5 + n, 4.5), (a, b), grid.origin_mm + plane * normal)
        for n, plane in enumerate([1.6, 1.8, 2.05, 2.3, 2.49, 3.4, 6.0])
    ]

    found = rasterise(roi_of(*outlines), grid).inside

    used = found.any(axis=tuple(order[1:]))
    assert np.flatnonzero(used).tolist() == [2, 3, 6]
    assert found.sum(axis=tuple(order[1:]))[[2, 3, 6]].tolist() == [15, 24, 27]
    assert gaps_of(roi_of(*outlines), grid) == 2


def test_a_coronal_box_is_the_transverse_box() -> None:
    coronal = [on_plane(box(-3, -2, 4, 5), LYING, (0, y, 0)) for y in range(-4, 3)]
    transverse = [
        on_plane(box(-3, -4.5, 4, 2.5), ((1, 0, 0), (0, 1, 0)), (0, 0, z))
        for z in range(-2, 5)
    ]

    found = rasterise(roi_of(*coronal), CUBES)

    assert found.voxels == 7 * 7 * 7
    # Both outlines run through centres: those at the left and superior end move out.
    np.testing.assert_array_equal(
        found.inside, rasterise(roi_of(*transverse), CUBES).inside
    )


@given(tilt=st.floats(0.0, 3.0), direction=st.floats(0.0, 360.0))
@settings(deadline=None, max_examples=40)
def test_islands_of_slightly_tilted_planes_all_count(
    tilt: float, direction: float
) -> None:
    """Two far apart, drawn on every plane, as after a Spatial Registration."""
    away = np.array([np.cos(np.radians(direction)), np.sin(np.radians(direction)), 0])
    turn = rotation(tilt, away)
    island = np.array(box(-1.45, -1.45, 1.55, 1.55))
    flat = [
        on_plane(island + centre, ((1, 0, 0), (0, 1, 0)), (0, 0, plane))
        for plane in range(-2, 3)
        for centre in (-4.0, 4.0)
    ]
    apart = [turned_roi(roi_of(*flat[n::2]), turn, (0, 0, 0)) for n in (0, 1)]

    together = rasterise(turned_roi(roi_of(*flat), turn, (0, 0, 0)), CUBES)

    assert together.voxels == sum(rasterise(one, CUBES).voxels for one in apart)
    assert together.voxels == pytest.approx(2 * 3 * 3 * 5, rel=0.12)


@pytest.mark.parametrize("decimals", [2, 3])
def test_planes_survive_the_rounding_of_their_writer(decimals: int) -> None:
    turn = rotation(33.0, (1.0, 2.0, -0.5))
    flat = [
        on_plane(np.array(box(-1.5, -1.5, 1.5, 1.5)) + centre, (turn[0], turn[1]), at)
        for at in (plane * turn[2] for plane in range(-3, 4))
        for centre in (-3.0, 3.0)
    ]
    written = roi_of(*(np.round(points, decimals) for points in flat))

    found = rasterise(written, CUBES)

    assert gaps_of(written, CUBES) == 0
    differing = found.inside ^ rasterise(roi_of(*flat), CUBES).inside
    assert np.count_nonzero(differing) <= 0.01 * found.voxels


def test_a_single_oblique_plane_is_a_voxel_thick() -> None:
    turn = rotation(30.0, (1.0, 1.0, 0.0))
    grid = cubes(41, 0.25)
    outline = on_plane(box(-4, -4, 4, 4), (turn[0], turn[1]), (0, 0, 0))

    mask = rasterise(roi_of(outline), grid)

    assert mask.volume_ml * 1000 == pytest.approx(8 * 8 * 0.25, rel=0.03)


def test_two_oblique_planes_far_apart_are_not_joined() -> None:
    turn = rotation(30.0, (1.0, 1.0, 0.0))
    grid = cubes(41, 0.25)
    outlines = [
        on_plane(box(-2, -2, 2, 2), (turn[0], turn[1]), height * turn[2])
        for height in (-1.0, 1.0)
    ]

    mask = rasterise(roi_of(*outlines), grid)

    assert mask.volume_ml * 1000 == pytest.approx(2 * 4 * 4 * 0.25, rel=0.05)
    assert gaps_of(roi_of(*outlines), grid) == 7


def test_oblique_contours_outside_the_image_are_refused_or_counted() -> None:
    turn = rotation(30.0, (1.0, 1.0, 0.0))
    outlines = [
        on_plane(box(-2, -2, 2, 2), (turn[0], turn[1]), height * turn[2])
        for height in (7.0, 12.0, 30.0)
    ]

    with pytest.raises(RoiOutsideImageError):
        rasterise(roi_of(*outlines[1:]), CUBES)
    assert outside_contours(roi_of(*outlines), CUBES) == 3
    assert rasterise(roi_of(*outlines), CUBES).voxels


@pytest.mark.parametrize("half", [1e3, 1e6])
def test_oblique_points_beyond_any_image_do_no_harm(half: float) -> None:
    turn = rotation(30.0, (1.0, 1.0, 0.0))
    wide = on_plane(box(-half, -half, half, half), (turn[0], turn[1]), (0, 0, 0))
    near = on_plane(box(-20, -20, 20, 20), (turn[0], turn[1]), (0, 0, 0))

    found = rasterise(roi_of(wide), CUBES)

    expected = rasterise(roi_of(near), CUBES)
    np.testing.assert_array_equal(found.inside, expected.inside)
    assert found.voxels > 13 * 13


def test_an_oblique_contour_smaller_than_a_voxel_gives_an_empty_mask() -> None:
    turn = rotation(30.0, (1.0, 1.0, 0.0))
    tiny = box(-0.1, -0.1, 0.1, 0.1)

    mask = rasterise(roi_of(on_plane(tiny, (turn[0], turn[1]), (0.4, 0.4, 0.4))), CUBES)

    assert mask.voxels == 0


def test_a_gap_is_counted_as_far_as_voxels_lie_there() -> None:
    turn = rotation(30.0, (1.0, 1.0, 0.0))
    outlines = [
        on_plane(box(-2, -2, 2, 2), (turn[0], turn[1]), height * turn[2])
        for height in (0.0, 1.0, 2.0, 1e6)
    ]
    reach = np.abs(CUBES.points_mm(np.zeros((1, 3))) @ np.abs(turn[2]))[0]

    assert gaps_of(roi_of(*outlines), CUBES) == int(reach) - 2


def test_a_contour_that_leaves_its_plane_is_refused() -> None:
    saddle = np.array([(-3, -3, 0.5), (3, -3, -0.5), (3, 3, 0.5), (-3, 3, -0.5)])

    with pytest.raises(NonPlanarContourError, match=r"1\.00 mm across") as refusal:
        rasterise(roi_of(saddle), CUBES)

    assert refusal.value.reason == "contour_planes"
    assert refusal.value.leaves_mm == pytest.approx(1.0, rel=0.01)


def test_planes_that_are_not_parallel_are_refused() -> None:
    coronal = on_plane(box(-3, -2, 4, 5), LYING, (0, 0, 0))
    transverse = on_plane(box(-3, -2, 4, 5), ((1, 0, 0), (0, 1, 0)), (0, 0, 0))

    next_one = on_plane(box(-3, -2, 4, 5), ((1, 0, 0), (0, 1, 0)), (0, 0, 1))

    with pytest.raises(MixedOrientationsError) as refusal:
        rasterise(roi_of(coronal, transverse, next_one), CUBES)

    assert refusal.value.reason == "contour_planes"
