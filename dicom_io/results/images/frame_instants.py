"""When the slices of a derived PET image were acquired (PS3.3 C.8.9.4).

Design choice: single-frame slices of a static series say it themselves, and are carried
over. What an average or a multi-frame image does not say in these attributes is
computed; what cannot be computed is not there, and nothing is put in its place.

Design choice: an average is of its whole window: it began with the first time frame,
took as long as all of them, and its activity is that of the instant at which, within
the window, activity equals its mean.

Design choice: *Series Date* and *Series Time* are the source's, since PS3.3 C.8.9.1.1.2
makes them the reference of *Frame Reference Time* and of decay correction; of Enhanced
PET they are *Decay Correction DateTime*, which is the same thing there. When the object
was made stands in its *Instance Creation* and *Content* dates and times.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, timedelta

from pydicom.dataset import Dataset
from pydicom.valuerep import DSfloat

from dicom_io.attributes import number, text
from dicom_io.errors import DicomContentError
from dicom_io.image_series import is_enhanced_pet, is_multi_frame_pet
from dicom_io.instants import date_in, date_time_in, time_in, zone_of
from dicom_io.lenient import attribute_text
from dicom_io.pet.acquisition import frames_of, series_began_at
from dicom_io.pet.corrections import DecayCorrection
from dicom_io.pet.half_life import half_life_of
from dicom_io.pet.series import PetSeries
from model.decay import average_decay_time
from model.errors import ModelError

_READERS: Mapping[str, Callable[[Dataset, str], object]] = {
    "AcquisitionDate": date_in,
    "AcquisitionTime": time_in,
    "FrameReferenceTime": number,
    "ActualFrameDuration": number,
    "DecayFactor": number,
}
TIMES = tuple(_READERS)
"""What is said of when a slice was acquired."""

_MOST_DIGITS = 16
"""Of a decimal string (PS3.5 section 6.2)."""
_MILLISECOND = timedelta(milliseconds=1)
_REFERENCE = "DecayCorrectionDateTime"


def says_its_own_times(series: PetSeries) -> bool:
    """Return whether the times of each slice are those of its source."""
    return not series.time_frames and not is_multi_frame_pet(series.headers[0])


def put_reference(series: PetSeries, made: Dataset) -> None:
    """State the instant to which the times of a series refer, in place.

    Parameters
    ----------
    series : PetSeries
    made : Dataset
        An object made of it. What it says already holds where the source says nothing.
    """
    header = series.headers[0]
    if is_enhanced_pet(header) and attribute_text(header, _REFERENCE):
        day, clock = _day_and_clock(header, _REFERENCE)
        made.SeriesDate, made.SeriesTime = day, clock
        return
    for keyword in ("SeriesDate", "SeriesTime"):
        if attribute_text(header, keyword):
            made[keyword] = header[keyword]


def computed_times(series: PetSeries, header: Dataset) -> dict[str, object]:
    """Return the times of a slice that does not say them itself, by keyword.

    Parameters
    ----------
    series : PetSeries
        An average, or frames of a multi-frame image.
    header : Dataset
        Of the slice.
    """
    found = _stated(header)
    if series.time_frames:
        return {**found, **_of_average(series, header)}
    if "FrameReferenceTime" not in found:
        offset = _offset(header)
        if offset is not None:
            found["FrameReferenceTime"] = _milliseconds(offset)
    return found


def _stated(header: Dataset) -> dict[str, object]:
    """Return what a header says, in the form of a single-frame image."""
    found: dict[str, object] = {
        keyword: _as_written(header, keyword)
        for keyword in TIMES
        if _read(header, keyword) is not None
    }
    if "AcquisitionTime" not in found and attribute_text(header, "AcquisitionDateTime"):
        day, clock = _day_and_clock(header, "AcquisitionDateTime")
        found |= {"AcquisitionDate": day, "AcquisitionTime": clock}
    if "ActualFrameDuration" in found:
        # Of Enhanced PET, a number with decimals.
        found["ActualFrameDuration"] = round(float(str(found["ActualFrameDuration"])))
    return found


def _read(header: Dataset, keyword: str) -> object:
    """Return a value; None where there is none that can be read."""
    try:
        return _READERS[keyword](header, keyword)
    except DicomContentError:
        return None


def _as_written(header: Dataset, keyword: str) -> str | DSfloat:
    """Return a value that can be read, to the last digit that has room."""
    written = text(header, keyword)
    if len(written) <= _MOST_DIGITS or _READERS[keyword] is not number:
        return written
    return DSfloat(written, auto_format=True)


def _of_average(series: PetSeries, header: Dataset) -> Mapping[str, object]:
    first, last = series.time_frames[0], series.time_frames[-1]
    duration = sum((frame.duration for frame in series.time_frames), timedelta())
    half_life = _half_life(header)
    window = last.started_at + last.duration - first.started_at
    mean = _mean_after(window, half_life)
    later = mean - _mean_after(first.duration, half_life)
    reference = first.reference_time
    if reference is None and series.scan_began_at is not None:
        reference = first.started_at - series.scan_began_at + mean - later
    found: dict[str, object] = {"ActualFrameDuration": round(duration / _MILLISECOND)}
    if reference is not None:
        found["FrameReferenceTime"] = _milliseconds(reference + later)
    factor = _decay_factor(series, header, half_life, later, mean)
    # Of the first frame alone it would be wrong.
    found["DecayFactor"] = None if factor is None else DSfloat(factor, auto_format=True)
    return found


def _decay_factor(
    series: PetSeries,
    header: Dataset,
    half_life: timedelta | None,
    later: timedelta,
    mean: timedelta,
) -> float | None:
    """Return by what activity was multiplied for decay (PS3.3 C.8.9.4.1.8)."""
    if half_life is None:
        return None
    if attribute_text(header, "DecayCorrection") != DecayCorrection.NONE:
        stated = _read(header, "DecayFactor")
        more = float(2.0 ** (later / half_life))
        return stated * more if isinstance(stated, float) else None
    from_s = series.numbers.get("averaged_from_s")
    if from_s is None or series.decay_correction is not DecayCorrection.ADMIN:
        return None
    return float(2.0 ** ((timedelta(seconds=from_s) + mean) / half_life))


def _offset(header: Dataset) -> timedelta | None:
    """Return *Frame Reference Time* (PS3.3 C.8.9.4.1.5); None where it is unknown."""
    try:
        zone = zone_of(header, UTC)
        frame = frames_of([header], zone)[0]
        reference = date_time_in(header, _REFERENCE, zone)
        if reference is None:
            reference = series_began_at(header, zone)
    except DicomContentError:
        return None
    if frame.acquired_at is None or frame.duration is None or reference is None:
        return None
    mean = _mean_after(frame.duration, _half_life(header))
    return frame.acquired_at - reference + mean


def _mean_after(duration: timedelta, half_life: timedelta | None) -> timedelta:
    """Return when, after a start, activity equals its mean over a duration."""
    if half_life is None:
        return duration / 2
    return average_decay_time(duration, half_life)


def _half_life(header: Dataset) -> timedelta | None:
    try:
        return half_life_of(header)[0]
    except (DicomContentError, ModelError):
        return None


def _milliseconds(duration: timedelta) -> DSfloat:
    return DSfloat(duration / _MILLISECOND, auto_format=True)


def _day_and_clock(header: Dataset, keyword: str) -> tuple[str, str]:
    """Return a date and time in the zone of those of the object."""
    try:
        zone = zone_of(header, UTC)
        instant = date_time_in(header, keyword, zone)
    except DicomContentError:
        return "", ""
    if instant is None:
        return "", ""
    if attribute_text(header, "TimezoneOffsetFromUTC"):
        local = instant.astimezone(zone)
        return f"{local:%Y%m%d}", f"{local:%H%M%S.%f}"
    # No zone is stated for dates and times: they are those of the clock that wrote it.
    text = attribute_text(header, keyword)
    return text[:8], text[8:].partition("+")[0].partition("-")[0]
