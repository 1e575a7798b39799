"""Promises of ``exhaustion-node train``, through its own door."""

import json
import shlex
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from config.score_models import load_score_model
from model.learning.performance.concordance import concordance
from model.score.score_model import Calibration
from tests.node.learning.training.site_tables import (
    OTHERS,
    PLANTED,
    SiteTables,
    site_tables,
)
from tests.support.documents import ROOT, blocks_of
from tests.support.service import command

QUICK = ["--repeats", "1", "--folds", "4", "--permutations", "8", "--resamples", "20",
         "--workers", "1"]  # fmt: skip
ONCE = [*QUICK, "--permutations", "0"]
PAGE = ROOT / "docs" / "train.md"


def two_readouts(noise: float = 0.4) -> SiteTables:
    """Return tables without the early readout, each of which has figures of its own."""
    tables = site_tables(noise=noise)
    tables.flow = tables.flow.drop(columns="early")
    return tables


def train(out: Path, *words: str) -> tuple[int, Any]:
    code, printed, said = command("train", *words, "--out", str(out), "--json")
    assert code in (0, 3), said
    return code, json.loads(printed)


def refused(folder: Path, tables: SiteTables, *words: str) -> str:
    """Run the command, which must refuse, and return what it says on one line."""
    out = folder / "out"
    code, printed, said = command(
        "train", *tables.write(folder), *ONCE, *words, "--out", str(out)
    )
    assert code == 2, said
    assert printed == ""
    assert not (out / "summary.json").exists()
    return " ".join(said.split())


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Path, list[str]]:
    folder = tmp_path_factory.mktemp("trained")
    words = [*site_tables().write(folder), *QUICK, "--name", "ours"]
    code, summary = train(folder / "out", *words)
    assert code == 0
    return summary, folder / "out", words


def test_the_first_answer_is_whether_it_is_more_than_volume_and_day(
    done: tuple[Any, Path, list[str]],
) -> None:
    summary, out, _ = done
    first = summary["more_than_volume_and_day"]

    assert next(iter(summary)) == "more_than_volume_and_day"
    assert first["verdict"] in ("shown", "not shown", "not assessable")
    assert first["baseline"] == ["volume", "suv_mean", "day", "tumour_model"]
    assert {"texture", "baseline", "both", "volume"} <= set(first["c_index"])
    html = (out / "report.html").read_text()
    headings = [html.index(each) for each in ("Is it more than", "What it is worth")]
    assert headings == sorted(headings)


def test_the_model_scores_what_it_was_trained_on(
    done: tuple[Any, Path, list[str]],
) -> None:
    summary, out, _ = done
    model = load_score_model(out / "ours-1.0.0.toml")
    tables = site_tables()
    scores = model.intercept + sum(
        value * tables.features[name] for name, value in model.coefficients.items()
    )
    terminal = tables.flow["terminal"]

    assert model.sha256 == summary["model"]["sha256"]
    assert model.calibration is Calibration.TRAINED
    assert set(model.coefficients) & set(PLANTED)
    assert concordance(scores, terminal > terminal.median()) > 0.85
    assert summary["cut_off"] == pytest.approx(terminal.median())


def test_the_file_says_what_it_was_made_of_and_how_well_it_does(
    done: tuple[Any, Path, list[str]],
) -> None:
    _, out, _ = done
    made = load_score_model(out / "ours-1.0.0.toml").provenance

    assert made is not None
    assert (made.animals, made.observations, made.events) == (16, 16, 8)
    assert made.seed == 20231101
    assert {each.role for each in made.data} == {"features", "flow", "design"}
    settings = {each.setting for each in made.performance}
    assert "repeated grouped cross-validation, selection nested" in settings
    assert "trained without batch A" in settings
    assert "permutation P of the C-index" in {
        each.quantity for each in made.performance
    }


