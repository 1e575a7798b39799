"""What one score model says of a region: its features, its terms, its score."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from model.features.catalogue import compute_features
from model.features.levels import UnsupportedPreparationError
from model.features.vector import FeatureVector
from model.grid import Mask, Volume
from model.score.assessment import Term
from model.score.domain import Circumstances
from model.score.domain_check import DomainFindings, check_domain
from model.score.score_model import ScoreModel


@dataclass(frozen=True)
class Reading:
    """What one model says of a region.

    Attributes
    ----------
    model : ScoreModel
    features : FeatureVector
    findings : DomainFindings
        How the measurement lies to the model's domain.
    terms : tuple of Term
    score : float or None
    refusal : str
        Why there is no score; empty exactly where there is one.
    """

    model: ScoreModel
    features: FeatureVector
    findings: DomainFindings
    terms: tuple[Term, ...] = ()
    score: float | None = None
    refusal: str = ""

    @property
    def exhausted(self) -> bool | None:
        """Whether the score lies above the cut-off; None without a score."""
        return None if self.score is None else self.score > self.model.cut_off


def read_region(
    suv: Volume, mask: Mask, model: ScoreModel, circumstances: Circumstances
) -> Reading:
    """Return what a model says of a region.

    Parameters
    ----------
    suv : Volume
        SUVbw, g/ml.
    mask : Mask
        On the same grid, with at least one voxel.
    model : ScoreModel
    circumstances : Circumstances

    Raises
    ------
    GridMismatchError
        When the mask stands on another grid.
    """
    features, unsupported = _features(suv, mask, model)
    findings = check_domain(model.domain, circumstances, mask, features.values)
    refusal = findings.refused or unsupported or _refusal(features, mask, model)
    if refusal:
        return Reading(model, features, findings, refusal=refusal)
    terms = tuple(
        Term(name, features.values[name], coefficient)
        for name, coefficient in model.coefficients.items()
    )
    score = model.intercept + math.fsum(term.contribution for term in terms)
    return Reading(model, features, findings, terms, score)


def _features(suv: Volume, mask: Mask, model: ScoreModel) -> tuple[FeatureVector, str]:
    """Return the model's features, and why there can be none."""
    names = model.coefficients.keys()
    try:
        return compute_features(suv, mask, model.preparation, names), ""
    except UnsupportedPreparationError as error:
        why = f"{error} for this region"
        undefined = dict.fromkeys(names, math.nan)
        return FeatureVector(undefined, dict.fromkeys(names, why)), why


def _refusal(features: FeatureVector, mask: Mask, model: ScoreModel) -> str:
    """Return why there is no score, or nothing."""
    if mask.voxels < model.minimum_voxels:
        return (
            f"the region has {mask.voxels} voxels, fewer than the "
            f"{model.minimum_voxels} that the model asks for"
        )
    return "; ".join(_undefined(features))


def _undefined(features: FeatureVector) -> Iterator[str]:
    """Give each reason why features are not defined, with their names."""
    by_reason: dict[str, list[str]] = {}
    for name, value in features.values.items():
        if not math.isfinite(value):
            reason = features.undefined.get(name, "")
            by_reason.setdefault(reason, []).append(name)
    for reason, names in by_reason.items():
        verb = "is" if len(names) == 1 else "are"
        why = f" ({reason})" if reason else ""
        yield f"{', '.join(names)} {verb} not defined in this region{why}"
