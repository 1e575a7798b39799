"""Promises of the Retrieve SCU, against archives that lie, flood, stall and refuse."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from pydicom.dataset import Dataset
from pydicom.uid import RLELossless
from pynetdicom import AE, StoragePresentationContexts, evt
from pynetdicom.events import Event

from node.association.listener import OUT_OF_RESOURCES, STORED, Listener, SinkAnswer
from node.association.query import UNCOMPRESSED
from node.association.received import ReceivedObject
from node.association.requestor import (
    Destination,
    PeerRefusesError,
    PeerUnavailableError,
)
from node.association.retrieve import (
    STUDY_ROOT_GET,
    STUDY_ROOT_MOVE,
    Request,
    Taker,
    get,
    move,
)
from tests.support.peers import HOST, destination, in_syntax, listener_options
from tests.support.pet import pet_datasets

pytestmark = pytest.mark.system

Handler = Callable[[Event], Iterator[Any]]


@contextmanager
def archive(handler: Handler) -> Iterator[Destination]:
    """A Retrieve SCP."""
    entity = AE("PACS")
    entity.add_supported_context(STUDY_ROOT_GET)
    entity.add_supported_context(STUDY_ROOT_MOVE)
    for context in StoragePresentationContexts:
        syntaxes = [*context.transfer_syntax, RLELossless]
        entity.add_supported_context(
            str(context.abstract_syntax), syntaxes, scu_role=False, scp_role=True
        )
    entity.requested_contexts = StoragePresentationContexts[:100]
    server = entity.start_server(
        (HOST, 0),
        block=False,
        evt_handlers=[(evt.EVT_C_GET, handler), (evt.EVT_C_MOVE, handler)],
    )
    assert server is not None
    try:
        yield destination(server.server_address[1])
    finally:
        entity.shutdown()


class Sink:
    """Keeps what it is given."""

    def __init__(self, *answers: SinkAnswer) -> None:
        self.received: list[ReceivedObject] = []
        self._answers = iter(answers)

    def __call__(self, received: ReceivedObject) -> SinkAnswer:
        self.received.append(received)
        return next(self._answers, STORED)

    @property
    def uids(self) -> list[str]:
        return [each.sop_instance_uid for each in self.received]


def handing_over(datasets: list[Dataset], *, said: int | None = None) -> Handler:
    """An archive that hands over what it has, whatever it is asked for."""

    def handle(_: Event) -> Iterator[Any]:
        yield len(datasets) if said is None else said
        for dataset in datasets:
            yield 0xFF00, dataset

    return handle


def answering(status: int, uids: tuple[str, ...] = ()) -> Handler:
    """An archive that sends nothing and says so."""

    def handle(_: Event) -> Iterator[Any]:
        yield 1
        identifier = Dataset()
        identifier.FailedSOPInstanceUIDList = list(uids)
        yield status, identifier

    return handle


def request(datasets: list[Dataset], **changes: object) -> Request:
    first = datasets[0]
    values: dict[str, Any] = {
        "study_uid": str(first.StudyInstanceUID),
        "series_uid": str(first.SeriesInstanceUID),
        "instance_uids": tuple(str(each.SOPInstanceUID) for each in datasets),
    }
    return Request(**(values | changes))


def test_what_is_asked_for_comes_in_the_encoding_in_which_it_lies() -> None:
    plain, packed = pet_datasets(slices=2)
    packed = in_syntax(packed, RLELossless)
    sink = Sink()

    with archive(handing_over([plain, packed])) as source:
        found = get(source, [request([plain, packed])], Taker(sink))

    assert found.taken == {plain.SOPInstanceUID, packed.SOPInstanceUID}
    assert found.faults == ()
    first, second = sink.received
    assert first.transfer_syntax_uid in UNCOMPRESSED
    assert second.transfer_syntax_uid == RLELossless
    assert {(each.calling_ae, each.called_ae) for each in sink.received} == {
        ("PACS", "NODE")
    }


def test_a_series_is_asked_for_as_such_and_many_instances_in_parts() -> None:
    asked: list[Dataset] = []

    def handle(event: Event) -> Iterator[Any]:
        asked.append(event.identifier)
        yield 0

    (dataset,) = pet_datasets(slices=1)
    many = tuple(f"1.2.{number}" for number in range(100))
    with archive(handle) as source:
        whole = request([dataset], whole_series=True)
        get(source, [whole, request([dataset], instance_uids=many)], Taker(Sink()))

    assert [each.QueryRetrieveLevel for each in asked] == ["SERIES", "IMAGE", "IMAGE"]
    assert "SOPInstanceUID" not in asked[0]
    assert (*asked[1].SOPInstanceUID, *asked[2].SOPInstanceUID) == many


def test_what_was_not_asked_for_is_not_taken() -> None:
    wanted, other = pet_datasets(slices=2)
    sink = Sink()

    with archive(handing_over([other, wanted])) as source:
        found = get(source, [request([wanted])], Taker(sink))

    assert sink.uids == [wanted.SOPInstanceUID]
    assert f"{other.SOPInstanceUID} was not taken" in " ".join(found.faults)


def test_an_archive_that_sends_everything_is_left() -> None:
    datasets = pet_datasets(slices=60)
    sent: list[str] = []

    def handle(_: Event) -> Iterator[Any]:
        yield len(datasets)
        for dataset in datasets:
            sent.append(str(dataset.SOPInstanceUID))
            yield 0xFF00, dataset

    wanted = request(datasets, instance_uids=("1.2.3",))
    with archive(handle) as source, pytest.raises(PeerUnavailableError):
        get(source, [wanted], Taker(Sink()))

    assert len(sent) < len(datasets)


def test_an_object_that_the_sink_refuses_is_told_and_stops_nothing() -> None:
    datasets = pet_datasets(slices=3)

    with archive(handing_over(datasets)) as source:
        found = get(source, [request(datasets)], Taker(Sink(STORED, OUT_OF_RESOURCES)))

    assert found.taken == {datasets[0].SOPInstanceUID, datasets[2].SOPInstanceUID}
    assert f"{datasets[1].SOPInstanceUID} was not taken" in " ".join(found.faults)


def test_an_object_that_is_too_large_is_refused() -> None:
    datasets = pet_datasets(slices=1)
    sink = Sink()

    with (
        archive(handing_over(datasets)) as source,
        pytest.raises(PeerUnavailableError, match="larger than the node takes"),
    ):
        get(source, [request(datasets)], Taker(sink, object_limit=100))

    assert sink.received == []


def test_a_defect_of_the_sink_ends_one_object_only(
    caplog: pytest.LogCaptureFixture,
) -> None:
    datasets = pet_datasets(slices=2)

    def sink(received: ReceivedObject) -> SinkAnswer:
        if received.sop_instance_uid == datasets[0].SOPInstanceUID:
            raise ValueError
        return STORED

    with archive(handing_over(datasets)) as source:
        found = get(source, [request(datasets)], Taker(sink))

    assert found.taken == {datasets[1].SOPInstanceUID}
    assert "is not stored" in caplog.text


def test_the_archives_count_is_not_taken_for_what_came() -> None:
    datasets = pet_datasets(slices=2)

    def lie(_: Event) -> Iterator[Any]:
        yield 5
        for _number in range(5):
            yield 0xFF00, datasets[0]

    sink = Sink()
    with archive(lie) as source:
        found = get(source, [request(datasets)], Taker(sink))

    assert found.sent == 5
    assert found.taken == {datasets[0].SOPInstanceUID}


def test_instances_that_the_archive_cannot_send_are_named() -> None:
    datasets = pet_datasets(slices=1)
    uid = str(datasets[0].SOPInstanceUID)

    with archive(answering(0xB000, (uid,))) as source:
        found = get(source, [request(datasets)], Taker(Sink()))

    assert found.taken == frozenset()
    assert f"{uid} was not sent" in found.faults
    assert "B000" in found.faults[0]


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (0xA701, PeerUnavailableError),
        (0xA702, PeerUnavailableError),
        (0xA900, PeerRefusesError),
        (0xC000, PeerRefusesError),
        (0x0122, PeerRefusesError),
    ],
)
def test_each_refusal_says_what_the_archive_answers(
    status: int, error: type[Exception]
) -> None:
    wanted = [request(pet_datasets(slices=1))]

    with (
        archive(answering(status)) as source,
        pytest.raises(error, match=f"answers C-GET with {status:04X}"),
    ):
        get(source, wanted, Taker(Sink()))


def test_an_archive_that_cannot_reach_the_node_is_tried_again() -> None:
    def handle(_: Event) -> Iterator[Any]:
        yield from nowhere
        yield 1
        yield 0xA702, None

    listener = Listener(listener_options(), Sink())
    listener.start()
    nowhere = [(HOST, listener.port)]
    wanted = [request(pet_datasets(slices=1))]
    try:
        with (
            archive(handle) as source,
            pytest.raises(PeerUnavailableError, match="answers C-MOVE with A702"),
        ):
            move(source, wanted)
    finally:
        listener.stop()


def test_an_archive_that_does_not_know_the_node_must_be_told() -> None:
    def handle(_: Event) -> Iterator[Any]:
        yield None, None

    wanted = [request(pet_datasets(slices=1))]
    with (
        archive(handle) as source,
        pytest.raises(PeerRefusesError, match=r"A801.*tell it that AE title NODE"),
    ):
        move(source, wanted)


def test_an_archive_moves_objects_to_the_nodes_own_listener() -> None:
    datasets = pet_datasets(slices=2)
    sink = Sink()
    listener = Listener(listener_options(), sink)
    listener.start()

    def handle(event: Event) -> Iterator[Any]:
        assert event.move_destination == "NODE"
        yield HOST, listener.port
        yield from handing_over(datasets)(event)

    try:
        with archive(handle) as source:
            found = move(source, [request(datasets)])
    finally:
        listener.stop()

    assert found.sent == 2
    assert sink.uids == [each.SOPInstanceUID for each in datasets]


def test_a_retrieval_that_is_wanted_no_more_is_cancelled() -> None:
    datasets = pet_datasets(slices=20)
    cancelled = []

    def handle(event: Event) -> Iterator[Any]:
        yield len(datasets)
        for dataset in datasets:
            if event.is_cancelled:
                cancelled.append(True)
                yield 0xFE00, None
                return
            yield 0xFF00, dataset
            time.sleep(0.02)

    sink = Sink()
    with archive(handle) as source, pytest.raises(PeerUnavailableError, match="FE00"):
        get(source, [request(datasets)], Taker(sink), lambda: len(sink.received) < 2)

    assert cancelled
    assert len(sink.received) == 2


def test_an_archive_that_stalls_is_left_after_its_time() -> None:
    def stall(_: Event) -> Iterator[Any]:
        time.sleep(1.5)
        yield 0

    wanted = [request(pet_datasets(slices=1))]
    began = time.monotonic()
    with archive(stall) as source:
        # Only the answer is short of time: a busy machine associates slowly.
        hasty = replace(source, timeouts=replace(source.timeouts, response_s=0.3))
        with pytest.raises(PeerUnavailableError, match="does not answer C-GET"):
            get(hasty, wanted, Taker(Sink()))

    assert time.monotonic() - began < 5.0
