"""Promises of `node.association.archive`."""

import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydicom.filereader import dcmread
from pydicom.uid import UID, JPEGBaseline8Bit

from node.association.archive import Archive
from tests.support.peers import (
    HOST,
    PATIENCE_S,
    association,
    dataset_bytes,
    in_syntax,
    write_files,
)
from tests.support.pet import pet_datasets

pytestmark = pytest.mark.system


@pytest.fixture
def slices(tmp_path: Path) -> list[Path]:
    return write_files(tmp_path / "sent", pet_datasets(slices=3))


def store(archive: Archive, paths: list[Path]) -> None:
    with association(archive.port, paths, called="PACS") as link:
        assert [link.send_c_store(path).Status for path in paths] == [0] * len(paths)


def test_what_arrives_is_written_and_told_with_its_instant(
    tmp_path: Path, slices: list[Path]
) -> None:
    begun = datetime.now(UTC)

    with Archive(tmp_path / "archive", "PACS") as archive:
        store(archive, slices)
        arrivals = archive.arrivals

    assert len(arrivals) == 3
    for arrival, sent in zip(arrivals, slices, strict=True):
        dataset = dcmread(sent)
        assert arrival.path.parent == tmp_path / "archive"
        assert arrival.sop_class_uid == dataset.SOPClassUID
        assert arrival.sop_instance_uid == dataset.SOPInstanceUID
        assert arrival.calling_ae == "SCANNER"
        assert begun <= arrival.at <= datetime.now(UTC)
        assert dcmread(arrival.path) == dataset
        assert dataset_bytes(arrival.path) == dataset_bytes(sent)


def test_an_archive_takes_classes_and_encodings_that_the_node_refuses(
    tmp_path: Path,
) -> None:
    dataset = in_syntax(pet_datasets(slices=1)[0], JPEGBaseline8Bit)
    paths = write_files(tmp_path / "sent", [dataset])

    with Archive(tmp_path / "archive", "PACS") as archive:
        store(archive, paths)

        assert len(archive.arrivals) == 1


def test_one_can_wait_for_what_is_to_come(tmp_path: Path, slices: list[Path]) -> None:
    with Archive(tmp_path / "archive", "PACS") as archive:
        assert not archive.wait_for(lambda arrivals: len(arrivals) == 3, 0.05)

        sending = threading.Thread(target=store, args=(archive, slices))
        sending.start()
        came = archive.wait_for(lambda arrivals: len(arrivals) == 3, PATIENCE_S)
        sending.join(PATIENCE_S)

    assert came


@pytest.mark.filterwarnings("ignore:Invalid value for VR UI")
@pytest.mark.parametrize(
    ("uid", "status"), [("../../escaped", 0x0117), ("..", 0x0000), ("1..2", 0x0000)]
)
def test_a_name_from_the_network_never_becomes_a_path(
    tmp_path: Path, uid: str, status: int
) -> None:
    dataset = pet_datasets(slices=1)[0]
    dataset.SOPInstanceUID = UID(uid)
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    (path,) = write_files(tmp_path / "sent", [dataset])
    folder = tmp_path / "a" / "b" / "archive"

    with Archive(folder, "PACS") as archive:
        with association(archive.port, [path], called="PACS") as link:
            assert link.send_c_store(path).Status == status
        arrivals = archive.arrivals

    kept = [arrival.path for arrival in arrivals]
    assert [arrival.sop_instance_uid for arrival in arrivals] == [uid] * (not status)
    assert sorted(tmp_path.rglob("*.dcm")) == sorted([path, *kept])
    assert [each.parent for each in kept] == [folder] * len(kept)
    assert all(uid not in each.name for each in kept)


def test_an_archive_listens_on_loopback_and_can_be_started_again(
    tmp_path: Path, slices: list[Path]
) -> None:
    archive = Archive(tmp_path / "archive", "PACS", host=HOST)
    for _ in range(2):
        archive.start()
        store(archive, slices)
        archive.stop()

    assert len(archive.arrivals) == 6
