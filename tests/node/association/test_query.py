"""Promises of the Query SCU, against archives that lie, flood, stall and refuse."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from pydicom.dataset import Dataset
from pynetdicom import AE, evt
from pynetdicom.events import Event

from dicom_io.source_reference import SourceReference
from node.association.query import (
    STUDY_ROOT_FIND,
    TooManyAnswersError,
    find,
    held_instances,
)
from node.association.requestor import PeerRefusesError, PeerUnavailableError
from tests.support.peers import HOST, destination

pytestmark = pytest.mark.system

Answers = Iterator[tuple[int, Dataset | None]]


@contextmanager
def archive(
    answer: Callable[[Dataset], Answers],
) -> Iterator[tuple[int, list[Dataset]]]:
    """A Query SCP; yields its port and what it was asked."""
    asked: list[Dataset] = []

    def handle(event: Event) -> Answers:
        asked.append(event.identifier)
        yield from answer(event.identifier)

    entity = AE("PACS")
    entity.add_supported_context(STUDY_ROOT_FIND)
    server = entity.start_server(
        (HOST, 0), block=False, evt_handlers=[(evt.EVT_C_FIND, handle)]
    )
    assert server is not None
    try:
        yield server.server_address[1], asked
    finally:
        entity.shutdown()


def instance(uid: str, *, study: str = "1.2", series: str = "1.2.3") -> Dataset:
    dataset = Dataset()
    dataset.QueryRetrieveLevel = "IMAGE"
    dataset.StudyInstanceUID = study
    dataset.SeriesInstanceUID = series
    dataset.SOPInstanceUID = uid
    return dataset


def item(uid: str, *, study: str = "1.2", series: str = "1.2.3") -> SourceReference:
    return SourceReference("1.2.840.10008.5.1.4.1.1.128", uid, study, series)


def holding(*held: Dataset) -> Callable[[Dataset], Answers]:
    """An archive that ignores every key and answers with all that it has."""
    return lambda _: ((0xFF00, each) for each in held)


def test_instances_that_the_archive_holds_are_told_with_one_question_a_series() -> None:
    held = [instance(f"1.2.3.{number}") for number in range(5)]

    with archive(holding(*held)) as (port, asked):
        items = [item(f"1.2.3.{number}") for number in (0, 3, 7)]
        found = held_instances(destination(port), items)

    assert found == {"1.2.3.0", "1.2.3.3"}
    assert len(asked) == 1
    assert asked[0].QueryRetrieveLevel == "IMAGE"
    assert asked[0].SeriesInstanceUID == "1.2.3"


def test_an_archive_that_ignores_keys_is_not_believed_for_another_series() -> None:
    elsewhere = instance("1.2.3.1", study="9.9", series="9.9.9")

    with archive(holding(elsewhere)) as (port, _):
        assert held_instances(destination(port), [item("1.2.3.1")]) == frozenset()


def test_an_instance_without_a_place_is_never_held() -> None:
    with archive(holding(instance("1.2.3.1"))) as (port, asked):
        found = held_instances(destination(port), [item("1.2.3.1", series="")])

    assert found == frozenset()
    assert asked == []


def test_text_is_read_in_the_archives_character_set_and_asked_in_ours() -> None:
    answer = Dataset()
    answer.SpecificCharacterSet = "ISO_IR 100"
    answer.PatientID = "Mäuschen"
    answer.ModalitiesInStudy = ["PT", "CT"]

    with archive(holding(answer)) as (port, asked):
        (found,) = find(
            destination(port), "STUDY", {"PatientID": "Mäu*"}, ["ModalitiesInStudy"]
        )

    assert found == {"PatientID": "Mäuschen", "ModalitiesInStudy": "PT\\CT"}
    assert asked[0].PatientID == "Mäu*"


def test_what_the_archive_leaves_out_is_empty() -> None:
    with archive(holding(instance("1"))) as (port, _):
        found = find(destination(port), "IMAGE", {"PatientID": ""}, ["Modality"])

    assert found == [{"PatientID": "", "Modality": ""}]


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (0xA700, PeerUnavailableError),
        (0xA900, PeerRefusesError),
        (0xC001, PeerRefusesError),
        (0x0122, PeerRefusesError),
    ],
)
def test_half_a_list_is_no_list(status: int, error: type[Exception]) -> None:
    def fail(_: Dataset) -> Answers:
        yield 0xFF00, instance("1.2.3.1")
        yield status, None

    with (
        archive(fail) as (port, _),
        pytest.raises(error, match=f"{status:04X}"),
    ):
        held_instances(destination(port), [item("1.2.3.1")])


def test_a_flood_of_answers_is_stopped() -> None:
    def flood(_: Dataset) -> Answers:
        while True:
            yield 0xFF00, instance("1.2.3.1")

    keys = {"StudyInstanceUID": "1.2", "SOPInstanceUID": ""}
    with archive(flood) as (port, _), pytest.raises(TooManyAnswersError, match="50"):
        find(destination(port), "IMAGE", keys, [], limit=50)


def test_an_archive_that_stalls_is_left_after_its_time() -> None:
    def stall(_: Dataset) -> Answers:
        time.sleep(1.5)
        yield 0x0000, None

    began = time.monotonic()
    with (
        archive(stall) as (port, _),
        pytest.raises(PeerUnavailableError, match="does not answer C-FIND"),
    ):
        held_instances(destination(port, timeout_s=0.3), [item("1.2.3.1")])

    assert time.monotonic() - began < 5.0


def test_an_archive_that_breaks_off_is_unavailable() -> None:
    def handle(event: Event) -> Answers:
        event.assoc.abort()
        yield 0x0000, None

    entity = AE("PACS")
    entity.add_supported_context(STUDY_ROOT_FIND)
    server = entity.start_server(
        (HOST, 0), block=False, evt_handlers=[(evt.EVT_C_FIND, handle)]
    )
    assert server is not None
    try:
        with pytest.raises(PeerUnavailableError):
            held_instances(destination(server.server_address[1]), [item("1.2.3.1")])
    finally:
        entity.shutdown()


def test_an_archive_without_query_refuses_in_words() -> None:
    entity = AE("PACS")
    entity.add_supported_context("1.2.840.10008.1.1")
    server = entity.start_server((HOST, 0), block=False)
    assert server is not None
    try:
        with pytest.raises(PeerRefusesError, match="accepts none of: Study Root"):
            held_instances(destination(server.server_address[1]), [item("1.2.3.1")])
    finally:
        entity.shutdown()
