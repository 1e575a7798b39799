"""Objects that lead to others: what to look at first, and how to lay maps over images.

Design choice: what to look at first are the pages, then of each region the slice that
the most of it lies on, in the series of its index and in the PET as SUV, and its map;
the report comes last, since viewers that show images would open it instead of them.
"""

from collections.abc import Iterator

import numpy as np

from dicom_io.results.key_objects import build_key_objects
from dicom_io.results.map_content import INDEX_DISCLAIMER
from dicom_io.source_reference import SourceReference
from model.grid import Mask
from node.case.objects.findings import Findings
from node.case.objects.made import Made, made_of
from node.case.objects.planned import SERIES_NUMBERS, Plan, Planned
from node.records.kinds import ResultKind

_SHOWN = (
    ResultKind.SUMMARY,
    ResultKind.SCORE_SERIES,
    ResultKind.SUV_SERIES,
    ResultKind.PARAMETRIC_MAP,
)
"""What a person looks at; a selection without any of it leads nowhere."""


def plan_key_objects(_findings: Findings, plan: Plan) -> Iterator[Planned]:
    """Give the selection, where there is something to look at."""
    if any(plan.of(kind) for kind in _SHOWN):
        yield Planned(
            ResultKind.KEY_OBJECTS,
            "key-objects",
            "key-objects",
            SERIES_NUMBERS[ResultKind.KEY_OBJECTS],
            "Of interest: texture index results",
        )


def make_key_objects(
    planned: Planned, plan: Plan, findings: Findings
) -> Iterator[Made]:
    """Give the selection of what to look at first."""
    built = build_key_objects(
        findings.image.series,
        (tuple(_selected(plan, findings)), _words(findings)),
        plan.identity(planned),
        plan.options.equipment,
        findings.subject,
    )
    yield made_of(planned.kind, planned.name, built)


def central_slice(mask: Mask) -> int:
    """Return the slice that most of a region lies on; of several, the middle one."""
    voxels = mask.inside.sum(axis=(1, 2))
    fullest = np.flatnonzero(voxels == voxels.max())
    return int(fullest[len(fullest) // 2])


def _selected(plan: Plan, findings: Findings) -> Iterator[SourceReference]:
    yield from plan.references(ResultKind.SUMMARY)
    for region, found in enumerate(findings.assessments):
        instance = central_slice(found.mask) + 1
        for kind in (ResultKind.SCORE_SERIES, ResultKind.SUV_SERIES):
            for planned in plan.of(kind):
                if planned.shows(region):
                    yield plan.reference(planned, instance)
        index_map = plan.index_maps(len(findings.assessments))[region]
        if index_map is not None:
            yield index_map
    yield from plan.references(ResultKind.REPORT)


def _words(findings: Findings) -> str:
    """Return what is selected, named as it may be named."""
    told = dict.fromkeys(
        f"{found.roi.name}: {found.score_model.title}" for found in findings.assessments
    )
    return f"{'; '.join(told)}. {INDEX_DISCLAIMER}. Research use only."
