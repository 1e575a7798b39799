"""Promises of ``exhaustion-node score`` about regions: which, of which voxels."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import Comprehensive3DSRStorage

from tests.support.pet import pet_datasets, square_mm, structure_set_dataset, write_all
from tests.support.report_alone import report_alone
from tests.support.segmentation import SEGMENTATION_UID, segmentation_dataset
from tests.support.service import command
from tests.support.studies import (
    TUMOUR_COLUMNS,
    TUMOUR_ROWS,
    TUMOUR_SLICES,
    TUMOUR_VOXELS,
    small_study,
)

PET, CONTOURS = small_study()
SHAPE = (12, 16, 18)
TUMOUR = (TUMOUR_ROWS, TUMOUR_COLUMNS, TUMOUR_SLICES)
BONE_IN_TUMOUR = (slice(8, 12), slice(5, 12), range(3, 5))
"""Two of the tumour's rows in two of its slices: 28 voxels."""
VESSEL_IN_BONE = (slice(9, 10), slice(5, 12), range(4, 7))
"""A row in three slices, of which one is bone as well: 14 voxels that are no bone."""
SUBTRACT = '[rois]\nsubtract = ["bone*", "vessel*"]\n'

Block = tuple[slice, slice, range]


def drawn(blocks: Mapping[str, Block]) -> Dataset:
    return structure_set_dataset(
        PET,
        {
            name: [square_mm(PET, k, rows=rows, columns=columns) for k in slices]
            for name, (rows, columns, slices) in blocks.items()
        },
    )


def painted(blocks: Mapping[str, Block], **options: Any) -> Dataset:
    segments = {}
    for name, (rows, columns, slices) in blocks.items():
        segments[name] = np.zeros(SHAPE, np.bool_)
        segments[name][list(slices), rows, columns] = True
    return segmentation_dataset(PET, segments, **options)


def score(folder: Path, contours: Dataset, *, config: str = "") -> tuple[int, Any]:
    """Run ``score --json`` on the study; return exit code and document."""
    write_all([*PET, contours], folder / "in")
    settings = folder / "node.toml"
    settings.write_text(report_alone(config))
    words = ("score", str(folder / "in"), "--out", str(folder / "out"), "--json")
    code, out, _ = command(*words, "--config", str(settings))
    return code, json.loads(out)


@pytest.mark.parametrize("make", [drawn, painted])
def test_bone_is_taken_out_of_the_tumour_and_counted(tmp_path: Path, make: Any) -> None:
    contours = make(
        {"Bone L": BONE_IN_TUMOUR, "Tumor": TUMOUR, "vessel": VESSEL_IN_BONE}
    )

    code, document = score(tmp_path, contours, config=SUBTRACT)

    assert code == 0
    (result,) = document["results"]
    assert result["roi"] == "Tumor"
    assert result["voxels"] == TUMOUR_VOXELS - 28 - 14
    assert "28 voxels of 'Bone L' were taken out" in result["warnings"]
    assert "14 voxels of 'vessel' were taken out" in result["warnings"]


def test_what_is_taken_out_is_gone_from_the_numbers(tmp_path: Path) -> None:
    whole, upper = (slice(4, 8), TUMOUR_COLUMNS, range(3, 5)), range(5, 8)
    rest = (TUMOUR_ROWS, TUMOUR_COLUMNS, upper)
    blocks = {"Tumor": TUMOUR, "bone": BONE_IN_TUMOUR}
    _, taken = score(tmp_path / "taken", drawn(blocks), config=SUBTRACT)
    contours = structure_set_dataset(
        PET,
        {
            "Tumor": [
                square_mm(PET, k, rows=rows, columns=columns)
                for rows, columns, slices in (whole, rest)
                for k in slices
            ]
        },
    )
    _, left = score(tmp_path / "left", contours)

    for name in ("voxels", "suv", "features", "score"):
        assert taken["results"][0][name] == left["results"][0][name]


def test_a_pattern_that_matches_nothing_takes_nothing_out(tmp_path: Path) -> None:
    code, document = score(tmp_path, CONTOURS, config=SUBTRACT)

    assert code == 0
    assert document["results"][0]["voxels"] == TUMOUR_VOXELS


