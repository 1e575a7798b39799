"""Promises of `model.phantom`: one seed, one mouse, and an answer that is known."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from model.phantom import Canvas, Phantom, PhantomSpec, make_phantom
from model.phantom_spec import NumberOutOfRangeError, TumourOutOfViewError

SMALL = PhantomSpec(seed=3, slices=36, rows=56, columns=56, ct_matrix=128)


@pytest.fixture(scope="module")
def whole() -> Phantom:
    return make_phantom(PhantomSpec(seed=0))


def test_the_same_seed_gives_the_same_voxels() -> None:
    first, second = make_phantom(SMALL), make_phantom(SMALL)

    assert first.suv.values.tobytes() == second.suv.values.tobytes()
    assert first.hounsfield.values.tobytes() == second.hounsfield.values.tobytes()


def test_another_seed_gives_other_noise_and_texture_in_the_same_animal() -> None:
    first, second = make_phantom(SMALL), make_phantom(replace(SMALL, seed=4))

    assert np.any(first.suv.values != second.suv.values)
    assert np.array_equal(first.tumour_mask.inside, second.tumour_mask.inside)


def test_heterogeneity_changes_the_tumour_and_leaves_the_far_body_as_it_was() -> None:
    calm = make_phantom(replace(SMALL, heterogeneity=0.0))
    wild = make_phantom(replace(SMALL, heterogeneity=0.5))
    changed = np.abs(calm.suv.values - wild.suv.values) > 1e-6

    near = calm.tumour.grown(6.0).contains(calm.suv.grid)
    assert changed[calm.tumour_mask.inside].mean() > 0.99
    assert not changed[~near].any()


def test_the_default_tumour_has_the_volume_of_its_sphere(whole: Phantom) -> None:
    sphere_ml = np.pi / 6.0 * 8.0**3 / 1000.0

    assert whole.tumour.volume_ml == pytest.approx(sphere_ml, rel=1e-12)
    assert whole.tumour_mask.volume_ml == pytest.approx(sphere_ml, rel=0.02)
    assert 500 < whole.tumour_mask.voxels < 550


def test_the_mask_is_the_ellipsoid_taken_at_the_voxel_centres(whole: Phantom) -> None:
    grid, tumour = whole.suv.grid, whole.tumour
    index = np.argwhere(np.ones(grid.shape, np.bool_)).astype(np.float64)
    offset = (grid.points_mm(index) - tumour.centre_mm) / tumour.semi_axes_mm
    inside = ((offset**2).sum(axis=1) <= 1.0).reshape(grid.shape)

    assert np.array_equal(whole.tumour_mask.inside, inside)


def test_without_resolution_and_noise_the_tumour_has_the_uptake_asked_for() -> None:
    spec = replace(SMALL, noise=0.0, psf_fwhm_mm=0.0, tumour_suv=3.0, heterogeneity=0.2)
    phantom = make_phantom(spec)
    # Voxels that the surface crosses hold a little of the skin.
    inner = phantom.tumour.grown(-1.0).contains(phantom.suv.grid)
    values = phantom.suv.values[inner]

    assert values.mean() == pytest.approx(3.0, rel=0.05)
    assert values.std() / values.mean() == pytest.approx(0.2, rel=0.15)
    assert values.max() <= 3.0 * (1.0 + 0.2 * np.sqrt(3.0)) * 1.05


def test_the_texture_is_correlated_over_the_length_asked_for() -> None:
    def neighbours(length_mm: float) -> float:
        spec = replace(
            SMALL,
            noise=0.0,
            psf_fwhm_mm=0.0,
            tumour_diameter_mm=14.0,
            slices=60,
            heterogeneity=0.2,
            correlation_length_mm=length_mm,
        )
        phantom = make_phantom(spec)
        values = phantom.suv.values
        inside = phantom.tumour.grown(-1.2).contains(phantom.suv.grid)
        both = inside[:, :, 1:] & inside[:, :, :-1]
        pairs = np.corrcoef(values[:, :, 1:][both], values[:, :, :-1][both])
        return float(pairs[0, 1])

    # exp(-d^2 / (2 L^2)) at one pixel; the uniform values keep it near.
    for length_mm in (0.8, 1.6):
        expected = np.exp(-(0.800024**2) / (2.0 * length_mm**2))
        assert neighbours(length_mm) == pytest.approx(expected, abs=0.06)


def test_noise_has_the_deviation_asked_for_and_the_scanners_correlation() -> None:
    clean = make_phantom(replace(SMALL, noise=0.0))
    noisy = make_phantom(replace(SMALL, noise=0.04))
    body = noisy.regions_on(Canvas.PET)["Body"].inside
    noise = (noisy.suv.values - clean.suv.values) / np.sqrt(clean.suv.values + 1e-9)

    assert noise[body].std() == pytest.approx(0.04, rel=0.1)
    both = body[:, :, 1:] & body[:, :, :-1]
    found = np.corrcoef(noise[:, :, 1:][both], noise[:, :, :-1][both])[0, 1]
    sigma_mm = 1.6 / 2.3548
    assert found == pytest.approx(np.exp(-(0.8**2) / (4.0 * sigma_mm**2)), abs=0.04)


def test_the_scanners_resolution_blurs_a_hot_organ() -> None:
    sharp = make_phantom(replace(SMALL, noise=0.0, psf_fwhm_mm=0.0))
    seen = make_phantom(replace(SMALL, noise=0.0, psf_fwhm_mm=1.6))
    sigma = np.divide(1.6 / 2.354820045, sharp.suv.grid.spacing_mm)

    expected = gaussian_filter(sharp.suv.values, sigma)
    np.testing.assert_allclose(seen.suv.values, expected, atol=1e-5)


def test_activity_in_the_field_of_view_balances_the_dose(whole: Phantom) -> None:
    assert 0.8 < whole.activity_balance < 1.0
    heavy = make_phantom(PhantomSpec(seed=0, weight_g=32.0))
    assert 0.8 < heavy.activity_balance < 1.0


def test_the_truth_is_read_from_the_image(whole: Phantom) -> None:
    truth = whole.truth(Canvas.PET)
    values = whole.suv.values[whole.tumour_mask.inside]

    assert truth.voxels == values.size
    assert truth.suv_mean == pytest.approx(values.mean(), rel=1e-6)
    assert truth.suv_min == values.min()
    assert truth.suv_max == values.max()


def test_an_outline_on_the_ct_selects_almost_the_same_voxels(whole: Phantom) -> None:
    on_pet = whole.mask_drawn_on(Canvas.PET).inside
    on_ct = whole.mask_drawn_on(Canvas.CT).inside

    assert np.count_nonzero(on_pet ^ on_ct) < 0.15 * np.count_nonzero(on_pet)
    assert np.any(on_pet ^ on_ct)


def test_the_score_of_the_published_equation_rises_with_heterogeneity() -> None:
    """With 256 levels, as `zhang2023-fine` reads it; the mean over ten seeds."""

    def mean_score(heterogeneity: float) -> float:
        scores = []
        for seed in range(10):
            spec = replace(SMALL, seed=seed, heterogeneity=heterogeneity, ct_matrix=48)
            phantom = make_phantom(spec)
            scores.append(_score(phantom.suv.values, phantom.tumour_mask.inside))
        return float(np.mean(scores))

    calm, middle, wild = (mean_score(h) for h in (0.0, 0.15, 0.4))
    assert calm + 0.5 < middle < wild
    assert calm < 0.0 < wild


def _score(image: NDArray[np.floating], mask: NDArray[np.bool_]) -> float:
    """Return the equation's value by the definitions, pair by pair."""
    values = image[mask].astype(np.float64)
    low, high = values.min(), values.max()
    scaled = 1.0 + 255.0 * (image.astype(np.float64) - low) / (high - low)
    levels = np.floor(scaled + 0.5)
    differences = []
    for rows, columns in ((0, 1), (1, 0), (1, 1), (1, -1)):
        other = np.roll(levels, (-rows, -columns), axis=(1, 2))
        both = mask & np.roll(mask, (-rows, -columns), axis=(1, 2))
        differences.append(np.abs(levels - other)[both])
    d = np.concatenate(differences)
    inverse_variance = np.where(d > 0, 1.0 / np.maximum(d, 1.0) ** 2, 0.0).mean()
    homogeneity2 = (1.0 / (1.0 + d**2)).mean()
    kurtosis = ((values - values.mean()) ** 4).mean() / values.var() ** 2
    return float(
        -297.597 * inverse_variance + 178.689 * homogeneity2 + 1.088 * kurtosis + 1.485
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("heterogeneity", 0.9),
        ("heterogeneity", float("nan")),
        ("weight_g", 0.0),
        ("slices", 0),
        ("seed", -1),
    ],
)
def test_impossible_numbers_are_refused_by_name(name: str, value: float) -> None:
    with pytest.raises(NumberOutOfRangeError) as refusal:
        replace(SMALL, **{name: value})

    assert refusal.value.name == name


def test_a_tumour_outside_the_field_of_view_is_refused() -> None:
    with pytest.raises(TumourOutOfViewError):
        make_phantom(replace(SMALL, slices=8))
