"""The numbers of a validation in words, in tables, and as JSON has them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from model.learning.estimate import Assessed, NotAssessable
from model.page.document import Column, Table
from model.score.provenance import Performance


@dataclass(frozen=True)
class Quantity:
    """What a number is called, and how it is read.

    Attributes
    ----------
    title : str
    reading : str
        In few words.
    of_probabilities : bool
        Whether it is of probabilities, and so of the scale of the score.
    """

    title: str
    reading: str
    of_probabilities: bool = True


QUANTITIES: Mapping[str, Quantity] = {
    "c_index": Quantity(
        "C-index", "0.5 is chance, 1 ranks every pair rightly", of_probabilities=False
    ),
    "brier_score": Quantity("Brier score", "0 is perfect; 0.25 is a coin"),
    "scaled_brier_score": Quantity(
        "scaled Brier score", "1 is perfect; 0 is the prevalence, said to everybody"
    ),
    "calibration_in_the_large": Quantity(
        "calibration in the large",
        "intercept at a slope of 1: 0 is right; above it, risks are underestimated",
    ),
    "calibration_intercept": Quantity(
        "calibration intercept", "that goes with the slope; 0 is right at a slope of 1"
    ),
    "calibration_slope": Quantity(
        "calibration slope",
        "1 is right; below it, probabilities are too extreme; below 0, the ranking is "
        "the wrong way round",
    ),
    "observed_minus_foretold": Quantity(
        "observed minus foretold", "of the proportion above the cut-off: 0 is right"
    ),
}

_SMALL, _LARGE = 1e-3, 1e4
_SHOWN = 6


def number_text(number: float) -> str:
    """Return a number as people read it: three decimals, or four digits."""
    plain = number == 0 or _SMALL <= abs(number) < _LARGE
    return f"{number:.3f}" if plain else f"{number:.4g}"


def assessed_text(assessed: Assessed) -> str:
    """Return a number with its interval, or why there is none."""
    if isinstance(assessed, NotAssessable):
        return assessed.why
    value = number_text(assessed.value)
    if assessed.low is None and assessed.high is None:
        return f"{value} ({assessed.method})"
    low, high = (
        sign if end is None else number_text(end)
        for end, sign in ((assessed.low, "-inf"), (assessed.high, "inf"))
    )
    return f"{value} ({low} to {high})"


def left_out_lines(reasons: Mapping[str, Sequence[str]]) -> list[str]:
    """Return a line for each reason why rows are left out, with the first of them.

    Parameters
    ----------
    reasons : mapping of str to sequence of str
        As `node.learning.validation.rows.left_out_of` has them.
    """
    return [
        f"{len(rows)} row{'s' if len(rows) > 1 else ''} left out: {why} "
        f"({'; '.join(rows[:_SHOWN])}{'; ...' if len(rows) > _SHOWN else ''})"
        for why, rows in reasons.items()
    ]


def numbers_table(numbers: Mapping[str, Assessed], caption: str) -> Table:
    """Return numbers as a table of a document."""
    rows = [
        [QUANTITIES[name].title, assessed_text(number), QUANTITIES[name].reading]
        for name, number in numbers.items()
    ]
    head = [Column("Quantity"), Column("Value (95 % interval)"), Column("How to read")]
    return Table(head, rows, caption)


def numbers_frame(settings: Mapping[str, Mapping[str, Assessed]]) -> pd.DataFrame:
    """Return numbers as a table for a file, a row for each quantity and setting."""
    rows = [
        {"quantity": name, "setting": setting, **assessed_data(number)}
        for setting, numbers in settings.items()
        for name, number in numbers.items()
    ]
    columns = ["quantity", "setting", "value", "low", "high", "level", "method", "why"]
    return pd.DataFrame(rows, columns=columns)


def assessed_data(assessed: Assessed) -> dict[str, Any]:
    """Return a number as JSON has it; `value` is null where `why` says why."""
    if isinstance(assessed, NotAssessable):
        nothing = dict.fromkeys(("value", "low", "high", "level"))
        return {**nothing, "method": "", "why": assessed.why}
    return {
        "value": assessed.value,
        "low": assessed.low,
        "high": assessed.high,
        "level": assessed.level,
        "method": assessed.method,
        "why": "",
    }


def performance_of(
    numbers: Mapping[str, Assessed], setting: str
) -> tuple[Performance, ...]:
    """Return numbers as a model's file has them."""
    return tuple(
        _performance(QUANTITIES[name].title, setting, number)
        for name, number in numbers.items()
    )


def _performance(title: str, setting: str, number: Assessed) -> Performance:
    if isinstance(number, NotAssessable):
        return Performance(title, setting, None, None, None, number.why)
    # A file's interval has two ends or none.
    whole = number.low is not None and number.high is not None
    low, high = (number.low, number.high) if whole else (None, None)
    return Performance(title, setting, number.value, low, high, number.method)
