"""Promises of `model.score.assess`."""

import math
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from config.score_models import shipped_score_models
from model.contours import Roi
from model.features.catalogue import compute_features
from model.features.preparation import Dimension, Resegmentation
from model.grid import GridMismatchError, Mask, Volume
from model.score.assess import EmptyRegionError, assess_roi
from model.score.assessment import RoiAssessment, SensitivityBasis
from model.score.assessment_options import AssessmentOptions
from model.score.domain import Circumstances
from model.score.maps.score_map import feature_maps, local_texture_index
from model.score.score_model import Calibration, ScoreModel
from tests.model.features import plain_texture as plain
from tests.model.features.regions import FINE, blob, grid_of, region_of, sts_tumour
from tests.model.score.models import published
from tests.support.shared import SHARED_DATA, needs_shared_data

SHIPPED = shipped_score_models()
READINGS = tuple(SHIPPED.values())
ROI = Roi(3, "tumour", (), "1.2.3")
LARGE = (12, 14, 16)


STATED = Circumstances("FDG", "F-18", "mouse", "intraperitoneal", 60.0)


def assess(
    suv: Volume, mask: Mask, model: ScoreModel | None = None, **changes: bool
) -> RoiAssessment:
    chosen = model or SHIPPED["zhang2023-fine"]
    options = AssessmentOptions(chosen, READINGS, **changes)
    return assess_roi(ROI, suv, mask, options, STATED)


@cache
def usual() -> RoiAssessment:
    """Assess a large region with the default model; what is asked of it most."""
    return assess(*region_of(*blob(5, LARGE)))


def sphere(radius_voxels: float) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    image = np.random.default_rng(1).gamma(3.0, 1.0, (21, 21, 21))
    squared = ((np.indices(image.shape) - 10) ** 2).sum(axis=0)
    return image, squared <= radius_voxels**2


@needs_shared_data
@pytest.mark.parametrize(("case", "score"), [("STS_025", 0.80), ("STS_002", -3.10)])
def test_two_real_tumours_have_their_known_scores(case: str, score: float) -> None:
    result = assess(*sts_tumour(SHARED_DATA / "sts-petct" / case))

    assert result.score == pytest.approx(score, abs=0.01)
    assert result.readings["zhang2023-fine"] == result.score


@needs_shared_data
def test_the_suv_of_a_real_tumour_is_reported() -> None:
    result = assess(*sts_tumour(SHARED_DATA / "sts-petct" / "STS_025"))

    assert result.mask.voxels == 606
    assert result.suv.maximum == pytest.approx(6.376, abs=5e-4)
    assert result.suv.mean == pytest.approx(2.953, abs=5e-4)


@needs_shared_data
@pytest.mark.parametrize("name", SHIPPED)
def test_each_reading_of_a_real_tumour_follows_from_the_definitions(name: str) -> None:
    suv, mask = sts_tumour(SHARED_DATA / "sts-petct" / "STS_025")
    model = SHIPPED[name]
    levels, count = plain.levels_of(suv.values, mask.inside, model.preparation.levels)
    pairs = plain.pooled(plain.pairs_of(levels, step) for step in plain.IN_PLANE)
    texture = plain.texture(pairs, count)
    values = suv.inside(mask)
    bins = model.preparation.histogram
    of = values if bins is None else plain.bin_probabilities(values, 101, 0.0, 100.0)

    score = assess(suv, mask).readings[name]

    assert score == pytest.approx(
        -297.597 * texture["glcm_InverseVariance"]
        + 178.689 * texture["glcm_Homogeneity2"]
        + 1.088 * plain.kurtosis(of)
        + 1.485,
        abs=1e-8,
    )


@pytest.mark.parametrize("factor", [0.01, 0.37, 1 / 3, 8892.0])
@pytest.mark.parametrize("name", ["zhang2023-fine", "zhang2023-64"])
def test_a_wrong_dose_or_weight_cannot_change_the_score(
    name: str, factor: float
) -> None:
    image, inside = blob(1, LARGE)
    scaled = assess(*region_of(image * factor, inside), SHIPPED[name])

    assert scaled.score == pytest.approx(
        assess(*region_of(image, inside), SHIPPED[name]).score, rel=1e-9
    )


