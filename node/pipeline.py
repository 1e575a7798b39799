"""The sentence: objects in, SUV, masks, scores, result objects out.

Design choice: one region's fault does not cost the others their result. What is held
stands beside what was scored, in the report too.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from pydicom.dataset import Dataset

from dicom_io.errors import DicomContentError
from dicom_io.measurement_report import (
    ReportContent,
    SourceReference,
    build_measurement_report,
)
from dicom_io.parametric_map import build_parametric_map
from dicom_io.part10 import encode_dataset
from dicom_io.pet_series import PetSeries, read_pet_series
from dicom_io.rtstruct import StructureSet, read_structure_set
from dicom_io.suv_rule import convert_to_suv
from model.contours import Roi, outside_contours, rasterise
from model.errors import ModelError
from model.grid import Grid, Volume
from model.score.assess import AssessmentOptions, assess_roi
from model.score.assessment import RoiAssessment
from model.suv import SuvConversion
from node.case_options import CaseOptions, RoiPatterns
from node.case_report import RoiResult, roi_result
from node.failure import held_by
from node.identity import object_identity
from node.records import Case, Held, Job

Writer = Callable[[str, bytes], Path]
"""Makes a file of a name and its bytes, durably, and returns where it lies."""


@dataclass(frozen=True)
class WrittenObject:
    """A result object and its file.

    Attributes
    ----------
    sop_class_uid, sop_instance_uid, series_instance_uid, transfer_syntax_uid : str
    path : Path
        As the writer returned it.
    """

    sop_class_uid: str
    sop_instance_uid: str
    series_instance_uid: str
    transfer_syntax_uid: str
    path: Path


@dataclass(frozen=True)
class CaseResult:
    """What came of a case.

    Attributes
    ----------
    results : tuple of RoiResult
        One per region that could be assessed.
    held : tuple of Held
        One per region that could not.
    objects : tuple of WrittenObject
        The SR first; empty when no region could be assessed.
    """

    results: tuple[RoiResult, ...]
    held: tuple[Held, ...]
    objects: tuple[WrittenObject, ...]


@dataclass(frozen=True, eq=False)
class _Findings:
    """Everything about a case that its objects are made of."""

    series: PetSeries
    structure_set: StructureSet
    conversion: SuvConversion
    assessments: tuple[RoiAssessment, ...]
    held: tuple[Held, ...]
    statements: tuple[str, ...]


def compute_case(
    case: Case,
    options: CaseOptions,
    job: Job,
    write: Writer,
    *,
    predecessor: SourceReference | None = None,
) -> CaseResult:
    """Return the result of a case, its objects written.

    Parameters
    ----------
    case : Case
    options : CaseOptions
    job : Job
        Gives the objects their identity and instants.
    write : callable
        Called once per object, in the order of `CaseResult.objects`.
    predecessor : SourceReference or None
        The SR that this result revises.

    Raises
    ------
    DicomContentError, ModelError
        When nothing of the case can be computed; `node.failure` says who must act.
    """
    findings = _assess(case, options)
    objects = tuple(
        _written(name, dataset, write)
        for name, dataset in _build_objects(findings, options, job, predecessor)
    )
    results = tuple(
        roi_result(found, findings.series, findings.conversion, findings.statements)
        for found in findings.assessments
    )
    return CaseResult(results, findings.held, objects)


def _assess(case: Case, options: CaseOptions) -> _Findings:
    series = read_pet_series([instance.path for instance in case.pet])
    structure_set = read_structure_set(case.contours.path)
    suv, conversion = convert_to_suv(series, options.suv)
    assessments: list[RoiAssessment] = []
    held: list[Held] = []
    for roi in selected_rois(structure_set, options.rois):
        try:
            assessments.append(_assess_roi(roi, suv, case, options.assessment))
        except (DicomContentError, ModelError) as error:
            # One region's fault must not cost the others their result.
            held.append(held_by(error, case.study_instance_uid, roi=roi.name))
    statements = (*case.warnings, *structure_set.statements, *conversion.statements)
    return _Findings(
        series, structure_set, conversion, tuple(assessments), tuple(held), statements
    )


def _assess_roi(
    roi: Roi, suv: Volume, case: Case, options: AssessmentOptions
) -> RoiAssessment:
    accepted = (suv.grid.frame_of_reference, *case.accept_frames_of_reference)
    if roi.frame_of_reference not in accepted:
        raise FrameOfReferenceError(roi.frame_of_reference, suv.grid)
    mask = rasterise(roi, suv.grid)
    outside = outside_contours(roi, suv.grid)
    found = assess_roi(roi, suv, mask, options)
    if not outside:
        return found
    statement = f"{outside} of {len(roi.contours)} contours lie outside the PET"
    return replace(found, warnings=(*found.warnings, statement))


def selected_rois(structure_set: StructureSet, patterns: RoiPatterns) -> list[Roi]:
    """Return the regions that are to be scored.

    Raises
    ------
    NoRoiSelectedError
    """
    selected = [roi for roi in structure_set.rois if patterns.select(roi.name)]
    if not selected:
        raise NoRoiSelectedError(structure_set, patterns)
    return selected


def _build_objects(
    findings: _Findings,
    options: CaseOptions,
    job: Job,
    predecessor: SourceReference | None,
) -> Iterator[tuple[str, Dataset]]:
    if not findings.assessments:
        return
    maps = _build_maps(findings, options, job)
    identity = object_identity(
        job,
        "report",
        root=options.objects.uid_root,
        number=options.objects.series_number_base,
        description="T-cell exhaustion texture report",
    )
    content = ReportContent(
        assessments=findings.assessments,
        conversion=findings.conversion,
        contour_source=_source(findings.structure_set),
        parametric_maps=tuple(_reference(built) for built in maps),
        predecessor=predecessor,
        statements=findings.statements
        + tuple(f"{held.reason}: {held.detail}" for held in findings.held),
        completed=not findings.held,
        animal_id=findings.series.patient_id,
    )
    yield (
        "report.dcm",
        build_measurement_report(findings.series, content, identity, options.equipment),
    )
    for number, built in enumerate(maps, start=1):
        if built is not None:
            yield f"map-{number}.dcm", built


def _build_maps(
    findings: _Findings, options: CaseOptions, job: Job
) -> list[Dataset | None]:
    maps: list[Dataset | None] = []
    for number, assessment in enumerate(findings.assessments, start=1):
        if assessment.score_map is None:
            maps.append(None)
            continue
        identity = object_identity(
            job,
            f"map/{number}",
            root=options.objects.uid_root,
            number=options.objects.series_number_base + number,
            description=f"Local texture index {assessment.roi.name}",
        )
        maps.append(
            build_parametric_map(
                findings.series, assessment, identity, options.equipment
            )
        )
    return maps


def _source(structure_set: StructureSet) -> SourceReference:
    return SourceReference(
        structure_set.reference.sop_class_uid,
        structure_set.reference.sop_instance_uid,
        structure_set.study_instance_uid,
        structure_set.series_instance_uid,
    )


def _reference(built: Dataset | None) -> SourceReference | None:
    if built is None:
        return None
    return SourceReference(
        str(built.SOPClassUID),
        str(built.SOPInstanceUID),
        str(built.StudyInstanceUID),
        str(built.SeriesInstanceUID),
    )


def _written(name: str, dataset: Dataset, write: Writer) -> WrittenObject:
    return WrittenObject(
        sop_class_uid=str(dataset.SOPClassUID),
        sop_instance_uid=str(dataset.SOPInstanceUID),
        series_instance_uid=str(dataset.SeriesInstanceUID),
        transfer_syntax_uid=str(dataset.file_meta.TransferSyntaxUID),
        path=write(name, encode_dataset(dataset)),
    )


class NoRoiSelectedError(DicomContentError):
    """No region of the structure set is to be scored."""

    reason = "no_roi"
    remedy = (
        "Draw the tumour as a closed contour, or change rois.include and rois.exclude "
        "in the configuration."
    )

    def __init__(self, structure_set: StructureSet, patterns: RoiPatterns) -> None:
        names = ", ".join(repr(roi.name) for roi in structure_set.rois) or "none"
        super().__init__(
            f"no region matches include {list(patterns.include)} and exclude "
            f"{list(patterns.exclude)}; regions with contours: {names}"
            + "".join(f"; {said}" for said in structure_set.statements),
            attribute="ROIName (3006,0026)",
            uid=structure_set.reference.sop_instance_uid,
        )


class FrameOfReferenceError(ModelError):
    """Contours lie in another coordinate system than the PET."""

    reason = "frame_of_reference"
    remedy = (
        "Send the Spatial Registration that joins them, draw the contours on the PET, "
        "or, for a co-registered gantry, add [[matching.co_registered]] with its "
        "model_name to the configuration."
    )

    def __init__(self, contours: str, grid: Grid) -> None:
        super().__init__(
            f"the contours lie in frame of reference {contours}, the PET in "
            f"{grid.frame_of_reference}"
        )
        self.contours = contours
