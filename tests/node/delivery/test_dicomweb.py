"""Promises of STOW-RS and QIDO-RS, against servers that are wrong in every way."""

import base64
import inspect
import json
import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from dicomweb_client.web import DICOMwebClient

from node.delivery.dicomweb import send
from node.delivery.web_session import Credentials
from node.records.jobs import ResultObject
from node.records.outcome import Deferred, Delivered, FailureKind, Outcome, Refused
from node.security.tls import server_context
from tests.support.certificates import Authority
from tests.support.peers import HOST, free_port, result_object, write_files
from tests.support.pet import pet_datasets
from tests.support.web_server import (
    DICOM_JSON,
    Request,
    Server,
    reply,
    storing,
    uids_in,
    web_destination,
)

SECRET = "correct-horse-battery-staple"  # noqa: S105 - of servers of this test


@pytest.fixture(scope="module")
def objects(tmp_path_factory: pytest.TempPathFactory) -> list[ResultObject]:
    paths = write_files(tmp_path_factory.mktemp("sent"), pet_datasets(slices=4))
    return [result_object(path) for path in paths]


def outcomes(
    answer: Callable[[Request], None], objects: list[ResultObject]
) -> list[Outcome]:
    with Server(answer) as server:
        return list(send(web_destination(server.port), objects))


def test_the_bytes_on_disk_are_the_parts_of_one_post(
    objects: list[ResultObject],
) -> None:
    with Server(storing) as server:
        found = list(send(web_destination(server.port), objects))

    [request] = server.requests
    assert found == [Delivered("0000")] * 4
    assert request.path == "/dicom-web/studies"
    assert request.headers["Host"] == f"{HOST}:{server.port}"
    assert request.headers["Accept"] == DICOM_JSON
    boundary = request.headers["Content-Type"].split('boundary="')[1].rstrip('"')
    parts = request.body.split(f"\r\n--{boundary}".encode())[1:-1]
    head = b"\r\nContent-Type: application/dicom\r\n\r\n"
    assert parts == [head + item.path.read_bytes() for item in objects]


def test_a_post_is_bounded_in_bytes_and_holds_one_result(
    objects: list[ResultObject], tmp_path: Path
) -> None:
    elsewhere = write_files(tmp_path / "other", pet_datasets(slices=1))
    size = objects[0].path.stat().st_size

    with Server(storing) as server:
        peer = web_destination(server.port, largest_post=2 * size + 10)
        found = list(send(peer, [*objects[:3], result_object(elsewhere[0])]))

    assert found == [Delivered("0000")] * 4
    assert [len(uids_in(request)) for request in server.requests] == [2, 1, 1]


def test_one_object_that_an_archive_cannot_take_holds_up_no_other(
    objects: list[ResultObject],
) -> None:
    def answer(request: Request) -> None:
        if objects[2].sop_instance_uid in uids_in(request):
            reply(request, 400, b"no", "text/plain")
        else:
            storing(request)

    found = outcomes(answer, objects)

    assert [type(outcome) for outcome in found] == [
        Delivered,
        Delivered,
        Refused,
        Delivered,
    ]
    assert "HTTP 400 Bad Request" in str(found[2])


def test_an_object_that_is_not_named_is_not_believed_to_be_stored(
    objects: list[ResultObject],
) -> None:
    def answer(request: Request) -> None:
        items = [{"00081155": {"vr": "UI", "Value": [objects[0].sop_instance_uid]}}]
        body = {"00081199": {"vr": "SQ", "Value": items}}
        reply(request, 202, json.dumps(body).encode())

    first, second = outcomes(answer, objects[:2])

    assert first == Delivered("0000")
    assert isinstance(second, Refused)
    assert "does not say whether the object is stored" in second.status


def test_a_file_that_cannot_be_read_holds_up_no_other(
    objects: list[ResultObject],
) -> None:
    gone = replace(objects[1], path=objects[1].path.with_name("gone.dcm"))

    found = outcomes(storing, [objects[0], gone, objects[2]])

    assert [found[0], found[2]] == [Delivered("0000")] * 2
    assert isinstance(found[1], Deferred)
    assert found[1].kind is FailureKind.OWN_FILE


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, FailureKind.TRUST),
        (403, FailureKind.TRUST),
        (408, FailureKind.BUSY),
        (429, FailureKind.BUSY),
        (500, FailureKind.OUT_OF_RESOURCES),
        (502, FailureKind.UNREACHABLE),
        (503, FailureKind.BUSY),
        (504, FailureKind.UNREACHABLE),
        (507, FailureKind.OUT_OF_RESOURCES),
        (599, FailureKind.OUT_OF_RESOURCES),
    ],
)
def test_a_failure_that_passes_is_tried_again_by_its_kind(
    objects: list[ResultObject], status: int, kind: FailureKind
) -> None:
    [found] = outcomes(
        lambda request: reply(request, status, Retry_After="7"), objects[:1]
    )

    assert isinstance(found, Deferred)
    assert (found.kind, found.wait_s) == (kind, 7.0)
    assert f"HTTP {status}" in found.why


