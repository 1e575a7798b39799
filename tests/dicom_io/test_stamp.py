"""Promises of `dicom_io.stamp`."""

import hashlib
import io
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pydicom
import pytest
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset

from dicom_io.part10 import encode_dataset
from dicom_io.pet.series import PetSeries
from dicom_io.results.images.map_content import index_content
from dicom_io.results.images.parametric_map import build_parametric_map
from dicom_io.results.report.measurement_report import build_measurement_report
from dicom_io.stamp import derived_uid, is_own_result, stamp
from tests.support.pet import pet_datasets
from tests.support.result import (
    CREATED_AT,
    EQUIPMENT,
    assessment_of,
    content_of,
    identity,
    series_of,
)

HIGHDICOM_ROOT = "1.2.826.0.1.3680043.10.511"
BUILD_TWO = """
import hashlib, sys
from pathlib import Path
from tests.dicom_io.test_stamp import built
from tests.support.pet import pet_datasets
from tests.support.result import series_of
from dicom_io.part10 import encode_dataset
for dataset in built(series_of(pet_datasets(), Path(sys.argv[1]))):
    print(hashlib.sha256(encode_dataset(dataset)).hexdigest())
"""


@pytest.fixture
def series(tmp_path: Path) -> PetSeries:
    return series_of(pet_datasets(), tmp_path)


def built(series: PetSeries) -> list[Dataset]:
    """Return both result objects of a series."""
    found = assessment_of(series)
    return [
        build_parametric_map(series, index_content(found), identity(), EQUIPMENT),
        build_measurement_report(series, content_of(found), identity(), EQUIPMENT),
    ]


def elements(dataset: Dataset) -> Iterator[DataElement]:
    yield from dataset.file_meta
    yield from dataset.iterall()


