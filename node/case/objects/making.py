"""Objects made as they were planned, kind by kind, the report first.

Design choice: a kind of object is one function in `_MAKERS`. What has none there is
neither planned nor referred to. The kinds that show pages are made by `Pages`, which
composes them once for both.
"""

from collections.abc import Callable, Iterator

from node.case.objects.findings import Findings
from node.case.objects.guides import make_blending, make_key_objects
from node.case.objects.images import (
    make_score_series,
    make_segmentation,
    make_suv_series,
)
from node.case.objects.made import Made
from node.case.objects.maps import make_map
from node.case.objects.pages import PAGE_KINDS, Pages
from node.case.objects.plan import Plan, Planned, plan_objects
from node.case.objects.reports import make_report, make_segment_report
from node.case.options import CaseOptions
from node.records.jobs import Job
from node.records.kinds import ResultKind


def make_objects(findings: Findings, options: CaseOptions, job: Job) -> Iterator[Made]:
    """Give each object of a result, the report first.

    Parameters
    ----------
    findings : Findings
        Of which nothing is made when no region was assessed.
    options : CaseOptions
    job : Job
        Gives the objects their identity and instants.
    """
    if not findings.assessments:
        return
    wanted = options.objects.kinds
    made = (*_MAKERS, *PAGE_KINDS)
    plan = plan_objects(
        findings, options, job, [kind for kind in made if kind in wanted]
    )
    makers = {**_MAKERS, **Pages(findings, plan).makers}
    for planned in plan.series:
        yield from makers[planned.kind](planned, plan, findings)


_MAKERS: dict[ResultKind, Callable[[Planned, Plan, Findings], Iterator[Made]]] = {
    ResultKind.REPORT: make_report,
    ResultKind.SEGMENTATION: make_segmentation,
    ResultKind.PARAMETRIC_MAP: make_map,
    ResultKind.SUV_SERIES: make_suv_series,
    ResultKind.SCORE_SERIES: make_score_series,
    ResultKind.SEGMENT_REPORT: make_segment_report,
    ResultKind.KEY_OBJECTS: make_key_objects,
    ResultKind.BLENDING: make_blending,
}
