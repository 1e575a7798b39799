"""Promises of the running service about contours that are saved more than once.

What else may come of several saves is promised in ``tests/node/test_saved_again.py``.
"""

from pathlib import Path

import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import Comprehensive3DSRStorage

from node.association.archive import Archive
from tests.support.pet import STUDY_UID, write_all
from tests.support.saves import PET, named_by, save, uid_of
from tests.support.service import (
    free_port,
    running,
    store,
    wait_for_state,
    write_config,
)

pytestmark = pytest.mark.system

WAIT_S = 60.0


def reports(archive: Archive, number: int) -> list[Dataset]:
    """Return the reports, once there are as many."""

    def found() -> list[Path]:
        return [
            arrival.path
            for arrival in archive.arrivals
            if arrival.sop_class_uid == Comprehensive3DSRStorage
        ]

    assert archive.wait_for(lambda _: len(found()) >= number, WAIT_S)
    assert len(found()) == number
    return [pydicom.dcmread(path) for path in found()]


def test_a_second_save_in_a_new_series_revises_the_result(tmp_path: Path) -> None:
    port = free_port()
    with Archive(tmp_path / "archive", "ARCHIVE") as archive:
        config = write_config(tmp_path, port, archive_port=archive.port)
        with running(config, port):
            store(port, write_all([*PET, save(1)], tmp_path / "study"))
            reports(archive, 1)
            store(port, write_all([save(2)], tmp_path / "again"))
            first, second = reports(archive, 2)
            study = wait_for_state(config, STUDY_UID, "delivered")

    assert named_by(first) == []
    assert named_by(second) == [first.SOPInstanceUID]
    assert sorted(job["state"] for job in study["jobs"]) == ["done", "superseded"]
    said = f"taken as a revision of {uid_of(1)}: same label and regions"
    assert said in second.to_json()
    assert said not in first.to_json()
