"""Promises of `node.association.listener`, over real associations on loopback."""

import errno
import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from io import BytesIO
from pathlib import Path

import pytest
from pydicom.filereader import dcmread
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    MRImageStorage,
    RLELossless,
)
from pynetdicom import AE, build_context
from pynetdicom.dimse_messages import C_STORE_RQ
from pynetdicom.dimse_primitives import C_STORE
from pynetdicom.pdu_primitives import P_DATA

from node.association.acceptor import SharedContexts
from node.association.listener import (
    DEFECT,
    STORED,
    CannotListenError,
    Listener,
    Sink,
    SinkAnswer,
)
from node.association.received import ReceivedObject
from node.association.sop_classes import RECEIVED_SOP_CLASSES
from node.instance_store import InstanceStore, StorageFullError
from tests.support.peers import (
    HOST,
    PATIENCE_S,
    association,
    dataset_bytes,
    in_syntax,
    listener_options,
    write_files,
)
from tests.support.pet import pet_datasets

pytestmark = pytest.mark.system


class Kept:
    """A sink that keeps what it gets, in memory."""

    def __init__(self) -> None:
        self.objects: list[ReceivedObject] = []

    def __call__(self, received: ReceivedObject) -> SinkAnswer:
        self.objects.append(received)
        return STORED


@contextmanager
def listening(sink: Sink, **changes: object) -> Iterator[Listener]:
    listener = Listener(listener_options(**changes), sink)
    listener.start()
    try:
        yield listener
    finally:
        listener.stop()


@pytest.fixture
def slices(tmp_path: Path) -> list[Path]:
    return write_files(tmp_path / "sent", pet_datasets(slices=3))


def eventually(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE_S
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)
    return condition()


def test_a_peer_can_verify_that_the_node_is_there() -> None:
    with listening(Kept()) as listener:
        scanner = AE("SCANNER")
        scanner.add_requested_context("1.2.840.10008.1.1")
        link = scanner.associate(HOST, listener.port, ae_title="NODE")

        assert link.send_c_echo().Status == 0x0000
        link.release()


@pytest.mark.parametrize(
    "transfer_syntax",
    [
        ImplicitVRLittleEndian,
        ExplicitVRLittleEndian,
        DeflatedExplicitVRLittleEndian,
        RLELossless,
        JPEGLossless,
        JPEGLosslessSV1,
        JPEGLSLossless,
        JPEG2000Lossless,
    ],
)
def test_received_bytes_are_the_bytes_that_were_sent(
    tmp_path: Path, transfer_syntax: str
) -> None:
    dataset = in_syntax(pet_datasets(slices=1)[0], transfer_syntax)
    (path,) = write_files(tmp_path / "sent", [dataset])
    kept = Kept()

    with listening(kept) as listener, association(listener.port, [path]) as link:
        assert link.send_c_store(path).Status == 0x0000

    (received,) = kept.objects
    assert received.dataset == dataset_bytes(path)
    assert received.transfer_syntax_uid == transfer_syntax
    assert received.sop_instance_uid == dataset.SOPInstanceUID
    assert received.sop_class_uid == dataset.SOPClassUID
    assert (received.calling_ae, received.called_ae) == ("SCANNER", "NODE")
    assert received.peer_address == HOST


def test_what_is_stored_is_a_dicom_file_of_the_same_object(
    tmp_path: Path, slices: list[Path]
) -> None:
    store = InstanceStore(tmp_path / "data")
    written = []

    def sink(received: ReceivedObject) -> SinkAnswer:
        written.append(store.write(received.file_meta, received.dataset))
        return STORED

    with listening(sink) as listener, association(listener.port, slices) as link:
        for path in slices:
            link.send_c_store(path)

    for path, stored in zip(slices, written, strict=True):
        read = dcmread(store.absolute(stored.path))
        assert read == dcmread(path)
        assert read.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian
        assert read.file_meta.MediaStorageSOPInstanceUID == read.SOPInstanceUID
        assert dataset_bytes(store.absolute(stored.path)) == dataset_bytes(path)


def test_success_is_answered_only_after_the_sink_has_returned(
    slices: list[Path],
) -> None:
    entered, go_on = threading.Event(), threading.Event()
    answers: list[int] = []

    def slow(_: ReceivedObject) -> SinkAnswer:
        entered.set()
        go_on.wait(PATIENCE_S)
        return STORED

    with listening(slow) as listener, association(listener.port, slices) as link:
        sending = threading.Thread(
            target=lambda: answers.append(link.send_c_store(slices[0]).Status)
        )
        sending.start()
        assert entered.wait(PATIENCE_S)
        time.sleep(0.2)
        assert answers == []

        go_on.set()
        sending.join(PATIENCE_S)

    assert answers == [0x0000]


