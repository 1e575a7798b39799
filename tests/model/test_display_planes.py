"""Promises of `model.display_planes`."""

from itertools import permutations, product

import numpy as np
import pytest

from model.display_planes import (
    AxisLetters,
    Lattice,
    central_voxel,
    cut_plane,
    display_axes,
    edge_letters,
    field_around,
    outlines_in,
    plane_lattice,
    plane_spacing_mm,
    whole_field,
)
from model.grid import Grid, Mask

SHAPE = (6, 8, 10)
SPACING = (0.9, 0.7, 0.5)
EVERY_LAYOUT = [
    (axes, signs)
    for axes in permutations(range(3))
    for signs in product((1.0, -1.0), repeat=3)
]


def _grid(
    axes: tuple[int, ...] = (2, 1, 0),
    signs: tuple[float, ...] = (1.0, 1.0, 1.0),
    turned: float = 0.0,
) -> Grid:
    """Return a grid whose array axes run along the patient's, in any order."""
    cosine, sine = np.cos(turned), np.sin(turned)
    turn = np.array([[cosine, -sine, 0.0], [sine, cosine, 0.0], [0.0, 0.0, 1.0]])
    steps = []
    for axis, sign, spacing in zip(axes, signs, SPACING, strict=True):
        step = np.zeros(3)
        step[axis] = sign * spacing
        x, y, z = (turn @ step).tolist()
        steps.append((x, y, z))
    slices, rows, columns = steps
    return Grid(SHAPE, (1.0, -2.0, 3.0), slices, rows, columns, "1.2")


@pytest.mark.parametrize(("axes", "signs"), EVERY_LAYOUT)
def test_however_an_array_lies_the_planes_are_shown_alike(
    axes: tuple[int, ...], signs: tuple[float, ...]
) -> None:
    grid = _grid(axes, signs)

    shown = [edge_letters(grid, each, AxisLetters()) for each in display_axes(grid)]

    assert shown == [
        ("R", "L", "A", "P"),
        ("R", "L", "H", "F"),
        ("A", "P", "H", "F"),
    ]


@pytest.mark.parametrize(("axes", "signs"), EVERY_LAYOUT[::5])
def test_pixels_lie_where_the_lattice_says(
    axes: tuple[int, ...], signs: tuple[float, ...]
) -> None:
    grid = _grid(axes, signs)
    numbers = np.arange(np.prod(SHAPE)).reshape(SHAPE)
    field = ((1, 5), (2, 8), (0, 9))
    for plane in display_axes(grid):
        at = field[plane.through][0] + 1

        shown = cut_plane(numbers, plane, at, field)
        lattice = plane_lattice(grid, plane, at, field)

        assert shown.shape == lattice.shape
        row, column = 1, shown.shape[1] - 1
        point = (
            np.array(lattice.origin_mm)
            + row * np.array(lattice.down_mm)
            + column * np.array(lattice.across_mm)
        )
        voxel = np.rint(grid.indices(point[np.newaxis])[0]).astype(int)
        assert shown[row, column] == numbers[tuple(voxel)]
        steps = (lattice.down_mm, lattice.across_mm)
        assert np.linalg.norm(steps, axis=1) == pytest.approx(
            plane_spacing_mm(grid, plane)
        )


def test_a_finer_lattice_has_the_edges_of_the_coarser_one() -> None:
    grid = _grid()
    plane = display_axes(grid)[0]
    coarse = plane_lattice(grid, plane, 2, whole_field(grid))

    fine = coarse.divided((3, 2))

    def edge(lattice: Lattice) -> list[float]:
        ways = zip(lattice.origin_mm, lattice.down_mm, lattice.across_mm, strict=True)
        return [first - 0.5 * down - 0.5 * across for first, down, across in ways]

    assert fine.shape == (coarse.shape[0] * 3, coarse.shape[1] * 2)
    assert edge(fine) == pytest.approx(edge(coarse))


def test_an_oblique_axis_is_named_by_both_directions_it_runs_between() -> None:
    grid = _grid(turned=np.deg2rad(30.0))

    left, right, top, bottom = edge_letters(grid, display_axes(grid)[0], AxisLetters())

    assert (left, right, top, bottom) == ("RA", "LP", "AL", "PR")


def test_a_quadruped_has_letters_of_its_own() -> None:
    letters = AxisLetters(("RT", "LE"), ("V", "D"), ("CD", "CR"))
    grid = _grid()

    assert edge_letters(grid, display_axes(grid)[2], letters) == ("V", "D", "CR", "CD")


def test_planes_go_through_the_region_even_where_it_is_bent() -> None:
    inside = np.zeros(SHAPE, np.bool_)
    inside[2, 1:7, 1] = inside[2, 1, 1:9] = inside[2, 6, 1:9] = True
    mask = Mask(_grid(), inside)

    assert inside[central_voxel(mask)]


def test_a_region_at_the_border_is_shown_whole_within_the_image() -> None:
    inside = np.zeros(SHAPE, np.bool_)
    inside[0, 0:2, 7:10] = True
    mask = Mask(_grid(), inside)

    field = field_around(mask, central_voxel(mask))

    voxels = np.argwhere(inside)
    for axis, (first, last) in enumerate(field):
        assert 0 <= first <= voxels[:, axis].min()
        assert voxels[:, axis].max() < last <= SHAPE[axis]


def test_a_region_far_off_its_central_voxel_is_shown_whole() -> None:
    shape = (3, 3, 400)
    inside = np.zeros(shape, np.bool_)
    inside[1, 1, 200:210] = True
    inside[1, 1, 390] = True
    grid = Grid(shape, (0, 0, 0), (0, 0, 1.0), (0, 1.0, 0), (1.0, 0, 0), "1.2")

    field = field_around(Mask(grid, inside), (1, 1, 205))

    assert field[2][0] <= 200
    assert field[2][1] > 390


def test_outlines_enclose_the_voxels_of_the_plane_as_it_is_shown() -> None:
    grid = _grid(signs=(-1.0, -1.0, 1.0))
    inside = np.zeros(SHAPE, np.bool_)
    inside[2, 3, 4] = True
    plane = display_axes(grid)[0]
    field = whole_field(grid)

    (outline,) = outlines_in(inside, plane, 2, field)
    (row, column), *_ = np.argwhere(cut_plane(inside, plane, 2, field)).tolist()

    assert outline.min(axis=0).tolist() == [row - 0.5, column - 0.5]
    assert outline.max(axis=0).tolist() == [row + 0.5, column + 0.5]
