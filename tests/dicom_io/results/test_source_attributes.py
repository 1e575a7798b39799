"""Promises of `results.source_attributes`: what results take from their source."""

import copy
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pydicom
import pytest
from pydicom.datadict import dictionary_VR
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.errors import BytesLengthException
from pydicom.tag import Tag

from dicom_io.part10 import encode_dataset
from dicom_io.pet.series import PetSeries, read_pet_series
from dicom_io.results.images.map_content import index_content
from dicom_io.results.images.parametric_map import build_parametric_map
from dicom_io.results.report.measurement_report import build_measurement_report
from dicom_io.results.source_attributes import leave_unwritable_out, stand_ins
from tests.support.pet import pet_datasets, write_all
from tests.support.result import (
    EQUIPMENT,
    assessment_of,
    content_of,
    identity,
    series_of,
)


def results(series: PetSeries) -> list[Dataset]:
    """Return both result objects, read back from their bytes."""
    found = assessment_of(series)
    built = [
        build_parametric_map(series, index_content(found), identity(), EQUIPMENT),
        build_measurement_report(series, content_of(found), identity(), EQUIPMENT),
    ]
    return [pydicom.dcmread(io.BytesIO(encode_dataset(dataset))) for dataset in built]


def mouse() -> Dataset:
    item = Dataset()
    item.CodeValue = "447612001"
    item.CodingSchemeDesignator = "SCT"
    item.CodeMeaning = "Mus musculus"
    return item


def test_species_strain_weight_and_group_are_carried_over(tmp_path: Path) -> None:
    datasets = pet_datasets(
        PatientSpeciesCodeSequence=[mouse()],
        StrainDescription="C57BL/6J",
        PatientWeight="2.2E-2",
        PatientComments="LLC, flank",
        ClinicalTrialSubjectID="m07",
        ClinicalTrialSponsorName="Core",
        ClinicalTrialProtocolID="LLC-1",
        ClinicalTrialTimePointID="D7",
    )

    for result in results(series_of(datasets, tmp_path)):
        assert result.PatientSpeciesCodeSequence[0].CodeValue == "447612001"
        assert result.StrainDescription == "C57BL/6J"
        assert result["PatientWeight"].value.original_string == "2.2E-2"
        assert result.PatientComments == "LLC, flank"
        assert result.ClinicalTrialSubjectID == "m07"
        assert result.ClinicalTrialTimePointID == "D7"


def test_what_earlier_editions_knew_of_the_patient_is_carried_over(
    tmp_path: Path,
) -> None:
    datasets = pet_datasets(OtherPatientIDs=["a7", "b7"], EthnicGroup="none")

    for result in results(series_of(datasets, tmp_path)):
        assert list(result.OtherPatientIDs) == ["a7", "b7"]
        assert result.EthnicGroup == "none"


def test_the_orientation_type_of_an_animal_goes_into_the_map(tmp_path: Path) -> None:
    datasets = pet_datasets(AnatomicalOrientationType="QUADRUPED")

    score_map, report = results(series_of(datasets, tmp_path))

    assert score_map.AnatomicalOrientationType == "QUADRUPED"
    # SR Document Series (PS3.3 C.17.1) has no such attribute.
    assert "AnatomicalOrientationType" not in report


def test_attributes_that_the_source_lacks_are_not_made_up(tmp_path: Path) -> None:
    for result in results(series_of(pet_datasets(), tmp_path)):
        for keyword in ("StrainDescription", "PatientAge", "TimezoneOffsetFromUTC"):
            assert keyword not in result


def test_required_attributes_that_the_source_lacks_are_empty(tmp_path: Path) -> None:
    lacking: dict[str, Any] = dict.fromkeys(
        [
            "PatientName",
            "PatientBirthDate",
            "PatientSex",
            "StudyID",
            "StudyTime",
            "AccessionNumber",
            "ReferringPhysicianName",
            "SliceThickness",
            "Manufacturer",
            "PositionReferenceIndicator",
        ]
    )

    for result in results(series_of(pet_datasets(**lacking), tmp_path)):
        assert result.PatientName == ""
        assert not result.StudyTime
        assert result.PatientID == "m07_pet"


