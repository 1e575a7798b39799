"""Promises of `model.score.perturbation.sensitivity`."""

import math
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest
from scipy import ndimage

from config.score_models import shipped_score_models
from model.contours import Contour, Roi
from model.features.preparation import Interpolation, Resampling
from model.grid import GridMismatchError, Mask, Volume
from model.score.assessment import Sensitivity, SensitivityBasis
from model.score.perturbation.moved_contour import moved_contour
from model.score.perturbation.region_scoring import catalogue_score
from model.score.perturbation.sensitivity import replicate_sensitivity, sensitivity_of
from model.score.perturbation.shuffled import shuffled_score
from model.score.score_model import ScoreModel
from tests.model.features.regions import FINE, IBEX_EXAMPLE, region_of, sts_tumour
from tests.model.score.models import published
from tests.support.shared import SHARED_DATA, needs_shared_data

SEGMENT = Roi(1, "tumour", (), "1.2.3")
MODEL = published(FINE)


def tumour(
    radius_voxels: float = 5.2, size: int = 26, sigma: float = 0.1
) -> tuple[Volume, Mask]:
    """A textured tumour in a flat body, seen through a scanner with noise."""
    random = np.random.default_rng(1)
    places = np.indices((size, size, size)) - size // 2
    inside = (places**2).sum(axis=0) <= radius_voxels**2
    texture = 0.6 * random.standard_normal(inside.shape)
    uptake = np.where(inside, 4 + texture, 1.0)
    noise = ndimage.gaussian_filter(random.standard_normal(inside.shape), 0.88)
    image = ndimage.gaussian_filter(uptake, 0.88) + sigma * noise / noise.std()
    return region_of(image, inside)


REGION = tumour()


def sensitivity(
    region: tuple[Volume, Mask], model: ScoreModel = MODEL, **changes: int
) -> Sensitivity:
    found = sensitivity_of(*region, SEGMENT, model, resolution_mm=1.65, **changes)
    assert found is not None
    return found


def test_the_range_holds_the_score_and_all_that_it_was_made_of() -> None:
    result = sensitivity(REGION)

    parts = result.parts
    scores = [parts[each] for each in ("contour_in", "contour_out")]
    scores += [parts["noise_low"], parts["noise_high"], catalogue_score(*REGION, MODEL)]
    known = [each for each in scores if each is not None]
    assert len(known) == 5
    assert result.low == min(known)
    assert result.high == max(known)
    assert result.basis is SensitivityBasis.PERTURBATION


def test_moved_contours_are_scored_as_regions_of_their_own() -> None:
    suv, mask = REGION
    moved = moved_contour(mask, SEGMENT)

    parts = sensitivity(REGION).parts

    for way, other in (("in", moved.inner), ("out", moved.outer)):
        assert parts[f"contour_{way}_voxels"] == other.voxels
        assert parts[f"contour_{way}"] == pytest.approx(
            catalogue_score(suv, other, MODEL)
        )
    assert parts["contour_planes_as_drawn"] == 0
    assert parts["contour_planes_of_voxels"] == 11


def test_the_shift_is_what_more_noise_of_the_same_level_does() -> None:
    parts = sensitivity(REGION).parts

    assert parts["noise_sd"] == pytest.approx(0.1, rel=0.15)
    low, median, high = (parts[f"noise_{each}"] for each in ("low", "median", "high"))
    assert low is not None
    assert median is not None
    assert high is not None
    assert low < median < high
    score = catalogue_score(*REGION, MODEL)
    assert sensitivity(REGION).shift == pytest.approx(median - score)
    assert (parts["noise_repetitions"], parts["noise_seed"]) == (50, 0)


def test_more_noise_moves_the_score_further() -> None:
    quiet, loud = (sensitivity(tumour(sigma=sigma)) for sigma in (2e-4, 0.3))

    assert widest(loud) > 2 * widest(quiet)


def widest(found: Sensitivity) -> float:
    low, high = found.parts["noise_low"], found.parts["noise_high"]
    assert low is not None
    assert high is not None
    return high - low


def test_the_same_seed_gives_the_same_range_and_another_a_similar_one() -> None:
    first, again, other = (sensitivity(REGION, seed=seed) for seed in (0, 0, 1))

    assert first == again
    assert first.parts["noise_low"] != other.parts["noise_low"]
    assert first.shift == pytest.approx(other.shift, abs=1.0)


