"""Promises of the image series that `score` writes beside the report."""

import io
import json
from collections import defaultdict
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset

from tests.support.pet import pet_datasets, square_mm, structure_set_dataset, write_all
from tests.support.service import command
from tests.support.studies import (
    TUMOUR_COLUMNS,
    TUMOUR_ROWS,
    TUMOUR_SLICES,
    small_study,
)

SLICES = 12
CONFIG = """
[results]
objects = ["sr", "segmentation", "suv_series", "score_series"]
external_check = false
"""
APART = slice(12, 18)
ACROSS = slice(8, 15)


def study(folder: Path) -> None:
    """Write a study with three regions, the second of which overlaps both others."""
    pet, _ = small_study()
    regions = {
        name: [
            square_mm(pet, k, rows=TUMOUR_ROWS, columns=columns) for k in TUMOUR_SLICES
        ]
        for name, columns in (
            ("Tumor", TUMOUR_COLUMNS),
            ("Tumor rim", ACROSS),
            ("Tumor right", APART),
        )
    }
    write_all([*pet, structure_set_dataset(pet, regions)], folder)


def written(folder: Path, out: Path) -> dict[str, bytes]:
    """Return the files of a result by name."""
    config = folder.parent / "settings.toml"
    config.write_text(CONFIG)
    code, printed, error = command(
        *("score", str(folder), "--out", str(out), "--json"),
        *("--at", "2026-03-02T12:00:00+00:00", "--config", str(config)),
    )
    assert code == 0, error
    paths = [out / each["path"] for each in json.loads(printed)["objects"]]
    return {path.name: path.read_bytes() for path in paths}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("images")
    study(folder / "study")
    return folder


@pytest.fixture(scope="module")
def files(folder: Path) -> dict[str, bytes]:
    return written(folder / "study", folder / "out")


@pytest.fixture(scope="module")
def images(files: dict[str, bytes]) -> dict[str, Dataset]:
    return {
        name: pydicom.dcmread(io.BytesIO(content)) for name, content in files.items()
    }


def test_files_are_named_by_what_they_are_and_sort_by_slice(
    files: dict[str, bytes],
) -> None:
    numbered = [f"{k:03}.dcm" for k in range(1, SLICES + 1)]

    assert sorted(files) == sorted(
        [
            "report.dcm",
            "segmentation.dcm",
            *(f"suv-{number}" for number in numbered),
            *(f"index-1-{number}" for number in numbered),
            *(f"index-2-{number}" for number in numbered),
        ]
    )


def test_each_series_has_its_number_and_no_instance_comes_twice(
    images: dict[str, Dataset],
) -> None:
    numbers = defaultdict(set)
    for image in images.values():
        numbers[str(image.SeriesInstanceUID)].add(int(image.SeriesNumber))

    found = sorted(number for [number] in numbers.values())
    assert found == [9001, 9003, 9004, 9011, 9012]
    assert len({image.SOPInstanceUID for image in images.values()}) == len(images)


def test_the_index_of_overlapping_regions_is_in_two_series(
    images: dict[str, Dataset],
) -> None:
    k = TUMOUR_SLICES[2]
    shown = []
    for series in (1, 2):
        found = [images[f"index-{series}-{n:03}.dcm"] for n in range(1, SLICES + 1)]
        [image] = [each for each in found if lies_on(each, k)]
        columns = (image.pixel_array != image.PixelPaddingValue).any(axis=0)
        shown.append(set(np.flatnonzero(columns).tolist()))
        assert "locates no cells" in image.SeriesDescription

    assert shown[0] == {*range(18)[TUMOUR_COLUMNS], *range(18)[APART]}
    assert shown[1] == set(range(18)[ACROSS])


def lies_on(image: Dataset, k: int) -> bool:
    there = pet_datasets()[k].ImagePositionPatient
    return bool(np.allclose(image.ImagePositionPatient, there))


def test_segments_are_the_regions_in_the_order_of_the_report(
    images: dict[str, Dataset],
) -> None:
    segments = images["segmentation.dcm"].SegmentSequence

    assert [each.SegmentLabel for each in segments] == [
        "Tumor",
        "Tumor rim",
        "Tumor right",
    ]
    tracked = tracking_uids(images["report.dcm"])
    assert [each.TrackingUID for each in segments] == tracked


def tracking_uids(item: Dataset) -> list[str]:
    """Return every Tracking Unique Identifier (112040, DCM) of a report, in order."""
    found = []
    for child in item.get("ContentSequence", []):
        names = child.get("ConceptNameCodeSequence")
        if names and names[0].CodeValue == "112040":
            found.append(str(child.UID))
        found += tracking_uids(child)
    return found


def test_the_same_study_gives_the_same_bytes(
    folder: Path, files: dict[str, bytes]
) -> None:
    assert written(folder / "study", folder / "again") == files
