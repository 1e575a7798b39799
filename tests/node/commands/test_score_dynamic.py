"""Promises of ``exhaustion-node score`` about dynamic series, through its own door."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from click.testing import CliRunner
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from node.cli import main
from tests.support.dynamic import (
    CHOSEN,
    FRAMES_S,
    INJECTED_AFTER_S,
    SCAN_AT,
    dynamic_datasets,
)
from tests.support.pet import DOSE_BQ, HALF_LIFE_S, ROOT, WEIGHT_KG, write_all
from tests.support.report_alone import configured, report_alone
from tests.support.studies import (
    TUMOUR_COLUMNS,
    TUMOUR_ROWS,
    TUMOUR_SLICES,
    TUMOUR_VOXELS,
    contours_on,
)

SLICES = 12


def frame_bq_ml(number: int) -> NDArray[np.float64]:
    """Return a frame of 12 slices whose tumour has texture, other in every frame."""
    generator = np.random.default_rng(number)
    return 2e5 * (0.5 + 0.1 * number + 0.5 * generator.random((SLICES, 16, 18)))


def dynamic_study(**overrides: Any) -> list[Dataset]:
    """Return a dynamic PET, and contours that were drawn on its last frame."""
    pet = dynamic_datasets(values=frame_bq_ml, **overrides)
    return [*pet, contours_on(pet[-SLICES:])]


def score(folder: Path, out: Path, *more: str) -> tuple[int, Any]:
    words = configured("score", folder, "--out", out, "--json", *more)
    run = CliRunner().invoke(main, words)
    assert run.exception is None or isinstance(run.exception, SystemExit), run.output
    return run.exit_code, json.loads(run.stdout)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a study that is as it should be."""
    folder = tmp_path_factory.mktemp("dynamic")
    write_all(dynamic_study(), folder)
    return folder


def suv_by_hand() -> NDArray[np.float64]:
    """Return SUVbw of the tumour's voxels in the mean over the chosen frames."""
    seconds = [FRAMES_S[number - 1] for number in CHOSEN]
    frames = [frame_bq_ml(number) for number in CHOSEN]
    mean = np.average(frames, axis=0, weights=seconds)
    # The image holds for the start of the scan, when nothing was injected yet.
    dose_bq = DOSE_BQ * 2.0 ** (INJECTED_AFTER_S / HALF_LIFE_S)
    tumour = mean[TUMOUR_SLICES.start : TUMOUR_SLICES.stop, TUMOUR_ROWS, TUMOUR_COLUMNS]
    return np.asarray(tumour * WEIGHT_KG * 1e3 / dose_bq)


SAME_INJECTION: dict[str, dict[str, Any]] = {
    "date and time": {},
    "a time alone": {"RadiopharmaceuticalStartDateTime": None},
    "past midnight, a time alone": {
        "scan_at": SCAN_AT.replace(hour=23, minute=58),
        "RadiopharmaceuticalStartDateTime": None,
    },
    "past midnight": {"scan_at": SCAN_AT.replace(hour=23, minute=58)},
}


@pytest.mark.parametrize("name", SAME_INJECTION)
def test_a_region_is_measured_in_the_mean_over_the_uptake_window(
    tmp_path: Path, name: str
) -> None:
    write_all(dynamic_study(**SAME_INJECTION[name]), tmp_path / "in")

    code, document = score(tmp_path / "in", tmp_path / "out")

    assert (code, document["held"]) == (0, [])
    (result,) = document["results"]
    expected = suv_by_hand()
    assert result["voxels"] == expected.size == TUMOUR_VOXELS
    found = result["suv"]
    assert found["min"] == pytest.approx(expected.min(), rel=2e-4)
    assert found["median"] == pytest.approx(np.median(expected), rel=2e-4)
    assert found["mean"] == pytest.approx(expected.mean(), rel=1e-5)
    assert found["max"] == pytest.approx(expected.max(), rel=2e-4)
    assert result["suv_rule"] == "BQML, START, decay reference = Series Time"


