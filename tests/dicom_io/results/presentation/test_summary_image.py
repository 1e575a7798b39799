"""Promises of `dicom_io.results.presentation.summary_image`, as pydicom reads it."""

import io
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from dicom_io.part10 import encode_dataset
from dicom_io.pet.series import PetSeries
from dicom_io.results.group_subject import SourceGroupSubject
from dicom_io.results.presentation.summary_image import build_summary_image
from dicom_io.source_reference import SourceReference
from tests.support.pet import PET_SERIES_UID, STUDY_UID, pet_datasets
from tests.support.result import EQUIPMENT, identity, series_of
from tests.support.tools import require_tool
from tests.support.verification import complaints

REPORT = SourceReference(
    "1.2.840.10008.5.1.4.1.1.88.34", "2.25.11", STUDY_UID, "2.25.1"
)
CONTOURS = SourceReference(
    "1.2.840.10008.5.1.4.1.1.481.3", "2.25.21", "2.25.3", "2.25.2"
)


@pytest.fixture(scope="module")
def series(tmp_path_factory: pytest.TempPathFactory) -> PetSeries:
    return series_of(pet_datasets(slices=3), tmp_path_factory.mktemp("pet"))


def colours(rows: int = 41, columns: int = 35) -> NDArray[np.uint8]:
    """Return a page of which no two colours are alike, of an odd number of bytes."""
    values = np.arange(rows * columns * 3) * 7919 % 251
    return values.reshape(rows, columns, 3).astype(np.uint8)


def sources(series: PetSeries) -> list[SourceReference]:
    """Return the slices of the series, a report and contours of another study."""
    images = [
        SourceReference(
            image.sop_class_uid,
            image.sop_instance_uid,
            series.study_instance_uid,
            series.series_instance_uid,
        )
        for image in series.instances
    ]
    return [*images, REPORT, CONTOURS]


def written(
    series: PetSeries,
    subject: SourceGroupSubject | None = None,
    pixels: NDArray[np.uint8] | None = None,
) -> bytes:
    """Build a page and return its file."""
    page = colours() if pixels is None else pixels
    return encode_dataset(
        build_summary_image(
            series, page, identity(), EQUIPMENT, subject, sources(series)
        )
    )


def read(content: bytes) -> Dataset:
    return pydicom.dcmread(io.BytesIO(content))


def test_the_pixels_are_those_of_the_page(series: PetSeries) -> None:
    dataset = read(written(series))

    np.testing.assert_array_equal(dataset.pixel_array, colours())
    assert len(dataset.PixelData) % 2 == 0


def test_a_viewer_of_another_maker_shows_the_same_colours(
    series: PetSeries, tmp_path: Path
) -> None:
    path, shown = tmp_path / "page.dcm", tmp_path / "page.ppm"
    path.write_bytes(written(series))

    subprocess.run([require_tool("dcm2pnm"), path, shown], check=True)

    header = b"P6\n35 41\n255\n"
    content = shown.read_bytes()
    assert content.startswith(header)
    assert content[len(header) :] == colours().tobytes()


def test_dciodvfy_finds_nothing_but_our_private_codes(
    series: PetSeries, tmp_path: Path
) -> None:
    path = tmp_path / "page.dcm"
    path.write_bytes(written(series))

    assert complaints(path, "SCImage") == []


def test_patient_and_study_are_those_of_the_pet(tmp_path: Path) -> None:
    stated: dict[str, Any] = {
        "PatientName": "Maus^Müller",
        "SpecificCharacterSet": "ISO_IR 100",
        "PatientSpeciesDescription": "Mus musculus",
        "PatientWeight": "0.0379",
        "AnatomicalOrientationType": "QUADRUPED",
        "StudyDescription": "LLC, Tag 7",
    }
    series = series_of(pet_datasets(slices=2, **stated), tmp_path)
    source = series.headers[0]
    dataset = read(written(series))

    for keyword in (*stated, "PatientID", "StudyInstanceUID", "StudyDate"):
        assert dataset[keyword].value == source[keyword].value, keyword
    assert dataset.SeriesInstanceUID == identity().series_instance_uid


def test_the_page_says_that_it_names_the_animal_and_is_no_measurable_image(
    series: PetSeries,
) -> None:
    dataset = read(written(series))

    assert dataset.BurnedInAnnotation == "YES"
    assert dataset.ConversionType == "WSD"
    assert dataset.ImageType == ["DERIVED", "SECONDARY"]
    assert dataset.Modality == "OT"
    assert "Research use only" in dataset.DerivationDescription
    for keyword in ("PixelSpacing", "NominalScannedPixelSpacing", "ImagerPixelSpacing"):
        assert keyword not in dataset


def test_the_page_refers_to_what_it_shows(series: PetSeries) -> None:
    dataset = read(written(series))

    shown = [item.ReferencedSOPInstanceUID for item in dataset.SourceImageSequence]
    told = {
        item.ReferencedSOPInstanceUID: item.PurposeOfReferenceCodeSequence[0].CodeValue
        for item in dataset.ReferencedInstanceSequence
    }
    listed = {
        item.SeriesInstanceUID: len(item.ReferencedInstanceSequence)
        for item in dataset.ReferencedSeriesSequence
    }
    [other] = dataset.StudiesContainingOtherReferencedInstancesSequence

    assert shown == [image.sop_instance_uid for image in series.instances]
    assert told == {REPORT.sop_instance_uid: "128225", "2.25.21": "CONTOURS"}
    assert listed == {PET_SERIES_UID: 3, REPORT.series_instance_uid: 1}
    assert other.StudyInstanceUID == CONTOURS.study_instance_uid


def test_the_page_of_one_animal_of_a_bed_is_in_its_study(series: PetSeries) -> None:
    subject = SourceGroupSubject("m07", 21.5)
    dataset = read(written(series, subject))

    assert dataset.PatientID == "m07"
    assert dataset.StudyInstanceUID == subject.study_of(STUDY_UID, "2.25.")
    others = dataset.StudiesContainingOtherReferencedInstancesSequence
    # The report was given as one of the PET's study, which the page is not in.
    assert {item.StudyInstanceUID for item in others} == {STUDY_UID, "2.25.3"}
    assert "ReferencedSeriesSequence" not in dataset


def test_a_page_of_a_lossy_source_stays_lossy(tmp_path: Path) -> None:
    loss: dict[str, Any] = {
        "LossyImageCompression": "01",
        "LossyImageCompressionRatio": "8",
    }
    series = series_of(pet_datasets(slices=2, **loss), tmp_path)

    dataset = read(written(series))

    assert dataset.LossyImageCompression == "01"
    assert dataset.LossyImageCompressionRatio == 8


def test_the_same_page_is_the_same_bytes(series: PetSeries) -> None:
    assert written(series) == written(series)


@pytest.mark.parametrize(
    "pixels",
    [
        np.zeros((4, 4), np.uint8),
        np.zeros((4, 4, 4), np.uint8),
        np.zeros((4, 4, 3), np.float32),
        np.zeros((0, 4, 3), np.uint8),
    ],
)
def test_what_is_no_colour_image_is_refused(
    series: PetSeries, pixels: NDArray[np.uint8]
) -> None:
    with pytest.raises(ValueError, match="rows"):
        written(series, pixels=pixels)
