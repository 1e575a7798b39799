"""Promises about a volume that is full or away, and a database that is locked or full.

Senders are told to come again (0xA700), the node stays up, goes on by itself, and
nothing is lost. The node runs in this process, with threads for workers.
"""

import os
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event

import node.compute.computing
import node.works
from config.load import load_settings
from node.app import Node
from node.association.archive import Archive
from node.association.sender import Deferred, Delivered, Destination, send_files, verify
from node.instance_store import InstanceStore, StorageFullError
from node.ledger import Ledger, LedgerUnavailableError, engine
from tests.support.empty_ledger import ledger_in
from tests.support.kept import ENDS, Kept, study_states
from tests.support.objects import NOON, pet_series, received
from tests.support.service import NODE_AE, free_port, write_config
from tests.support.studies import write_study
from tests.system.crash.forked import Threads

pytestmark = pytest.mark.system

_WAIT_S = 30.0
_BUSY_MS = 300
_LEAST_MS = 50


class Running:
    """A node, its archive and a study that is sent to it."""

    def __init__(self, folder: Path, archive: Archive, data: Path) -> None:
        port = free_port()
        self.data = data
        config = write_config(folder, port, archive_port=archive.port)
        text = config.read_text().replace(str(folder / "data"), str(data))
        config.write_text(text)
        self.archive = archive
        self.node = Node(load_settings(config))
        self.files = write_study(folder / "sent")
        self._peer = Destination("node", NODE_AE, "127.0.0.1", port, "SCANNER")

    def send(self) -> list[object]:
        """Return what the study's objects were answered, in order."""
        return [answer for _, answer in send_files(self._peer, self.files)]

    def answers_echo(self) -> bool:
        """Return whether the node is up."""
        return not verify("127.0.0.1", self._peer.port, NODE_AE, "TESTER", 5.0)

    def finishes(self) -> None:
        """Wait until the study is delivered, and look that nothing is missing."""
        wait_for(self._is_delivered)
        wait_for(lambda: len(self.archive.arrivals) >= 2)
        kept = Kept(self.data)
        kept.holds(self.files)
        kept.has_one_result_each(list(study_states(self.data)))
        kept.is_tidy()
        assert not kept.faults

    def _is_delivered(self) -> bool:
        states = study_states(self.data).values()
        return bool(states) and set(states) <= set(ENDS)


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _WAIT_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@contextmanager
def running(folder: Path, data: Path) -> Iterator[Running]:
    with Archive(folder / "archive", "ARCHIVE") as archive:
        service = Running(folder, archive, data)
        service.node.start()
        try:
            yield service
        finally:
            service.node.stop()


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node.works, "Executor", Threads)
    monkeypatch.setattr(engine, "_BUSY_TIMEOUT_MS", _BUSY_MS)
    monkeypatch.setattr(engine, "_LEAST_WAIT_MS", _LEAST_MS)
    monkeypatch.setattr(node.compute.computing, "_FULL_PAUSE", timedelta(seconds=0.5))


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Running]:
    with running(tmp_path, tmp_path / "data") as found:
        yield found


@pytest.fixture
def small_volume(tmp_path: Path) -> Iterator[Path]:
    """Return a folder on a volume of its own, of a few megabytes."""
    folder = tmp_path / "volume"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(mount, check=False).returncode:
        pytest.skip("this machine lets nobody mount a small volume")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def come_again(answers: list[object]) -> bool:
    """Return whether every answer is a failure that passes; 0xA700 is one."""
    return all(isinstance(each, Deferred) and "A700" in each.why for each in answers)


def test_a_full_volume_turns_senders_away_until_there_is_space(
    small_volume: Path, tmp_path: Path
) -> None:
    with running(tmp_path, small_volume / "data") as service:
        filler = small_volume / "filler"
        fill(filler)

        assert come_again(service.send())
        assert service.answers_echo()

        filler.unlink()
        assert set(map(type, service.send())) == {Delivered}
        service.finishes()


def fill(filler: Path) -> None:
    """Leave no byte of the volume."""
    with filler.open("wb", buffering=0) as file:
        for size in (1 << 16, 1 << 12, 1):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                continue


