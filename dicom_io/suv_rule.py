"""How a PET series becomes SUVbw: which rule applies, and with which numbers.

=====  ================  ============================================================
Units  Decay Correction  SUVbw is
=====  ================  ============================================================
BQML   START             value x weight / dose decayed to the decay reference
BQML   ADMIN             value x weight / dose
BQML   NONE              value x weight / dose decayed to the mean of each frame
GML    any               the value, where SUV Type is BW or empty
=====  ================  ============================================================

Everything else is refused as `unsupported_units`.

Design choice: values that a person entered are checked against the limits of the
species (`model.plausibility`), instants against each other. An injection after the
start of a static scan, or more than ten half-lives before it, is a wrong entry.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo

from pydicom.dataset import Dataset

from dicom_io.attributes import faults_of, items, name_of, text, uid_of
from dicom_io.corrections import DecayCorrection, require_attenuation_correction
from dicom_io.decay_reference import (
    DecayReferenceError,
    Frame,
    earliest_at,
    frame_instant,
    frames_of,
    start_reference,
)
from dicom_io.errors import DicomContentError
from dicom_io.half_life import half_life_of
from dicom_io.pet_series import PetSeries
from dicom_io.pet_units import Units, UnsupportedUnitsError
from dicom_io.radiopharmaceutical import (
    injected_at,
    local_zone,
    require_same_injection,
    stated_activity_bq,
    stated_weight_kg,
)
from model.administration import SourceRules
from model.decay import Activity
from model.errors import ModelError
from model.grid import Volume
from model.plausibility import (
    AnimalLimits,
    Checked,
    UnitsInDoubt,
    plausible_activity,
    plausible_weight,
)
from model.suv import SuvConversion, as_suv, suv_factor

_SUV_BY_BODY_WEIGHT = frozenset({"", "BW"})
_LONGEST_UPTAKE_HALF_LIVES = 10.0
_SLACK = timedelta(seconds=1)
_SOURCES = SourceRules()
_UPTAKE_WINDOW = (timedelta(minutes=45), timedelta(minutes=75))


@dataclass(frozen=True)
class SuvRules:
    """What a site lays down about SUV.

    Attributes
    ----------
    limits : AnimalLimits
        What is plausible for the species.
    units_in_doubt : UnitsInDoubt
        What to do with values that are plausible only in another unit.
    zone : tzinfo
        In which dates and times without an offset are read.
    uptake_window : tuple of timedelta
        After the injection, over which a dynamic series is averaged.
    uptake : tuple of timedelta or None
        Shortest and longest time between injection and scan, narrower than the
        species' limits.
    check_activity_balance, require_attenuation_correction : bool
    sources : SourceRules
        Which source of weight, activity and injection time is believed.
    """

    limits: AnimalLimits
    units_in_doubt: UnitsInDoubt
    zone: tzinfo
    uptake_window: tuple[timedelta, timedelta] = _UPTAKE_WINDOW
    uptake: tuple[timedelta, timedelta] | None = None
    check_activity_balance: bool = True
    require_attenuation_correction: bool = True
    sources: SourceRules = _SOURCES


def convert_to_suv(series: PetSeries, rules: SuvRules) -> tuple[Volume, SuvConversion]:
    """Return the series in SUVbw, and how it became so.

    Parameters
    ----------
    series : PetSeries
    rules : SuvRules

    Returns
    -------
    Volume
        g/ml.
    SuvConversion

    Raises
    ------
    DicomContentError, ModelError
        With its reason, when a value is missing, implausible, in doubt, or contradicts
        another one.
    """
    with faults_of(series.headers[0]):
        if rules.require_attenuation_correction:
            require_attenuation_correction(series.headers[0])
        if series.units is Units.GML:
            conversion = _already_suv(series.headers[0])
        elif series.units is Units.BQML:
            conversion = _from_activity(series, rules)
        else:
            raise UnsupportedUnitsError(series.headers[0], series.units)
    factors = conversion.slice_factors or (conversion.factor,)
    return as_suv(series.volume, factors), conversion


def _already_suv(header: Dataset) -> SuvConversion:
    suv_type = text(header, "SUVType")
    if suv_type not in _SUV_BY_BODY_WEIGHT:
        raise UnsupportedUnitsError(header, f"GML with SUV Type {suv_type}")
    if suv_type:
        return SuvConversion("GML, SUV Type = BW, values are SUVbw", 1.0)
    said = "SUV Type is empty and was taken as BW, its default (PS3.3 C.8.9.1)"
    return SuvConversion("GML, values are SUVbw", 1.0, statements=(said,))


@dataclass(frozen=True)
class _Entered:
    """What a person entered about the animal, checked."""

    weight: Checked
    activity: Checked

    @property
    def statements(self) -> tuple[str, ...]:
        said = (self.weight.statement, self.activity.statement)
        return tuple(statement for statement in said if statement)

    @property
    def numbers(self) -> dict[str, float]:
        return {
            "weight_g": self.weight.value,
            "injected_activity_bq": self.activity.value,
        }

    def factor(self, activity_bq: float) -> float:
        return suv_factor(weight_g=self.weight.value, activity_bq=activity_bq)


def _from_activity(series: PetSeries, rules: SuvRules) -> SuvConversion:
    header = series.headers[0]
    if items(header, "GroupOfPatientsIdentificationSequence"):
        raise SeveralAnimalsError(header)
    require_same_injection(series.headers)
    limits, in_doubt = rules.limits, rules.units_in_doubt
    with _named(header, "PatientWeight"):
        weight = plausible_weight(stated_weight_kg(header), limits, in_doubt)
    with _named(header, "RadionuclideTotalDose"):
        activity = plausible_activity(stated_activity_bq(header), limits, in_doubt)
    entered = _Entered(weight, activity)
    convert = _BY_CORRECTION[series.decay_correction]
    try:
        zone, said = local_zone(header, rules.zone)
        conversion = convert(series, entered, zone)
        return replace(conversion, statements=(*said, *conversion.statements))
    except OverflowError as error:
        fact = "dates and times lie too far apart"
        raise DecayReferenceError(header, fact) from error


@contextmanager
def _named(header: Dataset, keyword: str) -> Iterator[None]:
    """Let a number's fault name the attribute and the object that it came from."""
    try:
        yield
    except ModelError as error:
        error.add_note(f"[{name_of(keyword)}] in {uid_of(header)}")
        raise


