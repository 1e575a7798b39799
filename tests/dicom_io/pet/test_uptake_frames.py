"""Promises of `dicom_io.pet.uptake_frames`: which frames are averaged, or why none."""

from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from dicom_io.errors import DicomContentError
from tests.support.dynamic import (
    SCAN_AT,
    TOLERANCE,
    mean_by_hand,
    read_averaged,
    write_dynamic,
)


def test_frames_are_taken_by_their_middle_and_on_one_edge_only(tmp_path: Path) -> None:
    paths = write_dynamic(tmp_path, [600] * 9)

    series = read_averaged(paths, injected_at=SCAN_AT)

    # Middles 45, 55, 65 min; 75 min belongs to what follows the window.
    assert [frame.number for frame in series.time_frames] == [5, 6, 7]


def test_equal_frames_are_said_in_one_breath(tmp_path: Path) -> None:
    series = read_averaged(write_dynamic(tmp_path, [300] * 18), injected_at=SCAN_AT)

    (said,) = series.statements
    assert "frames 10 to 15 of 300 s each from 45.00 to 75.00 min" in said


def test_another_window_takes_other_frames(tmp_path: Path) -> None:
    window = (timedelta(minutes=20), timedelta(minutes=40))

    series = read_averaged(write_dynamic(tmp_path), window=window)

    assert [frame.number for frame in series.time_frames] == [3, 4]
    np.testing.assert_allclose(
        series.volume.values, mean_by_hand([3, 4]), atol=TOLERANCE
    )


@pytest.mark.parametrize(
    ("after_scan_s", "reason", "fact"),
    [
        (-7200.0, "uptake_time", r"120\.0 to 205\.0 min"),
        (-86400.0, "uptake_time", r"1440\.0 to 1525\.0 min"),
        (3000.0, "uptake_time", r"-50\.0 to 35\.0 min"),
        (5100.0, "injection_after_scan", "later than the end"),
        (86400.0, "injection_after_scan", "later than the end"),
    ],
)
def test_a_window_without_frames_is_held_with_their_span(
    tmp_path: Path, after_scan_s: float, reason: str, fact: str
) -> None:
    paths = write_dynamic(tmp_path)
    injected_at = SCAN_AT + timedelta(seconds=after_scan_s)

    with pytest.raises(DicomContentError, match=fact) as refusal:
        read_averaged(paths, injected_at=injected_at)

    assert refusal.value.reason == reason


def test_a_window_that_is_hardly_covered_is_held(tmp_path: Path) -> None:
    paths = write_dynamic(tmp_path, [1200, 1200, 600, 600])

    with pytest.raises(DicomContentError, match=r"cover 10\.0 min of it") as refusal:
        read_averaged(paths)

    assert refusal.value.reason == "uptake_time"
    assert "suv.uptake_window_min" in refusal.value.remedy


def test_a_frame_longer_than_the_window_says_nothing_of_it(tmp_path: Path) -> None:
    with pytest.raises(DicomContentError, match="0 of them"):
        read_averaged(write_dynamic(tmp_path, [1200, 3600]), injected_at=SCAN_AT)
