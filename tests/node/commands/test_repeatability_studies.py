"""Promises of ``exhaustion-node repeatability`` on folders of DICOM studies."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset

from tests.support.pet import (
    pet_datasets,
    square_mm,
    structure_set_dataset,
    write_all,
)
from tests.support.planes import image_datasets
from tests.support.service import command
from tests.support.studies import (
    TUMOUR_COLUMNS,
    TUMOUR_ROWS,
    as_study,
    small_study,
)

ANIMALS = 6
SLICES = range(1, 4)


def study(
    number: int, animal: int, *, roi: str = "Tumor", patient_id: str | None = None
) -> list[Dataset]:
    """Return a small PET of an animal with one region; each number is another scan."""
    own = np.random.default_rng(animal).random((5, 16, 18))
    noise = np.random.default_rng(1000 + number).random((5, 16, 18))
    values = (2e5 + 1e4 * animal) * (1 + 0.5 * own + 0.02 * noise)
    name = patient_id or f"m{animal}"
    pet = pet_datasets(values=values, PatientID=name)
    squares = [
        square_mm(pet, each, rows=TUMOUR_ROWS, columns=TUMOUR_COLUMNS)
        for each in SLICES
    ]
    return as_study(
        number, [*pet, structure_set_dataset(pet, {roi: squares}, PatientID=name)]
    )


def repeatability(out: Path, *words: object) -> tuple[int, Any, str]:
    """Run the command; return exit code, document and what was said beside it."""
    given = [*map(str, words), "--out", str(out), "--json"]
    code, printed, said = command("repeatability", *given)
    return code, json.loads(printed), " ".join(said.split())


def both(folder: Path) -> Sequence[object]:
    return ("--test", folder / "test", "--retest", folder / "retest")


@pytest.fixture(scope="module")
def scans(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six animals, scanned twice; a seventh once; regions named after the scan."""
    folder = tmp_path_factory.mktemp("scans")
    for animal in range(ANIMALS):
        write_all(study(animal, animal, roi="GTV test"), folder / "test")
        write_all(study(100 + animal, animal, roi="GTV retest"), folder / "retest")
    write_all(study(50, 50), folder / "test")
    return folder


