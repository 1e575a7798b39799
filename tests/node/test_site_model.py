"""Promises of the node on a model that the site trained itself."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydicom.dataset import Dataset

from model.features.preparation import Preparation
from model.learning.readout import Readout
from model.score.domain import Domain
from model.score.score_model import ScoreModel
from node.learning.made_model import (
    Equation,
    trained_model,
    trained_names,
    write_made_model,
)
from tests.model.features.regions import FINE
from tests.model.score.models import PROVENANCE
from tests.support.inline import InlineNode
from tests.support.service import command
from tests.support.studies import small_study, write_study

SETTINGS = '[score]\nmodel = "own"\n'
TERMS = {"glcm_Homogeneity2": -40.0, "histogram_Kurtosis": 1.5}


def own_model(
    folder: Path, domain: Domain, *, prepared: Preparation = FINE
) -> ScoreModel:
    """Put a trained model where the node of a folder looks for the site's own."""
    names = trained_names(
        "own", "2.0.1", "12 animals in 30 scans; LLC", Readout.TERMINAL, 21.25
    )
    model = trained_model(names, Equation(1.25, TERMS), prepared, domain, PROVENANCE)
    return write_made_model(model, folder / "data" / "score_models")


def one_result(folder: Path, domain: Domain) -> tuple[Any, Dataset, ScoreModel]:
    """Score a small study in the running node under a model of that domain."""
    model = own_model(folder, domain)
    pet, contours = small_study()
    with InlineNode(folder, extra=SETTINGS) as node:
        node.send(*pet, contours)
        [report] = node.reports(1)
        [result] = node.study()["results"]
    return result, report, model


@pytest.fixture(scope="module")
def scored(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Any, Dataset, ScoreModel]:
    """Return what came of a study within the model's domain."""
    domain = Domain(tracers=("FDG",), uptake_min=(45.0, 75.0), voxel_mm=(0.7, 0.9))
    return one_result(tmp_path_factory.mktemp("inside"), domain)


def test_the_score_is_the_trained_equation_and_has_a_probability(
    scored: tuple[Any, Dataset, ScoreModel],
) -> None:
    result, _, model = scored
    expected = 1.25 + sum(
        weight * result["features"][name] for name, weight in TERMS.items()
    )

    assert result["score"] == pytest.approx(expected, rel=1e-12)
    assert result["score_model"] == "own"
    assert result["calibration"] == "trained"
    assert result["inside_domain"] is True
    assert 0 < result["probability"] < 1
    assert result["exhausted"] is (result["score"] > model.cut_off)
    assert not any("uncalibrated" in each for each in result["warnings"])


def test_the_report_names_the_model_by_name_version_and_checksum(
    scored: tuple[Any, Dataset, ScoreModel],
) -> None:
    _, report, model = scored
    text = report.to_json()

    assert '"own"' in text
    assert '"2.0.1"' in text
    assert f"sha256={model.sha256}" in text
    assert "calibration=trained" in text
    assert f"outcome={model.outcome}"[:64] in text
    assert model.title[1:] in text


def test_the_report_shows_probability_without_the_word_uncalibrated(
    scored: tuple[Any, Dataset, ScoreModel],
) -> None:
    _, report, _ = scored
    text = report.to_json()

    assert '"Probability of exhaustion"' in text
    assert '"Exhaustion class"' in text
    assert "(uncalibrated)" not in text


def test_outside_the_training_data_a_score_has_no_probability(tmp_path: Path) -> None:
    result, report, _ = one_result(
        tmp_path, Domain(features={"glcm_Homogeneity2": (0.9, 1.0)})
    )

    assert result["score"] is not None
    assert result["probability"] is None
    assert result["exhausted"] is None
    assert any("glcm_Homogeneity2" in each for each in result["warnings"])
    assert "calibration=trained" in report.to_json()
    assert '"Probability of exhaustion"' not in report.to_json()


def test_a_folder_is_scored_under_the_model_by_name(tmp_path: Path) -> None:
    model = own_model(tmp_path, Domain())
    config = tmp_path / "node.toml"
    config.write_text(f'[node]\ndata_folder = "{tmp_path / "data"}"\n')
    folder = write_study(tmp_path / "in")[0].parent
    words = ("--config", str(config), "--model", "own-2.0.1", "--json")

    code, out, error = command(
        "score", str(folder), "--out", str(tmp_path / "o"), *words
    )

    assert code == 0, error
    [result] = json.loads(out)["results"]
    assert result["score_model"] == model.name
    assert result["probability"] is not None
