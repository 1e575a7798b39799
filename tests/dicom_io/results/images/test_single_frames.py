"""Promises of `dicom_io.results.images.single_frames`."""

import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from dicom_io.part10 import encode_dataset
from dicom_io.results.images.single_frames import EncodedInstance, encode_series

VARYING = ("SOPInstanceUID", "InstanceNumber", "SliceLocation", "PatientComments")


def common() -> Dataset:
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.ImplementationVersionName = "TEST"
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.SOPClassUID = "1.2.840.10008.5.1.4.1.1.128"
    dataset.SOPInstanceUID = "1.2.3"
    dataset.SeriesInstanceUID = "1.2.9"
    dataset.PatientName = "Möuse^Seven"
    dataset.SliceLocation = "99"
    dataset.BitsAllocated = 16
    dataset.PixelRepresentation = 1
    dataset.PixelPaddingValue = -32768
    dataset.PixelData = b"\1\2"
    return dataset


def own(number: int) -> Dataset:
    dataset = Dataset()
    # Of odd and of even length.
    dataset.SOPInstanceUID = "1.2.3." + "7" * number
    dataset.InstanceNumber = number
    if number != 2:
        dataset.SliceLocation = f"{number}.50"
    dataset.PatientComments = f"Schnitt {number} größer"
    return dataset


def encoded(count: int = 3) -> list[EncodedInstance]:
    slices = [own(number) for number in range(1, count + 1)]
    return list(encode_series(common(), VARYING, slices))


def test_each_file_is_what_encoding_it_by_itself_would_give() -> None:
    for number, instance in enumerate(encoded(), start=1):
        whole = common()
        del whole.SliceLocation
        whole.update(own(number))
        whole.file_meta.MediaStorageSOPInstanceUID = whole.SOPInstanceUID

        assert instance.content == encode_dataset(whole)
        assert instance.sop_instance_uid == whole.SOPInstanceUID


def test_the_first_instance_brings_its_data_set() -> None:
    first, *others = encoded()

    assert first.dataset is not None
    assert encode_dataset(first.dataset) == first.content
    assert [each.dataset for each in others] == [None, None]
    assert first.series_instance_uid == "1.2.9"
    assert first.transfer_syntax_uid == ExplicitVRLittleEndian


def test_what_is_not_said_to_vary_may_not() -> None:
    changed = own(1)
    changed.StudyID = "2"

    with pytest.raises(ValueError, match="does not vary"):
        list(encode_series(common(), VARYING, [changed]))
