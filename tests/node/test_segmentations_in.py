"""Promises of the node about Segmentations that come in as the source of contours."""

from pathlib import Path

import pytest

from tests.support.inline import InlineNode
from tests.support.saves import named_by, pet
from tests.support.segmentation import SEGMENTATION_UID, painted_tumour
from tests.support.studies import TUMOUR_VOXELS


@pytest.mark.parametrize("kind", ["BINARY", "LABELMAP"])
def test_a_segmentation_that_comes_before_its_pet_is_scored(
    tmp_path: Path, kind: str
) -> None:
    with InlineNode(tmp_path) as node:
        node.send(painted_tumour(pet(), kind))
        node.send(*pet())
        (report,) = node.reports(1)
        study = node.study()

    (result,) = study["results"]
    assert result["roi"] == "Tumor"
    assert result["voxels"] == TUMOUR_VOXELS
    assert SEGMENTATION_UID in str(report.CurrentRequestedProcedureEvidenceSequence)


def test_a_revised_segmentation_makes_a_revision(tmp_path: Path) -> None:
    original = painted_tumour(pet(), "BINARY")
    revised = painted_tumour(pet(), "BINARY", slices=range(3, 6))
    revised.SOPInstanceUID = f"{SEGMENTATION_UID}.2"
    revised.file_meta.MediaStorageSOPInstanceUID = revised.SOPInstanceUID
    original.ContentDate = revised.ContentDate = "20260302"
    original.ContentTime, revised.ContentTime = "140000", "140100"
    with InlineNode(tmp_path) as node:
        node.send(*pet(), original)
        node.reports(1)
        node.send(revised)
        first, second = node.reports(2)

    assert named_by(second) == [first.SOPInstanceUID]
