"""Promises of ``exhaustion-node features``, through its own door."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from node.cli import main
from tests.support.pet import square_mm, structure_set_dataset, write_all
from tests.support.report_alone import configured
from tests.support.shared import SHARED_DATA, needs_shared_data
from tests.support.studies import TUMOUR_VOXELS, small_study, write_study

STS_025 = SHARED_DATA / "sts-petct" / "STS_025"


def features(*words: object) -> tuple[int, Any]:
    """Run ``features --json``; return exit code and document."""
    run = CliRunner().invoke(main, ["features", *map(str, words), "--json"])
    assert run.exception is None or isinstance(run.exception, SystemExit), run.output
    return run.exit_code, json.loads(run.stdout)


def test_one_region_gives_one_document_with_the_features_by_name(
    tmp_path: Path,
) -> None:
    write_study(tmp_path / "in")

    code, document = features(tmp_path / "in")

    assert code == 0
    assert document["roi"] == "Tumor"
    assert document["modality"] == "PET"
    assert document["voxels"] == TUMOUR_VOXELS
    assert {"glcm_InverseVariance", "glcm_Homogeneity2", "direct_Kurtosis"} <= set(
        document["features"]
    )


def test_a_pet_has_61_features_and_says_by_which_profile(tmp_path: Path) -> None:
    write_study(tmp_path / "in")

    _, document = features(tmp_path / "in")

    assert len(document["features"]) == 61
    assert document["profile"]["name"].startswith("zhang2023-fine-")
    assert len(document["profile"]["sha256"]) == 64
    missing = {name for name, value in document["features"].items() if value is None}
    assert document["undefined"].keys() == missing == {"shape_Mass"}


def test_a_single_voxel_has_what_is_defined_and_reasons_for_the_rest(
    tmp_path: Path,
) -> None:
    pet, _ = small_study()
    one = square_mm(pet, 5, rows=slice(6, 7), columns=slice(7, 8))
    contours = structure_set_dataset(pet, {"Tumor": [one]})
    write_all([*pet, contours], tmp_path / "in")

    code, document = features(tmp_path / "in")

    assert (code, document["voxels"]) == (0, 1)
    assert document["features"]["direct_GlobalMax"] > 0
    assert document["features"]["glcm_Contrast"] is None
    assert "single voxel" in document["undefined"]["glcm_Contrast"]
    assert document["warnings"] == []


def test_the_profile_of_the_configuration_holds_where_none_is_named(
    tmp_path: Path,
) -> None:
    write_study(tmp_path / "in")
    config = tmp_path / "node.toml"
    config.write_text('[features]\nprofile = "ibsi-c"\n')

    _, configured = features(tmp_path / "in", "--config", config)
    _, named = features(
        tmp_path / "in", "--config", config, "--profile", "zhang2023-64"
    )

    assert configured["profile"]["name"] == "ibsi-c"
    assert "stat_mean" in configured["features"]
    assert named["profile"]["name"].startswith("zhang2023-64")
    assert "glcm_Contrast" in named["features"]


def test_an_unknown_profile_is_wrong_usage(tmp_path: Path) -> None:
    write_study(tmp_path / "in")

    run = CliRunner().invoke(
        main, ["features", str(tmp_path / "in"), "--profile", "nobody's"]
    )

    assert run.exit_code == 2
    assert "ibsi" in run.output


def test_people_read_families_with_units_and_reasons(tmp_path: Path) -> None:
    write_study(tmp_path / "in")

    run = CliRunner().invoke(main, ["features", str(tmp_path / "in")])

    lines = [" ".join(line.split()) for line in run.output.splitlines()]
    assert run.exit_code == 0
    assert lines[0].startswith("Tumor PET in g/ml, 210 voxels, profile zhang2023-fine")
    assert {"Shape", "Grey level co-occurrence", "Intensity histogram"} <= set(lines)
    assert any(line.startswith("shape_Mass undefined ") for line in lines)
    assert any(
        line.startswith("shape_Volume ") and line.endswith(" cm3") for line in lines
    )


@pytest.mark.parametrize("modality", ["PET", "ANY"])
def test_the_model_s_features_are_those_of_the_score(
    tmp_path: Path, modality: str
) -> None:
    write_study(tmp_path / "in")
    words = configured("score", tmp_path / "in", "--out", tmp_path / "out", "--json")
    scored = json.loads(CliRunner().invoke(main, words).stdout)["results"][0]

    _, document = features(tmp_path / "in", "--modality", modality)

    for name, value in scored["features"].items():
        assert document["features"][name] == pytest.approx(value, rel=1e-12)


def test_a_table_has_a_row_for_each_region(tmp_path: Path) -> None:
    write_study(tmp_path / "in")

    features(tmp_path / "in", "--table", tmp_path / "table.csv")

    with (tmp_path / "table.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["roi"] == "Tumor"
    assert float(row["glcm_Homogeneity2"]) > 0


def test_a_table_says_when_on_what_and_how_the_image_was_made(
    tmp_path: Path,
) -> None:
    write_study(tmp_path / "in")

    _, document = features(tmp_path / "in", "--table", tmp_path / "table.csv")
    words = configured("score", tmp_path / "in", "--out", tmp_path / "out", "--json")
    (scored,) = json.loads(CliRunner().invoke(main, words).stdout)["results"]

    with (tmp_path / "table.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["profile_sha256"] == document["profile"]["sha256"]
    assert (row["tracer"], row["radionuclide"], row["species"]) == (
        *("FDG", "F-18"),
        "mouse",
    )
    assert row["scanner"] == "Inveon MM Platform"
    assert row["scanned_on"] == "2026-03-02"
    stated = {**scored["circumstances"], **scored["acquisition"]}
    assert {name: row[name] for name in stated} == {
        name: "" if value is None else str(value) for name, value in stated.items()
    }
    for name in ("min", "mean", "max", "sd"):
        assert float(row[f"suv_{name}"]) == pytest.approx(scored["suv"][name])
    assert float(row["volume_ml"]) == pytest.approx(scored["suv"]["volume_ml"])


def test_a_region_that_is_not_there_is_held(tmp_path: Path) -> None:
    write_study(tmp_path / "in")

    code, document = features(tmp_path / "in", "--roi", "Elsewhere")

    assert code == 3
    assert document == []


@needs_shared_data
@pytest.mark.reference
def test_ct_features_are_on_the_ct_grid() -> None:
    """The reference mask has 9655 voxels (IBSI validation set, CC BY 3.0)."""
    code, document = features(STS_025 / "CT", "--modality", "CT")

    assert code == 0
    assert document["modality"] == "CT"
    assert document["voxels"] == 9655
    assert len(document["features"]) == 57