def test_the_score_is_the_intercept_and_its_terms() -> None:
    result = assess(*region_of(*blob(2, LARGE)))

    assert [term.feature for term in result.terms] == [
        "glcm_InverseVariance",
        "glcm_Homogeneity2",
        "histogram_Kurtosis",
    ]
    assert result.score == pytest.approx(
        1.485 + sum(term.contribution for term in result.terms)
    )
    assert result.features == {term.feature: term.value for term in result.terms}


def test_statistics_are_of_the_masked_voxels() -> None:
    image, inside = blob(3, LARGE)

    suv = assess(*region_of(image, inside)).suv

    values = image[inside]
    assert (suv.minimum, suv.maximum) == (values.min(), values.max())
    assert suv.median == np.median(values)
    assert suv.mean == pytest.approx(values.mean())
    assert suv.standard_deviation == pytest.approx(values.std(ddof=0))
    assert suv.volume_ml == pytest.approx(values.size * 0.8**3 / 1000)


def test_every_reading_is_reported_beside_a_model_of_the_site() -> None:
    own = published(replace(FINE, dimension=Dimension.VOLUME), name="own")

    result = assess(*region_of(*blob(4, LARGE)), own)

    assert result.readings.keys() == {"own", *SHIPPED}
    assert result.readings["own"] == result.score
    assert result.score_model is own


def test_an_uncalibrated_score_has_no_probability_no_class_and_says_so() -> None:
    result = usual()

    assert result.score is not None
    assert result.probability is None
    assert result.exhausted is None
    assert any("uncalibrated" in warning for warning in result.warnings)


def test_a_site_may_ask_for_the_class_of_an_uncalibrated_score() -> None:
    result = assess(*region_of(*blob(5, LARGE)), class_when_uncalibrated=True)

    assert result.score is not None
    assert result.probability == pytest.approx(1 / (1 + math.exp(-result.score)))
    assert result.exhausted is (result.score > 0)
    assert any("uncalibrated" in warning for warning in result.warnings)


@pytest.mark.parametrize("calibration", [Calibration.SITE, Calibration.TRAINED])
def test_a_calibrated_score_has_probability_and_class(calibration: Calibration) -> None:
    result = assess(
        *region_of(*blob(5, LARGE)), published(FINE, calibration=calibration)
    )

    assert result.probability is not None
    assert result.exhausted is not None
    assert not any("uncalibrated" in warning for warning in result.warnings)


@pytest.mark.parametrize(("intercept", "probability"), [(-1e4, 0.0), (1e4, 1.0)])
def test_extreme_scores_have_probabilities_too(
    intercept: float, probability: float
) -> None:
    model = published(FINE, intercept=intercept, calibration=Calibration.SITE)

    assert assess(*region_of(*blob(5, LARGE)), model).probability == probability


def test_the_class_is_judged_on_the_scale_of_the_score() -> None:
    region = region_of(*blob(5, LARGE))
    score = usual().score
    assert score is not None
    for cut_off, exhausted in ((score - 0.01, True), (score + 0.01, False)):
        model = replace(
            SHIPPED["zhang2023-fine"],
            cut_off=cut_off,
            calibration=Calibration.TRAINED,
        )
        assert assess(*region, model).exhausted is exhausted


def test_too_few_voxels_refuse_the_score_and_state_the_limit() -> None:
    image, inside = sphere(1.8)
    assert 1 < inside.sum() < 30

    result = assess(*region_of(image, inside), class_when_uncalibrated=True)

    assert result.score is None
    assert result.probability is None
    assert result.exhausted is None
    assert result.score_map is None
    assert set(result.readings.values()) == {None}
    assert result.suv.maximum == image[inside].max()
    assert any(
        f"{inside.sum()} voxels" in warning and "30" in warning
        for warning in result.warnings
    )


def test_a_region_at_the_minimum_is_scored() -> None:
    inside = np.ones((1, 5, 6), np.bool_)
    image = np.random.default_rng(2).random(inside.shape)

    assert assess(*region_of(image, inside)).score is not None


