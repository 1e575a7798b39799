"""Promises of `model.features.shape`: IBEX's shape, down to a single voxel."""

import math
import time
from dataclasses import replace

import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813 - the name that its documentation uses
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from radiomics.shape import RadiomicsShape
from scipy.spatial import ConvexHull
from skimage.morphology import convex_hull_image

from model.features.definitions import UnknownFeatureError
from model.features.hull import greatest_distance
from model.features.shape import SHAPE_NAMES, shape_features
from model.grid import Grid, GridMismatchError, Mask, Volume
from tests.model.features import plain_shape as plain
from tests.model.features.regions import blob, grid_of

SPACING_MM = (3.0, 0.8, 0.8)
SPACING_CM = (0.3, 0.08, 0.08)
VOXEL_CM3 = 0.3 * 0.08 * 0.08
HOUNSFIELD = "[hnsf'U]"
REGIONS = [blob(seed)[1] for seed in range(4)]


def shape_of(
    inside: NDArray[np.bool_],
    grid: Grid | None = None,
    values: NDArray[np.float64] | None = None,
) -> dict[str, float]:
    """The features without their group, none of them undefined."""
    where = grid or replace(
        grid_of(inside.shape), slice_step_mm=(0.0, 0.0, SPACING_MM[0])
    )
    image = np.zeros(inside.shape) if values is None else values
    found = shape_features(Volume(where, image, HOUNSFIELD), Mask(where, inside))
    assert found.undefined == {}
    return {name.removeprefix("shape_"): value for name, value in found.values.items()}


def cube(edge: int) -> NDArray[np.bool_]:
    inside = np.zeros((edge + 2, edge + 3, edge + 4), np.bool_)
    inside[1:-1, 1:-2, 2:-2] = True
    return inside


def ball(radius: float, room: int) -> NDArray[np.bool_]:
    places = np.indices((room,) * 3) - room / 2 + 0.23
    return np.asarray(np.linalg.norm(places, axis=0) < radius)


@pytest.mark.parametrize("inside", REGIONS)
def test_voxels_on_the_edge_of_their_slice_count_half(
    inside: NDArray[np.bool_],
) -> None:
    found = shape_of(inside)

    expected = plain.half_counted(plain.places(inside))
    assert found["NumberOfVoxel"] == expected
    assert found["Volume"] == pytest.approx(expected * VOXEL_CM3)
    assert found["VoxelSize"] == pytest.approx(VOXEL_CM3)


@pytest.mark.parametrize("inside", REGIONS)
def test_the_surface_is_two_thirds_of_all_exposed_faces(
    inside: NDArray[np.bool_],
) -> None:
    found = shape_of(inside)

    surface = 2 / 3 * plain.exposed_area(plain.places(inside), SPACING_CM)
    box = np.prod(np.ptp(np.argwhere(inside), axis=0) + 1)
    assert found["SurfaceArea"] == pytest.approx(surface)
    assert found["SurfaceAreaDensity"] == pytest.approx(surface / (box * VOXEL_CM3))


@pytest.mark.parametrize("inside", REGIONS)
def test_the_mean_breadth_counts_parts_and_holes_of_sections(
    inside: NDArray[np.bool_],
) -> None:
    expected = plain.mean_breadth(plain.places(inside), SPACING_CM)

    assert shape_of(inside)["MeanBreadth"] == pytest.approx(expected)


@pytest.mark.parametrize("inside", REGIONS)
def test_ratios_are_of_the_volume_and_the_surface(inside: NDArray[np.bool_]) -> None:
    found = shape_of(inside)

    volume, surface = found["Volume"], found["SurfaceArea"]
    ball_of_volume = 4 * math.pi * (volume * 3 / 4 / math.pi) ** (2 / 3)
    assert found["Compactness1"] == pytest.approx(
        volume / (math.sqrt(math.pi) * surface ** (2 / 3))
    )
    assert found["Compactness2"] == pytest.approx(36 * math.pi * volume**2 / surface**3)
    assert found["SphericalDisproportion"] == pytest.approx(surface / ball_of_volume)
    assert found["Sphericity"] == pytest.approx(ball_of_volume / surface)


