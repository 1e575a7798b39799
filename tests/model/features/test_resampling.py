"""Promises of `model.features.resampling`."""

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import product

import nibabel
import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813 - the name that its documentation uses
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import ndimage

from model.features.levels import UnsupportedPreparationError
from model.features.preparation import Interpolation, Resampling
from model.features.resampling import TooFineError, resampled
from model.grid import Grid, GridMismatchError, Mask, Volume
from tests.model.features.regions import grid_of
from tests.support.shared import SHARED_DATA, needs_shared_data

Array = NDArray[np.float64]
Spacing = tuple[float | None, float | None, float | None]

LINEAR, SPLINE, NEAREST = (
    Interpolation.LINEAR,
    Interpolation.CUBIC_SPLINE,
    Interpolation.NEAREST,
)
ALL = pytest.mark.parametrize("interpolation", [LINEAR, SPLINE, NEAREST])


def image(
    values: Array, grid: Grid | None = None, inside: NDArray[np.bool_] | None = None
) -> tuple[Volume, Mask]:
    """An image in which, if nothing else is said, every voxel is of the region."""
    chosen = np.ones(values.shape, np.bool_) if inside is None else inside
    on = grid or grid_of(values.shape, 1.0)
    return Volume(on, values.astype(np.float64), "HU"), Mask(on, chosen)


def oblique(seed: int, shape: tuple[int, int, int]) -> Grid:
    """A grid of any direction, its spacings decimals as files have them."""
    random = np.random.default_rng(seed)
    turned = np.linalg.qr(random.normal(size=(3, 3)))[0]
    steps = turned * random.uniform(0.5, 3.0, 3).round(4)[:, None]
    slice_step, row_step, column_step = (tuple(map(float, step)) for step in steps)
    return Grid(shape, (-30.0, 12.5, 7.25), slice_step, row_step, column_step, "1.2")


def upright(shape: tuple[int, int, int], spacing: Sequence[float]) -> Grid:
    """A grid along the axes of patient space."""
    slices, rows, columns = spacing
    return Grid(
        shape, (-31.7, 4.1, 9.3), (0, 0, slices), (0, rows, 0), (columns, 0, 0), "1.2"
    )


def as_itk(volume: Volume) -> sitk.Image:
    made = sitk.GetImageFromArray(volume.values)
    place(made, volume.grid)
    return made


def place(made: sitk.Image, grid: Grid) -> None:
    steps = np.array([grid.column_step_mm, grid.row_step_mm, grid.slice_step_mm])
    lengths = np.linalg.norm(steps, axis=1)
    made.SetOrigin(grid.origin_mm)
    made.SetSpacing([float(length) for length in lengths])
    made.SetDirection((steps / lengths[:, None]).T.ravel().tolist())


def of_itk(volume: Volume, grid: Grid, interpolator: int) -> Array:
    """The same voxels by SimpleITK."""
    blank = sitk.Image(grid.shape[::-1], sitk.sitkFloat64)
    place(blank, grid)
    moved = sitk.Resample(
        as_itk(volume), blank, sitk.Transform(), interpolator, math.nan
    )
    return np.asarray(sitk.GetArrayFromImage(moved), np.float64)


def places(old: Grid, new: Grid) -> Array:
    """The centres of the new voxels as indices of the old ones, shape (n, 3)."""
    indices = np.indices(new.shape).reshape(3, -1).T.astype(np.float64)
    return old.indices(new.points_mm(indices))


def test_the_example_of_the_manual() -> None:
    # Section 2.4: four voxels of 3 mm become six of 2 mm about the same centre.
    volume, mask = image(np.array([[[1.0, 4.0, 7.0, 10.0]]]), grid_of((1, 1, 4), 3.0))

    new, inside = resampled(volume, mask, Resampling((None, None, 2.0), LINEAR))

    assert new.grid.shape == (1, 1, 6)
    assert new.grid.origin_mm == pytest.approx((-0.5, 0.0, 0.0))
    assert new.grid.column_step_mm == pytest.approx((2.0, 0.0, 0.0))
    # Half a millimetre beyond the outermost centres, their value goes on.
    assert new.values.ravel() == pytest.approx([1.0, 2.5, 4.5, 6.5, 8.5, 10.0])
    assert inside.voxels == 6
    assert new.unit == "HU"