def test_an_image_without_noise_moves_with_its_contour_alone() -> None:
    values, mask = REGION
    levels = np.where(mask.inside, np.round(2 * values.values), 1.0)
    flat = Volume(values.grid, levels, "g/ml")

    result = sensitivity((flat, mask))

    score = catalogue_score(flat, mask, MODEL)
    assert result.parts["noise_sd"] == 0
    assert result.shift == 0
    assert result.parts["noise_low"] == result.parts["noise_high"]
    assert result.low < result.high
    assert result.low <= score <= result.high


def test_a_moved_region_below_the_voxel_limit_has_no_score() -> None:
    model = published(FINE, minimum_voxels=REGION[1].voxels)

    parts = sensitivity(REGION, model).parts

    assert parts["contour_in"] is None
    assert 0 < (parts["contour_in_voxels"] or 0) < model.minimum_voxels
    assert parts["contour_out"] is not None


def test_a_region_that_vanishes_when_it_moves_in_has_no_score_there() -> None:
    suv, mask = REGION
    line = np.zeros(mask.inside.shape, np.bool_)
    line[13, 13, 9:17] = True

    parts = sensitivity(
        (suv, Mask(mask.grid, line)), published(FINE, minimum_voxels=4)
    ).parts

    assert parts["contour_in"] is None
    assert parts["contour_in_voxels"] == 0


def test_moving_out_takes_in_no_voxel_without_a_number() -> None:
    suv, mask = REGION
    values = suv.values.copy()
    outer = moved_contour(mask, SEGMENT).outer
    ring = np.argwhere(outer.inside & ~mask.inside)
    values[tuple(ring[:40].T)] = math.nan
    values[tuple(ring[40:50].T)] = math.inf

    parts = sensitivity((Volume(suv.grid, values, "g/ml"), mask)).parts

    assert parts["contour_out_voxels"] == outer.voxels - 50
    assert parts["contour_out"] is not None


def test_grey_levels_are_made_anew_for_each_image() -> None:
    """A model of fixed count of levels keeps its score when the range grows."""
    suv, mask = REGION
    wide = Volume(suv.grid, suv.values * 3.0, "g/ml")

    first, second = sensitivity(REGION), sensitivity((wide, mask))

    assert second.parts["noise_sd"] == pytest.approx(3 * (first.parts["noise_sd"] or 0))
    assert second.low == pytest.approx(first.low)
    assert second.high == pytest.approx(first.high)
    assert second.shift == pytest.approx(first.shift)


def odd(suv: Volume, mask: Mask) -> Volume:
    values = suv.values.copy()
    values[tuple(np.argwhere(mask.inside)[3])] = math.nan
    return Volume(suv.grid, values, "g/ml")


def test_a_region_without_a_score_has_no_range() -> None:
    suv, mask = REGION
    flat = Volume(suv.grid, np.full(suv.grid.shape, 2.5), "g/ml")
    nothing = Mask(mask.grid, np.zeros(mask.grid.shape, np.bool_))
    few = published(FINE, minimum_voxels=mask.voxels + 1)
    unscored = [
        (flat, mask, MODEL),
        (odd(suv, mask), mask, MODEL),
        (suv, nothing, MODEL),
        (suv, mask, few),
        (Volume(suv.grid, suv.values * 1e5, "g/ml"), mask, published(IBEX_EXAMPLE)),
    ]
    for image, region, model in unscored:
        assert sensitivity_of(image, region, SEGMENT, model, resolution_mm=1.65) is None


def test_an_image_too_small_to_tell_its_noise_has_no_range() -> None:
    image = np.random.default_rng(2).random((4, 4, 4))

    found = sensitivity_of(*region_of(image), SEGMENT, MODEL, resolution_mm=1.65)

    assert found is None


def test_a_mask_of_another_image_is_refused() -> None:
    with pytest.raises(GridMismatchError):
        sensitivity_of(
            REGION[0], tumour(size=20)[1], SEGMENT, MODEL, resolution_mm=1.65
        )


