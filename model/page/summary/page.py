"""What a summary page says, before it has a form.

Texts are plain and of any origin: no mark-up is read in them, and what does not fit is
shortened with an ellipsis. A number that does not exist is None.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from model.page.summary.views import View

FOOTER = "Research use only. Not for diagnosis or treatment decisions."
"""At the foot of every page."""
OVERVIEW_ROWS = 34
"""Regions that fit on one overview page."""


@dataclass(frozen=True)
class Heading:
    """Whom and what a page is about.

    Attributes
    ----------
    animal_id : str
    region : str
        Name of the region; what else the page lists, on an overview.
    scanned : str
        When, in words.
    details : sequence of str
        Species, strain, weight, group and the like, most important first.
    place : str
        Of the page among its fellows, for example ``Region 1 of 3``; may be empty.
    """

    animal_id: str
    region: str
    scanned: str
    details: Sequence[str] = ()
    place: str = ""


@dataclass(frozen=True)
class Headline:
    """The number that the page is there for.

    Attributes
    ----------
    title : str
        What the number is, in the model's words: ``texture index (published equation,
        uncalibrated)``.
    value : float or None
        None when the score was refused.
    low, high : float or None
        The sensitivity range; it is no confidence interval.
    verdict : str
        Probability and class with the cohort that they refer to, where the model may
        state them; else why not. May be empty.
    """

    title: str
    value: float | None
    low: float | None = None
    high: float | None = None
    verdict: str = ""


@dataclass(frozen=True)
class Reading:
    """The score of the same region under another reading of the equation.

    Attributes
    ----------
    name : str
    value : float or None
    cut_off : float or None
        Where this reading's classes part; None where it is not to be shown.
    """

    name: str
    value: float | None
    cut_off: float | None = None


@dataclass(frozen=True)
class Scale:
    """What stands beside the score on one axis.

    Attributes
    ----------
    readings : sequence of Reading
        Without the score itself.
    cut_off : float or None
        Where the model's classes part; None where it is not to be shown.
    """

    readings: Sequence[Reading] = ()
    cut_off: float | None = None


@dataclass(frozen=True)
class Figures:
    """A row of the table of uptake.

    Attributes
    ----------
    name : str
        With what defines it, for example ``Peak, 1 mm sphere``.
    values : sequence of (float or None)
        One for each of the table's columns; fewer leave the last ones empty.
    unit : str
        Where it is not the column's.
    """

    name: str
    values: Sequence[float | None]
    unit: str = ""


@dataclass(frozen=True)
class Uptake:
    """The table of uptake.

    Attributes
    ----------
    columns : sequence of str
        One or two, with units: ``SUV (g/ml)``, ``%ID/g``.
    rows : sequence of Figures
    """

    columns: Sequence[str]
    rows: Sequence[Figures]


@dataclass(frozen=True)
class TrendPoint:
    """The index of the animal at one time.

    Attributes
    ----------
    day : float
        On the axis of the trend.
    score, low, high : float or None
    comparable : bool
        Whether it is of the same model; others are not on the same scale.
    current : bool
        Whether it is this page's.
    """

    day: float
    score: float | None
    low: float | None = None
    high: float | None = None
    comparable: bool = True
    current: bool = False


@dataclass(frozen=True)
class Trend:
    """The animal's time points, this one included.

    Attributes
    ----------
    points : sequence of TrendPoint
    axis : str
        What days are counted from: ``Days after the first scan``.
    irradiation_day : float or None
    """

    points: Sequence[TrendPoint]
    axis: str = "Days after the first scan"
    irradiation_day: float | None = None


@dataclass(frozen=True, eq=False)
class SummaryPage:
    """One region's result.

    Attributes
    ----------
    heading : Heading
    headline : Headline
    views : sequence of View
        Axial, coronal, sagittal; up to three. Those with an `index` are also shown as
        maps of it.
    projection : View or None
        Maximum intensity of the whole image.
    scale : Scale
    uptake : Uptake
    region_suv : ndarray, shape (voxels,), g/ml
        Of the region, for the histogram; may hold NaN.
    trend : Trend or None
        None where no other time point of the animal is known.
    provenance : sequence of (str, str)
        Name and value, most important first: model, SUV rule, dose, software, ...
    warnings : sequence of str
        Most important first.
    anatomy_window : tuple of (float, float), or None
        Values of the CT that are black and white; from the CT itself if None.
    tracer : str
        What the uptake is of, for example ``FDG``; may be empty.
    """

    heading: Heading
    headline: Headline
    views: Sequence[View]
    projection: View | None
    scale: Scale
    uptake: Uptake
    region_suv: NDArray[np.floating]
    trend: Trend | None = None
    provenance: Sequence[tuple[str, str]] = ()
    warnings: Sequence[str] = ()
    anatomy_window: tuple[float, float] | None = None
    tracer: str = ""


@dataclass(frozen=True)
class OverviewRow:
    """One region on an overview.

    Attributes
    ----------
    region : str
    score, low, high : float or None
    suv_mean, suv_max : float or None
        g/ml.
    volume_ml : float or None
    note : str
        For example why there is no score; may be empty.
    """

    region: str
    score: float | None
    low: float | None = None
    high: float | None = None
    suv_mean: float | None = None
    suv_max: float | None = None
    volume_ml: float | None = None
    note: str = ""


@dataclass(frozen=True)
class OverviewPage:
    """A table of regions that have no page of their own.

    Attributes
    ----------
    heading : Heading
    title : str
        What the index is, in the model's words.
    rows : sequence of OverviewRow
        At most `OVERVIEW_ROWS`; see `overview_pages`.
    provenance : sequence of (str, str)
    """

    heading: Heading
    title: str
    rows: Sequence[OverviewRow]
    provenance: Sequence[tuple[str, str]] = field(default_factory=tuple)


def overview_pages(
    heading: Heading,
    title: str,
    rows: Sequence[OverviewRow],
    provenance: Sequence[tuple[str, str]] = (),
) -> tuple[OverviewPage, ...]:
    """Return as many overview pages as the rows need; none without rows."""
    return tuple(
        OverviewPage(heading, title, tuple(rows[at : at + OVERVIEW_ROWS]), provenance)
        for at in range(0, len(rows), OVERVIEW_ROWS)
    )
