"""The result of one region: its numbers, its score, and what must be said with them.

A score is refused, as None with a warning, when the region has fewer voxels than the
model's minimum or when a feature of the model has no value there; the SUV statistics
stand. With the score go its terms, probability, class and map.

Design choice: an uncalibrated score has neither probability nor class unless the site
asked for them. The published equation leaves choices open that move it by tens, so that
its scale means nothing yet on another scanner; the readings side by side show that.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.contours import Roi
from model.errors import ModelError
from model.features.catalogue import compute_features
from model.features.discretisation import UnsupportedPreparationError
from model.grid import Mask, Volume
from model.score.assessment import RoiAssessment, SuvStatistics, Term
from model.score.score_map import NoLocalFeatureError, local_texture_index
from model.score.score_model import Calibration, ScoreModel

SMALL_DIAMETER_MM = 5.0
"""About three times the resolution of a preclinical scanner (FWHM 1.5 to 1.8 mm): 130
voxels of an Inveon. In smaller tumours partial volume shapes the texture."""
HIGHEST_SUV = 100.0
"""Of a voxel. Tumours have up to some 30, the bladder of a mouse can have more."""
LOWEST_SUV = 1e-3
"""Of a region's greatest voxel. The empty part of an image has noise above it."""


@dataclass(frozen=True)
class AssessmentOptions:
    """How regions are scored.

    Attributes
    ----------
    model : ScoreModel
        Whose score is the result.
    readings : tuple of ScoreModel
        Whose scores are shown beside it.
    class_when_uncalibrated : bool
        Give a probability and a class even where the model is uncalibrated.
    with_map : bool
        Compute the local texture index.
    with_feature_maps : bool
        Compute the maps of the model's features as well.
    resolution_mm : float
        Full width at half maximum of the scanner's point spread, by which noise is
        correlated.
    """

    model: ScoreModel
    readings: tuple[ScoreModel, ...]
    class_when_uncalibrated: bool = False
    with_map: bool = True
    with_feature_maps: bool = False
    resolution_mm: float = 1.65


@dataclass(frozen=True)
class _Reading:
    """What one model says of a region; `refusal` stands exactly without a score."""

    model: ScoreModel
    features: Mapping[str, float]
    terms: tuple[Term, ...] = ()
    score: float | None = None
    refusal: str = ""

    @property
    def exhausted(self) -> bool | None:
        return None if self.score is None else self.score > self.model.cut_off


def assess_roi(
    roi: Roi, suv: Volume, mask: Mask, options: AssessmentOptions
) -> RoiAssessment:
    """Return the result of one region.

    Parameters
    ----------
    roi : Roi
        As it was drawn, for the record.
    suv : Volume
        SUVbw, g/ml.
    mask : Mask
        The region's voxels, on the same grid.
    options : AssessmentOptions

    Returns
    -------
    RoiAssessment

    Raises
    ------
    EmptyRegionError
        When the mask has no voxel.
    GridMismatchError
        When the mask stands on another grid.
    """
    values = suv.inside(mask)
    if values.size == 0:
        raise EmptyRegionError(roi.number)
    models = {model.name: model for model in options.readings}
    models[options.model.name] = options.model
    readings = {name: _read(suv, mask, model) for name, model in models.items()}
    reading = readings[options.model.name]
    score_map, map_warnings = _map(suv, mask, reading, with_map=options.with_map)
    entitled = _is_entitled(options)
    return RoiAssessment(
        roi=roi,
        mask=mask,
        suv=_statistics(values, mask),
        features=reading.features,
        score_model=options.model,
        score=reading.score,
        terms=reading.terms,
        readings={name: each.score for name, each in readings.items()},
        probability=_probability(reading.score) if entitled else None,
        exhausted=reading.exhausted if entitled else None,
        score_map=score_map,
        warnings=(*_warnings(values, mask, readings, options), *map_warnings),
    )


def _statistics(values: NDArray[np.float64], mask: Mask) -> SuvStatistics:
    # Values that are not finite make the statistics NaN; a warning says how many.
    with np.errstate(invalid="ignore"):
        return SuvStatistics(
            minimum=float(values.min()),
            median=float(np.median(values)),
            mean=float(values.mean()),
            maximum=float(values.max()),
            standard_deviation=float(values.std()),
            volume_ml=mask.volume_ml,
        )


def _read(suv: Volume, mask: Mask, model: ScoreModel) -> _Reading:
    try:
        names = model.coefficients.keys()
        features = compute_features(suv, mask, model.preparation, names)
    except UnsupportedPreparationError as error:
        undefined = dict.fromkeys(model.coefficients, math.nan)
        return _Reading(model, undefined, refusal=f"{error} for this region")
    refusal = _refusal(features, mask, model)
    if refusal:
        return _Reading(model, features, refusal=refusal)
    terms = tuple(
        Term(name, features[name], coefficient)
        for name, coefficient in model.coefficients.items()
    )
    score = model.intercept + math.fsum(term.contribution for term in terms)
    return _Reading(model, features, terms, score)