def _corrected_to_injection(
    _series: PetSeries, entered: _Entered, _zone: tzinfo
) -> SuvConversion:
    return SuvConversion(
        "BQML, ADMIN, decay reference = injection",
        entered.factor(entered.activity.value),
        {**entered.numbers, "decay_s": 0.0},
        entered.statements,
    )


def _corrected_to_start(
    series: PetSeries, entered: _Entered, zone: tzinfo
) -> SuvConversion:
    header = series.headers[0]
    half_life, said = half_life_of(header)
    frames = frames_of(series.headers, zone)
    reference = start_reference(series.headers, frames, half_life, zone)
    scan_at = earliest_at(frames) or reference.at
    dose = _dose(header, entered, half_life, scan_at, zone)
    _require_uptake(header, dose, min(scan_at, reference.at))
    decayed = dose.at(reference.at)
    return SuvConversion(
        f"BQML, START, decay reference = {reference.rule}",
        entered.factor(decayed),
        {
            **_numbers(entered, dose, scan_at),
            "decay_s": (reference.at - dose.measured_at).total_seconds(),
            "activity_at_decay_reference_bq": decayed,
        },
        (*entered.statements, *said, *reference.statements),
    )


def _not_corrected(series: PetSeries, entered: _Entered, zone: tzinfo) -> SuvConversion:
    header = series.headers[0]
    half_life, said = half_life_of(header)
    frames = frames_of(series.headers, zone)
    instants = _frame_instants(series, frames, half_life)
    scan_at = earliest_at(frames) or min(instants)
    dose = _dose(header, entered, half_life, scan_at, zone)
    _require_uptake(header, dose, scan_at)
    factors = tuple(entered.factor(dose.at(instant)) for instant in instants)
    return SuvConversion(
        "BQML, NONE, dose decayed to the average-decay time of each frame",
        factors[0],
        {
            **_numbers(entered, dose, scan_at),
            "decay_s": (instants[0] - dose.measured_at).total_seconds(),
            "activity_at_decay_reference_bq": dose.at(instants[0]),
        },
        (*entered.statements, *said),
        factors if len(set(factors)) > 1 else (),
    )


