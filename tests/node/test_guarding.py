"""Promises of `node.guarding`: what is refused reaches ledger and repository."""

import socket
from datetime import UTC, datetime
from pathlib import Path

from config.load import load_settings
from node.association.received import ReceivedObject
from node.association.storing import STORED, SinkAnswer
from node.data_folder import open_ledger
from node.guarding import Guard
from node.records.objects import Arrival
from node.records.refused import Refusal
from tests.support.peers import HOST, PATIENCE_S
from tests.support.service import free_port, write_config

_AT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


def test_a_stranger_is_in_the_ledger_and_an_alert_at_the_repository(
    tmp_path: Path,
) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as repository:
        repository.bind((HOST, 0))
        repository.settimeout(PATIENCE_S)
        port = repository.getsockname()[1]
        extra = f'[audit_trail]\nhost = "{HOST}"\nport = {port}\ntransport = "udp"\n'
        config = write_config(tmp_path, free_port(), archive_port=1, extra=extra)
        settings = load_settings(config)
        woken: list[str] = []
        with open_ledger(settings, make=True) as ledger:
            guard = Guard(settings, ledger, lambda: _AT, woken.append)
            guard.start()
            assert guard.arrived is not None
            guard.arrived(Arrival("1.2.3", "INVEON", "m1", {"1.2.4": 3}))
            assert guard.departures("archive") is not None
            guard.refusals.tell(Refusal("X", "203.0.113.9", "RJ 1/1/3", "unknown"))
            for task in guard.tasks:
                task.sweep()
            guard.release()
            guard.stop()
            (kept,) = ledger.refusals()
        messages = [repository.recv(65536) for _ in range(4)]

    assert kept.refusal.calling_ae == "X"
    assert set(woken) == {"audit trail"}
    assert b"Application Start" in messages[0]
    assert b"DICOM Instances Transferred" in messages[1]
    assert b"AETITLES=INVEON" in messages[1]
    assert b"Security Alert" in messages[2]
    assert b"203.0.113.9" in messages[2]
    assert b"Application Stop" in messages[3]


def test_a_fast_peer_waits_for_its_answer_and_loses_nothing(tmp_path: Path) -> None:
    extra = '[[peers]]\nname = "fast"\nae_title = "FAST"\nobjects_per_second = 50\n'
    config = write_config(tmp_path, free_port(), archive_port=1, extra=extra)
    settings = load_settings(config)
    stored: list[str] = []

    def sink(received: ReceivedObject) -> SinkAnswer:
        stored.append(received.sop_instance_uid)
        return STORED

    with open_ledger(settings, make=True) as ledger:
        guard = Guard(settings, ledger, lambda: _AT, lambda _: None)
        # There is no audit repository, so nobody is told anything.
        assert (guard.arrived, guard.departures("archive")) == (None, None)
        paced = guard.paced(sink)
        waits = [guard._pace.hold_back("FAST", HOST) for _ in range(52)]
        guard.release()
        answers = [
            paced(
                ReceivedObject(
                    sop_class_uid="1.2",
                    sop_instance_uid=str(number),
                    transfer_syntax_uid="1.2",
                    file_meta=b"",
                    dataset=b"",
                    calling_ae="FAST",
                    called_ae="NODE",
                    peer_address=HOST,
                )
            )
            for number in range(100)
        ]

    assert waits[-1] > 0.0
    assert answers == [STORED] * 100
    assert stored == [str(number) for number in range(100)]
