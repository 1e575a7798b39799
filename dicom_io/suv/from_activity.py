"""From activity concentration to SUVbw: which instant the dose is decayed to.

Design choice: values that a person entered are checked against the limits of the
species (`model.plausibility`), instants against each other. An injection after the
start of a static scan is a wrong entry; in a dynamic one it is how it is done.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo

from pydicom.dataset import Dataset

from dicom_io.attributes import name_of, text, uid_of
from dicom_io.errors import DicomContentError
from dicom_io.image_series import is_enhanced_pet
from dicom_io.pet.acquisition import (
    UNDATED,
    Frame,
    earliest_at,
    frame_instant,
    frames_of,
    is_undated,
    series_began_at,
)
from dicom_io.pet.corrections import DecayCorrection
from dicom_io.pet.half_life import half_life_of
from dicom_io.pet.radiopharmaceutical import local_zone, require_same_injection
from dicom_io.pet.series import PetSeries
from dicom_io.suv.admin_reference import admin_reference
from dicom_io.suv.decay_reference import (
    DecayReference,
    DecayReferenceError,
    start_reference,
)
from dicom_io.suv.injected import Injected, dated_elsewhere, injected_into
from dicom_io.suv.rules import SuvRules
from dicom_io.suv.scan import Scan, dates_in_range, known_half_life
from model.administration import Administration
from model.assay import instant_in_words
from model.decay import Activity
from model.plausibility import UptakeTimeError, require_uptake
from model.suv import SuvConversion, suv_factor

_SLACK = timedelta(seconds=1)
_START = "RadiopharmaceuticalStartDateTime"
_STATED = "DecayCorrectionDateTime"


def from_activity(
    series: PetSeries, rules: SuvRules, supplied: Sequence[Administration]
) -> SuvConversion:
    """Return how activity concentration becomes SUVbw; factors are per Bq/ml.

    Parameters
    ----------
    series : PetSeries
        In Bq/ml, or in what is proportional to it.
    rules : SuvRules
    supplied : sequence of Administration
        What sources beside the PET say.

    Returns
    -------
    SuvConversion
        Its numbers hold `activity_at_decay_reference_bq`, for the instant for which the
        first slice holds.

    Raises
    ------
    DicomContentError, ModelError
        With its reason, when a value is missing, implausible, in doubt, or contradicts
        another one.
    """
    header = series.headers[0]
    require_same_injection(series.headers)
    with dates_in_range(header):
        zone, said = local_zone(header, rules.zone)
        near = dated_elsewhere(supplied, rules)
        timed = _Timed(series, tuple(_frames(series, zone, near)), near)
        scan = Scan(header, timed.scan_at(zone), zone, known_half_life(header))
        convert = _BY_CORRECTION[series.decay_correction]
        conversion = convert(timed, scan, rules, supplied)
    if is_undated(header):
        said = (*said, UNDATED)
    return replace(conversion, statements=(*said, *conversion.statements))


@dataclass(frozen=True)
class _Timed:
    """A series and its frames: of each slice, or the first of those averaged.

    Attributes
    ----------
    series : PetSeries
    frames : tuple of Frame
    near : datetime or None
        The injection by another source, beside which undated times are placed.
    """

    series: PetSeries
    frames: tuple[Frame, ...]
    near: datetime | None

    @property
    def dynamic(self) -> bool:
        return bool(self.series.time_frames)

    def began_at(self) -> datetime | None:
        """Return the start of the whole scan, by its acquisition times."""
        return self.series.scan_began_at or earliest_at(self.frames)

    def scan_at(self, zone: tzinfo) -> datetime | None:
        """Return the start of what was imaged, as far as it is known."""
        header = self.series.headers[0]
        return earliest_at(self.frames) or series_began_at(header, zone, self.near)


def _frames(series: PetSeries, zone: tzinfo, near: datetime | None) -> list[Frame]:
    if not series.time_frames:
        return frames_of(series.headers, zone, near)
    first = series.time_frames[0]
    return [Frame(first.started_at, first.reference_time, first.duration)]


def _corrected_to_injection(
    timed: _Timed, scan: Scan, rules: SuvRules, supplied: Sequence[Administration]
) -> SuvConversion:
    injected = injected_into(scan, rules, supplied, instant_required=False)
    uptake = _checked_uptake(timed, scan, injected, rules)
    reference = admin_reference(scan)
    if reference and injected.at and abs(reference - injected.at) > _SLACK:
        half_life, told = half_life_of(scan.header)
        said = (
            "The image was corrected for decay to the injection by its own header,"
            f" {instant_in_words(reference)}, and the dose was decayed to that instant"
        )
        return _decayed_to(
            "ADMIN, decay reference = injection by the PET header",
            [reference],
            (injected, half_life),
            uptake,
            (*injected.statements, *told, said),
        )
    numbers = {
        "decay_s": 0.0,
        "activity_at_decay_reference_bq": injected.activity_bq,
    }
    if scan.half_life is not None:
        numbers["half_life_s"] = scan.half_life.total_seconds()
    return SuvConversion(
        "ADMIN, decay reference = injection",
        _factor(injected, injected.activity_bq),
        {**injected.numbers, **uptake, **numbers},
        injected.statements,
    )


def _corrected_to_start(
    timed: _Timed, scan: Scan, rules: SuvRules, supplied: Sequence[Administration]
) -> SuvConversion:
    injected = injected_into(scan, rules, supplied, instant_required=True)
    half_life, said = half_life_of(scan.header)
    reference = start_reference(
        scan.header,
        timed.frames,
        half_life,
        scan.zone,
        began_at=timed.began_at(),
        near=timed.near,
    )
    scan = Scan(scan.header, scan.began_at or reference.at, scan.zone, half_life)
    uptake = _checked_uptake(timed, scan, injected, rules)
    _require_after_injection(timed, scan.header, reference, injected)
    named = f"decay reference = {reference.rule}"
    if not is_enhanced_pet(scan.header):
        named = f"START, {named}"
    return _decayed_to(
        named,
        [reference.at],
        (injected, half_life),
        uptake,
        (*injected.statements, *said, *reference.statements),
    )


def _require_after_injection(
    timed: _Timed, header: Dataset, reference: DecayReference, injected: Injected
) -> None:
    """Refuse a static image that was corrected to before the injection.

    Only a late frame of a dynamic scan that began before the injection is such an
    image, and then two attributes say so. Else the clocks are apart.
    """
    if injected.at is None or timed.dynamic or reference.confirmed:
        return
    early = injected.at - reference.at
    if early > _SLACK:
        raise DecayReferenceError(
            header,
            f"the decay reference, by {reference.rule}, is"
            f" {early.total_seconds():.0f} s earlier than the injection, and nothing"
            " confirms it",
            _STATED if is_enhanced_pet(header) else "SeriesTime",
        )


def _not_corrected(
    timed: _Timed, scan: Scan, rules: SuvRules, supplied: Sequence[Administration]
) -> SuvConversion:
    injected = injected_into(scan, rules, supplied, instant_required=True)
    half_life, said = half_life_of(scan.header)
    instants = [
        frame_instant(header, frame, half_life)
        for header, frame in zip(timed.series.headers, timed.frames, strict=True)
    ]
    uptake = _checked_uptake(timed, scan, injected, rules)
    return _decayed_to(
        "NONE, dose decayed to the average-decay time of each frame",
        instants,
        (injected, half_life),
        uptake,
        (*injected.statements, *said),
    )


_Converter = Callable[[_Timed, Scan, SuvRules, Sequence[Administration]], SuvConversion]
_BY_CORRECTION: dict[DecayCorrection, _Converter] = {
    DecayCorrection.START: _corrected_to_start,
    DecayCorrection.ADMIN: _corrected_to_injection,
    DecayCorrection.NONE: _not_corrected,
}


def _decayed_to(
    rule: str,
    instants: Sequence[datetime],
    injection: tuple[Injected, timedelta],
    uptake: dict[str, float],
    statements: tuple[str, ...],
) -> SuvConversion:
    """Return the conversion of slices that hold for an instant, or for one each."""
    injected, half_life = injection
    # Whoever asks for decay has asked for the instant.
    began_at = injected.at or instants[0]
    dose = Activity(injected.activity_bq, began_at, half_life)
    factors = tuple(_factor(injected, dose.at(instant)) for instant in instants)
    numbers = {
        "half_life_s": half_life.total_seconds(),
        "decay_s": (instants[0] - began_at).total_seconds(),
        "activity_at_decay_reference_bq": dose.at(instants[0]),
    }
    return SuvConversion(
        rule,
        factors[0],
        {**injected.numbers, **uptake, **numbers},
        statements,
        factors if len(set(factors)) > 1 else (),
    )


def _factor(injected: Injected, activity_bq: float) -> float:
    return suv_factor(weight_g=injected.weight_g, activity_bq=activity_bq)


def _checked_uptake(
    timed: _Timed, scan: Scan, injected: Injected, rules: SuvRules
) -> dict[str, float]:
    """Return the uptake time, checked; nothing where it is not known.

    Raises
    ------
    InjectionAfterScanError
        When a static scan began before the injection.
    UptakeTimeError
        When the time lies outside the limits.
    """
    if scan.began_at is None or injected.at is None:
        return {}
    uptake = scan.began_at - injected.at
    if uptake < -_SLACK and not timed.dynamic:
        raise InjectionAfterScanError(scan.header, -uptake, injected.at_by)
    if scan.half_life is not None:
        # The site's own limits are of static scans; dynamic ones have their window.
        site = None if timed.dynamic else rules.uptake
        try:
            require_uptake(uptake, scan.half_life, rules.limits, site)
        except UptakeTimeError as error:
            own = f"{name_of(_START)}] in {uid_of(scan.header)}"
            error.add_note(f"[{injected.at_by}]" if injected.at_by else f"[{own}")
            raise
    return {"uptake_s": uptake.total_seconds()}


class InjectionAfterScanError(DicomContentError):
    """The injection is later than the start of a static scan."""

    reason = "injection_after_scan"
    remedy = (
        "Correct the injection time or the scan time at its source, or decide with"
        " `exhaustion-node release UID --injected-at T`."
    )

    def __init__(self, header: Dataset, late: timedelta, by: str = "") -> None:
        said = f", by {by}," if by else ""
        super().__init__(
            f"the injection{said} is {late.total_seconds():.0f} s later than the start"
            " of the scan",
            attribute=None if by else name_of(_START),
            uid=text(header, "SeriesInstanceUID"),
        )
        self.late = late
