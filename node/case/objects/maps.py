"""Parametric Maps of a result: of each region the index, then what else is mapped.

Design choice: a map has a frame for every slice of the PET, as OHIF wants it, while all
maps of a result together stay within `_WHOLE_BYTES`, and always where there is but one.
Beyond that each has frames from the first to the last slice of its region: the same
values in the same places for all readers that go by positions. Six hundred lesions on
whole grids were six gigabytes of almost nothing.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from dicom_io.results.images.map_content import (
    INDEX_DISCLAIMER,
    PROBABILITY_DISCLAIMER,
    MapContent,
    feature_content,
    index_content,
    probability_content,
)
from dicom_io.results.images.parametric_map import build_parametric_map
from model.grid import Mask
from model.score.assessment import RoiAssessment
from node.case.objects.findings import Findings
from node.case.objects.made import Made, made_of
from node.case.objects.planned import PROBABILITY, SERIES_NUMBERS, Plan, Planned
from node.records.kinds import ResultKind

_PLACE_OF_PROBABILITY = 50
"""Behind every feature that has a map, of which there are a dozen."""
_WHOLE_BYTES = 256 << 20
"""What the pixels of all maps of a result may take for these to be whole."""
_BYTES_PER_VOXEL = 4
_FEWEST_SLICES = 2
"""Of a map's frames, where the PET has as many: one alone says nothing of distances."""


def plan_maps(findings: Findings, _plan: Plan) -> Iterator[Planned]:
    """Give the map of each region's index, and of the features behind it."""
    for region, found in enumerate(findings.assessments):
        name = found.roi.name
        # The description is all that some viewers show of a map.
        if found.score_map is not None:
            yield _planned(region, 0, "", f"{INDEX_DISCLAIMER}. {name}")
        if found.probability_map is not None:
            said = f"{PROBABILITY_DISCLAIMER}. {name}"
            yield _planned(region, _PLACE_OF_PROBABILITY, PROBABILITY, said)
        for place, feature in enumerate(found.feature_maps, start=1):
            yield _planned(region, place, feature, f"Local {feature} {name}")


def _planned(region: int, place: int, subject: str, description: str) -> Planned:
    number = region + 1
    return Planned(
        ResultKind.PARAMETRIC_MAP,
        "/".join(("map", str(number), *filter(None, [subject]))),
        "-".join(("map", str(number), *filter(None, [subject]))),
        SERIES_NUMBERS[ResultKind.PARAMETRIC_MAP] * number + place,
        description,
        region=region,
        subject=subject,
    )


def make_map(planned: Planned, plan: Plan, findings: Findings) -> Iterator[Made]:
    """Give a map."""
    found = findings.assessments[planned.region or 0]
    content = _content(found, planned.subject)
    if not maps_are_whole(findings):
        content = replace(content, slices=_spanned(found.mask))
    built = build_parametric_map(
        findings.image.series,
        content,
        plan.identity(planned),
        plan.options.equipment,
        findings.subject,
    )
    yield made_of(planned.kind, planned.name, built)


def maps_are_whole(findings: Findings) -> bool:
    """Return whether each map has a frame for every slice of the PET."""
    maps = sum(
        (found.score_map is not None)
        + (found.probability_map is not None)
        + len(found.feature_maps)
        for found in findings.assessments
    )
    voxels = int(np.prod(findings.image.series.volume.grid.shape))
    return maps == 1 or maps * voxels * _BYTES_PER_VOXEL <= _WHOLE_BYTES


def _spanned(mask: Mask) -> range:
    """Return the slices from the first to the last of a region."""
    used = np.flatnonzero(mask.inside.any(axis=(1, 2)))
    first, last = int(used[0]), int(used[-1]) + 1
    slices = mask.grid.shape[0]
    last = max(last, min(first + _FEWEST_SLICES, slices))
    return range(min(first, max(0, last - _FEWEST_SLICES)), last)


def _content(found: RoiAssessment, subject: str) -> MapContent:
    if not subject:
        return index_content(found)
    if subject == PROBABILITY:
        return probability_content(found)
    return feature_content(found, subject)
