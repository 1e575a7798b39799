"""What must not be mixed in silence: routes, tracers, reconstructions, scanners.

Intraperitoneal and intravenous uptake differ, texture follows reconstruction and voxel
size, and a score means nothing across models. So a comparison of an image's measure
whose rows differ in one of these is refused, unless the user allows it; flow cytometry
and fractions of cells know nothing of the scanner and are never refused.

Design choice: a row that does not state its route is no reason to refuse, since most
tables do not state everything; it is counted, and shown with the rest.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from node.learning.cohort.measures import Measure

ACQUISITION = ("tracer", "route", "scanner", "reconstruction")
VOXEL_TOLERANCE = 0.01
"""Relative; in-plane spacings closer than this are one (zoom factors are rounded)."""
NOT_STATED = "not stated"


@dataclass(frozen=True)
class Mixing:
    """A property of the acquisition that rows differ in.

    Attributes
    ----------
    name : str
        For example ``route``.
    counts : mapping of str to int
        Rows by what is stated.
    not_stated : int
    """

    name: str
    counts: Mapping[str, int]
    not_stated: int

    @property
    def text(self) -> str:
        """Return it in words: ``route: intravenous (4), intraperitoneal (12)``."""
        parts = [f"{value} ({count})" for value, count in self.counts.items()]
        if self.not_stated:
            parts.append(f"{NOT_STATED} ({self.not_stated})")
        return f"{self.name.replace('_', ' ')}: {', '.join(parts)}"

    @property
    def is_open(self) -> bool:
        """Return whether some rows do not state it, so that they may mix anything."""
        return self.not_stated > 0


def mixed_in(
    rows: pd.DataFrame, measure: Measure, profiles: Mapping[str, str]
) -> tuple[Mixing, ...]:
    """Return what the rows of a measure differ in, among what must not be mixed.

    Parameters
    ----------
    rows : pandas.DataFrame
        Of the joined table; those without the measure are passed over.
    measure : Measure
    profiles : mapping of str to str
        Of the joined table: with more than one, features are of several preparations.
    """
    if not measure.is_of_image:
        return ()
    found = [each for each in properties_of(rows, measure) if len(each.counts) > 1]
    if measure.is_feature and len(profiles) > 1:
        stated = dict.fromkeys(profiles, len(rows))
        found.append(Mixing("feature profile", stated, 0))
    return tuple(found)


def properties_of(rows: pd.DataFrame, measure: Measure) -> tuple[Mixing, ...]:
    """Return what the rows of a measure state of their acquisition."""
    known = rows[rows[measure.name].notna()]
    names = (*ACQUISITION, "score_model") if measure.is_score else ACQUISITION
    stated = [_stated(name, known[name]) for name in names]
    return (*stated, _stated("voxel_mm", _voxels(known["voxel_mm"])))


def _stated(name: str, column: pd.Series) -> Mixing:
    text = column.astype(object).where(column.notna(), "").astype(str)
    given = text[text != ""]
    return Mixing(
        name,
        {str(value): int(count) for value, count in given.value_counts().items()},
        len(text) - len(given),
    )


def _voxels(column: pd.Series) -> pd.Series:
    """Return spacings in words, those that hardly differ alike."""
    names: dict[float, str] = {}
    first = None
    for value in sorted(column.dropna().unique()):
        if first is None or value > first * (1 + VOXEL_TOLERANCE):
            first = float(value)
        names[value] = f"{first:.3g} mm"
    return column.map(names)