@pytest.mark.parametrize(
    "model",
    [
        published(FINE, coefficients={"glcm_Energy": 100.0, "direct_Kurtosis": 1.0}),
        published(
            replace(FINE, resampling=Resampling((1.0, 1.0, 1.0), Interpolation.LINEAR))
        ),
    ],
    ids=["other features", "resampled"],
)
def test_a_model_without_a_quick_score_has_its_range_through_the_catalogue(
    model: ScoreModel,
) -> None:
    region = tumour(3.4, 18)

    result = sensitivity(region, model)

    assert result.low <= catalogue_score(*region, model) <= result.high
    assert result.parts["noise_repetitions"] == 10
    assert result.parts["contour_out"] == pytest.approx(
        catalogue_score(region[0], moved_contour(region[1], SEGMENT).outer, model)
    )


def outlines_of(path: Path) -> Roi:
    contours = pydicom.dcmread(path).ROIContourSequence[0].ContourSequence
    points = [np.reshape(each.ContourData, (-1, 3)).astype(float) for each in contours]
    return Roi(1, "tumour", tuple(map(Contour, points)), "1.2.3")


@needs_shared_data
@pytest.mark.parametrize(
    ("case", "voxels", "parts", "shift"),
    [
        ("STS_025", (420, 810), (-1.16, -0.67, -1.25, 1.23, 0.12), -0.67),
        ("STS_002", (376, 731), (-4.04, -2.75, -5.01, -2.00, 0.13), -0.13),
    ],
)
def test_two_real_tumours_have_their_known_ranges(
    case: str, voxels: tuple[int, int], parts: tuple[float, ...], shift: float
) -> None:
    """The table of the documentation."""
    folder = SHARED_DATA / "sts-petct" / case
    outlines = outlines_of(folder / "PET" / "mask" / "RS.dcm")
    model = shipped_score_models()["zhang2023-fine"]

    found = sensitivity_of(*sts_tumour(folder), outlines, model, resolution_mm=1.65)

    assert found is not None
    assert found.parts["contour_planes_of_voxels"] == 0
    assert found.parts["contour_in_voxels"] == voxels[0]
    assert found.parts["contour_out_voxels"] == voxels[1]
    names = ("contour_in", "contour_out", "noise_low", "noise_high", "noise_sd")
    for name, expected in zip(names, parts, strict=True):
        assert found.parts[name] == pytest.approx(expected, abs=0.006)
    assert found.shift == pytest.approx(shift, abs=0.006)


def test_shuffled_score_and_range_cost_little() -> None:
    """Some 0.1 s for 2 000 voxels here; the limit leaves room for a busy machine."""
    region = tumour(7.9, 32)
    assert 2_000 < region[1].voxels < 2_500
    start = time.process_time()

    sensitivity(region)
    shuffled_score(*region, MODEL)

    assert time.process_time() - start < 1.0


def test_the_range_of_replicates_holds_all_of_them() -> None:
    result = replicate_sensitivity(1.0, [2.0, 0.5, 4.0], {})

    assert (result.low, result.high, result.shift) == (0.5, 4.0, 1.0)
    assert result.basis is SensitivityBasis.REPLICATES
    assert result.parts["replicates"] == 3
    assert [result.parts[f"replicate_{n}"] for n in (1, 2, 3)] == [2.0, 0.5, 4.0]
    assert (result.parts["replicate_low"], result.parts["replicate_high"]) == (0.5, 4.0)
    alone = replicate_sensitivity(1.0, [-2.0], {})
    assert (alone.low, alone.high, alone.shift) == (-2.0, 1.0, -3.0)
    contour = {"contour_in": -7.0, "contour_in_voxels": 31.0, "contour_out": None}
    moved = replicate_sensitivity(1.0, [2.0], contour)
    assert (moved.low, moved.high, moved.shift) == (-7.0, 2.0, 1.0)
    assert moved.parts["contour_in_voxels"] == 31.0


@pytest.mark.parametrize(
    ("score", "replicates"), [(1.0, []), (1.0, [math.nan]), (math.inf, [1.0])]
)
def test_a_range_needs_replicates_with_scores(
    score: float, replicates: list[float]
) -> None:
    with pytest.raises(ValueError, match="finite"):
        replicate_sensitivity(score, replicates, {})
