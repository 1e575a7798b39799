"""Builders of dynamic PET series: a scan that began 208 s before the injection."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from dicom_io.pet.dynamic_series import read_pet
from dicom_io.pet.series import PetSeries
from tests.support.pet import HALF_LIFE_S, ROOT, pet_datasets, write_all

SCAN_AT = datetime(2026, 3, 2, 11, 10, tzinfo=UTC)
INJECTED_AFTER_S = 208.0
INJECTED_AT = SCAN_AT + timedelta(seconds=INJECTED_AFTER_S)
FRAMES_S = (300, 900, 1200, 300, 600, 900, 300, 600)
"""Durations; after the injection the last five lie from 41.5 to 86.5 min."""
CHOSEN = (5, 6, 7)
"""Frames whose middles lie from 45 to 75 min after the injection, counted from 1."""
SHAPE = (6, 8, 10)
WINDOW = (timedelta(minutes=45), timedelta(minutes=75))
TOLERANCE = 40.0
"""Bq/ml: half a stored step of the brightest frame, with room."""


def frame_starts_s(durations_s: Sequence[float] = FRAMES_S) -> list[float]:
    """Return when frames that follow each other begin, seconds after the scan."""
    return [float(sum(durations_s[:number])) for number in range(len(durations_s))]


def frame_values(number: int) -> NDArray[np.float64]:
    """Return Bq/ml of a frame, counted from 1; each frame has another pattern."""
    generator = np.random.default_rng(number)
    return 2e5 * (0.5 + 0.3 * number + generator.random(SHAPE))


def dynamic_datasets(
    durations_s: Sequence[float] = FRAMES_S,
    *,
    values: Callable[[int], NDArray[np.float64]] = frame_values,
    scan_at: datetime = SCAN_AT,
    **overrides: Any,
) -> list[Dataset]:
    """Return a dynamic series, frame by frame, slices by rising z.

    Parameters
    ----------
    durations_s : sequence of float
        Of frames that follow each other from the start of the scan.
    values : callable
        Bq/ml of a frame, counted from 1.
    scan_at : datetime
        Start of the scan, and *Series Time*; the injection is 208 s later.
    **overrides
        As in `pet_datasets`; a callable is called with the number of the frame.
    """
    datasets: list[Dataset] = []
    for number, start_s in enumerate(frame_starts_s(durations_s), start=1):
        frame = values(number)
        said = _frame(scan_at, start_s, durations_s[number - 1])
        said |= {
            keyword: given(number) if callable(given) else given
            for keyword, given in overrides.items()
        }
        numbers = _Numbers(number, len(durations_s), len(frame))
        datasets += pet_datasets(values=frame, **{**numbers.attributes(), **said})
    return datasets


def _frame(scan_at: datetime, start_s: float, duration_s: float) -> dict[str, Any]:
    started_at = scan_at + timedelta(seconds=start_s)
    injected_at = scan_at + timedelta(seconds=INJECTED_AFTER_S)
    middle_s = start_s + duration_s / 2.0
    return {
        "SeriesType": ["DYNAMIC", "IMAGE"],
        "SeriesDate": f"{scan_at:%Y%m%d}",
        "SeriesTime": f"{scan_at:%H%M%S}",
        "AcquisitionDate": f"{started_at:%Y%m%d}",
        "AcquisitionTime": f"{started_at:%H%M%S.%f}",
        "RadiopharmaceuticalStartDateTime": f"{injected_at:%Y%m%d%H%M%S}",
        "RadiopharmaceuticalStartTime": f"{injected_at:%H%M%S}",
        "FrameReferenceTime": f"{middle_s * 1000.0:.3f}",
        "ActualFrameDuration": f"{duration_s * 1000.0:.0f}",
        "DecayFactor": f"{2.0 ** (middle_s / HALF_LIFE_S):.8f}",
    }


class _Numbers:
    """Counts and numbers of the slices of one frame."""

    def __init__(self, number: int, frames: int, slices: int) -> None:
        self._before = (number - 1) * slices
        self._frames = frames
        self._slices = slices

    def attributes(self) -> dict[str, Any]:
        return {
            "NumberOfTimeSlices": self._frames,
            "NumberOfSeriesRelatedInstances": self._frames * self._slices,
            "SOPInstanceUID": lambda k: f"{ROOT}.1.4.{self._before + k + 1}",
            "ImageIndex": lambda k: self._before + k + 1,
            "InstanceNumber": lambda k: self._before + k + 1,
        }


def write_dynamic(folder: Path, *args: Any, **overrides: Any) -> list[Path]:
    """Write `dynamic_datasets` and return its files, in its order."""
    return write_all(dynamic_datasets(*args, **overrides), folder)


def read_averaged(
    paths: Sequence[Path],
    *,
    injected_at: datetime = INJECTED_AT,
    window: tuple[timedelta, timedelta] = WINDOW,
) -> PetSeries:
    """Return a dynamic series averaged over a window, the injection being known."""
    return read_pet(paths, window, lambda _headers: injected_at, UTC)


def mean_by_hand(numbers: Sequence[int] = CHOSEN) -> NDArray[np.float64]:
    """Return the mean weighted by duration, slices against the order of the builder."""
    total = sum(FRAMES_S[number - 1] * frame_values(number) for number in numbers)
    weight = sum(FRAMES_S[number - 1] for number in numbers)
    return np.asarray(total / weight)[::-1]