def test_what_is_taken_out_is_never_scored(tmp_path: Path) -> None:
    both = '[rois]\ninclude = ["*", "bone"]\nsubtract = ["bone"]\n'

    code, document = score(tmp_path, drawn({"Bone": TUMOUR}), config=both)

    assert code == 3
    assert document["results"] == []
    (held,) = document["held"]
    assert held["reason"] == "no_roi"
    assert "'Bone'" in held["detail"]


def test_a_tumour_of_which_nothing_is_left_is_held_alone(tmp_path: Path) -> None:
    inner = (slice(8, 10), slice(6, 8), range(3, 5))
    contours = drawn({"small": inner, "Tumor": TUMOUR, "bone": BONE_IN_TUMOUR})

    code, document = score(tmp_path, contours, config=SUBTRACT)

    assert code == 3
    assert [result["roi"] for result in document["results"]] == ["Tumor"]
    (held,) = document["held"]
    assert held["reason"] == "nothing_left"
    assert "'small'" in held["detail"]
    assert "none of its 8 voxels" in held["detail"]
    assert "8 voxels of 'bone' were taken out" in held["detail"]


def test_bone_beside_the_image_takes_nothing_out(tmp_path: Path) -> None:
    contours = drawn({"Tumor": TUMOUR, "bone": BONE_IN_TUMOUR})
    for contour in contours.ROIContourSequence[1].ContourSequence:
        points = np.array(contour.ContourData, np.float64).reshape(-1, 3)
        points[:, 0] += 50
        contour.ContourData = points.round(4).ravel().tolist()

    code, document = score(tmp_path, contours, config=SUBTRACT)

    assert code == 0
    (result,) = document["results"]
    assert result["voxels"] == TUMOUR_VOXELS
    assert not any("taken out" in warning for warning in result["warnings"])


def test_bone_that_cannot_be_made_holds_the_case(tmp_path: Path) -> None:
    contours = drawn({"Tumor": TUMOUR, "bone": BONE_IN_TUMOUR})
    contours.StructureSetROISequence[1].ReferencedFrameOfReferenceUID = "1.2.3.4"

    code, document = score(tmp_path, contours, config=SUBTRACT)

    assert code == 3
    assert document["results"] == []
    (held,) = document["held"]
    assert held["reason"] == "frame_of_reference"
    assert "'bone'" in held["detail"]
    assert "taken out of the others" in held["detail"]


def test_tumours_that_share_voxels_are_both_scored_and_say_so(tmp_path: Path) -> None:
    inner = (slice(5, 9), slice(6, 11), range(4, 7))

    code, document = score(tmp_path, drawn({"GTV": inner, "PTV": TUMOUR}))

    assert code == 0
    inner_result, outer_result = document["results"]
    assert "60 voxels belong to 'PTV' as well" in inner_result["warnings"]
    assert "60 voxels belong to 'GTV' as well" in outer_result["warnings"]
    assert inner_result["voxels"] == 60
    assert outer_result["voxels"] == TUMOUR_VOXELS


def test_several_tumours_of_one_name_give_several_results(tmp_path: Path) -> None:
    contours = drawn({"a": TUMOUR, "b": (TUMOUR_ROWS, TUMOUR_COLUMNS, range(9, 12))})
    for item in contours.StructureSetROISequence:
        item.ROIName = "Tumor"

    code, document = score(tmp_path, contours)

    assert code == 0
    assert [(result["roi"], result["voxels"]) for result in document["results"]] == [
        ("Tumor (1)", TUMOUR_VOXELS),
        ("Tumor (2)", 3 * 42),
    ]


@pytest.mark.parametrize("kind", ["BINARY", "FRACTIONAL", "LABELMAP"])
def test_a_segmentation_is_scored_like_the_contours_of_the_same_voxels(
    tmp_path: Path, kind: str
) -> None:
    _, expected = score(tmp_path / "drawn", CONTOURS)

    code, document = score(tmp_path / "painted", painted({"Tumor": TUMOUR}, kind=kind))

    assert code == 0
    for name in ("roi", "voxels", "suv", "features", "score", "readings"):
        assert document["results"][0][name] == expected["results"][0][name]


