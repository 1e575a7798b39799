"""Promises of review mode and the gate: what waits for a person, and its release."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from node.case import pipeline
from node.case.objects.made import Made
from tests.support.inline import InlineNode
from tests.support.pet import STUDY_UID, write_all
from tests.support.saves import pet, save
from tests.support.service import command

OURS = """
[results]
objects = ["sr", "suv_series", "summary", "pdf"]
external_check = false
"""
REVIEW = f"{OURS}review = true\n"
FAULT = "report.dcm 1.2.3: PatientID: must be the source's (PS3.3 C.7.1.1)"


@pytest.fixture
def node(tmp_path: Path) -> Iterator[InlineNode]:
    with InlineNode(tmp_path, extra=REVIEW) as started:
        yield started


@pytest.fixture
def strict(tmp_path: Path) -> Iterator[InlineNode]:
    with InlineNode(tmp_path, extra=OURS) as started:
        yield started


class JudgedBefore:
    """A gate whose judgement is filled in."""

    def __init__(self) -> None:
        self.at_fault: list[str] = []
        self.unheard = ""

    def check(self, made: Made) -> tuple[str, ...]:
        return (FAULT,) if made.kind in self.at_fault else ()


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> JudgedBefore:
    gate = JudgedBefore()
    monkeypatch.setattr(pipeline, "gate_of", lambda *_: gate)
    return gate


@pytest.fixture
def faulty(gate: JudgedBefore) -> list[str]:
    """Return the kinds of objects that the gate finds at fault, to be filled in."""
    return gate.at_fault


def run(node: InlineNode, *words: str) -> tuple[int, str, str]:
    return command(*words, "--config", str(node.config))


def release(node: InlineNode, uid: str = STUDY_UID) -> Any:
    code, out, error = run(node, "release", uid, "--by", "meyer", "--json")
    assert code == 0, error
    return json.loads(out)["results"]


def delivery_states(study: Any) -> set[str]:
    return {each["state"] for each in study["deliveries"]}


def sent(node: InlineNode) -> int:
    """Return how many reports went out."""
    return len(node._reports)


def test_a_result_waits_until_somebody_has_released_it(node: InlineNode) -> None:
    node.send(*pet(), save(1))
    waiting = node.study()

    assert (waiting["state"], waiting["reason"]) == ("held", "awaiting_review")
    assert delivery_states(waiting) == {"withheld"}
    assert sent(node) == 0
    assert f"`exhaustion-node show {STUDY_UID}`" in waiting["detail"]
    assert f"`exhaustion-node release {STUDY_UID}`" in waiting["detail"]
    page = waiting["detail"].split("(")[1].split(")")[0]
    assert (node.config.parent / "data" / page).name == "summary-pdf.dcm"
    assert (node.config.parent / "data" / page).is_file()

    code, shown, error = run(node, "show", STUDY_UID)
    assert code == 3
    assert "SUVbw" in shown
    assert error.startswith("held awaiting_review: look at it with")
    assert error.count("awaiting_review") == 1

    (told,) = release(node)
    node.work()
    after = node.study()

    assert (told["new"], told["reason"], told["by"]) == (
        True,
        "awaiting_review",
        "meyer",
    )
    assert (after["state"], after["reason"]) == ("delivered", "")
    assert after["jobs"][0]["released_by"] == "meyer"
    assert after["jobs"][0]["released_at"] == told["at"]
    assert any("released by meyer" in event["text"] for event in after["events"])
    assert sent(node) == 1


def test_what_is_sent_is_told_by_series(node: InlineNode) -> None:
    node.send(*pet(), save(1))
    _, told, _ = run(node, "study", STUDY_UID)
    lines = [line for line in told.splitlines() if " to archive: " in line]
    series = {each["series_instance_uid"] for each in node.study()["deliveries"]}
    (suv,) = (line for line in lines if "SUV series" in line)

    assert len(lines) == len(series) == 4
    assert all(line.startswith("  withheld  to archive: ") for line in lines)
    assert f"SUV series ({len(pet())} images) series " in suv


def test_a_result_that_waits_stands_and_its_page_is_named_whole(
    node: InlineNode,
) -> None:
    node.send(*pet(), save(1))
    _, told, _ = run(node, "study", STUDY_UID)
    (job,) = node.study()["jobs"]
    happened = told.partition("What happened")[2]

    assert "Computed before" not in told
    assert f"results/{job['key']}/summary-pdf.dcm" in happened


def test_who_releases_twice_is_told_who_did(node: InlineNode) -> None:
    node.send(*pet(), save(1))
    release(node)
    code, out, _ = run(node, "release", STUDY_UID, "--by", "schulz")

    assert code == 0
    assert "was released by meyer at" in out
    assert node.study()["jobs"][0]["released_by"] == "meyer"
    assert sent(node) == 1

    uid = node.study()["deliveries"][0]["sop_instance_uid"]
    code, _, error = run(node, "release", uid, "--weight-g", "20")
    assert code == 2
    assert f"an object of a result of study {STUDY_UID}" in " ".join(error.split())

    run(node, "withdraw", STUDY_UID, "--why", "wrong dose")
    for named in (STUDY_UID, uid):
        code, out, error = run(node, "release", named)
        assert (code, out) == (2, "")
        assert "the study is withdrawn: withdrawn by" in " ".join(error.split())


def test_one_result_is_released_by_an_object_of_it(node: InlineNode) -> None:
    node.send(*pet(), save(1))
    uid = node.study()["deliveries"][0]["sop_instance_uid"]
    code, shown, _ = run(node, "show", uid, "--json")
    assert code == 3
    assert [each["reason"] for each in json.loads(shown)["held"]] == ["awaiting_review"]

    (told,) = release(node, uid)
    assert told["new"]
    assert run(node, "show", uid)[0] == 0
    assert node.study()["state"] == "delivered"


def test_an_animal_is_no_result(node: InlineNode) -> None:
    node.send(*pet(), save(1))
    code, _, error = run(node, "release", STUDY_UID, "--animal", "m7")

    assert code == 2
    assert "name an object of it" in error
    assert sent(node) == 0


def test_what_waits_for_review_is_not_replayed_past_it(node: InlineNode) -> None:
    node.send(*pet(), save(1))
    code, _, error = run(node, "replay", STUDY_UID)
    node.work()

    assert code == 3
    assert "waits for its review" in error
    assert node.study()["reason"] == "awaiting_review"
    assert sent(node) == 0


def test_new_contours_replace_a_result_that_nobody_released(node: InlineNode) -> None:
    node.send(*pet(), save(1))
    node.pass_time()
    node.send(save(2))
    waiting = node.study()

    assert waiting["reason"] == "awaiting_review"
    assert sorted(job["state"] for job in waiting["jobs"]) == ["done", "superseded"]
    assert delivery_states(waiting) == {"cancelled", "withheld"}

    assert [each["new"] for each in release(node)] == [True]
    assert node.study()["state"] == "delivered"
    assert sent(node) == 1


def test_a_result_that_waits_can_be_withdrawn(node: InlineNode) -> None:
    node.send(*pet(), save(1))
    code, out, error = run(node, "withdraw", STUDY_UID, "--why", "wrong animal")
    study = node.study()

    assert code == 0, error
    assert "no archive has any of it" in out
    assert study["state"] == "withdrawn"
    assert delivery_states(study) == {"cancelled"}
    code, _, error = run(node, "release", STUDY_UID)
    assert code == 2
    assert sent(node) == 0


def test_what_waits_still_waits_when_the_setting_is_gone(tmp_path: Path) -> None:
    with InlineNode(tmp_path, extra=REVIEW) as before:
        before.send(*pet(), save(1))
        before.pass_time()
    with InlineNode(tmp_path, extra=OURS, time=before.clock) as after:
        assert after.study()["reason"] == "awaiting_review"
        release(after)
        assert after.study()["state"] == "delivered"


def test_audit_finds_nothing_wrong_in_a_result_that_waits(tmp_path: Path) -> None:
    with InlineNode(tmp_path, extra=REVIEW) as node:
        node.send(*pet(), save(1))
        node.pass_time()
    code, out, error = run(node, "audit", "--json")

    assert code == 0, error
    assert json.loads(out)["findings"] == []


def test_nothing_of_a_result_at_fault_is_sent(
    strict: InlineNode, faulty: list[str]
) -> None:
    faulty.append("sr")
    strict.send(*pet(), save(1))
    study = strict.study()

    assert (study["state"], study["reason"]) == ("held", "invalid_object")
    assert FAULT in study["detail"]
    assert study["jobs"][0]["faults"] == FAULT
    assert delivery_states(study) == {"withheld"}
    assert sent(strict) == 0


def test_a_report_that_went_ahead_is_told_beside_an_object_at_fault(
    strict: InlineNode, faulty: list[str]
) -> None:
    faulty.append("summary")
    strict.send(*pet(), save(1))
    study = strict.study()

    assert study["reason"] == "invalid_object"
    assert delivery_states(study) == {"delivered", "withheld"}
    assert sent(strict) == 1


def test_a_check_that_was_not_heard_is_said_of_the_result_and_logged_once(
    strict: InlineNode, gate: JudgedBefore, caplog: pytest.LogCaptureFixture
) -> None:
    gate.unheard = "dciodvfy does not end"
    for number in (1, 2):
        strict.send(*(pet() if number == 1 else ()), save(number))
        strict.pass_time()
    study = strict.study()

    assert study["state"] == "delivered"
    assert study["detail"].startswith("dciodvfy does not end: only the node's own")
    assert caplog.text.count("dciodvfy does not end") == 1


def test_a_person_may_send_what_is_at_fault(
    strict: InlineNode, faulty: list[str]
) -> None:
    faulty.append("sr")
    strict.send(*pet(), save(1))
    (told,) = release(strict)
    study = strict.study()

    assert told["faults"] == FAULT
    assert study["state"] == "delivered"
    assert study["jobs"][0]["faults"] == FAULT


def test_what_was_at_fault_is_made_anew_and_sent(
    strict: InlineNode, faulty: list[str]
) -> None:
    faulty.append("sr")
    strict.send(*pet(), save(1))
    strict.pass_time()
    faulty.clear()
    code, _, error = run(strict, "replay", STUDY_UID)
    assert code == 0, error
    strict.work()
    study = strict.study()

    assert study["state"] == "delivered"
    assert study["jobs"][0]["faults"] == ""
    assert sent(strict) == 1


def test_an_object_at_fault_holds_score_which_writes_it_all_the_same(
    tmp_path: Path, gate: JudgedBefore
) -> None:
    gate.at_fault.append("sr")
    gate.unheard = "dciodvfy does not end"
    write_all([*pet(), save(1)], tmp_path / "study")
    config = tmp_path / "node.toml"
    config.write_text(OURS)
    code, out, error = command(
        "score",
        str(tmp_path / "study"),
        "--out",
        str(tmp_path / "out"),
        "--config",
        str(config),
        "--json",
    )
    (held,) = json.loads(out)["held"]

    assert code == 3
    assert held["reason"] == "invalid_object"
    assert held["detail"] == FAULT
    assert "invalid_object" in error
    assert error.startswith("dciodvfy does not end: only the node's own rules")
    assert list((tmp_path / "out").rglob("report.dcm"))
