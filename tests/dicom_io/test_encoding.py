"""Promises of `dicom_io.encoding`: the bytes are pydicom's own."""

import copy
import io
from pathlib import Path
from typing import Any

import pytest
from pydicom import dcmread, dcmwrite
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset
from pydicom.tag import Tag

from dicom_io.encoding import encoded_elements, encoded_pieces, encoded_sequence
from dicom_io.part10 import encode_dataset, read_dataset
from tests.support.pet import pet_datasets, write_all

JAPANESE = ["", "ISO 2022 IR 87"]


def slice_with(**attributes: Any) -> Dataset:
    dataset = pet_datasets(slices=1)[0]
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    return dataset


def item(**attributes: Any) -> Dataset:
    dataset = Dataset()
    dataset.update(attributes)
    return dataset


def by_pydicom(dataset: Dataset) -> bytes:
    memory = io.BytesIO()
    dcmwrite(memory, copy.deepcopy(dataset), enforce_file_format=True)
    return memory.getvalue()


@pytest.mark.parametrize(
    "attributes",
    [
        {},
        {"PatientName": "", "StudyID": None, "OtherPatientIDs": []},
        {"ImageComments": "odd", "SoftwareVersions": ["1.0", "2"]},
        {"SpecificCharacterSet": "ISO_IR 100", "PatientName": "Müller^Jörg"},
        {"SpecificCharacterSet": "ISO_IR 192", "ImageComments": "腫瘍 \\ Ω"},
        {"SpecificCharacterSet": "ISO_IR 13", "ImageComments": "~ mouse"},
        {"SpecificCharacterSet": JAPANESE, "PatientName": "Yamada^Tarou=山田^太郎"},
        {"SpecificCharacterSet": JAPANESE, "SeriesDescription": "山田 mouse"},
        {"SmallestImagePixelValue": -5, "LargestImagePixelValue": 12},
        {"LossyImageCompressionRatio": [1.5, "2.25"], "PatientWeight": "3.79E-2"},
        {"FrameIncrementPointer": [0x00181063, 0x00540080]},
        {"SimpleFrameList": [1, 2, 3], "FrameAcquisitionDuration": 0.1},
        {"ReferencedImageSequence": []},
    ],
)
def test_the_bytes_are_those_of_pydicom(attributes: dict[str, Any]) -> None:
    dataset = slice_with(**attributes)

    assert encode_dataset(dataset) == by_pydicom(dataset)


def test_items_have_a_character_set_of_their_own_or_that_around_them() -> None:
    inner = item(CodeMeaning="Größe", PatientName="Müller")
    other = item(SpecificCharacterSet="ISO_IR 192", CodeMeaning="Größe Ω")
    outer = item(CodeMeaning="ä", ReferencedImageSequence=[inner, other, item()])
    dataset = slice_with(
        SpecificCharacterSet="ISO_IR 100", ReferencedSeriesSequence=[outer]
    )

    assert encode_dataset(dataset) == by_pydicom(dataset)


def test_an_ambiguous_vr_follows_the_data_set_around_the_item() -> None:
    inner = item(SmallestImagePixelValue=-5)
    dataset = slice_with(PixelRepresentation=1, ReferencedImageSequence=[inner])

    assert encode_dataset(dataset) == by_pydicom(dataset)


def test_private_elements_and_compressed_pixels_are_those_of_pydicom() -> None:
    dataset = slice_with(PixelData=encapsulate([b"odd", b"even"]))
    dataset["PixelData"].is_undefined_length = True
    block = dataset.private_block(0x0079, "SMIL_PB79", create=True)
    block.add_new(1, "UN", b"even")
    block.add_new(2, "OB", b"odd")

    memory = DicomBytesIO()
    memory.is_implicit_VR, memory.is_little_endian = False, True
    write_dataset(memory, dataset)

    assert encoded_elements(dataset) == memory.getvalue()


def test_what_was_read_in_another_character_set_is_written_in_the_new_one(
    tmp_path: Path,
) -> None:
    listed = item(CodeMeaning="Größe")
    source = slice_with(
        SpecificCharacterSet="ISO_IR 100",
        ReferencedImageSequence=[item(PurposeOfReferenceCodeSequence=[listed])],
    )
    read = read_dataset(write_all([source], tmp_path)[0])
    dataset = slice_with(SpecificCharacterSet="ISO_IR 192")
    dataset.add(read["ReferencedImageSequence"])

    found = dcmread(io.BytesIO(encode_dataset(dataset)))

    inside = found.ReferencedImageSequence[0].PurposeOfReferenceCodeSequence[0]
    assert inside.CodeMeaning == "Größe"


@pytest.mark.filterwarnings("ignore:The value")
def test_a_text_too_long_for_its_vr_is_written_as_pydicom_does() -> None:
    dataset = slice_with(ImageComments="x" * 70001)

    assert encode_dataset(dataset) == by_pydicom(dataset)


def test_a_value_that_cannot_be_encoded_is_refused() -> None:
    dataset = slice_with()
    dataset.add(DataElement(0x00280106, "US", 1 << 20, already_converted=True))

    with pytest.raises(OSError, match="Smallest Image Pixel Value"):
        encoded_elements(dataset)


def test_an_encoded_sequence_is_read_and_written_as_any_other() -> None:
    items = [item(ReferencedSOPInstanceUID=uid) for uid in ("1.2.3", "1.2.34")]
    plain = slice_with(ReferencedImageSequence=items)
    dataset = slice_with()
    dataset[0x00081140] = encoded_sequence(
        "ReferencedImageSequence", map(encoded_elements, items)
    )

    before = encode_dataset(dataset)
    uids = [found.ReferencedSOPInstanceUID for found in dataset.ReferencedImageSequence]

    assert before == encode_dataset(plain) == by_pydicom(dataset)
    assert uids == ["1.2.3", "1.2.34"]
    assert encode_dataset(dataset) == before


@pytest.mark.parametrize(
    "value",
    [b"1.50E2", b"-01.500", b"+3", b"1.0\\-2.\\003", b"12 ", b" 1", b"1 \\2", b""],
)
def test_a_number_that_was_read_is_written_as_when_it_is_decoded(
    value: bytes,
) -> None:
    dataset = Dataset()
    tag = Tag("ImagePositionPatient")
    dataset[tag] = RawDataElement(
        tag, "DS", len(value), value, 0, is_implicit_VR=False, is_little_endian=True
    )

    before = encoded_elements(dataset)
    assert dataset[tag].VR == "DS"

    assert encoded_elements(dataset) == before


def test_pieces_are_cut_where_tags_begin_whether_they_are_there_or_not() -> None:
    dataset = slice_with()
    cuts = [0x00080018, 0x00081140, 0x7FE00010]

    pieces = encoded_pieces(dataset, cuts)

    assert len(pieces) == 4
    assert b"".join(pieces) == encoded_elements(dataset)
    assert pieces[1].startswith(b"\x08\x00\x18\x00UI")
    assert pieces[2].startswith(b"\x10\x00\x10\x00PN")
    assert pieces[3].startswith(b"\xe0\x7f\x10\x00OW")


def test_pieces_without_a_character_set_are_in_the_one_that_is_named() -> None:
    [piece] = encoded_pieces(item(ImageComments="Größe"), (), "ISO_IR 192")

    assert "Größe".encode() in piece
