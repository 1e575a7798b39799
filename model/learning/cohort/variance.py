"""Whose variance compares a pair of groups: apart from the tests, being a choice."""

from enum import StrEnum


class Variance(StrEnum):
    """Whose standard deviation a pair is measured with."""

    POOLED = "pooled"
    """One for all groups, as the paper and R's default."""
    WELCH = "welch"
    """Each pair's own two."""
