"""Promises of `model.contours` for outlines of every shape, and for moved ones."""

import dataclasses

import numpy as np
import pytest
from numpy.typing import NDArray

from model.affine import Affine
from model.contours import gaps_of, moved, rasterise, repeated_contours
from tests.support.contours import (
    FRAME,
    PET_LIKE,
    at_indices,
    cubes,
    on_plane,
    roi_of,
    rotation,
    square,
    turned_grid,
    turned_roi,
)

GRID = dataclasses.replace(PET_LIKE, shape=(5, 14, 17))
FINE = cubes(31, 0.5)
PLANE = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0))


def inside_of(*outlines: list[tuple[float, float]]) -> NDArray[np.bool_]:
    roi = roi_of(*(at_indices(GRID, 2, outline) for outline in outlines))
    return rasterise(roi, GRID).inside


@pytest.mark.parametrize("bridge", [(0, 0), (0, 1), (1, 0), (2, 1)])
def test_a_bridge_of_no_width_through_voxel_centres_flips_none(
    bridge: tuple[int, int],
) -> None:
    """From a corner of the outer outline to one of the inner, along or across lines."""
    rows, columns = bridge
    inner = square(5, 8)
    corner = (inner[0][0] - 3 - rows, inner[0][1] - 3 - columns)
    outer = [corner, (corner[0], 12.0), (12.0, 12.0), (12.0, corner[1])]
    back = [inner[0], corner]
    # The way back may have a point where the way there has none.
    middle = ((corner[0] + inner[0][0]) / 2, (corner[1] + inner[0][1]) / 2)
    keyholes = [
        [*outer, corner, *inner, inner[0]],
        [*outer, corner, *inner, back[0], middle],
        [*outer, corner, middle, *inner, back[0]],
    ]
    expected = inside_of(outer, inner)

    for keyhole in keyholes:
        np.testing.assert_array_equal(inside_of(keyhole), expected)
    assert np.count_nonzero(expected[2]) == (12 - corner[0]) * (12 - corner[1]) - 9


def test_rings_and_islands_alternate() -> None:
    rings = [square(edge - 0.5, 13.5 - edge) for edge in range(5)]

    inside = inside_of(*rings)

    assert np.count_nonzero(inside) == sum(
        (-1) ** n * (14 - 2 * n) ** 2 for n in range(5)
    )


def test_an_outline_that_crosses_itself_is_even_odd() -> None:
    turns = np.radians(144 * np.arange(5) - 90)
    star = np.column_stack([6.3 + 6 * np.sin(turns), 7.2 + 6 * np.cos(turns)])
    inside = inside_of([(row, column) for row, column in star.tolist()])[2]

    assert not inside[6, 7], "twice around is outside"
    assert inside[2, 7], "the upper arm"
    assert inside[5, 10], "the right arm"
    assert not inside[11, 7], "between the lower arms"


@pytest.mark.parametrize(
    "again",
    [
        square(2, 8),
        square(2, 8)[::-1],
        square(2, 8)[2:] + square(2, 8)[:2],
        [*square(2, 8), square(2, 8)[0]],
    ],
    ids=["same", "other way round", "other start", "closed by its first point"],
)
def test_a_contour_that_is_there_twice_is_drawn_once(
    again: list[tuple[float, float]],
) -> None:
    once = at_indices(GRID, 2, square(2, 8))
    roi = roi_of(once, at_indices(GRID, 2, again))

    np.testing.assert_array_equal(
        rasterise(roi, GRID).inside, rasterise(roi_of(once), GRID).inside
    )
    assert repeated_contours(roi) == 1


def test_equal_outlines_on_two_planes_repeat_nothing() -> None:
    roi = roi_of(*(at_indices(GRID, plane, square(2, 8)) for plane in (1, 2)))

    assert repeated_contours(roi) == 0
    assert rasterise(roi, GRID).voxels == 2 * 36


