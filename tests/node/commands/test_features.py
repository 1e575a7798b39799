"""Promises of ``exhaustion-node features``, through its own door."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from node.cli import main
from tests.support.shared import SHARED_DATA, needs_shared_data
from tests.support.studies import TUMOUR_VOXELS, write_study

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


@pytest.mark.parametrize("modality", ["PET", "ANY"])
def test_the_model_s_features_are_those_of_the_score(
    tmp_path: Path, modality: str
) -> None:
    write_study(tmp_path / "in")
    words = ["score", str(tmp_path / "in"), "--out", str(tmp_path / "out"), "--json"]
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
