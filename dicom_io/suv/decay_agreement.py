"""Whether ways to a decay reference agree, in terms of SUV.

Design choice: instants differ by what they change of SUV, since seconds mean nothing
without the half-life. Ways are pairs of a name and an instant.
"""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta

TOLERANCE = 0.02
"""Of SUV; GE lawfully differs by 1.3 %."""
_FOLD = 10.0


def disagreements(
    series_at: datetime, others: Sequence[tuple[str, datetime]], half_life: timedelta
) -> tuple[str, ...]:
    """Return what must be said of other ways that disagree with *Series Time*."""
    furthest: dict[str, timedelta] = {}
    for name, instant in others:
        apart = instant - series_at
        furthest[name] = max(furthest.get(name, apart), apart, key=abs)
    said = []
    for name, apart in furthest.items():
        change = suv_change(abs(apart), half_life)
        if change > TOLERANCE:
            said.append(
                f"Series Time was used as decay reference; {name} give an instant"
                f" {apart.total_seconds():.0f} s from it, which would change SUV"
                f" {_in_words(change)}"
            )
    return tuple(said)


def _in_words(change: float) -> str:
    if change < _FOLD:
        return f"by {change:.0%}"
    return f"more than {_FOLD:.0f}-fold"


def any_agrees(
    instant: datetime, others: Sequence[tuple[str, datetime]], half_life: timedelta
) -> bool:
    """Return whether another way gives an instant, within the tolerance."""
    return any(
        suv_change(abs(other - instant), half_life) <= TOLERANCE for _, other in others
    )


def suv_change(interval: timedelta, half_life: timedelta) -> float:
    """Return by which part SUV change when the decay reference moves."""
    # Beyond a thousand half-lives there is nothing left to compare.
    return math.exp2(min(interval / half_life, 1e3)) - 1.0
