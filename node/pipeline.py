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
from dicom_io.suv_rule import convert_to_suv
from model.affine import IDENTITY
from model.errors import ModelError
from model.score.assess import assess_roi
from model.score.assessment import RoiAssessment
from model.suv import SuvConversion
from node.case_options import CaseOptions
from node.case_report import RoiResult, roi_result
from node.failure import held_by
from node.identity import object_identity
from node.records import Case, Held, Job
from node.regions import RegionRules, find_regions

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
    contour_source: SourceReference
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
    grid = series.volume.grid
    regions = find_regions(
        case.contours.path,
        grid,
        RegionRules(options.rois, options.interpolate_gaps),
        dict.fromkeys(case.accept_frames_of_reference, IDENTITY),
        case.study_instance_uid,
    )
    suv, conversion = convert_to_suv(series, options.suv)
    assessments: list[RoiAssessment] = []
    held: list[Held] = list(regions.held)
    for region in regions.found:
        try:
            found = assess_roi(region.roi, suv, region.mask, options.assessment)
        except (DicomContentError, ModelError) as error:
            # One region's fault must not cost the others their result.
            held.append(held_by(error, case.study_instance_uid, roi=region.roi.name))
        else:
            warnings = (*found.warnings, *region.warnings)
            assessments.append(replace(found, warnings=warnings))
    statements = (*case.warnings, *regions.statements, *conversion.statements)
    return _Findings(
        series, regions.source, conversion, tuple(assessments), tuple(held), statements
    )


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
        contour_source=findings.contour_source,
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
