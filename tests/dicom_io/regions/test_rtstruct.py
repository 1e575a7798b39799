"""Promises of `dicom_io.regions.rtstruct`."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import ImplicitVRLittleEndian, RTStructureSetStorage

from dicom_io.errors import DicomContentError
from dicom_io.regions.rtstruct import StructureSet, read_structure_set
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


def test_the_only_frame_of_reference_referred_to_stands_in(tmp_path: Path) -> None:
    dataset = structure_set_dataset(PET, {"tumour": [SQUARE]})
    del dataset.StructureSetROISequence[0].ReferencedFrameOfReferenceUID
    dataset.FrameOfReferenceUID = f"{ROOT}.98"

    (roi,) = read(dataset, tmp_path).rois
    assert roi.frame_of_reference == FRAME_OF_REFERENCE_UID

    dataset.ReferencedFrameOfReferenceSequence.append(Dataset())
    dataset.ReferencedFrameOfReferenceSequence[1].FrameOfReferenceUID = f"{ROOT}.97"
    (roi,) = read(dataset, tmp_path).rois
    assert roi.frame_of_reference == f"{ROOT}.98"


def test_contours_that_lie_in_no_frame_of_reference_are_refused(tmp_path: Path) -> None:
    dataset = structure_set_dataset(PET, {"tumour": [SQUARE]})
    del dataset.StructureSetROISequence[0].ReferencedFrameOfReferenceUID
    del dataset.ReferencedFrameOfReferenceSequence
    del dataset.FrameOfReferenceUID

    with pytest.raises(DicomContentError, match="FrameOfReferenceUID"):
        read(dataset, tmp_path)


def test_images_that_contours_name_change_nothing(tmp_path: Path) -> None:
    plain = structure_set_dataset(PET, {"tumour": [SQUARE, OTHER]})
    naming = structure_set_dataset(PET, {"tumour": [SQUARE, OTHER]})
    for contour in contours_of(naming):
        contour.ContourImageSequence = [Dataset()]
        contour.ContourImageSequence[0].ReferencedSOPInstanceUID = f"{ROOT}.77.1"

    expected, found = read(plain, tmp_path / "a"), read(naming, tmp_path / "b")

    for before, after in zip(
        expected.rois[0].contours, found.rois[0].contours, strict=True
    ):
        np.testing.assert_array_equal(before.points_mm, after.points_mm)
    assert found.statements == expected.statements


def test_a_region_without_a_name_is_known_by_its_number(tmp_path: Path) -> None:
    dataset = structure_set_dataset(PET, {"": [SQUARE], "tumour": [OTHER]})

    names = [roi.name for roi in read(dataset, tmp_path).rois]

    assert names == ["ROI 1", "tumour"]


@pytest.mark.parametrize("points", [0, 1])
def test_a_contour_of_no_extent_is_left_out_and_said(
    tmp_path: Path, points: int
) -> None:
    dataset = structure_set_dataset(PET, {"tumour": [SQUARE, OTHER[:1]]})
    if not points:
        contours_of(dataset)[1].ContourData = None
        contours_of(dataset)[1].NumberOfContourPoints = 0

    found = read(dataset, tmp_path)

    assert len(found.rois[0].contours) == 1
    assert "fewer than 3 points" in found.statements[0]


@pytest.mark.parametrize("where", [0, 5, 12])
def test_empty_values_beside_all_points_are_passed_over_and_said(
    tmp_path: Path, where: int
) -> None:
    dataset = structure_set_dataset(PET, {"tumour": [SQUARE]})
    values = [f"{value:.4f}" for value in SQUARE.ravel()]
    values.insert(where, "")
    contours_of(dataset)[0].add_new("ContourData", "LO", values)

    found = read(dataset, tmp_path)

    np.testing.assert_allclose(found.rois[0].contours[0].points_mm, SQUARE, atol=1e-4)
    assert "empty values" in found.statements[0]


def test_an_empty_value_in_the_place_of_a_number_is_refused(tmp_path: Path) -> None:
    dataset = structure_set_dataset(PET, {"tumour": [SQUARE]})
    values = [f"{value:.4f}" for value in SQUARE.ravel()]
    values[7] = ""
    contours_of(dataset)[0].add_new("ContourData", "LO", values)

    with pytest.raises(DicomContentError, match="ContourData"):
        read(dataset, tmp_path)
    del contours_of(dataset)[0].NumberOfContourPoints
    with pytest.raises(DicomContentError, match="ContourData"):
        read(dataset, tmp_path)


def test_points_of_what_encloses_nothing_may_be_anything(tmp_path: Path) -> None:
    dataset = structure_set_dataset(PET, {"tumour": [SQUARE, OTHER]})
    contours_of(dataset)[1].ContourGeometricType = "POINT"
    contours_of(dataset)[1].add_new("ContourData", "LO", ["somewhere"])

    assert len(read(dataset, tmp_path).rois[0].contours) == 1


def test_a_label_that_is_too_long_is_still_the_label(tmp_path: Path) -> None:
    dataset = structure_set_dataset(PET, {"tumour": [SQUARE]})
    dataset.add_new("StructureSetLabel", "LO", "contoured on the fused PET and CT")

    assert read(dataset, tmp_path).label == "contoured on the fused PET and CT"


def test_a_contour_of_no_known_type_is_refused(tmp_path: Path) -> None:
    dataset = structure_set_dataset(PET, {"tumour": [SQUARE]})
    contours_of(dataset)[0].ContourGeometricType = "CLOSED"

    with pytest.raises(DicomContentError, match="ContourGeometricType"):
        read(dataset, tmp_path)


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
