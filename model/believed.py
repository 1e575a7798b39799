"""The weight, dose and instant of the injection that are believed, of several sources.

Design choice: cross-calibration is a factor between two instruments of one site, and
none that is in use is off by more than a factor of two. What lies beyond is a wrong
entry.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from model.administration import Administration, Source, SourceRules
from model.agreement import (
    Agreement,
    Believed,
    ConflictingSourcesError,
    Quantity,
    Stated,
    ranked,
    settle,
)
from model.assay import (
    AssayError,
    activity_in_words,
    administered,
    assay_in_numbers,
    assay_in_words,
    instant_in_words,
)
from model.errors import ModelError
from model.plausibility import (
    AnimalLimits,
    Checked,
    UnitsInDoubt,
    plausible_activity,
    plausible_weight,
)

_GRAMS_PER_KG = 1e3
_CALIBRATIONS = (0.5, 2.0)

_WEIGHT = Quantity("weight", lambda grams: f"{grams:.6g} g", (("g", 1e-3),))
_ACTIVITY = Quantity(
    "injected activity",
    activity_in_words,
    (("kBq", 1e3), ("MBq", 1e6), ("µCi", 3.7e4), ("mCi", 3.7e7)),
)
_FACTOR = Quantity("cross-calibration factor", lambda factor: f"{factor:.5g}", ())


@dataclass(frozen=True)
class BelievedInstant:
    """An instant that is believed.

    Attributes
    ----------
    at : datetime
    by : Administration
        Who says so.
    statements : tuple of str
        As in `Believed`.
    """

    at: datetime
    by: Administration
    statements: tuple[str, ...] = ()


def believed_weight(
    sources: Sequence[Administration],
    rules: SourceRules,
    limits: AnimalLimits,
    in_doubt: UnitsInDoubt,
) -> Believed | None:
    """Return the body weight in grams; None where no source says it.

    Parameters
    ----------
    sources : sequence of Administration
        In any order.
    rules : SourceRules
    limits : AnimalLimits
    in_doubt : UnitsInDoubt

    Raises
    ------
    ConflictingSourcesError
        When another source disagrees.
    ImplausibleWeightError, UnitsInDoubtError
        Of the believed value.
    """
    stated = [
        Stated(each.weight_g, each)
        for each in ranked(sources, rules)
        if each.weight_g is not None
    ]
    if not stated:
        return None
    with _said_by(stated[0].by):
        kilograms = stated[0].value / _GRAMS_PER_KG
        checked = plausible_weight(kilograms, limits, in_doubt)
    agreement = Agreement(_WEIGHT, rules.weight_tolerance, limits.weight_g)
    return settle(checked, stated, agreement)


def believed_injection(
    sources: Sequence[Administration], rules: SourceRules
) -> BelievedInstant | None:
    """Return the instant of the injection; None where no source says it.

    Raises
    ------
    ConflictingSourcesError
        When another source disagrees.
    """
    stated = [
        (each.injected_at, each)
        for each in ranked(sources, rules)
        if each.injected_at is not None
    ]
    if not stated:
        return None
    (at, best), *others = stated
    heard = [f"Injection at {instant_in_words(at)} from {best.origin}"]
    for other_at, other in others:
        apart = abs((other_at - at).total_seconds())
        said = f"{other.origin}: {instant_in_words(other_at)}"
        if apart > rules.injection_tolerance_s:
            if best.source is not Source.RELEASE:
                facts = (instant_in_words(at), best, instant_in_words(other_at), other)
                tolerated = f"{rules.injection_tolerance_s:g} s"
                raise ConflictingSourcesError(
                    "injection", facts, f"{apart:.0f} s", tolerated
                )
            said += " (overridden)"
        heard.append(said)
    alone = not others and best.source is Source.HEADER
    return BelievedInstant(at, best, () if alone else ("; ".join(heard),))


def believed_activity(
    sources: Sequence[Administration],
    injected: tuple[datetime | None, timedelta | None],
    rules: SourceRules,
    limits: AnimalLimits,
    in_doubt: UnitsInDoubt,
) -> Believed | None:
    """Return the injected activity in becquerel; None where no source says it.

    Parameters
    ----------
    sources : sequence of Administration
        In any order.
    injected : tuple of (datetime or None, timedelta or None)
        Instant of the injection and half-life, where they are known.
    rules : SourceRules
    limits : AnimalLimits
    in_doubt : UnitsInDoubt

    Raises
    ------
    ConflictingSourcesError
        When another source disagrees.
    ImplausibleActivityError, UnitsInDoubtError
        Of the believed value.
    AssayError
        When an assay cannot be decayed to the injection.
    """
    asked = [each for each in ranked(sources, rules) if each.activity is not None]
    if not asked:
        return None
    best, *others = asked
    with _said_by(best):
        checked = plausible_activity(administered(best, *injected), limits, in_doubt)
    stated = [Stated(checked.value, best)]
    said = [checked.statement] if checked.statement else []
    for other in others:
        try:
            stated.append(Stated(administered(other, *injected), other))
        except AssayError as error:
            said.append(f"{other.origin} could not be compared: {error}")
    agreement = Agreement(_ACTIVITY, rules.activity_tolerance, limits.activity_bq)
    found = settle(Checked(checked.value), stated, agreement)
    statements = (*found.statements, *assay_in_words(best), *said)
    return Believed(found.value, best.source, statements, assay_in_numbers(best))


def believed_calibration(
    sources: Sequence[Administration], rules: SourceRules
) -> Believed | None:
    """Return the factor that the image is multiplied by; None where none says it.

    Raises
    ------
    ConflictingSourcesError
        When sources disagree by more than the tolerance of activities.
    CalibrationFactorError
        When it cannot be one.
    """
    stated = [
        Stated(each.cross_calibration, each)
        for each in ranked(sources, rules)
        if each.cross_calibration is not None
    ]
    if not stated:
        return None
    best = stated[0]
    if not _CALIBRATIONS[0] <= best.value <= _CALIBRATIONS[1]:
        raise CalibrationFactorError(best.value, best.by.origin)
    agreement = Agreement(_FACTOR, rules.activity_tolerance, _CALIBRATIONS)
    found = settle(Checked(best.value), stated, agreement)
    day = best.by.cross_calibrated_on
    dated = f" of {day.isoformat()}" if day else ""
    said = f"The image was multiplied by the cross-calibration factor{dated}"
    numbers = {"cross_calibration": best.value}
    return Believed(best.value, best.by.source, (*found.statements, said), numbers)


@contextmanager
def _said_by(source: Administration) -> Iterator[None]:
    """Let a number's fault name where it came from."""
    try:
        yield
    except ModelError as error:
        # Of the PET's own values, the reader names attribute and object.
        if source.source is not Source.HEADER:
            error.add_note(f"[{source.origin}]")
        raise


class CalibrationFactorError(ModelError):
    """A cross-calibration factor is impossible."""

    reason: ClassVar[str] = "implausible_activity"
    remedy: ClassVar[str] = (
        "Correct the cross-calibration factor: the activity of the dose calibrator over"
        " that of the scanner."
    )

    def __init__(self, factor: float, origin: str) -> None:
        low, high = _CALIBRATIONS
        super().__init__(
            f"a cross-calibration factor of {factor:g}, from {origin}, is implausible"
            f" ({low:g} to {high:g})"
        )
