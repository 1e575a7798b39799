"""Promises of ``exhaustion-node score`` about input that is not as it should be.

Whatever an object says: a result that is right, or a hold in words; exit code 0 or 3,
one JSON document, no trace of a defect, no warning of Python, no patient's name.
"""

import json
import random
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from pydicom.dataset import Dataset
from pydicom.tag import Tag

from node.cli import main
from node.failure import REASONS
from tests.support.damage import Damage, Damageable, damaged, damages_of
from tests.support.pet import pet_datasets, structure_set_dataset, write_all
from tests.support.report_alone import ALL_OBJECTS, REPORT_ALONE, configured
from tests.support.studies import TUMOUR_VOXELS, contours_on, small_study, write_study

AT = "2026-11-22T10:00:00+00:00"
SEED = 20261122
DAMAGES = 36
UNDAMAGED = Damage((), None)

# What a damaged value of these changes is another, consistent study.
_OTHER_STUDY = {"Rows", "Columns", "RescaleSlope", "ContourData"}

Change = Callable[[list[Dataset], Dataset], None]


def score(source: Path, *words: str) -> tuple[int, Any]:
    """Run ``score --json``, hold it to the promises, return exit code and document."""
    out = source.parent / "out"
    run = CliRunner().invoke(
        main,
        configured("score", source, "--out", out, "--at", AT, "--json", *words),
    )
    if run.exception is not None and not isinstance(run.exception, SystemExit):
        raise run.exception
    assert run.exit_code in (0, 3), run.stderr
    document = json.loads(run.stdout, parse_constant=_no_number)
    assert bool(document["held"]) is (run.exit_code == 3)
    assert document["held"] or document["results"]
    assert {held["reason"] for held in document["held"]} <= REASONS.keys()
    assert "Warning" not in run.stderr
    assert "Mouse" not in run.stdout + run.stderr
    return run.exit_code, document


def _no_number(text: str) -> float:
    message = f"{text} is no JSON"
    raise ValueError(message)


def held_in(tmp_path: Path, change: Change) -> list[dict[str, Any]]:
    """Change a good study, score it, and return what is held."""
    pet, contours = small_study()
    change(pet, contours)
    write_all([*pet, contours], tmp_path / "in")
    _, document = score(tmp_path / "in")
    held: list[dict[str, Any]] = document["held"]
    return held


def with_every_slice(tmp_path: Path, damage: Damage) -> Any:
    """Damage every slice of a good study, score it, and return the document."""
    pet, contours = small_study()
    source = tmp_path / "in"
    source.mkdir()
    for number, dataset in enumerate(pet):
        (source / f"{number}.dcm").write_bytes(damaged(dataset, damage))
    write_all([contours], source)
    return score(source)[1]


