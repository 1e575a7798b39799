"""Promises of refusals: bounded, cheap for us, and kept over a ledger's absence."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from node.ledger import Ledger, LedgerUnavailableError
from node.records.refused import Refusal
from node.security import refusal_log
from node.security.refusal_log import RefusalLog
from tests.support.empty_ledger import ledger_in

_AT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with ledger_in(tmp_path) as opened:
        yield opened


def refusal(number: int = 0) -> Refusal:
    return Refusal("STRANGER", "203.0.113.9", "RJ 1/1/3", f"unknown {number}")


def whys(ledger: Ledger) -> list[str]:
    return [kept.refusal.why for kept in ledger.refusals()]


def test_a_refusal_is_remembered_as_it_was(ledger: Ledger) -> None:
    of_object = Refusal("PACS", "10.0.0.1", "C002", "too large", "1.2", "1.2.3")

    ledger.record_refusal(of_object, _AT, keep=10)

    (kept,) = ledger.refusals()
    assert (kept.refusal, kept.at) == (of_object, _AT)


def test_only_the_latest_are_remembered(ledger: Ledger) -> None:
    for number in range(7):
        ledger.record_refusal(refusal(number), _AT, keep=3)

    assert whys(ledger) == ["unknown 6", "unknown 5", "unknown 4"]


def test_what_a_peer_says_is_kept_within_bounds(ledger: Ledger) -> None:
    long = Refusal("\0X" * 100, "\ud800", "RJ", "w" * 10_000)

    ledger.record_refusal(long, _AT, keep=3)

    (kept,) = ledger.refusals()
    assert len(kept.refusal.calling_ae) == 64
    assert "\0" not in kept.refusal.calling_ae
    assert len(kept.refusal.why) == 1000


def test_a_flood_is_entered_in_one_go_and_told_in_a_few_lines(
    ledger: Ledger, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refusal_log, "_WAITING", 500)
    log = RefusalLog(ledger, 100, lambda: _AT)
    # The queue takes its bound when it is made.
    log._put_back([], 0)
    for number in range(1000):
        log.tell(refusal(number))

    with caplog.at_level(logging.WARNING):
        log.sweep()

    assert whys(ledger)[:2] == ["unknown 999", "unknown 998"]
    assert len(whys(ledger)) == 100
    assert len(caplog.messages) < 30
    assert (
        "980 more were refused, of which 500 are not in the ledger"
        in (caplog.messages[-1])
    )


def test_refusals_wait_while_the_ledger_is_away(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = RefusalLog(ledger, 100, lambda: _AT)
    log.tell(refusal(1))

    def gone(*_: object, **__: object) -> None:
        why = "locked"
        raise LedgerUnavailableError(why)

    with monkeypatch.context() as away:
        away.setattr(ledger, "record_refusals", gone)
        log.sweep()
    log.tell(refusal(2))
    log.sweep()
    log.sweep()

    assert whys(ledger) == ["unknown 2", "unknown 1"]
