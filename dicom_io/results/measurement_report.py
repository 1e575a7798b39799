"""The measurements as a Comprehensive 3D SR (PS3.3 A.35.13, PS3.16 TID 1500).

The document: language, the software as observer, the procedure, the image library, a
measurement group per region (`dicom_io.results.measurement_group`), and how the numbers
came about in the *Qualitative Evaluations* of TID 1500, which holds texts.

Design choice: regions are two-dimensional polylines on the slices of the PET. OHIF
shows no report whose groups refer to segments or to three-dimensional coordinates only.

Design choice: image library and evidence name the slices that the regions lie on, and
not the rest of the series, on which nothing was measured (PS3.16 TID 1600). Of a mean
over time frames they name the same slices of all of them; contours lie on the first.

Design choice: highdicom's `Comprehensive3DSR` makes the document without its content
tree, which is put in afterwards. Its constructor copies the tree twice for accessors
that nobody uses here, which takes longer than all the rest, and cannot copy a
measurement without a value. That every reference of the tree is among the evidence,
which it would have checked, is a promise of the tests.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from highdicom import UID
from highdicom.sr import (
    CodedConcept,
    Comprehensive3DSR,
    ContainerContentItem,
    ContentSequence,
    DeviceObserverIdentifyingAttributes,
    LanguageOfContentItemAndDescendants,
    MeasurementReport,
    ObservationContext,
    ObserverContext,
)
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes as standard_codes

from dicom_io import codes
from dicom_io.pet.series import InstanceReference, PetSeries
from dicom_io.results.algorithm import parameters_of
from dicom_io.results.group_subject import SourceGroupSubject, identify
from dicom_io.results.image_library import image_library
from dicom_io.results.image_regions import image_regions
from dicom_io.results.measurement_group import GroupReferences, measurement_group
from dicom_io.results.provenance import qualitative_evaluations
from dicom_io.results.source_attributes import carry_over, set_character_set, stand_ins
from dicom_io.results.tracking import track
from dicom_io.source_reference import SourceReference
from dicom_io.stamp import Equipment, ObjectIdentity, derived_uid, stamp
from model.errors import ModelError
from model.grid import require_same_grid
from model.score.assessment import RoiAssessment
from model.suv import SuvConversion


@dataclass(frozen=True, eq=False)
class ReportContent:
    """What a report says.

    Attributes
    ----------
    assessments : tuple of RoiAssessment
        At least one, each with at least one voxel on the grid of the series.
    conversion : SuvConversion
        How the stored values became SUV.
    contour_source : SourceReference
        The object that the regions were made from.
    parametric_maps : tuple of (SourceReference or None)
        One per assessment.
    predecessor : SourceReference or None
        The report that this one replaces.
    statements : tuple of str
        What else a reader must know.
    completed : bool
        False when more is to come: the report is then partial and preliminary.
    animal_id : str or None
        What ties the animal's time points together; the PET's patient ID if None.
    context : tuple of (str, str)
        What was recorded around injection and scan, by name: route, glucose, ...
    subject : SourceGroupSubject or None
        The animal, where the PET shows several: the report is then in a study of its.
    """

    assessments: tuple[RoiAssessment, ...]
    conversion: SuvConversion
    contour_source: SourceReference
    parametric_maps: tuple[SourceReference | None, ...]
    predecessor: SourceReference | None
    statements: tuple[str, ...]
    completed: bool = True
    animal_id: str | None = None
    context: tuple[tuple[str, str], ...] = ()
    subject: SourceGroupSubject | None = None


def build_measurement_report(
    series: PetSeries,
    content: ReportContent,
    identity: ObjectIdentity,
    equipment: Equipment,
) -> Dataset:
    """Return the report of the regions of one PET series.

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
    for assessment in content.assessments:
        require_same_grid(series.volume.grid, assessment.mask.grid)
    tree = _content_tree(series, content, identity, equipment)
    dataset = Comprehensive3DSR(
        evidence=list(_evidence(series, content)),
        content=_root(),
        series_instance_uid=identity.series_instance_uid,
        series_number=identity.series_number,
        sop_instance_uid=identity.sop_instance_uid,
        instance_number=identity.instance_number,
        manufacturer=equipment.manufacturer,
        is_complete=content.completed,
        is_final=content.completed,
        previous_versions=_previous_versions(content, series, identity),
    )
    dataset.ContentSequence = tree
    source = series.headers[0]
    carry_over(source, dataset)
    if content.subject is not None:
        identify(dataset, source, content.subject, identity.uid_root)
    set_character_set(source, dataset, _texts(content, identity))
    stamp(dataset, identity, equipment)
    return dataset


def _root() -> ContainerContentItem:
    root = ContainerContentItem(
        name=codes.IMAGING_MEASUREMENT_REPORT, template_id="1500"
    )
    root.ContentSequence = ContentSequence()
    return root


