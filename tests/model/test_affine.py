"""Promises of `model.affine`."""

import numpy as np
import pytest

from model.affine import (
    IDENTITY,
    Affine,
    SingularAffineError,
    affine,
    box_corners_mm,
    composed,
    field_corners_mm,
    greatest_difference_mm,
)
from model.grid import Grid
from tests.support.registration import turned_z

POINTS = np.random.default_rng(3).uniform(-60.0, 60.0, (20, 3))


def of(matrix: np.ndarray) -> Affine:
    return affine(matrix[:3, :3], matrix[:3, 3])


def test_composition_takes_the_first_map_first() -> None:
    turn, shift = of(turned_z(90.0)), of(turned_z(0.0, (5.0, 0.0, 0.0)))

    [there] = shift.after(turn).apply(np.array([[1.0, 0.0, 0.0]]))
    [elsewhere] = turn.after(shift).apply(np.array([[1.0, 0.0, 0.0]]))

    np.testing.assert_allclose(there, [5.0, 1.0, 0.0], atol=1e-12)
    np.testing.assert_allclose(elsewhere, [0.0, 6.0, 0.0], atol=1e-12)
    assert composed([turn, shift]) == shift.after(turn)
    assert composed([]) == IDENTITY


def test_the_inverse_leads_every_point_back() -> None:
    sheared = turned_z(20.0, (3.0, -80.0, 12.0))
    sheared[0, 2], sheared[1, 1] = 0.4, 1.7
    there = of(sheared)

    np.testing.assert_allclose(
        there.inverse().apply(there.apply(POINTS)), POINTS, atol=1e-9
    )


def test_what_flattens_space_has_no_inverse() -> None:
    flat = np.diag([1.0, 1.0, 0.0, 1.0])
    with pytest.raises(SingularAffineError):
        of(flat).inverse()
    assert not of(np.diag([1.0, np.nan, 1.0, 1.0])).is_invertible


def test_a_turn_with_a_shift_is_rigid_and_a_mirror_or_a_scale_is_not() -> None:
    assert of(turned_z(33.0, (1.0, 2.0, 3.0))).is_rigid
    assert not of(np.diag([-1.0, 1.0, 1.0, 1.0])).is_rigid
    assert not of(np.diag([1.01, 1.0, 1.0, 1.0])).is_rigid


def test_scales_before_or_after_a_turn_shear_nothing() -> None:
    turn, scale = turned_z(33.0), np.diag([1.0, 2.0, 0.5, 1.0])
    sheared = np.eye(4)
    sheared[0, 1] = 0.2

    assert of(turn @ scale).is_rigid_with_scale
    assert of(scale @ turn).is_rigid_with_scale
    assert not of(sheared).is_rigid_with_scale


@pytest.mark.parametrize("degrees", [0.0, 1e-5, 0.3, 90.0, 179.9])
def test_the_angle_of_a_turn_is_measured(degrees: float) -> None:
    found = of(turned_z(degrees, (50.0, 0.0, 0.0))).rotation_degrees

    assert found == pytest.approx(degrees, abs=1e-7)


def test_the_corners_of_a_box_bound_every_difference_and_motion_inside() -> None:
    low, high = (-60.0, -60.0, -60.0), (60.0, 60.0, 60.0)
    corners = box_corners_mm(low, high)
    one, other = of(turned_z(4.0, (1.0, 0.0, 0.0))), of(turned_z(-3.0))

    assert greatest_difference_mm(one, other, corners) >= greatest_difference_mm(
        one, other, POINTS
    )
    assert one.displacements_mm(corners).max() >= one.displacements_mm(POINTS).max()


def test_the_field_of_view_ends_half_a_voxel_beyond_the_outer_centres() -> None:
    grid = Grid(
        (2, 3, 4), (10.0, 0.0, 0.0), (0, 0, 5.0), (0, 2.0, 0), (-1.0, 0, 0), "1"
    )
    corners = field_corners_mm(grid)

    np.testing.assert_allclose(corners.min(axis=0), [6.5, -1.0, -2.5])
    np.testing.assert_allclose(corners.max(axis=0), [10.5, 5.0, 7.5])
