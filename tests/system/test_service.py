"""Promises of the running service, through associations, processes and commands."""

import os
import signal
import time
from pathlib import Path

import pydicom
import pytest
from pydicom.uid import Comprehensive3DSRStorage, ParametricMapStorage

from node.association.archive import Archive, Arrival
from tests.support.pet import STUDY_UID, write_all
from tests.support.service import (
    command,
    command_apart,
    free_port,
    running,
    store,
    wait_for_echo,
    wait_for_state,
    write_config,
)
from tests.support.studies import contours_on, small_study, write_study

pytestmark = pytest.mark.system

WAIT_S = 60.0


def _reports(arrivals: tuple[Arrival, ...] | list[Arrival]) -> list[Arrival]:
    return [a for a in arrivals if a.sop_class_uid == Comprehensive3DSRStorage]


def test_a_study_comes_in_and_a_scored_study_goes_out(tmp_path: Path) -> None:
    port = free_port()
    with Archive(tmp_path / "archive", "ARCHIVE") as archive:
        config = write_config(tmp_path, port, archive_port=archive.port)
        with running(config, port):
            store(port, write_study(tmp_path / "study"))
            study = wait_for_state(config, STUDY_UID, "delivered")

        classes = sorted(arrival.sop_class_uid for arrival in archive.arrivals)
    assert classes == sorted([Comprehensive3DSRStorage, ParametricMapStorage])
    assert [result["roi"] for result in study["results"]] == ["Tumor"]
    report = pydicom.dcmread(_reports(archive.arrivals)[0].path)
    assert report.StudyInstanceUID == STUDY_UID


def test_a_study_waits_and_says_for_what(tmp_path: Path) -> None:
    port = free_port()
    pet, contours = small_study()
    paths = write_all([*pet, contours], tmp_path / "study")
    config = write_config(tmp_path, port, archive_port=free_port())
    with running(config, port):
        store(port, paths[:9])
        deadline = time.monotonic() + WAIT_S
        detail = ""
        # What it waits for is told anew while the slices come in.
        while "9 of 12 PET slices" not in detail and time.monotonic() < deadline:
            detail = wait_for_state(config, STUDY_UID, "waiting")["detail"]

        assert "9 of 12 PET slices" in detail
        assert "RTSTRUCT missing" in detail


def test_objects_may_come_in_any_order_over_several_associations(
    tmp_path: Path,
) -> None:
    port = free_port()
    paths = write_study(tmp_path / "study")
    with Archive(tmp_path / "archive", "ARCHIVE") as archive:
        config = write_config(tmp_path, port, archive_port=archive.port)
        with running(config, port):
            store(port, [paths[-1], *paths[6:12]])
            store(port, paths[:6])
            wait_for_state(config, STUDY_UID, "delivered")

        assert len(_reports(archive.arrivals)) == 1


def test_results_that_a_pacs_routes_back_are_stored_and_not_scored(
    tmp_path: Path,
) -> None:
    port = free_port()
    with Archive(tmp_path / "archive", "ARCHIVE") as archive:
        config = write_config(tmp_path, port, archive_port=archive.port)
        with running(config, port):
            store(port, write_study(tmp_path / "study"))
            wait_for_state(config, STUDY_UID, "delivered")
            store(port, [arrival.path for arrival in archive.arrivals])
            time.sleep(2.5)
            study = wait_for_state(config, STUDY_UID, "delivered")

        assert len(study["jobs"]) == 1
        assert len(archive.arrivals) == 2


def test_a_node_that_is_killed_finishes_after_its_restart_with_one_report(
    tmp_path: Path,
) -> None:
    port = free_port()
    archive_port = free_port()
    config = write_config(tmp_path, port, archive_port=archive_port)
    with running(config, port) as process:
        store(port, write_study(tmp_path / "study"))
        # Everything is acknowledged; nothing can be delivered, nobody listens there.
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    with (
        Archive(tmp_path / "archive", "ARCHIVE", port=archive_port) as archive,
        running(config, port),
    ):
        study = wait_for_state(config, STUDY_UID, "delivered")
        time.sleep(1.5)

        assert len(_reports(archive.arrivals)) == 1
        assert len(study["jobs"]) == 1


def test_a_result_whose_archive_is_away_is_delivered_when_it_is_back(
    tmp_path: Path,
) -> None:
    port, archive_port = free_port(), free_port()
    config = write_config(tmp_path, port, archive_port=archive_port)
    with running(config, port) as process:
        store(port, write_study(tmp_path / "study"))
        wait_for_state(config, STUDY_UID, "scored")
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    with running(config, port) as process:
        wait_for_echo(process, port)
        with Archive(tmp_path / "archive", "ARCHIVE", port=archive_port) as archive:
            wait_for_state(config, STUDY_UID, "delivered")

            assert len(archive.arrivals) == 2


def test_revised_contours_make_a_revision_that_names_its_predecessor(
    tmp_path: Path,
) -> None:
    port = free_port()
    pet, contours = small_study()
    revised = contours_on(pet[:12], SOPInstanceUID="1.2.826.0.1.3680043.10.99.77")
    revised.StructureSetLabel = "revised"
    with Archive(tmp_path / "archive", "ARCHIVE") as archive:
        config = write_config(tmp_path, port, archive_port=archive.port)
        with running(config, port):
            store(port, write_all([*pet, contours], tmp_path / "study"))
            wait_for_state(config, STUDY_UID, "delivered")
            first = pydicom.dcmread(_reports(archive.arrivals)[0].path)
            store(port, write_all([revised], tmp_path / "revised"))
            assert archive.wait_for(
                lambda found: len(_reports(list(found))) == 2, WAIT_S
            )

        second = pydicom.dcmread(_reports(archive.arrivals)[1].path)
    predecessor = second.PredecessorDocumentsSequence[0]
    named = predecessor.ReferencedSeriesSequence[0].ReferencedSOPSequence[0]
    assert named.ReferencedSOPInstanceUID == first.SOPInstanceUID


def test_replay_sends_again_what_would_not_change(tmp_path: Path) -> None:
    port = free_port()
    with Archive(tmp_path / "archive", "ARCHIVE") as archive:
        config = write_config(tmp_path, port, archive_port=archive.port)
        with running(config, port):
            store(port, write_study(tmp_path / "study"))
            wait_for_state(config, STUDY_UID, "delivered")
            before = [arrival.path.read_bytes() for arrival in archive.arrivals]
            code, out, _ = command("replay", STUDY_UID, "--config", str(config))
            assert archive.wait_for(lambda found: len(found) == 4, WAIT_S)

        after = [arrival.path.read_bytes() for arrival in archive.arrivals[2:]]
    assert code == 0
    assert "would not change" in out
    assert sorted(after) == sorted(before)


def test_a_study_that_cannot_be_scored_is_held_with_its_reason(tmp_path: Path) -> None:
    port = free_port()
    pet, contours = small_study(PatientWeight=None)
    config = write_config(tmp_path, port, archive_port=free_port())
    with running(config, port):
        store(port, write_all([*pet, contours], tmp_path / "study"))
        study = wait_for_state(config, STUDY_UID, "held")

    assert study["reason"] == "missing_weight"
    assert "PatientWeight" in study["detail"]


def test_a_port_that_is_taken_ends_the_service_with_words(tmp_path: Path) -> None:
    with Archive(tmp_path / "archive", "ARCHIVE") as archive:
        config = write_config(tmp_path, archive.port, archive_port=free_port())
        code, _, err = command_apart("run", "--config", str(config))

    assert code == 2
    assert str(archive.port) in err