def test_a_volume_that_is_full_when_results_are_written_delays_them(
    service: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, refused = InstanceStore.write_results, []

    def full(store: InstanceStore, *_: object) -> None:
        refused.append(store)
        raise StorageFullError(store.root)

    monkeypatch.setattr(InstanceStore, "write_results", full)
    service.send()
    wait_for(lambda: len(refused) > 3)
    monkeypatch.setattr(InstanceStore, "write_results", write)

    # More tries than a job that crashes would get, and it is not set aside.
    service.finishes()


def test_a_locked_database_turns_senders_away_until_it_is_free(
    service: Running,
) -> None:
    with closing(sqlite3.connect(service.data / "ledger.sqlite")) as other:
        other.execute("BEGIN IMMEDIATE")
        assert come_again(service.send())
        assert service.answers_echo()
        other.rollback()

    assert set(map(type, service.send())) == {Delivered}
    service.finishes()


def test_a_database_that_is_locked_after_the_receipt_delays_the_rest(
    service: Running,
) -> None:
    service.send()
    with closing(sqlite3.connect(service.data / "ledger.sqlite", timeout=10)) as other:
        other.execute("BEGIN IMMEDIATE")
        time.sleep(5 * _BUSY_MS / 1000)
        other.rollback()

    service.finishes()


def test_nobody_waits_for_a_locked_database_turn_after_turn(tmp_path: Path) -> None:
    with (
        ledger_in(tmp_path) as ledger,
        closing(sqlite3.connect(tmp_path / "ledger.sqlite")) as other,
        ThreadPoolExecutor(8) as senders,
    ):
        other.execute("BEGIN IMMEDIATE")
        waits_s = list(senders.map(lambda each: waited_s(ledger, each), range(8)))
        other.rollback()
        assert max(waits_s) < 1.9 * _BUSY_MS / 1000

        # What was left of one's patience is nobody else's.
        with ledger._reading() as connection:
            asked = connection.exec_driver_sql("PRAGMA busy_timeout").scalar()
        assert asked == _BUSY_MS


def waited_s(ledger: Ledger, number: int) -> float:
    """Return how long it took to hear that the ledger cannot be used."""
    began_s = time.monotonic()
    with pytest.raises(LedgerUnavailableError):
        ledger.record_received(received(pet_series(8)[number]), NOON)
    return time.monotonic() - began_s


def test_a_writer_that_does_not_end_turns_others_away(tmp_path: Path) -> None:
    with (
        ledger_in(tmp_path) as ledger,
        ThreadPoolExecutor(1) as senders,
    ):
        with ledger._writing():
            assert senders.submit(waited_s, ledger, 0).result(_WAIT_S) < 1.0

        assert enter(ledger) == 200


def test_a_volume_that_goes_away_and_comes_back_costs_nothing(
    service: Running,
) -> None:
    away = service.data.with_name("away")
    service.node.ledger._engine.dispose()
    service.data.rename(away)
    answers = service.send()
    assert service.answers_echo()
    away.rename(service.data)

    assert come_again(answers)
    assert set(map(type, service.send())) == {Delivered}
    service.finishes()


def test_a_database_without_space_says_so_and_goes_on_when_there_is(
    tmp_path: Path,
) -> None:
    with ledger_in(tmp_path) as ledger:
        pages = 0

        def limit(connection: sqlite3.Connection, *_: object) -> None:
            words = f"PRAGMA max_page_count={pages or 1 << 30}"
            connection.execute(words).close()

        event.listen(ledger._engine, "connect", limit)
        ledger._engine.dispose()
        pages = 1
        entered = enter(ledger)
        assert entered < 200
        assert len(ledger.unindexed(500)) == entered

        pages = 0
        ledger._engine.dispose()
        assert enter(ledger) == 200
        assert len(ledger.unindexed(500)) == 200


def enter(ledger: Ledger) -> int:
    """Enter objects until the ledger says that it is full, and return how many."""
    for number, each in enumerate(pet_series(200)):
        try:
            ledger.record_received(received(each), NOON)
        except LedgerUnavailableError as failure:
            assert "full" in failure.why  # noqa: PT017 (any other is a failure)
            return number
    return 200
