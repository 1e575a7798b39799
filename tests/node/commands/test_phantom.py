"""Promises of ``exhaustion-node phantom``."""

import json
from pathlib import Path

import pydicom
import pytest
from click.testing import CliRunner, Result

from node.commands.phantom import phantom_command

SMALL = ["--slices", "36", "--matrix", "56", "--ct-matrix", "128"]


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(phantom_command, [str(item) for item in arguments])


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("phantom") / "study"
    result = run("--out", out, "--seed", "7", *SMALL)
    assert result.exit_code == 0, result.output
    return out


def test_three_series_and_the_truth_are_written(written: Path) -> None:
    counts = {
        folder.name: len(list(folder.iterdir()))
        for folder in written.iterdir()
        if folder.is_dir()
    }

    assert counts == {"PET": 36, "CT": 36, "RTSTRUCT": 1}
    truth = json.loads((written / "truth.json").read_text())
    assert truth["objects"] == counts
    pet = pydicom.dcmread(written / "PET" / "0001.dcm")
    assert truth["study_instance_uid"] == pet.StudyInstanceUID
    assert truth["series_instance_uids"]["PET"] == pet.SeriesInstanceUID
    assert truth["specification"]["seed"] == 7
    assert (truth["roi"], truth["drawn_on"]) == ("Tumor", "pet")


def test_the_same_seed_gives_the_same_bytes(written: Path, tmp_path: Path) -> None:
    run("--out", tmp_path / "again", "--seed", "7", *SMALL)

    assert files_of(tmp_path / "again") == files_of(written)


def test_another_seed_gives_another_study(written: Path, tmp_path: Path) -> None:
    run("--out", tmp_path / "other", "--seed", "8", *SMALL)

    first = pydicom.dcmread(written / "PET" / "0001.dcm")
    second = pydicom.dcmread(tmp_path / "other" / "PET" / "0001.dcm")
    assert first.StudyInstanceUID != second.StudyInstanceUID
    assert first.PixelData != second.PixelData


def test_options_reach_the_study(tmp_path: Path) -> None:
    result = run(
        *("--out", tmp_path / "study", *SMALL, "--json", "--drawn-on", "ct"),
        *("--weight-g", "25.5", "--activity-mbq", "7.4", "--tumor-diameter-mm", "6"),
        *("--heterogeneity", "0.1", "--at", "2026-01-31T08:00:00-05:00"),
    )

    truth = json.loads(result.stdout)
    assert truth == json.loads((tmp_path / "study" / "truth.json").read_text())
    assert truth["drawn_on"] == "ct"
    assert truth["specification"]["heterogeneity"] == 0.1
    assert truth["suv"]["volume_ml"] == pytest.approx(0.1131, rel=0.05)
    pet = pydicom.dcmread(tmp_path / "study" / "PET" / "0001.dcm")
    item = pet.RadiopharmaceuticalInformationSequence[0]
    assert (str(pet.PatientWeight), str(item.RadionuclideTotalDose)) == (
        "2.55E-2",
        "7.4E6",
    )
    assert (pet.SeriesDate, pet.SeriesTime) == ("20260131", "080000.000000")


def test_a_folder_with_files_in_it_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep")

    result = run("--out", tmp_path, *SMALL)

    assert result.exit_code == 2
    assert "not empty" in result.output
    assert files_of(tmp_path) == {"mine.txt": b"keep"}


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--heterogeneity", "2"], "heterogeneity"),
        (["--slices", "6"], "lie wholly"),
        (["--seed", "-1"], "seed"),
        (["--at", "yesterday"], "ISO 8601"),
    ],
)
def test_what_cannot_be_made_is_refused_by_name_and_nothing_is_written(
    tmp_path: Path, arguments: list[str], named: str
) -> None:
    result = run("--out", tmp_path / "study", *SMALL, *arguments)

    assert result.exit_code == 2
    assert named in result.output
    assert not (tmp_path / "study").exists()


def test_progress_is_not_drawn_where_nobody_watches(tmp_path: Path) -> None:
    result = run("--out", tmp_path / "study", *SMALL)

    assert result.stderr == ""
    assert "36 PET, 36 CT, 1 RTSTRUCT" in result.stdout


def test_time_frames_make_a_dynamic_study_with_the_same_answer(
    written: Path, tmp_path: Path
) -> None:
    result = run(
        "--out",
        tmp_path / "dynamic",
        "--seed",
        "7",
        *SMALL,
        "--time-frames",
        "6",
        "--json",
    )

    assert result.exit_code == 0, result.output
    truth = json.loads(result.stdout)
    static = json.loads((written / "truth.json").read_text())
    assert truth["objects"] == {"PET": 6 * 36, "CT": 36, "RTSTRUCT": 1}
    assert (truth["suv"], truth["voxels"]) == (static["suv"], static["voxels"])
    assert truth["series_instance_uids"] != static["series_instance_uids"]
    frames = truth["time_frames"]
    counted = [frame for frame in frames if frame["averaged"]]
    seconds = [frame["duration_s"] for frame in counted]
    mean = sum(
        frame["uptake"] * length for frame, length in zip(counted, seconds, strict=True)
    ) / sum(seconds)
    assert mean == pytest.approx(1.0)
    assert len(set(seconds)) == len(counted) < len(frames)
    assert [frame["uptake"] for frame in frames] == sorted(
        frame["uptake"] for frame in frames
    )


def test_a_dynamic_study_is_the_same_bytes_each_time(tmp_path: Path) -> None:
    for name in ("one", "two"):
        result = run("--out", tmp_path / name, *SMALL, "--time-frames", "5")
        assert result.exit_code == 0, result.output

    assert files_of(tmp_path / "one") == files_of(tmp_path / "two")


@pytest.mark.parametrize("frames", ["0", "2", "61"])
def test_time_frames_that_do_not_show_the_window_are_refused(
    tmp_path: Path, frames: str
) -> None:
    result = run("--out", tmp_path / "study", *SMALL, "--time-frames", frames)

    assert result.exit_code == 2
    assert "5 to 60" in result.output
    assert not (tmp_path / "study").exists()
