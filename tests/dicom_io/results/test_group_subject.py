"""Promises of `results.group_subject`: results of one animal of several in a bed."""

import io
from pathlib import Path
from typing import Any

import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import Comprehensive3DSRStorage

from dicom_io.part10 import encode_dataset
from dicom_io.pet.series import PetSeries
from dicom_io.results.group_subject import SourceGroupSubject, SubjectNameError
from dicom_io.results.images.map_content import index_content
from dicom_io.results.images.parametric_map import build_parametric_map
from dicom_io.results.report.measurement_report import (
    build_measurement_report,
)
from dicom_io.source_reference import SourceReference
from tests.support.pet import STUDY_UID, pet_datasets
from tests.support.result import (
    EQUIPMENT,
    assessment_of,
    content_of,
    identity,
    series_of,
)
from tests.support.verification import complaints

ANIMAL = SourceGroupSubject("Group78_Mouse01", 21.5)
BEFORE = SourceReference(Comprehensive3DSRStorage, "1.2.9.1", STUDY_UID, "1.2.9")


def member(patient_id: str, place: list[int], issuer: str) -> Dataset:
    item = Dataset()
    item.PatientID = patient_id
    item.IssuerOfPatientID = issuer
    item.SubjectRelativePositionInImage = place
    return item


def group(folder: Path, **overrides: Any) -> PetSeries:
    """Return a PET of two animals, as PS3.3 C.7.1.4.1.1 asks for."""
    traits: dict[str, Any] = {
        "PatientID": "Group78",
        "PatientName": "Group^Seventy-eight",
        "IssuerOfPatientID": "MyMouseLab",
        "PatientSex": "M",
        "StrainDescription": "C57BL/6J",
        "OtherPatientNames": "Cage^Nine",
        "GroupOfPatientsIdentificationSequence": [
            member("Group78_Mouse01", [1, 1, 1], "MyMouseLab^Mice"),
            member("Group78_Mouse02", [2, 1, 1], "MyMouseLab^Mice"),
        ],
    }
    return series_of(pet_datasets(**(traits | overrides)), folder)


def results(
    series: PetSeries, subject: SourceGroupSubject | None = ANIMAL, **content: Any
) -> list[Dataset]:
    """Return map and report of an animal, read back from their bytes."""
    found = assessment_of(series)
    said = content_of(found, subject=subject, **content)
    built = [
        build_parametric_map(
            series, index_content(found), identity(), EQUIPMENT, subject
        ),
        build_measurement_report(series, said, identity(), EQUIPMENT),
    ]
    return [pydicom.dcmread(io.BytesIO(encode_dataset(dataset))) for dataset in built]


def test_results_are_the_animal_s_and_name_the_group_as_their_source(
    tmp_path: Path,
) -> None:
    for result in results(group(tmp_path)):
        assert result.PatientID == "Group78_Mouse01"
        assert result.PatientName == ""
        assert result.IssuerOfPatientID == "MyMouseLab^Mice"
        assert float(result.PatientWeight) == 0.0215
        (source,) = result.SourcePatientGroupIdentificationSequence
        assert source.PatientID == "Group78"
        assert source.IssuerOfPatientID == "MyMouseLab"
        assert "GroupOfPatientsIdentificationSequence" not in result
        assert "SubjectRelativePositionInImage" not in result
        assert "OtherPatientNames" not in result


def test_what_the_animals_of_a_group_share_is_carried_over(tmp_path: Path) -> None:
    for result in results(group(tmp_path)):
        assert result.PatientSex == "M"
        assert result.StrainDescription == "C57BL/6J"
        assert result.StudyDate == "20260302"


def test_the_issuer_of_the_group_is_not_taken_for_the_animal_s(tmp_path: Path) -> None:
    series = group(tmp_path, GroupOfPatientsIdentificationSequence=None)

    for result in results(series):
        assert "IssuerOfPatientID" not in result
        (source,) = result.SourcePatientGroupIdentificationSequence
        assert source.IssuerOfPatientID == "MyMouseLab"


def test_a_group_without_an_identifier_is_not_named(tmp_path: Path) -> None:
    for result in results(group(tmp_path, PatientID="")):
        assert "SourcePatientGroupIdentificationSequence" not in result
        assert result.PatientID == "Group78_Mouse01"


