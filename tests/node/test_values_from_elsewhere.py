"""Promises of the node on weight and dose that come from elsewhere."""

import json
from pathlib import Path
from typing import Any

import pytest

from config.load import default_settings
from dicom_io.stamp import derived_uid
from tests.support.inline import Clock, InlineNode
from tests.support.pet import STUDY_UID
from tests.support.report_alone import configured
from tests.support.saves import named_by
from tests.support.service import command
from tests.support.studies import small_study, write_study
from tests.support.written_log import WrittenLog


@pytest.fixture
def log(tmp_path: Path) -> WrittenLog:
    return WrittenLog(tmp_path)


def started(log: WrittenLog, time: Clock | None = None) -> InlineNode:
    return InlineNode(log.path.parent, extra=log.settings, time=time)


def send(node: InlineNode, **overrides: Any) -> Any:
    """Send the study, and return what becomes of it."""
    pet, contours = small_study(**overrides)
    node.send(*pet, contours)
    return node.study()


def mean(study: Any) -> float:
    [result] = study["results"]
    return float(result["suv"]["mean"])


def test_a_row_that_appears_says_who_the_animal_is_and_what_it_weighs(
    log: WrittenLog, tmp_path: Path
) -> None:
    with started(log) as node:
        held = send(node, PatientWeight=None)
        log.write("M07,m07_pet,2026-03-02,22.0")
        study = node.study()
        [report] = node.reports(1)

    assert held["state"] == "held"
    assert held["reason"] == "missing_weight"
    assert "release" in held["detail"]
    assert study["state"] == "delivered"
    assert study["reason"] == ""
    assert [each["animal_id"] for each in study["animals"]] == ["M07"]
    assert study["animals"][0]["sources"][0]["weight_g"] == 22.0
    assert study["results"][0]["animal_id"] == "M07"
    assert study["results"][0]["patient_id"] == "m07_pet"
    # The tumour is tracked as the animal's that the log names.
    root = default_settings().node.uid_root
    tracked = derived_uid(f"{root}.", "tracking", "M07", "Tumor")
    assert tracked in report.to_json()
    # The same weight in the header gives the same SUV.
    folder = write_study(tmp_path / "weighed")[0].parent
    words = configured("score", folder, "--out", tmp_path / "o", "--json")
    code, out, _ = command(*words)
    assert code == 0
    assert mean(json.loads(out)) == pytest.approx(mean(study), rel=1e-6)


def test_a_study_without_a_weight_goes_on_when_one_is_released(
    log: WrittenLog,
) -> None:
    with started(log) as node:
        assert send(node, PatientWeight=None)["state"] == "held"
        words = ("release", STUDY_UID, "--weight-g", "22", "--by", "ann")
        code, out, err = command(*words, "--config", str(node.config))
        study = node.study()
        [report] = node.reports(1)

    assert code == 0, err
    assert "queued job" in out
    assert study["releases"][0]["who"] == "ann"
    assert "release by ann" in report.to_json()


def test_sources_that_disagree_hold_until_one_is_corrected(log: WrittenLog) -> None:
    log.write("M07,m07_pet,2026-03-02,35.0")
    with started(log) as node:
        held = send(node)
        log.write("M07,m07_pet,2026-03-02,22.4")
        study = node.study()
        node.reports(1)

    assert held["state"] == "held"
    assert held["reason"] == "conflicting_sources"
    assert "22" in held["detail"]
    assert "35" in held["detail"]
    assert study["animals"][0]["sources"][0]["weight_g"] == 22.4


def test_a_correction_after_delivery_sends_a_revision(log: WrittenLog) -> None:
    log.write("M07,m07_pet,2026-03-02,22.0")
    with started(log) as node:
        before = send(node, PatientWeight=None)
        node.reports(1)
        log.write("M07,m07_pet,2026-03-02,24.2")
        after = node.study()
        first, second = node.reports(2)

    assert len(after["jobs"]) == 2
    assert mean(after) == pytest.approx(1.1 * mean(before), rel=1e-6)
    assert named_by(second) == [first.SOPInstanceUID]


def test_a_row_that_came_while_the_node_was_down_is_taken_up_at_its_start(
    log: WrittenLog,
) -> None:
    with started(log) as node:
        assert send(node, PatientWeight=None)["state"] == "held"
    log.write("M07,m07_pet,2026-03-02,22.0")
    with started(log, node.clock) as again:
        again.reports(1)


def test_a_log_that_is_away_says_so_and_stops_nothing_that_was_read(
    log: WrittenLog, caplog: pytest.LogCaptureFixture
) -> None:
    log.write("M07,m07_pet,2026-03-02,22.0")
    with started(log) as node:
        log.path.unlink()
        node.pass_time()
        said = [event.text for event in node.ledger.events()]
        study = send(node, PatientWeight=None)

    assert "stays in use" in caplog.text
    assert any("stays in use" in text for text in said)
    assert study["state"] == "delivered"
