"""Promises of the running service on weight and dose that come from elsewhere.

What else may come of it is promised in ``tests/node/test_values_from_elsewhere.py``.
"""

import json
from pathlib import Path

import pytest
from pydicom.uid import Comprehensive3DSRStorage

from node.association.archive import Archive
from tests.support.pet import STUDY_UID
from tests.support.service import (
    command,
    free_port,
    running,
    store,
    wait_for_state,
    write_config,
)
from tests.support.studies import write_study
from tests.support.written_log import WrittenLog

pytestmark = pytest.mark.system


def test_a_study_without_a_weight_goes_on_when_its_row_appears(tmp_path: Path) -> None:
    log = WrittenLog(tmp_path)
    port = free_port()
    with Archive(tmp_path / "archive", "ARCHIVE") as archive:
        config = write_config(
            tmp_path, port, archive_port=archive.port, extra=log.settings
        )
        with running(config, port):
            store(port, write_study(tmp_path / "study", PatientWeight=None))
            held = wait_for_state(config, STUDY_UID, "held")
            code, out, _ = command("studies", "--config", str(config), "--json")
            log.write("M07,m07_pet,2026-03-02,22.0")
            study = wait_for_state(config, STUDY_UID, "delivered")
        classes = [arrival.sop_class_uid for arrival in archive.arrivals]

    assert held["reason"] == "missing_weight"
    assert code == 0
    assert json.loads(out)[0]["reason"] == "missing_weight"
    assert study["reason"] == ""
    assert study["animals"][0]["sources"][0]["weight_g"] == 22.0
    assert classes.count(Comprehensive3DSRStorage) == 1
