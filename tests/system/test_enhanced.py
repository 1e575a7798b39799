"""Promises of the running service about multi-frame PET."""

from pathlib import Path

import pydicom
import pytest
from pydicom.uid import Comprehensive3DSRStorage

from node.association.archive import Archive
from tests.support.enhanced_pet import (
    ENHANCED_UID,
    drawn_on_frames,
    enhanced_dataset,
)
from tests.support.pet import STUDY_UID, write_all
from tests.support.service import (
    free_port,
    running,
    store,
    wait_for_state,
    write_config,
)
from tests.support.studies import TUMOUR_VOXELS, small_study

pytestmark = pytest.mark.system


def test_a_study_with_enhanced_pet_comes_in_and_goes_out_scored(
    tmp_path: Path,
) -> None:
    pet, contours = small_study()
    image = enhanced_dataset(pet)
    drawn_on_frames(contours, image)
    port = free_port()
    with Archive(tmp_path / "archive", "ARCHIVE") as archive:
        config = write_config(tmp_path, port, archive_port=archive.port)
        with running(config, port):
            # The contours first: they wait for the image that they name.
            store(port, write_all([contours, image], tmp_path / "study"))
            study = wait_for_state(config, STUDY_UID, "delivered", "held")
    (report,) = (
        pydicom.dcmread(arrival.path)
        for arrival in archive.arrivals
        if arrival.sop_class_uid == Comprehensive3DSRStorage
    )
    (result,) = study["results"]
    assert result["voxels"] == TUMOUR_VOXELS
    assert result["suv_rule"].startswith("Enhanced PET, Bq/ml")
    assert ENHANCED_UID in str(report.CurrentRequestedProcedureEvidenceSequence)
