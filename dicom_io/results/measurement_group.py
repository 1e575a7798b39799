"""What a report says of one region: a measurement group (PS3.16 TID 1411, 1501, 300).

Design choice: warnings, the contours and the map are content items of the group, which
TID 1411 (an extensible template) allows; the texts are comments in the sense of its
qualitative evaluations.

The numbers themselves are `dicom_io.results.measurements`, the model that made the
score `dicom_io.results.algorithm`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from highdicom import UID
from highdicom.sr import (
    CodedConcept,
    CompositeContentItem,
    ImageContentItem,
    ImageRegion,
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
from dicom_io.results.algorithm import algorithm_of
from dicom_io.results.measurements import measurements, named_as_calibrated
from dicom_io.results.tracking import Tracking
from model.score.assessment import RoiAssessment

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
        algorithm_id=algorithm_of(assessment),
        measurements=list(measurements(assessment, percent_per_gram)),
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


def _evaluations(assessment: RoiAssessment) -> Iterator[QualitativeEvaluation]:
    if assessment.exhausted is not None:
        found = codes.EXHAUSTED if assessment.exhausted else codes.NOT_EXHAUSTED
        name = named_as_calibrated(codes.EXHAUSTION_CLASS, assessment.score_model)
        yield QualitativeEvaluation(name=name, value=found)


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
