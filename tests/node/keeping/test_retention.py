"""Promises of `node.keeping.retention`: only what an archive keeps is ever deleted."""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Delete, Update, delete, select, update

from dicom_io.header import InstanceHeader
from dicom_io.source_reference import SourceReference
from node.association.requestor import PeerUnavailableError
from node.keeping.retention import DeletedStudy, Retention, RetentionOptions
from node.records.jobs import Job, ResultObject
from node.records.objects import ReceivedInstance
from node.records.states import DeliveryState, JobState, ReceiveOutcome, StudyState
from node.records.withdrawal import Withdrawal
from node.records.withheld import Reservations, Withheld
from node.tables import DELIVERIES, JOBS, RESULTS, STUDIES
from tests.support import objects
from tests.support.empty_ledger import ledger_in
from tests.support.objects import NOON, STUDY, pet_series, structure_set

LATER = NOON + timedelta(days=31)
SR = ResultObject("1.2.88", "1.9.1", "1.2.1", Path("results/k1/sr.dcm"), "1.9")
MAP = ResultObject("1.2.30", "1.9.2", "1.2.1", Path("results/k1/map.dcm"), "1.9")
REVISED = ResultObject("1.2.88", "1.9.3", "1.2.1", Path("results/k2/sr.dcm"), "1.9")
PET = pet_series()
OBJECTS = (*PET, structure_set(PET))


def received(each: InstanceHeader, content: str = "") -> ReceivedInstance:
    """Return an object as it arrives, under the name that the store gives it."""
    made = objects.received(each, content)
    name = f"{made.sha256}.dcm"
    return replace(made, path=Path("objects") / made.sha256[:2] / name)


@dataclass(frozen=True)
class Archive:
    name: str


@dataclass
class Archives:
    """What archives say, and what they were asked."""

    lacking: set[str] = field(default_factory=set)
    away: bool = False
    asked: list[tuple[str, list[str]]] = field(default_factory=list)

    def held_at(
        self, archive: Archive, items: Sequence[SourceReference]
    ) -> frozenset[str]:
        uids = [item.sop_instance_uid for item in items]
        self.asked.append((archive.name, uids))
        if self.away:
            raise PeerUnavailableError(archive.name, "no answer")
        return frozenset(uids) - self.lacking