@pytest.mark.parametrize(
    ("failure", "status"),
    [
        (StorageFullError(Path("/data")), 0xA700),
        (OSError(errno.EIO, os.strerror(errno.EIO)), 0xA700),
        (KeyError("a defect"), 0xC001),
    ],
)
def test_a_sink_that_fails_costs_one_object_not_the_association(
    slices: list[Path], failure: Exception, status: int
) -> None:
    kept = Kept()
    calls = iter([failure, None])

    def failing_once(received: ReceivedObject) -> SinkAnswer:
        problem = next(calls)
        if problem is not None:
            raise problem
        return kept(received)

    with (
        listening(failing_once) as listener,
        association(listener.port, slices) as link,
    ):
        refused = link.send_c_store(slices[0])
        stored = link.send_c_store(slices[1])

    assert refused.Status == status
    assert refused.ErrorComment
    assert stored.Status == 0x0000
    assert len(kept.objects) == 1


def test_a_defect_is_logged_with_its_traceback_and_without_the_patient(
    slices: list[Path], caplog: pytest.LogCaptureFixture
) -> None:
    def defect(_: ReceivedObject) -> SinkAnswer:
        raise KeyError

    with (
        caplog.at_level(logging.ERROR, "node.association.listener"),
        listening(defect) as listener,
        association(listener.port, slices) as link,
    ):
        link.send_c_store(slices[0])

    dataset = dcmread(slices[0])
    assert dataset.SOPInstanceUID in caplog.text
    assert "KeyError" in caplog.text
    assert str(dataset.PatientName) not in caplog.text


def test_a_sink_may_choose_the_answer(slices: list[Path]) -> None:
    long_comment = "x" * 200

    with (
        listening(lambda _: SinkAnswer(0xB000, long_comment)) as listener,
        association(listener.port, slices) as link,
    ):
        status = link.send_c_store(slices[0])

    assert status.Status == 0xB000
    assert status.ErrorComment == long_comment[:64]


@pytest.mark.parametrize("keyword", ["SOPInstanceUID", "SOPClassUID"])
def test_an_object_that_is_not_what_the_command_says_is_refused(
    tmp_path: Path, keyword: str
) -> None:
    dataset = pet_datasets(slices=1)[0]
    (path,) = write_files(tmp_path / "sent", [dataset])
    other = "1.2.3" if keyword == "SOPInstanceUID" else MRImageStorage
    held = str(dataset[keyword].value).encode()
    forged = (other + "\0" * (len(held) - len(other))).encode()
    # The file meta information keeps the true UID; the data set holds another.
    body = dataset_bytes(path)
    head = path.read_bytes()[: -len(body)]
    assert body.count(held) == 1
    path.write_bytes(head + body.replace(held, forged))
    kept = Kept()

    with listening(kept) as listener, association(listener.port, [path]) as link:
        status = link.send_c_store(path)

    assert status.Status == 0xA900
    assert kept.objects == []


def test_a_data_set_that_is_none_is_not_understood(
    tmp_path: Path, slices: list[Path]
) -> None:
    content = slices[0].read_bytes()
    garbled = tmp_path / "garbled.dcm"
    offset = len(content) - len(dataset_bytes(slices[0]))
    garbled.write_bytes(content[:offset] + b"\xff" * 500)
    kept = Kept()

    with listening(kept) as listener, association(listener.port, slices) as link:
        status = link.send_c_store(garbled)
        assert link.send_c_store(slices[0]).Status == 0x0000

    assert status.Status == 0xC000
    assert len(kept.objects) == 1


def test_every_class_that_a_study_or_a_result_has_is_taken() -> None:
    with listening(Kept()) as listener:
        peer = AE("PACS")
        for sop_class in RECEIVED_SOP_CLASSES:
            peer.add_requested_context(sop_class)
        link = peer.associate(HOST, listener.port, ae_title="NODE")
        accepted = {context.abstract_syntax for context in link.accepted_contexts}
        link.release()

    assert accepted == set(RECEIVED_SOP_CLASSES)