@pytest.mark.parametrize("inside", REGIONS)
def test_roundness_is_the_mean_of_one_less_the_slices_eccentricities(
    inside: NDArray[np.bool_],
) -> None:
    sections = plain.slices_of(plain.places(inside))

    expected = np.mean([1 - plain.eccentricity(section) for section in sections])
    assert shape_of(inside)["Roundness"] == pytest.approx(expected)


@pytest.mark.parametrize("inside", [region[[k]] for region in REGIONS for k in (2, 3)])
def test_the_orientation_is_that_of_the_major_axis(inside: NDArray[np.bool_]) -> None:
    (section,) = plain.slices_of(plain.places(inside))

    found = 2 * math.radians(shape_of(inside)["Orientation"])
    assert (math.cos(found), math.sin(found)) == pytest.approx(
        plain.direction_deg(section)
    )


@pytest.mark.parametrize("inside", [region[1:4] for region in REGIONS])
def test_convexity_and_hulls_of_slices_are_of_the_middles_of_pixel_sides(
    inside: NDArray[np.bool_],
) -> None:
    found = shape_of(inside)

    sections = plain.slices_of(plain.places(inside))
    hulls = [plain.convex_image(section) for section in sections]
    shares = [len(s) / len(h) for s, h in zip(sections, hulls, strict=True)]
    assert found["Convex"] == pytest.approx(np.mean(shares))
    assert found["ConvexHullVolume"] == pytest.approx(
        sum(map(plain.half_counted, hulls)) * VOXEL_CM3
    )


@pytest.mark.parametrize("seed", range(30))
def test_the_convex_image_is_that_of_another_library(seed: int) -> None:
    random = np.random.default_rng(seed)
    image = random.random((random.integers(2, 30), random.integers(2, 30))) < 0.1
    image[0, 0] = True

    hull = convex_hull_image(image)  # type: ignore[no-untyped-call]

    assert shape_of(image[np.newaxis])["Convex"] == image.sum() / hull.sum()


@pytest.mark.parametrize("inside", REGIONS)
def test_the_hull_in_space_is_that_of_all_voxel_centres(
    inside: NDArray[np.bool_],
) -> None:
    centres = np.argwhere(inside) * np.array(SPACING_CM)

    found = shape_of(inside)

    assert found["ConvexHullVolume3D"] == pytest.approx(ConvexHull(centres).volume)
    assert found["Max3DDiameter"] == pytest.approx(
        max(np.linalg.norm(centres - centre, axis=1).max() for centre in centres)
    )


def test_the_way_to_a_diameter_is_the_one_of_pyradiomics() -> None:
    """PyRadiomics compares the vertices of a mesh, half a voxel outside the centres."""
    inside = np.pad(blob(5)[1], 1)
    image = sitk.GetImageFromArray(inside.astype(np.uint8))
    image.SetSpacing(SPACING_MM[::-1])  # type: ignore[no-untyped-call]
    theirs = RadiomicsShape(image, image, label=1).getMaximum3DDiameterFeatureValue()

    vertices = [
        (np.argwhere(np.diff(inside, axis=axis)) + 0.5 * np.eye(3)[axis]) * SPACING_MM
        for axis in range(3)
    ]

    assert greatest_distance(np.vstack(vertices)) == pytest.approx(theirs, rel=1e-12)


def test_a_cube_has_the_shape_that_can_be_worked_out_by_hand() -> None:
    found = shape_of(cube(4), grid_of((6, 7, 8), spacing_mm=5.0))

    assert found["NumberOfVoxel"] == 4 * (4 + 12 / 2)
    assert found["Volume"] == pytest.approx(40 * 0.125)
    assert found["SurfaceArea"] == pytest.approx(2 / 3 * 6 * 2.0**2)
    assert found["SurfaceAreaDensity"] == pytest.approx(16 / 8)
    assert found["MeanBreadth"] == pytest.approx(2.0)
    assert found["ConvexHullVolume3D"] == pytest.approx(1.5**3)
    assert found["ConvexHullVolume"] == pytest.approx(found["Volume"])
    assert found["Max3DDiameter"] == pytest.approx(math.sqrt(3) * 1.5)
    assert (found["Roundness"], found["Orientation"], found["Convex"]) == (1, 0, 1)
    assert found["NumberOfObjects"] == 1


