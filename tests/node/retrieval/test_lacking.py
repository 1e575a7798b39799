"""Promises of what is sought for a study, from what is stored alone."""

from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydicom.dataset import Dataset

from dicom_io.header import read_header
from node.records.objects import StoredInstance
from node.records.sought import (
    Need,
    Sought,
    SoughtTextError,
    sought_from_json,
    sought_to_json,
)
from node.retrieval.lacking import lacking
from tests.support.pet import PET_SERIES_UID, STUDY_UID
from tests.support.registration import registration_dataset, source, turned_z
from tests.support.studies import small_study

PET, CONTOURS = small_study()
OTHER_FRAME = "1.2.3.9"


def needs(
    *datasets: Dataset, earlier: bool = False, study: str = STUDY_UID
) -> list[Need]:
    found = lacking(study, [_stored(each) for each in datasets], earlier=earlier)
    return [each.need for each in found]


def _stored(dataset: Dataset) -> StoredInstance:
    at = datetime(2026, 3, 2, tzinfo=UTC)
    return StoredInstance(read_header(dataset), Path("x"), "0" * 64, at)


def drawn(**changes: object) -> Dataset:
    """Contours that name less than they might."""
    contours = deepcopy(CONTOURS)
    for keyword, value in changes.items():
        setattr(contours, keyword, value)
    return contours


def by_frame(frame: str) -> Dataset:
    """Contours that name a frame of reference and nothing else."""
    contours = drawn(FrameOfReferenceUID=frame)
    item = Dataset()
    item.FrameOfReferenceUID = frame
    contours.ReferencedFrameOfReferenceSequence = [item]
    for region in contours.StructureSetROISequence:
        region.ReferencedFrameOfReferenceUID = frame
    for region in contours.ROIContourSequence:
        for contour in region.ContourSequence:
            contour.pop("ContourImageSequence", None)
    return contours


def test_a_whole_study_is_asked_for_later_contours_only() -> None:
    assert needs(*PET, CONTOURS) == [Need.CONTOURS]


def test_contours_alone_lack_their_images() -> None:
    assert needs(CONTOURS) == [Need.IMAGES]


def test_a_pet_with_gaps_lacks_slices() -> None:
    assert needs(*PET[1:]) == [Need.SLICES, Need.CONTOURS]


def test_contours_that_name_an_absent_slice_lack_images() -> None:
    assert Need.IMAGES in needs(*PET[1:], CONTOURS)


def test_contours_by_frame_of_reference_lack_nothing_where_the_pet_lies_in_it() -> None:
    frame = str(PET[0].FrameOfReferenceUID)

    assert needs(*PET, by_frame(frame)) == [Need.CONTOURS]


def test_contours_in_a_frame_of_reference_of_nothing_lack_images() -> None:
    assert Need.IMAGES in needs(*PET, by_frame(OTHER_FRAME))


def test_a_registration_that_joins_the_frames_answers_for_the_images() -> None:
    frame = str(PET[0].FrameOfReferenceUID)
    joining = registration_dataset(frame, source(OTHER_FRAME, turned_z(0.0)))

    assert needs(*PET, by_frame(OTHER_FRAME), joining) == [Need.CONTOURS]


def test_contours_of_a_connected_study_are_that_studys_business() -> None:
    elsewhere = drawn(StudyInstanceUID="1.2.3")

    assert needs(*PET[1:], elsewhere) == [Need.SLICES, Need.CONTOURS]
    assert needs(*PET[1:], elsewhere, study="1.2.3") == [Need.IMAGES]


def test_earlier_studies_are_sought_where_they_are_wanted() -> None:
    assert needs(*PET, CONTOURS, earlier=True) == [Need.CONTOURS, Need.EARLIER]
    assert needs(CONTOURS, earlier=True) == [Need.IMAGES]


def test_what_is_sought_is_one_text_and_comes_back_from_it() -> None:
    sought = Sought(Need.SLICES, "SERIES", (PET_SERIES_UID,), ("PT",))

    assert sought_from_json(sought_to_json(sought)) == sought
    assert PET_SERIES_UID in sought.words


@pytest.mark.parametrize("text", ["", "[]", '{"need": "all"}', "{", "null"])
def test_a_row_that_names_nothing_is_no_sought(text: str) -> None:
    with pytest.raises(SoughtTextError):
        sought_from_json(text)
