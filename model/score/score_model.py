"""A score model: an equation over texture features, with every choice behind it.

Design choice: a model is data. Whatever changes a number (levels, limits, dimension,
aggregation, offset, kurtosis) is a field here and a key of its file; nothing is implied
by the code that computes it. What lies between the image and the features is
`model.features.preparation`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from model.features.preparation import (
    Aggregation,
    Dimension,
    Discretisation,
    HistogramBins,
    KurtosisKind,
    Limits,
    Preparation,
)
from model.score.domain import Domain
from model.score.provenance import Provenance

__all__ = [
    "Aggregation",
    "Calibration",
    "Dimension",
    "Discretisation",
    "Domain",
    "HistogramBins",
    "KurtosisKind",
    "Limits",
    "Preparation",
    "ScoreModel",
]


class Calibration(StrEnum):
    """What entitles a score to a probability."""

    NONE = "none"
    """The equation as published; uncalibrated on this scanner."""
    SITE = "site"
    """Intercept, or intercept and slope, fitted to the site's own labels."""
    TRAINED = "trained"
    """Trained on the site's own data."""


@dataclass(frozen=True)
class ScoreModel:
    """A logistic score over features of one region.

    Attributes
    ----------
    name, version : str
    title : str
        How a reader sees it, for example ``texture index (published equation,
        uncalibrated)``.
    coefficients : mapping of str to float
        By feature name of the catalogue.
    intercept : float
    cut_off : float
        On the scale of the score; above it the class is "exhausted".
    outcome : str
        What the probability is of, with the cohort that it refers to.
    calibration : Calibration
    preparation : Preparation
    minimum_voxels : int
        Below it the score is refused.
    map_radius_mm : float
        Radius of the window of the local texture index.
    reference : str
        Where it was published.
    sha256 : str
        Checksum of the model's file, for the result.
    domain : Domain
        What the model was made for.
    provenance : Provenance or None
        How a site's model was trained or calibrated; None of a published one.
    """

    name: str
    version: str
    title: str
    coefficients: Mapping[str, float]
    intercept: float
    cut_off: float
    outcome: str
    calibration: Calibration
    preparation: Preparation
    minimum_voxels: int
    map_radius_mm: float
    reference: str
    sha256: str
    domain: Domain = field(default_factory=Domain)
    provenance: Provenance | None = None