@pytest.mark.parametrize(
    "line",
    [
        [(3.0, 3.0), (3.0, 9.0), (3.0, 5.0)],
        [(3.0, 3.0), (6.0, 6.0), (9.0, 9.0), (4.5, 4.5)],
        [(3.0, 3.0), (3.0, 3.0), (3.0, 3.0)],
        [(3.0, 3.0), (9.0, 9.0)],
        [(3.0, 3.0)],
        [],
    ],
)
def test_what_encloses_nothing_hides_no_plane(line: list[tuple[float, float]]) -> None:
    drawn = at_indices(GRID, 1.9, square(2, 8))
    degenerate = at_indices(GRID, 2.0, line) if line else np.zeros((0, 3))

    assert rasterise(roi_of(drawn, degenerate), GRID).voxels == 36
    assert rasterise(roi_of(degenerate), GRID).voxels == 0


def test_an_affine_join_moves_contours_to_another_frame_of_reference() -> None:
    roi = roi_of(at_indices(GRID, 2, square(2, 8)), at_indices(GRID, 3, square(2, 5)))
    # A quarter turn about the superior axis, then a shift.
    join = Affine(((0.0, -1.0, 0.0, 7.0), (1.0, 0.0, 0.0, -2.0), (0.0, 0.0, 1.0, 3.0)))
    turn = np.array([row[:3] for row in join.rows])
    other = turned_grid(GRID, turn, [row[3] for row in join.rows])

    there = moved(roi, join, "4.5.6")

    assert (there.number, there.name) == (roi.number, roi.name)
    assert there.frame_of_reference == "4.5.6"
    np.testing.assert_allclose(
        there.contours[0].points_mm[0], turn @ roi.contours[0].points_mm[0] + (7, -2, 3)
    )
    assert rasterise(there, other).voxels == rasterise(roi, GRID).voxels == 36 + 9


def test_a_zoom_in_a_join_moves_planes_apart() -> None:
    roi = roi_of(*(at_indices(GRID, plane, square(2, 8)) for plane in (0, 1, 2)))
    centre = np.array(GRID.origin_mm)
    join = Affine(
        tuple((*(2.0 * np.eye(3)[axis]), float(-centre[axis])) for axis in range(3))
    )

    there = moved(roi, join, FRAME)

    assert gaps_of(there, GRID) == 2


@pytest.mark.parametrize("tilt", [0.0, 2.0, 30.0])
@pytest.mark.parametrize("apart", [0.0, 0.01, 0.03, 0.05])
def test_outline_hole_and_island_that_stray_lie_in_one_plane(
    tilt: float, apart: float
) -> None:
    rings = [(4.3, 0.0), (2.2, apart), (1.1, 0.5 * apart)]
    roi = roi_of(
        *(
            on_plane([(-a, -a), (a, -a), (a, a), (-a, a)], PLANE, (0.1, 0.2, z + dz))
            for z in np.arange(-1.0, 1.1, 0.5)
            for a, dz in rings
        )
    )

    found = rasterise(turned_roi(roi, rotation(tilt, (1.0, 0.4, 0.0)), (0, 0, 0)), FINE)

    exact = 4 * (4.3**2 - 2.2**2 + 1.1**2) * 2.5
    assert found.volume_ml * 1000 == pytest.approx(exact, rel=0.06)


@pytest.mark.parametrize("tilt", [0.0, 2.0])
@pytest.mark.parametrize("thin", [0.01, 0.02, 0.04, 0.1])
def test_planes_of_very_thin_slices_do_not_cancel_each_other(
    tilt: float, thin: float
) -> None:
    roi = roi_of(
        *(
            on_plane([(-4, -4), (4, -4), (4, 4), (-4, 4)], PLANE, (0.1, 0.2, z))
            for z in np.arange(-1.01, 1.02, thin)
        )
    )

    found = rasterise(turned_roi(roi, rotation(tilt, (1.0, 0.4, 0.0)), (0, 0, 0)), FINE)

    assert found.volume_ml * 1000 == pytest.approx(8 * 8 * 2.5, rel=0.06)