@pytest.mark.parametrize("seed", range(4))
def test_the_new_grid_has_the_manual_s_number_of_voxels_and_the_old_centre(
    seed: int,
) -> None:
    random = np.random.default_rng(seed)
    first, second, third = (int(n) for n in random.integers(1, 5, 3))
    old = oblique(seed, (first, second, third))
    spacing = tuple(float(s) for s in random.uniform(0.6, 4.0, 3))

    new, _ = resampled(*image(np.zeros(old.shape), old), Resampling(spacing, LINEAR))

    assert new.grid.shape == tuple(
        math.ceil(n * s / t)
        for n, s, t in zip(old.shape, old.spacing_mm, spacing, strict=True)
    )
    assert new.grid.spacing_mm == pytest.approx(spacing)
    centres = [
        grid.points_mm((np.array([grid.shape]) - 1) / 2)[0] for grid in (old, new.grid)
    ]
    assert centres[0] == pytest.approx(centres[1], abs=1e-9)
    assert new.grid.frame_of_reference == old.frame_of_reference


@ALL
def test_an_axis_that_is_kept_is_kept_to_the_last_bit(
    interpolation: Interpolation,
) -> None:
    grid = oblique(3, (3, 4, 5))
    values = np.random.default_rng(3).normal(size=grid.shape)
    own: Spacing = (None, grid.spacing_mm[1], None)

    new, mask = resampled(*image(values, grid), Resampling(own, interpolation))

    assert new.grid == mask.grid == grid
    assert np.array_equal(new.values, values)
    assert mask.inside.all()


