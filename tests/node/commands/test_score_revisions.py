"""Promises of `score` and `features` on folders with several saves of contours."""

import json
from pathlib import Path
from typing import Any

import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import Comprehensive3DSRStorage

from tests.support.pet import write_all
from tests.support.service import command
from tests.support.studies import TUMOUR_VOXELS, contours_on, small_study

PET, _ = small_study()
ROOT = "1.2.826.0.1.3680043.10.97"


def save(number: int, **overrides: object) -> Dataset:
    """Return a structure set in a series of its own, saved a minute after the last."""
    said = {
        "SOPInstanceUID": f"{ROOT}.{number}.1",
        "SeriesInstanceUID": f"{ROOT}.{number}",
        "StructureSetTime": f"14{number:02}00",
        **overrides,
    }
    return contours_on(PET, **said)


def score(folder: Path, *contours: Dataset) -> tuple[int, Any]:
    write_all([*PET, *contours], folder / "study")
    out, config = folder / "out", folder / "node.toml"
    config.write_text('[results]\nobjects = ["sr"]\nexternal_check = false\n')
    words = ("--out", str(out), "--config", str(config), "--json")
    code, said, _ = command("score", str(folder / "study"), *words)
    return code, json.loads(said)


def scored_contours(folder: Path, found: Any) -> list[str]:
    """Return which structure set each report names as its source."""
    reports = [
        pydicom.dcmread(folder / "out" / each["path"]).to_json()
        for each in found["objects"]
        if each["sop_class"] == Comprehensive3DSRStorage
    ]
    uids = [f"{ROOT}.{number}.1" for number in range(1, 5)]
    evidence = [json.loads(report)["0040A375"] for report in reports]
    return sorted(uid for uid in uids for each in evidence if uid in json.dumps(each))


@pytest.mark.parametrize(
    ("earlier", "said"),
    [
        (save(3), "same label and regions"),
        (save(3, SeriesInstanceUID=f"{ROOT}.2"), "of the same series"),
    ],
    ids=["series of its own", "same series"],
)
def test_the_later_save_is_scored_and_the_earlier_one_is_named(
    tmp_path: Path, earlier: Dataset, said: str
) -> None:
    later = save(2, StructureSetTime="150000")

    code, found = score(tmp_path, earlier, later)

    assert code == 0
    assert found["held"] == []
    [result] = found["results"]
    assert result["voxels"] == TUMOUR_VOXELS
    assert scored_contours(tmp_path, found) == [f"{ROOT}.2.1"]
    [warning] = [each for each in result["warnings"] if f"{ROOT}.3.1" in each]
    assert said in warning


def test_saves_that_cannot_be_told_apart_are_both_scored_and_say_so(
    tmp_path: Path,
) -> None:
    same = {"SeriesInstanceUID": f"{ROOT}.9", "StructureSetTime": ""}

    code, found = score(tmp_path, save(1, **same), save(2, **same))

    assert code == 0
    assert scored_contours(tmp_path, found) == [f"{ROOT}.1.1", f"{ROOT}.2.1"]
    for result in found["results"]:
        assert any("nothing says which" in each for each in result["warnings"])


def test_two_labels_are_two_results_without_a_word(tmp_path: Path) -> None:
    _, found = score(tmp_path, save(1), save(2, StructureSetLabel="Organs"))

    assert scored_contours(tmp_path, found) == [f"{ROOT}.1.1", f"{ROOT}.2.1"]
    assert ROOT not in json.dumps([each["warnings"] for each in found["results"]])


def test_no_two_results_share_a_uid_whatever_lies_beside_the_contours(
    tmp_path: Path,
) -> None:
    (tmp_path / "alone").mkdir()
    (tmp_path / "beside").mkdir()
    _, alone = score(tmp_path / "alone", save(2))
    _, beside = score(tmp_path / "beside", save(1), save(2))

    uids = [
        {each["sop_instance_uid"] for each in f["objects"]} for f in (alone, beside)
    ]
    assert not uids[0] & uids[1]


def test_features_are_of_the_later_save(tmp_path: Path) -> None:
    write_all([*PET, save(1), save(2)], tmp_path)

    code, said, _ = command("features", str(tmp_path), "--json")

    assert code == 0
    found = json.loads(said)
    assert isinstance(found, dict)
    assert any(f"{ROOT}.1.1" in each for each in found["warnings"])