@pytest.mark.parametrize("target", ["every slice", "one slice", "structure set"])
def test_no_damaged_attribute_breaks_the_command_or_bends_a_number(
    tmp_path: Path, target: str
) -> None:
    pet, contours = small_study()
    objects = [*pet, contours]
    hit = {"every slice": range(12), "one slice": [5], "structure set": [12]}[target]
    encoded = [Damageable(dataset) for dataset in objects]
    source = tmp_path / "in"
    source.mkdir()

    def result_of(damage: Damage, *words: str) -> list[dict[str, Any]]:
        for number, each in enumerate(encoded):
            content = each.damaged(damage if number in hit else UNDAMAGED)
            (source / f"{number}.dcm").write_bytes(content)
        _, document = score(source, *words)
        results: list[dict[str, Any]] = document["results"]
        return results

    (expected,) = result_of(UNDAMAGED)
    damages = list(damages_of(objects[hit[0]]))
    chosen = random.Random(SEED).sample(damages, DAMAGES // 3)  # noqa: S311 - no secret
    for number, damage in enumerate(chosen):
        # Every third has all objects made, to which attributes are carried over.
        words = configured(config=ALL_OBJECTS if number % 3 == 0 else REPORT_ALONE)
        try:
            results = result_of(damage, *words)
        except Exception as error:
            message = f"{target}: {damage}"
            raise AssertionError(message) from error
        for result in results:
            assert result["voxels"] <= expected["voxels"], damage
            if not _OTHER_STUDY.intersection(str(damage).split(" ")[0].split(".")):
                same = result["suv"] == expected["suv"]
                assert same or result["warnings"] != expected["warnings"], damage


def _one_injection(keyword: str, value: str) -> Change:
    def change(pet: list[Dataset], _: Dataset) -> None:
        setattr(pet[5].RadiopharmaceuticalInformationSequence[0], keyword, value)

    return change


def _one_slice(keyword: str, value: object) -> Change:
    def change(pet: list[Dataset], _: Dataset) -> None:
        setattr(pet[5], keyword, value)

    return change


@pytest.mark.parametrize(
    ("keyword", "change"),
    [
        (
            "RadionuclideTotalDose",
            _one_injection("RadionuclideTotalDose", "4E6"),
        ),
        (
            "RadionuclideHalfLife",
            _one_injection("RadionuclideHalfLife", "1221"),
        ),
        (
            "RadiopharmaceuticalStartTime",
            _one_injection("RadiopharmaceuticalStartTime", "103000"),
        ),
        ("CorrectedImage", _one_slice("CorrectedImage", ["NORM", "ATTN"])),
        ("PatientID", _one_slice("PatientID", "another")),
    ],
)
def test_a_slice_that_contradicts_the_others_holds_the_series(
    tmp_path: Path, keyword: str, change: Change
) -> None:
    (held,) = held_in(tmp_path, change)

    assert held["reason"] == "unreadable_object"
    assert f"{keyword} (" in held["detail"]
    assert "1.1555.1.2.6" in held["detail"].replace("43.10.", "1.")


@pytest.mark.parametrize(
    "content", ["1e308\\-1e308\\0\\-1e308\\1e308\\0\\1e308\\1e308\\0", "1_0\\2\\3" * 3]
)
def test_points_that_lie_nowhere_are_held(tmp_path: Path, content: str) -> None:
    source = tmp_path / "in"
    write_study(source)
    _, contours = small_study()
    place = (0x30060039, 0, 0x30060040, 0, 0x30060050)
    path = source / f"{contours.SOPInstanceUID}.dcm"
    del contours.ROIContourSequence[0].ContourSequence[0].NumberOfContourPoints
    path.write_bytes(damaged(contours, Damage(place, "DS", content.encode())))

    code, document = score(source)

    assert code == 3
    assert "ContourData (3006,0050)" in document["held"][0]["detail"]
    assert contours.SOPInstanceUID in document["held"][0]["detail"]


@pytest.mark.parametrize("kind", ["", "CLOSED"])
def test_a_contour_of_unknown_type_is_not_left_out_of_its_region(
    tmp_path: Path, kind: str
) -> None:
    def change(_: list[Dataset], contours: Dataset) -> None:
        contours.ROIContourSequence[0].ContourSequence[2].ContourGeometricType = kind

    (held,) = held_in(tmp_path, change)

    assert "ContourGeometricType (3006,0042)" in held["detail"]


@pytest.mark.parametrize(
    "keyword",
    [
        "StructureSetROISequence",
        "ROIContourSequence",
        "ReferencedFrameOfReferenceSequence",
    ],
)
def test_a_number_where_a_sequence_belongs_is_no_defect(
    tmp_path: Path, keyword: str
) -> None:
    source = tmp_path / "in"
    *_, path = write_study(source)
    _, contours = small_study()
    path.write_bytes(damaged(contours, Damage((Tag(keyword),), "US", b"\x10\0")))

    score(source)


@pytest.mark.parametrize("owner", ["StructureSetROISequence", "ROIContourSequence"])
def test_two_regions_of_one_number_are_held(tmp_path: Path, owner: str) -> None:
    def change(_: list[Dataset], contours: Dataset) -> None:
        contours[owner].value.append(contours[owner].value[0])

    (held,) = held_in(tmp_path, change)

    assert "ROI number 1 is there twice" in held["detail"]


def test_contours_of_a_region_that_nobody_describes_are_told(tmp_path: Path) -> None:
    pet, contours = small_study()
    stray = deepcopy(contours.ROIContourSequence[0])
    stray.ReferencedROINumber = 9
    contours.ROIContourSequence.append(stray)
    write_all([*pet, contours], tmp_path / "in")

    _, document = score(tmp_path / "in")

    (result,) = document["results"]
    assert any("ROI number 9" in warning for warning in result["warnings"])


def test_why_no_region_is_left_stands_in_the_hold(tmp_path: Path) -> None:
    def change(_: list[Dataset], contours: Dataset) -> None:
        for contour in contours.ROIContourSequence[0].ContourSequence:
            contour.ContourGeometricType = "POINT"

    (held,) = held_in(tmp_path, change)

    assert held["reason"] == "no_roi"
    assert "left out 5 contour(s) of type POINT" in held["detail"]


@pytest.mark.parametrize(
    ("keyword", "content", "named"),
    [
        ("PixelRepresentation", b"\7\0", "PixelRepresentation (0028,0103)"),
        ("Rows", b"\0\0", "Rows (0028,0010)"),
        ("Rows", b"\7\0", "PixelData (7FE0,0010)"),
        ("Columns", b"\x10\0", "PixelData (7FE0,0010)"),
    ],
)
def test_stored_values_of_no_known_layout_are_never_guessed(
    tmp_path: Path, keyword: str, content: bytes, named: str
) -> None:
    document = with_every_slice(tmp_path, Damage((Tag(keyword),), "US", content))

    assert document["held"][0]["reason"] == "unreadable_object"
    assert named in document["held"][0]["detail"]


@pytest.mark.parametrize(
    ("keyword", "vr", "content"),
    [
        ("SliceThickness", "DS", b"NaN"),
        ("SliceThickness", "LO", b"thin"),
        ("PositionReferenceIndicator", "US", b"\1\0"),
    ],
)
def test_what_a_result_would_carry_on_is_read_before(
    tmp_path: Path, keyword: str, vr: str, content: bytes
) -> None:
    document = with_every_slice(tmp_path, Damage((Tag(keyword),), vr, content))

    assert f"{keyword} (" in document["held"][0]["detail"]


@pytest.mark.parametrize(
    "name",
    ["[bold]x[/nope]", "x" * 500, "腫瘍", "../../x", "a\\b", "\x1b[31mred", "a\0b\n"],
)
def test_a_name_is_a_name_whatever_it_looks_like(tmp_path: Path, name: str) -> None:
    source = tmp_path / "in"
    source.mkdir()
    pet, contours = small_study()
    label = Damage((0x0008103E,), "LO", name.encode())
    region = Damage((0x30060020, 0, 0x30060026), "LO", name.encode())
    for number, dataset in enumerate(pet):
        (source / f"{number}.dcm").write_bytes(damaged(dataset, label))
    (source / "contours.dcm").write_bytes(damaged(contours, region))

    code, document = score(source)
    shown = CliRunner().invoke(main, ["score", str(source), "--out", str(tmp_path)])

    assert code == 0
    (result,) = document["results"]
    assert result["voxels"] == TUMOUR_VOXELS
    printable = "".join(c for c in name if c.isprintable()).replace("\\", "/")
    assert result["roi"] == printable
    assert shown.exit_code == 0, shown.output
    assert "\x1b[31m" not in shown.stdout
    inside = {path.resolve() for path in tmp_path.rglob("*.dcm")}
    written = [tmp_path / "out" / each["path"] for each in document["objects"]]
    assert {path.resolve() for path in written} <= inside


def test_a_terminal_without_the_letters_of_a_name_still_shows_the_numbers(
    tmp_path: Path,
) -> None:
    pet, contours = small_study()
    contours.StructureSetROISequence[0].ROIName = "腫瘍"
    write_all([*pet, contours], tmp_path / "in")
    words = ["score", str(tmp_path / "in"), "--out", str(tmp_path / "out")]

    # Its streams refuse other letters, as those of such a terminal do.
    run = CliRunner(charset="ascii").invoke(main, words)

    assert run.exit_code == 0, run.output
    assert f"{TUMOUR_VOXELS} voxels" in run.stdout


@pytest.mark.parametrize("kept", [140, 900, -1])
def test_a_single_file_that_is_cut_off_is_held(tmp_path: Path, kept: int) -> None:
    path = write_study(tmp_path / "in")[-1]
    path.write_bytes(path.read_bytes()[:kept])

    code, document = score(path)

    assert code == 3
    assert document["held"][0]["reason"] == "unreadable_object"


def test_a_damaged_dicomdir_is_wrong_usage_and_no_defect(tmp_path: Path) -> None:
    path = write_study(tmp_path / "in")[-1]
    dicomdir = tmp_path / "DICOMDIR"
    dicomdir.write_bytes(path.read_bytes()[:900])

    run = CliRunner().invoke(
        main, ["score", str(dicomdir), "--out", str(tmp_path / "out"), "--json"]
    )

    assert run.exit_code == 2
    assert "DICOMDIR cannot be read" in run.stderr


@pytest.mark.parametrize("value", [0.0, 2e5])
def test_a_region_without_texture_gets_no_score(tmp_path: Path, value: float) -> None:
    pet = pet_datasets(values=np.full((12, 16, 18), value))
    write_all([*pet, contours_on(pet)], tmp_path / "in")

    code, document = score(tmp_path / "in")

    assert code == 0
    (result,) = document["results"]
    assert result["score"] is None
    assert any("refused" in warning for warning in result["warnings"])


def test_one_bad_study_does_not_cost_the_other_its_result(tmp_path: Path) -> None:
    write_study(tmp_path / "in" / "good")
    pet = pet_datasets(
        study_uid="1.2.77",
        series_uid="1.2.77.1",
        frame_of_reference_uid="1.2.77.9",
        PatientWeight=None,
    )
    other = structure_set_dataset(pet, {}, SOPInstanceUID="1.2.77.3")
    other.ROIContourSequence = contours_on(pet).ROIContourSequence
    other.StructureSetROISequence = contours_on(pet).StructureSetROISequence
    write_all([*pet, other], tmp_path / "in" / "bad")

    code, document = score(tmp_path / "in")

    assert code == 3
    assert [held["study_instance_uid"] for held in document["held"]] == ["1.2.77"]
    assert [result["roi"] for result in document["results"]] == ["Tumor"]
