"""The result of one region: its numbers, its score, and what must be said with them.

A score is refused, as None with a warning, when the tracer is not the model's, when the
region has fewer voxels than the model's minimum, or when a feature of the model has no
value there; the SUV statistics stand. With the score go its terms, the score of the
shuffled values, the sensitivity range, probability, class and map.

Design choice: an uncalibrated score has neither probability nor class unless the site
asked for them. The published equation leaves choices open that move it by tens, so that
its scale means nothing yet on another scanner; the readings side by side show that.
Outside the model's domain no score has them.

Design choice: replicate reconstructions of a scan, where there are any, give the
sensitivity range. They differ in what really differs between reconstructions; moved
contours and added noise stand in for that.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from model.contours import Roi
from model.errors import ModelError
from model.grid import Mask, Volume
from model.score.assessment import (
    RoiAssessment,
    Sensitivity,
    Shuffled,
    SuvStatistics,
)
from model.score.assessment_options import AssessmentOptions
from model.score.domain import Circumstances
from model.score.maps.score_map import (
    NoScoreMapModelError,
    local_texture_index,
    texture_maps,
)
from model.score.perturbation.sensitivity import (
    contour_parts,
    replicate_sensitivity,
    sensitivity_of,
)
from model.score.perturbation.shuffled import shuffled_score
from model.score.reading import Reading, read_region
from model.score.region_map import RegionMap
from model.score.remarks import (
    remarks_on_calibration,
    remarks_on_domain,
    remarks_on_sensitivity,
    remarks_on_unknown,
    remarks_on_values,
)
from model.score.score_model import Calibration
from model.score.uptake import uptake_of

_NOTHING_STATED = Circumstances()


@dataclass(frozen=True, eq=False)
class _Maps:
    """The maps of a region, and why there are none."""

    index: RegionMap | None = None
    features: Mapping[str, RegionMap] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class _Scored:
    """The score of a region, and what it hangs on.

    Attributes
    ----------
    reading : Reading
        Of the result's own model.
    readings : mapping of str to Reading
        All of them, by model name.
    again : sequence of (float or None)
        The score of each replicate.
    sensitivity : Sensitivity or None
    shuffled : Shuffled or None
    maps : _Maps
    """

    reading: Reading
    readings: Mapping[str, Reading]
    again: Sequence[float | None]
    sensitivity: Sensitivity | None
    shuffled: Shuffled | None
    maps: _Maps


def assess_roi(
    roi: Roi,
    suv: Volume,
    mask: Mask,
    options: AssessmentOptions,
    circumstances: Circumstances | None = None,
    replicates: Sequence[Volume] = (),
) -> RoiAssessment:
    """Return the result of one region.

    Parameters
    ----------
    roi : Roi
        As it was drawn.
    suv : Volume
        SUVbw, g/ml.
    mask : Mask
        The region's voxels, on the same grid.
    options : AssessmentOptions
    circumstances : Circumstances or None
        How the image came about; None where nothing is stated.
    replicates : sequence of Volume
        Other reconstructions of the scan, SUVbw on the same grid.

    Returns
    -------
    RoiAssessment

    Raises
    ------
    EmptyRegionError
        When the mask has no voxel.
    GridMismatchError
        When the mask or a replicate stands on another grid.
    """
    values = suv.inside(mask)
    if values.size == 0:
        raise EmptyRegionError(roi.number)
    stated = circumstances or _NOTHING_STATED
    found = _scored(roi, suv, mask, options, stated, replicates)
    reading, maps = found.reading, found.maps
    entitled = _is_entitled(reading, options)
    return RoiAssessment(
        roi=roi,
        mask=mask,
        suv=_statistics(values, mask),
        uptake=uptake_of(
            suv, mask, options.peak_diameter_mm, options.metabolic_volume_percent
        ),
        features=reading.features.values,
        score_model=options.model,
        score=reading.score,
        terms=reading.terms,
        readings={name: each.score for name, each in found.readings.items()},
        probability=_probability(reading.score) if entitled else None,
        exhausted=reading.exhausted if entitled else None,
        score_map=maps.index,
        warnings=tuple(_remarks(values, mask, found, options)),
        undefined=reading.features.undefined,
        shuffled=found.shuffled,
        sensitivity=found.sensitivity,
        inside_domain=reading.findings.inside,
        feature_maps=maps.features,
        probability_map=_probability_map(maps.index, options, entitled=entitled),
        circumstances=stated,
        reading_models=options.models,
    )


def _scored(
    roi: Roi,
    suv: Volume,
    mask: Mask,
    options: AssessmentOptions,
    stated: Circumstances,
    replicates: Sequence[Volume],
) -> _Scored:
    """Return the score of a region under each reading, and what it hangs on."""
    readings = {
        model.name: read_region(suv, mask, model, stated) for model in options.models
    }
    reading = readings[options.model.name]
    scored = reading.score is not None
    again = _scores_again(mask, reading, replicates)
    return _Scored(
        reading=reading,
        readings=readings,
        again=again,
        sensitivity=_sensitivity(roi, suv, mask, reading, options, again),
        shuffled=shuffled_score(suv, mask, reading.model) if scored else None,
        maps=_maps(suv, mask, reading, options),
    )


def _remarks(
    values: NDArray[np.float64], mask: Mask, found: _Scored, options: AssessmentOptions
) -> Iterator[str]:
    """Give what must be said, most important first."""
    yield from remarks_on_values(values)
    yield from remarks_on_domain(found.reading, mask)
    yield from _remarks_on_score(found.readings, found.sensitivity, options)
    yield from _remarks_on_replicates(found.again)
    yield from found.maps.remarks
    # Of what is not known, nothing is wrong.
    yield from remarks_on_unknown(found.reading)


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


def _is_entitled(reading: Reading, options: AssessmentOptions) -> bool:
    """Return whether a score has a probability and a class."""
    calibrated = reading.model.calibration is not Calibration.NONE
    asked_for = calibrated or options.class_when_uncalibrated
    return asked_for and reading.findings.inside


def _probability(score: float | None) -> float | None:
    if score is None:
        return None
    # Whichever form does not overflow.
    if score >= 0:
        return 1 / (1 + math.exp(-score))
    return math.exp(score) / (1 + math.exp(score))


def _probability_map(
    index: RegionMap | None, options: AssessmentOptions, *, entitled: bool
) -> RegionMap | None:
    """Return the local index as a probability, where the score has one."""
    if index is None or not (entitled and options.with_probability_map):
        return None
    # In this form nothing overflows.
    return RegionMap(index.mask, np.exp(-np.logaddexp(0.0, -index.local)))


def _scores_again(
    mask: Mask, reading: Reading, replicates: Sequence[Volume]
) -> list[float | None]:
    """Return the score of each replicate; nothing where the region has none."""
    if reading.score is None:
        return []
    return [
        read_region(replicate, mask, reading.model, _NOTHING_STATED).score
        for replicate in replicates
    ]


def _sensitivity(
    roi: Roi,
    suv: Volume,
    mask: Mask,
    reading: Reading,
    options: AssessmentOptions,
    again: Sequence[float | None],
) -> Sensitivity | None:
    if reading.score is None:
        return None
    scores = [score for score in again if score is not None]
    if scores:
        moved = contour_parts(suv, mask, roi, reading.model)
        return replicate_sensitivity(reading.score, scores, moved)
    return sensitivity_of(
        suv, mask, roi, reading.model, resolution_mm=options.resolution_mm
    )


def _maps(
    suv: Volume, mask: Mask, reading: Reading, options: AssessmentOptions
) -> _Maps:
    if reading.score is None or not options.with_map:
        return _Maps()
    try:
        if options.with_feature_maps:
            index, features = texture_maps(suv, mask, reading.model)
        else:
            index, features = local_texture_index(suv, mask, reading.model), {}
    except NoScoreMapModelError as error:
        return _Maps(remarks=(f"No map of the local texture index: {error}.",))
    return _Maps(index, features)


def _remarks_on_score(
    readings: Mapping[str, Reading],
    sensitivity: Sensitivity | None,
    options: AssessmentOptions,
) -> Iterator[str]:
    reading = readings[options.model.name]
    if reading.score is None:
        return
    with_class = _is_entitled(reading, options)
    yield from remarks_on_calibration(reading, readings, with_class=with_class)
    yield from remarks_on_sensitivity(reading, sensitivity, with_class=with_class)


def _remarks_on_replicates(again: Sequence[float | None]) -> Iterator[str]:
    without = again.count(None)
    if without:
        yield (
            f"{without} of {len(again)} other reconstructions of the scan have no "
            "score in this region, and no part in its sensitivity range."
        )


class EmptyRegionError(ModelError):
    """A region has no voxel on the image."""

    reason = "roi_outside_image"
    remedy = "Draw the contour inside the image, around at least one voxel."

    def __init__(self, roi_number: int) -> None:
        super().__init__(f"ROI number {roi_number} encloses no voxel of the image")
        self.roi_number = roi_number
