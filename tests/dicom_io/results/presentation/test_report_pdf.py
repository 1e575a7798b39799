"""Promises of `dicom_io.results.presentation.report_pdf`, as pydicom reads it."""

import io
import subprocess
from pathlib import Path

import pydicom
import pytest
from pydicom.dataset import Dataset

from dicom_io.part10 import encode_dataset
from dicom_io.pet.series import PetSeries
from dicom_io.results.group_subject import SourceGroupSubject
from dicom_io.results.presentation.report_pdf import build_report_pdf
from dicom_io.source_reference import SourceReference
from tests.support.pet import STUDY_UID, pet_datasets
from tests.support.result import EQUIPMENT, identity, series_of
from tests.support.tools import require_tool
from tests.support.verification import complaints

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
SOURCES = [
    SourceReference("1.2.840.10008.5.1.4.1.1.88.34", "2.25.11", STUDY_UID, "2.25.1"),
    SourceReference("1.2.840.10008.5.1.4.1.1.7", "2.25.12", STUDY_UID, "2.25.4"),
]
TITLE = "Texture index (published equation, uncalibrated), m07_pet"


@pytest.fixture(scope="module")
def series(tmp_path_factory: pytest.TempPathFactory) -> PetSeries:
    return series_of(pet_datasets(slices=2), tmp_path_factory.mktemp("pet"))


def written(
    series: PetSeries,
    pdf: bytes = PDF,
    title: str = TITLE,
    subject: SourceGroupSubject | None = None,
) -> bytes:
    """Build a document and return its file."""
    return encode_dataset(
        build_report_pdf(series, pdf, title, identity(), EQUIPMENT, subject, SOURCES)
    )


def read(content: bytes) -> Dataset:
    return pydicom.dcmread(io.BytesIO(content))


@pytest.mark.parametrize("pdf", [PDF, PDF + b"\n"])
def test_what_is_taken_out_is_what_went_in(
    series: PetSeries, tmp_path: Path, pdf: bytes
) -> None:
    path, taken = tmp_path / "report.dcm", tmp_path / "report.pdf"
    path.write_bytes(written(series, pdf))
    dataset = pydicom.dcmread(path)

    subprocess.run([require_tool("dcm2pdf"), path, taken], check=True)

    assert len(dataset.EncapsulatedDocument) % 2 == 0
    assert dataset.EncapsulatedDocument[: dataset.EncapsulatedDocumentLength] == pdf
    assert taken.read_bytes() == pdf


def test_dciodvfy_finds_nothing(series: PetSeries, tmp_path: Path) -> None:
    path = tmp_path / "report.dcm"
    path.write_bytes(written(series))

    assert complaints(path, "EncapsulatedPDF") == []


def test_the_document_says_what_it_is(series: PetSeries) -> None:
    dataset = read(written(series))

    assert dataset.MIMETypeOfEncapsulatedDocument == "application/pdf"
    assert dataset.DocumentTitle == TITLE
    assert dataset.ConceptNameCodeSequence[0].CodeValue == "126000"
    assert dataset.BurnedInAnnotation == "YES"
    assert dataset.Modality == "DOC"
    assert "HL7InstanceIdentifier" not in dataset


def test_the_document_refers_to_what_it_tells(series: PetSeries) -> None:
    purposes = {
        item.ReferencedSOPInstanceUID: item.PurposeOfReferenceCodeSequence[0].CodeValue
        for item in read(written(series)).SourceInstanceSequence
    }

    assert purposes == {"2.25.11": "128225", "2.25.12": "121322"}


def test_a_title_of_another_script_is_written_in_unicode(series: PetSeries) -> None:
    dataset = read(written(series, title="Texture index, 腫瘍 " * 100))

    assert dataset.SpecificCharacterSet == "ISO_IR 192"
    assert dataset.DocumentTitle.startswith("Texture index, 腫瘍")
    assert len(dataset.DocumentTitle) <= 1024


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        (
            {"AcquisitionDate": "20260302", "AcquisitionTime": "101530.5"},
            "20260302101530.5",
        ),
        ({"AcquisitionDate": "20260302", "AcquisitionTime": ""}, ""),
        pytest.param(
            {"AcquisitionDate": "20260302", "AcquisitionTime": "10153"},
            "",
            marks=pytest.mark.filterwarnings("ignore:Invalid value for VR TM"),
        ),
        ({"AcquisitionDate": "", "AcquisitionTime": "101530"}, ""),
    ],
)
def test_the_time_of_the_scan_is_told_where_it_is_known(
    tmp_path: Path, stated: dict[str, str], expected: str
) -> None:
    series = series_of(pet_datasets(slices=1), tmp_path)
    for keyword, value in stated.items():
        setattr(series.headers[0], keyword, value)

    acquired = read(written(series)).AcquisitionDateTime

    assert acquired == expected


def test_the_document_of_one_animal_of_a_bed_is_in_its_study(
    series: PetSeries,
) -> None:
    subject = SourceGroupSubject("m07")
    dataset = read(written(series, subject=subject))

    assert dataset.PatientID == "m07"
    assert dataset.StudyInstanceUID == subject.study_of(STUDY_UID, "2.25.")


def test_the_same_document_is_the_same_bytes(series: PetSeries) -> None:
    assert written(series) == written(series)


def test_what_is_no_pdf_is_refused(series: PetSeries) -> None:
    with pytest.raises(ValueError, match="PDF"):
        written(series, b"<html>")
