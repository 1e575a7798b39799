"""Promises of `dicom_io.results.finding_site`."""

import pytest
from pydicom import config
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.sr.coding import Code

from dicom_io.results.finding_site import finding_site, laterality

FLANK = Code("58602004", "SCT", "Flank")


def code_item(value: str, scheme: str, meaning: str) -> Dataset:
    item = Dataset()
    item.CodeValue = value
    item.CodingSchemeDesignator = scheme
    item.CodeMeaning = meaning
    return item


def header(**attributes: object) -> Dataset:
    dataset = Dataset()
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    return dataset


def test_the_anatomic_region_of_the_pet_is_the_site() -> None:
    thigh = [code_item("68367000", "SCT", "Thigh")]

    site = finding_site(header(AnatomicRegionSequence=thigh), FLANK)

    assert site == Code("68367000", "SCT", "Thigh")


def test_the_anatomic_region_of_all_frames_is_the_site() -> None:
    anatomy = header(AnatomicRegionSequence=[code_item("51185008", "SCT", "Chest")])

    site = finding_site(header(FrameAnatomySequence=[anatomy]), FLANK)

    assert site.value == "51185008"


@pytest.mark.parametrize(
    ("term", "value"),
    [
        ("EXTREMITY", "66019005"),
        ("HEADNECK", "774007"),
        ("Head-Neck ", "774007"),
        ("chest_abdomen", "416550000"),
    ],
)
def test_a_term_of_annex_l_is_the_site_however_it_is_spelt(
    term: str, value: str
) -> None:
    spelt = DataElement("BodyPartExamined", "CS", term, validation_mode=config.IGNORE)
    site = finding_site(Dataset({spelt.tag: spelt}), FLANK)

    assert (site.value, site.scheme_designator) == (value, "SCT")


@pytest.mark.parametrize("term", ["", "TUMOUR LEFT", "WHOLEBODY"])
def test_what_says_no_site_leaves_it_to_the_configuration(term: str) -> None:
    assert finding_site(header(BodyPartExamined=term), FLANK) is FLANK


def test_an_entire_body_leaves_the_site_to_the_configuration() -> None:
    body = [code_item("38266002", "SCT", "Entire body")]

    site = finding_site(header(AnatomicRegionSequence=body), FLANK)

    assert site is FLANK


def test_a_retired_code_becomes_the_one_that_took_its_place() -> None:
    head = [code_item("T-D1100", "SRT", "Head")]

    site = finding_site(header(AnatomicRegionSequence=head), FLANK)

    assert (site.value, site.scheme_designator) == ("69536005", "SCT")


@pytest.mark.parametrize(
    "item",
    [
        code_item("", "SCT", "Chest"),
        code_item("51185008", "SCT", ""),
        code_item("51185008", "SCT", "Chest\\Head"),
    ],
)
def test_a_code_that_is_none_says_no_site(item: Dataset) -> None:
    assert finding_site(header(AnatomicRegionSequence=[item]), FLANK) is FLANK


def test_a_side_is_told_only_of_the_site_that_the_pet_itself_says() -> None:
    assert laterality(header(BodyPartExamined="KIDNEY", Laterality="L")) == Code(
        "7771000", "SCT", "Left"
    )
    assert laterality(header(BodyPartExamined="KIDNEY")) is None
    assert laterality(header(BodyPartExamined="KIDNEY", Laterality="U")) is None
    assert laterality(header(Laterality="L")) is None
