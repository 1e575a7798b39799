"""Grey levels by the manuals' formulas, in fractions, without rounding errors."""

from collections.abc import Sequence
from fractions import Fraction
from math import floor

ON_THE_EDGE = Fraction(1, 10**9)


def fixed_bin_number(values: Sequence[float], bins: int) -> list[int]:
    """IBSI K15C: the greatest value lies in the last bin."""
    exact = [Fraction(value) for value in values]
    least, greatest = min(exact), max(exact)
    return [
        min(floor(bins * (value - least) / (greatest - least) + ON_THE_EDGE) + 1, bins)
        for value in exact
    ]


def fixed_bin_size(
    values: Sequence[float], bin_size: float, lowest: float
) -> list[int]:
    """IBSI Q3RU."""
    return [
        floor((Fraction(value) - Fraction(lowest)) / Fraction(bin_size) + ON_THE_EDGE)
        + 1
        for value in values
    ]


def ibex_fixed_limits(
    values: Sequence[float], levels: int, low: float, high: float
) -> list[int]:
    """IBEX with GrayLimits: rounded, halves up, clipped."""
    span = Fraction(high) - Fraction(low)
    found = []
    for value in values:
        place = 1 + (levels - 1) * (Fraction(value) - Fraction(low)) / span
        level = floor(place + Fraction(1, 2) + ON_THE_EDGE)
        found.append(max(1, min(levels, level)))
    return found
