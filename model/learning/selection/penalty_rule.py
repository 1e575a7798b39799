"""Which penalty of a LASSO is taken: a choice, apart from the LASSO."""

from enum import StrEnum


class PenaltyRule(StrEnum):
    """Which penalty is taken."""

    MINIMUM = "minimum"
    """The one with the smallest cross-validated error."""
    ONE_STANDARD_ERROR = "one_standard_error"
    """The largest whose error is within one standard error of the smallest."""
