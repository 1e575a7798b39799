"""Promises of `dicom_io.results.report.content_items`, as pydicom reads it."""

import io

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.sr.coding import Code

from dicom_io import codes
from dicom_io.pet.series import InstanceReference
from dicom_io.results.report.content_items import ContentItems

NAME = Code("121106", "DCM", "Comment")
IMAGE = InstanceReference("1.2.840.10008.5.1.4.1.1.128", "1.2.3", 7)


def read(encoded: bytes, character_set: str = "ISO_IR 192") -> Dataset:
    """Return an item as it is read from a file of a character set."""
    document = Dataset()
    document.SpecificCharacterSet = character_set
    buffer = io.BytesIO()
    document.save_as(buffer, implicit_vr=False, little_endian=True)
    head = buffer.getvalue()
    file = io.BytesIO(head + encoded)
    return pydicom.dcmread(file, force=True)


@pytest.fixture
def items() -> ContentItems:
    return ContentItems("ISO_IR 192")


def test_a_number_is_written_to_the_last_bit_beside_its_decimal_string(
    items: ContentItems,
) -> None:
    item = read(items.number(NAME, 1 / 3, codes.PER_CENT))

    measured = item.MeasuredValueSequence[0]
    assert measured.FloatingPointValue == 1 / 3
    assert str(measured.NumericValue) == "0.33333333333333"
    assert measured.MeasurementUnitsCodeSequence[0].CodeValue == "%"


def test_a_count_is_a_whole_number(items: ContentItems) -> None:
    measured = read(items.number(NAME, 529, codes.VOXELS)).MeasuredValueSequence[0]

    assert str(measured.NumericValue) == "529"
    assert "FloatingPointValue" not in measured


def test_where_there_is_no_number_there_is_the_reason(items: ContentItems) -> None:
    item = read(items.number(NAME, codes.NOT_A_NUMBER, codes.PER_CENT))

    assert len(item.MeasuredValueSequence) == 0
    assert item.NumericValueQualifierCodeSequence[0].CodeValue == "114000"


def test_one_concept_may_have_two_meanings(items: ContentItems) -> None:
    meanings = [
        read(items.number(codes.renamed(codes.SUV_BODY_WEIGHT, meaning), 1, NAME))
        .ConceptNameCodeSequence[0]
        .CodeMeaning
        for meaning in ("SUVbw mean", "SUVbw maximum")
    ]

    assert meanings == ["SUVbw mean", "SUVbw maximum"]


def test_a_code_of_more_than_sixteen_characters_is_a_long_one(
    items: ContentItems,
) -> None:
    code = codes.named_method("zhang2023-ibex-example")

    value = read(items.code(NAME, code)).ConceptCodeSequence[0]

    assert value.LongCodeValue == "zhang2023-ibex-example"
    assert "CodeValue" not in value


@pytest.mark.parametrize("character_set", ["ISO_IR 100", "ISO_IR 192"])
def test_text_is_in_the_character_set_of_its_document(character_set: str) -> None:
    items = ContentItems(character_set)

    item = read(items.text(NAME, "Mäuse"), character_set)

    assert item.TextValue == "Mäuse"
    assert items.beyond_ascii == ["Mäuse"]


def test_what_is_not_ascii_in_a_meaning_is_noted_as_well(items: ContentItems) -> None:
    items.code(NAME, Code("1", "99SITE", "Fußsohle"))

    assert items.beyond_ascii == ["Fußsohle"]


def test_a_reference_names_frame_and_segment(items: ContentItems) -> None:
    item = read(items.reference("IMAGE", NAME, IMAGE, frame=7, segment=3))

    reference = item.ReferencedSOPSequence[0]
    assert reference.ReferencedSOPInstanceUID == "1.2.3"
    assert reference.ReferencedFrameNumber == 7
    assert reference.ReferencedSegmentNumber == 3


def test_a_container_holds_its_items_in_order(items: ContentItems) -> None:
    content = [items.text(NAME, text) for text in ("one", "three")]

    item = read(items.container(NAME, content, template="1411"))

    assert [each.TextValue for each in item.ContentSequence] == ["one", "three"]
    assert item.ContentTemplateSequence[0].TemplateIdentifier == "1411"


def test_a_polyline_is_selected_from_its_image(items: ContentItems) -> None:
    image = items.reference("IMAGE", NAME, IMAGE)

    item = read(items.polyline(NAME, np.array([[1, 2], [3, 4.5]]), image))

    assert list(item.GraphicData) == [1, 2, 3, 4.5]
    assert item.ContentSequence[0].ValueType == "IMAGE"
