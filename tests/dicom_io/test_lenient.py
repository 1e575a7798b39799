"""Promises of `dicom_io.lenient`."""

import pytest
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.tag import Tag

from dicom_io.attributes import text
from dicom_io.lenient import attribute_text, attribute_value


@pytest.mark.parametrize(
    ("keyword", "vr", "value"),
    [
        ("Rows", "US", b"\x10\x00\x01"),
        ("NumberOfSlices", "US", b"\x10"),
        ("RealWorldValueSlope", "FD", b"\x10\x00\x01"),
    ],
)
def test_a_value_that_cannot_be_decoded_counts_as_absent(
    keyword: str, vr: str, value: bytes
) -> None:
    tag = Tag(keyword)
    raw = RawDataElement(
        tag, vr, len(value), value, 0, is_implicit_VR=False, is_little_endian=True
    )
    dataset = Dataset({tag: raw})

    assert not attribute_value(dataset, keyword)


def test_an_empty_element_of_a_vr_that_does_not_exist_says_nothing() -> None:
    tag = Tag("AccessionNumber")
    raw = RawDataElement(tag, "SG", 0, None, 0, False, True)  # noqa: FBT003 - pydicom's
    dataset = Dataset({tag: raw})

    assert attribute_text(dataset, "AccessionNumber") == ""
    assert text(dataset, "AccessionNumber") == ""
