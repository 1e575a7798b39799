"""Promises of score model files that say how a site made the model."""

import json
import math
import tomllib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from config.checked_document import checksum_of
from config.score_model_file import format_score_model, parse_score_model
from config.score_models import (
    ScoreModelError,
    find_score_model,
    load_score_model,
    write_score_model,
)
from model.score.provenance import Performance, Provenance
from model.score.score_model import Calibration, ScoreModel
from tests.model.features.regions import FINE
from tests.model.score.models import calibrated, published, trained

Edit = Callable[[dict[str, Any]], object]


def refused(text: str) -> ScoreModelError:
    with pytest.raises(ScoreModelError) as refusal:
        parse_score_model(text, "own.toml")
    return refusal.value


def edited(edit: Edit, model: ScoreModel | None = None) -> str:
    """Return a made model's file after a change, under a checksum that fits it.

    JSON's strings, numbers and nested lists are what TOML's inline values are, once
    the colons of its objects are equals signs; so no writer is needed that the writer
    under test would be compared with.
    """
    content = tomllib.loads(format_score_model(model or trained(), "own.toml"))
    edit(content)
    del content["checksum"]
    content["checksum"] = checksum_of(content)
    return "".join(f"{key} = {inline(value)}\n" for key, value in content.items())


def inline(value: Any) -> str:
    if isinstance(value, dict):
        pairs = (f"{json.dumps(key)} = {inline(each)}" for key, each in value.items())
        return f"{{{', '.join(pairs)}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(inline, value))}]"
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return json.dumps(value)


@pytest.mark.parametrize(
    "model",
    [
        trained(),
        calibrated(),
        trained(remarks=(), performance=(), seed=None),
        trained(
            label_cut_off=0.1 + 0.2,
            remarks=('quotes " and \\ and\nlines, \x7f, µ and 🐭', "[[data]]"),
            performance=(
                Performance("C-index", "nested", 2 / 3, 0.1 + 0.7, 1.0, "wide"),
                Performance("Brier score", "x", None, None, None, "at n = 4"),
                Performance("slope", "plain", -1e22, None, None),
            ),
        ),
    ],
    ids=["trained", "calibrated", "bare", "odd numbers and texts"],
)
def test_a_made_model_reads_back_the_same_to_the_last_digit(
    tmp_path: Path, model: ScoreModel
) -> None:
    path = tmp_path / "own-1.0.0.toml"

    written = write_score_model(model, path)

    assert replace(written, sha256=model.sha256) == model
    assert load_score_model(path) == written
    text = path.read_text(encoding="utf-8")
    assert format_score_model(written, "again") == text
    assert tomllib.loads(text)["schema"] == 2


def test_a_model_without_provenance_is_written_in_the_older_layout() -> None:
    for calibration in Calibration:
        text = format_score_model(published(FINE, calibration=calibration), "own.toml")

        assert tomllib.loads(text)["schema"] == 1
        assert parse_score_model(text, "own.toml").provenance is None


def test_what_is_not_known_is_left_out() -> None:
    unknown = Performance("C-index", "external", None, None, None, "at n = 4")
    text = format_score_model(
        trained(seed=None, remarks=(), performance=(unknown,)), "own.toml"
    )
    table = tomllib.loads(text)["provenance"]

    assert not table.keys() & {"seed", "remarks", "recalibration"}
    assert table["performance"] == [
        {"quantity": "C-index", "setting": "external", "note": "at n = 4"}
    ]
    assert "= nan" not in text


def provenance(key: str, value: object) -> Edit:
    return lambda content: content["provenance"].update({key: value})


def without(key: str) -> Edit:
    return lambda content: content["provenance"].pop(key)


def first(table: str, key: str, value: object) -> Edit:
    return lambda content: content["provenance"][table][0].update({key: value})


@pytest.mark.parametrize(
    ("edit", "mistake"),
    [
        (provenance("author", "someone"), "provenance.author:"),
        (provenance("made_by", ""), "provenance.made_by:"),
        (provenance("seed", -1), "provenance.seed:"),
        (provenance("seed", 1.0), "provenance.seed:"),
        (provenance("seed", True), "provenance.seed:"),  # noqa: FBT003 - the value
        (provenance("animals", 0), "provenance.animals:"),
        (provenance("animals", "12"), "provenance.animals:"),
        (provenance("animals", 31), "animals must not exceed observations"),
        (provenance("events", 0), "provenance.events:"),
        (provenance("events", 30), "events must be fewer than observations"),
        (provenance("label_readout", "late"), "provenance.label_readout:"),
        (provenance("label_cut_off", math.nan), "provenance.label_cut_off:"),
        (provenance("label_cut_off", math.inf), "provenance.label_cut_off:"),
        (provenance("remarks", "one"), "provenance.remarks:"),
        (provenance("remarks", [""]), "provenance.remarks.0:"),
        (provenance("data", []), "provenance.data:"),
        (provenance("data", {}), "provenance.data:"),
        (provenance("performance", [{}]), "provenance.performance.0.quantity:"),
        (without("method"), "provenance.method:"),
        (without("data"), "provenance.data:"),
        (first("data", "role", "secret"), "provenance.data.0.role:"),
        (first("data", "name", "/home/ann/features.csv"), "provenance.data.0.name:"),
        (first("data", "name", "..\\features.csv"), "provenance.data.0.name:"),
        (first("data", "sha256", "0" * 63), "provenance.data.0.sha256:"),
        (first("data", "rows", 3), "provenance.data.0.rows:"),
        (first("performance", "value", math.nan), "provenance.performance.0.value:"),
        (first("performance", "low", 0.99), "low must not exceed high"),
        (
            lambda content: content["provenance"]["performance"][0].pop("low"),
            "low and high go together",
        ),
        (
            lambda content: content["provenance"]["performance"][0].pop("value"),
            "without a value, note must say why",
        ),
        (
            lambda content: content.update(schema=1),
            "provenance: goes with schema 2, only",
        ),
        (lambda content: content.pop("provenance"), "goes with schema 2, only"),
        (
            lambda content: content.update(calibration="none"),
            "provenance: goes with calibration site or trained",
        ),
        (
            lambda content: content.update(calibration="site"),
            "provenance.recalibration: goes with calibration site, only",
        ),
        (lambda content: content.update(schema=True), "schema:"),
        (lambda content: content.update(schema=2.0), "schema:"),
        (lambda content: content.update(schema="2"), "schema:"),
        (lambda content: content.update(schema=0), "schema:"),
        (lambda content: content.update(provenance=[]), "provenance:"),
    ],
)
def test_a_mistake_in_the_provenance_is_refused_with_its_key(
    edit: Edit, mistake: str
) -> None:
    found = refused(edited(edit)).mistakes

    assert any(mistake in each for each in found), found


