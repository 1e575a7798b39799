"""What a species can weigh and be given, and which unit explains what it cannot.

Design choice: limits belong to a species and are the site's. Rules made for people
(a weight above 1000 must be grams) are wrong for mice. A value outside the limits is
never repaired in silence: it is refused, or, when the site says so and exactly one
other unit makes it plausible, converted with a statement.

Design choice: microcurie and kilobecquerel are suspected only where the highest
plausible activity is below 100 MBq; nobody states the doses of people in them.

Design choice: the time between injection and scan is bounded twice. In half-lives, by
the species' limits: it finds entries of another day or another tracer, whatever the
tracer. In minutes, by the site: only a protocol can say that 60 minutes were meant.
The site narrows and never widens.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import ClassVar

from model.errors import ModelError

BQ_PER_MBQ = 1e6
_BQ_PER_KBQ = 1e3
_BQ_PER_MCI = 3.7e7
_BQ_PER_UCI = 3.7e4
_SMALL_ACTIVITIES_BQ = 1e8
_LARGE_G = 2000.0
_UPTAKE_SLACK = timedelta(seconds=1)
"""Times of a header are written to the second, and some are cut off there."""


class UnitsInDoubt(StrEnum):
    """What to do with a value that is plausible only in another unit."""

    HOLD = "hold"
    """Refuse it and name the suspected unit."""
    CONVERT = "convert"
    """Convert it when exactly one unit explains it, and say so in the result."""


@dataclass(frozen=True)
class AnimalLimits:
    """What is plausible for a species.

    Attributes
    ----------
    species : str
        Name, for messages.
    weight_g : tuple of float
        Lowest and highest body weight, grams.
    activity_bq : tuple of float
        Lowest and highest injected activity, becquerel.
    uptake_half_lives : tuple of float
        Shortest and longest time between injection and scan.
    """

    species: str
    weight_g: tuple[float, float]
    activity_bq: tuple[float, float]
    uptake_half_lives: tuple[float, float] = (0.0, 5.0)

    @property
    def is_large(self) -> bool:
        """Whether a share of the injected dose is told by the kilogram of tissue.

        So it is of a species that can weigh more than 2 kg, whatever this one weighs:
        of a person, a gram has thousandths of a per cent.
        """
        return self.weight_g[1] > _LARGE_G


@dataclass(frozen=True)
class Checked:
    """A value that is plausible.

    Attributes
    ----------
    value : float
        In grams or becquerel.
    statement : str or None
        What was converted.
    """

    value: float
    statement: str | None = None


@dataclass(frozen=True)
class _Unit:
    name: str
    factor: float


@dataclass(frozen=True)
class _Quantity:
    """How a value is named and which units it may have been entered in.

    Attributes
    ----------
    name, stated_unit, unit : str
        What it is, the unit that DICOM asks for, and that of the limits.
    factor : float
        From the stated unit to that of the limits.
    others : tuple of _Unit
    """

    name: str
    stated_unit: str
    unit: str
    factor: float
    others: tuple[_Unit, ...]


_WEIGHT = _Quantity("weight", "kg", "g", 1e3, (_Unit("g", 1.0),))
_OFTEN = (_Unit("MBq", BQ_PER_MBQ), _Unit("mCi", _BQ_PER_MCI))
_SELDOM = (_Unit("kBq", _BQ_PER_KBQ), _Unit("µCi", _BQ_PER_UCI))


def plausible_weight(
    weight_kg: float, limits: AnimalLimits, in_doubt: UnitsInDoubt
) -> Checked:
    """Return a weight in grams.

    Raises
    ------
    UnitsInDoubtError
        When it is plausible in another unit, and conversion is not asked for or more
        than one unit fits.
    ImplausibleWeightError
        When no unit makes it plausible.
    """
    fitting = _fitting(weight_kg, _WEIGHT, limits.weight_g)
    if fitting is None:
        return Checked(weight_kg * _WEIGHT.factor)
    if not fitting:
        raise ImplausibleWeightError(weight_kg, limits)
    return _resolve(weight_kg, _WEIGHT, fitting, limits, in_doubt)


def plausible_activity(
    activity_bq: float, limits: AnimalLimits, in_doubt: UnitsInDoubt
) -> Checked:
    """Return an injected activity in becquerel.

    Raises
    ------
    UnitsInDoubtError
        When it is plausible in another unit, and conversion is not asked for or more
        than one unit fits.
    ImplausibleActivityError
        When no unit makes it plausible.
    """
    small = limits.activity_bq[1] < _SMALL_ACTIVITIES_BQ
    others = (*_OFTEN, *_SELDOM) if small else _OFTEN
    quantity = _Quantity("activity", "Bq", "Bq", 1.0, others)
    fitting = _fitting(activity_bq, quantity, limits.activity_bq)
    if fitting is None:
        return Checked(activity_bq)
    if not fitting:
        raise ImplausibleActivityError(activity_bq, limits)
    return _resolve(activity_bq, quantity, fitting, limits, in_doubt)


def require_uptake(
    uptake: timedelta,
    half_life: timedelta,
    limits: AnimalLimits,
    site: tuple[timedelta, timedelta] | None,
) -> None:
    """Refuse a time between injection and scan that cannot be meant.

    Parameters
    ----------
    uptake : timedelta
        From the injection to the start of the scan.
    half_life : timedelta
        Of the radionuclide, more than nothing.
    limits : AnimalLimits
    site : tuple of timedelta or None
        Shortest and longest that the site's protocol allows; both limits count, as do
        those of the species.

    Raises
    ------
    UptakeTimeError
    """
    spans = [tuple(half_life * factor for factor in limits.uptake_half_lives)]
    if site is not None:
        spans.append(site)
    for shortest, longest in spans:
        if not shortest - _UPTAKE_SLACK <= uptake <= longest + _UPTAKE_SLACK:
            raise UptakeTimeError(uptake, half_life, limits, site)


def _fitting(
    value: float, quantity: _Quantity, span: tuple[float, float]
) -> tuple[_Unit, ...] | None:
    """Return the units that explain a value; None where it needs no explanation."""
    if span[0] <= value * quantity.factor <= span[1]:
        return None
    return tuple(
        unit for unit in quantity.others if span[0] <= value * unit.factor <= span[1]
    )


def _resolve(
    value: float,
    quantity: _Quantity,
    fitting: tuple[_Unit, ...],
    limits: AnimalLimits,
    in_doubt: UnitsInDoubt,
) -> Checked:
    if in_doubt is UnitsInDoubt.HOLD or len(fitting) > 1:
        names = [unit.name for unit in fitting]
        raise UnitsInDoubtError(value, quantity, names, limits)
    unit = fitting[0]
    converted = value * unit.factor
    return Checked(
        converted,
        f"The {quantity.name} {value:g} {quantity.stated_unit} is implausible for"
        f" {limits.species} and was read as {unit.name}:"
        f" {converted:g} {quantity.unit}",
    )


class ImplausibleWeightError(ModelError):
    """A weight lies outside the species' limits in every unit."""

    reason: ClassVar[str] = "implausible_weight"
    remedy: ClassVar[str] = (
        "Correct the weight where it was entered, or choose the right species, or"
        " decide with `exhaustion-node release UID --weight-g X`."
    )

    def __init__(self, weight_kg: float, limits: AnimalLimits) -> None:
        low, high = limits.weight_g
        super().__init__(
            f"a weight of {weight_kg * 1e3:g} g is implausible for {limits.species}"
            f" ({low:g} to {high:g} g)"
        )
        self.weight_kg = weight_kg
        self.limits = limits


