"""What a site says about its scanners and series."""

from dataclasses import dataclass


@dataclass(frozen=True)
class GantryRule:
    """A scanner whose PET and CT share coordinates under different UIDs.

    Attributes
    ----------
    model_name : str
        *Manufacturer's Model Name*.
    register : bool
        Whether the CT is registered to the PET all the same.
    maximum_motion_mm : float
        What the registration may find before a case is held.
    """

    model_name: str
    register: bool = False
    maximum_motion_mm: float = 2.0


@dataclass(frozen=True)
class MatchingRules:
    """What a site says about its scanners and series.

    Attributes
    ----------
    co_registered : tuple of GantryRule
    preferred_pet : tuple of str
        Shell patterns on *Series Description*, ignoring case, in order of preference,
        for when several PET series fit.
    replicates : bool
        Whether further reconstructions of the scan take part.
    """

    co_registered: tuple[GantryRule, ...]
    preferred_pet: tuple[str, ...]
    replicates: bool = True

    @property
    def co_registered_models(self) -> tuple[str, ...]:
        """The scanners' model names."""
        return tuple(rule.model_name for rule in self.co_registered)

    def rule_for(self, model_name: str) -> GantryRule:
        """Return the first rule for a scanner that has one."""
        return next(
            rule for rule in self.co_registered if rule.model_name == model_name
        )
