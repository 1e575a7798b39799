"""``cohort``: tables in, a report out; what is refused says so and still draws."""

import csv
import json
import shlex
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from node.cli import main
from node.commands.exits import EXIT_HELD, EXIT_USAGE
from tests.support.documents import ROOT, blocks_of

PAGE = ROOT / "docs" / "cohort.md"
EXAMPLES = ROOT / "docs" / "examples"
FILES = {
    name: EXAMPLES / f"cohort-{name}.csv"
    for name in ("features", "flow", "fractions", "design")
}
TABLES = [part for name, path in FILES.items() for part in (f"--{name}", str(path))]


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["cohort", *map(str, arguments)])


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def only(name: str, rows: list[dict[str, str]], **wanted: str) -> list[dict[str, str]]:
    assert rows, name
    return [
        row for row in rows if all(row[key] == value for key, value in wanted.items())
    ]


def shown_arguments() -> list[str]:
    """Return what the page types after ``cohort``, with paths of this machine."""
    shown = next(b for b in blocks_of(PAGE.read_text()) if b.language == "shell")
    words = shlex.split(shown.text.replace("\\\n", " "))
    assert words[:2] == ["exhaustion-node", "cohort"]
    return [
        str(PAGE.parent / word) if word.startswith("examples/") else word
        for word in words[2:]
    ]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run what the page shows."""
    out = tmp_path_factory.mktemp("cohort")
    arguments = shown_arguments()
    arguments[arguments.index("--out") + 1] = str(out)
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.stderr
    (out / "stdout.json").write_text(result.stdout)
    return out


@pytest.fixture(scope="module")
def summary(written: Path) -> Any:
    return json.loads((written / "stdout.json").read_text())


def test_the_report_and_every_table_are_written(written: Path, summary: Any) -> None:
    assert set(summary["files"]) == {
        "report.html",
        "report.pdf",
        "summary.json",
        "courses.csv",
        "values.csv",
        "tests.csv",
        "pairs.csv",
        "mixed_model.csv",
        "window.csv",
        "trajectories.csv",
        "findings.csv",
    }
    for name in summary["files"]:
        assert (written / name).stat().st_size > 0
    assert (written / "report.pdf").read_bytes().startswith(b"%PDF")


def test_the_page_shows_the_examples_as_they_are_and_names_every_file(
    summary: Any,
) -> None:
    page = PAGE.read_text()
    shown = [block.text for block in blocks_of(page) if block.language == "text"]

    assert FILES["features"].read_text().startswith(shown[0])
    assert FILES["design"].read_text().startswith(shown[1])
    assert not [name for name in summary["files"] if f"`{name}`" not in page]


def test_standard_output_is_the_summary(written: Path, summary: Any) -> None:
    stored = json.loads((written / "summary.json").read_text())

    assert {key: summary[key] for key in stored} == stored
    assert summary["seed"] == 20231101
    assert [each["name"] for each in summary["measures"]] == ["terminal", "score"]


def test_the_window_is_told_first_and_with_its_caveat(
    written: Path, summary: Any
) -> None:
    (group,) = summary["window"]["groups"]

    assert group["spans"] == [{"after": 0.0, "first": 3.0, "last": 3.0, "until": 7.0}]
    assert "not for this animal" in group["sentence"]
    page = (written / "report.html").read_text()
    told = page.index("it opens between D0 and D3, and is over by D7")
    assert told < page.index("From irradiation to ICI")


def test_the_tables_hold_the_courses_and_pairs(written: Path) -> None:
    courses = only("courses", rows_of(written / "courses.csv"), measure="terminal")
    assert [row["day"] for row in courses] == ["0.0", "3.0", "7.0", "14.0", "21.0"]
    for row in courses:
        assert row["n"] == "5"
        sem = float(row["sd"]) / 5**0.5
        assert float(row["sem"]) == pytest.approx(sem)
    pairs = only("pairs", rows_of(written / "pairs.csv"), measure="terminal")
    assert len(pairs) == 10
    (risen,) = only("pairs", pairs, first="D0", second="D7")
    assert risen["symbol"] == "***"


@pytest.fixture(scope="module")
def read_by_a_person(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Run the same for a terminal."""
    out = tmp_path_factory.mktemp("again")
    result = run(*TABLES, "--out", out, "--measure", "terminal", "--measure", "score")
    assert result.exit_code == 0, result.stderr
    return out, result.stdout


def test_what_a_person_reads_names_the_window_and_the_means(
    read_by_a_person: tuple[Path, str],
) -> None:
    shown = read_by_a_person[1]

    assert "hypothesis-generating" in shown
    assert "D21" in shown
    assert "terminal" in shown
    # Nobody said by which tracer, so nobody can say that it was one.
    assert "tracer (all of 25 scans)" in " ".join(shown.split())


