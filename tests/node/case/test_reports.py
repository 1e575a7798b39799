"""Promises of the reports among the objects of a result, from files to files."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pydicom
import pytest
from click.testing import CliRunner
from pydicom.dataset import Dataset

from node.cli import main
from node.records.kinds import ResultKind
from tests.support.made_objects import findings_of, made_of_findings, options_of
from tests.support.pet import pet_datasets
from tests.support.result import assessment_of, series_of
from tests.support.studies import write_study

AT = "2026-11-22T10:00:00+00:00"
CONFIGURATION = """
[results]
objects = {objects}
finding_site = ["58602004", "SCT", "Flank"]
feature_maps = true
[suv]
metabolic_volume_percent = 50
[species.mouse]
weight_g = [10, 60]
activity_mbq = [0.5, 40]
peak_diameter_mm = 3
"""


def made(folder: Path, *objects: str) -> dict[str, Dataset]:
    """Score a small study; return the objects of its result by file name."""
    write_study(folder / "in")
    config = folder / "node.toml"
    listed = "[" + ", ".join(f'"{name}"' for name in objects) + "]"
    config.write_text(CONFIGURATION.format(objects=listed))
    words: list[Any] = ["score", folder / "in", "--out", folder / "out"]
    words += ["--config", config, "--at", AT, "--json"]
    run = CliRunner().invoke(main, [str(word) for word in words])
    assert run.exit_code == 0, run.output
    return {
        path.stem: pydicom.dcmread(path, stop_before_pixels=True)
        for path in sorted((folder / "out").rglob("*.dcm"))
    }


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Dataset]:
    kinds = ("sr", "segment_sr", "segmentation", "parametric_map", "suv_series")
    return made(tmp_path_factory.mktemp("reports"), *kinds)


def items(container: Dataset) -> Iterator[Dataset]:
    for item in container.get("ContentSequence", []):
        yield item
        yield from items(item)


def named(report: Dataset, meaning: str) -> list[Dataset]:
    return [
        item
        for item in items(report)
        if item.ConceptNameCodeSequence[0].CodeMeaning == meaning
    ]


def names_of(report: Dataset) -> set[str]:
    """Return the UIDs of what a report refers to."""
    return {
        str(item.ReferencedSOPSequence[0].ReferencedSOPInstanceUID)
        for item in items(report)
        if "ReferencedSOPSequence" in item
    }


def test_each_report_names_every_other_object_of_its_result(
    result: dict[str, Dataset],
) -> None:
    others = {
        name: str(dataset.SOPInstanceUID)
        for name, dataset in result.items()
        # Of the images in SUV the first stands for the series.
        if not name.startswith("suv-") or dataset.InstanceNumber == 1
    }

    for report in ("report", "segment-report"):
        expected = {uid for name, uid in others.items() if name != report}
        assert len(expected) > 5
        assert expected <= names_of(result[report])


def test_the_two_reports_are_told_apart_by_series(result: dict[str, Dataset]) -> None:
    one, other = result["report"], result["segment-report"]

    assert (one.SeriesNumber, other.SeriesNumber) == (9001, 9002)
    assert one.SeriesInstanceUID != other.SeriesInstanceUID
    assert other.SeriesDescription == "T-cell exhaustion texture report (segments)"


def test_site_sphere_and_threshold_are_those_of_the_configuration(
    result: dict[str, Dataset],
) -> None:
    report = result["report"]

    (site,) = named(report, "Finding Site")
    assert site.ConceptCodeSequence[0].CodeValue == "58602004"
    assert named(report, "SUVbw peak, sphere 3 mm")
    assert named(report, "MTV at 50 % of maximum")


def test_without_a_segmentation_there_is_no_report_of_segments(
    tmp_path: Path,
) -> None:
    series = series_of(pet_datasets(), tmp_path)
    findings = findings_of(series, [assessment_of(series)])
    # The configuration refuses this; a plan holds without it.
    asked = options_of(ResultKind.REPORT, ResultKind.SEGMENT_REPORT)

    assert set(made_of_findings(findings, asked)) == {"report.dcm"}
