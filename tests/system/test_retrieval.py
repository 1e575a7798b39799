"""Query and retrieve with archives that others wrote, and the service that uses them.

Each archive is asked over associations alone first, then one service fetches from
Orthanc by C-GET, and one from dcmqrscp by C-MOVE.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydicom.dataset import Dataset
from pydicom.uid import RLELossless

from dicom_io.source_reference import SourceReference
from node.association.listener import STORED, Listener, SinkAnswer
from node.association.query import find, held_instances
from node.association.received import ReceivedObject
from node.association.requestor import (
    Destination,
    PeerRefusesError,
    PeerUnavailableError,
)
from node.association.retrieve import Fetched, Request, Taker, get, move
from node.association.sender import Delivered, send_files
from tests.support.archives import dcmqrscp, orthanc
from tests.support.peers import HOST, destination, listener_options
from tests.support.pet import STUDY_UID, pet_datasets, write_all
from tests.support.service import (
    NODE_AE,
    free_port,
    running,
    store,
    wait_for_state,
    write_config,
)
from tests.support.studies import as_study, small_study, uid_in

pytestmark = pytest.mark.system


class Taken:
    """A listener called NODE whose sink keeps what comes."""

    def __init__(self) -> None:
        self.received: dict[str, ReceivedObject] = {}
        self.listener = Listener(listener_options(port=free_port()), self.sink)

    def sink(self, received: ReceivedObject) -> SinkAnswer:
        self.received[received.sop_instance_uid] = received
        return STORED


@pytest.fixture(scope="module")
def taken() -> Iterator[Taken]:
    found = Taken()
    found.listener.start()
    yield found
    found.listener.stop()


@contextmanager
def _orthanc(folder: Path, **hosts: int) -> Iterator[int]:
    modalities = {name: [name, HOST, port] for name, port in hosts.items()}
    with orthanc(folder, DicomModalities=modalities) as pacs:
        yield pacs.port


@contextmanager
def _dcmqrscp(folder: Path, **hosts: int) -> Iterator[int]:
    with dcmqrscp(folder, hosts) as port:
        yield port


@pytest.fixture(scope="module", params=[_orthanc, _dcmqrscp], ids=["orthanc", "dcmtk"])
def archive(
    request: pytest.FixtureRequest,
    taken: Taken,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Destination]:
    """An archive that holds a PET series and its contours."""
    folder = tmp_path_factory.mktemp("archive")
    begin: Callable[..., Any] = request.param
    with begin(folder / "pacs", NODE=taken.listener.port) as port:
        pet, contours = small_study()
        put(port, folder / "sent", [*pet, contours])
        yield destination(port)


def put(port: int, folder: Path, datasets: list[Dataset]) -> None:
    """Store objects in an archive."""
    paths = write_all(datasets, folder)
    answers = dict(send_files(destination(port), paths))
    assert {type(answer) for answer in answers.values()} == {Delivered}


def test_an_archive_says_what_it_holds(archive: Destination) -> None:
    pet, contours = small_study()
    items = [
        SourceReference(
            str(each.SOPClassUID),
            str(each.SOPInstanceUID),
            str(each.StudyInstanceUID),
            str(each.SeriesInstanceUID),
        )
        for each in (*pet, contours)
    ]
    absent = replace(items[0], sop_instance_uid="1.2.3")
    elsewhere = replace(items[0], series_instance_uid="1.2.3")

    held = held_instances(archive, [*items, absent])

    assert held == {item.sop_instance_uid for item in items}
    assert held_instances(archive, [elsewhere]) == frozenset()
    (answer,) = find(
        archive,
        "STUDY",
        {"PatientID": "m07_pet", "StudyInstanceUID": ""},
        ["ModalitiesInStudy"],
    )
    # dcmqrscp does not tell; then the series are asked for.
    assert answer["ModalitiesInStudy"] in ("PT\\RTSTRUCT", "RTSTRUCT\\PT", "")


@pytest.mark.parametrize("method", ["get", "move"])
@pytest.mark.parametrize("whole", [True, False], ids=["series", "instances"])
def test_an_archive_hands_over_what_is_asked_for(
    archive: Destination, taken: Taken, method: str, *, whole: bool
) -> None:
    pet, _ = small_study()
    wanted = pet if whole else pet[3:6]
    request = Request(
        str(pet[0].StudyInstanceUID),
        str(pet[0].SeriesInstanceUID),
        tuple(str(each.SOPInstanceUID) for each in wanted),
        whole_series=whole,
    )
    taken.received.clear()

    if method == "get":
        found = get(archive, [request], Taker(taken.sink))
    else:
        found = move(archive, [request])

    assert found == Fetched(
        frozenset(request.instance_uids if method == "get" else ()), len(wanted)
    )
    assert taken.received.keys() == set(request.instance_uids)
    for each in taken.received.values():
        each.check_identity()


def test_an_archive_under_another_ae_title_refuses_in_words(tmp_path: Path) -> None:
    with orthanc(tmp_path / "pacs", DicomAet="OTHER") as pacs:
        items = [SourceReference("1.2", "1.2.3", "1.2.3", "1.2.3")]

        for _ in range(3):
            # An archive that has just started may, seldom, reset a connection.
            with suppress(PeerUnavailableError):
                with pytest.raises(PeerRefusesError, match="called ae title"):
                    held_instances(destination(pacs.port), items)
                return

    pytest.fail("the archive never gave an answer")


def test_compressed_images_come_as_they_lie(tmp_path: Path, taken: Taken) -> None:
    pet = pet_datasets(slices=2)
    for each in pet:
        each.compress(RLELossless, generate_instance_uid=False)
    request = Request(
        str(pet[0].StudyInstanceUID),
        str(pet[0].SeriesInstanceUID),
        tuple(str(each.SOPInstanceUID) for each in pet),
    )
    taken.received.clear()

    with _orthanc(tmp_path / "pacs", NODE=taken.listener.port) as port:
        put(port, tmp_path / "sent", pet)
        get(destination(port), [request], Taker(taken.sink))

    assert {each.transfer_syntax_uid for each in taken.received.values()} == {
        RLELossless
    }
    assert len(taken.received) == len(pet)


def _retrieve(method: str) -> str:
    return f'[retrieve]\nsource = "archive"\nmethod = "{method}"\ninterval_s = 0.5\n'


def _configured(folder: Path, port: int, archive_port: int, method: str) -> Path:
    config = write_config(
        folder, port, archive_port=archive_port, extra=_retrieve(method)
    )
    # The one name that both archives go by.
    config.write_text(config.read_text().replace('"ARCHIVE"', '"PACS"'))
    return config


def test_a_service_fetches_from_orthanc_what_its_studies_lack(tmp_path: Path) -> None:
    pet, contours = small_study()
    studies = [as_study(number, [*pet, contours]) for number in range(4)]
    names = [uid_in(number, STUDY_UID) for number in range(4)]
    for number, datasets in enumerate(studies):
        # Animals of their own; else contours of one would be looked at for another.
        for each in datasets:
            each.PatientID = f"m{number}"
    alone, gaps, later, absent = studies
    port = free_port()

    with _orthanc(tmp_path / "pacs", **{NODE_AE: port}) as archive_port:
        config = _configured(tmp_path, port, archive_port, "get")
        put(archive_port, tmp_path / "held", [*alone, *gaps, *later[:-1]])
        with running(config, port):
            sent = [alone[-1], *gaps[:7], gaps[-1], *later[:-1], absent[-1]]
            store(port, write_all(sent, tmp_path / "sent"))
            wait_for_state(config, names[0], "delivered")
            wait_for_state(config, names[1], "delivered")
            waiting = _wait_for_status(config, names[2], "contours")
            assert waiting["state"] == "waiting"

            # Somebody draws.
            put(archive_port, tmp_path / "drawn", [later[-1]])
            drawn = wait_for_state(config, names[2], "delivered")
            nowhere = _wait_for_status(config, names[3], "images")

    came = [event["text"] for event in drawn["events"] if event["kind"] == "retrieval"]
    assert any("1 of 1 objects came" in text for text in came)
    assert nowhere["state"] == "waiting"
    assert "PET missing" in nowhere["detail"]


def test_a_service_has_dcmqrscp_move_what_its_studies_lack(tmp_path: Path) -> None:
    pet, contours = small_study()
    port = free_port()

    with _dcmqrscp(tmp_path / "pacs", **{NODE_AE: port}) as archive_port:
        config = _configured(tmp_path, port, archive_port, "move")
        put(archive_port, tmp_path / "held", pet)
        with running(config, port):
            store(port, write_all([contours], tmp_path / "sent"))
            found = wait_for_state(config, STUDY_UID, "delivered")

    texts = [each["text"] for each in found["events"] if each["kind"] == "retrieval"]
    assert any(f"{len(pet)} of {len(pet)} objects came" in text for text in texts)


def _wait_for_status(config: Path, uid: str, need: str) -> Any:
    """Wait until the archive has answered for something that is sought."""
    deadline = time.monotonic() + 60
    found: Any = None
    while time.monotonic() < deadline:
        found = wait_for_state(config, uid, "waiting")
        if any(each["need"] == need and each["status"] for each in found["sought"]):
            return found
        time.sleep(0.1)
    raise AssertionError(found)
