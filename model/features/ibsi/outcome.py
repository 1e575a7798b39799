"""A number, or why there is none."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from model.features.vector import FeatureVector


@dataclass(frozen=True)
class Undefined:
    """A feature that has no value for this region.

    Attributes
    ----------
    reason : str
        For people, for example ``the region has a single voxel``.
    """

    reason: str


Outcome = float | Undefined


def quotient(numerator: float, denominator: float, why_not: str) -> Outcome:
    """Return a quotient, or `Undefined` with the reason when it divides by zero."""
    return Undefined(why_not) if denominator == 0 else numerator / denominator


def undefined_throughout(names: Iterable[str], why: Undefined) -> dict[str, Outcome]:
    """Return the same reason for every name."""
    return dict.fromkeys(names, why)


def vector_of(outcomes: Mapping[str, Outcome]) -> FeatureVector:
    """Return outcomes as a feature vector, NaN with a reason where undefined."""
    values: dict[str, float] = {}
    undefined: dict[str, str] = {}
    for name, outcome in outcomes.items():
        if isinstance(outcome, Undefined):
            values[name] = float("nan")
            undefined[name] = outcome.reason
        else:
            values[name] = float(outcome)
    return FeatureVector(values, undefined)
