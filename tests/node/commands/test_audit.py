"""Promises of ``audit``: everything is accounted for, or told with its remedy."""

import json
import os
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Update, delete, update

from config.load import load_settings
from dicom_io.part10 import content_sha256
from node import clock
from node.data_folder import open_ledger, sole_use
from node.instance_store import InstanceStore
from node.ledger import Ledger
from node.records.states import DeliveryState, InstanceState, JobState, StudyState
from node.tables import DELIVERIES, INSTANCES, JOBS, RESULTS, SERIES, STUDIES
from tests.support.inline import InlineNode
from tests.support.pet import STUDY_UID
from tests.support.service import command
from tests.support.studies import small_study

OBJECTS = 13
TWO_OBJECTS = """
[results]
objects = ["sr", "parametric_map"]
external_check = false
"""
LONG_AGO = clock.now() - timedelta(days=2)


class Folder:
    """The data folder of a node that received, computed and delivered a study."""

    def __init__(self, place: Path) -> None:
        self.config = place / "node.toml"
        self.data = place / "data"

    def audit(self, *words: str) -> tuple[int, Any]:
        code, out, err = command(
            "audit", *words, "--config", str(self.config), "--json"
        )
        assert code in (0, 3), err
        return code, json.loads(out)

    def found(self, *words: str) -> list[tuple[str, str]]:
        """Return kind and subject of all findings; the exit code agrees."""
        code, document = self.audit(*words)
        assert code == (3 if document["left"] else 0)
        return [(each["kind"], each["what"]) for each in document["findings"]]

    def objects(self) -> list[Path]:
        return sorted((self.data / "objects").rglob("*.dcm"))

    def result(self, name: str) -> Path:
        [path] = (self.data / "results").glob(f"*/{name}")
        return path

    def ledger(self) -> Ledger:
        return open_ledger(load_settings(self.config))

    def change(self, *statements: Update) -> None:
        with self.ledger() as ledger, ledger._writing() as connection:
            for statement in statements:
                connection.execute(statement)

    def uid_of(self, path: Path) -> str:
        with self.ledger() as ledger:
            stored = ledger.neighbourhood(STUDY_UID)
        [uid] = [each.header.sop_instance_uid for each in stored if each.path == path]
        return uid


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("node")
    pet, contours = small_study()
    with InlineNode(place, extra=TWO_OBJECTS) as node:
        node.send(*pet, contours)
        node.pass_time()
    for path in (place / "data").rglob("*"):
        # Nothing of it is younger than a run that comes after it.
        os.utime(path, (LONG_AGO.timestamp(),) * 2)
    return place


def copied(original: Path, place: Path) -> Folder:
    shutil.copytree(original, place)
    config = place / "node.toml"
    config.write_text(config.read_text().replace(str(original), str(place)))
    return Folder(place)


@pytest.fixture
def folder(original: Path, tmp_path: Path) -> Folder:
    return copied(original, tmp_path / "copy")


def test_a_study_that_went_through_is_accounted_for(folder: Folder) -> None:
    code, document = folder.audit()

    assert code == 0
    assert document["findings"] == []
    assert document["node_runs"] is False
    assert document["accounts"] == {
        "deliveries delivered": 2,
        "files of objects": OBJECTS,
        "folders of results": 1,
        "jobs done": 1,
        "objects used by a job": OBJECTS,
        "refusals remembered": 0,
        "results": 2,
        "studies delivered": 1,
    }


def test_people_read_numbers_then_findings_and_what_to_do(folder: Folder) -> None:
    folder.objects()[0].unlink()
    code, out, _ = command("audit", "--config", str(folder.config))

    assert code == 3
    assert "13 objects used by a job" in out
    assert "object_missing" in out
    assert "Send the object again" in " ".join(out.split())
    assert "0 repaired, 1 left" in out


def test_a_received_object_without_its_file_is_found(folder: Folder) -> None:
    path = folder.objects()[3]
    uid = folder.uid_of(path)
    path.unlink()

    assert folder.found() == [("object_missing", uid)]
    assert folder.found("--quick") == [("object_missing", uid)]


def test_a_flipped_bit_is_found_and_a_quick_look_sees_a_size_alone(
    folder: Folder,
) -> None:
    path = folder.objects()[3]
    uid = folder.uid_of(path)
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)

    assert folder.found("--quick") == []
    assert folder.found() == [("object_damaged", uid)]
    path.write_bytes(content[:-1])
    assert folder.found("--quick") == [("object_damaged", uid)]