class Kept:
    """A data folder and its ledger."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.ledger = ledger_in(root)
        self.archives = Archives()
        self.told: list[DeletedStudy] = []

    def enter_study(self) -> None:
        """Enter one study that is delivered and committed."""
        self.receive(*map(received, OBJECTS))
        for each in OBJECTS:
            [row] = [
                row
                for row in self.ledger.unindexed(9)
                if row.path == self.root / received(each).path
            ]
            self.ledger.record_indexed(row.identifier, each, NOON)
        self.decide(StudyState.QUEUED)
        job = Job("k1", STUDY, "line", "{}", JobState.PENDING, NOON, 0)
        self.ledger.add_job(job, NOON)
        self.ledger.claim_job(NOON)
        for each in (SR, MAP):
            self.write(each.path)
        self.ledger.finish_job("k1", [SR, MAP], {"PACS": [SR, MAP]}, NOON)
        for due in self.ledger.due_deliveries("PACS", NOON, 9):
            self.ledger.delivered(due.identifier, "Success", NOON)
        self.commit()

    def receive(self, *instances: ReceivedInstance) -> list[ReceiveOutcome]:
        """Write files and enter them, as the node does."""
        outcomes = []
        for each in instances:
            self.write(each.path)
            outcomes.append(self.ledger.record_received(each, NOON))
        return outcomes

    def write(self, path: Path) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_bytes(b"content")

    def decide(self, state: StudyState) -> None:
        for touched in self.ledger.touched_studies(9):
            self.ledger.set_study_state(
                touched.study_instance_uid,
                state,
                reason="",
                detail="",
                settles=False,
                generation=touched.generation,
                at=NOON,
            )

    def commit(self) -> None:
        """Enter that the archive has committed to what it took."""
        self.change(update(DELIVERIES).values(state=DeliveryState.COMMITTED))
        self.change(update(STUDIES).values(state=StudyState.COMMITTED))

    def change(self, statement: Update | Delete) -> None:
        """Make the ledger say something."""
        with self.ledger._writing() as connection:
            connection.execute(statement)

    def sweep(self, *names: str, days: int | None = 30) -> None:
        Retention(
            self.ledger,
            [Archive(name) for name in names or ["PACS"]],
            RetentionOptions(
                None if days is None else timedelta(days=days), self.told.append
            ),
            lambda: LATER,
            self.archives.held_at,
        ).sweep()

    def files(self) -> set[str]:
        return {
            path.relative_to(self.root).as_posix()
            for folder in ("objects", "results")
            for path in (self.root / folder).rglob("*")
            if path.is_file()
        }

    def state(self) -> tuple[StudyState, bool]:
        detail = self.ledger.study(STUDY)
        assert detail is not None
        return detail.summary.state, detail.summary.retired_at is not None


ALL = {received(each).path.as_posix() for each in OBJECTS} | {
    SR.path.as_posix(),
    MAP.path.as_posix(),
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    made = Kept(folder)
    made.enter_study()
    made.ledger.close()
    return folder


@pytest.fixture
def kept(whole: Path, tmp_path: Path) -> Iterator[Kept]:
    copy = Kept(Path(shutil.copytree(whole, tmp_path / "data")))
    yield copy
    copy.ledger.close()


def test_what_is_committed_old_and_held_is_deleted_and_its_rows_stay(
    kept: Kept,
) -> None:
    assert kept.files() == ALL
    kept.sweep()

    assert kept.files() == set()
    assert kept.state() == (StudyState.COMMITTED, True)
    assert len(kept.ledger.results("k1")) == 2
    assert kept.told == [DeletedStudy(STUDY, len(OBJECTS), 2, ("PACS",), LATER)]
    assert "PACS" in kept.ledger.events(STUDY)[-1].text


def test_the_archive_is_asked_for_every_object_and_every_result(kept: Kept) -> None:
    kept.sweep()

    uids = [each.sop_instance_uid for each in OBJECTS]
    assert kept.archives.asked == [("PACS", [*uids, "1.9.1", "1.9.2"])]


@pytest.mark.parametrize("lacking", [PET[2].sop_instance_uid, "1.9.2"])
def test_one_object_that_an_archive_lacks_keeps_the_whole_study(
    kept: Kept, lacking: str
) -> None:
    kept.archives.lacking = {lacking}
    kept.sweep()

    assert kept.files() == ALL
    assert kept.state() == (StudyState.COMMITTED, False)


def test_an_archive_that_does_not_answer_keeps_everything(kept: Kept) -> None:
    kept.archives.away = True
    kept.sweep()

    assert kept.files() == ALL


def test_every_archive_that_is_asked_at_all_has_to_hold_it(kept: Kept) -> None:
    kept.sweep("PACS", "SECOND")
    assert kept.files() == set()
    assert [name for name, _ in kept.archives.asked] == ["PACS", "SECOND"]


def test_nothing_is_deleted_without_an_archive_that_is_asked(kept: Kept) -> None:
    Retention(
        kept.ledger,
        [],
        RetentionOptions(timedelta(days=1)),
        lambda: LATER,
        kept.archives.held_at,
    ).sweep()

    assert kept.files() == ALL


def test_nothing_is_deleted_unless_days_are_set(kept: Kept) -> None:
    kept.sweep(days=None)

    assert kept.files() == ALL


def test_what_changed_not_long_ago_stays(kept: Kept) -> None:
    kept.sweep(days=32)

    assert kept.files() == ALL
    assert kept.archives.asked == []


@pytest.mark.parametrize(
    "state", [state for state in DeliveryState if state != DeliveryState.COMMITTED]
)
def test_a_result_that_is_not_committed_keeps_its_study(
    kept: Kept, state: DeliveryState
) -> None:
    kept.change(update(DELIVERIES).where(DELIVERIES.c.id == 2).values(state=state))
    kept.sweep()

    assert kept.files() == ALL
    assert kept.archives.asked == []


@pytest.mark.parametrize(
    "state",
    sorted(
        set(StudyState)
        - {StudyState.DELIVERED, StudyState.COMMITTED, StudyState.WITHDRAWN}
    ),
)
def test_a_study_that_is_not_over_stays(kept: Kept, state: StudyState) -> None:
    kept.change(update(STUDIES).values(state=state))
    kept.sweep()

    assert kept.files() == ALL


@pytest.mark.parametrize(
    "state", [JobState.PENDING, JobState.RUNNING, JobState.HELD, JobState.FAILED]
)
def test_a_job_that_is_not_over_keeps_its_study(kept: Kept, state: JobState) -> None:
    kept.change(update(JOBS).values(state=state))
    kept.sweep()

    assert kept.files() == ALL


def test_a_result_that_no_asked_archive_was_sent_keeps_its_study(kept: Kept) -> None:
    kept.sweep("SECOND")

    assert kept.files() == ALL


@pytest.mark.parametrize(
    ("kind", "stays"),
    [("segment_sr", False), ("key_objects", False), ("suv_series", True)],
)
def test_what_only_repeats_others_and_nobody_is_to_get_keeps_no_study(
    kept: Kept, kind: str, *, stays: bool
) -> None:
    of_map = select(RESULTS.c.id).where(RESULTS.c.sop_instance_uid == "1.9.2")
    kept.change(delete(DELIVERIES).where(DELIVERIES.c.result_id.in_(of_map)))
    kept.change(
        update(RESULTS).where(RESULTS.c.sop_instance_uid == "1.9.2").values(kind=kind)
    )
    kept.sweep()

    assert kept.files() == (ALL if stays else set())


def test_a_study_with_another_content_under_one_of_its_uids_stays(kept: Kept) -> None:
    kept.receive(received(PET[0], "other"))
    kept.sweep()

    assert kept.files() > ALL


def test_a_study_that_is_to_be_decided_on_stays(kept: Kept) -> None:
    kept.ledger.touch([STUDY])
    kept.sweep()

    assert kept.files() == ALL


def test_a_study_stays_while_one_that_it_is_connected_with_waits(kept: Kept) -> None:
    [elsewhere] = pet_series(
        1, study_instance_uid="1.2.4", series_instance_uid="1.2.4.1"
    )
    kept.receive(received(elsewhere))
    [row] = kept.ledger.unindexed(9)
    kept.ledger.record_indexed(row.identifier, elsewhere, NOON)
    # The two share a frame of reference.
    kept.decide(StudyState.WAITING)
    kept.commit()
    there = update(STUDIES).where(STUDIES.c.study_instance_uid == "1.2.4")
    kept.change(there.values(state=StudyState.WAITING))
    kept.sweep()

    assert kept.files() > ALL
    assert kept.archives.asked == []


def test_an_object_that_comes_while_archives_are_asked_keeps_its_study(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    [late] = pet_series(1, series_instance_uid="1.2.3.7")
    held_at = kept.archives.held_at

    def meanwhile(archive: Archive, items: Sequence[SourceReference]) -> frozenset[str]:
        kept.receive(received(late))
        [row] = kept.ledger.unindexed(9)
        kept.ledger.record_indexed(row.identifier, late, NOON)
        return held_at(archive, items)

    monkeypatch.setattr(kept.archives, "held_at", meanwhile)
    kept.sweep()

    assert kept.files() > ALL
    assert kept.state()[1] is False


def test_a_file_that_another_object_has_too_stays(kept: Kept) -> None:
    """The same data set under another UID is set aside: it names itself otherwise."""
    same = replace(received(PET[0]), sop_instance_uid="1.2.3.99")
    kept.receive(same)
    [row] = kept.ledger.unindexed(9)
    kept.ledger.record_unreadable(row.identifier, "it names itself otherwise", NOON)
    kept.sweep()

    assert kept.files() == {same.path.as_posix()}


def test_a_deleted_object_that_is_sent_again_is_stored_anew(kept: Kept) -> None:
    kept.sweep()
    kept.receive(received(PET[0]))
    [row] = kept.ledger.unindexed(9)
    kept.ledger.record_indexed(row.identifier, PET[0], LATER)

    [again] = kept.ledger.neighbourhood(STUDY)
    assert again.header == PET[0]
    assert kept.state()[1] is False
    detail = kept.ledger.study(STUDY)
    assert detail is not None
    assert detail.summary.instances == len(OBJECTS)
    assert sum(each.instances for each in detail.series) == len(OBJECTS)


def test_an_object_that_comes_again_before_its_file_goes_keeps_the_file(
    kept: Kept,
) -> None:
    study = kept.ledger.kept_study(STUDY)
    assert study is not None
    assert kept.ledger.retire(study, "kept elsewhere", LATER)
    kept.receive(received(PET[0]))

    with kept.ledger.unneeded([each.identifier for each in study.received]) as files:
        assert kept.root / received(PET[0]).path not in files
        assert len(files) == len(OBJECTS) - 1


def test_a_study_without_files_is_not_decided_on_again(kept: Kept) -> None:
    kept.sweep()
    kept.ledger.touch([STUDY])
    kept.decide(StudyState.WAITING)

    assert kept.state() == (StudyState.COMMITTED, True)
    assert kept.ledger.touched_studies(9) == []


def test_a_study_that_comes_back_in_part_says_what_was_deleted(kept: Kept) -> None:
    kept.sweep()
    kept.receive(received(PET[0]))
    [row] = kept.ledger.unindexed(9)
    kept.ledger.record_indexed(row.identifier, PET[0], LATER)
    kept.decide(StudyState.WAITING)

    detail = kept.ledger.study(STUDY)
    assert detail is not None
    assert f"files of {len(OBJECTS) - 1} of its objects" in detail.summary.detail


def test_a_study_that_came_back_whole_is_deleted_once_more(kept: Kept) -> None:
    kept.sweep()
    kept.receive(*map(received, OBJECTS))
    for row in kept.ledger.unindexed(9):
        [each] = [
            each for each in OBJECTS if kept.root / received(each).path == row.path
        ]
        kept.ledger.record_indexed(row.identifier, each, NOON)
    kept.decide(StudyState.QUEUED)
    kept.commit()
    assert len(kept.files()) == len(OBJECTS)
    kept.sweep()

    assert kept.files() == set()


def test_a_crash_between_row_and_file_leaves_only_a_file_too_many(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "unlink", killed)
    with pytest.raises(KeyboardInterrupt):
        kept.sweep()
    monkeypatch.undo()

    assert kept.state() == (StudyState.COMMITTED, True)
    assert kept.files() == ALL
    assert kept.ledger.neighbourhood(STUDY) == []


def withdraw(kept: Kept, *, told: bool = True) -> None:
    """Take the result back, as archives hide what they are told to reject."""
    note = ResultObject("1.2.59", "1.9.3", "1.2.1", Path("results/k1/n.dcm"), "1.9.30")
    kept.write(note.path)
    assert kept.ledger.withdraw(note, Withdrawal("k1", "1.9.3", NOON, "meyer", "wrong"))
    if told:
        [due] = kept.ledger.due_deliveries("PACS", NOON, 9)
        kept.ledger.delivered(due.identifier, "Success", NOON)
    kept.archives.lacking = {"1.9.1", "1.9.2", "1.9.3"}


def test_a_study_whose_result_was_withdrawn_goes_when_what_came_is_held(
    kept: Kept,
) -> None:
    withdraw(kept)
    kept.sweep()

    assert kept.files() == set()
    assert kept.state() == (StudyState.WITHDRAWN, True)
    [(_, asked)] = kept.archives.asked
    assert sorted(asked) == sorted(each.sop_instance_uid for each in OBJECTS)


def test_a_study_stays_until_its_archive_knows_of_the_withdrawal(kept: Kept) -> None:
    withdraw(kept, told=False)
    kept.sweep()

    assert kept.files() >= ALL
    assert kept.archives.asked == []


def enter_revision(kept: Kept, reservations: Reservations) -> None:
    """Enter a second job of the line, whose result replaces the first one's."""
    job = Job("k2", STUDY, "line", "{}", JobState.PENDING, NOON, 0)
    kept.ledger.add_job(job, NOON)
    kept.ledger.claim_job(NOON)
    kept.write(REVISED.path)
    kept.ledger.finish_job(
        "k2", [REVISED], {"PACS": [REVISED]}, NOON, reservations=reservations
    )


def test_what_waits_to_be_released_keeps_its_study(kept: Kept) -> None:
    enter_revision(kept, Reservations(withheld=Withheld("awaiting_review")))
    kept.sweep()

    assert kept.files() == ALL | {REVISED.path.as_posix()}
    assert kept.state() == (StudyState.HELD, False)


def test_what_was_replaced_before_anybody_released_it_is_asked_of_no_archive(
    kept: Kept,
) -> None:
    kept.change(update(DELIVERIES).values(state=DeliveryState.WITHHELD))
    kept.change(update(JOBS).values(reason="awaiting_review"))
    enter_revision(kept, Reservations())
    [due] = kept.ledger.due_deliveries("PACS", NOON, 9)
    kept.ledger.delivered(due.identifier, "Success", NOON)
    this = DELIVERIES.c.id == due.identifier
    kept.change(update(DELIVERIES).where(this).values(state=DeliveryState.COMMITTED))
    kept.sweep()

    assert kept.files() == set()
    asked = {uid for _, uids in kept.archives.asked for uid in uids}
    assert REVISED.sop_instance_uid in asked
    assert not asked & {SR.sop_instance_uid, MAP.sop_instance_uid}
