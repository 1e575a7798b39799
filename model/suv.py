"""From activity concentration to the standardised uptake value."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class SuvConversion:
    """How stored values become SUVbw, and with which numbers.

    Attributes
    ----------
    rule : str
        Name of the rule that fired, for example ``BQML, START, decay reference =
        Series Time``; the `suv_rule` of a result.
    factor : float
        g/ml per unit of the stored image; 1 where the image is SUVbw already.
    numbers : mapping of str to float
        What the factor was made of, with units in the names (`weight_g`,
        `injected_activity_bq`, `half_life_s`, `decay_s`, ...).
    statements : tuple of str
        What a reader of the result must know: conversions applied, doubts.
    """

    rule: str
    factor: float
    numbers: Mapping[str, float] = field(default_factory=dict)
    statements: tuple[str, ...] = ()
