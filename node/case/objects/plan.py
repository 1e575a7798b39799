"""What is planned of each kind of object, in the order of making.

Design choice: a kind is planned by one function, of what was found and of what is
planned already. What guides to other objects comes last, and is planned only where
there are such objects.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from node.case.objects.findings import Findings
from node.case.objects.guides import plan_blending, plan_key_objects
from node.case.objects.images import (
    plan_score_series,
    plan_segmentation,
    plan_suv_series,
)
from node.case.objects.maps import plan_maps
from node.case.objects.pages import plan_pdf, plan_summary
from node.case.objects.planned import SERIES_NUMBERS, Plan, Planned
from node.case.objects.reports import plan_report, plan_segment_report
from node.case.objects.texts import texts_beyond_ascii
from node.case.options import CaseOptions
from node.records.jobs import Job
from node.records.kinds import ResultKind

__all__ = ["SERIES_NUMBERS", "Plan", "Planned", "plan_objects"]

Planner = Callable[[Findings, Plan], Iterator[Planned]]
"""Gives what is to be made of one kind; the plan holds the kinds before it."""


def plan_objects(
    findings: Findings,
    options: CaseOptions,
    job: Job,
    kinds: Iterable[ResultKind],
) -> Plan:
    """Return what is to be made of a case's findings.

    Parameters
    ----------
    findings : Findings
    options : CaseOptions
    job : Job
        Gives the objects their identity and instants.
    kinds : iterable of ResultKind
        Of which something is to be made.
    """
    study = findings.image.series.study_instance_uid
    if findings.subject is not None:
        study = findings.subject.study_of(study, f"{options.objects.uid_root}.")
    plan = Plan((), job, options, study, texts_beyond_ascii(findings, options))
    wanted = set(kinds)
    for kind, planner in _PLANNERS.items():
        if kind in wanted:
            plan = replace(plan, series=(*plan.series, *planner(findings, plan)))
    return plan


_PLANNERS: dict[ResultKind, Planner] = {
    ResultKind.REPORT: plan_report,
    ResultKind.SEGMENTATION: plan_segmentation,
    ResultKind.PARAMETRIC_MAP: plan_maps,
    ResultKind.SUV_SERIES: plan_suv_series,
    ResultKind.SCORE_SERIES: plan_score_series,
    # After the segmentation, whose segments are its regions.
    ResultKind.SEGMENT_REPORT: plan_segment_report,
    ResultKind.SUMMARY: plan_summary,
    ResultKind.PDF: plan_pdf,
    ResultKind.KEY_OBJECTS: plan_key_objects,
    ResultKind.BLENDING: plan_blending,
}