def _refusal(features: Mapping[str, float], mask: Mask, model: ScoreModel) -> str:
    """Return why there is no score, or nothing."""
    if mask.voxels < model.minimum_voxels:
        return (
            f"the region has {mask.voxels} voxels, fewer than the "
            f"{model.minimum_voxels} that the model asks for"
        )
    undefined = [name for name, value in features.items() if not math.isfinite(value)]
    if undefined:
        return f"{', '.join(undefined)} is not defined in this region"
    return ""


def _is_entitled(options: AssessmentOptions) -> bool:
    calibrated = options.model.calibration is not Calibration.NONE
    return calibrated or options.class_when_uncalibrated


def _probability(score: float | None) -> float | None:
    if score is None:
        return None
    # Whichever form does not overflow.
    if score >= 0:
        return 1 / (1 + math.exp(-score))
    return math.exp(score) / (1 + math.exp(score))


def _map(
    suv: Volume, mask: Mask, reading: _Reading, *, with_map: bool
) -> tuple[Volume | None, tuple[str, ...]]:
    if reading.score is None or not with_map:
        return None, ()
    try:
        return local_texture_index(suv, mask, reading.model), ()
    except NoLocalFeatureError as error:
        return None, (f"No map of the local texture index: {error}.",)


def _warnings(
    values: NDArray[np.float64],
    mask: Mask,
    readings: Mapping[str, _Reading],
    options: AssessmentOptions,
) -> tuple[str, ...]:
    reading = readings[options.model.name]
    return tuple(
        warning
        for warning in (
            _of_values(values),
            _of_plausibility(values),
            f"The score is refused: {reading.refusal}." if reading.refusal else "",
            _of_calibration(options),
            _of_disagreement(readings, options),
            _of_size(mask),
        )
        if warning
    )


def _of_values(values: NDArray[np.float64]) -> str:
    odd = int(np.count_nonzero(~np.isfinite(values)))
    return f"{odd} of {values.size} voxels have no finite SUV." if odd else ""


def _of_plausibility(values: NDArray[np.float64]) -> str:
    """Say what a wrong dose, a wrong weight or a wrong image would look like."""
    if not values.any():
        return "Every voxel of the region is 0: nothing was measured there."
    # Where values are no numbers, another warning says so.
    with np.errstate(invalid="ignore"):
        highest, mean = float(values.max()), float(values.mean())
    if mean < 0:
        return "The mean SUV of the region is negative: noise, or a wrong image."
    if highest > HIGHEST_SUV or highest < LOWEST_SUV:
        return (
            f"A maximum SUV of {highest:.3g} g/ml is implausible: check the dose, the"
            " weight and the units of the image."
        )
    return ""


def _of_calibration(options: AssessmentOptions) -> str:
    if options.model.calibration is not Calibration.NONE:
        return ""
    consequence = (
        "its probability and class, given on the site's wish, are the published ones"
        if options.class_when_uncalibrated
        else "it has no probability and no class"
    )
    return (
        f"The score of {options.model.name} is uncalibrated on this scanner: "
        f"{consequence}. Compare it with the other readings."
    )


def _of_disagreement(
    readings: Mapping[str, _Reading], options: AssessmentOptions
) -> str:
    classes = {reading.exhausted for reading in readings.values()} - {None}
    calibrated = options.model.calibration is not Calibration.NONE
    if calibrated or len(classes) < 2:  # noqa: PLR2004 - both sides of the cut-off
        return ""
    return "The readings of the equation lie on both sides of their cut-off."


def _of_size(mask: Mask) -> str:
    diameter_mm = 10 * (6 * mask.volume_ml / math.pi) ** (1 / 3)
    if diameter_mm >= SMALL_DIAMETER_MM:
        return ""
    return (
        f"Small region ({mask.voxels} voxels, as large as a sphere of "
        f"{diameter_mm:.1f} mm; limit {SMALL_DIAMETER_MM:.1f} mm): partial volume and "
        "the number of voxels themselves shape its texture."
    )


class EmptyRegionError(ModelError):
    """A region has no voxel on the image."""

    reason = "roi_outside_image"
    remedy = "Draw the contour inside the image, around at least one voxel."

    def __init__(self, roi_number: int) -> None:
        super().__init__(f"ROI number {roi_number} encloses no voxel of the image")
        self.roi_number = roi_number
