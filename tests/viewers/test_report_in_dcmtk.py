"""A person can read the report in a viewer that is not ours: DCMTK's.

The page that it makes is left in ``build/viewers`` for people to look at.
"""

import html
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.tools import require_tool

PAGES = Path(__file__).resolve().parents[2] / "build" / "viewers"
COMPREHENSIVE_3D_SR = "1.2.840.10008.5.1.4.1.1.88.34"


def command(*arguments: str | Path) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "node", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path]:
    """Return what ``score --json`` says of the phantom, and where its report lies."""
    folder = tmp_path_factory.mktemp("viewers")
    command("phantom", "--out", folder / "study")
    told = json.loads(command("score", folder / "study", "--out", folder, "--json"))
    # The one whose regions are outlines comes first.
    report, *_ = [
        item["path"]
        for item in told["objects"]
        if item["sop_class"] == COMPREHENSIVE_3D_SR
    ]
    return told["results"][0], folder / report


@pytest.fixture(scope="module")
def page(scored: tuple[dict[str, Any], Path]) -> str:
    """Return the report as the viewer's page shows it, without mark-up."""
    tool = require_tool("dsr2html")
    PAGES.mkdir(parents=True, exist_ok=True)
    target = PAGES / "report.html"
    done = subprocess.run(
        [tool, "+U8", "--render-all-codes", str(scored[1]), str(target)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    text = re.sub(r"<[^>]+>", " ", target.read_text("utf-8"))
    return " ".join(html.unescape(text).split())


def test_it_shows_the_score_with_its_name_and_its_region(
    page: str, scored: tuple[dict[str, Any], Path]
) -> None:
    result = scored[0]

    assert result["roi"] in page
    assert result["score_model"] in page
    assert shown_number(result["score"]) in page


def test_it_shows_suv_and_features(
    page: str, scored: tuple[dict[str, Any], Path]
) -> None:
    result = scored[0]
    # The texture features are shown in per cent.
    texture = [
        100 * value
        for name, value in result["features"].items()
        if name.startswith("glcm_")
    ]
    numbers = [
        result["suv"]["max"],
        result["suv"]["mean"],
        result["features"]["histogram_Kurtosis"],
        *texture,
    ]

    assert not [number for number in numbers if shown_number(number) not in page]


def test_it_says_that_the_score_is_uncalibrated_and_for_research(page: str) -> None:
    assert "uncalibrated" in page
    assert re.search("research", page, re.IGNORECASE)


def shown_number(value: float) -> str:
    """Return the digits that every writing of a number begins with, as far as 5."""
    return f"{value:.12f}"[: 6 if abs(value) < 10 else 7].rstrip("0").rstrip(".")