def test_interpolation_in_the_plane_leaves_the_slices_apart() -> None:
    values = np.repeat([1.0, 5.0, -3.0], 16).reshape(3, 4, 4)

    new, _ = resampled(*image(values), Resampling((None, 0.7, 0.7), SPLINE))

    assert new.grid.shape == (3, 6, 6)
    assert new.values.min(axis=(1, 2)) == pytest.approx([1.0, 5.0, -3.0])
    assert new.values.max(axis=(1, 2)) == pytest.approx([1.0, 5.0, -3.0])


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    ("interpolation", "interpolator"),
    [(LINEAR, sitk.sitkLinear), (NEAREST, sitk.sitkNearestNeighbor)],
)
def test_values_are_those_of_simpleitk(
    seed: int, interpolation: Interpolation, interpolator: int
) -> None:
    random = np.random.default_rng(seed)
    grid = oblique(seed, (4, 6, 5))
    spacing = tuple(float(s) for s in random.uniform(0.4, 3.0, 3))
    inside = random.random(grid.shape) < 0.5
    volume, mask = image(random.normal(0, 100, grid.shape), grid, inside)

    new, new_mask = resampled(volume, mask, Resampling(spacing, interpolation))

    theirs = of_itk(volume, new.grid, interpolator)
    # Half way between two voxels, noise decides which one is nearest for SimpleITK.
    halves = np.abs(places(grid, new.grid) % 1.0 - 0.5).min(axis=1) < 1e-9
    clear = ~halves.reshape(theirs.shape) | (interpolation is LINEAR)
    assert clear.mean() > 0.5
    assert new.values[clear] == pytest.approx(theirs[clear], abs=1e-9)
    as_values = Volume(grid, inside.astype(np.float64), "1")
    parts = of_itk(as_values, new.grid, sitk.sitkLinear)
    assert np.array_equal(new_mask.inside, parts >= 0.5 - 1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_splines_are_those_of_simpleitk_away_from_the_border(seed: int) -> None:
    # It mirrors the image at its border; the outermost voxels go on here.
    grid = oblique(seed, (44, 45, 43))
    values = np.random.default_rng(seed).normal(0, 100, grid.shape)
    inside = np.zeros(grid.shape, np.bool_)
    inside[20:24, 20:25, 20:23] = True
    spacing = tuple(0.8 * s for s in grid.spacing_mm)
    volume, mask = image(values, grid, inside)

    new, new_mask = resampled(volume, mask, Resampling(spacing, SPLINE))

    theirs = of_itk(volume, new.grid, sitk.sitkBSpline)
    within = new_mask.inside
    assert within.sum() > 60
    assert new.values[within] == pytest.approx(theirs[within], abs=1e-7)


@pytest.mark.parametrize("interpolation", [LINEAR, SPLINE])
def test_the_cut_around_the_region_changes_no_value(
    interpolation: Interpolation,
) -> None:
    random = np.random.default_rng(11)
    values = random.normal(0, 1000, (60, 70, 80))
    inside = np.zeros(values.shape, np.bool_)
    inside[0:4, 40:44, 76:80] = True
    volume, mask = image(values, None, inside)

    new, _ = resampled(volume, mask, Resampling((0.9, 0.9, 0.9), interpolation))

    # The whole image, its outermost voxels going on, by scipy.
    pad = 40
    whole = np.pad(values, pad, mode="edge")
    order = 1 if interpolation is LINEAR else 3
    at = (places(volume.grid, new.grid) + pad).T
    expected = ndimage.map_coordinates(whole, at, order=order, mode="mirror")
    assert new.values.size < values.size / 10
    assert np.abs(new.values.ravel() - expected).max() < 1e-9


def test_the_cut_keeps_ten_millimetres_and_the_voxels_of_the_whole_grid() -> None:
    inside = np.zeros((60, 60, 60), np.bool_)
    inside[30, 30, 30] = True
    everywhere = image(np.zeros(inside.shape))
    resampling = Resampling((0.7, 0.7, 0.7), LINEAR)

    cut, mask = resampled(*image(np.zeros(inside.shape), None, inside), resampling)
    whole, _ = resampled(*everywhere, resampling)

    offsets = places(whole.grid, cut.grid)
    assert np.abs(offsets - np.rint(offsets)).max() < 1e-9
    centres = cut.grid.points_mm(np.argwhere(np.ones(cut.grid.shape)).astype(float))
    assert np.all(centres.min(axis=0) <= 30.0 - 10.0)
    assert np.all(centres.max(axis=0) >= 30.0 + 10.0)
    assert max(cut.grid.shape) < 35
    assert mask.voxels > 0


def test_a_voxel_that_is_half_inside_is_inside() -> None:
    inside = np.array([[[True, True, False, False]]])
    volume, mask = image(np.zeros(inside.shape), None, inside)

    halved = resampled(volume, mask, Resampling((None, None, 0.4), LINEAR))[1]
    third = Resampling((None, None, 1.0 / 3.0), LINEAR, mask_threshold=0.8)
    sooner = resampled(volume, mask, third)[1]

    # The edge lies between two of ten new centres. Of the twelve, the sixth lies a
    # sixth of an old voxel before it, where two thirds of the mask are left.
    assert halved.voxels == 5
    assert sooner.voxels == 5


def test_a_mask_value_at_the_threshold_is_inside_whatever_its_last_bit() -> None:
    # Two voxels of s and one new one of 2 s: its centre is where they meet.
    for spacing in (0.1, 0.7, 1 / 3, 0.8000240087509155):
        inside = np.array([[[True, False]]])
        grid = grid_of(inside.shape, spacing)
        volume, mask = image(np.zeros(inside.shape), grid, inside)
        resampling = Resampling((None, None, 2 * spacing), LINEAR)

        assert resampled(volume, mask, resampling)[1].inside.tolist() == [[[True]]]


@ALL
@pytest.mark.parametrize(
    ("spacing", "wanted"),
    [((3.0, 0.8, 0.8), 2.0), ((3.27, 0.976562, 0.976562), 2.0), ((0.6, 0.6, 0.6), 0.9)],
)
def test_spacings_in_single_precision_are_those_of_the_decimals_that_they_stand_for(
    interpolation: Interpolation, spacing: tuple[float, ...], wanted: float
) -> None:
    # NIfTI keeps 0.8 mm as 0.800000012; half way between slices a mask value is 0.5.
    random = np.random.default_rng(5)
    shape = (21, 20, 20)
    values = np.rint(random.normal(0, 300, shape))
    inside = random.random(shape) < 0.8
    resampling = Resampling((wanted,) * 3, interpolation, round_values=True)

    exact, single = (
        resampled(*image(values, upright(shape, stored), inside), resampling)
        for stored in (spacing, [float(np.float32(length)) for length in spacing])
    )

    assert np.array_equal(exact[0].values, single[0].values)
    assert np.array_equal(exact[1].inside, single[1].inside)
    assert single[0].grid.spacing_mm == pytest.approx((wanted,) * 3, abs=1e-14)


def test_a_mask_value_of_almost_the_threshold_is_inside() -> None:
    # 60 slices whose distance is 3 mm but for the seventh digit. Slice 85 of the new
    # ones lies half way between slices 56 and 57, almost.
    grid = upright((60, 1, 1), (2.99999995, 1.0, 1.0))
    inside = np.ones(grid.shape, np.bool_)
    inside[57:] = False
    volume, mask = image(np.zeros(grid.shape), grid, inside)

    new, new_mask = resampled(volume, mask, Resampling((2.0, None, None), LINEAR))

    assert new.grid.shape == (90, 1, 1)
    assert np.flatnonzero(new_mask.inside).tolist() == list(range(86))


@ALL
def test_whole_numbers_are_those_of_the_image_whatever_its_file_made_of_them(
    interpolation: Interpolation,
) -> None:
    random = np.random.default_rng(6)
    whole = np.rint(random.normal(0, 300, (6, 7, 8)))
    stored = whole + random.uniform(-0.04, 0.04, whole.shape)
    resampling = Resampling((None, 0.7, 0.7), interpolation, round_values=True)

    restored = resampled(*image(stored), resampling)[0]

    assert np.array_equal(
        restored.values, resampled(*image(whole), resampling)[0].values
    )


def test_real_values_are_rounded_after_the_interpolation_alone() -> None:
    resampling = Resampling((None, None, 2.0), LINEAR, round_values=True)

    new, _ = resampled(*image(np.array([[[0.3, 0.6, 1.4, 1.4]]])), resampling)

    # The means are 0.45 and 1.4. Rounded before, 0 and 1 would have a half, and so 1.
    assert new.values.ravel().tolist() == [0.0, 1.0]


def test_rounded_values_are_whole_and_halves_go_up() -> None:
    values = np.array([[[-3.0, -2.0, 1.0, 2.0]]])
    resampling = Resampling((None, None, 2.0), LINEAR, round_values=True)

    new, _ = resampled(*image(values), resampling)

    assert new.values.ravel().tolist() == [-2.0, 2.0]


@ALL
def test_what_is_not_finite_spoils_its_neighbours_and_nothing_else(
    interpolation: Interpolation,
) -> None:
    random = np.random.default_rng(2)
    values = random.normal(size=(9, 9, 9))
    values[4, 4, 4] = np.nan
    values[0, 0, 0] = np.inf
    volume, mask = image(values)

    new, new_mask = resampled(volume, mask, Resampling((0.6, 0.6, 0.6), interpolation))

    at = places(volume.grid, new.grid)
    reach = 0.5 if interpolation is NEAREST else 1.0
    near = [
        np.abs(at - spot).max(axis=1) < reach - 1e-9 for spot in ((4, 4, 4), (0, 0, 0))
    ]
    assert np.array_equal(np.isnan(new.values.ravel()), near[0] | near[1])
    assert new_mask.inside.all()
    finite = np.isfinite(new.values)
    assert np.abs(new.values[finite]).max() < 10.0


def test_padding_that_does_not_touch_the_region_changes_it_little_or_not() -> None:
    values = np.random.default_rng(5).normal(size=(5, 20, 20))
    inside = np.zeros(values.shape, np.bool_)
    inside[1:4, 6:12, 6:12] = True
    padded = values.copy()
    padded[:, :, 15:] = np.nan

    for interpolation, allowed in ((LINEAR, 0.0), (SPLINE, 0.05)):
        resampling = Resampling((0.8, 0.8, 0.8), interpolation)
        whole, mask = resampled(*image(values, None, inside), resampling)
        part, _ = resampled(*image(padded, None, inside), resampling)
        change = np.abs(part.values - whole.values)[mask.inside]
        assert change.max() <= allowed


def test_an_image_without_any_number_has_none_on_the_new_grid() -> None:
    new, _ = resampled(
        *image(np.full((2, 2, 2), np.nan)), Resampling((0.5, 0.5, 0.5), SPLINE)
    )

    assert np.isnan(new.values).all()


def test_a_region_without_voxels_stays_empty() -> None:
    nothing = np.zeros((3, 3, 3), np.bool_)

    new, mask = resampled(
        *image(np.ones((3, 3, 3)), None, nothing), Resampling((0.5, 0.5, 0.5), LINEAR)
    )

    assert (mask.voxels, new.grid) == (0, mask.grid)


def test_a_region_too_small_for_the_new_voxels_has_none() -> None:
    inside = np.zeros((9, 9, 9), np.bool_)
    inside[4, 4, 5] = True

    _, mask = resampled(
        *image(np.ones(inside.shape), None, inside), Resampling((4.5, 4.5, 4.5), LINEAR)
    )

    assert mask.voxels == 0


@ALL
def test_an_image_of_one_voxel_becomes_one_of_its_value(
    interpolation: Interpolation,
) -> None:
    for spacing, count in ((0.4, 3), (7.0, 1)):
        new, mask = resampled(
            *image(np.array([[[3.5]]])), Resampling((spacing,) * 3, interpolation)
        )

        assert new.values.shape == (count,) * 3
        assert new.values == pytest.approx(np.full(new.values.shape, 3.5))
        assert mask.inside.all()


def test_rounded_spacings_in_files_make_no_further_voxel() -> None:
    # 160 voxels of 0.8 mm, along a direction whose cosines were written in 6 digits.
    grid = replace(grid_of((1, 1, 160), 1.0), column_step_mm=(0.8000004, 0.0, 0.0))
    volume, mask = image(np.zeros(grid.shape), grid)

    assert resampled(volume, mask, Resampling((None, None, 0.8), LINEAR))[
        0
    ].grid.shape == (1, 1, 160)
    assert resampled(volume, mask, Resampling((None, None, 0.799), LINEAR))[
        0
    ].grid.shape == (1, 1, 161)


@pytest.mark.parametrize("spacing", [0.0, -1.0, math.nan, math.inf])
def test_a_spacing_that_is_none_is_refused(spacing: float) -> None:
    with pytest.raises(UnsupportedPreparationError, match="spacing_mm"):
        resampled(*image(np.zeros((2, 2, 2))), Resampling((spacing, 1, 1), LINEAR))


@pytest.mark.parametrize("threshold", [0.0, -0.5, 1.1, math.nan])
def test_a_threshold_that_is_none_is_refused(threshold: float) -> None:
    resampling = Resampling((1.0, 1.0, 1.0), LINEAR, mask_threshold=threshold)
    with pytest.raises(UnsupportedPreparationError, match="mask_threshold"):
        resampled(*image(np.zeros((2, 2, 2))), resampling)


@pytest.mark.parametrize("spacing", [1e-3, 1e-12, 1e-300])
def test_a_grid_too_fine_for_any_machine_is_refused(spacing: float) -> None:
    with pytest.raises(TooFineError) as refusal:
        resampled(*image(np.zeros((2, 2, 2))), Resampling((spacing,) * 3, LINEAR))

    assert refusal.value.reason == "unsupported_preparation"
    assert "spacing_mm" in refusal.value.remedy


def test_a_mask_of_another_grid_is_refused() -> None:
    volume, _ = image(np.zeros((2, 2, 2)))
    _, mask = image(np.zeros((2, 2, 2)), grid_of((2, 2, 2), 0.7))

    with pytest.raises(GridMismatchError):
        resampled(volume, mask, Resampling((1.0, 1.0, 1.0), LINEAR))


spacings = st.tuples(*[st.none() | st.floats(0.3, 3.0)] * 3)
shapes = st.tuples(*[st.integers(1, 6)] * 3)
kinds = st.sampled_from([LINEAR, SPLINE, NEAREST])


@settings(max_examples=40)
@given(shapes, spacings, kinds, st.integers(0, 99), st.integers(0, 2))
def test_a_mirrored_image_gives_the_mirrored_result(
    shape: tuple[int, int, int],
    spacing: Spacing,
    interpolation: Interpolation,
    seed: int,
    axis: int,
) -> None:
    values = np.random.default_rng(seed).normal(size=shape)
    resampling = Resampling(spacing, interpolation)

    new, _ = resampled(*image(values), resampling)
    mirrored, _ = resampled(*image(np.flip(values, axis)), resampling)

    same = np.isclose(np.flip(mirrored.values, axis), new.values, atol=1e-9)
    # The nearest of two voxels at one distance is the one with the greater index.
    halves = places(grid_of(shape, 1.0), new.grid)[:, axis] % 1.0
    tied = np.isclose(halves, 0.5).reshape(new.values.shape)
    assert (same | (tied & (interpolation is NEAREST))).all()


@settings(max_examples=40)
@given(shapes, spacings, kinds, st.integers(0, 99))
def test_interpolation_is_linear_in_the_values(
    shape: tuple[int, int, int],
    spacing: Spacing,
    interpolation: Interpolation,
    seed: int,
) -> None:
    values = np.random.default_rng(seed).normal(size=shape)
    resampling = Resampling(spacing, interpolation)

    new, _ = resampled(*image(values), resampling)
    scaled, _ = resampled(*image(3.0 * values - 7.0), resampling)

    assert scaled.values == pytest.approx(3.0 * new.values - 7.0, abs=1e-9)


@settings(max_examples=40)
@given(shapes, spacings, st.integers(0, 99))
def test_trilinear_values_are_sums_over_eight_neighbours(
    shape: tuple[int, int, int], spacing: Spacing, seed: int
) -> None:
    values = np.random.default_rng(seed).normal(size=shape)

    new, _ = resampled(*image(values), Resampling(spacing, LINEAR))

    expected = [
        trilinear(values, at) for at in places(grid_of(shape, 1.0), new.grid)[:50]
    ]
    assert new.values.ravel()[:50] == pytest.approx(expected, abs=1e-9)


def trilinear(values: Array, at: Array) -> float:
    """By the textbook, the outermost voxels going on."""
    below = np.floor(at)
    total = 0.0
    for corner in product((0, 1), repeat=3):
        index = np.clip(below + corner, 0, np.array(values.shape) - 1).astype(int)
        weight = np.prod(1.0 - np.abs(at - below - corner))
        total += float(weight) * float(values[tuple(index)])
    return total


@needs_shared_data
def test_the_phantom_of_ibsi_keeps_its_shape_on_finer_voxels() -> None:
    folder = SHARED_DATA / "ibsi-1-digital-phantom" / "nifti"
    levels = np.asarray(
        nibabel.load(folder / "image" / "phantom.nii.gz").dataobj, np.float64
    ).transpose(2, 1, 0)
    inside = np.asarray(
        nibabel.load(folder / "mask" / "mask.nii.gz").dataobj
    ).transpose(2, 1, 0)
    volume, mask = image(levels, grid_of(levels.shape, 2.0), inside > 0)

    same, same_mask = resampled(volume, mask, Resampling((2.0, 2.0, 2.0), SPLINE))
    fine, fine_mask = resampled(volume, mask, Resampling((1.0, 1.0, 1.0), LINEAR))
    nearest, nearest_mask = resampled(
        volume, mask, Resampling((1.0, 1.0, 1.0), NEAREST, mask_interpolation=NEAREST)
    )

    assert (same.grid, same_mask.voxels) == (volume.grid, 74)
    assert np.array_equal(same.values, levels)
    assert fine.grid.shape == (8, 8, 10)
    assert fine_mask.volume_ml == pytest.approx(mask.volume_ml, rel=0.05)
    assert nearest_mask.voxels == 8 * mask.voxels
    assert np.array_equal(np.unique(nearest.inside(nearest_mask)), [1, 3, 4, 6])
