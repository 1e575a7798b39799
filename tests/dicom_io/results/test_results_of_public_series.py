"""Result objects of series that other people published, as odd as they are."""

import shutil
from pathlib import Path

import pydicom
import pytest

from dicom_io.codes import ENTIRE_BODY
from dicom_io.part10 import encode_dataset
from dicom_io.pet.series import PetSeries, read_pet_series
from dicom_io.results.images.map_content import index_content
from dicom_io.results.images.parametric_map import build_parametric_map
from dicom_io.results.images.score_series import build_score_series
from dicom_io.results.images.segmentation_object import (
    SegmentContent,
    build_segmentation,
)
from dicom_io.results.images.suv_series import build_suv_series
from dicom_io.results.report.measurement_report import build_measurement_report
from dicom_io.results.tracking import Tracking
from dicom_io.stamp import ObjectIdentity
from model.suv import SuvConversion, as_suv
from tests.support.result import EQUIPMENT, assessment_of, content_of, identity
from tests.support.shared import SHARED_DATA, needs_shared_data
from tests.support.verification import complaints

STS = "sts-petct/STS_025/PET/image"


def nth(number: int) -> ObjectIdentity:
    return identity(sop_instance_uid=f"1.2.3.{number}", instance_number=number)


def read_public(folder: str) -> tuple[PetSeries, Path]:
    """Return the PET of a folder, and one of its files."""
    paths = sorted((SHARED_DATA / folder).glob("*.dcm"))
    return read_pet_series(paths), paths[0]


@needs_shared_data
@pytest.mark.parametrize(
    "folder",
    [
        STS,
        "sts-petct/STS_002/PET/image",
        "sts-petct/STS_025-inveon-orientation/image",
        "suv-reference-objects/DRO_0_0/PT",
        "suv-reference-objects/DRO_1_0/PT",
    ],
)
def test_dciodvfy_finds_nothing_that_it_does_not_find_in_the_source(
    folder: str, tmp_path: Path
) -> None:
    series, source = read_public(folder)
    found = assessment_of(series)
    score_map = build_parametric_map(
        series, index_content(found), identity(), EQUIPMENT
    )
    report = build_measurement_report(series, content_of(found), identity(), EQUIPMENT)

    segment = SegmentContent("t", found.mask, Tracking("t", "1.2.3"), ENTIRE_BODY)
    segmentation = build_segmentation(series, [segment], identity(), EQUIPMENT)
    suv = as_suv(series.volume, [1e-4]), SuvConversion("as it is", 1e-4)
    images = (
        next(build_suv_series(series, suv, nth, EQUIPMENT)),
        next(build_score_series(series, [found], nth, EQUIPMENT)),
    )

    shutil.copy(source, tmp_path / "source.dcm")
    of_source = complaints(tmp_path / "source.dcm", "PETImage")
    contents = [
        ("ParametricMap", encode_dataset(score_map)),
        ("Comprehensive3DSR", encode_dataset(report)),
        ("Segmentation", encode_dataset(segmentation)),
        *(("PETImage", image.content) for image in images),
    ]
    for name, content in contents:
        path = tmp_path / "built.dcm"
        path.write_bytes(content)
        assert set(complaints(path, name)) <= set(of_source)


@needs_shared_data
def test_a_study_id_that_is_too_long_is_carried_over_as_it_is() -> None:
    series, source = read_public(STS)
    report = build_measurement_report(
        series, content_of(assessment_of(series)), identity(), EQUIPMENT
    )

    with pytest.warns(UserWarning, match="exceeds the maximum length"):
        expected = pydicom.dcmread(source).StudyID
    assert len(expected) == 18
    assert report.StudyID == expected
