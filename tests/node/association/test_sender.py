"""Promises of the sender and the requestor, over real associations."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
    RLELossless,
)
from pynetdicom import AE, AllStoragePresentationContexts, evt
from pynetdicom.events import Event

from node.association.archive import Archive
from node.association.listener import STORED, Listener, SinkAnswer
from node.association.received import ReceivedObject
from node.association.sender import (
    Deferred,
    Delivered,
    Outcome,
    Refused,
    send,
    send_files,
    verify,
)
from node.association.sockets import PromptAssociationSocket
from node.records.outcome import FailureKind
from tests.support.peers import (
    HOST,
    PATIENCE_S,
    dataset_bytes,
    destination,
    free_port,
    in_syntax,
    listener_options,
    result_object,
    write_files,
)
from tests.support.pet import pet_datasets

pytestmark = pytest.mark.system

FULL = FailureKind.OUT_OF_RESOURCES


@pytest.fixture
def slices(tmp_path: Path) -> list[Path]:
    return write_files(tmp_path / "sent", pet_datasets(slices=3))


@contextmanager
def answering(*answers: SinkAnswer) -> Iterator[int]:
    """A peer that answers in turn, then with Success; yields its port."""
    rest = iter(answers)
    listener = Listener(listener_options(ae_title="PACS"), lambda _: next(rest, STORED))
    listener.start()
    try:
        yield listener.port
    finally:
        listener.stop()


@contextmanager
def breaking(break_at: Callable[[Event], bool]) -> Iterator[tuple[int, list[str]]]:
    """A peer that aborts on some objects; yields its port and what it took."""
    taken: list[str] = []

    def store(event: Event) -> int:
        if break_at(event):
            event.assoc.abort()
            return 0xC000
        taken.append(str(event.request.AffectedSOPInstanceUID))  # type: ignore[union-attr]
        return 0x0000

    entity = AE("PACS")
    entity.supported_contexts = AllStoragePresentationContexts
    server = entity.start_server(
        (HOST, 0), block=False, evt_handlers=[(evt.EVT_C_STORE, store)]
    )
    assert server is not None
    try:
        yield server.server_address[1], taken
    finally:
        entity.shutdown()


def outcomes(port: int, paths: list[Path], **changes: object) -> list[Outcome]:
    peer = replace(destination(port), **changes)  # type: ignore[arg-type]
    return list(send(peer, [result_object(path) for path in paths]))


@pytest.mark.parametrize(
    "transfer_syntax",
    [
        ImplicitVRLittleEndian,
        DeflatedExplicitVRLittleEndian,
        RLELossless,
        JPEGLSLossless,
        JPEG2000Lossless,
    ],
)
def test_the_bytes_on_disk_are_the_bytes_that_arrive(
    tmp_path: Path, transfer_syntax: str
) -> None:
    paths = write_files(
        tmp_path / "sent",
        [in_syntax(dataset, transfer_syntax) for dataset in pet_datasets(slices=2)],
    )

    with Archive(tmp_path / "pacs", "PACS") as pacs:
        assert outcomes(pacs.port, paths) == [Delivered("0000")] * 2

    for path, arrival in zip(paths, pacs.arrivals, strict=True):
        assert dataset_bytes(arrival.path) == dataset_bytes(path)
        assert arrival.calling_ae == "NODE"


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (0x0000, Delivered("0000")),
        (0xB000, Delivered("B000 Coercion of Data Elements: said")),
        (0xB007, Delivered("B007 Data Set Does Not Match SOP Class: said")),
        (0x0111, Delivered("0111 Duplication SOP Instance: said")),
        (0xA700, Deferred("A700 Refused: Out of Resources: said", FULL)),
        (0x0110, Deferred("0110 Processing Failure: said", FULL)),
        (0xA900, Refused("A900 Data Set Does Not Match SOP Class: said")),
        (0xC123, Refused("C123 Cannot Understand: said")),
        (0x0122, Refused("0122 Refused: SOP Class Not Supported: said")),
        (0x0124, Refused("0124 Refused: Not Authorised: said")),
        (0x4321, Refused("4321 said")),
    ],
)
def test_each_status_has_its_outcome_and_keeps_the_peers_words(
    slices: list[Path], status: int, outcome: Outcome
) -> None:
    answer = SinkAnswer(status, "said" if status else "")

    with answering(answer) as port:
        assert outcomes(port, slices[:1]) == [outcome]


def test_one_bad_object_does_not_stop_the_others(slices: list[Path]) -> None:
    with answering(STORED, SinkAnswer(0xC000, "no")) as port:
        found = outcomes(port, slices)

    assert [type(outcome) for outcome in found] == [Delivered, Refused, Delivered]


def test_an_object_that_breaks_the_association_does_not_stop_the_others(
    slices: list[Path],
) -> None:
    bad = result_object(slices[1]).sop_instance_uid

    with breaking(
        lambda event: str(event.request.AffectedSOPInstanceUID) == bad  # type: ignore[union-attr]
    ) as (port, taken):
        found = outcomes(port, slices)

    assert [type(outcome) for outcome in found] == [Delivered, Deferred, Delivered]
    assert len(taken) == 2


def test_a_peer_that_breaks_every_association_is_left_alone(tmp_path: Path) -> None:
    paths = write_files(tmp_path / "sent", pet_datasets(slices=6))
    attempts: list[None] = []

    def always(_: Event) -> bool:
        attempts.append(None)
        return True

    with breaking(always) as (port, _):
        found = outcomes(port, paths)

    assert [type(outcome) for outcome in found] == [Deferred] * 6
    assert len(attempts) == 2


def test_a_peer_that_does_not_answer_is_tried_later(slices: list[Path]) -> None:
    free = threading.Event()

    def stuck(_: ReceivedObject) -> SinkAnswer:
        free.wait(PATIENCE_S)
        return STORED

    listener = Listener(listener_options(ae_title="PACS"), stuck)
    listener.start()
    try:
        peer = destination(listener.port, timeout_s=0.3)
        (outcome,) = list(send(peer, [result_object(slices[0])]))
    finally:
        free.set()
        listener.stop()

    assert isinstance(outcome, Deferred)
    assert "no answer" in outcome.why


def test_nobody_listening_is_tried_later_and_said_so(slices: list[Path]) -> None:
    port = free_port()

    found = outcomes(port, slices)

    why = f"PACS at {HOST}:{port}: connection refused"
    assert found == [Deferred(why, FailureKind.UNREACHABLE)] * 3


def test_a_host_name_that_does_not_exist_is_tried_later_and_said_so(
    slices: list[Path],
) -> None:
    (outcome,) = outcomes(104, slices[:1], host="no-such-host.invalid")

    assert isinstance(outcome, Deferred)
    assert "no-such-host.invalid cannot be found" in outcome.why


def test_a_port_that_accepts_and_says_nothing_is_tried_later(
    slices: list[Path],
) -> None:
    with socket.create_server((HOST, 0)) as mute:
        peer = destination(mute.getsockname()[1], timeout_s=0.3)
        begun = time.monotonic()
        (outcome,) = list(send(peer, [result_object(slices[0])]))

    assert isinstance(outcome, Deferred)
    assert "did not answer" in outcome.why
    assert time.monotonic() - begun < 5


def test_a_peer_that_stops_in_the_middle_of_its_answer_is_tried_later(
    slices: list[Path],
) -> None:
    with socket.create_server((HOST, 0)) as server:

        def half_an_answer() -> None:
            link, _ = server.accept()
            with link:
                link.settimeout(PATIENCE_S)
                link.recv(65536)
                link.sendall(b"\x02\x00\x00\x00\x01\x00" + bytes(10))
                while link.recv(65536):
                    pass

        peer_thread = threading.Thread(target=half_an_answer)
        peer_thread.start()
        peer = destination(server.getsockname()[1], timeout_s=0.3)
        begun = time.monotonic()
        (outcome,) = list(send(peer, [result_object(slices[0])]))
        peer_thread.join(PATIENCE_S)

    assert isinstance(outcome, Deferred)
    assert time.monotonic() - begun < 5


def test_a_wrong_ae_title_is_refused_in_words(slices: list[Path]) -> None:
    with answering() as port:
        found = outcomes(port, slices, ae_title="WRONG")

    assert len(set(map(type, found))) == 1
    assert found[0] == Refused(
        f"WRONG at {HOST}:{port} rejects the association: "
        "called ae title not recognised"
    )


def test_a_busy_peer_is_tried_later(slices: list[Path]) -> None:
    listener = Listener(
        listener_options(ae_title="PACS", maximum_associations=1), lambda _: STORED
    )
    listener.start()
    try:
        peer = destination(listener.port)
        objects = [result_object(path) for path in slices]
        with closing(send(peer, objects)) as first:
            assert next(first) == Delivered("0000")
            (outcome, *_) = send(peer, objects)
    finally:
        listener.stop()

    assert isinstance(outcome, Deferred)
    assert "rejects" in outcome.why


def test_a_class_that_the_peer_does_not_take_is_refused_and_the_others_are_sent(
    tmp_path: Path,
) -> None:
    pet, other = pet_datasets(slices=2)
    ultrasound = "1.2.840.10008.5.1.4.1.1.6.1"
    other.SOPClassUID = other.file_meta.MediaStorageSOPClassUID = ultrasound
    paths = write_files(tmp_path / "sent", [other, pet])

    with answering() as port:
        found = outcomes(port, paths)

    assert isinstance(found[0], Refused)
    assert "Ultrasound Image Storage" in found[0].status
    assert found[1] == Delivered("0000")


def test_a_peer_that_takes_nothing_of_it_refuses_in_words(tmp_path: Path) -> None:
    (dataset,) = pet_datasets(slices=1)
    dataset.SOPClassUID = "1.2.840.10008.5.1.4.1.1.6.1"
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    paths = write_files(tmp_path / "sent", [dataset])

    with answering() as port:
        (outcome,) = outcomes(port, paths)

    assert isinstance(outcome, Refused)
    assert "accepts none of: Ultrasound Image Storage" in outcome.status


def test_a_file_of_ours_that_is_gone_is_tried_later_and_stops_nothing(
    slices: list[Path],
) -> None:
    objects = [result_object(path) for path in slices]
    slices[0].unlink()

    with answering() as port:
        found = list(send(destination(port), objects))

    assert isinstance(found[0], Deferred)
    assert "cannot be read" in found[0].why
    assert found[1:] == [Delivered("0000")] * 2


def test_more_kinds_of_objects_than_fit_one_association_go_over_several(
    tmp_path: Path,
) -> None:
    classes = [
        str(context.abstract_syntax) for context in AllStoragePresentationContexts
    ][:130]
    datasets = []
    for number, sop_class in enumerate(classes):
        (dataset,) = pet_datasets(slices=1, rows=2, columns=2)
        uid = f"1.2.3.{number}"
        dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID = sop_class
        dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = uid
        datasets.append(dataset)
    paths = write_files(tmp_path / "sent", datasets)

    with Archive(tmp_path / "pacs", "PACS") as pacs:
        found = outcomes(pacs.port, paths)
        arrived = [arrival.sop_instance_uid for arrival in pacs.arrivals]

    assert found == [Delivered("0000")] * 130
    assert arrived == [f"1.2.3.{number}" for number in range(130)]


def test_an_outcome_is_told_as_soon_as_it_is_known(slices: list[Path]) -> None:
    with answering() as port:
        objects = [result_object(path) for path in slices]
        with closing(send(destination(port), objects)) as sending:
            assert next(sending) == Delivered("0000")

        # Closing early releases the association: the peer can be stopped at once.
        assert verify(HOST, port, "PACS", "NODE", 2.0) == ""


def test_a_folder_of_files_is_sent_and_what_is_no_dicom_is_refused(
    tmp_path: Path, slices: list[Path]
) -> None:
    note = tmp_path / "sent" / "notes.txt"
    note.write_text("mouse 7 was restless")
    gone = tmp_path / "gone.dcm"

    with Archive(tmp_path / "pacs", "PACS") as pacs:
        found = dict(send_files(destination(pacs.port), [note, gone, *slices]))

        assert len(pacs.arrivals) == 3

    assert all(found[path] == Delivered("0000") for path in slices)
    assert isinstance(found[note], Refused)
    assert isinstance(found[gone], Refused)


class LateEvent(threading.Event):
    """An event after which its waiter is slow."""

    def wait(self, timeout: float | None = None) -> bool:
        happened = super().wait(timeout)
        time.sleep(0.3)
        return happened


def test_a_peer_that_rejects_and_closes_faster_than_we_look_has_rejected(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make = PromptAssociationSocket.__init__

    def make_late(self: PromptAssociationSocket, *args: Any, **options: Any) -> None:
        make(self, *args, **options)
        self._ready = LateEvent()

    monkeypatch.setattr(PromptAssociationSocket, "__init__", make_late)
    with socket.create_server((HOST, 0)) as server:

        def reject() -> None:
            link, _ = server.accept()
            with link:
                link.recv(65536)
                # Permanent, by the service user, called AE title (PS3.8 9.3.4).
                link.sendall(b"\x03\x00\x00\x00\x00\x04\x00\x01\x01\x07")

        peer = threading.Thread(target=reject)
        peer.start()
        why = verify(HOST, server.getsockname()[1], "PACS", "NODE", 2.0)
        peer.join(PATIENCE_S)

    assert "rejects the association: called ae title not recognised" in why


def test_verify_says_so_when_a_peer_aborts_instead_of_answering() -> None:
    def abort(event: Event) -> int:
        event.assoc.abort()
        return 0x0110

    entity = AE("PACS")
    entity.add_supported_context("1.2.840.10008.1.1")
    server = entity.start_server(
        (HOST, 0), block=False, evt_handlers=[(evt.EVT_C_ECHO, abort)]
    )
    assert server is not None
    try:
        why = verify(HOST, server.server_address[1], "PACS", "NODE", 2.0)
    finally:
        entity.shutdown()

    assert "does not answer C-ECHO" in why


def test_verify_says_nothing_when_all_is_well_and_why_not_otherwise() -> None:
    with answering() as port:
        assert verify(HOST, port, "PACS", "NODE", 2.0) == ""
        assert "called ae title not recognised" in verify(
            HOST, port, "WRONG", "NODE", 2.0
        )
    assert "connection refused" in verify(HOST, free_port(), "PACS", "NODE", 2.0)
    with socket.create_server((HOST, 0)) as mute:
        port = mute.getsockname()[1]
        assert "did not answer" in verify(HOST, port, "PACS", "NODE", 0.2)


def test_a_file_of_ours_that_was_damaged_is_refused_and_stops_nothing(
    slices: list[Path],
) -> None:
    objects = [result_object(path) for path in slices]
    slices[0].write_bytes(b"")

    with answering() as port:
        first, *others = send(destination(port), objects)

    assert isinstance(first, Refused)
    assert slices[0].name in first.status
    assert set(others) == {Delivered("0000")}