def test_other_classes_and_lossy_or_big_endian_encodings_are_not_taken() -> None:
    pet = RECEIVED_SOP_CLASSES[0]
    with listening(Kept()) as listener:
        peer = AE("PACS")
        peer.add_requested_context(MRImageStorage)
        peer.add_requested_context(pet, [JPEGBaseline8Bit])
        peer.add_requested_context(pet, [ExplicitVRBigEndian])
        peer.add_requested_context("1.2.840.10008.1.1")
        link = peer.associate(HOST, listener.port, ae_title="NODE")
        accepted = [context.abstract_syntax for context in link.accepted_contexts]
        link.release()

    assert accepted == ["1.2.840.10008.1.1"]


def test_a_peer_that_aborts_in_the_middle_of_a_data_set_leaves_nothing(
    tmp_path: Path, slices: list[Path]
) -> None:
    store = InstanceStore(tmp_path / "data")

    def sink(received: ReceivedObject) -> SinkAnswer:
        store.write(received.file_meta, received.dataset)
        return STORED

    with listening(sink) as listener:
        with association(listener.port, slices) as link:
            request = C_STORE()
            dataset = dcmread(slices[0])
            request.MessageID = 1
            request.Priority = 2
            request.AffectedSOPClassUID = dataset.SOPClassUID
            request.AffectedSOPInstanceUID = dataset.SOPInstanceUID
            context_id = link.accepted_contexts[0].context_id
            fragment = P_DATA()
            # A data set fragment that is not the last (PS3.8 annex E.2).
            half = b"\x00" + dataset_bytes(slices[0])[:200]
            fragment.presentation_data_value_list.append((context_id, half))
            _send_command(link, request, context_id)
            link.dul.send_pdu(fragment)
            time.sleep(0.1)
            link.abort()

        with association(listener.port, slices) as link:
            assert link.send_c_store(slices[1]).Status == 0x0000

    stored = [path for path in store.root.rglob("*") if path.is_file()]
    assert [dataset_bytes(path) for path in stored] == [dataset_bytes(slices[1])]


def _send_command(link: object, request: C_STORE, context_id: int) -> None:
    """Send the command of a C-STORE without its data set."""
    message = C_STORE_RQ()
    request.DataSet = BytesIO(b"to come")
    message.primitive_to_message(request)
    command = next(iter(message.encode_msg(context_id, 16384)))
    link.dul.send_pdu(command)  # type: ignore[attr-defined]


def test_a_peer_that_falls_silent_in_the_middle_of_a_request_is_let_go(
    slices: list[Path],
) -> None:
    kept = Kept()
    with listening(kept, network_timeout_s=0.3, acse_timeout_s=0.3) as listener:
        before = threading.active_count()
        with socket.create_connection((HOST, listener.port)) as mute:
            # The head of an A-ASSOCIATE-RQ of 1000 bytes, and nothing more.
            mute.sendall(b"\x01\x00\x00\x00\x03\xe8" + bytes(10))
            mute.settimeout(PATIENCE_S)
            assert mute.recv(100) == b""

        assert eventually(lambda: threading.active_count() <= before)
        with association(listener.port, slices) as link:
            assert link.send_c_store(slices[0]).Status == 0x0000


def test_a_peer_that_falls_silent_in_the_middle_of_a_data_set_is_let_go(
    slices: list[Path],
) -> None:
    with listening(Kept(), network_timeout_s=0.3) as listener:
        before = threading.active_count()
        with association(listener.port, slices) as link:
            transport = link.dul.socket
            assert transport is not None
            assert transport.socket is not None
            # The head of a P-DATA-TF of 1000 bytes, and nothing more.
            transport.socket.sendall(b"\x04\x00\x00\x00\x03\xe8" + bytes(10))

            assert eventually(lambda: not link.is_established)

        assert eventually(lambda: threading.active_count() <= before)


@pytest.mark.parametrize(
    "noise",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        bytes(6),
        b"\x04\x00\x00\x00\x00\x04\x00\x00\x00\x00",
        b"\x01\x00\xff\xff\xff\xff",
        b"",
    ],
)
def test_noise_on_the_port_does_not_stop_the_listener(
    slices: list[Path], noise: bytes
) -> None:
    with listening(Kept(), network_timeout_s=0.5, acse_timeout_s=0.5) as listener:
        with socket.create_connection((HOST, listener.port)) as stranger:
            stranger.sendall(noise)
        with association(listener.port, slices) as link:
            assert link.send_c_store(slices[0]).Status == 0x0000


