"""Promises of `model.contours`."""

import dataclasses
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from model.contours import RoiOutsideImageError, outside_contours, rasterise
from tests.support.contours import (
    PET_LIKE,
    STORAGES,
    Points,
    as_before,
    at_indices,
    roi_of,
    square,
    stored,
)

GRID = dataclasses.replace(PET_LIKE, shape=(5, 14, 17))


def slow_inside(row: float, column: float, outline: Points) -> bool:
    """Cast a ray to the right, as textbooks do; centres on outlines are not asked."""
    inside = False
    for (y1, x1), (y2, x2) in zip(outline, np.roll(outline, -1, axis=0), strict=True):
        if (y1 > row) != (y2 > row):
            inside ^= column < x1 + (row - y1) / (y2 - y1) * (x2 - x1)
    return inside


@pytest.mark.parametrize("seed", range(20))
def test_random_outlines_enclose_what_ray_casting_says(seed: int) -> None:
    random = np.random.default_rng(seed)
    outlines = [
        random.uniform(-2.0, 18.0, (random.integers(3, 12), 2)) for _ in range(3)
    ]
    roi = roi_of(
        *(at_indices(GRID, 2, [tuple(p) for p in outline]) for outline in outlines)
    )
    expected = np.zeros(GRID.shape, np.bool_)
    for row in range(GRID.shape[1]):
        for column in range(GRID.shape[2]):
            hits = [slow_inside(row, column, outline) for outline in outlines]
            expected[2, row, column] = sum(hits) % 2

    np.testing.assert_array_equal(rasterise(roi, GRID).inside, expected)


coordinates = st.integers(-8, 70).map(lambda quarter: quarter / 4)
outlines = st.lists(st.tuples(coordinates, coordinates), min_size=3, max_size=9)


def inside_of(*indexed: list[tuple[float, float]]) -> NDArray[np.bool_]:
    roi = roi_of(*(at_indices(GRID, 2, outline) for outline in indexed))
    try:
        return rasterise(roi, GRID).inside
    except RoiOutsideImageError:
        return np.zeros(GRID.shape, np.bool_)


def traces_the_same(*outlines: list[tuple[float, float]]) -> bool:
    """Say whether outlines have the same edges, which are drawn once."""
    edges = [
        sorted(sorted(edge) for edge in zip(each, each[1:] + each[:1], strict=True))
        for each in outlines
    ]
    return all(
        [edge for edge in each if edge[0] != edge[1]]
        == [edge for edge in edges[0] if edge[0] != edge[1]]
        for each in edges
    )


@given(first=outlines, second=outlines)
@settings(deadline=None)
def test_contours_of_one_plane_combine_by_exclusive_or(
    first: list[tuple[float, float]], second: list[tuple[float, float]]
) -> None:
    assume(not traces_the_same(first, second))
    expected = inside_of(first) ^ inside_of(second)

    np.testing.assert_array_equal(inside_of(first, second), expected)


@given(outline=outlines)
@settings(deadline=None)
def test_the_way_round_and_the_first_point_do_not_matter(
    outline: list[tuple[float, float]],
) -> None:
    expected = inside_of(outline)

    np.testing.assert_array_equal(inside_of(outline[::-1]), expected)
    np.testing.assert_array_equal(inside_of(outline[2:] + outline[:2]), expected)


@given(
    outline=outlines,
    plane=st.sampled_from([1.0, 1.5, 2.0, 2.5]),
    storage=st.sampled_from(STORAGES),
)
@settings(deadline=None)
def test_centres_on_an_outline_belong_to_one_side_however_the_image_is_stored(
    outline: list[tuple[float, float]],
    plane: float,
    storage: tuple[Sequence[int], Sequence[bool]],
) -> None:
    roi = roi_of(at_indices(GRID, plane, outline), at_indices(GRID, 0, square(1, 3)))
    other, ways = stored(GRID, *storage)
    expected = rasterise(roi, GRID).inside

    found = rasterise(roi, other).inside

    np.testing.assert_array_equal(as_before(found, storage[0], ways), expected)


def test_a_square_on_voxel_centres_holds_its_left_and_top_edges_only() -> None:
    inside = inside_of(square(3, 6))

    assert np.argwhere(inside[2]).tolist() == [
        [row, column] for row in (3, 4, 5) for column in (3, 4, 5)
    ]


def test_an_inner_contour_is_a_hole() -> None:
    inside = inside_of(square(1.5, 9.5), square(3.5, 6.5))

    assert np.count_nonzero(inside) == 8 * 8 - 3 * 3


def test_a_keyhole_is_a_hole() -> None:
    outer, inner = square(1.5, 9.5), square(3.5, 6.5)
    keyhole = [*outer, outer[0], *inner, inner[0]]

    np.testing.assert_array_equal(inside_of(keyhole), inside_of(outer, inner))


@pytest.mark.parametrize("offset", [-0.49, -0.05, 0.0, 0.05, 0.49])
def test_a_contour_between_slices_applies_to_the_nearest_one(offset: float) -> None:
    mask = rasterise(roi_of(at_indices(GRID, 3 + offset, square(1.5, 4.5))), GRID)

    assert np.flatnonzero(mask.inside.any(axis=(1, 2))).tolist() == [3]
    assert mask.voxels == 9


def test_contours_on_thinner_slices_do_not_cancel_each_other() -> None:
    planes = [1.6, 1.8, 2.05, 2.3, 2.49]
    roi = roi_of(
        *(
            at_indices(GRID, plane, square(1.5, 4.5 + number))
            for number, plane in enumerate(planes)
        )
    )

    mask = rasterise(roi, GRID)

    assert mask.voxels == 25, "the plane at 2.05 is nearest to slice 2"


def test_contours_outside_the_image_are_refused_with_both_boxes() -> None:
    roi = roi_of(at_indices(GRID, 40, square(1.5, 4.5)))

    with pytest.raises(RoiOutsideImageError, match=r"z 41\.8 to 41\.8.*z 10\.0"):
        rasterise(roi, GRID)


def test_contours_partly_outside_are_counted() -> None:
    roi = roi_of(
        at_indices(GRID, 2, square(-3.5, 4.5)),
        at_indices(GRID, 3, square(-0.5, 4.5)),
        at_indices(GRID, 4.6, square(1.5, 4.5)),
    )

    assert outside_contours(roi, GRID) == 2
    assert rasterise(roi, GRID).voxels == 5 * 5 + 5 * 5


def test_a_contour_smaller_than_a_voxel_gives_an_empty_mask() -> None:
    mask = rasterise(roi_of(at_indices(GRID, 2, square(3.2, 3.6))), GRID)

    assert mask.voxels == 0


def test_a_region_without_contours_gives_an_empty_mask() -> None:
    assert rasterise(roi_of(), GRID).voxels == 0
    assert outside_contours(roi_of(), GRID) == 0


def test_points_beyond_any_image_do_no_harm() -> None:
    outline = [(-1e30, -1e30), (-1e30, 1e30), (1e30, 1e30), (1e30, -1e30)]

    mask = rasterise(roi_of(at_indices(GRID, 2, outline)), GRID)

    assert mask.voxels == GRID.shape[1] * GRID.shape[2]