def test_the_chosen_frames_stand_in_result_and_report(
    tmp_path: Path, study: Path
) -> None:
    _, document = score(study, tmp_path / "out")

    (result,) = document["results"]
    said = "frame 6 of 900 s from 51.53 to 66.53 min"
    assert any(said in warning for warning in result["warnings"])
    report = pydicom.dcmread(tmp_path / "out" / document["objects"][0]["path"])
    texts = [str(e.value) for e in report.iterall() if e.keyword == "TextValue"]
    assert any(said in text for text in texts)
    evidence = {
        item.ReferencedSOPInstanceUID
        for study in report.CurrentRequestedProcedureEvidenceSequence
        for series in study.ReferencedSeriesSequence
        for item in series.ReferencedSOPSequence
    }
    measured = {
        f"{ROOT}.1.4.{(frame - 1) * SLICES + k + 1}"
        for frame in CHOSEN
        for k in TUMOUR_SLICES
    }
    assert measured <= evidence


def test_a_window_can_be_configured(tmp_path: Path, study: Path) -> None:
    config = tmp_path / "node.toml"
    settings = report_alone("[suv]\nuptake_window_min = [20, 40]\n")
    config.write_text(settings, encoding="utf-8")

    code, document = score(study, tmp_path / "out", "--config", str(config))

    assert code == 0
    (result,) = document["results"]
    assert any("frame 4 of 300 s" in warning for warning in result["warnings"])


def moved(**changes: float) -> dict[str, Any]:
    """Return an injection at another time after the start of the scan."""
    injected_at = SCAN_AT + timedelta(**changes)
    return {
        "RadiopharmaceuticalStartDateTime": f"{injected_at:%Y%m%d%H%M%S}",
        "RadiopharmaceuticalStartTime": f"{injected_at:%H%M%S}",
    }


HELD: dict[str, tuple[dict[str, Any], str, str]] = {
    "an injection long before": (
        moved(hours=-4),
        "uptake_time",
        "240.0 to 325.0 min after the injection",
    ),
    "an injection the day before": (
        moved(days=-1),
        "uptake_time",
        "1440.0 to 1525.0 min after the injection",
    ),
    "an injection after the scan": (
        moved(hours=3),
        "injection_after_scan",
        "later than the end of the last time frame",
    ),
    "an injection that nobody entered": (
        {
            "RadiopharmaceuticalStartDateTime": None,
            "RadiopharmaceuticalStartTime": None,
        },
        "missing_injection_time",
        "injection",
    ),
    "a time frame that is missing": (
        {"NumberOfTimeSlices": 9, "NumberOfSeriesRelatedInstances": None},
        "incomplete_series",
        "96 of 108 PET slices",
    ),
    "a gated series": ({"SeriesType": ["GATED", "IMAGE"]}, "gated", "GATED"),
    "frames without a duration": (
        {"ActualFrameDuration": None},
        "unreadable_object",
        "has no duration",
    ),
}


@pytest.mark.parametrize("name", HELD)
def test_a_doubtful_dynamic_study_is_held_with_its_numbers(
    tmp_path: Path, name: str
) -> None:
    overrides, reason, fact = HELD[name]
    write_all(dynamic_study(**overrides), tmp_path / "in")

    code, document = score(tmp_path / "in", tmp_path / "out")

    assert (code, document["results"]) == (3, [])
    (held,) = document["held"]
    assert held["reason"] == reason
    assert fact in held["detail"]


def test_a_dynamic_phantom_is_scored_as_the_truth_says(tmp_path: Path) -> None:
    words = ["--slices", "36", "--matrix", "56", "--ct-matrix", "128", "--json"]
    made = CliRunner().invoke(
        main,
        ["phantom", "--out", str(tmp_path / "in"), *words, "--time-frames", "8"],
    )
    truth = json.loads(made.stdout)

    code, document = score(tmp_path / "in", tmp_path / "out")

    assert (code, document["held"]) == (0, [])
    (result,) = document["results"]
    assert result["voxels"] == truth["voxels"]
    step = truth["suv_stored_step"]
    for name in ("min", "median", "mean", "max"):
        assert result["suv"][name] == pytest.approx(truth["suv"][name], abs=2 * step)
