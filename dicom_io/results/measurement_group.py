"""What a report says of one region: a measurement group (PS3.16 TID 1411, 1501, 300).

Design choice: a number that does not exist is a measurement without a value, qualified
by the reason (PS3.16 CID 42). It is never left out, since a reader could not tell a
feature that is undefined from one that was not asked for.

Design choice: per cent of the injected dose per gram stands beside SUVbw under names of
its own, since viewers print a name and no derivation. It is a multiple of SUVbw, by the
body weight; of an image that came as SUV the weight never entered, and it has no value.

Design choice: warnings, the contours and the map are content items of the group, which
TID 1411 (an extensible template) allows; the texts are comments in the sense of its
qualitative evaluations.
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any

from highdicom import UID
from highdicom.sr import (
    AlgorithmIdentification,
    CodedConcept,
    CompositeContentItem,
    ImageContentItem,
    ImageRegion,
    Measurement,
    QualitativeEvaluation,
    RelationshipTypeValues,
    TextContentItem,
    TrackingIdentifier,
    VolumetricROIMeasurementsAndQualitativeEvaluations,
)
from pydicom.sr.coding import Code
from pydicom.uid import SegmentationStorage

from dicom_io import codes
from dicom_io.pet.series import InstanceReference
from dicom_io.results.tracking import Tracking
from model.score.assessment import RoiAssessment
from model.score.score_model import ScoreModel

_MM3_PER_ML = 1000.0
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f]")


@dataclass(frozen=True)
class GroupReferences:
    """Objects that a group refers to.

    Attributes
    ----------
    contours : InstanceReference
        What the region was made from.
    score_map : InstanceReference or None
    """

    contours: InstanceReference
    score_map: InstanceReference | None


def measurement_group(
    assessment: RoiAssessment,
    tracking: Tracking,
    regions: list[ImageRegion],
    references: GroupReferences,
    percent_per_gram: float | None,
) -> VolumetricROIMeasurementsAndQualitativeEvaluations:
    """Return everything that is measured in one region.

    Parameters
    ----------
    assessment : RoiAssessment
    tracking : Tracking
    regions : list of ImageRegion
        The region's polylines, at least one.
    references : GroupReferences
    percent_per_gram : float or None
        Per cent of the injected dose per gram for an SUVbw of 1 g/ml.

    References
    ----------
    * DICOM PS3.16 TID 1411, *Volumetric ROI Measurements and Qualitative Evaluations*.
    """
    group = VolumetricROIMeasurementsAndQualitativeEvaluations(
        tracking_identifier=TrackingIdentifier(
            uid=UID(tracking.uid), identifier=tracking.identifier
        ),
        referenced_regions=regions,
        finding_type=codes.LESION,
        algorithm_id=_algorithm(assessment.score_model),
        measurements=list(_measurements(assessment, percent_per_gram)),
        qualitative_evaluations=list(_evaluations(assessment)),
    )
    content = group[0].ContentSequence
    content.append(_contours(references.contours))
    if references.score_map is not None:
        content.append(_map(references.score_map))
    for concept, text in _texts(assessment):
        content.append(text_item(concept, text))
    return group


def text_item(concept: Code, text: str) -> TextContentItem:
    """Return a text of any length that a container contains.

    Control characters, which the value's VR does not hold (PS3.5 section 6.2, UT), are
    left out: some texts come from tables and names that others wrote.
    """
    return TextContentItem(
        name=concept,
        value=_CONTROLS.sub("", text),
        relationship_type=RelationshipTypeValues.CONTAINS,
    )


def _algorithm(model: ScoreModel) -> AlgorithmIdentification:
    """Return the model with every choice in it (PS3.16 TID 4019)."""
    return AlgorithmIdentification(
        name=model.name,
        version=model.version,
        parameters=[f"{name}={_plain(value)}" for name, value in _parameters(model)],
    )


def _parameters(model: ScoreModel) -> Iterator[tuple[str, Any]]:
    yield "sha256", model.sha256
    yield "calibration", model.calibration
    yield "reference", model.reference
    yield "outcome", model.outcome
    yield "intercept", model.intercept
    for feature, coefficient in model.coefficients.items():
        yield f"coefficient of {feature}", coefficient
    yield "cut_off", model.cut_off
    yield "minimum_voxels", model.minimum_voxels
    yield "map_radius_mm", model.map_radius_mm
    yield from _flat(asdict(model.preparation))


def _flat(choices: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in choices.items():
        if isinstance(value, Mapping):
            yield from ((f"{name} {inner}", found) for inner, found in _flat(value))
        elif value is not None:
            yield name, value


def _plain(value: Any) -> str:
    return str(value.value if isinstance(value, Enum) else value)


def _measurements(
    assessment: RoiAssessment, percent_per_gram: float | None
) -> Iterator[Measurement]:
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
                codes.renamed(
                    codes.TEXTURE_INDEX_READING, f"Texture index, reading {name}"
                ),
                score,
                codes.NO_UNITS,
                method=codes.named_method(name),
            )
    if assessment.probability is not None:
        yield _measurement(
            codes.EXHAUSTION_PROBABILITY,
            100.0 * assessment.probability,
            codes.PER_CENT,
        )
    yield from _uptake(assessment)
    yield from _injected_dose(assessment, percent_per_gram)
    yield from _size(assessment)
    for name, value in assessment.features.items():
        unit, factor = codes.feature_unit(name)
        yield _measurement(codes.feature_concept(name), factor * value, unit)


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


def _evaluations(assessment: RoiAssessment) -> Iterator[QualitativeEvaluation]:
    if assessment.exhausted is not None:
        found = codes.EXHAUSTED if assessment.exhausted else codes.NOT_EXHAUSTED
        yield QualitativeEvaluation(name=codes.EXHAUSTION_CLASS, value=found)


def _texts(assessment: RoiAssessment) -> Iterator[tuple[Code, str]]:
    model = assessment.score_model
    if assessment.probability is not None or assessment.exhausted is not None:
        yield codes.COMMENT, f"Probability and class are of: {model.outcome}"
    for warning in assessment.warnings:
        yield codes.WARNING, warning


def _contours(
    contours: InstanceReference,
) -> CompositeContentItem | ImageContentItem:
    # A segmentation is an image, and COMPOSITE is for what is none (PS3.3 C.17.3.2.1).
    # Label maps are younger than most readers, which then refuse the whole report.
    is_image = contours.sop_class_uid == SegmentationStorage
    item = ImageContentItem if is_image else CompositeContentItem
    return item(
        name=CodedConcept.from_code(codes.CONTOUR_SOURCE),
        referenced_sop_class_uid=contours.sop_class_uid,
        referenced_sop_instance_uid=contours.sop_instance_uid,
        relationship_type=RelationshipTypeValues.CONTAINS,
    )


def _map(score_map: InstanceReference) -> ImageContentItem:
    return ImageContentItem(
        name=CodedConcept.from_code(codes.MAP_OF_REGION),
        referenced_sop_class_uid=score_map.sop_class_uid,
        referenced_sop_instance_uid=score_map.sop_instance_uid,
        relationship_type=RelationshipTypeValues.CONTAINS,
    )