@pytest.mark.parametrize(
    ("key", "value"),
    [("slope", 0.0), ("slope", -1.0), ("intercept", math.nan), ("sha256", "?")],
)
def test_a_recalibration_that_is_none_is_refused(key: str, value: object) -> None:
    def edit(content: dict[str, Any]) -> None:
        content["provenance"]["recalibration"][key] = value

    found = refused(edited(edit, calibrated())).mistakes

    assert any(f"provenance.recalibration.{key}:" in each for each in found), found


def test_all_mistakes_are_reported_at_once() -> None:
    def edit(content: dict[str, Any]) -> None:
        content["provenance"].update(animals=0, author="?")
        content["provenance"]["data"][0]["sha256"] = "?"
        content["cut_off"] = "zero"

    text = edited(edit).replace("[provenance]", "").replace('checksum = "', '#"')

    assert {mistake.split(":")[0] for mistake in refused(text).mistakes} == {
        "checksum",
        "cut_off",
        "provenance.animals",
        "provenance.author",
        "provenance.data.0.sha256",
    }


@pytest.mark.parametrize("key", ["seed", "events", "label_cut_off", "value", "sha256"])
def test_a_digit_of_the_provenance_that_was_altered_is_noticed(key: str) -> None:
    text = format_score_model(trained(), "own.toml")
    start = text.index(f"\n{key} = ") + len(f"\n{key} = ")
    digit = next(i for i in range(start, len(text)) if text[i] in "123456789")
    other = "1" if text[digit] != "1" else "2"

    error = refused(text[:digit] + other + text[digit + 1 :])

    assert any("was altered" in each for each in error.mistakes)


def test_a_file_that_ends_early_is_refused_wherever_it_ends() -> None:
    """A copy that was interrupted; tables come last, so it may still be TOML."""
    text = format_score_model(trained(), "own.toml")
    lines = text.splitlines(keepends=True)

    for kept in range(len(lines)):
        assert refused("".join(lines[:kept])).remedy


def test_a_newer_layout_is_refused_before_anything_in_it_is_judged() -> None:
    def edit(content: dict[str, Any]) -> None:
        content.update(schema=3, provenance="https://example.org")

    error = refused(edited(edit))

    assert error.mistakes == ("schema: 3 is newer than 2",)
    assert "Update" in error.remedy


@pytest.mark.parametrize(
    ("key", "value"),
    [("label_cut_off", math.nan), ("animals", 0), ("data", ())],
)
def test_a_provenance_that_breaks_the_rules_is_not_written(
    tmp_path: Path, key: str, value: Any
) -> None:
    path = tmp_path / "own-1.0.0.toml"
    made: dict[str, Any] = {key: value}

    with pytest.raises(ScoreModelError, match=f"provenance.{key}"):
        write_score_model(trained(**made), path)

    assert not path.exists()


def test_a_performance_that_is_not_a_number_is_not_written(tmp_path: Path) -> None:
    unsound = Performance("C-index", "nested", math.nan, None, None)

    with pytest.raises(ScoreModelError, match="finite"):
        write_score_model(trained(performance=(unsound,)), tmp_path / "own-1.0.0.toml")


def test_two_fits_under_one_name_and_version_are_two_models(tmp_path: Path) -> None:
    for number, folder in enumerate((tmp_path / "a", tmp_path / "b")):
        folder.mkdir()
        write_score_model(trained(seed=number), folder / "own-1.0.0.toml")

    with pytest.raises(ScoreModelError, match="different models"):
        find_score_model("own", [tmp_path / "a", tmp_path / "b"])


def test_provenance_survives_the_way_to_the_configuration(tmp_path: Path) -> None:
    model = trained()
    write_score_model(model, tmp_path / "own-1.0.0.toml")

    found = find_score_model("own", [tmp_path])

    assert isinstance(found.provenance, Provenance)
    assert found.provenance == model.provenance
