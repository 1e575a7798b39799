"""Promises of the running service for registrations that come later."""

from pathlib import Path

import numpy as np
import pytest

from node.association.archive import Archive
from tests.support.elsewhere import write_elsewhere
from tests.support.pet import FRAME_OF_REFERENCE_UID, STUDY_UID, write_all
from tests.support.registration import (
    OTHER_FRAME,
    registration_dataset,
    source,
    turned_z,
)
from tests.support.service import (
    free_port,
    running,
    store,
    wait_for_state,
    write_config,
)
from tests.support.studies import TUMOUR_VOXELS

pytestmark = pytest.mark.system

TO_OTHER = turned_z(20.0, (30.0, -12.0, 40.0))


def test_a_held_study_goes_on_by_itself_when_its_registration_comes(
    tmp_path: Path,
) -> None:
    port = free_port()
    reg = registration_dataset(
        FRAME_OF_REFERENCE_UID,
        source(OTHER_FRAME, np.linalg.inv(TO_OTHER)),
        study_uid=f"{STUDY_UID}.77",
    )
    [late] = write_all([reg], tmp_path / "late")
    with Archive(tmp_path / "archive", "ARCHIVE") as archive:
        config = write_config(tmp_path, port, archive_port=archive.port)
        with running(config, port):
            store(port, write_elsewhere(tmp_path / "study", TO_OTHER))
            held = wait_for_state(config, STUDY_UID, "held")
            store(port, [late])
            study = wait_for_state(config, STUDY_UID, "delivered")

    assert held["reason"] == "frame_of_reference"
    assert OTHER_FRAME in held["detail"]
    assert FRAME_OF_REFERENCE_UID in held["detail"]
    [result] = study["results"]
    assert result["roi"] == "Tumor"
    assert result["voxels"] == TUMOUR_VOXELS
