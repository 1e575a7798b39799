"""The shape by IBSI: known bodies, PyRadiomics' mesh, grids in any orientation."""

import math
from dataclasses import replace

import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813 - the name that its documentation uses
from numpy.typing import NDArray
from radiomics.shape import RadiomicsShape
from scipy.special import eval_legendre

from model.features.ibsi.ellipsoid import ellipsoid_area
from model.features.ibsi.mesh import mesh_of
from model.features.ibsi.morphology import morphology, morphology_of_values
from model.features.ibsi.outcome import Outcome, Undefined
from model.grid import Mask, Volume
from tests.model.features.ibsi.regions import ragged, region_of


def shape_of(
    inside: NDArray[np.bool_], spacing_mm: tuple[float, float, float]
) -> dict[str, Outcome]:
    _, mask = region_of(np.zeros(inside.shape), inside, spacing_mm)
    return morphology(mask, mesh_of(mask))


def ball(radius_mm: float, spacing_mm: tuple[float, float, float]) -> NDArray[np.bool_]:
    shape = [int(2 * radius_mm / s) + 4 for s in spacing_mm]
    points = np.indices(shape) - (np.array(shape).reshape(3, 1, 1, 1) - 1) / 2
    squares = sum((points[n] * spacing_mm[n]) ** 2 for n in range(3))
    return np.asarray(squares <= radius_mm**2, np.bool_)


@pytest.mark.parametrize("seed", range(4))
def test_extents_and_axes_are_those_of_pyradiomics(seed: int) -> None:
    spacing_mm = (2.5, 1.0, 0.8)
    _, inside = ragged(seed, (7, 12, 11))
    label = sitk.GetImageFromArray(np.pad(inside, 1).astype(np.uint8))
    label.SetSpacing(spacing_mm[::-1])  # type: ignore[no-untyped-call]
    theirs = RadiomicsShape(label, label)

    ours = shape_of(inside, spacing_mm)

    assert ours["vol_approx"] == pytest.approx(theirs.getVoxelVolumeFeatureValue())
    assert ours["diam"] == pytest.approx(theirs.getMaximum3DDiameterFeatureValue())
    # PyRadiomics divides the covariance by n.
    voxels = np.count_nonzero(inside)
    assert ours["pca_maj_axis"] == pytest.approx(
        theirs.getMajorAxisLengthFeatureValue() * math.sqrt(voxels / (voxels - 1))
    )
    assert ours["pca_flatness"] == pytest.approx(theirs.getFlatnessFeatureValue())


def test_without_ambiguous_cubes_the_mesh_is_that_of_pyradiomics() -> None:
    spacing_mm = (1.5, 1.0, 0.8)
    inside = ball(6.0, spacing_mm)
    label = sitk.GetImageFromArray(inside.astype(np.uint8))
    label.SetSpacing(spacing_mm[::-1])  # type: ignore[no-untyped-call]
    theirs = RadiomicsShape(label, label)

    ours = shape_of(inside, spacing_mm)

    assert ours["volume"] == pytest.approx(theirs.getMeshVolumeFeatureValue(), rel=1e-6)
    assert ours["area_mesh"] == pytest.approx(
        theirs.getSurfaceAreaFeatureValue(), rel=1e-6
    )


def test_a_ball_is_as_round_as_voxels_let_it_be() -> None:
    found = shape_of(ball(12.0, (1.0, 1.0, 1.0)), (1.0, 1.0, 1.0))

    assert found["volume"] == pytest.approx(4 / 3 * math.pi * 12**3, rel=0.01)
    assert found["diam"] == pytest.approx(24.0, rel=0.05)
    assert found["pca_elongation"] == pytest.approx(1.0, abs=0.01)
    assert found["vol_dens_conv_hull"] == pytest.approx(1.0, abs=0.05)
    assert 0.9 < float(str(found["sphericity"])) < 1.0


def test_a_box_fills_its_bounding_box_but_for_its_edges() -> None:
    found = shape_of(np.ones((20, 30, 40), np.bool_), (1.0, 1.0, 1.0))

    assert found["vol_approx"] == pytest.approx(24000.0)
    assert found["vol_dens_aabb"] == pytest.approx(1.0, abs=0.01)
    assert found["vol_dens_conv_hull"] == pytest.approx(1.0, abs=1e-6)
    assert found["area_dens_conv_hull"] == pytest.approx(1.0, abs=1e-6)