def test_a_damaged_object_is_put_out_of_use_and_comes_again(folder: Folder) -> None:
    path = folder.objects()[3]
    uid, whole = folder.uid_of(path), path.read_bytes()
    path.write_bytes(whole[:-10])
    code, document = folder.audit("--repair")
    assert code == 0
    [finding] = document["findings"]
    assert (finding["what"], finding["repaired"]) == (uid, True)
    # The file that is left is known, and told as what it is.
    code, document = folder.audit()
    assert (code, document["accounts"]["objects unreadable"]) == (0, 1)

    pet, contours = small_study()
    with InlineNode(folder.config.parent, extra=TWO_OBJECTS) as node:
        assert node.study()["state"] == "waiting"
        node.send(*pet, contours)
        assert node.study()["state"] == "delivered"
        assert node.job_states() == ["done"]
    assert content_sha256(path) == path.stem
    assert folder.found() == []


def test_a_write_that_was_never_acknowledged_is_told_apart_and_taken_up(
    folder: Folder,
) -> None:
    path = folder.objects()[3]
    uid = folder.uid_of(path)
    with folder.ledger() as ledger, ledger._writing() as connection:
        connection.execute(delete(INSTANCES).where(INSTANCES.c.sop_instance_uid == uid))
        connection.execute(update(SERIES).values(instances=SERIES.c.instances - 1))
        connection.execute(update(STUDIES).values(instances=OBJECTS - 1))
    counts = ("wrong_count", STUDY_UID)
    stray = ("object_unknown", path.relative_to(folder.data).as_posix())
    assert stray in folder.found()
    folder.audit("--repair")

    with folder.ledger() as ledger:
        [row] = ledger.unindexed(9)
    assert row.path == path
    assert stray not in folder.found()
    assert counts not in folder.found()


def test_what_is_no_object_is_set_apart_and_never_deleted(folder: Folder) -> None:
    stray = folder.data / "objects" / "00" / f"{'0' * 64}.dcm"
    stray.write_bytes(b"half of somethin")
    os.utime(stray, (LONG_AGO.timestamp(),) * 2)
    what = stray.relative_to(folder.data).as_posix()

    assert folder.found() == [("object_broken", what)]
    assert folder.found("--repair") == [("object_broken", what)]
    assert folder.found() == []
    assert (folder.data / "lost+found" / what).read_bytes() == b"half of somethin"


def test_what_is_just_being_received_is_no_finding(folder: Folder) -> None:
    """Between its file and its row an object is nobody's fault."""
    with sole_use(folder.data):
        store = InstanceStore(folder.data)
        store.write(b"\0" * 128 + b"DICM", b"the rest")
        assert folder.found() == []
    # Without a node nobody will enter it any more.
    assert [kind for kind, _ in folder.found()] == ["object_broken"]


@pytest.mark.parametrize("name", ["report.dcm", "map-1.dcm", "result.json"])
def test_a_lost_file_of_a_result_is_computed_again_to_the_same_bytes(
    folder: Folder, name: str
) -> None:
    path = folder.result(name)
    whole = path.read_bytes()
    path.unlink()

    assert [kind for kind, _ in folder.found()] == ["result_missing"]
    assert folder.audit("--repair")[0] == 0
    assert path.read_bytes() == whole
    assert folder.found() == []


def test_a_damaged_result_is_computed_again(folder: Folder) -> None:
    path = folder.result("report.dcm")
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b"PET", b"MRT", 1))

    assert [kind for kind, _ in folder.found()] == ["result_damaged"]
    assert folder.audit("--repair")[0] == 0
    assert path.read_bytes() == whole


def test_a_result_that_would_come_out_otherwise_stays_a_finding(
    folder: Folder,
) -> None:
    path = folder.result("report.dcm")
    path.unlink()
    text = folder.config.read_text()
    folder.config.write_text(
        text.replace("[results]", "[results]\nseries_number_base = 7001")
    )
    code, document = folder.audit("--repair")

    assert code == 3
    [finding] = document["findings"]
    assert "could not be repaired" in finding["remedy"]
    assert not path.exists()


def test_a_result_whose_hash_nobody_remembers_must_be_that_object(
    folder: Folder,
) -> None:
    folder.change(update(RESULTS).values(sha256=""))
    assert folder.found() == []

    shutil.copy(folder.result("map-1.dcm"), folder.result("report.dcm"))
    assert [kind for kind, _ in folder.found()] == ["result_damaged"]