@pytest.mark.parametrize(("radius_voxels", "warnings"), [(2.9, 1), (3.5, 0)])
def test_partial_volume_is_warned_of_below_three_resolutions(
    radius_voxels: float, warnings: int
) -> None:
    result = assess(*region_of(*sphere(radius_voxels)))

    assert result.score is not None
    assert sum("partial volume" in each for each in result.warnings) == warnings


def test_a_constant_region_is_refused_a_score_and_the_feature_is_named() -> None:
    result = assess(*region_of(np.full((4, 6, 6), 2.5)))

    assert result.score is None
    assert math.isnan(result.features["histogram_Kurtosis"])
    assert any("histogram_Kurtosis" in warning for warning in result.warnings)
    assert result.suv.mean == 2.5


def test_values_that_are_not_finite_refuse_the_score_and_are_counted() -> None:
    image, inside = blob(6, LARGE)
    image[tuple(np.argwhere(inside)[0])] = np.inf

    result = assess(*region_of(image, inside))

    assert result.score is None
    assert result.score_map is None
    assert any("1 of" in warning for warning in result.warnings)


@pytest.mark.parametrize(
    ("factor", "said"),
    [
        (0.0, "Every voxel of the region is 0"),
        (-1.0, "mean SUV of the region is negative"),
        (100.0, "implausible: check the dose, the weight"),
        (1e-6, "implausible: check the dose, the weight"),
    ],
)
def test_suv_of_a_wrong_dose_or_image_is_pointed_out_and_not_held(
    factor: float, said: str
) -> None:
    image, inside = sphere(5.0)
    grid = grid_of(image.shape)

    result = assess(Volume(grid, factor * image, "g/ml"), Mask(grid, inside))

    assert sum(said in warning for warning in result.warnings) == 1


def test_plausible_suv_are_not_remarked_upon() -> None:
    image, inside = sphere(5.0)
    grid = grid_of(image.shape)

    result = assess(Volume(grid, image, "g/ml"), Mask(grid, inside))

    assert not any("SUV of" in warning for warning in result.warnings)


def test_a_reading_that_cannot_be_computed_leaves_the_others() -> None:
    image, inside = blob(7, LARGE)

    result = assess(*region_of(image * 1e6, inside))

    assert result.score is not None
    assert result.readings["zhang2023-ibex-example"] is None


def test_readings_that_disagree_on_the_side_of_the_cut_off_are_pointed_out() -> None:
    region = region_of(*blob(5, LARGE))
    score = usual().score
    assert score is not None
    both = {
        name: replace(SHIPPED["zhang2023-fine"], name=name, cut_off=score + shift)
        for name, shift in (("low", -1.0), ("high", 1.0))
    }

    divided = assess_roi(
        ROI, *region, AssessmentOptions(both["low"], tuple(both.values()))
    )
    united = assess_roi(ROI, *region, AssessmentOptions(both["low"], (both["low"],)))

    assert any("both sides" in warning for warning in divided.warnings)
    assert not any("both sides" in warning for warning in united.warnings)


def in_circumstances(
    model: ScoreModel | None = None, **stated: object
) -> RoiAssessment:
    """Assess a large region under circumstances of its own, the class asked for."""
    options = AssessmentOptions(
        model or SHIPPED["zhang2023-fine"], READINGS, class_when_uncalibrated=True
    )
    circumstances = replace(STATED, **stated)  # type: ignore[arg-type]
    return assess_roi(ROI, *region_of(*blob(5, LARGE)), options, circumstances)


def test_another_tracer_is_refused_a_score_and_keeps_its_suv() -> None:
    result = in_circumstances(tracer="FLT")

    assert result.score is None
    assert set(result.readings.values()) == {None}
    assert (result.probability, result.exhausted) == (None, None)
    assert (result.shuffled, result.sensitivity) == (None, None)
    assert result.score_map is None
    assert result.suv.maximum > 0
    assert not result.inside_domain
    assert result.circumstances.tracer == "FLT"
    (said,) = result.warnings
    assert "refused" in said
    assert "FLT" in said


