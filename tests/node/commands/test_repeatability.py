"""Promises of ``exhaustion-node repeatability`` on tables, through its own door."""

import csv
import json
import shlex
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from node.learning.repeatability.table import read_repeatability
from node.learning.tables.mistake import TableError
from tests.support.documents import ROOT, blocks_of
from tests.support.service import command

EXAMPLE = ROOT / "docs" / "examples" / "retest.csv"
PAGE = ROOT / "docs" / "repeatability.md"


def repeatability(out: Path, *words: object) -> tuple[int, Any]:
    """Run the command; return exit code and document."""
    given = [*map(str, words), "--out", str(out), "--json"]
    code, printed, _ = command("repeatability", *given)
    return code, json.loads(printed)


def refused(out: Path, *words: object) -> str:
    """Run the command, which must refuse, and return what it says on one line."""
    code, printed, said = command(
        "repeatability", *map(str, words), "--out", str(out / "report")
    )
    assert code == 2
    assert printed == ""
    return " ".join(said.split())


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


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    out = tmp_path_factory.mktemp("example")
    code, document = repeatability(out, "--features", EXAMPLE)
    assert code == 0
    return out, document


def test_the_page_s_command_runs_on_the_page_s_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocks = list(blocks_of(PAGE.read_text()))
    typed = shlex.split(next(b.text for b in blocks if b.language == "shell"))
    (tmp_path / "retest.csv").write_bytes(EXAMPLE.read_bytes())
    monkeypatch.chdir(tmp_path)

    code, printed, _ = command(*typed[1:])

    assert code == 0
    assert printed.startswith("PET: ")
    for name in ("report.html", "report.pdf", "repeatability.csv", "kept.csv"):
        assert f"`{name}`" in PAGE.read_text()
        assert (tmp_path / "retest" / name).stat().st_size


def test_the_page_shows_rows_of_the_example() -> None:
    shown = next(b.text for b in blocks_of(PAGE.read_text()) if b.language == "text")
    with EXAMPLE.open(newline="") as file:
        rows = list(csv.DictReader(file))

    for number, row in enumerate(csv.DictReader(shown.splitlines())):
        assert row.items() <= rows[number].items()