def test_a_grid_in_any_orientation_measures_the_same() -> None:
    image, inside = ragged(1)
    volume, mask = region_of(image, inside)
    half = math.sqrt(0.5)
    slices, rows, columns = volume.grid.spacing_mm
    turned = replace(
        volume.grid,
        slice_step_mm=(half * slices, 0.0, -half * slices),
        row_step_mm=(half * rows, 0.0, half * rows),
        column_step_mm=(0.0, -columns, 0.0),
    )
    there = Volume(turned, volume.values, "1"), Mask(turned, mask.inside)

    straight = morphology(mask, mesh_of(mask)) | morphology_of_values(
        volume, mask, mask, mesh_of(mask)
    )
    found = morphology(there[1], mesh_of(there[1])) | morphology_of_values(
        *there, there[1], mesh_of(there[1])
    )

    assert found == pytest.approx(straight, rel=1e-9)


def test_a_single_voxel_has_a_size_but_no_axes() -> None:
    found = shape_of(np.ones((1, 1, 1), np.bool_), (2.0, 2.0, 2.0))

    assert found["volume"] == pytest.approx(8.0 / 6)
    assert found["diam"] == pytest.approx(2.0)
    assert isinstance(found["pca_maj_axis"], Undefined)
    assert isinstance(found["vol_dens_aee"], Undefined)


def test_a_flat_region_fills_no_ellipsoid_but_has_its_area() -> None:
    found = shape_of(np.ones((1, 9, 7), np.bool_), (2.0, 2.0, 2.0))

    assert found["pca_least_axis"] == 0
    assert isinstance(found["vol_dens_aee"], Undefined)
    assert not isinstance(found["area_dens_aee"], Undefined)


def test_a_line_has_neither() -> None:
    found = shape_of(np.ones((1, 1, 7), np.bool_), (2.0, 2.0, 2.0))

    assert isinstance(found["vol_dens_aee"], Undefined)
    assert isinstance(found["area_dens_aee"], Undefined)
    assert found["pca_elongation"] == 0


def test_a_hole_and_a_second_body_belong_to_the_shape() -> None:
    inside = np.zeros((9, 9, 20), np.bool_)
    inside[1:8, 1:8, 1:8] = True
    inside[3:6, 3:6, 3:6] = False
    whole = inside.copy()
    inside[4, 4, 15] = True

    alone, both = shape_of(whole, (1.0, 1.0, 1.0)), shape_of(inside, (1.0, 1.0, 1.0))

    assert float(str(both["volume"])) - float(str(alone["volume"])) == pytest.approx(
        1.0 / 6
    )
    assert float(str(alone["volume"])) < 7**3 - 3**3


def test_the_shift_goes_from_the_whole_region_to_the_values_that_are_left() -> None:
    image = np.array([[[1.0, 1.0, 1.0, 5.0]]])
    volume, mask = region_of(image, None, (2.0, 2.0, 2.0))
    _, left = region_of(image, image < 2, (2.0, 2.0, 2.0))

    found = morphology_of_values(volume, mask, left, mesh_of(mask))

    assert found["com"] == pytest.approx(1.0)


def test_values_that_add_up_to_zero_have_no_centre() -> None:
    volume, mask = region_of(np.array([[[-1.0, 0.0, 1.0]]]))

    found = morphology_of_values(volume, mask, mask, mesh_of(mask))

    assert isinstance(found["com"], Undefined)
    assert found["integ_int"] == 0


@pytest.mark.parametrize("axes", [(3.0, 2.0, 1.0), (5.0, 4.5, 4.0), (2.0, 1.5, 1.5)])
def test_the_area_of_an_ellipsoid_is_the_standards_series(
    axes: tuple[float, float, float],
) -> None:
    a, b, c = axes
    alpha, beta = math.sqrt(1 - b**2 / a**2), math.sqrt(1 - c**2 / a**2)
    terms = [
        (alpha * beta) ** n
        / (1 - 4 * n**2)
        * eval_legendre(n, (alpha**2 + beta**2) / (2 * alpha * beta))
        for n in range(21)
    ]

    assert ellipsoid_area(a, b, c) == pytest.approx(4 * math.pi * a * b * sum(terms))


def test_spheres_and_spheroids_are_no_exceptions() -> None:
    assert ellipsoid_area(2.0, 2.0, 2.0) == pytest.approx(16 * math.pi)
    for nearly, spheroid in [
        ((2.0, 2.0 - 1e-7, 1.0), (2.0, 2.0, 1.0)),
        ((2.0, 1.5, 1.5 - 1e-7), (2.0, 1.5, 1.5)),
    ]:
        assert ellipsoid_area(*nearly) == pytest.approx(ellipsoid_area(*spheroid))
