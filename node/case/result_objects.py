"""The objects that a case's findings become, each in a series of its own."""

from collections.abc import Iterator
from dataclasses import dataclass

from pydicom.dataset import Dataset

from dicom_io.results.group_subject import SourceGroupSubject
from dicom_io.results.map_content import (
    INDEX_DISCLAIMER,
    MapContent,
    feature_content,
    index_content,
)
from dicom_io.results.measurement_report import (
    ReportContent,
    build_measurement_report,
)
from dicom_io.results.parametric_map import build_parametric_map
from dicom_io.source_reference import SourceReference
from dicom_io.stamp import ObjectIdentity
from model.score.assessment import RoiAssessment
from node.case.options import CaseOptions
from node.case.suv_image import SuvImage
from node.identity import object_identity
from node.records.cases import Held
from node.records.jobs import Job


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
    maps = _index_maps(findings, options, job)
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
    yield from _feature_maps(findings, options, job)


def _index_maps(
    findings: Findings, options: CaseOptions, job: Job
) -> list[Dataset | None]:
    """Return the map of each region, None where it has none."""
    base = options.objects.series_number_base
    built: list[Dataset | None] = []
    for number, found in enumerate(findings.assessments, start=1):
        if found.score_map is None:
            built.append(None)
            continue
        identity = object_identity(
            job,
            f"map/{number}",
            root=options.objects.uid_root,
            number=base + number,
            # All that some viewers show of a map.
            description=f"{INDEX_DISCLAIMER}. {found.roi.name}",
        )
        built.append(_map(findings, index_content(found), identity, options))
    return built


def _feature_maps(
    findings: Findings, options: CaseOptions, job: Job
) -> Iterator[tuple[str, Dataset]]:
    """Give the maps of the model's features, numbered behind those of the index."""
    series_number = options.objects.series_number_base + len(findings.assessments)
    for number, found in enumerate(findings.assessments, start=1):
        for name in found.feature_maps:
            series_number += 1
            identity = object_identity(
                job,
                f"map/{number}/{name}",
                root=options.objects.uid_root,
                number=series_number,
                description=f"Local {name} {found.roi.name}",
            )
            content = feature_content(found, name)
            built = _map(findings, content, identity, options)
            yield f"map-{number}-{name}.dcm", built


def _map(
    findings: Findings,
    content: MapContent,
    identity: ObjectIdentity,
    options: CaseOptions,
) -> Dataset:
    return build_parametric_map(
        findings.image.series, content, identity, options.equipment, findings.subject
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