@pytest.mark.parametrize(
    ("status", "body", "kind", "said"),
    [
        (200, b"<html>log in</html>", "text/html", "does not say what is stored"),
        (200, b"", DICOM_JSON, "does not say what is stored"),
        (204, b"", DICOM_JSON, "HTTP 204 No Content"),
        (400, b"", DICOM_JSON, "HTTP 400 Bad Request"),
        (404, b"", DICOM_JSON, "HTTP 404 Not Found"),
        (409, b"", DICOM_JSON, "does not say what is stored"),
        (413, b"", DICOM_JSON, "HTTP 413"),
        (415, b"", DICOM_JSON, "HTTP 415"),
        (777, b"", DICOM_JSON, "HTTP 777"),
    ],
)
def test_what_cannot_get_better_is_refused_in_words(
    objects: list[ResultObject], status: int, body: bytes, kind: str, said: str
) -> None:
    [found] = outcomes(lambda request: reply(request, status, body, kind), objects[:1])

    assert isinstance(found, Refused)
    assert said in found.status


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed_least_of_all_with_credentials(
    objects: list[ResultObject], status: int, tmp_path: Path
) -> None:
    (tmp_path / "token").write_text(SECRET)
    with Server(storing) as other:

        def answer(request: Request) -> None:
            where = f"http://{HOST}:{other.port}/elsewhere?session=abc"
            reply(request, status, Location=where)

        with Server(answer) as server:
            credentials = Credentials(token_file=tmp_path / "token")
            peer = web_destination(server.port, credentials=credentials)
            [found] = send(peer, objects[:1])

    assert isinstance(found, Refused)
    assert f"points to http://{HOST}/elsewhere" in found.status
    assert "session" not in found.status
    assert other.requests == []


def test_a_token_is_read_for_each_call_and_a_password_stays_in_its_file(
    objects: list[ResultObject], tmp_path: Path
) -> None:
    token, password = tmp_path / "token", tmp_path / "password"
    password.write_text("päss:wörd\n")

    with Server(storing) as server:
        by_token = web_destination(
            server.port, credentials=Credentials(token_file=token)
        )
        for text in ("first\n", "second"):
            token.write_text(text)
            list(send(by_token, objects[:1]))
        basic = Credentials("node", password)
        list(send(web_destination(server.port, credentials=basic), objects[:1]))

    given = [request.headers["Authorization"] for request in server.requests]
    pair = base64.b64encode("node:päss:wörd".encode()).decode()
    assert given == ["Bearer first", "Bearer second", f"Basic {pair}"]


@pytest.mark.parametrize("content", [b"", b"\n", b"a\nb", b"a\r\nX: b", b"x" * 70_000])
def test_a_token_that_is_none_is_named_by_its_file_alone(
    objects: list[ResultObject], tmp_path: Path, content: bytes
) -> None:
    token = tmp_path / "token"
    token.write_bytes(content)

    with Server(storing) as server:
        credentials = Credentials(token_file=token)
        [found] = send(
            web_destination(server.port, credentials=credentials), objects[:1]
        )

    assert isinstance(found, Deferred)
    assert found.kind is FailureKind.OWN_FILE
    assert f"{token} must hold one line" in found.why
    assert server.requests == []


def test_secrets_are_in_no_log_and_in_no_message(
    objects: list[ResultObject], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    token = tmp_path / "token"
    token.write_text(SECRET)
    encoded = base64.b64encode(f"node:{SECRET}".encode()).decode()
    answers: list[Callable[[Request], None]] = [
        storing,
        lambda request: reply(request, 401),
        lambda request: reply(request, 302, Location="http://x/"),
        lambda request: request.connection.close(),
    ]
    said: list[str] = []
    for credentials in (Credentials(token_file=token), Credentials("node", token)):
        said.append(repr(credentials))
        for answer in answers:
            with Server(answer) as server:
                peer = web_destination(server.port, credentials=credentials)
                said += [repr(peer), *map(repr, send(peer, objects[:1]))]

    for text in (caplog.text, *said):
        assert SECRET not in text
        assert encoded not in text


def test_nobody_there_is_unreachable(objects: list[ResultObject]) -> None:
    [found] = send(web_destination(free_port()), objects[:1])

    assert isinstance(found, Deferred)
    assert found.kind is FailureKind.UNREACHABLE
    assert "refuses the connection" in found.why


@pytest.mark.parametrize(
    ("host", "ends_in_days", "said"),
    [
        (HOST, 365.0, None),
        (HOST, -1.0, "its certificate has expired"),
        ("127.0.0.2", 365.0, "its certificate names another host"),
    ],
)
def test_https_believes_the_sites_own_authority_and_no_other_name(
    objects: list[ResultObject],
    tmp_path: Path,
    host: str,
    ends_in_days: float,
    said: str | None,
) -> None:
    authority = Authority(tmp_path)
    theirs = authority.issue("web", host=host, ends_in_days=ends_in_days)
    ours = authority.options("node")
    context = server_context(
        replace(ours, certificate=theirs.certificate, key=theirs.key)
    )

    with Server(storing, context) as server:
        url = f"https://{HOST}:{server.port}/dicom-web"
        [found] = send(web_destination(server.port, url=url, tls=ours), objects[:1])

    if said is None:
        assert found == Delivered("0000")
    else:
        assert isinstance(found, Deferred)
        assert found.kind is FailureKind.TRUST
        assert said in found.why


def test_https_to_a_server_of_another_authority_is_not_believed(
    objects: list[ResultObject], tmp_path: Path
) -> None:
    theirs = Authority(tmp_path / "other", "other").options(
        "web", require_peer_certificate=False
    )
    ours = Authority(tmp_path / "ours").options("node")

    with Server(storing, server_context(theirs)) as server:
        url = f"https://{HOST}:{server.port}/dicom-web"
        [found] = send(web_destination(server.port, url=url, tls=ours), objects[:1])

    assert isinstance(found, Deferred)
    assert "of an authority that is not believed" in found.why
    assert server.requests == []


def test_dicomweb_client_still_has_what_is_used_below_its_encoding() -> None:
    post = inspect.signature(DICOMwebClient._http_post)
    encode = inspect.signature(DICOMwebClient._encode_multipart_message)

    assert list(post.parameters) == ["self", "url", "data", "headers"]
    assert list(encode.parameters) == ["content", "content_type"]
