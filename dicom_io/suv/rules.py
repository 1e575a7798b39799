"""What a site lays down about SUV."""

from dataclasses import dataclass
from datetime import timedelta, tzinfo

from model.administration import SourceRules
from model.plausibility import AnimalLimits, UnitsInDoubt

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
        Shortest and longest time between injection and static scan, narrower than the
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

    @property
    def of_people(self) -> bool:
        """Whether formulas of human body size apply."""
        return self.limits.species.lower() == "human"
