"""What is said about one region: the numbers, and what they depended on."""

from collections.abc import Mapping
from dataclasses import dataclass

from model.contours import Roi
from model.grid import Mask, Volume
from model.score.score_model import ScoreModel


@dataclass(frozen=True)
class SuvStatistics:
    """Statistics of SUVbw in a region.

    Attributes
    ----------
    minimum, median, mean, maximum, standard_deviation : float
        g/ml; the standard deviation is the population's (divides by n).
    volume_ml : float
    """

    minimum: float
    median: float
    mean: float
    maximum: float
    standard_deviation: float
    volume_ml: float


@dataclass(frozen=True)
class Term:
    """One term of the equation, evaluated.

    Attributes
    ----------
    feature : str
        Name in the catalogue.
    value, coefficient : float
    """

    feature: str
    value: float
    coefficient: float

    @property
    def contribution(self) -> float:
        """What the term adds to the score."""
        return self.coefficient * self.value


@dataclass(frozen=True, eq=False)
class RoiAssessment:
    """The result of one region.

    Attributes
    ----------
    roi : Roi
    mask : Mask
        The voxels that were really used, on the PET grid.
    suv : SuvStatistics
    features : mapping of str to float
        Of the score model's preparation, by name of the catalogue; NaN where undefined.
    score_model : ScoreModel
    score : float or None
        None when it is refused; a warning says why.
    terms : tuple of Term
    readings : mapping of str to (float or None)
        Score under each shipped reading, by model name, the configured one included.
    probability : float or None
    exhausted : bool or None
        Both None unless the model is entitled to them.
    score_map : Volume or None
        The local texture index on the full PET grid, NaN where undefined.
    warnings : tuple of str
    """

    roi: Roi
    mask: Mask
    suv: SuvStatistics
    features: Mapping[str, float]
    score_model: ScoreModel
    score: float | None
    terms: tuple[Term, ...]
    readings: Mapping[str, float | None]
    probability: float | None
    exhausted: bool | None
    score_map: Volume | None
    warnings: tuple[str, ...]
