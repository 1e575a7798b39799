"""The numbers of one region as measurements (PS3.16 TID 300, through TID 1419).

Design choice: a number that does not exist is a measurement without a value, qualified
by the reason (PS3.16 CID 42). It is never left out, since a reader could not tell a
feature that is undefined from one that was not asked for.

Design choice: what a reader looks for first stands first: the score with its
sensitivity range, then the uptake. OHIF 3.12 writes five measurements beside a contour.

Design choice: viewers print a name and no derivation or method. What a number depends
on is therefore in its name: the sphere of a peak, the threshold of a metabolic volume,
that a sensitivity range is no confidence interval, and that a model is uncalibrated.

Design choice: per cent of the injected dose per gram is a multiple of SUVbw, by the
body weight. Of an image that came as SUV the weight never entered, and it has no value.
Of a species that can weigh more than 2 kg it is told by the kilogram: the unit belongs
to the species and never to the value.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from pydicom.sr.coding import Code

from dicom_io import codes
from dicom_io.feature_codes import feature_concept, feature_unit
from dicom_io.results.report import report_concepts as concepts
from dicom_io.results.report.content_items import HAS_CONCEPT_MOD, ContentItems
from model.score.assessment import RoiAssessment
from model.score.score_model import Calibration, ScoreModel
from model.score.uptake import ONE_MILLILITRE_MM
from model.suv import DoseShare

_MM3_PER_ML = 1000.0
_MG_PER_G = 1000.0
_LONGEST_READING = 40
_OF_ONE_MILLILITRE_MM = 0.05
"""How far a sphere of 1 ml may be from the diameter that is written for it."""


@dataclass(frozen=True)
class Measured:
    """A number as a report gives it.

    Attributes
    ----------
    concept : Code
        With a meaning of its own within the region.
    value : int, float or None
    unit : Code
        UCUM.
    method, derivation : Code or None
    """

    concept: Code
    value: float | None
    unit: Code
    method: Code | None = None
    derivation: Code | None = None


def measurement_items(
    items: ContentItems, assessment: RoiAssessment, dose: DoseShare
) -> Iterator[bytes]:
    """Give every number of a region as a content item.

    Parameters
    ----------
    items : ContentItems
    assessment : RoiAssessment
    dose : DoseShare
    """
    for measured in measurements(assessment, dose):
        modifiers = [
            items.code(name, value, HAS_CONCEPT_MOD)
            for name, value in (
                (concepts.MEASUREMENT_METHOD, measured.method),
                (concepts.DERIVATION, measured.derivation),
            )
            if value is not None
        ]
        value = _value(measured.value)
        yield items.number(measured.concept, value, measured.unit, modifiers)


def measurements(assessment: RoiAssessment, dose: DoseShare) -> Iterator[Measured]:
    """Give every number of a region, each under a name of its own.

    Parameters
    ----------
    assessment : RoiAssessment
    dose : DoseShare
    """
    yield from _score(assessment)
    yield from _uptake(assessment)
    yield from _size(assessment)
    yield from _readings(assessment)
    yield from _behind_the_score(assessment)
    yield from _injected_dose(assessment, dose)
    for name, number in assessment.features.items():
        unit, factor = feature_unit(name)
        yield Measured(feature_concept(name), factor * number, unit)


def named_as_calibrated(concept: Code, model: ScoreModel) -> Code:
    """Return a concept that says in its name where the model is uncalibrated."""
    if model.calibration is not Calibration.NONE:
        return concept
    return codes.renamed(concept, f"{concept.meaning} (uncalibrated)")


def _score(assessment: RoiAssessment) -> Iterator[Measured]:
    model = assessment.score_model
    title = model.title[:1].upper() + model.title[1:]
    yield Measured(
        codes.renamed(codes.TEXTURE_INDEX, title),
        assessment.score,
        codes.NO_UNITS,
        method=codes.named_method(model.name),
    )
    moves = assessment.sensitivity
    yield _moved("range low", codes.SENSITIVITY_LOW, moves.low if moves else None)
    yield _moved("range high", codes.SENSITIVITY_HIGH, moves.high if moves else None)
    if assessment.probability is not None:
        yield Measured(
            named_as_calibrated(codes.EXHAUSTION_PROBABILITY, model),
            100.0 * assessment.probability,
            codes.PER_CENT,
        )


def _moved(word: str, concept: Code, value: float | None) -> Measured:
    name = f"Texture index, sensitivity {word} (no confidence interval)"
    return Measured(codes.renamed(concept, name), value, codes.NO_UNITS)


def _readings(assessment: RoiAssessment) -> Iterator[Measured]:
    for name, score in assessment.readings.items():
        if name != assessment.score_model.name:
            yield Measured(
                codes.renamed(codes.TEXTURE_INDEX_READING, _of_reading(name)),
                score,
                codes.NO_UNITS,
                method=codes.named_method(name),
            )


def _of_reading(name: str) -> str:
    """Return what a reading's score is called; long names differ at their ends."""
    if len(name) > _LONGEST_READING:
        end = _LONGEST_READING // 2
        name = f"{name[: _LONGEST_READING - end - 3]}...{name[-end:]}"
    return f"Texture index, reading {name}"


