"""Attributes that an object writes in another form than theirs are refused by name."""

import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from dicom_io.attributes import UnreadableValueError, number, text


def with_sequence(keyword: str) -> Dataset:
    """Return an object that writes a sequence in an attribute's place."""
    dataset = Dataset()
    setattr(dataset, keyword, None)
    dataset[keyword].VR = "SQ"
    item = Dataset()
    item.PatientID = "M1"
    dataset[keyword].value = Sequence([item])
    return dataset


@pytest.mark.parametrize("keyword", ["RescaleSlope", "ReferencedSegmentNumber"])
def test_a_sequence_in_the_place_of_a_number_is_refused(keyword: str) -> None:
    with pytest.raises(UnreadableValueError, match="plain value"):
        number(with_sequence(keyword), keyword)


def test_a_sequence_in_the_place_of_a_text_is_refused() -> None:
    with pytest.raises(UnreadableValueError, match="plain value"):
        text(with_sequence("Modality"), "Modality")
