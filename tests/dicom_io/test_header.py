"""Promises of `dicom_io.header`."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pydicom.uid import (
    CTImageStorage,
    EnhancedPETImageStorage,
    MRImageStorage,
    SegmentationStorage,
)

from dicom_io.errors import DicomContentError
from dicom_io.header import (
    DeclaredCount,
    HeaderTextError,
    InstanceHeader,
    MissingIdentityError,
    ObjectKind,
    Plane,
    header_from_json,
    header_to_json,
    read_header,
    read_header_file,
)
from dicom_io.stamp import SOFTWARE_NAME
from tests.support.enhanced_pet import enhanced_dataset
from tests.support.objects import pet_series, structure_set
from tests.support.pet import (
    FRAME_OF_REFERENCE_UID,
    PET_SERIES_UID,
    SPACING_MM,
    STUDY_UID,
    pet_datasets,
    square_mm,
    structure_set_dataset,
    write_all,
)
from tests.support.shared import SHARED_DATA, needs_shared_data


def contoured(**overrides: object) -> Dataset:
    """Return a structure set of two squares on a PET series."""
    pet = pet_datasets()
    squares = [
        square_mm(pet, number, rows=slice(4, 8), columns=slice(5, 9))
        for number in (3, 4)
    ]
    return structure_set_dataset(pet, {"tumour": squares}, **overrides)


@pytest.mark.parametrize(
    ("frames", "kept"), [(12, (0, 1, 10, 11)), (3, (0, 1, 2)), (1, (0,))]
)
def test_a_multi_frame_image_says_where_its_outer_planes_lie(
    frames: int, kept: tuple[int, ...]
) -> None:
    pet = pet_datasets(slices=frames)
    found = read_header(enhanced_dataset(pet[::-1]))

    assert found.kind is ObjectKind.ENHANCED_PET
    places = {plane.position_mm[2] for plane in found.outer_planes}
    assert places == {float(pet[k].ImagePositionPatient[2]) for k in kept}
    assert {plane.spacing_mm for plane in found.outer_planes} == {
        (SPACING_MM, SPACING_MM)
    }
    assert header_from_json(header_to_json(found)) == found


def test_a_multi_frame_image_without_a_place_has_no_outer_planes() -> None:
    image = enhanced_dataset(pet_datasets())
    del image.PerFrameFunctionalGroupsSequence[5].PlanePositionSequence
    assert read_header(image).outer_planes == ()


def test_a_pet_slice_says_who_it_is_how_many_there_are_and_where_it_lies() -> None:
    dataset = pet_datasets(slices=12, rows=16, columns=18)[2]
    found = read_header(dataset)

    assert found.kind is ObjectKind.PET
    assert found.sop_instance_uid == dataset.SOPInstanceUID
    assert found.study_instance_uid == STUDY_UID
    assert found.series_instance_uid == PET_SERIES_UID
    assert found.frame_of_reference_uid == FRAME_OF_REFERENCE_UID
    assert found.transfer_syntax_uid == "1.2.840.10008.1.2.1"
    assert found.patient_id == dataset.PatientID
    assert found.modality == "PT"
    assert found.model_name == dataset.ManufacturerModelName
    assert found.drawn_on is None
    assert found.count is not None
    assert found.count.slices == 12
    assert found.count.series_type == "STATIC"
    assert found.plane == Plane(
        position_mm=tuple(map(float, dataset.ImagePositionPatient)),  # type: ignore[arg-type] (three values)
        orientation=(-1.0, 0.0, 0.0, 0.0, 1.0, 0.0),
        rows=16,
        columns=18,
        spacing_mm=(SPACING_MM, SPACING_MM),
    )


def test_a_count_is_read_as_it_is_declared() -> None:
    [dataset, *_] = pet_datasets(
        SeriesType=["DYNAMIC", "IMAGE"],
        NumberOfSlices=159,
        NumberOfTimeSlices=40,
        NumberOfSeriesRelatedInstances=6360,
    )

    assert read_header(dataset).count == DeclaredCount(159, 40, 6360, "DYNAMIC")


def test_a_header_holds_every_attribute_that_may_name_an_animal() -> None:
    [dataset, *_] = pet_datasets(
        AccessionNumber="A-17",
        StudyID="7",
        StudyDescription="M07 day 7",
        ProtocolName="FDG static",
    )
    found = read_header(dataset)

    assert found.accession_number == "A-17"
    assert found.study_id == "7"
    assert found.study_description == "M07 day 7"
    assert found.protocol_name == "FDG static"
    assert not found.is_group
    assert header_from_json(header_to_json(found)) == found


@pytest.mark.parametrize(("animals", "several"), [(0, False), (1, True), (4, True)])
def test_a_pet_says_whether_it_shows_a_group_of_animals(
    animals: int, *, several: bool
) -> None:
    items = [Dataset() for _ in range(animals)]
    for item in items[1:]:
        item.PatientID = "M08"
    [pet, *_] = pet_datasets(GroupOfPatientsIdentificationSequence=items)
    contours = contoured(GroupOfPatientsIdentificationSequence=items)

    found = read_header(pet)
    assert found.is_group is several
    assert found.members == ("", "M08", "M08", "M08")[:animals]
    assert header_from_json(header_to_json(found)) == found
    assert not read_header(contours).is_group


def test_a_structure_set_says_what_it_was_drawn_on_and_where() -> None:
    dataset = contoured()
    pet = pet_datasets()
    found = read_header(dataset)

    assert found.kind is ObjectKind.STRUCTURE_SET
    assert found.plane is None
    drawn_on = found.drawn_on
    assert drawn_on is not None
    assert drawn_on.frames_of_reference == (FRAME_OF_REFERENCE_UID,)
    assert drawn_on.series == (PET_SERIES_UID,)
    assert drawn_on.instances == tuple(sorted(each.SOPInstanceUID for each in pet))
    assert drawn_on.roi_names == ("tumour",)
    points = np.concatenate(
        [
            np.reshape([float(value) for value in contour.ContourData], (-1, 3))
            for contour in dataset.ROIContourSequence[0].ContourSequence
        ]
    )
    assert drawn_on.low_mm == pytest.approx(points.min(axis=0))
    assert drawn_on.high_mm == pytest.approx(points.max(axis=0))


def test_a_file_and_the_dataset_in_it_have_one_header(tmp_path: Path) -> None:
    for dataset in (pet_datasets()[0], contoured()):
        [path] = write_all([dataset], tmp_path)
        assert read_header_file(path) == read_header(dataset)


def test_what_contours_name_counts_only_where_the_series_list_nothing() -> None:
    dataset = contoured()
    stale = Dataset()
    stale.ReferencedSOPClassUID = CTImageStorage
    stale.ReferencedSOPInstanceUID = "1.5.5"
    for contour in dataset.ROIContourSequence[0].ContourSequence:
        contour.ContourImageSequence = [stale]
    listed = read_header(dataset).drawn_on
    assert listed is not None
    assert "1.5.5" not in listed.instances

    [frame] = dataset.ReferencedFrameOfReferenceSequence
    [study] = frame.RTReferencedStudySequence
    [series] = study.RTReferencedSeriesSequence
    del series.ContourImageSequence
    unlisted = read_header(dataset).drawn_on
    assert unlisted is not None
    assert unlisted.instances == ("1.5.5",)


def test_a_structure_set_without_points_has_no_box() -> None:
    dataset = contoured()
    dataset.ROIContourSequence = []
    drawn_on = read_header(dataset).drawn_on

    assert drawn_on is not None
    assert drawn_on.low_mm is None
    assert drawn_on.high_mm is None


def test_a_segmentation_names_its_series_and_instances() -> None:
    [dataset, *_] = pet_datasets()
    dataset.SOPClassUID = SegmentationStorage
    image = Dataset()
    image.ReferencedSOPInstanceUID = "1.5.5"
    series = Dataset()
    series.SeriesInstanceUID = "1.5"
    series.ReferencedInstanceSequence = [image]
    dataset.ReferencedSeriesSequence = [series]
    segment = Dataset()
    segment.SegmentLabel = "tumour"
    dataset.SegmentSequence = [segment]
    drawn_on = read_header(dataset).drawn_on

    assert drawn_on is not None
    assert drawn_on.series == ("1.5",)
    assert drawn_on.instances == ("1.5.5",)
    assert drawn_on.frames_of_reference == (FRAME_OF_REFERENCE_UID,)
    assert drawn_on.roi_names == ("tumour",)


@pytest.mark.parametrize(
    ("sop_class", "kind"),
    [
        (CTImageStorage, ObjectKind.CT),
        (EnhancedPETImageStorage, ObjectKind.ENHANCED_PET),
        (MRImageStorage, ObjectKind.IMAGE),
        ("1.2.3.4", ObjectKind.OTHER),
    ],
)
def test_the_sop_class_says_what_an_object_is(sop_class: str, kind: ObjectKind) -> None:
    [dataset, *_] = pet_datasets(SOPClassUID=sop_class)

    assert read_header(dataset).kind is kind


def test_a_result_of_ours_is_recognised() -> None:
    [dataset, *_] = pet_datasets(ManufacturerModelName=SOFTWARE_NAME)

    assert read_header(dataset).kind is ObjectKind.OWN_RESULT


@pytest.mark.parametrize("value", [None, "", "not a uid", "1..2", "1." * 40 + "1"])
@pytest.mark.parametrize(
    "keyword",
    ["SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID"],
)
@pytest.mark.filterwarnings("ignore:Invalid value for VR UI")
@pytest.mark.filterwarnings("ignore:The value length")
def test_a_missing_identity_is_refused_by_name(keyword: str, value: str | None) -> None:
    [dataset, *_] = pet_datasets()
    del dataset[keyword]
    if value is not None:
        setattr(dataset, keyword, value)

    with pytest.raises(MissingIdentityError, match=keyword) as refusal:
        read_header(dataset)
    assert isinstance(refusal.value, DicomContentError)
    assert refusal.value.attribute is not None
    assert refusal.value.attribute.startswith(keyword)


def test_what_cannot_be_read_counts_as_absent() -> None:
    [dataset, *_] = pet_datasets(
        ImagePositionPatient=None,
        NumberOfSlices=None,
        SeriesType=None,
        FrameOfReferenceUID="",
        PatientID=None,
    )
    found = read_header(dataset)

    assert found.plane is None
    assert found.count == DeclaredCount(None, None, None, None)
    assert found.frame_of_reference_uid is None
    assert found.patient_id == ""


@pytest.mark.filterwarnings("ignore")
def test_nonsense_in_a_file_counts_as_absent(tmp_path: Path) -> None:
    [path] = write_all(pet_datasets(slices=1), tmp_path)
    content = path.read_bytes()
    position = content.index(b"DS", content.index(b"\x20\x00\x32\x00")) + 4
    path.write_bytes(content[:position] + b"@" + content[position + 1 :])

    assert read_header_file(path).plane is None


@pytest.mark.parametrize(
    "found", [*pet_series(1), structure_set(pet_series(2))], ids=["pet", "contours"]
)
def test_a_header_comes_back_from_its_text(found: InstanceHeader) -> None:
    assert header_from_json(header_to_json(found)) == found


@given(
    name=st.text(st.characters(codec="utf-8"), max_size=20),
    position=st.tuples(*[st.floats(allow_nan=False, allow_infinity=False)] * 3),
)
def test_a_text_keeps_every_character_and_every_bit(
    name: str, position: tuple[float, float, float]
) -> None:
    plane = Plane(position, (1.0, 0.0, 0.0, 0.0, 1.0, 0.0), 1, 1, (0.1, 0.3))
    [found] = pet_series(1, series_description=name)
    found = InstanceHeader(**{**vars(found), "plane": plane})

    assert header_from_json(header_to_json(found)) == found


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"kind": "pet"}', "null", '{"kind": "tank"}']
)
def test_a_text_that_is_no_header_is_refused(text: str) -> None:
    with pytest.raises(HeaderTextError):
        header_from_json(text)


def test_a_refused_text_is_not_repeated_in_the_message() -> None:
    text = header_to_json(pet_series(1)[0]).replace('"mouse.pet"', '["Miller^Anna"]')

    with pytest.raises(HeaderTextError, match="patient_id") as refusal:
        header_from_json(text)
    assert "Miller" not in str(refusal.value)


@needs_shared_data
def test_a_real_structure_set_is_read_as_mim_wrote_it() -> None:
    [path] = (SHARED_DATA / "sts-petct" / "STS_025" / "PET" / "mask").glob("*.dcm")
    drawn_on = read_header_file(path).drawn_on

    assert drawn_on is not None
    assert drawn_on.roi_names == ("GTV_Mass_PET",)
    assert len(drawn_on.series) == 1
    assert len(drawn_on.instances) == 267
    assert drawn_on.low_mm is not None
