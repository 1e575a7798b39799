"""Promises of ``validate``, through the command."""

import json
import shlex
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from node.cli import main
from tests.support.documents import ROOT, blocks_of

EXAMPLES = ROOT / "docs" / "examples"
TABLES = [f"--{name}={EXAMPLES / name}.csv" for name in ("features", "flow", "design")]
NUMBERS = {
    "c_index",
    "brier_score",
    "scaled_brier_score",
    "calibration_in_the_large",
    "calibration_intercept",
    "calibration_slope",
    "observed_minus_foretold",
}


def run(*options: str) -> Result:
    return CliRunner().invoke(main, ["validate", *options])


def typed_on(page: str, out: Path) -> list[str]:
    """Return the words of a page's example, after the command, with another --out."""
    text = (ROOT / "docs" / page).read_text()
    block = next(each for each in blocks_of(text) if each.language == "shell")
    words = shlex.split(block.text.replace("\\\n", " "))
    words = [str(ROOT / word) if word.startswith("docs/") else word for word in words]
    words[words.index("--out") + 1] = str(out)
    return words[1:]


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path]:
    out = tmp_path_factory.mktemp("validated")
    result = run("--model", "zhang2023-fine", *TABLES, f"--out={out}", "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout), out


def test_every_number_has_its_interval_or_a_reason(
    done: tuple[dict[str, Any], Path],
) -> None:
    performance = done[0]["performance"]

    assert set(performance) == NUMBERS
    for number in performance.values():
        if number["value"] is None:
            assert "not assessable at n =" in number["why"]
        else:
            assert number["low"] < number["value"] < number["high"]
            assert number["method"]


def test_the_summary_says_what_was_compared(done: tuple[dict[str, Any], Path]) -> None:
    summary, _ = done

    assert summary["setting"] == "external"
    assert summary["label"] == "terminal"
    assert "median of the rows used here" in summary["cut_off_origin"]
    assert 0 < summary["events"] < summary["observations"]
    assert "uncalibrated on your scanner" in summary["remarks"][0]


def test_files_are_there_and_scores_are_those_of_the_equation(
    done: tuple[dict[str, Any], Path],
) -> None:
    summary, out = done
    features = pd.read_csv(EXAMPLES / "features.csv")
    scores = pd.read_csv(out / "scores.csv")

    assert json.loads((out / "summary.json").read_text())["seed"] == summary["seed"]
    assert {"report.html", "report.pdf", "performance.csv"} <= set(summary["files"])
    assert all((out / name).is_file() for name in summary["files"])
    expected = (
        1.485
        - 297.597 * features["glcm_InverseVariance"]
        + 178.689 * features["glcm_Homogeneity2"]
        + 1.088 * features["histogram_Kurtosis"]
    )
    assert set(scores["score"].round(9)) <= set(expected.round(9))
    assert len(scores) == summary["observations"]


def test_the_page_says_that_the_model_is_uncalibrated_and_shows_its_card(
    done: tuple[dict[str, Any], Path],
) -> None:
    page = (done[1] / "report.html").read_text()

    assert "uncalibrated on your scanner" in page
    assert "Model card" in page
    assert "<svg" in page


def test_the_example_of_the_page_runs(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, typed_on("validate.md", tmp_path))

    assert result.exit_code == 0, result.output
    assert "C-index" in result.output


def test_labels_of_one_class_are_told_and_end_with_3(tmp_path: Path) -> None:
    result = run(
        "--model=zhang2023-fine", *TABLES, f"--out={tmp_path}", "--cut-off=5", "--json"
    )

    assert result.exit_code == 3
    found = json.loads(result.stdout)["performance"]["c_index"]
    assert found["value"] is None
    assert "0 observations above the cut-off" in found["why"]
    assert (tmp_path / "report.pdf").is_file()


def test_another_preparation_is_refused_with_its_remedy(tmp_path: Path) -> None:
    result = run("--model=zhang2023-64", *TABLES, f"--out={tmp_path}")

    assert result.exit_code == 2
    assert "prepared otherwise" in result.output
    assert "--profile zhang2023-64" in result.output
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("options", "fact"),
    [
        (["--model=nobodys"], "no such score model"),
        (["--model=zhang2023-fine", "--cut-off=training"], "give --cut-off median"),
        (["--model=zhang2023-fine", "--apparent"], "Leave --apparent out"),
    ],
)
def test_what_cannot_be_is_refused(
    options: list[str], fact: str, tmp_path: Path
) -> None:
    result = run(*options, *TABLES, f"--out={tmp_path}")

    assert result.exit_code == 2
    assert fact in " ".join(result.output.split())