def test_results_that_belong_to_nothing_are_set_apart(folder: Folder) -> None:
    extra = folder.result("report.dcm").with_name("other.dcm")
    extra.write_bytes(b"x")
    unknown = folder.data / "results" / ("a" * 64)
    unknown.mkdir()
    (unknown / "report.dcm").write_bytes(b"x")
    for path in (unknown, extra):
        os.utime(path, (LONG_AGO.timestamp(),) * 2)

    assert sorted(kind for kind, _ in folder.found()) == ["result_unknown"] * 2
    assert folder.audit("--repair")[0] == 0
    assert folder.found() == []
    assert not unknown.exists()


def test_a_job_that_was_under_way_when_the_node_ended_is_found(
    folder: Folder,
) -> None:
    folder.change(update(JOBS).values(state=JobState.RUNNING))
    with sole_use(folder.data):
        assert folder.found() == []
    [(kind, _)] = folder.found()
    assert kind == "job_abandoned"
    folder.audit("--repair")

    # It had its result, and comes to the same one.
    with InlineNode(folder.config.parent, extra=TWO_OBJECTS) as node:
        assert node.study()["state"] == "delivered"
        assert node.job_states() == ["done"]
    assert folder.found() == []


def test_a_job_that_is_done_without_a_result_is_found(folder: Folder) -> None:
    with folder.ledger() as ledger, ledger._writing() as connection:
        connection.execute(delete(DELIVERIES))
        connection.execute(delete(RESULTS))

    assert [kind for kind, _ in folder.found()] == ["job_without_result"]

    # The remedy that is told is one.
    command("replay", STUDY_UID, "--config", str(folder.config))
    with InlineNode(folder.config.parent, extra=TWO_OBJECTS) as node:
        assert node.study()["state"] == "delivered"
    assert folder.found() == []


def test_a_job_whose_objects_nobody_has_is_found(folder: Folder) -> None:
    folder.change(
        update(JOBS).values(state=JobState.PENDING),
        update(INSTANCES)
        .where(INSTANCES.c.id == 1)
        .values(state=InstanceState.UNREADABLE),
    )

    assert "input_missing" in [kind for kind, _ in folder.found()]


def test_objects_that_wait_for_a_destination_of_the_past_are_found(
    folder: Folder,
) -> None:
    folder.change(
        update(DELIVERIES).values(
            state=DeliveryState.PENDING, destination="old archive"
        )
    )

    assert folder.found() == [("destination_gone", "old archive")]


@pytest.mark.parametrize(
    "state", [StudyState.WAITING, StudyState.HELD, StudyState.FAILED]
)
def test_a_study_that_does_not_say_why_is_found(
    folder: Folder, state: StudyState
) -> None:
    folder.change(update(STUDIES).values(state=state, reason="", detail=""))

    assert folder.found() == [("state_without_reason", STUDY_UID)]


def test_a_study_nobody_decides_on_is_found_while_a_node_runs(folder: Folder) -> None:
    folder.change(update(STUDIES).values(touched=True, touched_at=LONG_AGO))

    code, document = folder.audit()
    assert (code, document["accounts"]["studies to be decided on"]) == (0, 1)
    with sole_use(folder.data):
        assert folder.found() == [("never_decided", STUDY_UID)]
        folder.change(update(STUDIES).values(touched_at=clock.now()))
        assert folder.found() == []


def test_an_object_nobody_indexes_is_found_while_a_node_runs(folder: Folder) -> None:
    uid = folder.uid_of(folder.objects()[0])
    folder.change(
        update(INSTANCES)
        .where(INSTANCES.c.sop_instance_uid == uid)
        .values(state=InstanceState.RECEIVED, received_at=LONG_AGO)
    )

    with sole_use(folder.data):
        assert folder.found() == [("never_indexed", uid)]


@pytest.mark.parametrize("table", [STUDIES, SERIES])
def test_a_wrong_count_is_found_and_counted_anew(folder: Folder, table: Any) -> None:
    folder.change(update(table).values(instances=99))

    assert folder.found() == [("wrong_count", STUDY_UID)]
    assert folder.audit("--repair")[0] == 0
    assert folder.found() == []


