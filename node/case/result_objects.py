"""The objects that a case's findings become, each in a series of its own."""

from collections.abc import Iterator
from dataclasses import dataclass

from pydicom.dataset import Dataset

from dicom_io.results.group_subject import SourceGroupSubject
from dicom_io.results.measurement_report import (
    ReportContent,
    SourceReference,
    build_measurement_report,
)
from dicom_io.results.parametric_map import build_parametric_map
from model.score.assessment import RoiAssessment
from node.case.options import CaseOptions
from node.case.suv_image import SuvImage
from node.identity import object_identity
from node.records import Held, Job


@dataclass(frozen=True, eq=False)
class Findings:
    """Everything about a case that its objects are made of.

    Attributes
    ----------
    image : SuvImage
    contour_source : SourceReference
        The object that the regions were made from.
    assessments : tuple of RoiAssessment
    held : tuple of Held
        Regions that could not be assessed.
    statements : tuple of str
        What a reader must know, beside those of the conversion to SUV.
    subject : SourceGroupSubject or None
        Whom the results are about, where it is not the PET's own patient.
    """

    image: SuvImage
    contour_source: SourceReference
    assessments: tuple[RoiAssessment, ...]
    held: tuple[Held, ...]
    statements: tuple[str, ...]
    subject: SourceGroupSubject | None


def build_objects(
    findings: Findings,
    options: CaseOptions,
    job: Job,
    predecessor: SourceReference | None,
) -> Iterator[tuple[str, Dataset]]:
    """Give the name and the data set of each object, the SR first.

    Parameters
    ----------
    findings : Findings
        Of which nothing is made when no region was assessed.
    options : CaseOptions
    job : Job
        Gives the objects their identity and instants.
    predecessor : SourceReference or None
        The SR that this result revises.
    """
    if not findings.assessments:
        return
    image = findings.image
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
        conversion=image.conversion,
        contour_source=findings.contour_source,
        parametric_maps=tuple(_reference(built) for built in maps),
        predecessor=predecessor,
        statements=findings.statements
        + tuple(f"{held.reason}: {held.detail}" for held in findings.held),
        completed=not findings.held,
        animal_id=image.animal_id,
        context=image.context,
        subject=findings.subject,
    )
    yield (
        "report.dcm",
        build_measurement_report(image.series, content, identity, options.equipment),
    )
    for number, built in enumerate(maps, start=1):
        if built is not None:
            yield f"map-{number}.dcm", built


def _build_maps(
    findings: Findings, options: CaseOptions, job: Job
) -> list[Dataset | None]:
    return [
        _build_map(findings, number, options, job)
        for number in range(1, len(findings.assessments) + 1)
    ]


def _build_map(
    findings: Findings, number: int, options: CaseOptions, job: Job
) -> Dataset | None:
    assessment = findings.assessments[number - 1]
    if assessment.score_map is None:
        return None
    identity = object_identity(
        job,
        f"map/{number}",
        root=options.objects.uid_root,
        number=options.objects.series_number_base + number,
        description=f"Local texture index {assessment.roi.name}",
    )
    return build_parametric_map(
        findings.image.series,
        assessment,
        identity,
        options.equipment,
        findings.subject,
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
