"""Promises of ``make paper`` in small: scans reach the commands' table as they are."""

import json
import math
from itertools import islice
from pathlib import Path

import pytest

from config.load import default_settings
from node.learning.tables.choice import TableChoice
from node.learning.tables.join import read_joined
from node.learning.tables.joined import FindingKind, JoinedTable
from tests.paper.__main__ import LABEL, write_summary
from tests.paper.recovered import Finding, features_of
from tests.paper.scans import Scanned, scanned
from tests.paper.side_by_side import Beside, told
from tests.paper.truth import Size, irradiated
from tests.paper.written_tables import write_design, write_flow, write_fractions

SIZE = Size(inhibited=0, irradiated=1, followed=1, retested=0)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("paper")


@pytest.fixture(scope="module")
def group(folder: Path) -> Scanned:
    # Killed on days 14 and 21, followed on days 0 and 3.
    return scanned("rt", islice(irradiated(SIZE), 3, 7), folder, processes=1)


@pytest.fixture(scope="module")
def table(group: Scanned, folder: Path) -> JoinedTable:
    tumours = [scan.tumour for scan in group.scans]
    write_flow(tumours, folder / "flow.csv")
    write_fractions(tumours, folder / "fractions.csv")
    write_design(group.scans, folder / "design.csv")
    choice = TableChoice(
        features=group.features,
        flow=folder / "flow.csv",
        fractions=folder / "fractions.csv",
        design=folder / "design.csv",
    )
    return read_joined(choice, default_settings())


def test_every_scan_is_a_row_of_its_animal_and_day(
    group: Scanned, table: JoinedTable
) -> None:
    truth = {(scan.tumour.animal, float(scan.tumour.day)) for scan in group.scans}

    assert len(table.frame) == len(group.scans) == 4
    rows = zip(table.frame["animal"], table.frame["day"], strict=True)
    assert {(str(animal), float(day)) for animal, day in rows} == truth
    assert not table.frame.duplicated(["animal", "day"]).any()


def test_flow_cytometry_is_there_for_the_killed_and_near_the_truth(
    group: Scanned, table: JoinedTable
) -> None:
    by_animal = {
        (scan.tumour.animal, scan.tumour.day): scan.tumour for scan in group.scans
    }
    for row in table.frame.itertuples():
        tumour = by_animal[row.animal, int(row.day)]
        known = not math.isnan(row.terminal)
        assert known is tumour.killed
        if known:
            assert row.terminal == pytest.approx(tumour.terminal, abs=0.15)
            assert row.early_to_terminal == pytest.approx(
                row.early / row.terminal, rel=0.01
            )


def test_only_fractions_with_a_doubtful_p_are_left_out(table: JoinedTable) -> None:
    kinds = {found.kind for found in table.findings}

    assert kinds <= {FindingKind.UNMATCHED, FindingKind.EXCLUDED}
    assert "T cells CD8" in table.fractions


def test_the_volume_that_was_measured_is_the_phantoms(
    group: Scanned, table: JoinedTable
) -> None:
    # A sphere of the diameter; a voxel of the phantom has 0.51 mm3.
    voxels = {
        (scan.tumour.animal, scan.tumour.day): math.pi
        / 6
        * scan.tumour.diameter_mm**3
        / (0.800024**2 * 0.796)
        for scan in group.scans
    }

    for row in table.frame.itertuples():
        assert row.voxels == pytest.approx(voxels[row.animal, int(row.day)], rel=0.05)


def test_the_truth_is_told_scan_by_scan(group: Scanned) -> None:
    features, tumours = features_of(group)

    assert set(tumours) == {scan.tumour for scan in group.scans}
    assert all(len(values) == len(tumours) for values in features.values())
    assert len(features) > 50


def test_the_summary_is_labelled_synthetic(tmp_path: Path) -> None:
    rows = [Beside("C-index", "0.776", "0.8 (0.7 to 0.9)")]
    findings = [Finding("the window", found=False, evidence="none [D3]")]

    write_summary(rows, findings, tmp_path)

    text = (tmp_path / "summary.txt").read_text(encoding="utf-8")
    assert text.startswith("SYNTHETIC")
    assert "0.776" in text
    assert "NO" in text
    assert "none [D3]" in text
    document = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))
    assert document["synthetic"] is True
    assert document["label"] == LABEL
    assert document["recovered"][0]["evidence"] == "none [D3]"


def test_a_number_is_told_with_its_interval_or_why_there_is_none() -> None:
    number = {"value": 0.5, "low": 0.25, "high": 0.75, "why": ""}

    assert told(number) == "0.500 (0.250 to 0.750)"
    assert told(number | {"low": None}) == "0.500"
    assert told({"value": None, "why": "at n = 4"}) == "at n = 4"
