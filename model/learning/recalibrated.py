"""What of a score's scale is fitted: apart from the fit, so that options are quick."""

from enum import StrEnum


class Recalibrated(StrEnum):
    """What is fitted to the labels."""

    INTERCEPT = "intercept"
    BOTH = "both"
