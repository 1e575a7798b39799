"""Promises of the ledger on a PostgreSQL server that comes, goes and is shared."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from node.association.storing import OUT_OF_RESOURCES, STORED
from node.columns import METADATA
from node.instance_store import InstanceStore
from node.ledger import Ledger, LedgerUnavailableError
from node.receiving import Receiving
from node.records.states import ReceiveOutcome
from tests.support.inline import InlineNode, as_received
from tests.support.objects import NOON, pet_series, received
from tests.support.pet import STUDY_UID, pet_datasets
from tests.support.postgres import PostgresServer, postgres_server
from tests.support.saves import pet, save
from tests.support.service import command
from tests.support.studies import small_study


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """A server of this module alone: it is stopped and started again."""
    with postgres_server() as started:
        yield started


@pytest.fixture
def url(server: PostgresServer) -> str:
    return server.url(server.new_database())


@pytest.fixture
def ledger(url: str, tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(url, tmp_path) as opened:
        yield opened


def test_the_migrations_make_exactly_the_tables_that_the_ledger_uses(
    ledger: Ledger,
) -> None:
    with ledger._reading() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, METADATA) == []


def test_two_that_open_a_new_ledger_at_once_make_it_once(
    url: str, tmp_path: Path
) -> None:
    failures: list[BaseException] = []

    def open_it() -> None:
        try:
            Ledger.open(url, tmp_path).close()
        except BaseException as failure:  # noqa: BLE001 - told by the test
            failures.append(failure)

    threads = [threading.Thread(target=open_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []


def test_a_commit_waits_for_the_disk(ledger: Ledger) -> None:
    with ledger._writing() as connection:
        setting = connection.exec_driver_sql("SHOW synchronous_commit").scalar_one()

    assert setting == "on"


def test_several_processes_write_without_a_deadlock(
    ledger: Ledger, url: str, tmp_path: Path
) -> None:
    """Each ledger has connections of its own, as a command beside the node has."""
    headers = pet_series(40)
    outcomes: list[ReceiveOutcome] = []
    failures: list[BaseException] = []

    def write(order: int) -> None:
        try:
            with Ledger.open(url, tmp_path) as mine:
                for each in headers[::order]:
                    outcomes.append(mine.record_received(received(each), NOON))
                    rows = mine.unindexed(5)
                    known = {item.path.name: item.identifier for item in rows}
                    name = received(each).path.name
                    if name in known:
                        mine.record_indexed(known[name], each, NOON)
        except BaseException as failure:  # noqa: BLE001 - told by the test
            failures.append(failure)

    threads = [threading.Thread(target=write, args=(way,)) for way in (1, -1, 1, -1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert outcomes.count(ReceiveOutcome.NEW) == 40
    assert outcomes.count(ReceiveOutcome.DUPLICATE) == 120
    assert [study.miscounted for study in ledger.audited_studies(9)] == [False]


def test_a_server_that_was_restarted_is_found_again_unseen(
    server: PostgresServer, ledger: Ledger
) -> None:
    first, second = pet_series(2)
    assert ledger.record_received(received(first), NOON) is ReceiveOutcome.NEW
    server.stop()
    server.start()

    assert ledger.record_received(received(second), NOON) is ReceiveOutcome.NEW
    assert len(ledger.unindexed(9)) == 2


def test_while_the_server_is_away_senders_keep_what_they_have(
    server: PostgresServer, ledger: Ledger, tmp_path: Path
) -> None:
    one, other = map(as_received, pet_datasets()[:2])
    receiving = Receiving(
        InstanceStore(tmp_path), ledger, lambda: NOON, received=lambda: None
    )
    assert receiving(one) == STORED
    server.stop()
    try:
        with pytest.raises(LedgerUnavailableError):
            ledger.unindexed(9)
        assert receiving(other) == OUT_OF_RESOURCES
        assert receiving(other) == OUT_OF_RESOURCES
    finally:
        server.start()

    assert receiving(other) == STORED
    assert len(ledger.unindexed(9)) == 2


def test_a_reader_sees_one_state_while_another_writes(
    ledger: Ledger, url: str, tmp_path: Path
) -> None:
    first, second = pet_series(2)
    ledger.record_received(received(first), NOON)
    count = "SELECT count(*) FROM instances"
    with ledger._reading() as connection:
        before = connection.exec_driver_sql(count).scalar_one()
        with Ledger.open(url, tmp_path) as other:
            other.record_received(received(second), NOON)
        assert connection.exec_driver_sql(count).scalar_one() == before == 1


def test_a_node_on_it_takes_a_study_from_receipt_to_delivery(
    url: str, tmp_path: Path
) -> None:
    pet, contours = small_study()
    extra = f'\n[ledger]\nurl = "{url}"\n'
    with InlineNode(tmp_path, extra=extra) as node:
        node.send(*pet, contours)
        assert len(node.reports(1)) == 1
        [study] = node.ledger.studies()
        detail = node.ledger.study(study.study_instance_uid)
        assert detail is not None
        sent = [each.identifier for each in detail.deliveries]
        whose = {(study.study_instance_uid, study.patient_id)}
        assert set(node.ledger.studies_of_deliveries(sent).values()) == whose
        assert node.ledger.count_studies([study.state]) == {study.state: 1}
        code, out, _ = command("audit", "--config", str(node.config))

    assert code == 0
    assert "13 objects used by a job" in out
    assert not (tmp_path / "data" / "ledger.sqlite").exists()


def test_a_result_waits_on_it_for_its_release(url: str, tmp_path: Path) -> None:
    extra = f'\n[ledger]\nurl = "{url}"\n[results]\nreview = true\nobjects = ["sr"]\n'
    with InlineNode(tmp_path, extra=extra) as node:
        node.send(*pet(), save(1))
        assert node.study()["reason"] == "awaiting_review"
        words = ("--config", str(node.config))
        code, _, error = command("show", STUDY_UID, *words)
        assert (code, "awaiting_review" in error) == (3, True)
        # A later result takes the place of one that nobody released.
        node.send(save(2))
        waiting = node.study()
        assert waiting["reason"] == "awaiting_review"
        states = sorted(each["state"] for each in waiting["deliveries"])
        assert states == ["cancelled", "withheld"]

        assert command("release", STUDY_UID, "--by", "meyer", *words)[0] == 0
        node.work()
        assert len(node.reports(1)) == 1
        assert command("withdraw", STUDY_UID, "--why", "wrong dose", *words)[0] == 0
        node.work()
        assert node.study()["state"] == "withdrawn"
        assert command("release", STUDY_UID, *words)[0] == 2
        assert command("audit", *words)[0] == 0
