"""Radioactive decay between two instants.

Design choice: instants are timezone-aware and durations are `timedelta`, so that no
caller ever subtracts clock times of day. Rolling a date over midnight is the reader's
business (`dicom_io.pet.radiopharmaceutical`), where the evidence for it is.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from model.errors import ModelError


@dataclass(frozen=True)
class Activity:
    """An amount of radioactivity at the instant for which it holds.

    Attributes
    ----------
    activity_bq : float
        In becquerel, positive.
    measured_at : datetime
        Timezone-aware instant of the assay.
    half_life : timedelta
        Physical half-life of the radionuclide.
    """

    activity_bq: float
    measured_at: datetime
    half_life: timedelta

    def __post_init__(self) -> None:
        """Refuse an amount that no assay can have given."""
        if not (self.activity_bq > 0 and math.isfinite(self.activity_bq)):
            raise ImpossibleActivityError(self.activity_bq)
        if not self.half_life > timedelta(0):
            raise ImpossibleHalfLifeError(self.half_life)

    def at(self, instant: datetime) -> float:
        """Return the activity at another instant.

        Parameters
        ----------
        instant : datetime
            Timezone-aware; may precede the assay.

        Returns
        -------
        float
            In becquerel.

        References
        ----------
        * DICOM PS3.3 C.8.9.1.1.5, *Decay Correction* (0054,1102).
        """
        half_lives = (instant - self.measured_at) / self.half_life
        return self.activity_bq * math.exp2(-half_lives)


def average_decay_time(frame: timedelta, half_life: timedelta) -> timedelta:
    """Return when, after the start of a frame, activity equals its mean in the frame.

    Parameters
    ----------
    frame : timedelta
        Duration, not negative.
    half_life : timedelta

    Returns
    -------
    timedelta
        A little less than half the frame; ``ln(x / (1 - exp(-x))) / lambda`` with
        ``x = lambda * frame``.

    References
    ----------
    * DICOM PS3.3 C.8.9.4.1.5, *Frame Reference Time* (0054,1300).
    """
    if not half_life > timedelta(0):
        raise ImpossibleHalfLifeError(half_life)
    decays = math.log(2.0) * (frame / half_life)
    if decays <= 0.0:
        return timedelta(0)
    mean = math.log(decays / -math.expm1(-decays))
    return half_life * (mean / math.log(2.0))


class ImpossibleActivityError(ModelError):
    """An activity is zero, negative or not a number."""

    reason = "missing_activity"
    remedy = "Enter the injected activity at the scanner's workstation and send again."

    def __init__(self, activity_bq: float) -> None:
        """State the fact; who must act is decided in `node.failure`."""
        super().__init__(f"an injected activity of {activity_bq} Bq is impossible")
        self.activity_bq = activity_bq


class ImpossibleHalfLifeError(ModelError):
    """A half-life is zero or negative."""

    reason = "missing_half_life"
    remedy = "Enter the radionuclide at the scanner's workstation and send again."

    def __init__(self, half_life: timedelta) -> None:
        super().__init__(
            f"a half-life of {half_life.total_seconds():g} s is impossible"
        )
        self.half_life = half_life