def test_the_report_and_its_tables_stand_beside_the_model(
    done: tuple[Any, Path, list[str]],
) -> None:
    summary, out, _ = done
    tables = {
        "candidates", "coefficients", "path", "frequencies", "folds", "baselines",
        "left_out", "permutations", "findings",
    }  # fmt: skip

    expected = {f"{name}.csv" for name in tables}
    expected |= {"report.html", "report.pdf", "summary.json", "ours-1.0.0.toml"}
    assert set(summary["files"]) == {path.name for path in out.iterdir()} == expected
    assert len(pd.read_csv(out / "folds.csv")) == 4
    assert len(pd.read_csv(out / "permutations.csv")) == 8
    coefficients = pd.read_csv(out / "coefficients.csv").set_index(["fit", "term"])
    model = load_score_model(out / "ours-1.0.0.toml")
    for name, value in model.coefficients.items():
        assert coefficients.loc[("model", name), "coefficient"] == value


def test_performance_is_of_folds_and_of_permuted_readouts(
    done: tuple[Any, Path, list[str]],
) -> None:
    summary, out, _ = done
    folds = pd.read_csv(out / "folds.csv")
    drawn = pd.read_csv(out / "permutations.csv")
    permutation = summary["permutation"]
    scored = folds["c_index_texture"].dropna()

    assert permutation["c_index"] == pytest.approx(scored.mean())
    assert summary["cross_validation"]["folds_of_one_class"] == 4 - len(scored)
    as_good = (drawn["c_index"] >= permutation["c_index"]).sum()
    assert permutation["p_value"] <= (1 + as_good) / 9
    assert permutation["p_value"] >= 1 / 9


def test_the_same_seed_gives_the_same_bytes_with_any_number_of_processes(
    done: tuple[Any, Path, list[str]], tmp_path: Path
) -> None:
    _, out, words = done
    _, summary = train(tmp_path, *words, "--workers", "2")

    for name in ("ours-1.0.0.toml", "folds.csv", "permutations.csv", "frequencies.csv"):
        assert (tmp_path / name).read_bytes() == (out / name).read_bytes()
    assert summary["seed"] == 20231101


def test_a_model_that_is_there_is_not_replaced(
    done: tuple[Any, Path, list[str]],
) -> None:
    _, out, words = done
    code, _, said = command("train", *words, "--out", str(out))

    assert code == 2
    assert "is not replaced" in " ".join(said.split())


def test_the_terminal_tells_the_same(tmp_path: Path) -> None:
    words = [*two_readouts().write(tmp_path), *ONCE]
    code, printed, _ = command("train", *words, "--out", str(tmp_path / "out"))

    assert code == 0
    assert printed.startswith("Is it more than volume and day?")
    text = " ".join(printed.split())
    assert "Events per parameter" in text
    assert "less than two witnesses" in text
    assert "Permutation P: not assessed" in text


def test_nothing_to_find_is_a_valid_answer(tmp_path: Path) -> None:
    words = [*site_tables(signal=0.0, seed=8).write(tmp_path), *ONCE]
    code, summary = train(
        tmp_path / "out", *words, "--penalty", "one_standard_error", "--at-least", "3"
    )

    assert code == 3
    assert summary["model"] is None
    assert summary["refused"][0]["reason"] == "empty_model"
    assert summary["events_per_parameter"] is None
    assert (tmp_path / "out" / "report.pdf").exists()
    assert not list((tmp_path / "out").glob("*.toml"))


def test_separated_labels_are_explained_and_not_fitted(tmp_path: Path) -> None:
    words = [*two_readouts(noise=0.001).write(tmp_path), *ONCE]
    code, summary = train(tmp_path / "out", *words, "--method", "paper")

    assert code == 3
    (told,) = summary["refused"]
    assert told["reason"] == "separated_labels"
    assert any(name in told["detail"] for name in PLANTED)
    assert "--method firth" in told["detail"]
    assert summary["cross_validation"]["firth_instead"] > 0
    assert (tmp_path / "out" / "report.html").exists()