class ImplausibleActivityError(ModelError):
    """An activity lies outside the species' limits in every unit."""

    reason: ClassVar[str] = "implausible_activity"
    remedy: ClassVar[str] = (
        "Correct the injected activity where it was entered, or choose the right"
        " species, or decide with `exhaustion-node release UID --activity-mbq X`."
    )

    def __init__(self, activity_bq: float, limits: AnimalLimits) -> None:
        low, high = limits.activity_bq
        super().__init__(
            f"an injected activity of {activity_bq:g} Bq is implausible for"
            f" {limits.species} ({low:g} to {high:g} Bq)"
        )
        self.activity_bq = activity_bq
        self.limits = limits


class UnitsInDoubtError(ModelError):
    """A value is plausible only in another unit than the one that it must be in."""

    reason: ClassVar[str] = "units_in_doubt"
    remedy: ClassVar[str] = (
        "Correct the value where it was entered, or release the right one with"
        " `exhaustion-node release UID`, or let the node convert it by setting"
        ' suv.units_in_doubt to "convert", which needs exactly one unit that fits.'
    )

    def __init__(
        self,
        value: float,
        quantity: _Quantity,
        units: Iterable[str],
        limits: AnimalLimits,
    ) -> None:
        self.value = value
        self.units = tuple(units)
        low, high = limits.weight_g if quantity is _WEIGHT else limits.activity_bq
        super().__init__(
            f"the {quantity.name} of {value:g} {quantity.stated_unit} is implausible"
            f" for {limits.species} ({low:g} to {high:g} {quantity.unit}) and seems to"
            f" be in {' or '.join(self.units)}"
        )


class UptakeTimeError(ModelError):
    """The time between injection and scan lies outside its limits."""

    reason: ClassVar[str] = "uptake_time"
    remedy: ClassVar[str] = (
        "Correct the injection time or the scan time at its source; where the protocol"
        " really is another one, widen uptake_min or the species' uptake_half_lives."
    )

    def __init__(
        self,
        uptake: timedelta,
        half_life: timedelta,
        limits: AnimalLimits,
        site: tuple[timedelta, timedelta] | None,
    ) -> None:
        low, high = limits.uptake_half_lives
        by_site = f", of the site {_minutes(*site)}" if site is not None else ""
        super().__init__(
            f"the scan began {_minutes(uptake)}, or {uptake / half_life:.2f}"
            f" half-lives of {_minutes(half_life)}, after the injection (limits for"
            f" {limits.species} {low:g} to {high:g} half-lives, or"
            f" {_minutes(half_life * low, half_life * high)}{by_site})"
        )
        self.uptake = uptake
        self.half_life = half_life
        self.limits = limits
        self.site = site


def _minutes(*spans: timedelta) -> str:
    minutes = [f"{span.total_seconds() / 60.0:.1f}" for span in spans]
    return f"{' to '.join(minutes)} min"
