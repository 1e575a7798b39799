"""Promises of `node.logs`: what peers say steers no log."""

import logging

import pytest

from node.logs import tamed


def record_of(logger: str, message: str, *arguments: object) -> logging.LogRecord:
    try:
        b"\xff".decode("ascii")
    except UnicodeDecodeError as error:
        failure = (type(error), error, error.__traceback__)
    return logging.LogRecord(logger, logging.ERROR, "", 1, message, arguments, failure)


def test_what_libraries_quote_of_peers_stays_in_its_line() -> None:
    record = record_of(
        "pynetdicom.acse", "title '%s'", "A\n2026 node: all\x1b[2J\u2028x"
    )

    assert tamed(record)
    assert record.getMessage() == "title 'A\\n2026 node: all\\x1b[2J\\u2028x'"


def test_a_library_fills_no_log_with_what_a_peer_sent() -> None:
    record = record_of("pynetdicom.utils", "%s", "x" * 70_000)

    assert tamed(record)
    assert len(record.getMessage()) <= 500


@pytest.mark.parametrize("logger", ["node.compute.computing", "pynetdicom.events"])
def test_what_our_own_code_failed_in_is_told_in_full(logger: str) -> None:
    record = record_of(logger, "a defect")

    assert tamed(record)
    assert record.exc_info


def test_what_cannot_be_decoded_is_told_without_a_trace() -> None:
    record = record_of("pynetdicom.utils", "no text")

    assert tamed(record)
    assert not record.exc_info
