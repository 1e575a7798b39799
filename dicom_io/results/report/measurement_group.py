"""What a report says of one region: a measurement group (PS3.16 TID 1411, 1501, 300).

Design choice: warnings, the contours, maps and images are content items of the group,
which TID 1411 (an extensible template) allows; the texts are comments in the sense of
its qualitative evaluations.

Design choice: where a region lies is told twice over in different reports, as outlines
on the slices and as a segment, and never both in one group: readers take the first that
they know and some refuse the other. All else of a group is the same in both.

The numbers themselves are `measurements`, the model that made the score `algorithm`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pydicom.sr.coding import Code

from dicom_io import codes
from dicom_io.results.listed_sources import is_image
from dicom_io.results.report import report_concepts as concepts
from dicom_io.results.report.algorithm import algorithm_items
from dicom_io.results.report.content_items import (
    HAS_CONCEPT_MOD,
    HAS_OBS_CONTEXT,
    ContentItems,
)
from dicom_io.results.report.measurements import measurement_items, named_as_calibrated
from dicom_io.results.report.report_content import RelatedObject
from dicom_io.results.tracking import Tracking
from dicom_io.source_reference import SourceReference
from model.score.assessment import RoiAssessment
from model.suv import DoseShare

_LABEL_MAP = "1.2.840.10008.5.1.4.1.1.66.7"
"""Label Map Segmentation Storage."""


@dataclass(frozen=True)
class GroupPlace:
    """Where a region lies.

    Attributes
    ----------
    regions : sequence of bytes
        Content items of the region itself, at least one.
    site : Code
        Of the body.
    laterality : Code or None
    """

    regions: Sequence[bytes]
    site: Code
    laterality: Code | None


def measurement_group(
    items: ContentItems,
    assessment: RoiAssessment,
    tracking: Tracking,
    place: GroupPlace,
    related: Sequence[RelatedObject],
    dose: DoseShare,
) -> bytes:
    """Return everything that is measured in one region.

    Parameters
    ----------
    items : ContentItems
    assessment : RoiAssessment
    tracking : Tracking
    place : GroupPlace
    related : sequence of RelatedObject
        What the region was made from, and what shows it.
    dose : DoseShare

    References
    ----------
    * DICOM PS3.16 TID 1411, *Volumetric ROI Measurements and Qualitative Evaluations*.
    """
    content = (
        items.text(concepts.TRACKING_IDENTIFIER, tracking.identifier, HAS_OBS_CONTEXT),
        items.uid(concepts.TRACKING_UID, tracking.uid, HAS_OBS_CONTEXT),
        items.code(concepts.FINDING, codes.LESION),
        *place.regions,
        _site(items, place),
        *algorithm_items(items, assessment),
        *measurement_items(items, assessment, dose),
        *_evaluations(items, assessment),
        *(related_item(items, each) for each in related),
        *(items.text(concept, text) for concept, text in _texts(assessment)),
    )
    return items.container(concepts.MEASUREMENT_GROUP, content, template="1411")


def segment_region(
    items: ContentItems,
    segmentation: SourceReference,
    segment: int,
    series_instance_uid: str,
) -> list[bytes]:
    """Return a region as a segment, with the series that was segmented.

    Parameters
    ----------
    items : ContentItems
    segmentation : SourceReference
    segment : int
        Its number, from 1.
    series_instance_uid : str
        Of the PET.
    """
    return [
        items.reference(
            "IMAGE", concepts.REFERENCED_SEGMENT, segmentation, segment=segment
        ),
        items.uid(concepts.SOURCE_SERIES, series_instance_uid),
    ]


def related_item(items: ContentItems, related: RelatedObject) -> bytes:
    """Return the item by which a report names an object of the result."""
    uid = related.reference.sop_class_uid
    # Label maps are younger than most readers, which then refuse the whole report.
    image = is_image(uid) and uid != _LABEL_MAP
    return items.reference(
        "IMAGE" if image else "COMPOSITE",
        related.name,
        related.reference,
        segment=related.segment,
    )


def _site(items: ContentItems, place: GroupPlace) -> bytes:
    modifiers = (
        []
        if place.laterality is None
        else [items.code(concepts.LATERALITY, place.laterality, HAS_CONCEPT_MOD)]
    )
    return items.code(concepts.FINDING_SITE, place.site, HAS_CONCEPT_MOD, modifiers)


def _evaluations(items: ContentItems, assessment: RoiAssessment) -> Iterator[bytes]:
    if assessment.exhausted is not None:
        found = codes.EXHAUSTED if assessment.exhausted else codes.NOT_EXHAUSTED
        name = named_as_calibrated(codes.EXHAUSTION_CLASS, assessment.score_model)
        yield items.code(name, found)


def _texts(assessment: RoiAssessment) -> Iterator[tuple[Code, str]]:
    model = assessment.score_model
    if assessment.probability is not None or assessment.exhausted is not None:
        yield codes.COMMENT, f"Probability and class are of: {model.outcome}"
    for warning in assessment.warnings:
        yield codes.WARNING, warning
