"""Promises of `dicom_io.pet.dynamic_series`: a dynamic PET becomes one true mean."""

import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset

from dicom_io.errors import DicomContentError
from dicom_io.pet.corrections import DecayCorrection
from dicom_io.pet.dynamic_series import read_pet
from dicom_io.pet.series import read_pet_series
from tests.support.dynamic import (
    CHOSEN,
    FRAMES_S,
    INJECTED_AT,
    SCAN_AT,
    SHAPE,
    TOLERANCE,
    WINDOW,
    dynamic_datasets,
    frame_starts_s,
    frame_values,
    mean_by_hand,
    read_averaged,
    write_dynamic,
)
from tests.support.pet import HALF_LIFE_S, pet_datasets, write_all


def test_the_volume_is_the_mean_over_the_window_weighted_by_duration(
    tmp_path: Path,
) -> None:
    series = read_averaged(write_dynamic(tmp_path))

    assert series.volume.grid.shape == SHAPE
    assert series.volume.unit == "Bq/ml"
    np.testing.assert_allclose(series.volume.values, mean_by_hand(), atol=TOLERANCE)
    unweighted = np.mean([frame_values(number) for number in CHOSEN], axis=0)[::-1]
    assert np.abs(series.volume.values - unweighted).max() > 50 * TOLERANCE


def test_every_frame_has_its_own_slopes(tmp_path: Path) -> None:
    datasets = dynamic_datasets()
    series = read_averaged(write_all(datasets, tmp_path))
    stored = np.zeros(SHAPE)
    for dataset in datasets:
        frame, k = divmod(int(dataset.ImageIndex) - 1, SHAPE[0])
        if frame + 1 in CHOSEN:
            pixels = np.frombuffer(dataset.PixelData, "<i2").reshape(SHAPE[1:])
            stored[k] += pixels * float(dataset.RescaleSlope) * FRAMES_S[frame]

    expected = stored[::-1] / sum(FRAMES_S[number - 1] for number in CHOSEN)
    np.testing.assert_allclose(series.volume.values, expected, rtol=1e-12)


def test_the_chosen_frames_are_recorded(tmp_path: Path) -> None:
    series = read_averaged(write_dynamic(tmp_path))

    starts = frame_starts_s()
    assert [
        (frame.number, frame.started_at, frame.duration) for frame in series.time_frames
    ] == [
        (
            number,
            SCAN_AT + timedelta(seconds=starts[number - 1]),
            timedelta(seconds=FRAMES_S[number - 1]),
        )
        for number in CHOSEN
    ]
    (said,) = series.statements
    assert "8 time frames" in said
    assert "frame 5 of 600 s from 41.53 to 51.53 min" in said
    assert "frame 6 of 900 s from 51.53 to 66.53 min" in said
    assert "frame 7 of 300 s from 66.53 to 71.53 min" in said
    assert series.numbers == {
        "averaged_time_frames": 3.0,
        "first_time_frame": 5.0,
        "last_time_frame": 7.0,
        "averaged_from_s": 2492.0,
        "averaged_to_s": 4292.0,
        "averaged_duration_s": 1800.0,
    }
    assert series.scan_began_at == SCAN_AT


def test_slices_are_those_of_the_first_chosen_frame(tmp_path: Path) -> None:
    series = read_averaged(write_dynamic(tmp_path))

    first = (CHOSEN[0] - 1) * SHAPE[0]
    indices = [int(header.ImageIndex) for header in series.headers]
    assert indices == list(range(first + SHAPE[0], first, -1))
    assert [instance.sop_instance_uid for instance in series.instances] == [
        header.SOPInstanceUID for header in series.headers
    ]
    assert not any("PixelData" in header for header in series.headers)
    assert series.averaged_instances[: SHAPE[0]] == series.instances
    assert len(set(series.averaged_instances)) == len(CHOSEN) * SHAPE[0]


def test_the_order_of_the_files_does_not_matter(tmp_path: Path) -> None:
    paths = write_dynamic(tmp_path)
    expected = read_averaged(paths)
    random.Random(3).shuffle(paths)  # noqa: S311 - an order, not a secret

    series = read_averaged(paths)

    assert series.instances == expected.instances
    assert series.time_frames == expected.time_frames
    np.testing.assert_array_equal(series.volume.values, expected.volume.values)


def test_the_injection_is_asked_for_with_a_header_of_each_frame(tmp_path: Path) -> None:
    asked: list[list[str]] = []

    def injected_at(headers: Sequence[Dataset]) -> datetime:
        asked.append([str(header.FrameReferenceTime) for header in headers])
        return INJECTED_AT

    read_pet(write_dynamic(tmp_path), WINDOW, injected_at, UTC)

    middles = [
        start + duration / 2
        for start, duration in zip(frame_starts_s(), FRAMES_S, strict=True)
    ]
    assert [list(map(float, times)) for times in asked] == [
        [middle * 1000.0 for middle in middles]
    ]


