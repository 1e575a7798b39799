"""Promises of `node.association.store_lane`: fragments in, objects and answers out."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from mmap import mmap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pydicom.dataset import Dataset
from pydicom.uid import UID, CTImageStorage, PositronEmissionTomographyImageStorage
from pynetdicom import evt
from pynetdicom.association import Association
from pynetdicom.dimse_messages import C_ECHO_RQ, C_STORE_RQ, C_STORE_RSP
from pynetdicom.dimse_primitives import C_ECHO, C_STORE
from pynetdicom.dsutils import create_file_meta, encode_file_meta

from node.association.file_meta import file_meta
from node.association.listener import STORED, Listener, SinkAnswer
from node.association.received import ReceivedObject
from node.association.sockets import PromptEntity
from node.association.store_messages import (
    CommandError,
    StoreRequest,
    read_command,
    store_request,
    store_response,
)
from node.instance_store import InstanceStore
from tests.support.peers import HOST, dataset_bytes, listener_options, write_files
from tests.support.pet import pet_datasets

if TYPE_CHECKING:
    from node.records.refused import Refusal

PET = PositronEmissionTomographyImageStorage
ECHO = "1.2.840.10008.1.1"


class Node:
    """A listener that keeps objects and refusals in memory, and one association."""

    def __init__(self, **changes: Any) -> None:
        self.kept: list[ReceivedObject] = []
        self.refusals: list[Refusal] = []
        self.happened: list[str] = []
        self.listener = Listener(
            listener_options(**changes), self._keep, (), self.refusals.append
        )
        self.listener.start()
        self.link = self._associated()

    def _keep(self, received: ReceivedObject) -> SinkAnswer:
        self.kept.append(received)
        return STORED

    def _associated(self, maximum_pdu: int = 16384) -> Association:
        scanner = PromptEntity("SCANNER")
        for sop_class in (PET, CTImageStorage, ECHO):
            scanner.add_requested_context(sop_class, ["1.2.840.10008.1.2.1"])
        link = scanner.associate(
            HOST, self.listener.port, ae_title="NODE", max_pdu=maximum_pdu
        )
        # Answers are for the test, not for pynetdicom's loop.
        link._reactor_checkpoint.clear()
        return link

    def context(self, sop_class: str) -> int:
        return next(
            int(each.context_id or 0)
            for each in self.link.accepted_contexts
            if each.abstract_syntax == sop_class
        )

    def send(self, *bodies: bytes) -> None:
        transport = self.link.dul.socket
        assert transport is not None
        connection = transport.socket
        for body in bodies:
            head = b"\x04\x00" + len(body).to_bytes(4, "big")
            # The node may have ended the association after the first of them.
            with suppress(OSError):
                assert connection is not None
                connection.sendall(head + body)

    def answer(self) -> Any:
        _, message = self.link.dimse.get_msg(block=True)
        return message

    def is_aborted(self) -> bool:
        """Wait for the end of the association, and return whether it was an abort."""
        self.link._reactor_checkpoint.set()
        self.link.join(10)
        return bool(self.link.is_aborted)

    def stop(self) -> None:
        self.link._reactor_checkpoint.set()
        if self.link.is_established:
            self.link.release()
        self.link.join(10)
        self.listener.stop()


@contextmanager
def serving(**changes: Any) -> Iterator[Node]:
    node = Node(**changes)
    try:
        yield node
    finally:
        node.stop()


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> tuple[Dataset, bytes]:
    dataset = pet_datasets(slices=1)[0]
    paths = write_files(tmp_path_factory.mktemp("sent"), [dataset])
    return dataset, dataset_bytes(paths[0])


def command(dataset: Dataset, message_id: int = 7, **changes: Any) -> bytes:
    request = C_STORE()
    request.MessageID = message_id
    request.Priority = 2
    request.AffectedSOPClassUID = changes.get("sop_class", dataset.SOPClassUID)
    request.AffectedSOPInstanceUID = dataset.SOPInstanceUID
    return encoded(C_STORE_RQ(), request)


def encoded(message: Any, primitive: Any) -> bytes:
    if isinstance(primitive, C_STORE):
        primitive.DataSet = BytesIO(b"to come")
    message.primitive_to_message(primitive)
    first = next(iter(message.encode_msg(1, 0)))
    return bytes(first.presentation_data_value_list[0][1][1:])


def pdv(context: int, control: int, value: bytes) -> bytes:
    return (len(value) + 2).to_bytes(4, "big") + bytes([context, control]) + value


COMMAND, LAST_COMMAND, DATA, LAST_DATA = 1, 3, 0, 2


def test_a_message_is_whole_however_it_is_cut_into_fragments_and_units(
    sent: tuple[Dataset, bytes],
) -> None:
    dataset, content = sent
    ask = command(dataset)
    with serving() as node:
        context = node.context(PET)
        one_unit = pdv(context, LAST_COMMAND, ask) + pdv(context, LAST_DATA, content)
        bits = [
            pdv(context, COMMAND, ask[:9]),
            pdv(context, LAST_COMMAND, ask[9:]) + pdv(context, DATA, b""),
            *(
                pdv(context, DATA, content[start : start + 333])
                for start in range(0, len(content), 333)
            ),
            pdv(context, LAST_DATA, b""),
        ]
        for units in ([one_unit], bits):
            node.send(*units)
            assert node.answer().Status == 0x0000

        assert [each.dataset for each in node.kept] == [content, content]


def test_messages_that_share_a_unit_are_all_answered(
    sent: tuple[Dataset, bytes],
) -> None:
    dataset, content = sent
    echo = C_ECHO()
    echo.MessageID = 9
    echo.AffectedSOPClassUID = ECHO
    with serving() as node:
        pet, verification = node.context(PET), node.context(ECHO)
        node.send(
            pdv(verification, LAST_COMMAND, encoded(C_ECHO_RQ(), echo))
            + pdv(pet, LAST_COMMAND, command(dataset, 11))
            + pdv(pet, LAST_DATA, content)
            + pdv(verification, LAST_COMMAND, encoded(C_ECHO_RQ(), echo))
        )
        answered = sorted(node.answer().MessageIDBeingRespondedTo for _ in range(3))

    assert answered == [9, 9, 11]
    assert len(node.kept) == 1


def test_an_answer_says_what_was_asked(sent: tuple[Dataset, bytes]) -> None:
    dataset, content = sent
    with serving() as node:
        context = node.context(PET)
        node.send(
            pdv(context, LAST_COMMAND, command(dataset, 4711)),
            pdv(context, LAST_DATA, content),
        )
        answer = node.answer()

    assert answer.MessageIDBeingRespondedTo == 4711
    assert answer.AffectedSOPInstanceUID == dataset.SOPInstanceUID
    assert answer.AffectedSOPClassUID == dataset.SOPClassUID


def test_an_object_larger_than_allowed_is_refused_and_the_next_one_is_taken(
    sent: tuple[Dataset, bytes],
) -> None:
    dataset, content = sent
    with serving(object_limit=len(content)) as node:
        context = node.context(PET)
        for message, data in ((1, content + b"\0\0"), (2, content)):
            node.send(
                pdv(context, LAST_COMMAND, command(dataset, message)),
                pdv(context, LAST_DATA, data),
            )
        refused, stored = node.answer(), node.answer()

    assert (refused.Status, stored.Status) == (0xC002, 0x0000)
    assert "larger" in refused.ErrorComment
    assert [each.dataset for each in node.kept] == [content]
    (refusal,) = node.refusals
    assert (refusal.status, refusal.calling_ae) == ("C002", "SCANNER")
    assert refusal.sop_instance_uid == dataset.SOPInstanceUID


def test_a_large_object_lies_in_a_file_while_it_comes_and_is_the_same(
    sent: tuple[Dataset, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset, content = sent
    monkeypatch.setattr("node.association.gathering.IN_MEMORY", 2000)
    with serving(spool_folder=tmp_path) as node:
        context = node.context(PET)
        node.send(
            pdv(context, LAST_COMMAND, command(dataset)),
            *(
                pdv(context, DATA, content[start : start + 1000])
                for start in range(0, len(content), 1000)
            ),
            pdv(context, LAST_DATA, b""),
        )
        assert node.answer().Status == 0x0000

    (kept,) = node.kept
    assert isinstance(kept.dataset, mmap)
    assert kept.part10 == kept.file_meta + content
    stored = InstanceStore(tmp_path / "store").write(kept.file_meta, kept.dataset)
    assert (tmp_path / "store" / stored.path).read_bytes() == kept.part10


def test_a_large_object_without_room_is_to_come_again_and_the_others_go_on(
    sent: tuple[Dataset, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset, content = sent
    monkeypatch.setattr("node.association.gathering.IN_MEMORY", len(content) + 2000)
    with serving(spool_folder=tmp_path / "missing") as node:
        context = node.context(PET)
        for data in (content + bytes(4000), content):
            node.send(
                pdv(context, LAST_COMMAND, command(dataset)),
                pdv(context, LAST_DATA, data),
            )
        refused, stored = node.answer(), node.answer()

    assert (refused.Status, stored.Status) == (0xA700, 0x0000)
    assert [each.status for each in node.refusals] == ["A700"]


def test_an_object_in_the_context_of_another_class_is_refused(
    sent: tuple[Dataset, bytes],
) -> None:
    dataset, content = sent
    with serving() as node:
        context = node.context(CTImageStorage)
        node.send(
            pdv(context, LAST_COMMAND, command(dataset)),
            pdv(context, LAST_DATA, content),
        )
        assert node.answer().Status == 0x0122

    assert node.kept == []
    assert [each.status for each in node.refusals] == ["0122"]


def test_a_peer_that_takes_only_short_units_gets_its_answer_in_several(
    sent: tuple[Dataset, bytes],
) -> None:
    dataset, content = sent
    with serving() as node:
        node.link._reactor_checkpoint.set()
        node.link.release()
        node.link = node._associated(maximum_pdu=64)
        context = node.context(PET)
        lengths: list[int] = []
        node.link.bind(evt.EVT_DATA_RECV, lambda event: lengths.append(len(event.data)))
        node.send(
            pdv(context, LAST_COMMAND, command(dataset)),
            pdv(context, LAST_DATA, content),
        )
        assert node.answer().Status == 0x0000

    units = [length for length in lengths if length > 10]  # but the release
    assert len(units) > 1
    assert max(units) <= 64 + 6


@pytest.mark.parametrize(
    "unit",
    [
        b"\x00\x00\x00\xff\x01\x03abc",
        b"\x00\x00\x00\x01\x01",
        b"\x00\x00",
        pdv(1, LAST_DATA, b"no command"),
        pdv(1, LAST_COMMAND, b"no command set"),
        pdv(1, LAST_COMMAND, bytes.fromhex("0000000104000000ffff")),
        pdv(1, LAST_COMMAND, bytes.fromhex("00000001020000000500")),
        pdv(1, COMMAND, bytes(70_000)),
    ],
)
def test_fragments_that_make_no_message_end_the_association_and_nothing_else(
    sent: tuple[Dataset, bytes], unit: bytes
) -> None:
    dataset, content = sent
    with serving() as node:
        node.send(unit)
        assert node.is_aborted()

        node.link = node._associated()
        context = node.context(PET)
        node.send(
            pdv(context, LAST_COMMAND, command(dataset)),
            pdv(context, LAST_DATA, content),
        )
        assert node.answer().Status == 0x0000


def test_a_command_within_a_data_set_ends_the_association(
    sent: tuple[Dataset, bytes],
) -> None:
    dataset, content = sent
    with serving() as node:
        context = node.context(PET)
        node.send(
            pdv(context, LAST_COMMAND, command(dataset)),
            pdv(context, DATA, content[:100]),
            pdv(context, LAST_COMMAND, command(dataset)),
        )
        assert node.is_aborted()

    assert node.kept == []


def test_a_data_set_in_another_context_than_its_command_ends_the_association(
    sent: tuple[Dataset, bytes],
) -> None:
    dataset, content = sent
    with serving() as node:
        node.send(
            pdv(node.context(PET), LAST_COMMAND, command(dataset)),
            pdv(node.context(CTImageStorage), LAST_DATA, content),
        )
        assert node.is_aborted()

    assert node.kept == []


def test_a_peer_that_falls_silent_between_two_units_of_a_message_is_let_go(
    sent: tuple[Dataset, bytes],
) -> None:
    dataset, _ = sent
    with serving(dimse_timeout_s=0.2) as node:
        node.send(pdv(node.context(PET), LAST_COMMAND, command(dataset)))
        assert node.is_aborted()


def without_data_set(ask: bytes) -> bytes:
    marked = bytes.fromhex("0000000802000000")
    place = ask.index(marked) + len(marked)
    return ask[:place] + b"\x01\x01" + ask[place + 2 :]


@pytest.mark.parametrize(
    ("lacking", "status"),
    [("instance", 0x0117), ("class", 0x0122), ("data set", 0xC003)],
)
def test_a_request_that_can_be_answered_is_and_the_next_one_is_taken(
    sent: tuple[Dataset, bytes], lacking: str, status: int
) -> None:
    dataset, content = sent
    ask = command(dataset)
    uids = {"instance": dataset.SOPInstanceUID, "class": dataset.SOPClassUID}
    if lacking == "data set":
        ask = without_data_set(ask)
    else:
        uid = uids[lacking].encode()
        assert ask.count(uid) == 1
        ask = ask.replace(uid, b"../x" + uid[4:])
    with serving() as node:
        context = node.context(PET)
        node.send(pdv(context, LAST_COMMAND, ask))
        if lacking != "data set":
            node.send(pdv(context, LAST_DATA, content))
        node.send(
            pdv(context, LAST_COMMAND, command(dataset, 8)),
            pdv(context, LAST_DATA, content),
        )
        refused, stored = node.answer(), node.answer()

    assert (refused.Status, stored.Status) == (status, 0x0000)
    assert refused.MessageIDBeingRespondedTo == 7
    assert refused.ErrorComment
    # What is no UID is not said again.
    assert (refused.AffectedSOPInstanceUID is None) == (lacking == "instance")
    assert [each.dataset for each in node.kept] == [content]
    (refusal,) = node.refusals
    assert (refusal.status, refusal.why) == (f"{status:04X}", refused.ErrorComment)


@pytest.mark.parametrize("lacking", ["message ID", "context"])
def test_a_request_that_no_answer_could_name_ends_the_association(
    sent: tuple[Dataset, bytes], lacking: str
) -> None:
    dataset, content = sent
    ask = command(dataset)
    if lacking == "message ID":
        place = ask.index(bytes.fromhex("0000100102000000"))
        ask = ask[:place] + ask[place + 10 :]
    with serving() as node:
        context = 99 if lacking == "context" else node.context(PET)
        node.send(pdv(context, LAST_COMMAND, ask), pdv(context, LAST_DATA, content))
        assert node.is_aborted()

    assert node.kept == []


def test_an_answer_is_what_pynetdicom_would_have_encoded() -> None:
    request = StoreRequest(7, str(PET), "1.2.3.4")
    primitive: Any = C_STORE()
    primitive.MessageIDBeingRespondedTo = 7
    primitive.AffectedSOPClassUID = PET
    primitive.AffectedSOPInstanceUID = "1.2.3.4"
    primitive.Status = 0xA900
    primitive.ErrorComment = "odd"
    message = C_STORE_RSP()
    message.primitive_to_message(primitive)
    (data,) = message.encode_msg(5, 16384)
    theirs = data.presentation_data_value_list[0][1]

    ours = store_response(request, 0xA900, "odd", 5, 16384)

    assert ours[12:] == theirs[1:]
    assert ours[:12] == (
        b"\x04\x00"
        + (len(ours) - 6).to_bytes(4, "big")
        + (len(ours) - 10).to_bytes(4, "big")
        + b"\x05\x03"
    )


def test_a_request_is_read_as_it_was_meant(sent: tuple[Dataset, bytes]) -> None:
    dataset, _ = sent
    request = store_request(read_command(command(dataset, 3)))

    assert request == StoreRequest(3, dataset.SOPClassUID, dataset.SOPInstanceUID)


@pytest.mark.parametrize(
    "encoding",
    ["0800000002000000", "00000001", "0000000102000000ff", "00000001ffffffff"],
)
def test_a_command_set_that_is_none_is_told(encoding: str) -> None:
    with pytest.raises(CommandError):
        read_command(bytes.fromhex(encoding))


@pytest.mark.parametrize("instance", ["1.2.3", "1.2.34", "1." + "2" * 62])
def test_the_head_of_a_file_is_what_pynetdicom_would_have_written(
    instance: str,
) -> None:
    for syntax in ("1.2.840.10008.1.2", "1.2.840.10008.1.2.1"):
        theirs = encode_file_meta(
            create_file_meta(
                sop_class_uid=PET,
                sop_instance_uid=UID(instance),
                transfer_syntax=UID(syntax),
            )
        )
        assert file_meta(PET, instance, syntax) == bytes(128) + b"DICM" + theirs


def test_files_of_the_phantom_are_taken_without_pydicoms_help(
    sent: tuple[Dataset, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset, content = sent

    def asked(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr("node.association.received.read_dataset", asked)
    received = ReceivedObject(
        str(dataset.SOPClassUID),
        str(dataset.SOPInstanceUID),
        "1.2.840.10008.1.2.1",
        b"",
        content,
        "SCANNER",
        "NODE",
        HOST,
    )
    received.check_identity()


# Of the responses, pynetdicom serves those that have the elements of a request.
@pytest.mark.parametrize(
    "operation",
    [0x0010, 0x0020, 0x0021, 0x0130, 0x0150, 0x0FFF, 0x8001, 0x8020, 0x8030, 0x8100],
)
def test_an_operation_that_the_context_does_not_serve_ends_the_association(
    operation: int, caplog: pytest.LogCaptureFixture
) -> None:
    for sop_class in (PET, ECHO):
        with serving() as node:
            asked = command_of(sop_class, operation)
            node.send(pdv(node.context(sop_class), LAST_COMMAND, asked))

            assert node.is_aborted()
            assert not node.kept
    assert "Traceback" not in caplog.text


def test_an_echo_in_the_context_of_an_image_ends_the_association() -> None:
    with serving() as node:
        node.send(pdv(node.context(PET), LAST_COMMAND, command_of(ECHO, 0x0030)))

        assert node.is_aborted()


def command_of(sop_class: str, operation: int) -> bytes:
    """Return a command set without a data set, as bytes."""
    named = sop_class.encode() + b"\0" * (len(sop_class) % 2)
    values = {
        0x0002: named,
        0x0100: operation.to_bytes(2, "little"),
        0x0110: b"\x01\x00",
        0x0800: b"\x01\x01",
    }
    return b"".join(
        b"\0\0"
        + number.to_bytes(2, "little")
        + len(value).to_bytes(4, "little")
        + value
        for number, value in values.items()
    )