def _content_tree(
    series: PetSeries,
    content: ReportContent,
    identity: ObjectIdentity,
    equipment: Equipment,
) -> ContentSequence:
    groups = []
    rois = [assessment.roi for assessment in content.assessments]
    tracked = track(_animal(series, content), rois, identity.uid_root)
    for assessment, tracking, score_map in zip(
        content.assessments, tracked, content.parametric_maps, strict=True
    ):
        if assessment.mask.voxels == 0:
            raise NothingToReportError(assessment.roi.name)
        regions = image_regions(assessment.mask, series.instances)
        references = GroupReferences(
            _instance(content.contour_source),
            None if score_map is None else _instance(score_map),
        )
        factor = content.conversion.percent_injected_dose_per_gram
        groups.append(
            measurement_group(assessment, tracking, regions, references, factor)
        )
    if not groups:
        raise NothingToReportError(None)
    report = MeasurementReport(
        observation_context=_observer(identity, equipment),
        procedure_reported=codes.PET_OF_UNSPECIFIED_REGION,
        imaging_measurements=groups,
        title=codes.IMAGING_MEASUREMENT_REPORT,
        language_of_content_item_and_descendants=LanguageOfContentItemAndDescendants(
            CodedConcept.from_code(codes.LANGUAGE)
        ),
    )
    maps = [_instance(found) for found in content.parametric_maps if found is not None]
    used = _used_slices(content)
    images = [series.instances[k] for k in used]
    averaged = _averaged_with(series, used)
    library = image_library(stand_ins(series, used[:1])[0], images, averaged, maps)
    tree: ContentSequence = report[0].ContentSequence
    tree.insert(len(tree) - 1, library)
    tree.append(
        qualitative_evaluations(
            content.conversion, content.statements, content.context, identity.job_key
        )
    )
    return tree


def _animal(series: PetSeries, content: ReportContent) -> str:
    subject = "" if content.subject is None else content.subject.patient_id
    return content.animal_id or subject or series.patient_id


def _observer(identity: ObjectIdentity, equipment: Equipment) -> ObservationContext:
    """Return this software as the observer (PS3.16 TID 1004)."""
    uid = derived_uid(identity.uid_root, "device", equipment.serial_number)
    return ObservationContext(
        observer_device_context=ObserverContext(
            observer_type=standard_codes.DCM.Device,
            observer_identifying_attributes=DeviceObserverIdentifyingAttributes(
                uid=UID(uid),
                name=equipment.station_name,
                manufacturer_name=equipment.manufacturer,
                model_name=equipment.model_name,
                serial_number=equipment.serial_number,
            ),
        )
    )


def _texts(content: ReportContent, identity: ObjectIdentity) -> Iterator[str]:
    """Give every text of the report that may not be ASCII."""
    yield identity.series_description
    yield content.conversion.rule
    yield from (*content.conversion.statements, *content.statements)
    yield from (text for pair in content.context for text in pair)
    if content.subject is not None:
        yield content.subject.patient_id
    for assessment in content.assessments:
        model = assessment.score_model
        yield from (assessment.roi.name, *assessment.warnings)
        yield from (model.name, model.title, *parameters_of(assessment))


def _used_slices(content: ReportContent) -> list[int]:
    """Return the indices of the slices that the regions lie on."""
    masks = (assessment.mask.inside for assessment in content.assessments)
    used = np.any([mask.any(axis=(1, 2)) for mask in masks], axis=0)
    return np.flatnonzero(used).tolist()


def _averaged_with(series: PetSeries, used: list[int]) -> list[InstanceReference]:
    """Return the same slices of further time frames that the volume is the mean of."""
    count = len(series.instances)
    return [
        series.averaged_instances[start + k]
        for start in range(count, len(series.averaged_instances), count)
        for k in used
    ]


def _evidence(series: PetSeries, content: ReportContent) -> Iterator[Dataset]:
    """Give every object that the report refers to, the source of the patient first."""
    used = _used_slices(content)
    (first,) = stand_ins(series, used[:1])
    yield first
    study, own = series.study_instance_uid, series.series_instance_uid
    shown = [series.instances[k] for k in used[1:]]
    # Frames of one object are one piece of evidence.
    others = {
        image.sop_instance_uid: image
        for image in (*shown, *_averaged_with(series, used))
        if image.sop_instance_uid != first.SOPInstanceUID
    }
    for image in others.values():
        yield _identified(
            SourceReference(image.sop_class_uid, image.sop_instance_uid, study, own)
        )
    yield _identified(content.contour_source)
    for found in content.parametric_maps:
        if found is not None:
            yield _identified(found)


def _previous_versions(
    content: ReportContent, series: PetSeries, identity: ObjectIdentity
) -> list[Dataset] | None:
    if content.predecessor is None:
        return None
    before = content.predecessor
    if content.subject is not None:
        # The report before was in the animal's study too.
        study = content.subject.study_of(series.study_instance_uid, identity.uid_root)
        before = replace(before, study_instance_uid=study)
    return [_identified(before)]


def _identified(reference: SourceReference) -> Dataset:
    dataset = Dataset()
    dataset.SOPClassUID = reference.sop_class_uid
    dataset.SOPInstanceUID = reference.sop_instance_uid
    dataset.StudyInstanceUID = reference.study_instance_uid
    dataset.SeriesInstanceUID = reference.series_instance_uid
    return dataset


def _instance(reference: SourceReference) -> InstanceReference:
    return InstanceReference(reference.sop_class_uid, reference.sop_instance_uid)


class NothingToReportError(ModelError):
    """There is no region, or one without voxels."""

    reason = "no_roi"
    remedy = "Draw a region that encloses voxels of the PET."

    def __init__(self, roi: str | None) -> None:
        super().__init__(
            "no region was assessed" if roi is None else f"region {roi!r} has no voxels"
        )
        self.roi = roi