@pytest.mark.parametrize(
    ("keyword", "value"),
    [
        ("PatientName", "m07"),
        ("PatientName", "Mäuse=鼠"),
        ("PatientSex", "U"),
        ("StudyID", "longer than sixteen characters"),
        ("PatientAge", "7 weeks"),
    ],
)
@pytest.mark.filterwarnings("ignore:.*:UserWarning:pydicom")
def test_odd_values_of_the_source_are_carried_over_as_they_are(
    tmp_path: Path, keyword: str, value: str
) -> None:
    overrides: dict[str, Any] = {keyword: value}
    datasets = pet_datasets(**overrides)

    for result in results(series_of(datasets, tmp_path)):
        assert str(result[keyword].value) == value


def test_an_unreadable_value_costs_the_attribute_and_not_the_result(
    tmp_path: Path,
) -> None:
    series = series_of(pet_datasets(), tmp_path)
    header = copy.deepcopy(series.headers[0])
    tag = Tag("PregnancyStatus")
    header[tag] = RawDataElement(
        tag, "US", 3, b"abc", 0, is_implicit_VR=False, is_little_endian=True
    )
    with pytest.raises(BytesLengthException):
        header[tag]

    for result in results(replace(series, headers=(header, *series.headers[1:]))):
        assert "PregnancyStatus" not in result
        assert result.PatientID == "m07_pet"


def unread(keyword: str, value: bytes) -> RawDataElement:
    """Return an element as it is read of a file."""
    tag = Tag(keyword)
    vr = dictionary_VR(tag)
    return RawDataElement(tag, vr, len(value), value, 0, False, True)  # noqa: FBT003 (its parts are positional)


def test_a_number_that_cannot_be_written_again_costs_the_attribute(
    tmp_path: Path,
) -> None:
    series = series_of(pet_datasets(), tmp_path)
    header = copy.deepcopy(series.headers[0])
    size = unread("PatientSize", b"0.1\xff\x00 ")
    header[size.tag] = size

    for result in results(replace(series, headers=(header, *series.headers[1:]))):
        assert "PatientSize" not in result
        assert result.PatientWeight


def test_what_cannot_be_written_is_left_out_of_sequences_too() -> None:
    item = Dataset()
    for element in (
        unread("RadionuclidePositronFraction", b"069\xff\x00 "),
        unread("RadionuclideHalfLife", b" 6586.2 "),
        unread("PregnancyStatus", b"abc"),
    ):
        item[element.tag] = element
    carried = Dataset()
    carried.RadiopharmaceuticalInformationSequence = [item]
    leave_unwritable_out(carried)

    assert list(item.keys()) == [Tag("RadionuclideHalfLife")]
    assert isinstance(item.get_item("RadionuclideHalfLife"), RawDataElement)


def test_the_headers_of_the_source_stay_as_they_were(tmp_path: Path) -> None:
    series = series_of(pet_datasets(PatientSpeciesCodeSequence=[mouse()]), tmp_path)
    before = copy.deepcopy(series.headers)

    results(series)

    assert series.headers == before


@pytest.mark.parametrize(
    "tag", [b"\x20\x00\x32\x00", b"\x20\x00\x37\x00", b"\x28\x00\x30\x00"]
)
def test_a_place_under_an_unknown_value_representation_is_carried_over(
    tmp_path: Path, tag: bytes
) -> None:
    """pydicom raises NotImplementedError when it is asked for such a value."""
    paths = write_all(pet_datasets(), tmp_path)
    expected = stand_ins(read_pet_series(paths), [0])[0]
    for path in paths:
        path.write_bytes(path.read_bytes().replace(tag + b"DS", tag + b"ZZ", 1))

    [image] = stand_ins(read_pet_series(paths), [0])

    for keyword in ("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing"):
        assert image[keyword].value == pytest.approx(expected[keyword].value)
