"""Promises of the running service about Segmentations as the source of contours.

What else may come of them is promised in ``tests/node/test_segmentations_in.py``.
"""

from pathlib import Path

import pytest
from pydicom.uid import Comprehensive3DSRStorage

from node.association.archive import Archive
from tests.support.pet import STUDY_UID, write_all
from tests.support.segmentation import painted_tumour
from tests.support.service import (
    free_port,
    running,
    store,
    wait_for_state,
    write_config,
)
from tests.support.studies import TUMOUR_VOXELS, small_study

pytestmark = pytest.mark.system


def test_a_study_with_a_segmentation_comes_in_and_goes_out_scored(
    tmp_path: Path,
) -> None:
    pet, _ = small_study()
    port = free_port()
    with Archive(tmp_path / "archive", "ARCHIVE") as archive:
        config = write_config(tmp_path, port, archive_port=archive.port)
        with running(config, port):
            # The contours first: they wait for the slices that they name.
            sent = [painted_tumour(pet, "BINARY"), *pet]
            store(port, write_all(sent, tmp_path / "study"))
            study = wait_for_state(config, STUDY_UID, "delivered", "held")
        classes = [arrival.sop_class_uid for arrival in archive.arrivals]

    (result,) = study["results"]
    assert result["roi"] == "Tumor"
    assert result["voxels"] == TUMOUR_VOXELS
    assert classes.count(Comprehensive3DSRStorage) == 1
