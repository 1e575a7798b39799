"""Whether a feature repeats well enough to be kept.

Design choice: the estimate decides by default, as in Zhang et al. 2023, whose
thresholds are the defaults. The lower limit of the interval is the stricter rule: it
keeps what is shown to repeat, where the estimate keeps what seems to.
"""

from dataclasses import dataclass
from enum import StrEnum

from model.learning.estimate import Assessed, NotAssessable

CCC_PET = 0.65
"""Zhang et al. 2023, from the RIDER phantom PET-CT: 9 of 61 features kept."""
CCC_CT = 0.75
"""Zhang et al. 2023, from RIDER Lung CT: 40 of 57 features kept."""


class DecidedOn(StrEnum):
    """Which number is compared with the threshold."""

    ESTIMATE = "estimate"
    LOWER = "lower"
    """The lower limit of the interval."""


@dataclass(frozen=True)
class KeepRule:
    """When a feature is kept.

    Attributes
    ----------
    threshold : float
        Kept is what lies above it.
    on : DecidedOn
    """

    threshold: float
    on: DecidedOn = DecidedOn.ESTIMATE


@dataclass(frozen=True)
class Verdict:
    """Whether a feature is kept, and why.

    Attributes
    ----------
    kept : bool
    why : str
    """

    kept: bool
    why: str


def verdict(concordance: Assessed, rule: KeepRule) -> Verdict:
    """Return whether a concordance coefficient keeps its feature.

    Parameters
    ----------
    concordance : Estimate or NotAssessable
    rule : KeepRule
    """
    if isinstance(concordance, NotAssessable):
        return Verdict(kept=False, why=concordance.why)
    if rule.on is DecidedOn.LOWER and concordance.low is None:
        return Verdict(kept=False, why=concordance.method)
    low = concordance.low
    name, number = "CCC", concordance.value
    if rule.on is DecidedOn.LOWER and low is not None:
        name, number = "lower limit of the CCC", low
    kept = number > rule.threshold
    relation = "above" if kept else "not above"
    why = f"{name} {number:.3f} is {relation} {rule.threshold:g}"
    if low is None:
        why += f"; {concordance.method}"
    return Verdict(kept=kept, why=why)