@pytest.mark.parametrize("kind", ["BINARY", "LABELMAP"])
def test_the_report_refers_to_the_segmentation(tmp_path: Path, kind: str) -> None:
    _, document = score(tmp_path, painted({"Tumor": TUMOUR}, kind=kind))

    report = pydicom.dcmread(tmp_path / "out" / document["objects"][0]["path"])
    assert report.SOPClassUID == Comprehensive3DSRStorage
    evidence = {
        instance.ReferencedSOPInstanceUID
        for study in report.CurrentRequestedProcedureEvidenceSequence
        for series in study.ReferencedSeriesSequence
        for instance in series.ReferencedSOPSequence
    }
    assert SEGMENTATION_UID in evidence
    assert SEGMENTATION_UID in str(report.ContentSequence)


def test_a_segmentation_painted_on_a_ct_is_scored_on_the_pet(tmp_path: Path) -> None:
    """Same frame of reference, half the pixel spacing."""
    ct = _ct_of_the_pet()
    rows, columns, slices = TUMOUR
    inside = np.zeros((12, 32, 36), np.bool_)
    inside[
        list(slices),
        2 * rows.start : 2 * rows.stop,
        2 * columns.start : 2 * columns.stop,
    ] = True
    contours = segmentation_dataset(ct, {"Tumor": inside})
    write_all(ct, tmp_path / "in")

    code, document = score(tmp_path, contours)

    assert code == 0, document["held"]
    (result,) = document["results"]
    assert result["voxels"] == TUMOUR_VOXELS
    assert any("painted on another grid" in said for said in result["warnings"])
    assert any("drawn on CT series" in said for said in result["warnings"])


def _ct_of_the_pet() -> list[Dataset]:
    ct = pet_datasets(values=np.ones((12, 32, 36)), series_uid="1.2.3.7")
    for image, pet in zip(ct, PET, strict=True):
        image.SOPClassUID = pydicom.uid.CTImageStorage
        image.file_meta.MediaStorageSOPClassUID = image.SOPClassUID
        image.Modality = "CT"
        row_mm, column_mm = map(float, pet.PixelSpacing)
        image.PixelSpacing = [row_mm / 2, column_mm / 2]
        x, y, z = map(float, pet.ImagePositionPatient)
        image.ImagePositionPatient = [x + column_mm / 4, y - row_mm / 4, z]
    return ct


def test_a_tiled_segmentation_is_held_by_its_kind(tmp_path: Path) -> None:
    contours = painted({"Tumor": TUMOUR})
    contours.DimensionOrganizationType = "TILED_SPARSE"

    code, document = score(tmp_path, contours)

    assert code == 3
    assert [held["reason"] for held in document["held"]] == ["unsupported_segmentation"]


def test_a_segmentation_of_ours_is_no_source(tmp_path: Path) -> None:
    contours = painted({"Tumor": TUMOUR})
    contours.ManufacturerModelName = "exhaustion-node"

    code, document = score(tmp_path, contours)

    assert code == 3
    assert [held["reason"] for held in document["held"]] == ["no_roi"]


def test_a_region_too_small_for_texture_has_its_suv_and_no_score(
    tmp_path: Path,
) -> None:
    small = (slice(5, 8), slice(6, 9), range(4, 6))

    code, document = score(tmp_path, drawn({"Tumor": small}))

    assert code == 0
    assert document["held"] == []
    (result,) = document["results"]
    assert result["voxels"] == 18
    assert result["suv"]["mean"] > 0
    assert result["suv"]["volume_ml"] == pytest.approx(18 * 0.509e-3, rel=1e-2)
    assert result["score"] is None
    assert result["probability"] is None
    assert result["exhausted"] is None
    (refusal,) = [said for said in result["warnings"] if "refused" in said]
    assert "18 voxels" in refusal
    assert "fewer than the" in refusal


@pytest.mark.parametrize("kind", ["POINT", "OPEN_PLANAR"])
def test_what_encloses_nothing_is_said_in_the_result(tmp_path: Path, kind: str) -> None:
    contours = drawn({"Tumor": TUMOUR, "marker": TUMOUR})
    for contour in contours.ROIContourSequence[1].ContourSequence:
        contour.ContourGeometricType = kind

    code, document = score(tmp_path, contours)

    assert code == 0
    (result,) = document["results"]
    assert any("'marker'" in said and "left out" in said for said in result["warnings"])
