"""Objects that lead to others: what to look at first, and how to lay maps over images.

Design choice: what to look at first are the pages, then of each region the slice that
the most of it lies on, in the series of its index and in the PET as SUV, and its map;
the report comes last, since viewers that show images would open it instead of them.

Design choice: the index is laid over the CT where that names the PET's own frame of
reference, since presentation states know no other; else over the PET in SUV, and the
description says which. A series of indices has a presentation state of its own.
"""

from collections.abc import Iterator

import numpy as np

from dicom_io.results.images.map_content import INDEX_DISCLAIMER
from dicom_io.results.presentation.blending import (
    BlendedSeries,
    BlendingContent,
    build_blending,
)
from dicom_io.results.presentation.key_objects import build_key_objects
from dicom_io.source_reference import SourceReference
from model.grid import Mask
from node.case.objects.findings import Findings
from node.case.objects.made import Made, made_of
from node.case.objects.planned import SERIES_NUMBERS, Plan, Planned
from node.records.kinds import ResultKind

_SOFT_TISSUE_HU = (-160.0, 240.0)
"""Window of the CT, as far as the scanner is calibrated to Hounsfield units."""

_GREATEST_STORED = 32767

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


def plan_blending(_findings: Findings, plan: Plan) -> Iterator[Planned]:
    """Give a state for each series of indices, where there is an image for below."""
    above = plan.of(ResultKind.SCORE_SERIES)
    if above and plan.of(ResultKind.SUV_SERIES):
        yield Planned(
            ResultKind.BLENDING,
            "blending",
            "blending",
            SERIES_NUMBERS[ResultKind.BLENDING],
            f"{INDEX_DISCLAIMER}. Laid over",
            instances=len(above),
        )


def make_blending(planned: Planned, plan: Plan, findings: Findings) -> Iterator[Made]:
    """Give the state of each series of indices."""
    label, where, below = _below(plan, findings)
    for number, above in enumerate(plan.of(ResultKind.SCORE_SERIES), start=1):
        limits = _limits(findings, above.regions)
        images = _images_of(plan, above)
        content = BlendingContent(
            BlendedSeries(images, limits, "viridis", threshold=limits),
            below,
            label,
            f"{INDEX_DISCLAIMER}; {where}",
        )
        built = build_blending(
            findings.image.series,
            content,
            plan.identity(planned, number),
            plan.options.equipment,
            findings.subject,
        )
        yield made_of(planned.kind, f"{planned.name}-{number}", built)


def _below(plan: Plan, findings: Findings) -> tuple[str, str, BlendedSeries]:
    """Return what lies below: how it is labelled and told, and the series."""
    behind, series = findings.behind, findings.image.series
    frame = series.volume.grid.frame_of_reference
    if behind is not None and behind.frame_of_reference == frame and not behind.fault:
        shown = BlendedSeries(behind.images, _SOFT_TISSUE_HU, "gray")
        return "INDEX_OVER_CT", "over CT", shown
    [suv] = plan.of(ResultKind.SUV_SERIES)
    highest = max(found.suv.maximum for found in findings.assessments)
    # A region may have no uptake at all, and a window must have a width.
    window = (0.0, highest if highest > 0 else 1.0)
    shown = BlendedSeries(_images_of(plan, suv), window, "gray_r")
    where = "over PET" if behind is None else "over PET: CT lies elsewhere"
    return "INDEX_OVER_PET", where, shown


def _images_of(plan: Plan, planned: Planned) -> tuple[SourceReference, ...]:
    return tuple(
        plan.reference(planned, instance)
        for instance in range(1, planned.instances + 1)
    )


def _limits(findings: Findings, regions: tuple[int, ...]) -> tuple[float, float]:
    """Return the least and the greatest index of some regions; 0 where none is."""
    maps = [findings.assessments[region].score_map for region in regions]
    whole = [found.values for found in maps if found is not None]
    values = [each[np.isfinite(each)] for each in whole]
    together = np.concatenate([*values, np.empty(0)])
    if together.size == 0:
        return 0.0, 0.0
    # Stored values are rounded by half a step at most; padding is a whole one beyond.
    half = float(np.abs(together).max()) / _GREATEST_STORED / 2
    return float(together.min()) - half, float(together.max()) + half


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
