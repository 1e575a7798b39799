"""What is said about one region: the numbers, and what they depended on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from model.contours import Roi
from model.grid import Mask
from model.score.domain import Circumstances
from model.score.region_map import ScalarMap
from model.score.score_model import ScoreModel
from model.score.uptake import Uptake


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


@dataclass(frozen=True)
class Shuffled:
    """The score of the region's own values, permuted among its voxels.

    What the arrangement of the values adds is the score less this.

    Attributes
    ----------
    mean, standard_deviation : float
    repetitions, seed : int
    """

    mean: float
    standard_deviation: float
    repetitions: int
    seed: int


class SensitivityBasis(StrEnum):
    """What a sensitivity range was made from."""

    PERTURBATION = "perturbation"
    """The contour moved, and noise added."""
    REPLICATES = "replicates"
    """Replicate reconstructions of the same scan."""


@dataclass(frozen=True)
class Sensitivity:
    """How the score moves with what could as well have been; no confidence interval.

    Attributes
    ----------
    low, high : float
        Least and greatest score among the perturbations, the score itself included.
    shift : float
        Median score under noise, or of the replicates, less the score.
    basis : SensitivityBasis
    parts : mapping of str to (float or None)
        What it was made of, by name: ``contour_in``, ``contour_out`` (None where the
        moved region is too small), ``noise_low``, ``noise_high``, ``noise_sd``, ...
    """

    low: float
    high: float
    shift: float
    basis: SensitivityBasis
    parts: Mapping[str, float | None]


@dataclass(frozen=True, eq=False)
class RoiAssessment:
    """The result of one region.

    Attributes
    ----------
    roi : Roi
    mask : Mask
        The voxels that were really used, on the PET grid.
    suv : SuvStatistics
    uptake : Uptake
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
    score_map : ScalarMap or None
        The local texture index on the full PET grid, NaN where undefined.
    warnings : tuple of str
    undefined : mapping of str to str
        For each feature that is NaN, why.
    shuffled : Shuffled or None
    sensitivity : Sensitivity or None
        Both None without a score, and where a model's features do not allow them.
    inside_domain : bool
        Whether the measurement is one that the model was made for, as far as stated.
    feature_maps : mapping of str to ScalarMap
        The maps of the model's features, by name, where they are asked for.
    probability_map : ScalarMap or None
        The local index on the scale of the probability, where it is asked for and the
        model is entitled to one. As little a probability of cells as the index.
    circumstances : Circumstances
        How the image came about, as far as it is stated.
    reading_models : tuple of ScoreModel
        The models of `readings`.
    """

    roi: Roi
    mask: Mask
    suv: SuvStatistics
    uptake: Uptake
    features: Mapping[str, float]
    score_model: ScoreModel
    score: float | None
    terms: tuple[Term, ...]
    readings: Mapping[str, float | None]
    probability: float | None
    exhausted: bool | None
    score_map: ScalarMap | None
    warnings: tuple[str, ...]
    undefined: Mapping[str, str] = field(default_factory=dict)
    shuffled: Shuffled | None = None
    sensitivity: Sensitivity | None = None
    inside_domain: bool = True
    feature_maps: Mapping[str, ScalarMap] = field(default_factory=dict)
    probability_map: ScalarMap | None = None
    circumstances: Circumstances = field(default_factory=Circumstances)
    reading_models: tuple[ScoreModel, ...] = ()