def _behind_the_score(assessment: RoiAssessment) -> Iterator[Measured]:
    """Give what the score hangs on: shift, shuffled score, terms."""
    moves, mixed = assessment.sensitivity, assessment.shuffled
    yield _moved("shift", codes.SENSITIVITY_SHIFT, moves.shift if moves else None)
    spread = mixed.standard_deviation if mixed else None
    for word, derivation, value in (
        ("mean", codes.MEAN, mixed.mean if mixed else None),
        ("standard deviation", codes.STANDARD_DEVIATION, spread),
    ):
        name = f"Texture index, voxels shuffled, {word}"
        concept = codes.renamed(codes.TEXTURE_INDEX_SHUFFLED, name)
        yield Measured(concept, value, codes.NO_UNITS, derivation=derivation)
    for term in assessment.terms:
        name = f"Texture index, term {term.feature}"
        concept = codes.renamed(codes.TEXTURE_INDEX_TERM, name)
        yield Measured(
            concept,
            term.contribution,
            codes.NO_UNITS,
            method=feature_concept(term.feature),
        )


def _uptake(assessment: RoiAssessment) -> Iterator[Measured]:
    suv, uptake = assessment.suv, assessment.uptake
    diameter_mm = uptake.peak_diameter_mm
    of_one_ml = abs(diameter_mm - ONE_MILLILITRE_MM) <= _OF_ONE_MILLILITRE_MM
    for word, derivation, value in (
        ("mean", codes.MEAN, suv.mean),
        ("maximum", codes.MAXIMUM, suv.maximum),
        (
            f"peak, sphere {diameter_mm:g} mm",
            codes.PEAK if of_one_ml else codes.PEAK_OF_SPHERE,
            uptake.peak,
        ),
        ("minimum", codes.MINIMUM, suv.minimum),
        ("median", codes.MEDIAN, suv.median),
        ("standard deviation", codes.STANDARD_DEVIATION, suv.standard_deviation),
    ):
        concept = codes.renamed(codes.SUV_BODY_WEIGHT, f"SUVbw {word}")
        yield Measured(concept, value, codes.SUV_UNIT, derivation=derivation)


def _size(assessment: RoiAssessment) -> Iterator[Measured]:
    uptake = assessment.uptake
    above = f"at {uptake.mtv_threshold_percent:g} % of maximum"
    yield Measured(
        codes.VOLUME,
        _MM3_PER_ML * assessment.suv.volume_ml,
        codes.CUBIC_MILLIMETRES,
        method=codes.SUM_OF_VOXELS,
    )
    yield Measured(codes.VOXEL_COUNT, assessment.mask.voxels, codes.VOXELS)
    yield Measured(
        codes.renamed(codes.METABOLIC_VOLUME, f"MTV {above}"),
        None if uptake.mtv_ml is None else _MM3_PER_ML * uptake.mtv_ml,
        codes.CUBIC_MILLIMETRES,
        method=codes.SUM_OF_VOXELS,
    )
    yield Measured(
        codes.renamed(codes.TOTAL_LESION_GLYCOLYSIS, f"TLG {above}"),
        None if uptake.tlg_g is None else _MG_PER_G * uptake.tlg_g,
        codes.MILLIGRAM,
    )


def _injected_dose(assessment: RoiAssessment, dose: DoseShare) -> Iterator[Measured]:
    suv = assessment.suv
    concept, unit = codes.INJECTED_DOSE[dose.mass]
    for word, derivation, value in (
        ("mean", codes.MEAN, suv.mean),
        ("maximum", codes.MAXIMUM, suv.maximum),
        ("minimum", codes.MINIMUM, suv.minimum),
        ("median", codes.MEDIAN, suv.median),
        ("standard deviation", codes.STANDARD_DEVIATION, suv.standard_deviation),
    ):
        yield Measured(
            codes.renamed(concept, f"{dose.name} {word}"),
            dose.of(value),
            unit,
            derivation=derivation,
        )


def _value(value: float | None) -> float | Code:
    """Return a number, or why there is none (PS3.16 CID 42)."""
    if value is None:
        return codes.NOT_ATTEMPTED
    if math.isnan(value):
        return codes.NOT_A_NUMBER
    if math.isinf(value):
        return codes.POSITIVE_INFINITY if value > 0 else codes.NEGATIVE_INFINITY
    return value
