"""Promises of what is said of repeated rows, without a report."""

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from node.learning.repeatability.results import Thresholds
from node.learning.repeatability.run import as_summary, run_repeatability
from node.learning.repeatability.table_in import TableOptions, read_retest_tables
from node.learning.report.json_values import json_ready
from node.learning.tables.mistake import TableError
from tests.support.documents import ROOT

EXAMPLE = ROOT / "docs" / "examples" / "retest.csv"


def said_of(
    path: Path,
    options: TableOptions | None = None,
    thresholds: Thresholds | None = None,
    repeats: tuple[int, ...] = (),
) -> Any:
    """Return what a summary says of a table."""
    rows = read_retest_tables([path], options or TableOptions())
    return json_ready(
        as_summary(run_repeatability(rows, thresholds or Thresholds(), repeats))
    )


def table(path: Path, **columns: list[Any]) -> Path:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
    return path


def pairs(path: Path, subjects: int = 6, **columns: list[Any]) -> Path:
    """Write a table of test and retest with two features, and further columns."""
    generator = np.random.default_rng(5)
    means = np.repeat(generator.normal(100, 20, subjects), 2)
    return table(
        path,
        animal=[f"m{n}" for n in range(subjects) for _ in (1, 2)],
        repeat=[1, 2] * subjects,
        **{
            "glcm_Contrast": list(means + generator.normal(0, 1, 2 * subjects)),
            "shape_Volume": list(means + generator.normal(0, 40, 2 * subjects)),
            **columns,
        },
    )


def test_thresholds_are_those_that_are_given() -> None:
    document = said_of(EXAMPLE, thresholds=Thresholds(0.95, 0.97))

    assert document["kept"] == ["direct_GlobalMean"]


def test_constant_and_copied_features_say_so(tmp_path: Path) -> None:
    copied = [value for value in range(6) for _ in (1, 2)]
    path = pairs(
        tmp_path / "t.csv", shape_NumberOfObjects=[1] * 12, shape_NumberOfVoxel=copied
    )

    document = said_of(path)

    rows = {each["feature"]: each for each in document["features"]}
    assert rows["shape_NumberOfObjects"]["kept"] == "no"
    assert "all measurements are equal" in rows["shape_NumberOfObjects"]["why"]
    assert rows["shape_NumberOfVoxel"]["ccc"] == 1
    assert rows["shape_NumberOfVoxel"]["low"] is None
    assert rows["shape_NumberOfVoxel"]["repeatability_coefficient"] is None
    assert any("copied" in text for text in document["warnings"])


def test_a_feature_that_is_undefined_for_an_animal_has_fewer_pairs(
    tmp_path: Path,
) -> None:
    holed: list[Any] = [float(n) for n in range(12)]
    holed[3] = ""
    path = pairs(tmp_path / "t.csv", glcm_Energy=holed)

    document = said_of(path)

    energy = next(each for each in document["features"] if "Energy" in each["feature"])
    assert energy["pairs"] == 5
    assert "undefined in 1 of 6" in energy["why"]


def test_three_repeats_have_the_overall_coefficient_and_two_can_be_chosen(
    tmp_path: Path,
) -> None:
    generator = np.random.default_rng(9)
    path = table(
        tmp_path / "t.csv",
        mouse=[f"m{n}" for n in range(6) for _ in range(3)],
        scan=["test", "retest", 3] * 6,
        stat_mean=list(generator.normal(0, 1, 18)),
    )

    all_three = said_of(path)
    two = said_of(path, repeats=(1, 3))

    assert all_three["features"][0]["repeats"] == 3
    assert all_three["features"][0]["bias"] is None
    assert two["modalities"]["PET"]["repeats"] == [1, 3]
    assert two["features"][0]["bias"] is not None


def test_several_regions_of_an_animal_are_paired_by_name_and_named_dependent(
    tmp_path: Path,
) -> None:
    generator = np.random.default_rng(2)
    rois = ["Left", "Right", "right", "LEFT"] * 3
    path = table(
        tmp_path / "t.csv",
        animal=[f"m{n}" for n in range(3) for _ in range(4)],
        repeat=[1, 1, 2, 2] * 3,
        roi=rois,
        glcm_Contrast=[
            (10 if roi.lower() == "left" else 90) + generator.normal() for roi in rois
        ],
    )

    document = said_of(path)

    assert document["modalities"]["PET"]["regions"] == 6
    assert document["features"][0]["ccc"] > 0.9
    assert any("6 regions are of 3 subjects" in text for text in document["warnings"])


def test_one_scan_entered_twice_is_doubted(tmp_path: Path) -> None:
    values = [1.0, 1.0, 2, 3, 4, 5, 6, 7, 8, 9, 11, 10]
    path = table(
        tmp_path / "t.csv",
        animal=[f"m{n}" for n in range(6) for _ in (1, 2)],
        repeat=[1, 2] * 6,
        glcm_Contrast=values,
    )

    document = said_of(path)

    (finding,) = document["findings"]
    assert finding["kind"] == "doubted"
    assert finding["fact"].startswith("m0, PET: all features are equal")


def test_a_table_s_own_headers_are_named(tmp_path: Path) -> None:
    path = table(
        tmp_path / "t.csv",
        Tier=[f"m{n}" for n in range(6) for _ in (1, 2)],
        Lauf=[1, 2] * 6,
        SUV=[1.0, 1.2, 2, 2.1, 3, 3.3, 4, 4.1, 5, 5.5, 6, 5.8],
        Kontrast=list(range(12)),
        weight=[20] * 12,
    )
    columns = {"animal": "Tier", "repeat": "Lauf", "glcm_Contrast": "Kontrast"}

    document = said_of(path, TableOptions(columns, ("SUV",)))

    assert set(document["kept"]) == {"SUV", "glcm_Contrast"}
    assert any("'weight'" in text for text in document["warnings"])


def test_an_animal_is_the_same_however_its_name_is_capitalised(tmp_path: Path) -> None:
    file = pairs(tmp_path / "retest.csv")
    file.write_text(file.read_text().replace("m0,2", "M0,2"))
    said = said_of(file)

    assert said["modalities"]["PET"]["subjects"] == 6
    assert said["findings"] == []


def test_features_without_any_value_are_refused(tmp_path: Path) -> None:
    file = pairs(
        tmp_path / "retest.csv", glcm_Contrast=["NA"] * 12, shape_Volume=[""] * 12
    )

    with pytest.raises(TableError, match=r"retest\.csv: no feature has a value"):
        read_retest_tables([file], TableOptions())
