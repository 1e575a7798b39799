"""What was injected into what weight and when, of the PET and of other sources.

Design choice: the PET's header is one source among several; what it says and what a
site's log, a context report or a person say is settled in `model.believed`. What is
wrong in a header that a person has overruled holds nothing, and is said.

Design choice: a clock time without a date means the occurrence nearest to the scan.
Where the radionuclide lives so long that the day before is plausible too, the day is
asked for; so it is where the scan itself bears no date.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from pydicom.dataset import Dataset

from dicom_io.attributes import faults_of, name_of, uid_of
from dicom_io.errors import DicomContentError
from dicom_io.image_series import is_enhanced_pet
from dicom_io.pet.acquisition import (
    earliest_at,
    frames_of,
    is_undated,
    series_began_at,
)
from dicom_io.pet.radiopharmaceutical import (
    dated_injection_at,
    injected_at,
    local_zone,
    require_same_injection,
    stated_activity_bq,
    stated_weight_kg,
)
from dicom_io.suv.missing_values import (
    MissingActivityError,
    MissingInjectionTimeError,
    MissingWeightError,
    UnknownInjectionDayError,
)
from dicom_io.suv.rules import SuvRules
from dicom_io.suv.scan import Scan, dates_in_range, known_half_life, missing
from model.administration import Administration, Assay, Source
from model.agreement import ConflictingSourcesError, ranked
from model.believed import (
    BelievedInstant,
    believed_activity,
    believed_injection,
    believed_weight,
)
from model.errors import ModelError
from model.plausibility import UptakeTimeError, require_uptake

PET_HEADER = "PET header"
_DOSE = "RadionuclideTotalDose"
_GRAMS_PER_KG = 1e3
_DAY = timedelta(days=1)

Value = TypeVar("Value")


@dataclass(frozen=True)
class Injected:
    """What was injected, settled between all sources.

    Attributes
    ----------
    weight_g, activity_bq : float
    at : datetime or None
        None where nobody says it and nothing depends on it.
    at_by : str
        Who says so, where it is not the header; else empty.
    numbers : dict of str to float
    statements : tuple of str
    """

    weight_g: float
    activity_bq: float
    at: datetime | None
    at_by: str
    numbers: dict[str, float] = field(default_factory=dict)
    statements: tuple[str, ...] = ()


def injection_instant(
    headers: Sequence[Dataset],
    rules: SuvRules,
    supplied: Sequence[Administration] = (),
) -> datetime:
    """Return when the injection was, from the headers of a series alone.

    Parameters
    ----------
    headers : sequence of Dataset
        At least one; of a dynamic series, one of each time frame.
    rules : SuvRules
    supplied : sequence of Administration
        What sources beside the PET say.

    Raises
    ------
    DicomContentError, ModelError
        As `dicom_io.suv.rule.convert_to_suv` does of the injection.
    """
    header = headers[0]
    with faults_of(header), dates_in_range(header):
        require_same_injection(headers)
        zone, _ = local_zone(header, rules.zone)
        near = dated_elsewhere(supplied, rules)
        began_at = earliest_at(frames_of(headers, zone, near))
        scan = Scan(
            header,
            began_at or series_began_at(header, zone, near),
            zone,
            known_half_life(header),
        )
        found, _ = _instant(scan, rules, supplied)
        if found is None:
            raise missing(scan, MissingInjectionTimeError)
        return found.at


def dated_elsewhere(
    supplied: Sequence[Administration], rules: SuvRules
) -> datetime | None:
    """Return when the injection was, by the most trusted source beside the PET."""
    told = (each.injected_at for each in ranked(supplied, rules.sources))
    return next((at for at in told if at is not None), None)


def injected_into(
    scan: Scan,
    rules: SuvRules,
    supplied: Sequence[Administration],
    *,
    instant_required: bool,
) -> Injected:
    """Return weight, activity and instant of the injection.

    Parameters
    ----------
    scan : Scan
    rules : SuvRules
    supplied : sequence of Administration
        What sources beside the PET say.
    instant_required : bool
        Whether the image's decay is counted from the injection.

    Raises
    ------
    MissingWeightError, MissingActivityError, MissingInjectionTimeError
    SeveralAnimalsError
        When one of them is missing and the PET shows several animals.
    ConflictingSourcesError
        When two sources disagree.
    ModelError
        When a value is implausible or in doubt.
    """
    sources, said = _sources(scan, rules, supplied)
    limits, in_doubt, order = rules.limits, rules.units_in_doubt, rules.sources
    with _named(scan.header, "PatientWeight"):
        weight = believed_weight(sources, order, limits, in_doubt)
    if weight is None:
        raise missing(scan, MissingWeightError)
    if not any(each.activity for each in ranked(sources, order)):
        raise missing(scan, MissingActivityError)
    instant, told = _instant(scan, rules, supplied)
    if instant is None and instant_required:
        raise missing(scan, MissingInjectionTimeError)
    at = None if instant is None else instant.at
    with _named(scan.header, _DOSE):
        injected = (at, scan.half_life)
        activity = believed_activity(sources, injected, order, limits, in_doubt)
    if activity is None:
        raise missing(scan, MissingActivityError)
    return Injected(
        weight.value,
        activity.value,
        at,
        instant.by.origin if instant and instant.by.source is not Source.HEADER else "",
        {
            "weight_g": weight.value,
            "injected_activity_bq": activity.value,
            **activity.numbers,
        },
        (
            *said,
            *told,
            *weight.statements,
            *activity.statements,
            *(instant.statements if instant else ()),
        ),
    )


def _instant(
    scan: Scan, rules: SuvRules, supplied: Sequence[Administration]
) -> tuple[BelievedInstant | None, tuple[str, ...]]:
    """Return when the injection was, and what must be said of the header."""
    told = [
        each for each in ranked(supplied, rules.sources) if each.injected_at is not None
    ]
    header = Administration(Source.HEADER, PET_HEADER)
    said: tuple[str, ...] = ()
    if Source.HEADER in rules.sources.precedence and not scan.of_several_animals:
        near = told[0].injected_at if told else scan.began_at
        overruled = bool(told) and told[0].source is Source.RELEASE
        at, said = _read(
            lambda: injected_at(scan.header, near, scan.zone), overruled=overruled
        )
        header = Administration(Source.HEADER, PET_HEADER, injected_at=at)
    found = believed_injection([*told, header], rules.sources)
    dated = bool(told) or dated_injection_at(scan.header, scan.zone) is not None
    if found is not None and (not dated or is_undated(scan.header)):
        _require_one_day(scan, rules, found.at)
    return found, said


def _require_one_day(scan: Scan, rules: SuvRules, at: datetime) -> None:
    if scan.began_at is None or scan.half_life is None:
        return
    uptake = scan.began_at - (at - _DAY)
    try:
        require_uptake(uptake, scan.half_life, rules.limits, rules.uptake)
    except UptakeTimeError:
        return
    raise UnknownInjectionDayError(scan.header, scan.half_life)


def _sources(
    scan: Scan, rules: SuvRules, supplied: Sequence[Administration]
) -> tuple[list[Administration], tuple[str, ...]]:
    """Return all sources of weight and activity, the header as one of them."""
    if scan.of_several_animals or Source.HEADER not in rules.sources.precedence:
        return list(supplied), ()
    header = scan.header
    released = [each for each in supplied if each.source is Source.RELEASE]
    kilograms, said = _read(
        lambda: stated_weight_kg(header),
        overruled=any(each.weight_g is not None for each in released),
    )
    becquerel, told = _read(
        lambda: stated_activity_bq(header),
        overruled=any(each.activity is not None for each in released),
    )
    own = Administration(
        Source.HEADER,
        PET_HEADER,
        weight_g=None if kilograms is None else kilograms * _GRAMS_PER_KG,
        activity=None if becquerel is None else Assay(becquerel),
    )
    return [*supplied, own], (*said, *told)


def _read(
    read: Callable[[], Value | None], *, overruled: bool
) -> tuple[Value | None, tuple[str, ...]]:
    """Return what a header says; what is wrong in it counts unless overruled."""
    try:
        return read(), ()
    except DicomContentError as error:
        if not overruled:
            raise
        return None, (f"{PET_HEADER}: {error.fact} [{error.attribute}] (overridden)",)


@contextmanager
def _named(header: Dataset, keyword: str) -> Iterator[None]:
    """Let a fault of the header's number name the attribute and the object."""
    try:
        yield
    except ConflictingSourcesError:
        raise
    except ModelError as error:
        if not getattr(error, "__notes__", ()):
            in_megabecquerel = keyword == _DOSE and is_enhanced_pet(header)
            unit = ", which is in MBq in Enhanced PET," if in_megabecquerel else ""
            error.add_note(f"[{name_of(keyword)}]{unit} in {uid_of(header)}")
        raise