def test_the_same_seed_gives_the_same_summary(
    written: Path, read_by_a_person: tuple[Path, str]
) -> None:
    for name in ("summary.json", "window.csv", "pairs.csv"):
        again = read_by_a_person[0] / name
        assert again.read_bytes() == (written / name).read_bytes()


def test_mixed_routes_are_refused_with_exit_3_and_still_drawn(tmp_path: Path) -> None:
    text = FILES["features"].read_text().replace("intraperitoneal", "intravenous", 3)
    mixed = tmp_path / "features.csv"
    mixed.write_text(text)
    tables = ["--features", mixed, "--design", FILES["design"], "--json"]
    tables += ["--measure", "score"]

    refused = run(*tables, "--out", tmp_path / "refused")
    pooled = run(*tables, "--out", tmp_path / "pooled", "--allow-mixed")

    assert refused.exit_code == EXIT_HELD
    said = json.loads(refused.stdout)
    (notice, _, _) = said["notices"]
    assert "route: intraperitoneal (22), intravenous (3)" in notice
    assert len(said["refused"]) == 1
    assert len(rows_of(tmp_path / "refused" / "courses.csv")) == 5
    assert not rows_of(tmp_path / "refused" / "pairs.csv")
    assert pooled.exit_code == 0
    assert len(rows_of(tmp_path / "pooled" / "pairs.csv")) == 10
    page = (tmp_path / "pooled" / "report.html").read_text()
    assert page.index("intravenous (3)") < page.index("Courses")


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    """Run the examples as if five animals had been scanned on all days."""
    folder = tmp_path_factory.mktemp("followed")
    features = FILES["features"].read_text().splitlines()
    rows = [
        f"R{(number % 5) + 1:02d},{row.split(',', 1)[1]}"
        for number, row in enumerate(features[1:])
    ]
    path = folder / "features.csv"
    path.write_text("\n".join([features[0], *rows]) + "\n")
    known = folder / "repeatability.csv"
    known.write_text(
        "feature,modality,kept,repeatability_coefficient\n"
        "glcm_InverseVariance,PET,yes,0.001\n"
        "glcm_Homogeneity2,PET,yes,0.002\n"
        "histogram_Kurtosis,PET,yes,0.5\n"
    )
    asked = ["--measure", "score", "--measure", "suv_mean", "--repeatability", known]
    given = ["--repeatability-coefficient", "suv_mean=0.3", "--json"]
    tables = ["--features", path, "--design", FILES["design"]]
    result = run(*tables, *asked, *given, "--out", folder)
    assert result.exit_code == 0, result.stderr
    return folder, json.loads(result.stdout)


def test_animals_that_come_back_get_a_mixed_model_and_arrows(
    followed: tuple[Path, Any],
) -> None:
    folder, summary = followed
    measure = summary["measures"][1]

    assert measure["name"] == "suv_mean"
    assert measure["animals_are"] == "repeated"
    assert measure["mixed_model"]["animals"] == 5
    moved = only("changes", rows_of(folder / "trajectories.csv"), measure="suv_mean")
    assert len(moved) == 20
    beyond = [abs(float(row["change"])) > 0.3 for row in moved]
    assert [row["beyond_repeatability"] for row in moved] == list(map(str, beyond))
    assert 0 < sum(beyond) < 20
    effects = only("effects", rows_of(folder / "mixed_model.csv"), measure="suv_mean")
    assert [row["effect"] for row in effects][1:] == ["D3", "D7", "D14", "D21"]


def test_the_scores_coefficient_follows_from_its_features(
    followed: tuple[Path, Any],
) -> None:
    measure = followed[1]["measures"][0]

    bound = 297.597 * 0.001 + 178.689 * 0.002 + 1.088 * 0.5
    assert measure["repeatability_coefficient"] == pytest.approx(bound)
    assert "upper bound" in measure["repeatability_from"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--measure", "terminl"], "did you mean terminal"),
        (["--infiltration", "CD9"], "no measure 'CD9'"),
        (["--repeatability-coefficient", "score"], "not NAME=NUMBER"),
        (["--repeatability-coefficient", "score=-1"], "not NAME=NUMBER"),
        (["--repeatability-coefficient", "nothing=1"], "names nothing"),
        (["--margin", "0"], "--margin"),
        (["--group-by", "cage"], "--group-by"),
    ],
)
def test_wrong_usage_is_refused_before_anything_is_written(
    tmp_path: Path, arguments: list[str], said: str
) -> None:
    result = run(*TABLES, "--out", tmp_path / "out", *arguments)

    assert result.exit_code == EXIT_USAGE
    assert said in result.stderr.replace("\n", " ")
    assert not (tmp_path / "out" / "report.html").exists()