def test_a_model_that_needs_ct_is_not_written(tmp_path: Path) -> None:
    tables = two_readouts()
    ct = tables.features[PLANTED[0]].rename("CT_shape_SurfaceAreaDensity")
    tables.features = tables.features.drop(columns=list(PLANTED)).join(ct)
    words = [*tables.write(tmp_path), *ONCE]
    code, summary = train(tmp_path / "out", *words)

    assert code == 3
    assert summary["refused"][0]["reason"] == "needs_ct_features"
    assert "CT_shape_SurfaceAreaDensity" in summary["chosen"]
    assert "--no-ct" in summary["refused"][0]["detail"]


def test_too_few_animals_are_told_with_file_and_column(tmp_path: Path) -> None:
    said = refused(tmp_path, site_tables(11))

    assert "flow.csv" in said
    assert "column 'terminal'" in said
    assert "11 animals" in said
    assert "12 are the minimum" in said


def test_labels_of_one_class_are_told(tmp_path: Path) -> None:
    tables = site_tables()
    tables.flow["terminal"] = 0.5

    said = refused(tmp_path, tables)

    assert "flow.csv, column 'terminal'" in said
    assert "one class" in said


def test_constant_features_are_told(tmp_path: Path) -> None:
    tables = site_tables()
    for name in (*PLANTED, *OTHERS):
        tables.features[name] = 0.25

    said = refused(tmp_path, tables)

    assert "features.csv" in said
    assert PLANTED[0] in said
    assert "the same in all rows" in said


def test_no_readout_is_told(tmp_path: Path) -> None:
    tables = site_tables()
    tables.flow = tables.flow.drop(columns="terminal")

    said = refused(tmp_path, tables)

    assert "flow.csv" in said
    assert "terminal" in said


def test_more_readouts_than_there_are_is_told(tmp_path: Path) -> None:
    tables = site_tables()
    tables.flow = tables.flow[["animal", "day", "terminal"]]

    assert "--at-least 1" in refused(tmp_path, tables, "--at-least", "2")


def test_text_in_a_number_names_row_and_column(tmp_path: Path) -> None:
    tables = site_tables()
    tables.features[PLANTED[0]] = tables.features[PLANTED[0]].astype(object)
    tables.features.loc[4, PLANTED[0]] = "high"

    said = refused(tmp_path, tables)

    assert "features.csv, row 6" in said
    assert PLANTED[0] in said


def test_a_cage_that_is_not_stated_is_told(tmp_path: Path) -> None:
    tables = site_tables()
    tables.design.loc[2, "cage"] = None

    said = refused(tmp_path, tables, "--group-by", "cage")

    assert "column 'cage'" in said
    assert "M03" in said


def test_features_of_no_known_preparation_need_the_option(tmp_path: Path) -> None:
    tables = two_readouts()
    tables.features = tables.features.drop(columns=["profile", "profile_sha256"])

    assert "profile" in refused(tmp_path, tables)
    code, summary = train(
        tmp_path / "told",
        *tables.write(tmp_path),
        *ONCE,
        "--profile",
        "zhang2023-64",
    )
    assert code == 0
    model = load_score_model(tmp_path / "told" / "site-trained-1.0.0.toml")
    assert model.preparation.discretisation == "ibex_fixed_count"
    assert summary["model"]["name"] == "site-trained"


@pytest.mark.parametrize("words", [("--name", "a/b"), ("--model-version", "1.0")])
def test_a_name_that_no_model_may_have_is_refused_at_once(
    tmp_path: Path, words: tuple[str, str]
) -> None:
    assert words[0] in refused(tmp_path, site_tables(), *words)


def test_the_example_of_the_page_runs(tmp_path: Path) -> None:
    block = next(
        each for each in blocks_of(PAGE.read_text()) if each.language == "shell"
    )
    words = shlex.split(block.text.replace("\\\n", " "))
    words = [str(ROOT / word) if word.startswith("docs/") else word for word in words]
    words[words.index("--out") + 1] = str(tmp_path / "out")
    assert words[:2] == ["exhaustion-node", "train"]

    code, _, said = command(*words[1:], *ONCE)

    assert code == 0, said
    found = pd.read_csv(tmp_path / "out" / "baselines.csv")
    assert np.isfinite(found.loc[found["model"] == "texture", "value"]).all()