def test_a_model_for_the_other_tracer_scores_beside_readings_that_refuse() -> None:
    fine = SHIPPED["zhang2023-fine"]
    own = replace(fine, name="own", domain=replace(fine.domain, tracers=("FLT",)))

    result = in_circumstances(own, tracer="FLT")

    assert result.score is not None
    assert result.inside_domain
    assert {name for name, score in result.readings.items() if score is None} == set(
        SHIPPED
    )


@pytest.mark.parametrize("calibration", Calibration)
def test_outside_its_domain_a_score_has_no_probability_and_says_why(
    calibration: Calibration,
) -> None:
    model = replace(SHIPPED["zhang2023-fine"], calibration=calibration)
    in_domain = in_circumstances()

    outside = in_circumstances(model, species="human", uptake_min=20.0)

    assert in_domain.probability is not None
    assert in_domain.inside_domain
    assert outside.score == in_domain.score
    assert (outside.probability, outside.exhausted) == (None, None)
    assert not outside.inside_domain
    (said,) = (w for w in outside.warnings if "outside the model's domain" in w)
    assert "species is human" in said
    assert "uptake time is 20 min" in said


def test_an_unknown_tracer_is_scored_and_named_among_what_is_not_stated() -> None:
    result = in_circumstances(tracer=None, route=None)

    assert result.score is not None
    assert result.inside_domain
    (said,) = (w for w in result.warnings if "Not stated" in w)
    assert said.endswith("domain: tracer, route of administration.")


def test_a_small_region_is_outside_the_domain() -> None:
    model = replace(SHIPPED["zhang2023-fine"], calibration=Calibration.SITE)

    result = assess(*region_of(*sphere(2.9)), model)

    assert result.score is not None
    assert result.probability is None
    assert not result.inside_domain


def test_behind_a_score_stand_shuffled_score_and_sensitivity_range() -> None:
    result = usual()

    shuffled, sensitivity = result.shuffled, result.sensitivity
    assert result.score is not None
    assert shuffled is not None
    assert sensitivity is not None
    assert shuffled.repetitions > 1
    assert shuffled.standard_deviation > 0
    assert sensitivity.basis is SensitivityBasis.PERTURBATION
    assert sensitivity.low <= result.score <= sensitivity.high
    assert sensitivity.low < sensitivity.high


def test_replicates_take_the_place_of_noise_in_the_sensitivity_range() -> None:
    suv, mask = region_of(*blob(5, LARGE))
    others = [region_of(*blob(seed, LARGE))[0] for seed in (6, 7)]
    options = AssessmentOptions(SHIPPED["zhang2023-fine"], READINGS)
    scores = [assess(other, mask).score for other in (suv, *others)]

    noisy = assess_roi(ROI, suv, mask, options, STATED).sensitivity
    found = assess_roi(ROI, suv, mask, options, STATED, others).sensitivity

    assert noisy is not None
    assert found is not None
    assert found.basis is SensitivityBasis.REPLICATES
    assert "noise_sd" not in found.parts
    moved = [noisy.parts[name] for name in ("contour_in", "contour_out")]
    assert moved == [found.parts[name] for name in ("contour_in", "contour_out")]
    held = [each for each in (*scores, *moved) if each is not None]
    assert len(held) == 5
    assert (found.low, found.high) == (min(held), max(held))


def test_replicates_without_a_score_leave_the_range_to_perturbation() -> None:
    suv, mask = region_of(*blob(5, LARGE))
    flat = Volume(suv.grid, np.ones(suv.grid.shape), "g/ml")
    options = AssessmentOptions(SHIPPED["zhang2023-fine"], READINGS)

    found = assess_roi(ROI, suv, mask, options, STATED, (flat,))

    assert found.sensitivity is not None
    assert found.sensitivity.basis is SensitivityBasis.PERTURBATION
    assert any("1 of 1 other reconstructions" in said for said in found.warnings)


def test_a_replicate_on_another_grid_is_refused() -> None:
    suv, mask = region_of(*blob(5, LARGE))
    other = Volume(grid_of(suv.grid.shape, 0.9), suv.values, "g/ml")
    options = AssessmentOptions(SHIPPED["zhang2023-fine"], ())

    with pytest.raises(GridMismatchError):
        assess_roi(ROI, suv, mask, options, STATED, (other,))