def test_two_processes_build_the_same_bytes(series: PetSeries, tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[2]
    environment = {**os.environ, "PYTHONPATH": str(root), "PYTHONHASHSEED": "7"}
    there = subprocess.run(
        [sys.executable, "-c", BUILD_TWO, tmp_path / "there"],
        capture_output=True,
        text=True,
        check=True,
        cwd=root,
        env=environment,
    )

    here = [
        hashlib.sha256(encode_dataset(dataset)).hexdigest() for dataset in built(series)
    ]

    assert there.stdout.split() == here


def test_building_twice_gives_the_same_bytes(series: PetSeries) -> None:
    first, second = (
        [encode_dataset(dataset) for dataset in built(series)] for _ in range(2)
    )

    assert first == second


def test_no_uid_was_made_up(series: PetSeries) -> None:
    for dataset in built(series):
        made_up = [
            element
            for element in elements(dataset)
            if element.VR == "UI" and str(element.value).startswith(HIGHDICOM_ROOT)
        ]

        assert made_up == []


def test_every_instant_is_the_job_s_or_the_source_s(series: PetSeries) -> None:
    source = {"StudyDate": "20260302", "StudyTime": "110000"}
    for dataset in built(series):
        for element in elements(dataset):
            if element.VR not in {"DA", "TM", "DT"} or element.value in {"", None}:
                continue
            ours = {
                "DA": "20260302",
                "TM": "123456.789000",
                "DT": "20260302123456.789000+0100",
            }[element.VR]
            assert str(element.value) == source.get(element.keyword, ours)


def test_dates_are_written_in_the_zone_of_the_source(tmp_path: Path) -> None:
    datasets = pet_datasets(TimezoneOffsetFromUTC="-0330")

    for dataset in built(series_of(datasets, tmp_path)):
        assert dataset.TimezoneOffsetFromUTC == "-0330"
        # 12:34:56 at +01:00 is 08:04:56 at -03:30.
        assert dataset.ContentTime == "080456.789000"
        assert dataset.ContentDate == "20260302"


@pytest.mark.parametrize("offset", ["", "nonsense", "+9900", "+01"])
def test_an_unreadable_offset_leaves_the_job_s_own_zone(offset: str) -> None:
    dataset = pet_datasets()[0]
    dataset.add_new("TimezoneOffsetFromUTC", "SH", offset)
    at = datetime(2026, 1, 1, 0, 30, tzinfo=timezone(timedelta(hours=2)))

    stamp(dataset, identity(created_at=at), EQUIPMENT)

    assert (dataset.ContentDate, dataset.ContentTime) == ("20260101", "003000.000000")


def test_the_file_says_what_the_data_set_says(series: PetSeries) -> None:
    for dataset in built(series):
        read = pydicom.dcmread(io.BytesIO(encode_dataset(dataset)))

        assert read.file_meta.MediaStorageSOPInstanceUID == read.SOPInstanceUID
        assert read.file_meta.MediaStorageSOPClassUID == read.SOPClassUID
        assert read.SOPInstanceUID == identity().sop_instance_uid
        assert read.SeriesInstanceUID == identity().series_instance_uid
        assert (read.SeriesNumber, read.InstanceNumber) == (9001, 1)


def test_the_maker_and_the_job_are_named(series: PetSeries) -> None:
    for dataset in built(series):
        assert dataset.Manufacturer == EQUIPMENT.manufacturer
        assert dataset.SoftwareVersions == EQUIPMENT.software_version
        assert dataset.StationName == EQUIPMENT.station_name
        own = dataset.ContributingEquipmentSequence[-1]
        assert identity().job_key in own.ContributionDescription


def test_an_institution_is_named_only_when_there_is_one(series: PetSeries) -> None:
    equipment = replace(EQUIPMENT, institution_name="Imaging Core")
    found = assessment_of(series)

    named = build_parametric_map(series, index_content(found), identity(), equipment)
    unnamed = build_parametric_map(series, index_content(found), identity(), EQUIPMENT)

    assert named.InstitutionName == "Imaging Core"
    assert "InstitutionName" not in unnamed


def test_stamping_again_changes_nothing(series: PetSeries) -> None:
    for dataset in built(series):
        before = encode_dataset(dataset)

        stamp(dataset, identity(), EQUIPMENT)

        assert encode_dataset(dataset) == before


def test_a_long_series_description_is_cut(series: PetSeries) -> None:
    report = build_measurement_report(
        series,
        content_of(assessment_of(series)),
        identity(series_description="y" * 80),
        EQUIPMENT,
    )

    assert report.SeriesDescription == "y" * 64


def test_own_results_are_recognised_without_their_pixels(series: PetSeries) -> None:
    for dataset in built(series):
        read = pydicom.dcmread(
            io.BytesIO(encode_dataset(dataset)), stop_before_pixels=True
        )

        assert is_own_result(read)


@pytest.mark.parametrize(
    "lost", ["ManufacturerModelName", "ContributingEquipmentSequence"]
)
def test_own_results_are_recognised_after_an_archive_dropped_something(
    series: PetSeries, lost: str
) -> None:
    for dataset in built(series):
        delattr(dataset, lost)

        assert is_own_result(dataset)


def test_objects_of_others_are_not_taken_for_own_results() -> None:
    dataset = pet_datasets()[0]
    item = Dataset()
    item.Manufacturer = "Siemens Molecular Imaging"
    dataset.ContributingEquipmentSequence = [item]

    assert not is_own_result(dataset)
    assert not is_own_result(Dataset())


@pytest.mark.parametrize("root", ["2.25.", "1.2.826.0.1.3680043.10.1555.12345678."])
def test_a_derived_uid_is_valid_and_depends_on_its_names_alone(root: str) -> None:
    uid = derived_uid(root, "tracking", "m07", "Tumour")

    assert uid == derived_uid(root, "tracking", "m07", "Tumour")
    assert uid != derived_uid(root, "tracking", "m07T", "umour")
    assert uid.startswith(root)
    assert len(uid) <= 64
    assert re.fullmatch(r"(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*))*", uid)


def test_the_instant_of_the_tests_has_a_zone() -> None:
    assert CREATED_AT.utcoffset() == timedelta(hours=1)
