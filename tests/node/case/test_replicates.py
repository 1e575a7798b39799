"""Promises of `node.case.replicates`, through the service."""

from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset

from node.records.kinds import ResultKind
from tests.support.inline import InlineNode
from tests.support.pet import ROOT, pet_datasets
from tests.support.studies import small_study

PET, CONTOURS = small_study()
STORED = np.stack([each.pixel_array * float(each.RescaleSlope) for each in PET])


def reconstruction(values: Any = STORED, **attributes: Any) -> list[Dataset]:
    """Return another PET series of the same scan."""
    return pet_datasets(values=values, series_uid=f"{ROOT}.1.7", **attributes)


def smoother() -> list[Dataset]:
    return reconstruction((STORED + np.roll(STORED, 1, axis=2)) / 2)


def said_in(report: Dataset) -> list[str]:
    """Return every text of a report."""
    texts = [report.TextValue] if report.get("ValueType") == "TEXT" else []
    for item in report.get("ContentSequence", []):
        texts += said_in(item)
    return texts


def revised_by(report: Dataset) -> str:
    """Return the UID of the only report that a report revises."""
    (study,) = report.PredecessorDocumentsSequence
    (series,) = study.ReferencedSeriesSequence
    (named,) = series.ReferencedSOPSequence
    return str(named.ReferencedSOPInstanceUID)


def said_of_case(folder: Path, *objects: Dataset, extra: str = "") -> list[str]:
    """Return the texts of the only report of some objects."""
    with InlineNode(folder, extra=extra) as node:
        node.send(*objects)
        (report,) = node.reports(1)
    return said_in(report)


def test_a_reconstruction_that_comes_later_makes_a_revision(tmp_path: Path) -> None:
    with InlineNode(tmp_path) as node:
        node.send(*PET, CONTOURS)
        node.pass_time()
        node.send(*smoother())
        before, after = node.reports(2)

    assert "sensitivity basis=perturbation" in said_in(before)
    assert "sensitivity basis=replicates" in said_in(after)
    assert revised_by(after) == before.SOPInstanceUID


def test_the_report_of_segments_revises_the_one_of_segments(tmp_path: Path) -> None:
    made = '[results]\nobjects = ["sr", "segment_sr", "segmentation"]\n'
    with InlineNode(tmp_path, extra=made) as node:
        node.send(*PET, CONTOURS)
        node.pass_time()
        node.send(*smoother())
        before, after = (
            pydicom.dcmread(item.path)
            for report in node.reports(2)
            for item in node.ledger.beside(report.SOPInstanceUID)
            if item.kind is ResultKind.SEGMENT_REPORT
        )

    assert "PredecessorDocumentsSequence" not in before
    assert revised_by(after) == before.SOPInstanceUID


def test_replicates_are_left_out_on_the_sites_wish(tmp_path: Path) -> None:
    texts = said_of_case(
        tmp_path, *PET, *smoother(), CONTOURS, extra="[score]\nreplicates = false\n"
    )

    assert "sensitivity basis=perturbation" in texts
    assert not any("reconstruction" in text for text in texts)


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (reconstruction(), "holds the values of another series"),
        (
            reconstruction(STORED.max() * (STORED / STORED.max()).round(5)),
            "holds the values of another series",
        ),
        (reconstruction(STORED[::-1], RescaleIntercept="5"), "rescale intercept is 5"),
    ],
    ids=["a copy", "a copy with other steps", "not convertible"],
)
def test_what_says_nothing_of_the_scan_has_no_part_and_is_named(
    tmp_path: Path, other: list[Dataset], why: str
) -> None:
    texts = said_of_case(tmp_path, *PET, *other, CONTOURS)

    assert "sensitivity basis=perturbation" in texts
    (said,) = [text for text in texts if f"{ROOT}.1.7" in text]
    assert why in said
    assert "not used for the sensitivity range" in said
