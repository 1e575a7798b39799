"""Promises of ``exhaustion-node score``: what a model was made for, and what not."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from pydicom.dataset import Dataset

from node.cli import main
from tests.support.report_alone import ALL_OBJECTS, configured
from tests.support.studies import write_study


def score(folder: Path, out: Path, **overrides: object) -> tuple[int, Any, Any]:
    """Score a small study; return exit code, document and its only result."""
    write_study(folder, **overrides)  # type: ignore[arg-type]
    words = configured("score", folder, "--out", out, "--json", config=ALL_OBJECTS)
    run = CliRunner().invoke(main, words)
    document = json.loads(run.stdout)
    (result,) = document["results"]
    return run.exit_code, document, result


def zirconium() -> Dataset:
    code = Dataset()
    code.CodeValue = "63360001"
    code.CodingSchemeDesignator = "SCT"
    code.CodeMeaning = "^89^Zirconium"
    return code


def test_of_another_tracer_suv_are_reported_and_the_score_is_refused(
    tmp_path: Path,
) -> None:
    code, document, result = score(
        tmp_path / "in",
        tmp_path / "out",
        Radiopharmaceutical="[18F]FLT",
        RadiopharmaceuticalCodeSequence=None,
    )

    assert code == 0
    assert document["held"] == []
    names = {Path(each["path"]).name for each in document["objects"]}
    assert "report.dcm" in names
    assert not any(name.startswith(("map-", "index-")) for name in names)
    assert result["suv"]["mean"] > 0
    assert result["score"] is None
    assert set(result["readings"].values()) == {None}
    assert result["circumstances"]["tracer"] == "FLT"
    assert result["inside_domain"] is False
    assert any("refused" in said and "FLT" in said for said in result["warnings"])


def test_an_unnamed_tracer_of_another_radionuclide_is_refused_too(
    tmp_path: Path,
) -> None:
    _, _, result = score(
        tmp_path / "in",
        tmp_path / "out",
        Radiopharmaceutical=None,
        RadiopharmaceuticalCodeSequence=None,
        RadionuclideCodeSequence=[zirconium()],
        RadionuclideHalfLife="282276",
    )

    assert result["score"] is None
    assert result["suv"]["mean"] > 0
    assert any("Zr-89" in said for said in result["warnings"])


def test_a_study_of_a_person_is_scored_and_marked(tmp_path: Path) -> None:
    code, _, result = score(
        tmp_path / "in",
        tmp_path / "out",
        PatientSpeciesDescription="Homo sapiens",
        Radiopharmaceutical=None,
        RadiopharmaceuticalCodeSequence=None,
    )

    assert code == 0
    assert result["score"] is not None
    assert result["inside_domain"] is False
    (said,) = (w for w in result["warnings"] if "outside the model's domain" in w)
    assert "species is human" in said
    (said,) = (w for w in result["warnings"] if "Not stated" in w)
    assert "tracer" in said
    assert "route" in said
    assert "species" not in said


def test_an_inveon_study_of_a_mouse_lies_in_the_domain(tmp_path: Path) -> None:
    _, _, result = score(tmp_path / "in", tmp_path / "out")

    assert result["inside_domain"] is True
    assert result["circumstances"] == {
        "tracer": "FDG",
        "radionuclide": "F-18",
        "species": "mouse",
        "route": None,
        "uptake_min": 70.0,
    }
    assert sum("domain" in warning for warning in result["warnings"]) == 1
    low, high = result["sensitivity"]["low"], result["sensitivity"]["high"]
    assert low <= result["score"] <= high
    assert result["shuffled"]["repetitions"] > 1
    added = sum(term["contribution"] for term in result["terms"])
    assert result["score"] == pytest.approx(result["intercept"] + added)
