"""Promises of `model.registration`, on a phantom whose PET and CT are aligned."""

from dataclasses import replace

import numpy as np
import pytest

from model.grid import Grid, Vector, Volume
from model.phantom import Phantom, PhantomSpec, make_phantom
from model.registration import (
    NothingToRegisterError,
    RegistrationFailedError,
    RigidRegistration,
    register_rigid,
)
from tests.support.registration import Matrix, moved, turned_z

HALF_A_VOXEL_MM = 0.4


@pytest.fixture(scope="module")
def phantom() -> Phantom:
    """Return a mouse of which the middle third is seen."""
    return make_phantom(
        PhantomSpec(seed=5, slices=60, rows=48, columns=48, ct_matrix=96)
    )


@pytest.fixture(scope="module")
def aligned(phantom: Phantom) -> RigidRegistration:
    """Return what is found for images that lie as they should."""
    return register_rigid(phantom.suv, phantom.hounsfield)


def turned_x(degrees: float, shift_mm: Vector) -> Matrix:
    """Return a turn about x and a shift after it, shape (4, 4)."""
    matrix = np.eye(4)
    matrix[1:3, 1:3] = turned_z(degrees)[:2, :2]
    matrix[:3, 3] = shift_mm
    return matrix


def seen_moved(ct: Volume, matrix: Matrix) -> Volume:
    """Return a CT whose coordinates say that the animal was moved."""

    def vector(values: np.ndarray) -> Vector:
        x, y, z = values.tolist()
        return (x, y, z)

    grid, turn = ct.grid, matrix[:3, :3]
    placed = replace(
        grid,
        origin_mm=vector(moved([grid.origin_mm], matrix)[0]),
        slice_step_mm=vector(turn @ np.array(grid.slice_step_mm)),
        row_step_mm=vector(turn @ np.array(grid.row_step_mm)),
        column_step_mm=vector(turn @ np.array(grid.column_step_mm)),
    )
    return Volume(placed, np.array(ct.values), ct.unit)


def around_the_tumour(phantom: Phantom) -> np.ndarray:
    """Return points on the tumour, shape (7, 3)."""
    reach = np.diag(phantom.tumour.semi_axes_mm)
    return np.array(phantom.tumour.centre_mm) + np.vstack([np.zeros(3), reach, -reach])


def test_aligned_images_are_left_where_they_are(
    phantom: Phantom, aligned: RigidRegistration
) -> None:
    points = around_the_tumour(phantom)
    assert aligned.ct_to_pet.displacements_mm(points).max() < 0.2
    assert aligned.ct_to_pet.is_rigid
    assert aligned.information > 0.2


def test_a_known_motion_is_undone_within_half_a_voxel(phantom: Phantom) -> None:
    # Turned about two axes and shifted along all three, so that none is mistaken.
    matrix = turned_x(-3.0, (-0.5, 1.5, -1.0)) @ turned_z(3.0, (1.5, 0.0, 0.0))
    ct = seen_moved(phantom.hounsfield, matrix)

    found = register_rigid(phantom.suv, ct)

    points = around_the_tumour(phantom)
    back = found.ct_to_pet.apply(moved(points, matrix))
    assert np.linalg.norm(back - points, axis=1).max() < HALF_A_VOXEL_MM
    assert found.information > found.information_before


def test_the_same_images_give_the_same_bytes(
    phantom: Phantom, aligned: RigidRegistration
) -> None:
    assert register_rigid(phantom.suv, phantom.hounsfield) == aligned


def test_the_scale_of_either_image_does_not_matter(phantom: Phantom) -> None:
    ct = phantom.hounsfield
    other = Volume(ct.grid, ct.values * np.float32(0.289) + np.float32(8000), ct.unit)
    becquerel = Volume(
        phantom.suv.grid, phantom.suv.values * np.float32(2.5e5), "Bq/ml"
    )

    found = register_rigid(becquerel, other)

    assert found.ct_to_pet.displacements_mm(around_the_tumour(phantom)).max() < 0.2


def test_the_orientation_of_the_arrays_does_not_matter(phantom: Phantom) -> None:
    ct = phantom.hounsfield
    slices, _, columns = ct.grid.shape
    ends = ct.grid.points_mm(np.array([[slices - 1.0, 0.0, columns - 1.0]]))
    x, y, z = ends[0].tolist()
    flipped = Grid(
        ct.grid.shape,
        (x, y, z),
        _minus(ct.grid.slice_step_mm),
        ct.grid.row_step_mm,
        _minus(ct.grid.column_step_mm),
        ct.grid.frame_of_reference,
    )
    values = np.ascontiguousarray(ct.values[::-1, :, ::-1])

    found = register_rigid(phantom.suv, Volume(flipped, values, ct.unit))

    assert found.ct_to_pet.displacements_mm(around_the_tumour(phantom)).max() < 0.2


def _minus(vector: Vector) -> Vector:
    x, y, z = vector
    return (-x, -y, -z)


def test_a_ct_of_noise_is_refused(phantom: Phantom) -> None:
    noise = np.random.default_rng(2).standard_normal(
        phantom.hounsfield.grid.shape, np.float32
    )
    ct = Volume(phantom.hounsfield.grid, noise, "[hnsf'U]")

    with pytest.raises(RegistrationFailedError, match="share next to nothing"):
        register_rigid(phantom.suv, ct)


def test_an_animal_without_ends_is_refused_since_it_fits_anywhere_along() -> None:
    grid = PhantomSpec(seed=1, slices=40, rows=36, columns=36).pet_grid
    _, row, column = np.indices(grid.shape)
    radius = np.hypot(row - 17.5, column - 17.5)
    rod = np.clip(10.0 - radius, 0.0, 1.0).astype(np.float32)
    stream = np.random.default_rng(4)
    pet = Volume(grid, rod + 0.02 * stream.random(grid.shape, np.float32), "g/ml")
    ct = Volume(grid, 1000 * rod + 20 * stream.random(grid.shape, np.float32), "1")

    with pytest.raises(RegistrationFailedError, match="fit as well"):
        register_rigid(pet, ct)


def test_a_ct_of_another_place_is_refused(phantom: Phantom) -> None:
    far = seen_moved(phantom.hounsfield, turned_z(0.0, (0.0, 0.0, 400.0)))

    with pytest.raises(NothingToRegisterError, match="does not show the place"):
        register_rigid(phantom.suv, far)


@pytest.mark.parametrize("value", [0.0, 7.0, np.nan])
def test_an_image_that_shows_nothing_is_refused(phantom: Phantom, value: float) -> None:
    suv, ct = phantom.suv, phantom.hounsfield
    plain_pet = Volume(suv.grid, np.full(suv.grid.shape, value, np.float32), "g/ml")
    plain_ct = Volume(ct.grid, np.full(ct.grid.shape, value, np.float32), ct.unit)

    with pytest.raises(NothingToRegisterError):
        register_rigid(plain_pet, ct)
    with pytest.raises(NothingToRegisterError):
        register_rigid(suv, plain_ct)
