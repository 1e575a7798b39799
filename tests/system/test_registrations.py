"""Promises of the running service for registrations that come later."""

import numpy as np
import pytest

from tests.support.elsewhere import drawn_elsewhere
from tests.support.pet import FRAME_OF_REFERENCE_UID, STUDY_UID
from tests.support.registration import (
    OTHER_FRAME,
    registration_dataset,
    source,
    turned_z,
)
from tests.support.shared_service import ServedStudy
from tests.support.studies import TUMOUR_VOXELS

pytestmark = pytest.mark.system

TO_OTHER = turned_z(20.0, (30.0, -12.0, 40.0))


def test_a_held_study_goes_on_by_itself_when_its_registration_comes(
    study: ServedStudy,
) -> None:
    late = registration_dataset(
        FRAME_OF_REFERENCE_UID,
        source(OTHER_FRAME, np.linalg.inv(TO_OTHER)),
        study_uid=f"{STUDY_UID}.77",
    )
    study.store(study.write(*drawn_elsewhere(TO_OTHER)))
    held = study.wait_for("held")
    study.store(study.write(late))
    told = study.wait_for("delivered")

    assert held["reason"] == "frame_of_reference"
    assert study.uid_of(OTHER_FRAME) in held["detail"]
    assert study.uid_of(FRAME_OF_REFERENCE_UID) in held["detail"]
    [result] = told["results"]
    assert result["roi"] == "Tumor"
    assert result["voxels"] == TUMOUR_VOXELS
