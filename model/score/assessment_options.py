"""How regions are scored, as a value.

Design choice: apart from `model.score.assess`, so that who only hands it on loads
nothing that computes.
"""

from dataclasses import dataclass

from model.score.score_model import ScoreModel
from model.score.uptake import ONE_MILLILITRE_MM


@dataclass(frozen=True)
class AssessmentOptions:
    """How regions are scored.

    Attributes
    ----------
    model : ScoreModel
        Whose score is the result.
    readings : tuple of ScoreModel
        Whose scores are shown beside it.
    class_when_uncalibrated : bool
        Give a probability and a class even where the model is uncalibrated.
    with_map : bool
        Compute the local texture index.
    with_feature_maps : bool
        Compute the maps of the model's features as well.
    with_probability_map : bool
        Compute the local index as a probability as well, where the score has one.
    resolution_mm : float
        Full width at half maximum of the scanner's point spread, by which noise is
        correlated.
    peak_diameter_mm : float
        Of the sphere of SUVpeak.
    metabolic_volume_percent : float
        Per cent of the maximum, at and above which voxels are metabolic volume.
    """

    model: ScoreModel
    readings: tuple[ScoreModel, ...]
    class_when_uncalibrated: bool = False
    with_map: bool = True
    with_feature_maps: bool = False
    with_probability_map: bool = False
    resolution_mm: float = 1.65
    peak_diameter_mm: float = ONE_MILLILITRE_MM
    metabolic_volume_percent: float = 41.0

    @property
    def models(self) -> tuple[ScoreModel, ...]:
        """Every model that is read, once by name; the result's own before another."""
        by_name = {model.name: model for model in (*self.readings, self.model)}
        return tuple(by_name.values())
