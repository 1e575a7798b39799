"""Promises of the running service about Segmentations as the source of contours."""

from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import Comprehensive3DSRStorage

from node.association.archive import Archive, Arrival
from tests.support.pet import STUDY_UID, write_all
from tests.support.segmentation import SEGMENTATION_UID, segmentation_dataset
from tests.support.service import (
    free_port,
    running,
    store,
    wait_for_state,
    write_config,
)
from tests.support.studies import (
    TUMOUR_COLUMNS,
    TUMOUR_ROWS,
    TUMOUR_SLICES,
    TUMOUR_VOXELS,
    small_study,
)

pytestmark = pytest.mark.system

PET, _ = small_study()
WAIT_S = 60.0


def painted(kind: str, *, slices: range = TUMOUR_SLICES) -> Dataset:
    inside = np.zeros((12, 16, 18), np.bool_)
    inside[list(slices), TUMOUR_ROWS, TUMOUR_COLUMNS] = True
    return segmentation_dataset(PET, {"Tumor": inside}, kind=kind)


def reports(arrivals: tuple[Arrival, ...] | list[Arrival]) -> list[Dataset]:
    return [
        pydicom.dcmread(arrival.path)
        for arrival in arrivals
        if arrival.sop_class_uid == Comprehensive3DSRStorage
    ]


@pytest.mark.parametrize("kind", ["BINARY", "LABELMAP"])
def test_a_study_with_a_segmentation_comes_in_and_goes_out_scored(
    tmp_path: Path, kind: str
) -> None:
    port = free_port()
    with Archive(tmp_path / "archive", "ARCHIVE") as archive:
        config = write_config(tmp_path, port, archive_port=archive.port)
        with running(config, port):
            # The contours first: they wait for the slices that they name.
            store(port, write_all([painted(kind), *PET], tmp_path / "study"))
            study = wait_for_state(config, STUDY_UID, "delivered", "held")

        (report,) = reports(archive.arrivals)
    (result,) = study["results"]
    assert result["roi"] == "Tumor"
    assert result["voxels"] == TUMOUR_VOXELS
    assert SEGMENTATION_UID in str(report.CurrentRequestedProcedureEvidenceSequence)


def test_a_revised_segmentation_makes_a_revision(tmp_path: Path) -> None:
    port = free_port()
    original = painted("BINARY")
    revised = painted("BINARY", slices=range(3, 6))
    revised.SOPInstanceUID = f"{SEGMENTATION_UID}.2"
    revised.file_meta.MediaStorageSOPInstanceUID = revised.SOPInstanceUID
    with Archive(tmp_path / "archive", "ARCHIVE") as archive:
        config = write_config(tmp_path, port, archive_port=archive.port)
        with running(config, port):
            store(port, write_all([*PET, original], tmp_path / "study"))
            wait_for_state(config, STUDY_UID, "delivered")
            store(port, write_all([revised], tmp_path / "revised"))
            assert archive.wait_for(
                lambda found: len(reports(list(found))) == 2, WAIT_S
            )

        first, second = reports(archive.arrivals)
    predecessor = second.PredecessorDocumentsSequence[0]
    named = predecessor.ReferencedSeriesSequence[0].ReferencedSOPSequence[0]
    assert named.ReferencedSOPInstanceUID == first.SOPInstanceUID
