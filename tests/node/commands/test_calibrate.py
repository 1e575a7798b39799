"""Promises of ``calibrate``, through the command."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from config.score_models import find_score_model, load_score_model
from node.cli import main
from tests.node.commands.test_validate import EXAMPLES, TABLES, typed_on

FEW = "--resamples=100"


def run(command: str, *options: str) -> Result:
    return CliRunner().invoke(main, [command, *options])


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path]:
    out = tmp_path_factory.mktemp("calibrated")
    words = [*typed_on("calibrate.md", out), FEW, "--json"]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout), out


def test_the_model_is_written_and_found_by_its_name(
    done: tuple[dict[str, Any], Path],
) -> None:
    summary, out = done
    stated = summary["calibrated_model"]

    model = find_score_model("ours", [out])

    assert model == load_score_model(out / stated["path"])
    assert model.sha256 == stated["sha256"]
    base = find_score_model("zhang2023-fine")
    slope = summary["slope"]["value"]
    assert model.intercept == pytest.approx(
        summary["intercept"]["value"] + slope * base.intercept
    )
    for name, coefficient in base.coefficients.items():
        assert model.coefficients[name] == pytest.approx(slope * coefficient)


def test_before_and_after_stand_side_by_side(done: tuple[dict[str, Any], Path]) -> None:
    summary, out = done

    before, after = summary["before"], summary["after"]
    assert before["c_index"]["value"] == pytest.approx(after["c_index"]["value"])
    assert "optimism-corrected" in after["calibration_slope"]["method"]
    table = pd.read_csv(out / "performance.csv")
    assert table["setting"].nunique() == 2
    assert summary["wanted_labels"] > summary["observations"]


def test_its_own_rows_are_apparent_to_it_and_not_calibrated_on_again(
    done: tuple[dict[str, Any], Path], tmp_path: Path
) -> None:
    model = f"--model={done[1] / done[0]['calibrated_model']['path']}"

    validated = run("validate", model, *TABLES, f"--out={tmp_path}", FEW, "--json")
    again = run("calibrate", model, *TABLES, f"--out={tmp_path}")

    assert validated.exit_code == 0, validated.output
    summary = json.loads(validated.stdout)
    assert summary["setting"] == "apparent"
    assert set(summary["apparent"]) == set(summary["performance"])
    assert again.exit_code == 2
    assert "Calibrate it on other animals" in again.output


def test_a_ranking_the_wrong_way_round_is_refused_and_explained(tmp_path: Path) -> None:
    flow = pd.read_csv(EXAMPLES / "flow.csv")
    flow["terminal"] = 1 - flow["terminal"]
    flow[["animal", "day", "terminal"]].to_csv(tmp_path / "flow.csv", index=False)

    result = run(
        "calibrate",
        "--model=zhang2023-fine",
        TABLES[0],
        TABLES[2],
        f"--flow={tmp_path / 'flow.csv'}",
        f"--out={tmp_path / 'out'}",
        "--json",
    )

    assert result.exit_code == 3, result.output
    summary = json.loads(result.stdout)
    assert "No intercept and no slope repair a ranking" in summary["refused"]
    assert summary["calibrated_model"] is None
    assert summary["after"] is None
    assert not list((tmp_path / "out").glob("*.toml"))
    page = (tmp_path / "out" / "report.html").read_text()
    assert "Refused; no model was written" in page


def test_a_bad_name_is_refused_by_the_rules_of_the_files(tmp_path: Path) -> None:
    result = run(
        "calibrate",
        "--model=zhang2023-fine",
        *TABLES,
        "--name=../ours",
        FEW,
        f"--out={tmp_path / 'out'}",
    )

    assert result.exit_code == 2
    assert "name" in result.output
    assert not list(tmp_path.glob("*.toml"))