def test_an_unknown_weight_is_not_that_of_the_group(tmp_path: Path) -> None:
    for result in results(group(tmp_path), SourceGroupSubject("Mouse01")):
        assert "PatientWeight" not in result


def test_a_trial_s_subject_is_the_animal(tmp_path: Path) -> None:
    series = group(
        tmp_path,
        ClinicalTrialSponsorName="Core",
        ClinicalTrialProtocolID="LLC-1",
        ClinicalTrialSubjectID="Group78",
        ClinicalTrialSubjectReadingID="A",
    )

    for result in results(series):
        assert result.ClinicalTrialSubjectID == "Group78_Mouse01"
        assert "ClinicalTrialSubjectReadingID" not in result


def test_all_objects_of_an_animal_are_in_one_study_of_its_own(tmp_path: Path) -> None:
    series = group(tmp_path)

    studies = {str(result.StudyInstanceUID) for result in results(series)}
    others = {
        str(result.StudyInstanceUID)
        for result in results(series, SourceGroupSubject("Group78_Mouse02", 21.5))
    }

    assert len(studies) == len(others) == 1
    assert len({STUDY_UID, *studies, *others}) == 3


def test_references_say_in_which_study_the_images_are(tmp_path: Path) -> None:
    series = group(tmp_path)
    score_map, report = results(series)

    assert "ReferencedSeriesSequence" not in score_map
    (elsewhere,) = score_map.StudiesContainingOtherReferencedInstancesSequence
    (listed,) = elsewhere.ReferencedSeriesSequence
    assert elsewhere.StudyInstanceUID == STUDY_UID
    assert listed.SeriesInstanceUID == series.series_instance_uid
    assert len(listed.ReferencedInstanceSequence) == len(series.instances)
    (evidence,) = report.CurrentRequestedProcedureEvidenceSequence
    assert evidence.StudyInstanceUID == STUDY_UID


def test_a_revision_finds_its_predecessor_in_the_animal_s_study(tmp_path: Path) -> None:
    _, report = results(group(tmp_path), predecessor=BEFORE)

    (before,) = report.PredecessorDocumentsSequence

    assert before.StudyInstanceUID == report.StudyInstanceUID


def test_animals_of_a_group_have_tumours_of_their_own(tmp_path: Path) -> None:
    series = group(tmp_path)

    uids = {
        str(item.UID)
        for name in ("Group78_Mouse01", "Group78_Mouse02")
        for item in results(series, SourceGroupSubject(name))[1]
        .ContentSequence[-2]["ContentSequence"]
        .value[0]
        .ContentSequence
        if item.ValueType == "UIDREF"
    }

    assert len(uids) == 2


def test_the_source_stays_as_it_was(tmp_path: Path) -> None:
    series = group(tmp_path)

    results(series)

    assert series.headers[0].PatientID == "Group78"
    assert len(series.headers[0].GroupOfPatientsIdentificationSequence) == 2


def test_a_name_beyond_ascii_is_written_in_a_character_set_that_has_it(
    tmp_path: Path,
) -> None:
    series = group(tmp_path, SpecificCharacterSet=None)

    for result in results(series, SourceGroupSubject("Mäuschen")):
        assert result.PatientID == "Mäuschen"
        assert result.SpecificCharacterSet == "ISO_IR 192"


@pytest.mark.parametrize("name", ["", "  ", "a\\b", "a\x1b[2J", "m" * 65])
def test_a_name_that_no_patient_id_can_hold_is_refused(name: str) -> None:
    with pytest.raises(SubjectNameError):
        SourceGroupSubject(name)


def test_dciodvfy_accepts_results_of_an_animal(tmp_path: Path) -> None:
    # A strain alone would ask for species, breed and more, which a scanner leaves out.
    series = group(tmp_path / "pet", StrainDescription=None)

    for name, result in zip(
        ("ParametricMap", "Comprehensive3DSR"),
        results(series, predecessor=BEFORE),
        strict=True,
    ):
        path = tmp_path / f"{name}.dcm"
        path.write_bytes(encode_dataset(result))
        assert complaints(path, name) == []