def test_a_ball_comes_close_to_its_measures() -> None:
    found = shape_of(ball(20.0, 46), grid_of((46, 46, 46), spacing_mm=1.0))

    assert found["SurfaceArea"] == pytest.approx(4 * math.pi * 4, rel=0.02)
    assert found["MeanBreadth"] == pytest.approx(4.0, rel=0.03)
    assert found["Max3DDiameter"] == pytest.approx(4.0, rel=0.03)
    assert found["Roundness"] > 0.8
    assert found["Sphericity"] == pytest.approx(1.0, abs=0.06)


def test_the_mass_is_that_of_ibex_for_its_own_points_and_between_them() -> None:
    inside = np.ones((1, 1, 8), np.bool_)
    hounsfield = np.array([-3000, -1000, -706, 0, 28, 198, 1470, 9000], np.float64)
    densities = [0, 0, 0.291, 1, (1 + 1.047) / 2, 1.1, 1.75, 1.75]

    found = shape_of(inside, values=hounsfield.reshape(1, 1, 8))

    assert found["Mass"] == pytest.approx(sum(densities) * VOXEL_CM3)


def test_only_a_ct_has_a_mass_and_only_of_finite_values() -> None:
    inside = cube(2)
    grid = grid_of(inside.shape)
    suv = Volume(grid, np.ones(inside.shape), "g/ml")
    broken = np.where(inside, np.nan, 0.0)

    of_suv = shape_features(suv, Mask(grid, inside))
    of_nan = shape_features(Volume(grid, broken, HOUNSFIELD), Mask(grid, inside))

    assert of_suv.undefined == {"shape_Mass": "the image is not in Hounsfield units"}
    assert of_nan.undefined == {
        "shape_Mass": "the region holds values that are not finite"
    }
    for found in (of_suv, of_nan):
        nan = [name for name, value in found.values.items() if math.isnan(value)]
        assert nan == ["shape_Mass"]


def test_one_voxel_has_every_feature() -> None:
    inside = np.zeros((3, 4, 5), np.bool_)
    inside[2, 0, 4] = True

    found = shape_of(inside, grid_of((3, 4, 5), spacing_mm=10.0))

    assert found["NumberOfVoxel"] == 0.5
    assert found["Volume"] == found["ConvexHullVolume"] == pytest.approx(0.5)
    assert found["SurfaceArea"] == pytest.approx(4)
    assert found["SurfaceAreaDensity"] == pytest.approx(4)
    assert found["MeanBreadth"] == pytest.approx(1)
    assert found["VoxelSize"] == pytest.approx(1)
    assert found["ConvexHullVolume3D"] == found["Max3DDiameter"] == 0
    assert (found["Roundness"], found["Orientation"], found["Convex"]) == (1, 0, 1)


@pytest.mark.parametrize(
    ("axis", "orientation", "diameter_cm"), [(0, 0, 1.2), (1, 90, 0.32), (2, 0, 0.32)]
)
def test_a_line_of_voxels_has_a_length_and_no_hull(
    axis: int, orientation: float, diameter_cm: float
) -> None:
    shape = [1, 1, 1]
    shape[axis] = 5
    found = shape_of(np.pad(np.ones(shape, np.bool_), 1))

    assert found["Orientation"] == orientation
    assert found["Max3DDiameter"] == pytest.approx(diameter_cm)
    assert found["ConvexHullVolume3D"] == 0
    assert found["NumberOfVoxel"] == 2.5


def test_angles_rise_against_the_clock_as_displayed() -> None:
    rising = np.fliplr(np.eye(5, dtype=np.bool_))

    assert shape_of(rising[np.newaxis])["Orientation"] == pytest.approx(45)
    assert shape_of(rising[np.newaxis, ::-1])["Orientation"] == pytest.approx(-45)


def test_a_square_stays_a_square_on_an_oblique_grid() -> None:
    grid = replace(
        grid_of((1, 5, 5)),
        row_step_mm=(0.1 * math.sin(0.3), 0.1 * math.cos(0.3), 0.0),
        column_step_mm=(0.1 * math.cos(0.3), -0.1 * math.sin(0.3), 0.0),
    )

    found = shape_of(np.ones((1, 5, 5), np.bool_), grid)

    assert (found["Roundness"], found["Orientation"]) == (1, 0)