def never_asked(_headers: Sequence[Dataset]) -> datetime:
    pytest.fail("a static series needs no injection to be read")


@pytest.mark.parametrize(
    "overrides",
    [
        {},
        {"NumberOfTimeSlices": 6},
        {"SeriesType": ["DYNAMIC", "IMAGE"], "NumberOfTimeSlices": 1},
        {"SeriesType": ["WHOLE BODY", "IMAGE"], "NumberOfTimeSlices": 2},
    ],
)
def test_a_series_of_one_time_slice_is_read_as_it_is(
    tmp_path: Path, overrides: dict[str, Any]
) -> None:
    paths = write_all(pet_datasets(**overrides), tmp_path)

    series = read_pet(paths, WINDOW, never_asked, UTC)

    expected = read_pet_series(paths)
    assert not series.time_frames
    assert not series.averaged_instances
    assert not series.statements
    np.testing.assert_array_equal(series.volume.values, expected.volume.values)
    assert series.instances == expected.instances


def test_frames_without_decay_correction_are_corrected_to_the_injection(
    tmp_path: Path,
) -> None:
    paths = write_dynamic(
        tmp_path,
        DecayCorrection="NONE",
        CorrectedImage=["NORM", "ATTN", "SCAT", "DTIM"],
        DecayFactor="1",
    )
    series = read_averaged(paths)

    rate = np.log(2.0) / HALF_LIFE_S
    total = np.zeros(SHAPE)
    for number in CHOSEN:
        begin = frame_starts_s()[number - 1] - 208.0
        duration = FRAMES_S[number - 1]
        # What decays while it is measured: counts of the frame over those that the
        # activity at the injection would have given.
        remaining = np.exp(-rate * begin) * -np.expm1(-rate * duration) / rate
        total += frame_values(number) * duration / remaining * duration
    expected = total[::-1] / sum(FRAMES_S[number - 1] for number in CHOSEN)

    assert series.decay_correction is DecayCorrection.ADMIN
    assert any("not decay-corrected" in said for said in series.statements)
    np.testing.assert_allclose(series.volume.values, expected, rtol=2e-4)


def test_values_that_are_suv_are_averaged_as_they_are(tmp_path: Path) -> None:
    series = read_averaged(write_dynamic(tmp_path, Units="GML", DecayFactor=None))

    assert series.volume.unit == "g/ml"
    np.testing.assert_allclose(series.volume.values, mean_by_hand(), atol=TOLERANCE)


def philips(datasets: list[Dataset], factor: Callable[[int], str]) -> list[Dataset]:
    """Give slices a Philips activity factor, by the number of their frame."""
    for position, dataset in enumerate(datasets):
        dataset.Manufacturer = "Philips Medical Systems"
        block = dataset.private_block(0x7053, "Philips PET Private Group", create=True)
        block.add_new(0x09, "DS", factor(position // SHAPE[0] + 1))
    return datasets


def test_counts_are_averaged_while_their_factor_is_one(tmp_path: Path) -> None:
    datasets = philips(dynamic_datasets(Units="CNTS"), lambda _frame: "2.5")

    series = read_averaged(write_all(datasets, tmp_path))

    np.testing.assert_allclose(series.volume.values, mean_by_hand(), atol=TOLERANCE)


def test_counts_that_mean_different_activities_are_refused(tmp_path: Path) -> None:
    datasets = philips(dynamic_datasets(Units="CNTS"), lambda frame: f"{frame}.5")

    with pytest.raises(DicomContentError, match="differs between time frames") as no:
        read_averaged(write_all(datasets, tmp_path))

    assert no.value.reason == "unsupported_units"


def test_counts_without_decay_correction_are_refused(tmp_path: Path) -> None:
    uncorrected: dict[str, Any] = {
        "DecayCorrection": "NONE",
        "CorrectedImage": ["NORM", "ATTN", "SCAT", "DTIM"],
    }
    datasets = philips(dynamic_datasets(Units="CNTS", **uncorrected), lambda _: "2.5")

    with pytest.raises(DicomContentError, match="not decay-corrected") as no:
        read_averaged(write_all(datasets, tmp_path))

    assert no.value.reason == "unsupported_units"


def test_pixels_of_other_frames_are_not_looked_at(tmp_path: Path) -> None:
    datasets = dynamic_datasets()
    for dataset in datasets[: SHAPE[0]]:
        dataset.PixelData = b"\0" * 20
    series = read_averaged(write_all(datasets, tmp_path))

    np.testing.assert_allclose(series.volume.values, mean_by_hand(), atol=TOLERANCE)
