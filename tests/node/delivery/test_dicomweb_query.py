"""Promises of QIDO-RS: what an archive holds is what it names."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from dicom_io.source_reference import SourceReference
from node.association.requestor import (
    PeerRefusesError,
    PeerUnavailableError,
)
from node.delivery.dicomweb import held_instances
from tests.support.web_server import (
    Request,
    Server,
    reply,
    web_destination,
)

ITEM = SourceReference("1.2.88", "1.2.3", "1.2.4", "1.2.5")


def held(answer: Callable[[Request], None]) -> frozenset[str]:
    with Server(answer) as server:
        return held_instances(web_destination(server.port), [ITEM])


def test_what_an_archive_holds_is_asked_by_study_and_series() -> None:
    body = json.dumps([{"00080018": {"vr": "UI", "Value": ["1.2.3"]}}]).encode()

    with Server(lambda request: reply(request, 200, body)) as server:
        nameless = replace(ITEM, study_instance_uid="")
        found = held_instances(web_destination(server.port), [ITEM, nameless])

    [request] = server.requests
    assert found == {"1.2.3"}
    path = "/dicom-web/studies/1.2.4/series/1.2.5/instances?SOPInstanceUID=1.2.3"
    assert request.path == path


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b"[]"),
        (204, b""),
        # One that answers with everything has not said that it holds this one.
        (200, b'[{"00080018": {"vr": "UI", "Value": ["1.2.33"]}}]'),
        (200, b'[{"00080018": {"vr": "UI"}}, 5, null]'),
        (200, b"5"),
    ],
)
def test_what_is_not_named_is_not_held(status: int, body: bytes) -> None:
    assert held(lambda request: reply(request, status, body)) == frozenset()


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (200, b"<html>", PeerRefusesError),
        (404, b"", PeerRefusesError),
        (302, b"", PeerRefusesError),
        (401, b"", PeerUnavailableError),
        (503, b"", PeerUnavailableError),
        (200, b" " * 5 * 2**20, PeerRefusesError),
    ],
)
def test_an_archive_that_does_not_answer_the_question_has_not_said_no(
    status: int, body: bytes, error: type[Exception]
) -> None:
    with pytest.raises(error):
        held(lambda request: reply(request, status, body))
