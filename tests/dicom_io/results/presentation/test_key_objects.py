"""Promises of `dicom_io.results.presentation.key_objects`, as pydicom reads it."""

import dataclasses
import io
import subprocess
from pathlib import Path

import pydicom
import pytest
from pydicom.dataset import Dataset

from dicom_io.part10 import encode_dataset
from dicom_io.pet.series import PetSeries
from dicom_io.results.group_subject import SourceGroupSubject
from dicom_io.results.presentation.key_objects import build_key_objects
from dicom_io.source_reference import SourceReference
from tests.support.pet import STUDY_UID, pet_datasets
from tests.support.result import EQUIPMENT, identity, series_of
from tests.support.tools import require_tool
from tests.support.verification import complaints

SELECTED = [
    SourceReference("1.2.840.10008.5.1.4.1.1.7", "2.25.12", STUDY_UID, "2.25.4"),
    SourceReference("1.2.840.10008.5.1.4.1.1.128", "2.25.13", STUDY_UID, "2.25.5"),
    SourceReference("1.2.840.10008.5.1.4.1.1.128", "2.25.14", STUDY_UID, "2.25.5"),
    SourceReference("1.2.840.10008.5.1.4.1.1.88.34", "2.25.11", STUDY_UID, "2.25.1"),
]
WORDS = "Texture index of Tumour, uncalibrated; locates no cells"


@pytest.fixture(scope="module")
def series(tmp_path_factory: pytest.TempPathFactory) -> PetSeries:
    return series_of(pet_datasets(slices=1), tmp_path_factory.mktemp("pet"))


def written(
    series: PetSeries,
    selected: list[SourceReference] = SELECTED,
    subject: SourceGroupSubject | None = None,
    words: str = WORDS,
) -> bytes:
    """Build a selection and return its file."""
    built = build_key_objects(series, (selected, words), identity(), EQUIPMENT, subject)
    return encode_dataset(built)


def read(content: bytes) -> Dataset:
    return pydicom.dcmread(io.BytesIO(content))


def test_the_objects_are_named_in_their_order_and_by_their_kind(
    series: PetSeries,
) -> None:
    dataset = read(written(series))
    said, *items = dataset.ContentSequence

    assert dataset.ConceptNameCodeSequence[0].CodeMeaning == "Of Interest"
    assert said.TextValue == WORDS
    assert [item.ValueType for item in items] == ["IMAGE"] * 3 + ["COMPOSITE"]
    assert [
        item.ReferencedSOPSequence[0].ReferencedSOPInstanceUID for item in items
    ] == [each.sop_instance_uid for each in SELECTED]


def test_all_that_is_named_is_evidence(series: PetSeries) -> None:
    [study] = read(written(series)).CurrentRequestedProcedureEvidenceSequence

    assert study.StudyInstanceUID == STUDY_UID
    assert {
        (each.SeriesInstanceUID, instance.ReferencedSOPInstanceUID)
        for each in study.ReferencedSeriesSequence
        for instance in each.ReferencedSOPSequence
    } == {(each.series_instance_uid, each.sop_instance_uid) for each in SELECTED}


def test_dciodvfy_finds_nothing_and_dsrdump_reads_it(
    series: PetSeries, tmp_path: Path
) -> None:
    path = tmp_path / "selection.dcm"
    path.write_bytes(written(series))

    told = subprocess.run(
        [require_tool("dsrdump"), path], capture_output=True, text=True, check=True
    )

    assert complaints(path, "KeyObjectSelectionDocument") == []
    assert "Of Interest" in told.stdout
    assert WORDS[:16] in told.stdout


def test_the_selection_for_one_animal_of_a_bed_is_in_its_study(
    series: PetSeries,
) -> None:
    subject = SourceGroupSubject("m07")
    study = subject.study_of(STUDY_UID, "2.25.")
    selected = [
        dataclasses.replace(each, study_instance_uid=study) for each in SELECTED
    ]

    dataset = read(written(series, selected, subject))

    assert (dataset.PatientID, dataset.StudyInstanceUID) == ("m07", study)


@pytest.mark.parametrize(
    "selected",
    [[], [dataclasses.replace(SELECTED[0], study_instance_uid="2.25.9")]],
)
def test_nothing_and_what_is_of_another_study_are_refused(
    series: PetSeries, selected: list[SourceReference]
) -> None:
    with pytest.raises(ValueError, match="own study"):
        written(series, selected)


def test_words_of_another_script_are_written_in_unicode(series: PetSeries) -> None:
    dataset = read(written(series, words="腫瘍"))

    assert dataset.ContentSequence[0].TextValue == "腫瘍"


def test_the_same_selection_is_the_same_bytes(series: PetSeries) -> None:
    assert written(series) == written(series)
