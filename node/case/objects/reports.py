"""The structured reports of a result, and what of the result they name.

Design choice: a report names every other object of its result, whether or not a
destination gets it: an archive that holds more than one destination was sent finds
them, and who follows a reference to what is not there sees only that.
"""

from collections.abc import Callable, Iterator
from types import MappingProxyType

from pydicom.dataset import Dataset
from pydicom.sr.coding import Code

from dicom_io import codes
from dicom_io.results.report.measurement_report import (
    build_measurement_report,
    build_segment_report,
)
from dicom_io.results.report.report_content import RelatedObject, ReportContent
from node.case.objects.findings import Findings
from node.case.objects.made import Made, made_of
from node.case.objects.planned import PROBABILITY, SERIES_NUMBERS, Plan, Planned
from node.records.kinds import ResultKind

_OF_THE_CASE = MappingProxyType(
    {
        ResultKind.SUV_SERIES: codes.IMAGES_IN_SUV,
        ResultKind.SUMMARY: codes.SUMMARY_PAGE,
        ResultKind.PDF: codes.SUMMARY_DOCUMENT,
        ResultKind.REPORT: codes.OTHER_REPORT,
        ResultKind.SEGMENT_REPORT: codes.OTHER_REPORT,
        ResultKind.KEY_OBJECTS: codes.KEY_OBJECTS,
        ResultKind.BLENDING: codes.BLENDING,
    }
)
"""What each kind is called that is about all regions of a case."""
_EVERY_INSTANCE = frozenset({ResultKind.SUMMARY})
"""Kinds whose instances are looked at one by one; of others the first is named."""


def plan_report(_findings: Findings, _plan: Plan) -> Iterator[Planned]:
    """Give the report whose regions are outlines."""
    yield Planned(
        ResultKind.REPORT,
        "report",
        "report",
        SERIES_NUMBERS[ResultKind.REPORT],
        "T-cell exhaustion texture report",
    )


def plan_segment_report(_findings: Findings, plan: Plan) -> Iterator[Planned]:
    """Give the report whose regions are segments, where there is a segmentation."""
    if plan.of(ResultKind.SEGMENTATION):
        yield Planned(
            ResultKind.SEGMENT_REPORT,
            "segment-report",
            "segment-report",
            SERIES_NUMBERS[ResultKind.SEGMENT_REPORT],
            "T-cell exhaustion texture report (segments)",
        )


def make_report(planned: Planned, plan: Plan, findings: Findings) -> Iterator[Made]:
    """Give the report whose regions are outlines."""
    yield _made(build_measurement_report, planned, plan, findings)


def make_segment_report(
    planned: Planned, plan: Plan, findings: Findings
) -> Iterator[Made]:
    """Give the report whose regions are segments."""
    yield _made(build_segment_report, planned, plan, findings)


def _made(
    build: Callable[..., Dataset], planned: Planned, plan: Plan, findings: Findings
) -> Made:
    image = findings.image
    segmentations = plan.references(ResultKind.SEGMENTATION)
    content = ReportContent(
        assessments=findings.assessments,
        conversion=image.conversion,
        contour_source=findings.contour_source,
        of_regions=tuple(
            tuple(_of_region(plan, region))
            for region in range(len(findings.assessments))
        ),
        predecessor=findings.predecessors.get(planned.kind),
        statements=findings.statements
        + tuple(f"{held.reason}: {held.detail}" for held in findings.held),
        completed=not findings.held,
        animal_id=image.animal_id,
        context=image.context,
        subject=findings.subject,
        finding_site=plan.options.objects.finding_site,
        of_case=tuple(_of_case(plan, planned)),
        segmentation=segmentations[0] if segmentations else None,
    )
    identity = plan.identity(planned)
    built = build(image.series, content, identity, plan.options.equipment)
    return made_of(planned.kind, planned.name, built)


def _of_region(plan: Plan, region: int) -> Iterator[RelatedObject]:
    """Give what shows one region."""
    for reference in plan.references(ResultKind.SEGMENTATION):
        yield RelatedObject(codes.SEGMENT_OF_REGION, reference, region + 1)
    for kind in (ResultKind.PARAMETRIC_MAP, ResultKind.SCORE_SERIES):
        for planned in plan.of(kind):
            if planned.region == region:
                yield _first(_name_of(planned), plan, planned)


def _of_case(plan: Plan, report: Planned) -> Iterator[RelatedObject]:
    """Give what is about all regions, the report itself left out."""
    for kind, name in _OF_THE_CASE.items():
        for planned in plan.of(kind):
            if planned is report:
                continue
            if kind in _EVERY_INSTANCE:
                for instance in range(1, planned.instances + 1):
                    yield RelatedObject(name, plan.reference(planned, instance))
            else:
                yield _first(name, plan, planned)


def _first(name: Code, plan: Plan, planned: Planned) -> RelatedObject:
    if planned.instances > 1:
        name = codes.renamed(name, f"{name.meaning} of {planned.instances}")
    return RelatedObject(name, plan.reference(planned))


def _name_of(planned: Planned) -> Code:
    if planned.kind is ResultKind.SCORE_SERIES:
        return codes.IMAGES_OF_INDEX
    if not planned.subject:
        return codes.MAP_OF_REGION
    if planned.subject == PROBABILITY:
        return codes.MAP_OF_PROBABILITY
    return codes.renamed(codes.MAP_OF_FEATURE, f"Map of local {planned.subject}")
