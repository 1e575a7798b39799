"""The numbers of one region as measurements (PS3.16 TID 300, through TID 1419).

Design choice: a number that does not exist is a measurement without a value, qualified
by the reason (PS3.16 CID 42). It is never left out, since a reader could not tell a
feature that is undefined from one that was not asked for.

Design choice: per cent of the injected dose per gram stands beside SUVbw under names of
its own, since viewers print a name and no derivation. It is a multiple of SUVbw, by the
body weight; of an image that came as SUV the weight never entered, and it has no value.

Design choice: the sensitivity range says in its names that it is no confidence
interval, and probability and class of an uncalibrated model say in theirs that they are
that, since a viewer shows a name and a number and nothing else.
"""

import math
from collections.abc import Iterator

from highdicom.sr import Measurement
from pydicom.sr.coding import Code

from dicom_io import codes
from model.score.assessment import RoiAssessment
from model.score.score_model import Calibration, ScoreModel

_MM3_PER_ML = 1000.0
_LONGEST_READING = 40


def measurements(
    assessment: RoiAssessment, percent_per_gram: float | None
) -> Iterator[Measurement]:
    """Give every number of a region, each under a name of its own.

    Parameters
    ----------
    assessment : RoiAssessment
    percent_per_gram : float or None
        Per cent of the injected dose per gram for an SUVbw of 1 g/ml.
    """
    yield from _scores(assessment)
    yield from _behind_the_score(assessment)
    yield from _uptake(assessment)
    yield from _injected_dose(assessment, percent_per_gram)
    yield from _size(assessment)
    for name, value in assessment.features.items():
        unit, factor = codes.feature_unit(name)
        yield _measurement(codes.feature_concept(name), factor * value, unit)


def _scores(assessment: RoiAssessment) -> Iterator[Measurement]:
    model = assessment.score_model
    title = model.title[:1].upper() + model.title[1:]
    yield _measurement(
        codes.renamed(codes.TEXTURE_INDEX, title),
        assessment.score,
        codes.NO_UNITS,
        method=codes.named_method(model.name),
    )
    for name, score in assessment.readings.items():
        if name != model.name:
            yield _measurement(
                codes.renamed(codes.TEXTURE_INDEX_READING, _of_reading(name)),
                score,
                codes.NO_UNITS,
                method=codes.named_method(name),
            )
    if assessment.probability is not None:
        yield _measurement(
            named_as_calibrated(codes.EXHAUSTION_PROBABILITY, model),
            100.0 * assessment.probability,
            codes.PER_CENT,
        )


def named_as_calibrated(concept: Code, model: ScoreModel) -> Code:
    """Return a concept that says in its name where the model is uncalibrated."""
    if model.calibration is not Calibration.NONE:
        return concept
    return codes.renamed(concept, f"{concept.meaning} (uncalibrated)")


def _of_reading(name: str) -> str:
    """Return what a reading's score is called; long names differ at their ends."""
    if len(name) > _LONGEST_READING:
        end = _LONGEST_READING // 2
        name = f"{name[: _LONGEST_READING - end - 3]}...{name[-end:]}"
    return f"Texture index, reading {name}"


def _behind_the_score(assessment: RoiAssessment) -> Iterator[Measurement]:
    """Give what the score hangs on: sensitivity, shuffled score, terms."""
    moves, mixed = assessment.sensitivity, assessment.shuffled
    for word, concept, value in (
        ("range low", codes.SENSITIVITY_LOW, moves.low if moves else None),
        ("range high", codes.SENSITIVITY_HIGH, moves.high if moves else None),
        ("shift", codes.SENSITIVITY_SHIFT, moves.shift if moves else None),
    ):
        name = f"Texture index, sensitivity {word} (no confidence interval)"
        yield _measurement(codes.renamed(concept, name), value, codes.NO_UNITS)
    spread = mixed.standard_deviation if mixed else None
    for word, derivation, value in (
        ("mean", codes.MEAN, mixed.mean if mixed else None),
        ("standard deviation", codes.STANDARD_DEVIATION, spread),
    ):
        name = f"Texture index, voxels shuffled, {word}"
        concept = codes.renamed(codes.TEXTURE_INDEX_SHUFFLED, name)
        yield _measurement(concept, value, codes.NO_UNITS, derivation=derivation)
    for term in assessment.terms:
        name = f"Texture index, term {term.feature}"
        concept = codes.renamed(codes.TEXTURE_INDEX_TERM, name)
        yield _measurement(
            concept,
            term.contribution,
            codes.NO_UNITS,
            method=codes.feature_concept(term.feature),
        )


def _uptake(assessment: RoiAssessment) -> Iterator[Measurement]:
    suv = assessment.suv
    for word, derivation, value in (
        ("mean", codes.MEAN, suv.mean),
        ("maximum", codes.MAXIMUM, suv.maximum),
        ("minimum", codes.MINIMUM, suv.minimum),
        ("median", codes.MEDIAN, suv.median),
        ("standard deviation", codes.STANDARD_DEVIATION, suv.standard_deviation),
    ):
        concept = codes.renamed(codes.SUV_BODY_WEIGHT, f"SUVbw {word}")
        yield _measurement(concept, value, codes.SUV_UNIT, derivation=derivation)


def _injected_dose(
    assessment: RoiAssessment, percent_per_gram: float | None
) -> Iterator[Measurement]:
    suv = assessment.suv
    for word, derivation, value in (
        ("mean", codes.MEAN, suv.mean),
        ("maximum", codes.MAXIMUM, suv.maximum),
        ("minimum", codes.MINIMUM, suv.minimum),
        ("standard deviation", codes.STANDARD_DEVIATION, suv.standard_deviation),
    ):
        yield _measurement(
            codes.renamed(codes.INJECTED_DOSE_PER_GRAM, f"%ID/g {word}"),
            None if percent_per_gram is None else percent_per_gram * value,
            codes.INJECTED_DOSE_UNIT,
            derivation=derivation,
        )


def _size(assessment: RoiAssessment) -> Iterator[Measurement]:
    yield _measurement(
        codes.VOLUME,
        _MM3_PER_ML * assessment.suv.volume_ml,
        codes.CUBIC_MILLIMETRES,
        method=codes.SUM_OF_VOXELS,
    )
    yield _measurement(codes.VOXEL_COUNT, assessment.mask.voxels, codes.VOXELS)


def _measurement(
    concept: Code,
    value: float | None,
    unit: Code,
    *,
    method: Code | None = None,
    derivation: Code | None = None,
) -> Measurement:
    """Return a measurement, or one without a value that says why (PS3.3 C.18.1)."""
    reason = _absent(value)
    number = 0.0 if value is None or reason is not None else value
    measurement = Measurement(
        name=concept,
        value=number,
        unit=unit,
        qualifier=reason,
        method=method,
        derivation=derivation,
    )
    if reason is not None:
        measurement[0].MeasuredValueSequence = []
    return measurement


def _absent(value: float | None) -> Code | None:
    if value is None:
        return codes.NOT_ATTEMPTED
    if math.isnan(value):
        return codes.NOT_A_NUMBER
    if math.isinf(value):
        return codes.POSITIVE_INFINITY if value > 0 else codes.NEGATIVE_INFINITY
    return None
