"""Promises of `perturbation.moved_contour`: half a voxel in, half a voxel out."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from model.contours import Contour, Roi, rasterise
from model.grid import Grid, Mask
from model.masks import without
from model.outline import staircase_outlines
from model.score.perturbation.moved_contour import MovedContour, moved_contour
from tests.model.features.regions import blob, grid_of

GRID = grid_of((5, 30, 30))
CROSS = ndimage.generate_binary_structure(2, 1)


def roi_of(*contours: NDArray[np.float64]) -> Roi:
    return Roi(1, "tumour", tuple(Contour(each) for each in contours), "1.2.3")


def ring(
    radius: float,
    plane: float,
    grid: Grid = GRID,
    centre: tuple[float, float] = (14, 15),
) -> NDArray[np.float64]:
    """A circle of so many voxels, in a slice, finely drawn."""
    angles = np.linspace(0, 2 * np.pi, 720, endpoint=False)
    rows = centre[0] + radius * np.sin(angles)
    columns = centre[1] + radius * np.cos(angles)
    return grid.points_mm(np.column_stack([np.full(720, plane), rows, columns]))


def box(plane: int, *edges: float) -> NDArray[np.float64]:
    """A rectangle of indices: top, bottom, left, right."""
    top, bottom, left, right = edges
    corners = [(top, left), (top, right), (bottom, right), (bottom, left)]
    return GRID.points_mm(np.array([(plane, *corner) for corner in corners]))


def drawn(roi: Roi, grid: Grid = GRID) -> MovedContour:
    return moved_contour(rasterise(roi, grid), roi)


def rings(mask: Mask) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """The mask less and more a ring of face neighbours, slice by slice."""
    inner = [ndimage.binary_erosion(each, CROSS) for each in mask.inside]
    outer = [ndimage.binary_dilation(each, CROSS) for each in mask.inside]
    return np.array(inner), np.array(outer)


def distances(centre: tuple[float, float] = (14, 15)) -> NDArray[np.float64]:
    rows, columns = np.indices(GRID.shape[1:])
    return np.hypot(rows - centre[0], columns - centre[1])


@pytest.mark.parametrize("radius", [2.3, 6.7, 11.3])
def test_a_circle_moves_by_half_a_voxel(radius: float) -> None:
    moved = drawn(roi_of(ring(radius, 2)))

    assert np.array_equal(moved.inner.inside[2], distances() < radius - 0.5)
    assert np.array_equal(moved.outer.inside[2], distances() < radius + 0.5)
    assert (moved.planes_as_drawn, moved.planes_of_voxels) == (1, 0)


def test_nothing_is_gained_or_lost_in_other_planes() -> None:
    moved = drawn(roi_of(ring(5.2, 1), ring(5.2, 3)))

    filled = [1, 3]
    for mask in (moved.inner, moved.outer):
        assert np.flatnonzero(mask.inside.any(axis=(1, 2))).tolist() == filled


def test_a_hole_shrinks_when_the_outline_moves_out() -> None:
    moved = drawn(roi_of(ring(11.3, 2), ring(4.7, 2)))

    away = distances()
    assert np.array_equal(moved.inner.inside[2], (away > 5.2) & (away < 10.8))
    assert np.array_equal(moved.outer.inside[2], (away > 4.2) & (away < 11.8))


def test_the_bridge_of_a_keyhole_is_no_outline() -> None:
    outer, inner = ring(11.3, 2), ring(4.7, 2)[::-1]
    keyhole = np.concatenate([outer, outer[:1], inner[-1:], inner[:-1], inner[-1:]])

    bridged = drawn(roi_of(keyhole))
    apart = drawn(roi_of(outer, inner))

    assert np.array_equal(bridged.inner.inside, apart.inner.inside)
    assert np.array_equal(bridged.outer.inside, apart.outer.inside)


@pytest.mark.parametrize("decimals", [None, 3, 2])
def test_outlines_along_voxel_edges_move_by_a_ring(decimals: int | None) -> None:
    """Whatever the decimals with which they are written."""
    _, inside = blob(4, (5, 30, 30))
    mask = Mask(GRID, inside)
    contours = [
        GRID.points_mm(np.column_stack([np.full(len(line), k), line]))
        for k, plane in enumerate(inside)
        for line in staircase_outlines(plane)
    ]
    if decimals is not None:
        contours = [np.round(each, decimals) for each in contours]

    moved = drawn(roi_of(*contours))

    inner, outer = rings(mask)
    assert np.array_equal(moved.inner.inside, inner)
    assert np.array_equal(moved.outer.inside, outer)
    assert moved.planes_of_voxels == 0


def test_a_segment_moves_by_the_same_ring() -> None:
    _, inside = blob(4, (5, 30, 30))
    mask = Mask(GRID, inside)

    moved = moved_contour(mask, roi_of())

    inner, outer = rings(mask)
    assert np.array_equal(moved.inner.inside, inner)
    assert np.array_equal(moved.outer.inside, outer)
    assert moved.planes_as_drawn == 0


def test_a_plane_from_which_something_was_taken_moves_along_its_voxels() -> None:
    roi = roi_of(ring(8.2, 1), ring(8.2, 2))
    whole = rasterise(roi, GRID)
    taken = rasterise(roi_of(ring(3.1, 2, centre=(14, 20))), GRID)
    left = without(whole, taken)

    moved = moved_contour(left, roi)

    as_drawn, (inner, outer) = moved_contour(whole, roi), rings(left)
    assert (moved.planes_as_drawn, moved.planes_of_voxels) == (1, 1)
    assert np.array_equal(moved.inner.inside[1], as_drawn.inner.inside[1])
    assert np.array_equal(moved.outer.inside[1], as_drawn.outer.inside[1])
    assert np.array_equal(moved.inner.inside[2], inner[2])
    assert np.array_equal(moved.outer.inside[2], outer[2])


def test_an_interpolated_plane_moves_along_its_voxels() -> None:
    roi = roi_of(ring(8.2, 1), ring(8.2, 3))

    moved = moved_contour(rasterise(roi, GRID, interpolate_gaps=True), roi)

    assert (moved.planes_as_drawn, moved.planes_of_voxels) == (2, 1)


@pytest.mark.parametrize("flips", [(0,), (2,), (0, 1), (0, 1, 2)])
def test_the_orientation_of_the_image_does_not_matter(flips: tuple[int, ...]) -> None:
    roi = roi_of(ring(8.2, 1), ring(5.3, 2))
    steps = [GRID.slice_step_mm, GRID.row_step_mm, GRID.column_step_mm]
    far = np.zeros(3)
    for axis in flips:
        far[axis] = GRID.shape[axis] - 1
        steps[axis] = tuple(-part for part in steps[axis])
    x, y, z = GRID.points_mm(far[np.newaxis])[0].tolist()
    flipped = replace(
        GRID,
        origin_mm=(x, y, z),
        slice_step_mm=steps[0],
        row_step_mm=steps[1],
        column_step_mm=steps[2],
    )

    expected, found = drawn(roi), drawn(roi, flipped)

    assert np.array_equal(np.flip(found.inner.inside, flips), expected.inner.inside)
    assert np.array_equal(np.flip(found.outer.inside, flips), expected.outer.inside)
    assert found.planes_as_drawn == 2


def test_coronal_outlines_move_in_their_own_planes() -> None:
    grid = grid_of((30, 5, 30))
    upright = ring(6.7, 2)[:, [0, 2, 1]]

    moved = drawn(roi_of(upright), grid)

    assert np.array_equal(moved.inner.inside[:, 2], distances() < 6.2)
    assert np.array_equal(moved.outer.inside[:, 2], distances() < 7.2)
    assert moved.outer.inside.any(axis=(0, 2)).tolist() == [0, 0, 1, 0, 0]
    assert (moved.planes_as_drawn, moved.planes_of_voxels) == (1, 0)


def test_oblique_outlines_move_along_the_voxels_of_each_slice() -> None:
    tilted = ring(6.7, 2)
    tilted[:, 2] += 0.2 * (tilted[:, 0] - tilted[:, 0].mean())
    mask = rasterise(roi_of(tilted), GRID)

    moved = moved_contour(mask, roi_of(tilted))

    inner, outer = rings(mask)
    assert np.array_equal(moved.inner.inside, inner)
    assert np.array_equal(moved.outer.inside, outer)
    assert moved.planes_as_drawn == 0


def test_voxels_that_are_no_cubes_move_by_half_of_each_side() -> None:
    grid = replace(GRID, row_step_mm=(0.0, 2.4, 0.0))
    roi = roi_of(ring(6.7, 2, grid))

    moved = drawn(roi, grid)

    assert np.array_equal(moved.inner.inside[2], distances() < 6.2)
    assert np.array_equal(moved.outer.inside[2], distances() < 7.2)


def test_the_edge_of_the_image_bounds_what_moves() -> None:
    roi = roi_of(ring(6.7, 2, centre=(1, 15)))
    moved = drawn(roi)
    segment = moved_contour(rasterise(roi, GRID), roi_of())

    assert np.array_equal(moved.inner.inside[2], distances((1, 15)) < 6.2)
    assert np.array_equal(moved.outer.inside[2], distances((1, 15)) < 7.2)
    assert not segment.inner.inside[2, 0].any()


def test_an_outline_too_small_for_a_centre_gains_one_when_it_moves_out() -> None:
    roi = roi_of(ring(6.7, 2), box(3, 10.2, 10.8, 10.4, 10.8))
    moved = drawn(roi)

    assert not rasterise(roi, GRID).inside[3].any()
    assert np.argwhere(moved.outer.inside[3]).tolist() == [
        [10, 10],
        [10, 11],
        [11, 10],
        [11, 11],
    ]
    assert not moved.inner.inside[3].any()


@pytest.mark.parametrize("seed", range(8))
def test_any_outline_moves_by_its_distance(seed: int) -> None:
    """Against the distance to every edge, computed plainly."""
    random = np.random.default_rng(seed)
    corners = random.uniform(-2, 32, (random.integers(3, 12), 2))
    points = np.column_stack([np.full(len(corners), 2.0), corners])
    roi = roi_of(GRID.points_mm(points))
    mask = rasterise(roi, GRID)

    moved = moved_contour(mask, roi)

    centres = np.argwhere(np.ones(GRID.shape[1:], np.bool_)).astype(float)
    nearest = np.full(len(centres), np.inf)
    for first, second in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        way = second - first
        part = np.clip((centres - first) @ way / (way @ way), 0, 1)
        place = first + part[:, np.newaxis] * way
        nearest = np.minimum(nearest, np.hypot(*(centres - place).T))
    nearest = nearest.reshape(GRID.shape[1:])
    certain = np.abs(nearest - 0.5) > 0.01
    inside = mask.inside[2]
    inner, outer = inside & (nearest > 0.5), inside | (nearest <= 0.5)
    assert np.array_equal(moved.inner.inside[2][certain], inner[certain])
    assert np.array_equal(moved.outer.inside[2][certain], outer[certain])
    assert not (moved.inner.inside & ~mask.inside).any()
    assert not (mask.inside & ~moved.outer.inside).any()