@pytest.fixture(scope="module")
def measured(
    scans: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[int, Any, str]:
    return repeatability(tmp_path_factory.mktemp("out"), *both(scans))


def test_two_folders_of_studies_are_measured_and_paired_by_animal(
    measured: tuple[int, Any, str],
) -> None:
    code, document, _ = measured

    pet = document["modalities"]["PET"]
    assert code == 0
    assert (pet["regions"], pet["subjects"], pet["repeats"]) == (6, 6, [1, 2])
    assert [
        (each["name"], each["rows"], each["used"]) for each in document["sources"]
    ] == [
        ("test", 7, 6),
        ("retest", 6, 6),
    ]
    mean = next(
        row for row in document["features"] if row["feature"] == "direct_GlobalMean"
    )
    assert mean["ccc"] > 0.9
    assert mean["low"] < mean["ccc"] < mean["high"]
    assert next(iter(document["profiles"])).startswith("zhang2023-fine")


def test_an_animal_that_was_scanned_once_is_told(
    measured: tuple[int, Any, str],
) -> None:
    facts = [
        each["fact"] for each in measured[1]["findings"] if each["kind"] == "unmatched"
    ]

    assert facts == ["m50 Tumor, PET: there is no repeat 2"]


def test_regions_named_after_their_scan_are_paired_when_each_has_one(
    measured: tuple[int, Any, str],
) -> None:
    doubted = [
        each["fact"] for each in measured[1]["findings"] if each["kind"] == "doubted"
    ]

    assert len(doubted) == ANIMALS
    assert "taken for one region, being the only one" in doubted[0]
    assert "'GTV test', 'GTV retest'" in doubted[0]


def test_shapes_of_the_same_contours_are_named_as_showing_nothing(
    measured: tuple[int, Any, str],
) -> None:
    rows = {row["feature"]: row for row in measured[1]["features"]}

    assert rows["shape_Volume"]["ccc"] is None
    assert "all measurements are equal" in rows["shape_Volume"]["why"]


def test_scans_are_paired_by_folder_where_patient_ids_are_names_of_files(
    tmp_path: Path,
) -> None:
    for repeat, name in enumerate(("test", "retest")):
        for animal in range(5):
            scan = study(10 * animal + repeat, animal, patient_id=f"{name}{animal}.img")
            write_all(scan, tmp_path / name / f"m{animal}")

    by_animal = repeatability(tmp_path / "a", *both(tmp_path))
    by_folder = repeatability(tmp_path / "b", *both(tmp_path), "--pair-by", "folder")

    assert by_animal[0] == 3
    assert by_animal[1]["modalities"]["PET"]["regions"] == 0
    assert by_folder[0] == 0
    assert by_folder[1]["modalities"]["PET"]["regions"] == 5


def test_the_same_image_in_both_folders_is_left_out(
    scans: Path, tmp_path: Path
) -> None:
    words = ("--test", scans / "test", "--retest", scans / "test")

    code, document, _ = repeatability(tmp_path, *words)

    assert code == 3
    assert {each["kind"] for each in document["findings"]} == {"excluded"}
    assert "two repeats are of the same image" in document["findings"][0]["fact"]


def test_a_study_that_cannot_be_measured_is_held_and_the_rest_goes_on(
    tmp_path: Path,
) -> None:
    for animal in range(5):
        write_all(study(animal, animal), tmp_path / "test")
        write_all(study(100 + animal, animal), tmp_path / "retest")
    weightless = study(200, 5)
    for dataset in weightless:
        dataset.PatientWeight = None
    write_all(weightless, tmp_path / "retest")

    code, document, said = repeatability(tmp_path / "out", *both(tmp_path))

    assert code == 3
    assert document["modalities"]["PET"]["regions"] == 5
    assert [each["reason"] for each in document["held"]] == ["missing_weight"]
    assert "missing_weight" in said
    assert "missing_weight" in (tmp_path / "out" / "report.html").read_text()


def test_folders_without_studies_give_a_report_that_says_so(tmp_path: Path) -> None:
    for name in ("test", "retest"):
        (tmp_path / name).mkdir()

    code, document, _ = repeatability(tmp_path / "out", *both(tmp_path))

    assert code == 3
    assert document["modalities"] == {}
    assert {each["reason"] for each in document["held"]} == {"no_dicom"}


def test_pairing_by_folder_needs_folders(tmp_path: Path) -> None:
    for name in ("test", "retest"):
        (tmp_path / name).mkdir()
    words = [*map(str, both(tmp_path)), "--out", str(tmp_path / "out")]

    code, _, said = command("repeatability", *words, "--pair-by", "folder")

    assert code == 2
    assert "a folder of its own" in " ".join(said.split())


def test_a_ct_is_measured_by_its_own_features_and_threshold(tmp_path: Path) -> None:
    pet, contours = small_study()
    hounsfield = np.random.default_rng(8).integers(-900, 900, (12, 16, 18))
    ct = image_datasets("CT", hounsfield)
    for repeat, name in enumerate(("test", "retest")):
        write_all(as_study(repeat, [*ct, *pet, contours]), tmp_path / name)
    words = (*both(tmp_path), "--modality", "CT", "--modality", "PET")

    code, document, _ = repeatability(tmp_path / "out", *words)

    assert code == 3
    assert document["modalities"]["CT"]["threshold"] == 0.75
    assert document["modalities"]["CT"]["features"] == 57
    assert document["modalities"]["PET"]["threshold"] == 0.65
    assert "n = 1" in document["modalities"]["CT"]["refused"]
