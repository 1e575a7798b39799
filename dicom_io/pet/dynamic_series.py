"""A dynamic PET series, averaged over the uptake window, as one volume.

Design choice: the mean over the window is the mean of activity weighted by the duration
of each frame, all frames decay-corrected to one instant. With START or ADMIN they are.
With NONE every frame is first corrected to the injection, from the instant at which its
activity equals its mean; the volume is then one with ADMIN, and says so.

Design choice: *Decay Factor* (0054,1321) that accounts for nothing but the decay within
a late frame shows that each frame was corrected to its own start. Such frames have no
instant in common, whatever *Decay Correction* says, and are refused.

Design choice: headers of all frames are read, so that a missing or doubled slice is
found wherever it is; pixels are read of the chosen frames only, a frame at a time. A
scan of forty frames and 6360 slices needs no more pixels in memory than three volumes.

Design choice: results refer to slices of the first chosen frame. It is a real image at
the same place, and one that a viewer can show beside a contour.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

from pydicom.dataset import Dataset

from dicom_io.attributes import items, name_of, number, uid_of
from dicom_io.errors import DicomContentError
from dicom_io.instants import zone_of
from dicom_io.pet.acquisition import is_undated
from dicom_io.pet.corrections import DecayCorrection
from dicom_io.pet.half_life import half_life_of
from dicom_io.pet.radiopharmaceutical import local_zone, require_same_injection
from dicom_io.pet.series import (
    PetKind,
    PetSeries,
    is_dynamic,
    kind_of,
    one_volume,
    static_volume,
)
from dicom_io.pet.slices import PetSlices, pet_slices
from dicom_io.pet.time_frames import (
    FramesInTime,
    FrameTimeError,
    TimeFrame,
    time_frames_of,
)
from dicom_io.pet.units import Units, UnsupportedUnitsError
from dicom_io.pet.uptake_frames import (
    Window,
    choice_in_numbers,
    choice_in_words,
    choose_frames,
)
from dicom_io.private_elements import (
    PHILIPS_ACTIVITY_FACTOR,
    PHILIPS_SUV_FACTOR,
    private_text,
)
from model.decay import average_decay_time
from model.grid import Volume

__all__ = ["InjectionInstant", "NoCommonReferenceError", "Window", "read_pet"]

InjectionInstant = Callable[[Sequence[Dataset]], datetime]
"""Says from headers, one of each time frame, when the injection was."""

_INJECTION = "RadiopharmaceuticalInformationSequence"
_ACTIVITY = frozenset({Units.BQML, Units.CNTS})
_OWN_START_TOLERANCE = 0.002
_LATE_FRAME = 1.02


def read_pet(
    paths: Sequence[Path],
    window: Window,
    injected_at: InjectionInstant,
    zone: tzinfo,
) -> PetSeries:
    """Return a PET series as one volume: a static one as it is, a dynamic one averaged.

    Parameters
    ----------
    paths : sequence of Path
        Of all objects of the series, in any order.
    window : tuple of timedelta
        From when to when after the injection a dynamic series is averaged.
    injected_at : callable
        Called for dynamic series only, with a header of each time frame in the order of
        time; returns the instant of the injection.
    zone : tzinfo
        Of dates and times that state none.

    Raises
    ------
    DicomContentError, ModelError
        With its reason, when the files are not one complete, regular series in units
        that can become SUV, when the time frames of a dynamic one are not whole or do
        not cover the window, and whatever `injected_at` raises; see
        `dicom_io.pet.series`, `dicom_io.pet.time_frames` and
        `dicom_io.pet.uptake_frames`.
    """
    slices, first = pet_slices(paths)
    if first is None or not is_dynamic(first):
        return static_volume(slices)
    headers = slices.headers()
    kind = kind_of(headers)
    try:
        # Without any date, the frames lie where the injection is.
        near = injected_at(headers) if is_undated(headers[0]) else None
        found = _frames(headers, zone, near)
        chosen = _choose(headers, found, window, injected_at)
        correction = _correction(headers, kind, chosen)
    except OverflowError as error:
        fact = "dates and times lie too far apart"
        raise FrameTimeError(headers[0], fact, "AcquisitionTime") from error
    del headers
    average = _average(slices, kind, chosen, correction)
    return replace(
        average,
        decay_correction=correction.made,
        time_frames=chosen.frames,
        scan_began_at=found.frames[0].started_at,
        statements=(
            *slices.statements,
            *found.statements,
            *chosen.statements,
            *correction.statements,
        ),
        numbers=choice_in_numbers(chosen.frames, chosen.injected_at),
    )


@dataclass(frozen=True)
class _Chosen:
    """The frames to average.

    Attributes
    ----------
    frames : tuple of TimeFrame
    members : tuple of tuple of int
        For each of them, where its slices stand among all headers.
    scan_began_at, injected_at : datetime
    statements : tuple of str
    """

    frames: tuple[TimeFrame, ...]
    members: tuple[tuple[int, ...], ...]
    scan_began_at: datetime
    injected_at: datetime
    statements: tuple[str, ...]


@dataclass(frozen=True)
class _Correction:
    """By what each frame is multiplied to hold for one instant.

    Attributes
    ----------
    made : DecayCorrection
        Of the average.
    factors : tuple of float
        For each frame.
    statements : tuple of str
    """

    made: DecayCorrection
    factors: tuple[float, ...]
    statements: tuple[str, ...] = ()


def _frames(
    headers: Sequence[Dataset], zone: tzinfo, near: datetime | None
) -> FramesInTime:
    # Asked for first: what nobody has decoded yet is compared as bytes.
    require_same_injection(headers)
    first = headers[0]
    described = items(first, _INJECTION)
    stated = local_zone(first, zone)[0] if described else zone_of(first, zone)
    return time_frames_of(headers, stated, near)


def _choose(
    headers: Sequence[Dataset],
    found: FramesInTime,
    window: Window,
    injected_at: InjectionInstant,
) -> _Chosen:
    instant = injected_at([headers[members[0]] for members in found.positions])
    chosen = choose_frames(found, instant, window, headers[0])
    said = choice_in_words(chosen, len(found.frames), instant, window)
    return _Chosen(
        frames=chosen,
        members=tuple(found.positions[frame.number - 1] for frame in chosen),
        scan_began_at=found.frames[0].started_at,
        injected_at=instant,
        statements=(said,),
    )


def _correction(
    headers: Sequence[Dataset], kind: PetKind, chosen: _Chosen
) -> _Correction:
    made = kind.decay_correction
    as_it_is = _Correction(made, (1.0,) * len(chosen.frames))
    if kind.units is Units.CNTS:
        _require_same_counts(headers, chosen)
    if kind.units not in _ACTIVITY or made is DecayCorrection.ADMIN:
        return as_it_is
    if kind.units is Units.CNTS and made is DecayCorrection.NONE:
        fact = "counts of time frames that were not decay-corrected"
        raise UnsupportedUnitsError(headers[0], fact)
    half_life, said = half_life_of(headers[0])
    if made is DecayCorrection.START:
        for frame, members in zip(chosen.frames, chosen.members, strict=True):
            late_by = frame.started_at - chosen.scan_began_at
            _require_common_reference(headers[members[0]], frame, late_by, half_life)
        return as_it_is
    factors = tuple(
        math.exp2(_mean_after(frame, chosen.injected_at, half_life) / half_life)
        for frame in chosen.frames
    )
    statement = (
        "The time frames were not decay-corrected; each was corrected to the injection"
        f" with a half-life of {half_life.total_seconds():g} s before they were"
        " averaged, and the average counts as corrected to ADMIN"
    )
    return _Correction(DecayCorrection.ADMIN, factors, (statement, *said))


def _mean_after(frame: TimeFrame, instant: datetime, half_life: timedelta) -> timedelta:
    """Return when, after an instant, activity equals its mean in the frame."""
    return frame.started_at - instant + average_decay_time(frame.duration, half_life)


def _require_common_reference(
    header: Dataset, frame: TimeFrame, late_by: timedelta, half_life: timedelta
) -> None:
    stated = number(header, "DecayFactor")
    if stated is None or math.exp2(late_by / half_life) < _LATE_FRAME:
        return
    within = math.exp2(average_decay_time(frame.duration, half_life) / half_life)
    if abs(stated / within - 1.0) < _OWN_START_TOLERANCE:
        raise NoCommonReferenceError(header, frame.number, stated)


def _require_same_counts(headers: Sequence[Dataset], chosen: _Chosen) -> None:
    """Refuse counts that mean different activities in different frames."""
    members = [member for frame in chosen.members for member in frame]
    for element in (PHILIPS_SUV_FACTOR, PHILIPS_ACTIVITY_FACTOR):
        stated = {private_text(headers[member], element) for member in members}
        if len(stated) > 1:
            fact = f"counts whose {element} differs between time frames"
            raise UnsupportedUnitsError(headers[0], fact)


def _average(
    slices: PetSlices,
    kind: PetKind,
    chosen: _Chosen,
    correction: _Correction,
) -> PetSeries:
    """Return the first frame with the mean of all as its volume."""
    seconds = [frame.duration.total_seconds() for frame in chosen.frames]
    weights = [
        factor * duration / sum(seconds)
        for factor, duration in zip(correction.factors, seconds, strict=True)
    ]
    first = one_volume(slices.images(chosen.members[0]), kind)
    mean = first.volume.values * weights[0]
    instances = list(first.instances)
    for members, weight in zip(chosen.members[1:], weights[1:], strict=True):
        series = one_volume(slices.images(members), kind)
        mean += series.volume.values * weight
        instances.extend(series.instances)
    return replace(
        first,
        volume=Volume(first.volume.grid, mean, first.volume.unit),
        averaged_instances=tuple(instances),
    )


class NoCommonReferenceError(DicomContentError):
    """Each time frame was decay-corrected to its own start."""

    reason = "not_decay_corrected"
    remedy = (
        "Reconstruct with all time frames decay-corrected to the start of the scan and"
        " send again, or send a static reconstruction."
    )

    def __init__(self, header: Dataset, number: int, factor: float) -> None:
        super().__init__(
            f"Decay Factor {factor:g} of time frame {number} corrects for the decay in"
            " the frame alone, and not to the start of the scan",
            attribute=name_of("DecayFactor"),
            uid=uid_of(header),
        )
