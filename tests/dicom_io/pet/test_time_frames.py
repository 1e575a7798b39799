"""Promises of `dicom_io.pet.time_frames`: what belongs together, and when it was."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dicom_io.errors import DicomContentError
from tests.support.dynamic import (
    CHOSEN,
    FRAMES_S,
    SCAN_AT,
    TOLERANCE,
    dynamic_datasets,
    frame_starts_s,
    mean_by_hand,
    read_averaged,
    write_dynamic,
)
from tests.support.pet import HALF_LIFE_S, write_all

OTHER_CLOCKS: dict[str, dict[str, Any]] = {
    "no Frame Reference Time": {"FrameReferenceTime": None},
    "a stale Frame Reference Time": {"FrameReferenceTime": "450000"},
    "no Acquisition Date": {"AcquisitionDate": None},
    "Acquisition DateTime alone": {
        "AcquisitionDate": None,
        "AcquisitionTime": None,
        "AcquisitionDateTime": lambda number: (
            f"{SCAN_AT + timedelta(seconds=frame_starts_s()[number - 1]):%Y%m%d%H%M%S}"
        ),
    },
    "every frame acquired at the start of the scan": {"AcquisitionTime": "111000"},
    "no acquisition": {"AcquisitionDate": None, "AcquisitionTime": None},
    "a Series Time of the export": {
        "AcquisitionTime": "111000",
        "SeriesTime": "150000",
    },
    "no Series Time": {"AcquisitionTime": "111000", "SeriesTime": None},
    "no Image Index": {"ImageIndex": None},
    "no count of time slices": {"NumberOfTimeSlices": None},
    "no count of slices": {"NumberOfSlices": None},
    "GE's reference times": {
        "Manufacturer": "GE MEDICAL SYSTEMS",
        "AcquisitionTime": "111000",
        "FrameReferenceTime": lambda number: f"{frame_starts_s()[number - 1] * 1e3}",
    },
    "average-decay times": {
        "FrameReferenceTime": lambda number: (
            f"{(frame_starts_s()[number - 1] + FRAMES_S[number - 1] * 0.495) * 1e3:.0f}"
        )
    },
}


@pytest.mark.parametrize("name", OTHER_CLOCKS)
def test_frames_are_told_by_whatever_says_their_time(tmp_path: Path, name: str) -> None:
    series = read_averaged(write_dynamic(tmp_path, **OTHER_CLOCKS[name]))

    assert tuple(frame.number for frame in series.time_frames) == CHOSEN
    assert len(series.statements) == 1
    np.testing.assert_allclose(series.volume.values, mean_by_hand(), atol=TOLERANCE)


@pytest.mark.parametrize("with_date", [True, False])
def test_frames_pass_midnight(tmp_path: Path, *, with_date: bool) -> None:
    late = datetime(2026, 3, 2, 23, 20, tzinfo=UTC)
    overrides = {} if with_date else {"AcquisitionDate": None}
    paths = write_dynamic(tmp_path, scan_at=late, **overrides)

    series = read_averaged(paths, injected_at=late + timedelta(seconds=208))

    assert tuple(frame.number for frame in series.time_frames) == CHOSEN
    assert series.time_frames[-1].ended_at == late + timedelta(seconds=4500)


def test_a_wrong_image_index_is_said_and_not_used(tmp_path: Path) -> None:
    datasets = dynamic_datasets()
    for dataset in datasets:
        dataset.ImageIndex = len(datasets) + 1 - dataset.ImageIndex
    series = read_averaged(write_all(datasets, tmp_path))

    assert any("Image Index" in said for said in series.statements)
    np.testing.assert_allclose(series.volume.values, mean_by_hand(), atol=TOLERANCE)


def test_more_frames_than_declared_are_said(tmp_path: Path) -> None:
    series = read_averaged(write_dynamic(tmp_path, NumberOfTimeSlices=6))

    assert any("8 time frames and declares 6" in said for said in series.statements)
    np.testing.assert_allclose(series.volume.values, mean_by_hand(), atol=TOLERANCE)


def of_frame(number: int, value: Any, otherwise: Any) -> Callable[[int], Any]:
    return lambda frame: value if frame == number else otherwise


REFUSALS: dict[str, tuple[dict[str, Any], str, str]] = {
    "a frame without a duration": (
        {"ActualFrameDuration": of_frame(2, None, "600000")},
        "unreadable_object",
        r"11:15:00 UTC.*750 s has no duration",
    ),
    "a frame of no length": (
        {"ActualFrameDuration": of_frame(2, "0", "600000")},
        "unreadable_object",
        "a duration of 0 or less",
    ),
    "overlapping frames": (
        {"ActualFrameDuration": of_frame(4, "500000", "300000")},
        "incomplete_series",
        "time frame 5.* begins 200 s before time frame 4 ends",
    ),
    "frames that nothing tells apart": (
        {
            "AcquisitionTime": "111000",
            "FrameReferenceTime": "0",
            "ActualFrameDuration": "600000",
        },
        "incomplete_series",
        "48 slices",
    ),
    "frames of several lengths that nothing places in time": (
        {"AcquisitionTime": "111000", "FrameReferenceTime": None},
        "unreadable_object",
        "neither Acquisition Time nor Frame Reference Time",
    ),
    "more frames declared than there are": (
        {"NumberOfTimeSlices": 9},
        "incomplete_series",
        "8 of 9 time frames",
    ),
    "more slices declared than there are": (
        {"NumberOfSlices": 7},
        "incomplete_series",
        "time frame 1, 0.0 min after the first, has 6 of 7 slices",
    ),
    "a frame that lies elsewhere": (
        {"ImagePositionPatient": None},
        "unreadable_object",
        "ImagePositionPatient",
    ),
    "a frame in another frame of reference": (
        {"FrameOfReferenceUID": of_frame(3, "1.2.3", "1.2.4")},
        "incomplete_series",
        "time frame 3.* lies elsewhere",
    ),
    "two units": ({"Units": of_frame(3, "GML", "BQML")}, "unreadable_object", "Units"),
    "two injections": (
        {"RadionuclideTotalDose": of_frame(3, "4.2E6", "5.55E6")},
        "unreadable_object",
        "RadionuclideTotalDose",
    ),
    "a gated series": (
        {"SeriesType": ["GATED", "IMAGE"]},
        "gated",
        "gated",
    ),
    "frames corrected to their own start": (
        {
            "DecayFactor": lambda number: (
                f"{2 ** (FRAMES_S[number - 1] / 2 / HALF_LIFE_S):.8f}"
            )
        },
        "not_decay_corrected",
        "of time frame 5 corrects for the decay in the frame alone",
    ),
    "clocks that choose other frames": (
        {
            "FrameReferenceTime": lambda n: (
                f"{(frame_starts_s()[n - 1] + FRAMES_S[n - 1] / 2 + 900) * 1e3:.0f}"
            )
        },
        "uptake_time",
        "and others would be averaged",
    ),
    "times beyond all time": (
        {"FrameReferenceTime": lambda n: f"{n}E15", "AcquisitionTime": None},
        "unreadable_object",
        "too far apart",
    ),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_what_is_no_whole_dynamic_series_is_held(tmp_path: Path, name: str) -> None:
    overrides, reason, fact = REFUSALS[name]

    with pytest.raises(DicomContentError, match=fact) as refusal:
        read_averaged(write_dynamic(tmp_path, **overrides))

    assert refusal.value.reason == reason
    assert "Mouse" not in str(refusal.value)


def test_a_slice_that_one_frame_lacks_is_missed(tmp_path: Path) -> None:
    paths = write_dynamic(tmp_path)

    with pytest.raises(
        DicomContentError, match=r"time frame 2, 5\.0 min .* has 5 of 6 slices"
    ) as refusal:
        read_averaged(paths[:8] + paths[9:])

    assert refusal.value.reason == "incomplete_series"


def test_a_slice_that_takes_anothers_place_is_found(tmp_path: Path) -> None:
    datasets = dynamic_datasets()
    datasets[8].ImagePositionPatient = datasets[9].ImagePositionPatient

    with pytest.raises(
        DicomContentError, match=r"time frame 2.* two planes lie at"
    ) as refusal:
        read_averaged(write_all(datasets, tmp_path))

    assert refusal.value.reason == "incomplete_series"


def test_a_frame_that_came_twice_is_found(tmp_path: Path) -> None:
    datasets = dynamic_datasets()
    again = dynamic_datasets()[6:12]
    for number, dataset in enumerate(again):
        dataset.SOPInstanceUID = f"1.2.3.{number}"

    with pytest.raises(
        DicomContentError, match=r"time frame 2.* 12 slices.*came twice"
    ) as refusal:
        read_averaged(write_all([*datasets, *again], tmp_path))

    assert refusal.value.reason == "incomplete_series"


def test_a_frame_that_moved_is_found(tmp_path: Path) -> None:
    datasets = dynamic_datasets()
    for dataset in datasets[24:30]:
        x, y, z = dataset.ImagePositionPatient
        dataset.ImagePositionPatient = [x, y, float(z) + 0.4]

    with pytest.raises(DicomContentError, match=r"time frame 5.* lies elsewhere"):
        read_averaged(write_all(datasets, tmp_path))


def test_one_frame_of_unknown_many_is_no_series(tmp_path: Path) -> None:
    paths = write_dynamic(tmp_path, [1800], NumberOfTimeSlices=None)

    with pytest.raises(DicomContentError, match="nothing says") as refusal:
        read_averaged(paths, injected_at=SCAN_AT - timedelta(minutes=45))

    assert refusal.value.reason == "incomplete_series"
