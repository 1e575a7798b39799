"""Numbers as a page shows them, and where an axis has its ticks."""

import math
from collections.abc import Sequence

MINUS = "\N{MINUS SIGN}"
NONE = "\N{EN DASH}"
"""What stands where there is no number."""
_RAISED = str.maketrans(
    "0123456789-", "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079\u207b"
)
_LARGE, _SMALL = 1e5, 1e-3
_STEPS = (1.0, 2.0, 5.0, 10.0)


def number(value: float | None, digits: int = 3) -> str:
    """Return a number with so many significant digits; a dash for none.

    Whole digits are never rounded away below 100 000; beyond that, and below 0.001,
    a power of ten is used.
    """
    if value is None or not math.isfinite(value):
        return NONE
    if value == 0:
        return "0"
    size = abs(value)
    if size >= _LARGE or size < _SMALL:
        mantissa, _, exponent = f"{value:.{digits - 1}e}".partition("e")
        power = str(int(exponent)).translate(_RAISED)
        return f"{mantissa}·10{power}".replace("-", MINUS)
    decimals = max(0, digits - 1 - math.floor(math.log10(size)))
    return f"{value:.{decimals}f}".replace("-", MINUS)


def span_words(low: float, high: float) -> str:
    """Return a range in words, both ends with the decimals of the larger one."""
    size = max(abs(low), abs(high))
    if not math.isfinite(size) or not _SMALL <= size < _LARGE:
        return f"{number(low)} to {number(high)}"
    decimals = max(0, 2 - math.floor(math.log10(size)))
    return f"{low:.{decimals}f} to {high:.{decimals}f}".replace("-", MINUS)


def brief(value: float) -> str:
    """Return a round number without the zeros at its end."""
    words = number(value)
    return words.rstrip("0").rstrip(".") if "." in words and "·" not in words else words


def ticks(low: float, high: float, wanted: int = 5) -> Sequence[float]:
    """Return round numbers from low to high, about as many as wanted."""
    span = high - low
    if not (math.isfinite(span) and span > 0):
        return ()
    step = _round_step(span / max(wanted, 1))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    # Where the step is lost in the size of the numbers, there are no ticks to tell.
    if last - first > 4 * wanted or low + step == low:
        return ()
    return tuple(k * step for k in range(first, last + 1))


def _round_step(about: float) -> float:
    power = 10.0 ** math.floor(math.log10(about))
    return next(power * step for step in _STEPS if power * step >= about * 0.999)


def tick_words(places: Sequence[float]) -> Sequence[str]:
    """Return the numbers of an axis, all with as many decimals."""
    if not places:
        return ()
    largest = max(abs(place) for place in places)
    step = abs(places[1] - places[0]) if len(places) > 1 else largest
    if largest >= _LARGE or (step and step < _SMALL):
        return tuple(number(place) if place else "0" for place in places)
    decimals = max(0, -math.floor(math.log10(step) + 1e-9)) if step else 0
    return tuple(f"{p + 0.0:.{decimals}f}".replace("-", MINUS) for p in places)


def rounded_up(value: float) -> float:
    """Return a round number that is at least the value, for the end of a scale."""
    if not math.isfinite(value) or value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    steps = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
    return next(power * step for step in steps if power * step >= value * 0.999)