def _frame_instants(
    series: PetSeries, frames: list[Frame], half_life: timedelta
) -> list[datetime]:
    return [
        frame_instant(header, frame, half_life)
        for header, frame in zip(series.headers, frames, strict=True)
    ]


_Converter = Callable[[PetSeries, _Entered, tzinfo], SuvConversion]
_BY_CORRECTION: dict[DecayCorrection, _Converter] = {
    DecayCorrection.START: _corrected_to_start,
    DecayCorrection.ADMIN: _corrected_to_injection,
    DecayCorrection.NONE: _not_corrected,
}


def _dose(
    header: Dataset,
    entered: _Entered,
    half_life: timedelta,
    scan_at: datetime,
    zone: tzinfo,
) -> Activity:
    began_at = injected_at(header, scan_at, zone)
    return Activity(entered.activity.value, began_at, half_life)


def _numbers(entered: _Entered, dose: Activity, scan_at: datetime) -> dict[str, float]:
    return {
        **entered.numbers,
        "half_life_s": dose.half_life.total_seconds(),
        "uptake_s": (scan_at - dose.measured_at).total_seconds(),
    }


def _require_uptake(header: Dataset, dose: Activity, scan_at: datetime) -> None:
    """Refuse an injection after the scan began, or hopelessly long before."""
    uptake = scan_at - dose.measured_at
    if uptake < -_SLACK:
        raise InjectionAfterScanError(header, -uptake)
    half_lives = uptake / dose.half_life
    if half_lives > _LONGEST_UPTAKE_HALF_LIVES:
        raise UptakeTimeError(header, uptake, half_lives)


class InjectionAfterScanError(DicomContentError):
    """The injection is later than the start of a static scan."""

    reason = "injection_after_scan"
    remedy = "Correct the injection time or the scan time and send again."

    def __init__(self, header: Dataset, late: timedelta) -> None:
        super().__init__(
            f"the injection is {late.total_seconds():.0f} s later than the start of"
            " the scan",
            attribute=name_of("RadiopharmaceuticalStartDateTime"),
            uid=text(header, "SeriesInstanceUID"),
        )
        self.late = late


class UptakeTimeError(DicomContentError):
    """The injection is so long before the scan that nothing would be left."""

    reason = "uptake_time"
    remedy = "Correct the injection time or the scan time and send again."

    def __init__(self, header: Dataset, uptake: timedelta, half_lives: float) -> None:
        super().__init__(
            f"the scan began {uptake.total_seconds() / 60.0:.0f} min, or"
            f" {half_lives:.1f} half-lives, after the injection",
            attribute=name_of("RadiopharmaceuticalStartDateTime"),
            uid=text(header, "SeriesInstanceUID"),
        )
        self.uptake = uptake


class SeveralAnimalsError(DicomContentError):
    """Several animals were scanned together."""

    reason = "several_animals"
    remedy = "Split the series into one for each animal and send these."

    def __init__(self, header: Dataset) -> None:
        super().__init__(
            "the PET shows several animals",
            attribute=name_of("GroupOfPatientsIdentificationSequence"),
            uid=text(header, "SeriesInstanceUID"),
        )