def test_a_file_of_nobody_is_found_and_one_of_the_configuration_is_none(
    folder: Folder,
) -> None:
    for name in ("notes.txt", "log.csv"):
        (folder.data / name).write_text("animal,weight_g\n")
        os.utime(folder.data / name, (LONG_AGO.timestamp(),) * 2)
    with folder.config.open("a") as config:
        config.write(f'\n[injection_log]\npath = "{folder.data / "log.csv"}"\n')

    assert folder.found() == [("file_unknown", "notes.txt")]


def test_a_write_that_was_cut_off_is_told_and_removed(folder: Folder) -> None:
    remains = folder.data / "incoming" / "x.part"
    remains.write_bytes(b"half")

    assert folder.audit()[1]["accounts"]["interrupted writes, never acknowledged"] == 1
    assert folder.found("--repair") == []
    assert not remains.exists()


def test_a_file_that_retention_could_not_delete_is_removed(folder: Folder) -> None:
    with folder.ledger() as ledger:
        study = ledger.kept_study(STUDY_UID)
        assert study is not None
        assert ledger.retire(study, "kept elsewhere", clock.now())

    kinds = {kind for kind, _ in folder.found()}
    assert kinds == {"object_left"}
    assert folder.audit("--repair")[0] == 0
    assert folder.objects() == []
    code, document = folder.audit()
    assert (code, document["accounts"]["objects retired"]) == (0, OBJECTS)
    assert document["accounts"]["results deleted after their time"] == 2


def test_what_another_object_shares_is_not_removed_with_it(folder: Folder) -> None:
    with folder.ledger() as ledger:
        study = ledger.kept_study(STUDY_UID)
        assert study is not None
        assert ledger.retire(study, "kept elsewhere", clock.now())
    first = update(INSTANCES).where(INSTANCES.c.id == 1)
    folder.change(first.values(state=InstanceState.UNREADABLE))
    folder.audit("--repair")

    assert len(folder.objects()) == 1


@pytest.fixture(scope="module")
def withdrawn(original: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("withdrawn") / "copy"
    folder = copied(original, place)
    words = ("withdraw", STUDY_UID, "--why", "wrong", "--by", "meyer")
    code, _, error = command(*words, "--config", str(folder.config))
    assert code == 0, error
    return place


def test_a_lost_note_of_a_withdrawal_is_made_again_to_the_same_bytes(
    withdrawn: Path, tmp_path: Path
) -> None:
    folder = copied(withdrawn, tmp_path / "copy")
    assert folder.found() == []
    path = folder.result("withdrawal-*.dcm")
    whole = path.read_bytes()
    for damage in (b"other", None):
        path.unlink() if damage is None else path.write_bytes(damage)
        [(kind, _)] = folder.found()
        assert kind in ("result_missing", "result_damaged")
        assert folder.audit("--repair")[0] == 0
        assert path.read_bytes() == whole
    assert folder.found() == []


def test_a_note_whose_withdrawal_was_cut_off_is_known(folder: Folder) -> None:
    note = folder.result("report.dcm").with_name("withdrawal-1.2.3.dcm")
    note.write_bytes(b"x")
    os.utime(note, (LONG_AGO.timestamp(),) * 2)

    code, document = folder.audit()
    assert code == 0
    assert document["accounts"]["notes of withdrawals that were not entered"] == 1


def test_a_study_whose_numbers_are_lost_can_be_looked_at(folder: Folder) -> None:
    words = ("study", STUDY_UID, "--config", str(folder.config))
    numbers = folder.result("result.json")
    for damage in (b"{", b"[]", None):
        numbers.unlink() if damage is None else numbers.write_bytes(damage)
        code, out, error = command(*words)

        assert code == 0
        assert "delivered" in out
        assert "are lost" in error
        assert json.loads(command(*words, "--json")[1])["results"] == []


def test_a_result_is_withdrawn_when_retention_has_deleted_it(folder: Folder) -> None:
    with folder.ledger() as ledger:
        study = ledger.kept_study(STUDY_UID)
        assert study is not None
        assert ledger.retire(study, "kept elsewhere", clock.now())
    folder.audit("--repair")
    words = ("withdraw", STUDY_UID, "--why", "wrong", "--config", str(folder.config))
    code, _, error = command(*words)
    assert code != 0
    assert "Send any object of the study" in error

    pet, _ = small_study()
    with InlineNode(folder.config.parent, extra=TWO_OBJECTS) as node:
        node.send(pet[0])
        code, out, error = command(*words)
    assert (code, error) == (0, "")
    assert "2 objects are withdrawn; the note goes to archive" in out
