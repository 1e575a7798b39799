"""Promises of `dicom_io.lenient`."""

import pytest
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.tag import Tag

from dicom_io.lenient import attribute_value


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
