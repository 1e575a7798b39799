"""From repeated rows to what is said of them: pairing, assessment, cautions."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from model.learning.repeatability.concordance import expected_interval
from model.learning.repeatability.measurements import MINIMUM_SUBJECTS
from node.learning.repeatability.pairing import Paired, paired
from node.learning.repeatability.results import KEPT, Thresholds, assessed, kept_rows
from node.learning.repeatability.rows import RepeatedRows
from node.learning.tables.joined import Finding, FindingKind, SourceFile

TRANSFER = (
    "The thresholds 0.65 (PET) and 0.75 (CT) come from a phantom and from human lungs "
    "(RIDER). They do not transfer to mice by themselves: a mouse tumour has fewer "
    "voxels and other noise, and the animal lies differently in each scan. Scan your "
    "own animals twice, and choose the threshold for what the features are to decide."
)
"""Said in every report."""
_WIDE = 50
"""Subjects from which on the interval is taken to speak for itself: that of a CCC of
0.65 is then narrower than 0.35."""


@dataclass(frozen=True)
class ModalityOutcome:
    """What came of a modality.

    Attributes
    ----------
    modality : str
    features, kept : int
    regions, subjects : int
        Regions with all repeats, and of how many subjects they are.
    repeats : tuple of int
    threshold : float
    refused : str
        Why nothing could be assessed; empty where something could.
    """

    modality: str
    features: int
    kept: int
    regions: int
    subjects: int
    repeats: tuple[int, ...]
    threshold: float
    refused: str = ""


@dataclass(frozen=True, eq=False)
class RepeatabilityRun:
    """What is said of the repeatability of features.

    Attributes
    ----------
    rows : RepeatedRows
        As they were read.
    results : pandas.DataFrame
        With the columns of `node.learning.repeatability.results.COLUMNS`.
    kept : pandas.DataFrame
    outcomes : tuple of ModalityOutcome
    findings : tuple of Finding
        Of reading and of pairing.
    cautions : tuple of str
        What must be known of the numbers, the most important first.
    """

    rows: RepeatedRows
    results: pd.DataFrame
    kept: pd.DataFrame
    outcomes: tuple[ModalityOutcome, ...]
    findings: tuple[Finding, ...]
    cautions: tuple[str, ...]

    @property
    def refused(self) -> bool:
        """Whether something was asked for that could not be answered."""
        lost = (FindingKind.DUPLICATE, FindingKind.EXCLUDED)
        return (
            bool(self.rows.held)
            or not self.outcomes
            or any(each.refused for each in self.outcomes)
            or any(each.kind in lost for each in self.findings)
        )


def run_repeatability(
    rows: RepeatedRows, thresholds: Thresholds, repeats: Sequence[int] = ()
) -> RepeatabilityRun:
    """Return the repeatability of every feature.

    Parameters
    ----------
    rows : RepeatedRows
    thresholds : Thresholds
    repeats : sequence of int
        Those that are compared; all without it.

    Raises
    ------
    TableError
        When there are not two repeats of anything.
    """
    groups, found = ((), ()) if rows.frame.empty else paired(rows, repeats)
    results = assessed(groups, thresholds)
    outcomes = tuple(_outcome(each, results, thresholds) for each in groups)
    cautions = (
        TRANSFER,
        *(text for each in groups for text in _cautions(each, results)),
    )
    return RepeatabilityRun(
        rows=replace(rows, sources=_used(rows.sources, groups)),
        results=results,
        kept=kept_rows(results),
        outcomes=outcomes,
        findings=(*rows.findings, *found),
        cautions=cautions,
    )


def as_summary(run: RepeatabilityRun) -> dict[str, Any]:
    """Return a run for programs.

    Parameters
    ----------
    run : RepeatabilityRun
    """
    return {
        "modalities": {each.modality: _numbers(each) for each in run.outcomes},
        "kept": list(run.kept["name"]),
        "features": run.results.astype(object)
        .where(run.results.notna(), None)
        .to_dict("records"),
        "warnings": [*run.cautions, *run.rows.statements],
        "findings": list(run.findings),
        "held": list(run.rows.held),
        "sources": list(run.rows.sources),
        "profiles": dict(run.rows.profiles),
    }


def _numbers(outcome: ModalityOutcome) -> dict[str, Any]:
    return {
        "features": outcome.features,
        "kept": outcome.kept,
        "regions": outcome.regions,
        "subjects": outcome.subjects,
        "repeats": outcome.repeats,
        "threshold": outcome.threshold,
        "refused": outcome.refused or None,
    }


def _used(
    sources: Sequence[SourceFile], groups: Sequence[Paired]
) -> tuple[SourceFile, ...]:
    """Return the sources with how many of their rows, or regions, were compared."""
    places = frozenset[tuple[str, str]]().union(*(each.places for each in groups))
    return tuple(
        replace(source, used=sum(file == source.name for file, _ in places))
        for source in sources
    )


def _outcome(
    group: Paired, results: pd.DataFrame, thresholds: Thresholds
) -> ModalityOutcome:
    mine = results[results["modality"] == group.modality]
    regions = len(group.subjects)
    refused = ""
    if regions < MINIMUM_SUBJECTS:
        refused = (
            f"not assessable at n = {regions}: at least {MINIMUM_SUBJECTS} regions "
            "with all their repeats are needed"
        )
    return ModalityOutcome(
        modality=group.modality,
        features=len(mine),
        kept=int((mine["kept"] == KEPT).sum()),
        regions=regions,
        subjects=group.animals,
        repeats=group.repeats,
        threshold=thresholds.rule(group.modality).threshold,
        refused=refused,
    )


def _cautions(group: Paired, results: pd.DataFrame) -> Iterator[str]:
    mine = results[results["modality"] == group.modality]
    regions = len(group.subjects)
    if regions < MINIMUM_SUBJECTS or mine.empty:
        return
    threshold = float(mine["threshold"].iloc[0])
    if regions < _WIDE and threshold < 1:
        low, high = expected_interval(threshold, regions)
        yield (
            f"{group.modality}: with {regions} pairs the 95 % interval of a CCC of "
            f"{threshold:g} reaches from about {low:.2f} to {high:.2f}. What lies "
            "inside it may as well have been kept as not."
        )
    if group.animals < regions:
        yield (
            f"{group.modality}: the {regions} regions are of {group.animals} subjects. "
            "Regions of one subject share its scan, and the intervals, which take them "
            "for independent, are too narrow."
        )
    equal = mine[(mine["ccc"] == 1) & mine["low"].isna()]
    if len(equal):
        yield (
            f"{group.modality}: {len(equal)} features are equal in all repeats, as of "
            "contours that were copied from one scan to the other. Their CCC of 1 "
            f"shows nothing: {', '.join(equal['feature'])}."
        )
