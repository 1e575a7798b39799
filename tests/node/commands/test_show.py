"""Promises of ``show``: a result is seen again, by UID and from files alone."""

import json
import os
import re
import shutil
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any, Literal

import pydicom
import pytest
from rich.console import Console

from node.showing.drawing import Drawing, draw
from node.showing.from_files import results_in
from node.showing.from_ledger import images_of, results_of_uid
from node.showing.graphics import Terminal
from node.showing.shown import ShownResult
from tests.support.inline import InlineNode
from tests.support.pet import STUDY_UID
from tests.support.report_alone import ALL_OBJECTS
from tests.support.saves import pet, save
from tests.support.service import command
from tests.support.studies import small_study, write_study

TERMINAL = Terminal("xterm-256color")
NOT_IN_A_REPORT = ("acquisition", "undefined", "inside_domain")
"""What a report does not say, and an archive therefore does not give back."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    """Return the folder that ``score`` wrote, and what it said."""
    folder = tmp_path_factory.mktemp("score")
    write_study(folder / "in")
    words = ("score", str(folder / "in"), "--out", str(folder / "out"), "--json")
    code, out, error = command(*words)
    assert code == 0, error
    return folder / "out", json.loads(out)


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InlineNode]:
    folder = tmp_path_factory.mktemp("node")
    with InlineNode(folder, extra=ALL_OBJECTS) as started:
        started.send(*pet(), save(1))
        started.study()
        yield started


def show(*words: object) -> Any:
    """Return what ``show --json`` prints."""
    code, out, error = command("show", *map(str, words), "--json")
    assert code == 0, error
    return json.loads(out)


def refused(*words: object) -> str:
    """Return why ``show`` shows nothing."""
    code, out, error = command("show", *map(str, words))
    assert (code, out) == (2, "")
    return error


def file_of(made: tuple[Path, Any], name: str) -> Path:
    [found] = made[0].rglob(name)
    return found


def known(result: dict[str, Any]) -> dict[str, Any]:
    """Return what of a result a report holds too."""
    return {key: each for key, each in result.items() if key not in NOT_IN_A_REPORT}


def test_a_folder_of_results_says_what_score_said(made: tuple[Path, Any]) -> None:
    folder, document = made

    shown = show(folder)

    assert shown["held"] == []
    assert sorted(map(str, shown["objects"])) == sorted(map(str, document["objects"]))
    [found], [said] = shown["results"], document["results"]
    assert set(found) == set(said)
    for key, value in known(said).items():
        if key == "suv":
            assert found[key] == pytest.approx(value, rel=1e-15)
        else:
            assert found[key] == value, key


@pytest.mark.parametrize("name", ["report.dcm", "map-1.dcm"])
def test_any_object_of_a_result_shows_it(made: tuple[Path, Any], name: str) -> None:
    shown = show(file_of(made, name))

    assert [each["roi"] for each in shown["results"]] == ["Tumor"]
    assert len(shown["objects"]) == len(made[1]["objects"])


def test_a_report_alone_under_another_name_is_enough(
    made: tuple[Path, Any], tmp_path: Path
) -> None:
    alone = tmp_path / "I0000001"
    shutil.copy(file_of(made, "report.dcm"), alone)
    link = tmp_path / "link"
    link.symlink_to(alone)

    assert show(alone)["results"][0]["score"] == made[1]["results"][0]["score"]
    assert show(link)["results"] == show(alone)["results"]


def test_what_people_read_has_the_numbers_and_their_honest_names(
    made: tuple[Path, Any],
) -> None:
    code, out, _ = command("show", str(file_of(made, "report.dcm")))
    words = " ".join(out.split())

    assert code == 0
    assert "Tumor 210 voxels" in words
    assert "texture index (published equation, uncalibrated)" in words
    assert "sensitivity range, no confidence interval" in words
    assert "shuffled" in words
    assert "zhang2023-64" in words
    assert "model zhang2023-fine" in words
    assert "calibration none" in words
    assert made[1]["results"][0]["score_model_sha256"] in words
    assert "For research use only" in words
    assert "objects: report" in words
    assert "parametric map" in words


def test_no_name_of_a_patient_is_printed(made: tuple[Path, Any]) -> None:
    path = file_of(made, "report.dcm")
    name = str(pydicom.dcmread(path).PatientName)
    assert name

    for words in ((str(path),), (str(path), "--json")):
        code, out, error = command("show", *words)
        assert code == 0
        for part in name.split("^"):
            assert part not in out + error


def test_an_object_without_its_report_says_what_to_name(
    made: tuple[Path, Any], tmp_path: Path
) -> None:
    shutil.copy(file_of(made, "map-1.dcm"), tmp_path / "map.dcm")

    assert "name the report" in " ".join(refused(tmp_path / "map.dcm").split())


def test_what_is_no_result_is_refused_in_words(
    made: tuple[Path, Any], tmp_path: Path
) -> None:
    text, cut = tmp_path / "text", tmp_path / "cut"
    text.write_text("no DICOM")
    whole = file_of(made, "report.dcm").read_bytes()
    cut.write_bytes(whole[: len(whole) // 2])
    huge = tmp_path / "huge"
    with huge.open("wb") as file:
        file.write(whole[:132])
        os.truncate(file.fileno(), 3 << 30)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    empty = tmp_path / "empty"
    empty.mkdir()
    study = next(path for path in (made[0].parent / "in").iterdir())

    assert "cannot be read" in refused(text)
    assert "cannot be read" in refused(cut)
    assert "cannot be read" in refused(huge)
    assert "no file and no folder" in " ".join(refused(pipe).split())
    assert "no report of this software" in " ".join(refused(empty).split())
    assert "no object of a result" in " ".join(refused(study).split())
    assert "no file and no folder" in " ".join(refused(tmp_path / "gone").split())


def test_a_folder_shows_every_result_in_it(
    made: tuple[Path, Any], tmp_path: Path
) -> None:
    write_study(tmp_path / "in")
    for at in ("2026-11-22T10:00:00Z", "2026-11-23T10:00:00Z"):
        words = ("score", str(tmp_path / "in"), "--out", str(tmp_path / "out"))
        code, _, error = command(*words, "--at", at)
        assert code == 0, error

    shown = show(tmp_path / "out")

    assert len(shown["results"]) == 2
    assert len(shown["objects"]) == 2 * len(made[1]["objects"])


def test_a_study_shows_its_result_and_where_that_went(node: InlineNode) -> None:
    config = ("--config", str(node.config))

    shown = show(STUDY_UID, *config)
    code, out, _ = command("show", STUDY_UID, *config)
    sent = len(node.study()["deliveries"])

    [result] = shown["results"]
    assert result["acquisition"]["series"]
    assert shown["sent"] == [
        {"destination": "archive", "state": "delivered", "objects": sent}
    ]
    assert code == 0
    assert f"delivered at archive: {sent} objects" in out


def test_any_object_s_uid_shows_the_result(node: InlineNode) -> None:
    config = ("--config", str(node.config))
    by_study = show(STUDY_UID, *config)

    for each in by_study["objects"]:
        assert show(each["sop_instance_uid"], *config) == by_study


def test_a_lost_file_of_numbers_is_made_up_for_by_the_report(node: InlineNode) -> None:
    config = ("--config", str(node.config))
    before = show(STUDY_UID, *config)["results"][0]
    [numbers] = (node.config.parent / "data" / "results").rglob("result.json")
    content = numbers.read_bytes()
    numbers.unlink()
    try:
        after = show(STUDY_UID, *config)["results"][0]
        _, out, _ = command("show", STUDY_UID, *config)
    finally:
        numbers.write_bytes(content)

    assert after["score"] == before["score"]
    assert after["features"] == before["features"]
    assert "these are the report's" in out


def test_a_terminal_gets_a_picture_of_the_map_over_the_pet(
    made: tuple[Path, Any], node: InlineNode
) -> None:
    of_files = results_in(made[0])[0]
    folder = node.config.parent / "data"
    shown, _ = results_of_uid(node.ledger, folder, STUDY_UID)
    images = images_of(node.ledger, shown)

    for found, below in ((of_files, {}), (shown[0], images)):
        told = drawn(found, below)
        assert told.count("\N{UPPER HALF BLOCK}") > 1000
        assert "locates no cells" in told
    # Grey, of the image below; the map itself has none.
    assert re.search(r"38;2;(\d+);\1;\1;", drawn(shown[0], images))


@pytest.mark.parametrize("option", ["never", "auto", "blocks"])
def test_a_pipe_gets_no_picture(made: tuple[Path, Any], option: str) -> None:
    code, out, _ = command("show", str(made[0]), "--picture", option)

    assert code == 0
    assert "\N{UPPER HALF BLOCK}" not in out
    assert "\x1b" not in out


def test_nobody_who_wants_no_colours_gets_a_picture(made: tuple[Path, Any]) -> None:
    shown = results_in(made[0])[0]

    assert drawn(shown, {}, no_color=True) == ""
    assert drawn(shown, {}, color_system="standard") == ""
    assert drawn(shown, {}, wanted="never") == ""


def test_a_terminal_with_pixels_gets_them_by_its_own_protocol(
    made: tuple[Path, Any],
) -> None:
    shown = results_in(made[0])[0]

    told = drawn(shown, {}, terminal=Terminal("xterm-kitty"), color_system="standard")

    assert "\x1b_Ga=T,f=100,q=2" in told
    assert "\N{UPPER HALF BLOCK}" not in told


def test_a_map_that_cannot_be_read_costs_the_picture_alone(
    made: tuple[Path, Any], tmp_path: Path
) -> None:
    shutil.copytree(made[0], tmp_path / "out")
    [path] = (tmp_path / "out").rglob("map-1.dcm")
    damaged = pydicom.dcmread(path)
    damaged.FloatPixelData = bytes(4)
    damaged.save_as(path)

    assert drawn(results_in(tmp_path / "out")[0], {}) == ""
    assert show(tmp_path / "out")["results"]


def drawn(
    shown: ShownResult,
    images: dict[str, Path],
    *,
    wanted: str = "auto",
    terminal: Terminal = TERMINAL,
    color_system: Literal["truecolor", "256", "standard"] = "truecolor",
    no_color: bool = False,
) -> str:
    """Return what a terminal is sent for a result's picture."""
    page = Console(
        file=StringIO(),
        force_terminal=True,
        color_system=color_system,
        no_color=no_color,
        width=100,
    )
    draw(page, shown, Drawing(wanted, terminal, images))
    assert isinstance(page.file, StringIO)
    return page.file.getvalue()


def test_an_unknown_uid_is_refused(node: InlineNode) -> None:
    assert "no study" in refused("1.2.3.4", "--config", node.config)


def test_a_held_study_says_why_and_ends_with_3(tmp_path: Path) -> None:
    with InlineNode(tmp_path) as node:
        node.send(*small_study(PatientWeight=None)[0], save(1))
        node.pass_time()
        code, out, error = command("show", STUDY_UID, "--config", str(node.config))
        _, told, _ = command("show", STUDY_UID, "--config", str(node.config), "--json")

    assert code == 3
    assert "missing_weight" in error
    assert "has no result" in out
    assert json.loads(told)["held"][0]["reason"] == "missing_weight"