def test_a_class_that_the_sensitivity_range_does_not_settle_is_pointed_out() -> None:
    region = region_of(*blob(5, LARGE))
    score = usual().score
    assert score is not None
    said = [
        any(
            "holds the cut-off" in warning
            for warning in assess(
                *region,
                replace(
                    SHIPPED["zhang2023-fine"],
                    cut_off=cut_off,
                    calibration=Calibration.TRAINED,
                ),
            ).warnings
        )
        for cut_off in (score, score - 1e3)
    ]

    assert said == [True, False]


def test_a_probability_has_a_map_only_where_the_score_has_one() -> None:
    region = region_of(*blob(9, LARGE))
    calibrated = published(FINE, calibration=Calibration.SITE)

    result = assess(*region, calibrated, with_probability_map=True)

    assert result.probability is not None
    assert result.score_map is not None
    assert result.probability_map is not None
    index, found = result.score_map.values, result.probability_map.values
    inside = np.isfinite(index)
    np.testing.assert_allclose(found[inside], 1 / (1 + np.exp(-index[inside])))
    assert np.isnan(found[~inside]).all()
    assert assess(*region, calibrated).probability_map is None
    assert assess(*region, with_probability_map=True).probability_map is None


def test_maps_of_the_features_come_where_they_are_asked_for() -> None:
    region = region_of(*blob(9, LARGE))
    model = SHIPPED["zhang2023-fine"]

    result = assess(*region, with_feature_maps=True)

    expected = feature_maps(*region, model)
    assert result.feature_maps.keys() == model.coefficients.keys()
    for name, volume in result.feature_maps.items():
        assert np.array_equal(volume.values, expected[name].values, equal_nan=True)
    assert assess(*region).feature_maps == {}


def test_why_a_feature_is_undefined_is_told() -> None:
    result = assess(*region_of(np.full((4, 6, 6), 2.5)))

    reason = result.undefined["histogram_Kurtosis"]
    assert reason
    assert any(reason in warning for warning in result.warnings)


def test_the_map_is_the_local_texture_index_of_the_configured_model() -> None:
    region = region_of(*blob(9, LARGE))

    result = assess(*region)

    expected = local_texture_index(*region, SHIPPED["zhang2023-fine"])
    assert result.score_map is not None
    assert np.array_equal(result.score_map.values, expected.values, equal_nan=True)
    assert assess(*region, with_map=False).score_map is None


def test_a_model_that_leaves_out_voxels_is_scored_without_a_map() -> None:
    region = region_of(*blob(9, LARGE))
    lowest = float(region[0].inside(region[1]).min())
    part = replace(FINE, resegmentation=Resegmentation(low=1.01 * lowest))

    result = assess(*region, published(part))

    assert result.score is not None
    assert result.score_map is None
    assert any("No map" in each and "resegm" in each for each in result.warnings)


def test_a_model_whose_features_have_no_map_is_scored_without_one() -> None:
    region = region_of(*blob(9, LARGE))
    model = published(FINE, coefficients={"direct_GlobalMax": 2.0}, intercept=1.0)

    result = assess(*region, model)

    maximum = compute_features(*region, FINE).values["direct_GlobalMax"]
    assert result.score == pytest.approx(1 + 2 * maximum)
    assert result.score_map is None
    assert any("No map" in warning for warning in result.warnings)


def test_a_region_without_a_voxel_is_refused() -> None:
    region = region_of(np.ones((2, 2, 2)), np.zeros((2, 2, 2), np.bool_))

    with pytest.raises(EmptyRegionError) as refusal:
        assess(*region)

    assert refusal.value.reason == "roi_outside_image"
    assert refusal.value.roi_number == 3


def test_another_grid_is_refused() -> None:
    image, inside = blob(3)
    suv, _ = region_of(image, inside)

    with pytest.raises(GridMismatchError):
        assess(suv, Mask(grid_of(image.shape, 0.9), inside))
