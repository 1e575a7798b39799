"""The measurements as a Comprehensive 3D SR (PS3.3 A.35.13, PS3.16 TID 1500).

There are two of them, which differ in how they say where the regions are.

Design choice: in the one for viewers regions are two-dimensional polylines on the
slices of the PET. OHIF shows no report whose groups refer to segments or to
three-dimensional coordinates only. In the other one they are segments, which is what
readers of segmentations look for (3D Slicer's Quantitative Reporting, dcmqi). No report
serves both; tracking identifiers and measurements are the same.

Design choice: the content tree, `report_tree`, is encoded before the
document is made, in Unicode. What is ASCII is the same in every character set; a tree
that is not is encoded once more in the one that the source and its texts ask for.
"""

from collections.abc import Iterable
from dataclasses import replace
from itertools import compress

from pydicom.dataset import Dataset
from pydicom.uid import Comprehensive3DSRStorage

from dicom_io import codes
from dicom_io.codes import code_item
from dicom_io.encoding import encoded_sequence
from dicom_io.pet.series import PetSeries
from dicom_io.results.character_set import UNICODE
from dicom_io.results.listed_sources import evidence_of
from dicom_io.results.new_object import new_object
from dicom_io.results.report.content_items import ContentItems
from dicom_io.results.report.report_content import (
    NoSegmentationError,
    ReportContent,
    require_regions,
)
from dicom_io.results.report.report_tree import ReportTree
from dicom_io.source_reference import SourceReference
from dicom_io.stamp import Equipment, ObjectIdentity

_SR = (Comprehensive3DSRStorage, "SR")


def build_measurement_report(
    series: PetSeries,
    content: ReportContent,
    identity: ObjectIdentity,
    equipment: Equipment,
) -> Dataset:
    """Return the report of the regions of one PET series, as outlines on its slices.

    Parameters
    ----------
    series : PetSeries
        The report joins its study.
    content : ReportContent
    identity : ObjectIdentity
    equipment : Equipment

    Returns
    -------
    Dataset
        Explicit VR little endian.

    Raises
    ------
    NothingToReportError
        When there is no assessment, or one without voxels.
    GridMismatchError
        When a mask stands on another grid.

    References
    ----------
    * DICOM PS3.16 TID 1500, *Measurement Report*.
    """
    return _built(ReportTree(series, content, identity, equipment))


def build_segment_report(
    series: PetSeries,
    content: ReportContent,
    identity: ObjectIdentity,
    equipment: Equipment,
) -> Dataset:
    """Return the same report with the segments of a segmentation as its regions.

    Parameters
    ----------
    series, content, identity, equipment
        As in `build_measurement_report`; the content names the segmentation.

    Raises
    ------
    NoSegmentationError
        When it names none.
    NothingToReportError, GridMismatchError
        As `build_measurement_report` does.
    """
    if content.segmentation is None:
        raise NoSegmentationError
    tree = ReportTree(series, content, identity, equipment, content.segmentation)
    return _built(tree)


def _built(tree: ReportTree) -> Dataset:
    series, content = tree.series, tree.content
    require_regions(series, content)
    items = ContentItems(UNICODE)
    encoded = list(tree.items(items))
    dataset = new_object(
        series,
        _SR,
        tree.identity,
        tree.equipment,
        content.subject,
        items.beyond_ascii,
    )
    declared = dataset.get("SpecificCharacterSet")
    if items.beyond_ascii and declared != UNICODE:
        encoded = list(tree.items(ContentItems(declared)))
    _add_document(dataset, content)
    _add_evidence(dataset, tree.evidence(), series.study_instance_uid)
    if content.predecessor is not None:
        before = _predecessor(content.predecessor, series, tree)
        dataset.PredecessorDocumentsSequence = evidence_of([before])
    dataset["ContentSequence"] = encoded_sequence("ContentSequence", encoded)
    return dataset


def _add_document(dataset: Dataset, content: ReportContent) -> None:
    """Put in what makes an object a document (PS3.3 C.17.2, C.17.3)."""
    dataset.ReferencedPerformedProcedureStepSequence = []
    dataset.PerformedProcedureCodeSequence = []
    dataset.CompletionFlag = "COMPLETE" if content.completed else "PARTIAL"
    dataset.PreliminaryFlag = "FINAL" if content.completed else "PRELIMINARY"
    dataset.VerificationFlag = "UNVERIFIED"
    dataset.ValueType = "CONTAINER"
    dataset.ContinuityOfContent = "CONTINUOUS"
    dataset.ConceptNameCodeSequence = [code_item(codes.IMAGING_MEASUREMENT_REPORT)]
    template = Dataset()
    template.MappingResource = "DCMR"
    template.TemplateIdentifier = "1500"
    dataset.ContentTemplateSequence = [template]


def _add_evidence(
    dataset: Dataset, references: Iterable[SourceReference], study_instance_uid: str
) -> None:
    """List what is referred to, that of other studies than the PET's apart."""
    studies = evidence_of(references)
    own = [each.StudyInstanceUID == study_instance_uid for each in studies]
    dataset.CurrentRequestedProcedureEvidenceSequence = [*compress(studies, own)]
    other = [study for study, is_own in zip(studies, own, strict=True) if not is_own]
    if other:
        dataset.PertinentOtherEvidenceSequence = other


def _predecessor(
    before: SourceReference, series: PetSeries, tree: ReportTree
) -> SourceReference:
    subject = tree.content.subject
    if subject is None:
        return before
    # The report before was in the animal's study too.
    study = subject.study_of(series.study_instance_uid, tree.identity.uid_root)
    return replace(before, study_instance_uid=study)
