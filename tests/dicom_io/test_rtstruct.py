"""Promises of `dicom_io.rtstruct`."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import ImplicitVRLittleEndian, RTStructureSetStorage

from dicom_io.errors import DicomContentError
from dicom_io.rtstruct import StructureSet, read_structure_set
from tests.support.pet import (
    FRAME_OF_REFERENCE_UID,
    ROOT,
    STRUCTURE_SET_SERIES_UID,
    STRUCTURE_SET_UID,
    STUDY_UID,
    pet_datasets,
    square_mm,
    structure_set_dataset,
    write_all,
)

PET = pet_datasets()
SQUARE = square_mm(PET, 3, rows=slice(2, 6), columns=slice(3, 9))
OTHER = square_mm(PET, 4, rows=slice(2, 6), columns=slice(3, 9))


def contours_of(structure_set: Dataset, region: int = 0) -> list[Dataset]:
    return list(structure_set.ROIContourSequence[region].ContourSequence)


def read(structure_set: Dataset, folder: Path) -> StructureSet:
    return read_structure_set(write_all([structure_set], folder)[0])


@pytest.mark.parametrize("implicit", [False, True])
def test_regions_are_read_as_they_were_drawn(tmp_path: Path, *, implicit: bool) -> None:
    dataset = structure_set_dataset(PET, {"tumour": [SQUARE, OTHER], "muscle": [OTHER]})
    if implicit:
        dataset.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian

    found = read(dataset, tmp_path)

    assert [(roi.number, roi.name) for roi in found.rois] == [
        (1, "tumour"),
        (2, "muscle"),
    ]
    np.testing.assert_allclose(found.rois[0].contours[0].points_mm, SQUARE, atol=1e-6)
    np.testing.assert_allclose(found.rois[0].contours[1].points_mm, OTHER, atol=1e-6)
    assert found.rois[0].frame_of_reference == FRAME_OF_REFERENCE_UID
    assert found.reference.sop_instance_uid == STRUCTURE_SET_UID
    assert found.reference.sop_class_uid == RTStructureSetStorage
    assert found.series_instance_uid == STRUCTURE_SET_SERIES_UID
    assert found.study_instance_uid == STUDY_UID
    assert found.label == "Tumours"
    assert found.statements == ()


def test_xor_contours_are_closed_contours(tmp_path: Path) -> None:
    dataset = structure_set_dataset(PET, {"tumour": [SQUARE, OTHER]})
    for contour in contours_of(dataset):
        contour.ContourGeometricType = "CLOSEDPLANAR_XOR"

    assert len(read(dataset, tmp_path).rois[0].contours) == 2


@pytest.mark.parametrize("kind", ["POINT", "OPEN_PLANAR", "OPEN_NONPLANAR"])
def test_what_encloses_nothing_is_left_out_and_said(tmp_path: Path, kind: str) -> None:
    dataset = structure_set_dataset(
        PET, {"tumour": [SQUARE, OTHER], "isocentre": [SQUARE], "nothing": []}
    )
    contours_of(dataset)[1].ContourGeometricType = kind
    contours_of(dataset, 1)[0].ContourGeometricType = kind

    found = read(dataset, tmp_path)

    assert [(roi.name, len(roi.contours)) for roi in found.rois] == [("tumour", 1)]
    assert found.statements == (
        f"ROI 'tumour': left out 1 contour(s) of type {kind}",
        f"ROI 'isocentre': left out 1 contour(s) of type {kind}",
        "ROI 'isocentre' has no closed contour and is left out",
        "ROI 'nothing' has no closed contour and is left out",
    )


def test_a_contour_of_two_points_is_left_out_and_said(tmp_path: Path) -> None:
    found = read(structure_set_dataset(PET, {"tumour": [SQUARE, OTHER[:2]]}), tmp_path)

    assert len(found.rois[0].contours) == 1
    assert "fewer than 3 points" in found.statements[0]


def test_each_region_has_its_own_frame_of_reference(tmp_path: Path) -> None:
    dataset = structure_set_dataset(PET, {"tumour": [SQUARE], "muscle": [OTHER]})
    dataset.StructureSetROISequence[0].ReferencedFrameOfReferenceUID = f"{ROOT}.99"
    del dataset.StructureSetROISequence[1].ReferencedFrameOfReferenceUID

    frames = [roi.frame_of_reference for roi in read(dataset, tmp_path).rois]

    assert frames == [f"{ROOT}.99", FRAME_OF_REFERENCE_UID]


def test_a_label_that_is_too_long_is_still_the_label(tmp_path: Path) -> None:
    dataset = structure_set_dataset(PET, {"tumour": [SQUARE]})
    dataset.add_new("StructureSetLabel", "LO", "contoured on the fused PET and CT")

    assert read(dataset, tmp_path).label == "contoured on the fused PET and CT"


@pytest.mark.parametrize(
    ("keyword", "value"),
    [
        ("NumberOfContourPoints", 5),
        ("ContourData", ["1", "2", "3", "4"]),
        ("ContourData", ["1", "2", "3", "4", "5", "x", *"123456"]),
        ("ContourData", ["1", "2", "3", "4", "5", "nan", *"123456"]),
    ],
)
def test_a_damaged_contour_is_refused(tmp_path: Path, keyword: str, value: Any) -> None:
    dataset = structure_set_dataset(PET, {"tumour": [SQUARE]})
    vr = "IS" if keyword == "NumberOfContourPoints" else "LO"
    contours_of(dataset)[0].add_new(keyword, vr, value)

    with pytest.raises(DicomContentError, match="ContourData") as refusal:
        read(dataset, tmp_path)

    assert refusal.value.uid == STRUCTURE_SET_UID
    assert refusal.value.reason == "unreadable_object"


def test_a_pet_is_no_structure_set(tmp_path: Path) -> None:
    with pytest.raises(DicomContentError, match="not RT Structure Set Storage"):
        read(PET[0], tmp_path)
