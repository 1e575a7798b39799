"""What was injected, from what was measured in the syringe.

Design choice: an assay is of a syringe before the injection. It is decayed to the
injection, as is the residual, which is then subtracted. An assay that is dated after
the injection is a wrong entry, and refused.
"""

from datetime import datetime, timedelta
from typing import ClassVar

from model.administration import Administration, Assay
from model.decay import Activity
from model.errors import ModelError

BQ_PER_MBQ = 1e6
_SLACK = timedelta(seconds=60)


def instant_in_words(at: datetime) -> str:
    """Return an instant to the second, with its offset."""
    return at.isoformat(sep=" ", timespec="seconds")


def activity_in_words(activity_bq: float) -> str:
    """Return an activity in MBq."""
    return f"{activity_bq / BQ_PER_MBQ:.6g} MBq"


def administered(
    said: Administration, injected_at: datetime | None, half_life: timedelta | None
) -> float:
    """Return the activity that a source says was injected, in becquerel.

    Parameters
    ----------
    said : Administration
        With an activity.
    injected_at : datetime or None
    half_life : timedelta or None

    Raises
    ------
    AssayError
        When an assay cannot be decayed to the injection, or is less than the residual.
    """
    assay = said.activity
    if assay is None:
        raise AssayWithoutActivityError(said.origin)
    if assay.measured_at is None:
        return assay.activity_bq
    if injected_at is None:
        raise AssayWithoutInstantError
    if half_life is None:
        raise AssayWithoutHalfLifeError
    if assay.measured_at > injected_at + _SLACK:
        raise AssayAfterInjectionError(assay.measured_at, injected_at, said.origin)
    amount = _decayed(assay, injected_at, half_life)
    if said.residual is not None:
        amount -= _decayed(said.residual, injected_at, half_life)
    if not amount > 0:
        raise ResidualError(said.origin)
    return amount


def _decayed(assay: Assay, at: datetime, half_life: timedelta) -> float:
    if assay.measured_at is None or assay.activity_bq == 0:
        return assay.activity_bq
    return Activity(assay.activity_bq, assay.measured_at, half_life).at(at)


def assay_in_words(said: Administration) -> tuple[str, ...]:
    """Return how an assay became the injected activity; empty where there is none."""
    assay = said.activity
    if assay is None or assay.measured_at is None:
        return ()
    words = (
        f"The assay of {activity_in_words(assay.activity_bq)} at"
        f" {instant_in_words(assay.measured_at)} was decayed to the injection"
    )
    if said.residual is not None:
        words += f", less a residual of {activity_in_words(said.residual.activity_bq)}"
        if said.residual.measured_at is not None:
            words += f" at {instant_in_words(said.residual.measured_at)}"
    return (words,)


def assay_in_numbers(said: Administration) -> dict[str, float]:
    """Return what was measured, units in the names."""
    assay = said.activity
    if assay is None or assay.measured_at is None:
        return {}
    numbers = {"assayed_activity_bq": assay.activity_bq}
    if said.residual is not None:
        numbers["residual_activity_bq"] = said.residual.activity_bq
    return numbers


class AssayError(ModelError):
    """An assay before the injection does not give the injected activity."""


class AssayWithoutActivityError(AssayError):
    """A source says nothing of an activity."""

    reason: ClassVar[str] = "missing_activity"
    remedy: ClassVar[str] = "Enter the activity in the source."

    def __init__(self, origin: str) -> None:
        super().__init__(f"there is no activity in {origin}")


class AssayWithoutInstantError(AssayError):
    """When the injection was is not known."""

    reason: ClassVar[str] = "missing_injection_time"
    remedy: ClassVar[str] = (
        "Enter when the injection was: in the injection log, at the scanner's"
        " workstation, or with `exhaustion-node release UID --injected-at T`."
    )

    def __init__(self) -> None:
        super().__init__(
            "an assay cannot be decayed to the injection, whose instant is missing"
        )


class AssayWithoutHalfLifeError(AssayError):
    """The half-life is not known."""

    reason: ClassVar[str] = "missing_half_life"
    remedy: ClassVar[str] = (
        "Enter the radionuclide at the scanner's workstation and send again."
    )

    def __init__(self) -> None:
        super().__init__(
            "an assay cannot be decayed to the injection: there is no half-life"
        )


class AssayAfterInjectionError(AssayError):
    """The syringe was measured after it was injected."""

    reason: ClassVar[str] = "conflicting_sources"
    remedy: ClassVar[str] = (
        "Correct the instant of the assay or that of the injection; what is measured"
        " after the injection is the residual."
    )

    def __init__(self, measured_at: datetime, at: datetime, origin: str) -> None:
        super().__init__(
            f"by {origin} the activity was measured at"
            f" {instant_in_words(measured_at)}, after the injection at"
            f" {instant_in_words(at)}"
        )


class ResidualError(AssayError):
    """As much was left in the syringe as had been in it."""

    reason: ClassVar[str] = "implausible_activity"
    remedy: ClassVar[str] = "Correct the assay, the residual, or their instants."

    def __init__(self, origin: str) -> None:
        super().__init__(
            f"the residual by {origin} is as much as the assay before the injection"
        )