def test_one_slice_is_a_body_one_voxel_high() -> None:
    disc = ball(6.0, 16)[[8]]

    found = shape_of(disc)

    region = plain.places(disc)
    assert found["SurfaceArea"] == pytest.approx(
        2 / 3 * plain.exposed_area(region, SPACING_CM)
    )
    assert found["MeanBreadth"] == pytest.approx(plain.mean_breadth(region, SPACING_CM))
    assert found["ConvexHullVolume3D"] == 0


def test_parts_that_touch_at_a_corner_are_one_object_and_others_are_not() -> None:
    inside = np.zeros((4, 4, 9), np.bool_)
    inside[0, 0, 0] = inside[1, 1, 1] = True
    inside[3, 3, 3] = inside[0, 0, 8] = True

    found = shape_of(inside)

    assert found["NumberOfObjects"] == 3
    assert found["Roundness"] < 1


def test_an_empty_region_has_no_shape_and_says_so() -> None:
    grid = grid_of((2, 3, 4))
    nothing = Mask(grid, np.zeros((2, 3, 4), np.bool_))

    found = shape_features(Volume(grid, np.zeros((2, 3, 4)), HOUNSFIELD), nothing)

    assert list(found.values) == list(SHAPE_NAMES)
    assert all(math.isnan(value) for value in found.values.values())
    assert found.undefined == dict.fromkeys(SHAPE_NAMES, "the region is empty")


def test_named_features_come_alone_in_the_order_of_the_catalogue() -> None:
    inside = cube(3)
    grid = grid_of(inside.shape)
    names = ["shape_Sphericity", "shape_Volume"]

    found = shape_features(
        Volume(grid, np.zeros(inside.shape), "g/ml"), Mask(grid, inside), names
    )

    assert list(found.values) == ["shape_Volume", "shape_Sphericity"]
    assert found.undefined == {}


def test_unknown_names_and_other_grids_are_refused() -> None:
    inside = cube(3)
    grid = grid_of(inside.shape)
    volume = Volume(grid, np.zeros(inside.shape), "g/ml")

    with pytest.raises(UnknownFeatureError, match="shape_Beauty"):
        shape_features(volume, Mask(grid, inside), ["shape_Beauty"])
    with pytest.raises(GridMismatchError):
        shape_features(volume, Mask(grid_of(inside.shape, 0.7), inside))


@given(
    arrays(np.bool_, st.tuples(*[st.integers(1, 5)] * 3)).filter(np.any),
    st.tuples(*[st.sampled_from([0.1128, 0.7764, 5.0])] * 3),
)
def test_every_region_has_every_feature_within_its_bounds(
    inside: NDArray[np.bool_], spacing: tuple[float, float, float]
) -> None:
    grid = replace(
        grid_of(inside.shape),
        slice_step_mm=(0.0, 0.0, spacing[0]),
        row_step_mm=(0.0, spacing[1], 0.0),
        column_step_mm=(spacing[2], 0.0, 0.0),
    )

    found = shape_of(inside, grid)

    assert all(math.isfinite(value) for value in found.values())
    assert 0 < found["Volume"] <= inside.sum() * found["VoxelSize"] * (1 + 1e-12)
    assert found["Volume"] <= found["ConvexHullVolume"] * (1 + 1e-12)
    assert 0 < found["Convex"] <= 1
    assert 0 <= found["Roundness"] <= 1
    assert -90 <= found["Orientation"] <= 90
    assert 1 <= found["NumberOfObjects"] <= inside.sum()
    surface = (
        2
        / 3
        * plain.exposed_area(
            plain.places(inside), (spacing[0] / 10, spacing[1] / 10, spacing[2] / 10)
        )
    )
    assert found["SurfaceArea"] == pytest.approx(surface)


def test_a_shape_is_the_same_wherever_the_region_lies_in_the_image() -> None:
    region = blob(6)[1]
    wide = np.pad(region, ((3, 0), (5, 2), (0, 7)))

    assert shape_of(wide) == shape_of(region)


def test_a_region_of_700_000_voxels_takes_seconds() -> None:
    planes = [
        ((np.arange(length) - centre) / radius) ** 2
        for length, centre, radius in (
            (160, 80, 60),
            (512, 250.3, 50),
            (512, 260.2, 56),
        )
    ]
    z, y, x = np.meshgrid(*planes, indexing="ij", sparse=True)
    inside = z + y + x <= 1
    assert inside.sum() > 700_000

    before = time.process_time()
    shape_of(inside)

    assert time.process_time() - before < 5