def test_every_feature_has_its_numbers_and_why(example: tuple[Path, Any]) -> None:
    out, document = example
    with (out / "repeatability.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))

    assert [row["feature"] for row in rows] == [
        each["feature"] for each in document["features"]
    ]
    assert list(rows[0])[:12] == [
        *("feature", "modality", "pairs", "ccc", "low", "high", "icc"),
        *("wcv_percent", "repeatability_coefficient", "bias", "kept", "why"),
    ]
    skewness = next(row for row in rows if row["feature"] == "histogram_Skewness")
    assert (skewness["modality"], skewness["threshold"]) == ("CT", "0.75")
    assert skewness["wcv_percent"] == ""
    assert "not of one sign" in skewness["why"]


def test_it_says_how_many_of_how_many_are_kept(example: tuple[Path, Any]) -> None:
    out, document = example
    pet = document["modalities"]["PET"]

    assert (pet["features"], pet["regions"], pet["repeats"]) == (8, 11, [1, 2])
    kept = [each for each in document["features"] if each["kept"] == "yes"]
    assert 0 < pet["kept"] < pet["features"]
    assert pet["kept"] + document["modalities"]["CT"]["kept"] == len(kept)
    page = (out / "report.html").read_text()
    assert f"PET: {pet['kept']} of 8 features are kept" in page


def test_it_warns_that_human_thresholds_do_not_transfer(
    example: tuple[Path, Any],
) -> None:
    out, document = example

    assert "do not transfer to mice by themselves" in document["warnings"][0]
    assert "do not transfer to mice by themselves" in (out / "report.html").read_text()


def test_an_animal_without_retest_is_left_out_and_told(
    example: tuple[Path, Any],
) -> None:
    out, document = example

    fact = document["findings"][0]
    (source,) = document["sources"]
    assert (source["rows"], source["used"]) == (23, 22)
    assert (fact["kind"], fact["file"], fact["row"]) == ("unmatched", "retest.csv", 24)
    assert "m12 Tumor, PET: there is no repeat 2" in (out / "findings.csv").read_text()


def test_the_files_that_are_named_are_there_and_the_summary_is_what_is_printed(
    example: tuple[Path, Any],
) -> None:
    out, document = example

    assert sorted(document["files"]) == sorted(path.name for path in out.iterdir())
    assert json.loads((out / "summary.json").read_text()) == document
    assert str(EXAMPLE.parent) not in json.dumps(document)


def test_both_tables_are_read_back(example: tuple[Path, Any]) -> None:
    out, document = example

    whole = read_repeatability(out / "repeatability.csv")
    kept = read_repeatability(out / "kept.csv")

    assert list(whole.kept) == list(kept.kept) == document["kept"]
    assert "CT_shape_SurfaceAreaDensity" in kept.kept
    assert len(whole.coefficient) == 10
    contrast = next(
        each for each in document["features"] if each["feature"] == "glcm_Contrast"
    )
    assert kept.coefficient["glcm_Contrast"] == contrast["repeatability_coefficient"]


def test_the_lower_limit_keeps_less(tmp_path: Path, example: tuple[Path, Any]) -> None:
    _, stricter = repeatability(tmp_path, "--features", EXAMPLE, "--on", "lower")

    assert set(stricter["kept"]) < set(example[1]["kept"])
    assert "lower limit" in stricter["features"][0]["why"]


def test_no_feature_at_all_is_a_valid_answer(tmp_path: Path) -> None:
    words = ("--features", EXAMPLE, "--ccc-pet", 1, "--ccc-ct", 1)

    code, document = repeatability(tmp_path, *words)

    assert (code, document["kept"]) == (0, [])
    assert "No feature is kept" in (tmp_path / "report.html").read_text()


def test_few_pairs_are_refused_with_the_number_and_a_report(tmp_path: Path) -> None:
    path = pairs(tmp_path / "few.csv", subjects=4)

    code, document = repeatability(tmp_path / "out", "--features", path)

    assert code == 3
    assert "n = 4" in document["modalities"]["PET"]["refused"]
    assert document["features"][0]["ccc"] is None
    assert (tmp_path / "out" / "report.pdf").exists()


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ({"animal": None}, "the column animal is missing"),
        ({"repeat": None}, "the column repeat is missing"),
        ({"glcm_Contrast": None}, "no column is named as a feature"),
        ({"repeat": [1, 1] + [1, 2] * 5}, "is in row 2 of bad.csv already"),
        ({"repeat": [1, "later"] + [1, 2] * 5}, "bad.csv, row 3, column 'repeat'"),
        ({"repeat": [1, ""] + [1, 2] * 5}, "bad.csv, row 3, column 'repeat'"),
        ({"repeat": [1] * 12, "animal": range(12)}, "there are only: 1"),
        ({"glcm_Contrast": ["high", *range(11)]}, "row 2, column 'glcm_Contrast'"),
        ({"modality": ["MR"] + ["PET"] * 11}, "row 2, column 'modality'"),
        ({"profile": ["a"] + ["b"] * 11}, "several profiles: a, b"),
    ],
)
def test_a_bad_table_is_refused_by_file_row_and_column(
    tmp_path: Path, columns: dict[str, Any], told: str
) -> None:
    whole = {
        "animal": [f"m{n}" for n in range(6) for _ in (1, 2)],
        "repeat": [1, 2] * 6,
        "glcm_Contrast": list(range(12)),
        **columns,
    }
    path = table(
        tmp_path / "bad.csv",
        **{name: list(each) for name, each in whole.items() if each is not None},
    )

    assert told in refused(tmp_path, "--features", path)


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--test", "."),
        ("--features", str(EXAMPLE), "--test", ".", "--retest", "."),
        ("--features", str(EXAMPLE), "--repeats", "one"),
        ("--features", str(EXAMPLE), "--column", "animal"),
        ("--features", str(EXAMPLE), "--column", "animal=Tier"),
        ("--features", str(EXAMPLE), "--column", "weight=roi"),
        ("--features", str(EXAMPLE), "--feature", "nowhere"),
    ],
)
def test_wrong_usage_is_told(tmp_path: Path, words: tuple[str, ...]) -> None:
    assert refused(tmp_path, *words)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("feature,kept\nglcm_Contrast,yes\n", "repeatability_coefficient is missing"),
        (
            "feature,modality,kept,repeatability_coefficient\nglcm_Contrast,PET,maybe,1\n",
            "row 2, column 'kept'",
        ),
        (
            "feature,modality,repeatability_coefficient\na,PET,1\na,PET,2\n",
            "row 3, column 'feature': this feature is in row 2 already",
        ),
        (
            "feature,modality,repeatability_coefficient\na,US,-1\n",
            "column 'modality'",
        ),
    ],
)
def test_a_table_of_another_kind_is_no_list_of_kept_features(
    tmp_path: Path, text: str, told: str
) -> None:
    path = tmp_path / "kept.csv"
    path.write_text(text)

    with pytest.raises(TableError, match=told):
        read_repeatability(path)
