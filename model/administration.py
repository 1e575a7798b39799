"""What a source says of an animal and of what was injected into it.

The PET's header is one source; a site's injection log, an Acquisition Context SR and
values that a person released are others. Each speaks for itself here, in one set of
units; which of them is believed is decided in `model.believed`.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Source(StrEnum):
    """Where a value comes from."""

    RELEASE = "release"
    """A person gave it for this study, with `release`."""
    LOG = "log"
    """The site's injection log."""
    CONTEXT = "context"
    """A (Small Animal) Acquisition Context SR in the study."""
    HEADER = "header"
    """The PET itself."""


@dataclass(frozen=True)
class Assay:
    """A measured activity and the instant for which it holds.

    Attributes
    ----------
    activity_bq : float
    measured_at : datetime or None
        None where it holds for the injection.
    """

    activity_bq: float
    measured_at: datetime | None = None


@dataclass(frozen=True)
class Administration:
    """What one source says; None for what it does not say.

    Attributes
    ----------
    source : Source
    origin : str
        Where exactly, for people: ``row 12 of the injection log``. Without names.
    weight_g : float or None
        Of the body.
    activity : Assay or None
        In the syringe before the injection, or, without an instant, injected.
    residual : Assay or None
        Left in the syringe. Only where `activity` is an assay before the injection.
    injected_at : datetime or None
    cross_calibration : float or None
        Factor from the scanner's to the dose calibrator's activity: the image is
        multiplied by it.
    cross_calibrated_on : date or None
    context : tuple of (str, str)
        What else is to be carried along, by its name: route, glucose, fasting,
        anaesthesia, and columns of the site's own.
    """

    source: Source
    origin: str
    weight_g: float | None = None
    activity: Assay | None = None
    residual: Assay | None = None
    injected_at: datetime | None = None
    cross_calibration: float | None = None
    cross_calibrated_on: date | None = None
    context: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class SourceRules:
    """Which source is believed, and how far the others may differ from it.

    Attributes
    ----------
    precedence : tuple of Source
        The most trusted first. What a person released comes before all of them.
    weight_tolerance, activity_tolerance : float
        Relative difference from the believed value beyond which sources disagree.
    injection_tolerance_s : float
        The same for the instant of the injection.
    """

    precedence: tuple[Source, ...] = (Source.LOG, Source.CONTEXT, Source.HEADER)
    weight_tolerance: float = 0.1
    activity_tolerance: float = 0.05
    injection_tolerance_s: float = 300.0