def test_a_peer_that_calls_another_ae_title_is_rejected_as_such(
    slices: list[Path],
) -> None:
    with (
        listening(Kept()) as listener,
        association(listener.port, slices, called="OTHER") as link,
    ):
        assert link.is_rejected

    with (
        listening(Kept(), require_called_aet=False) as listener,
        association(listener.port, slices, called="OTHER") as link,
    ):
        assert link.is_established


def test_only_listed_peers_are_served_when_there_is_a_list(slices: list[Path]) -> None:
    with listening(Kept(), allowed_calling_aets=("SCANNER",)) as listener:
        with association(listener.port, slices, calling="SCANNER") as link:
            assert link.is_established
        with association(listener.port, slices, calling="STRANGER") as link:
            assert link.is_rejected


def test_too_many_associations_are_rejected_as_transient(slices: list[Path]) -> None:
    with (
        listening(Kept(), maximum_associations=1) as listener,
        association(listener.port, slices) as first,
        association(listener.port, slices) as second,
    ):
        assert first.is_established
        assert second.is_rejected
        assert second.acceptor.primitive is not None
        assert second.acceptor.primitive.result == 0x02


def test_several_peers_are_served_at_a_time(slices: list[Path]) -> None:
    both = threading.Barrier(2)

    def meeting(_: ReceivedObject) -> SinkAnswer:
        both.wait(PATIENCE_S)
        return STORED

    answers: list[int] = []
    with listening(meeting) as listener:

        def send(path: Path) -> None:
            with association(listener.port, [path]) as link:
                answers.append(link.send_c_store(path).Status)

        senders = [threading.Thread(target=send, args=(path,)) for path in slices[:2]]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join(PATIENCE_S)

    assert answers == [0, 0]


def test_a_port_that_is_taken_is_named_with_what_to_do() -> None:
    with listening(Kept()) as first:
        second = Listener(listener_options(port=first.port), Kept())

        with pytest.raises(CannotListenError) as refusal:
            second.start()

    assert f"{HOST}:{first.port}" in str(refusal.value)
    assert "choose another" in refusal.value.remedy


@pytest.mark.parametrize("host", ["192.0.2.1", "no-such-host.invalid"])
def test_an_address_that_is_not_ours_is_named_with_what_to_do(host: str) -> None:
    listener = Listener(listener_options(host=host), Kept())

    with pytest.raises(CannotListenError, match=host) as refusal:
        listener.start()

    assert refusal.value.remedy


def test_a_stopped_listener_frees_its_port_and_its_threads(slices: list[Path]) -> None:
    before = threading.active_count()
    listener = Listener(listener_options(), Kept())
    listener.start()
    port = listener.port
    with association(port, slices) as link:
        link.send_c_store(slices[0])

    listener.stop()
    listener.stop()

    assert eventually(lambda: threading.active_count() <= before)
    with listening(Kept(), port=port) as again:
        assert again.port == port


def test_stopping_does_not_wait_for_a_peer_that_stays(slices: list[Path]) -> None:
    listener = Listener(listener_options(stop_grace_s=0.1), Kept())
    listener.start()
    with association(listener.port, slices) as link:
        begun = time.monotonic()
        listener.stop()

        assert time.monotonic() - begun < 5
        assert eventually(lambda: not link.is_established)


def test_stopping_lets_an_object_that_is_being_stored_be_answered(
    slices: list[Path],
) -> None:
    entered = threading.Event()

    def slow(_: ReceivedObject) -> SinkAnswer:
        entered.set()
        time.sleep(0.3)
        return STORED

    listener = Listener(listener_options(), slow)
    listener.start()
    answers: list[int] = []

    def send() -> None:
        with association(listener.port, slices) as link:
            answers.append(link.send_c_store(slices[0]).Status)

    sending = threading.Thread(target=send)
    sending.start()
    assert entered.wait(PATIENCE_S)
    listener.stop()
    sending.join(PATIENCE_S)

    assert answers == [0x0000]


def test_a_defect_is_answered_in_the_range_for_failures() -> None:
    assert 0xC000 <= DEFECT.status <= 0xCFFF


def test_an_association_has_its_own_list_of_what_is_accepted() -> None:
    """One for which less is accepted must not take it from the others."""
    shared = SharedContexts([build_context(each) for each in RECEIVED_SOP_CLASSES[:2]])
    mine = deepcopy(shared)
    mine.clear()

    assert len(shared) == 2
    assert type(mine) is list
