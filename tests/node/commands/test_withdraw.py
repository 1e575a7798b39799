"""Promises of ``withdraw``: what it says, what it leaves, and whom it tells."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydicom.dataset import Dataset
from pydicom.filereader import dcmread

from tests.support.inline import InlineNode
from tests.support.pet import STUDY_UID
from tests.support.saves import named_by, pet, save
from tests.support.service import command
from tests.support.tools import require_tool

KEY_OBJECT_SELECTION = "1.2.840.10008.5.1.4.1.1.88.59"
# One more kind that is sent by default, and one that is not.
MADE = """
[results]
objects = ["sr", "segment_sr", "segmentation"]
external_check = false
"""


@pytest.fixture
def node(tmp_path: Path) -> Iterator[InlineNode]:
    with InlineNode(tmp_path, extra=MADE) as started:
        yield started


def withdraw(node: InlineNode, uid: str = STUDY_UID, *more: str) -> Any:
    """Withdraw, and return what `--json` says."""
    words = ("withdraw", uid, "--why", "wrong animal", "--by", "meyer", *more)
    code, out, error = command(*words, "--config", str(node.config), "--json")
    assert code == 0, error
    return json.loads(out)


def note_of(node: InlineNode, told: Any) -> Dataset:
    return dcmread(node.ledger.result(told["note"]).path)


def deliveries(study: Any) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for each in study["deliveries"]:
        found.setdefault(each["sop_instance_uid"], []).append(each["state"])
    return found


def rejected(note: Dataset) -> set[str]:
    return {
        instance.ReferencedSOPInstanceUID
        for study in note.CurrentRequestedProcedureEvidenceSequence
        for series in study.ReferencedSeriesSequence
        for instance in series.ReferencedSOPSequence
    }


def test_a_withdrawn_result_is_rejected_in_the_archive_that_has_it(
    node: InlineNode,
) -> None:
    node.send(*pet(), save(1))
    [report] = node.reports(1)
    before = node.study()
    sent = set(deliveries(before))
    key = before["jobs"][0]["key"]
    made = {item.sop_instance_uid for item in node.ledger.results(key)}

    [told] = withdraw(node, STUDY_UID, "--code", "rejected-for-patient-safety")
    node.work()
    study = node.study()
    note = note_of(node, told)

    assert told["note_goes_to"] == ["archive"]
    assert told["objects"] == len(made)
    # What is made and sent nowhere may have gone out by hand.
    assert rejected(note) == made
    assert sent < made
    assert report.SOPInstanceUID in sent
    assert note.SOPClassUID == KEY_OBJECT_SELECTION
    assert note.ConceptNameCodeSequence[0].CodeValue == "113037"
    assert note.StudyInstanceUID == STUDY_UID
    assert note.PatientID == report.PatientID
    assert "Withdrawn by meyer: wrong animal" in note.to_json()
    assert deliveries(study)[told["note"]] == ["delivered"]
    assert study["state"] == "withdrawn"
    assert study["detail"] == "withdrawn by meyer: wrong animal"
    assert [job["state"] for job in study["jobs"]] == ["withdrawn"]
    assert study["withdrawals"][0]["by"] == "meyer"
    assert any("withdrawn by meyer" in event["text"] for event in study["events"])


def test_the_note_keeps_the_standards_rules(node: InlineNode) -> None:
    program = require_tool("dciodvfy")
    node.send(*pet(), save(1))
    node.study()

    [told] = withdraw(node)
    path = node.ledger.result(told["note"]).path
    done = subprocess.run(
        [program, str(path)], capture_output=True, text=True, check=False, timeout=60
    )

    assert "Error" not in done.stderr
    assert "KeyObjectSelectionDocument" in done.stderr


def test_a_second_withdrawal_changes_nothing_and_says_so(node: InlineNode) -> None:
    node.send(*pet(), save(1))
    node.study()
    [first] = withdraw(node)
    node.work()
    before = node.study()

    [again] = withdraw(node, first["note"])
    code, out, _ = command(
        *("withdraw", STUDY_UID, "--why", "other", "--config", str(node.config))
    )
    node.work()

    assert (first["new"], again["new"]) == (True, False)
    assert (again["note"], again["why"]) == (first["note"], "wrong animal")
    assert code == 0
    assert "is withdrawn by meyer: wrong animal already" in out
    assert node.study() == before


def test_what_was_not_sent_yet_is_never_sent(node: InlineNode) -> None:
    node.away = True
    node.send(*pet(), save(1))
    scored = node.study()
    node.away = False

    [told] = withdraw(node, scored["deliveries"][0]["sop_instance_uid"])
    node.work()
    study = node.study()

    assert scored["state"] == "scored"
    assert told["note_goes_to"] == []
    assert set(map(tuple, deliveries(study).values())) == {("cancelled",)}
    assert study["state"] == "withdrawn"


def test_the_same_inputs_give_no_other_result(node: InlineNode) -> None:
    node.send(*pet(), save(1))
    node.study()
    withdraw(node)

    node.send(*pet(), save(1))
    code, out, error = command("replay", STUDY_UID, "--config", str(node.config))
    node.work()
    study = node.study()

    assert code == 3
    assert out == ""
    assert "was withdrawn by meyer: wrong animal" in error
    assert [job["state"] for job in study["jobs"]] == ["withdrawn"]
    assert study["state"] == "withdrawn"


def test_new_contours_make_a_result_that_names_the_withdrawn_one(
    node: InlineNode,
) -> None:
    node.send(*pet(), save(1))
    node.study()
    withdraw(node)

    node.send(save(2))
    first, second = node.reports(2)
    study = node.study()

    assert named_by(second) == [first.SOPInstanceUID]
    assert [job["state"] for job in study["jobs"]] == ["withdrawn", "done"]
    assert study["state"] == "delivered"


def test_a_result_is_withdrawn_with_those_that_it_had_replaced(
    node: InlineNode,
) -> None:
    node.send(*pet(), save(1))
    node.study()
    node.send(save(2))
    first, second = node.reports(2)

    earlier, later = withdraw(node, second.SOPInstanceUID)
    node.work()

    assert first.SOPInstanceUID in rejected(note_of(node, earlier))
    assert second.SOPInstanceUID in rejected(note_of(node, later))
    assert node.study()["state"] == "withdrawn"


def test_a_note_that_an_archive_refused_is_sent_again_when_it_is_asked_for(
    node: InlineNode,
) -> None:
    node.send(*pet(), save(1))
    node.study()
    [told] = withdraw(node)
    [note] = node.ledger.due_deliveries("archive", node.clock(), 10)
    node.ledger.refuse(note.identifier, "0122 not supported", node.clock())
    refused = node.study()

    [again] = withdraw(node)
    node.work()

    assert refused["state"] == "held"
    assert refused["reason"] == "delivery_refused"
    assert (again["new"], again["note_goes_to"]) == (False, ["archive"])
    assert node.study()["state"] == "withdrawn"
    assert deliveries(node.study())[told["note"]] == ["delivered"]


@pytest.mark.parametrize(
    ("uid", "code", "said"),
    [("1.2.3.4", 2, "no study and no result 1.2.3.4"), (STUDY_UID, 3, "has no result")],
)
def test_what_cannot_be_withdrawn_is_said(
    node: InlineNode, uid: str, code: int, said: str
) -> None:
    node.send(*pet())

    words = ("withdraw", uid, "--why", "wrong", "--config", str(node.config))
    found, out, error = command(*words)

    assert found == code
    assert out == ""
    assert said in error


@pytest.mark.parametrize("why", ["", "  ", "two\nlines", "x" * 1025])
def test_a_withdrawal_says_why_in_one_line(node: InlineNode, why: str) -> None:
    words = ("withdraw", STUDY_UID, "--why", why, "--config", str(node.config))

    code, _, error = command(*words)

    assert code == 2
    assert "say why" in error
