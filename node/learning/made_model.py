"""A model that a site made: what it is called, how it is composed, and its file.

Design choice: the cut-off of a made model is a score of 0, a probability of one half.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from config.refusal import RefusalError
from config.score_models import ScoreModelError, write_score_model
from model.features.preparation import Preparation
from model.features.profile import FeatureProfile
from model.learning.readout import Readout
from model.score.domain import Domain
from model.score.provenance import Provenance
from model.score.score_model import Calibration, ScoreModel
from node.learning.training_rows import cohort_of, domain_of

__all__ = [
    "MAP_RADIUS_MM",
    "MINIMUM_VOXELS",
    "Equation",
    "MadeModelNames",
    "UnscorableProfileError",
    "calibrated_model",
    "calibrated_names",
    "cohort_of",
    "domain_of",
    "preparation_of",
    "trained_model",
    "trained_names",
    "write_made_model",
]

MINIMUM_VOXELS = 30
"""Of a region that a trained model scores: as the shipped readings have it, a sphere of
3 mm on an Inveon, below which the texture is the image of a point."""

MAP_RADIUS_MM = 2.4
"""Of the window of the local texture index, as the shipped readings have it."""

_READOUTS = {
    Readout.EARLY: "proportion of early exhausted cells",
    Readout.TERMINAL: "proportion of terminally exhausted cells (CD8+ PD-1hi)",
    Readout.RATIO: "ratio of early to terminally exhausted cells",
    Readout.MFI: "mean fluorescence intensity of PD-1",
}
_LONGEST_OUTCOME = 2000
_TRAINED = "texture index (trained at this site)"
_CALIBRATED = "texture index (calibrated at this site)"
_METHOD_OF = "method of doi:10.1186/s40364-023-00454-z, on data of this site"


class UnscorableProfileError(RefusalError):
    """No score model can be made of features of this profile."""

    def __init__(self, profile: FeatureProfile, fact: str) -> None:
        super().__init__(
            f"feature profile {profile.name}: {fact}. Compute the features under a "
            f"profile by IBEX's definitions, such as the profile of a score model."
        )


@dataclass(frozen=True)
class MadeModelNames:
    """What a made model is called.

    Attributes
    ----------
    name, version : str
    title : str
        How a reader sees it; viewers show its first 64 characters.
    outcome : str
        What the probability is of, with the cohort that it refers to.
    """

    name: str
    version: str
    title: str
    outcome: str


@dataclass(frozen=True)
class Equation:
    """A logistic score: ``intercept + sum of coefficient x feature``.

    Attributes
    ----------
    intercept : float
    coefficients : mapping of str to float
        By feature name of the catalogue.
    """

    intercept: float
    coefficients: Mapping[str, float]


def trained_names(
    name: str, version: str, cohort: str, readout: Readout, cut_off: float
) -> MadeModelNames:
    """Return what a trained model is called.

    Parameters
    ----------
    name, version : str
    cohort : str
        In words, as `cohort_of` has it.
    readout : Readout
        That was cut to labels.
    cut_off : float
        The training median, in the readout's unit.
    """
    return MadeModelNames(name, version, _TRAINED, _outcome(readout, cut_off, cohort))


def calibrated_names(
    name: str, version: str, cohort: str, readout: Readout, cut_off: float
) -> MadeModelNames:
    """Return what a calibrated model is called; `trained_names` says the rest."""
    outcome = _outcome(readout, cut_off, cohort)
    return MadeModelNames(name, version, _CALIBRATED, outcome)


def preparation_of(profile: FeatureProfile) -> Preparation:
    """Return how the features of a score model are made, from those of a table.

    Raises
    ------
    UnscorableProfileError
        When the profile is one of IBSI's families, or counts pairs that are no
        neighbours.
    """
    preparation = profile.preparation
    if not isinstance(preparation, Preparation):
        fact = "its features are by IBSI's definitions, and those of a score by IBEX's"
        raise UnscorableProfileError(profile, fact)
    if preparation.offset != 1:
        fact = f"its pairs are {preparation.offset} voxels apart, not neighbours"
        raise UnscorableProfileError(profile, fact)
    return preparation


def trained_model(
    names: MadeModelNames,
    equation: Equation,
    preparation: Preparation,
    domain: Domain,
    provenance: Provenance,
) -> ScoreModel:
    """Return a trained model; it has a checksum once it is written."""
    return ScoreModel(
        name=names.name,
        version=names.version,
        title=names.title,
        coefficients=dict(equation.coefficients),
        intercept=equation.intercept,
        cut_off=0.0,
        outcome=names.outcome,
        calibration=Calibration.TRAINED,
        preparation=preparation,
        minimum_voxels=MINIMUM_VOXELS,
        map_radius_mm=MAP_RADIUS_MM,
        reference=_METHOD_OF,
        sha256="",
        domain=domain,
        provenance=provenance,
    )


def calibrated_model(
    names: MadeModelNames, base: ScoreModel, provenance: Provenance
) -> ScoreModel:
    """Return a model whose score is ``intercept + slope x score`` of another's.

    Its domain, preparation and refusals are the other's, and so is its ranking.

    Parameters
    ----------
    names : MadeModelNames
    base : ScoreModel
    provenance : Provenance
        With the recalibration, whose numbers are applied.

    Raises
    ------
    ScoreModelError
        When the provenance has no recalibration, or one of another model.
    """
    done = provenance.recalibration
    if done is None or done.sha256 != base.sha256:
        detail = f"the recalibration is not one of {base.name} {base.version}"
        raise ScoreModelError(names.name, [detail], "Calibrate the model again.")
    return ScoreModel(
        name=names.name,
        version=names.version,
        title=names.title,
        coefficients={
            feature: done.slope * coefficient
            for feature, coefficient in base.coefficients.items()
        },
        intercept=done.intercept + done.slope * base.intercept,
        cut_off=0.0,
        outcome=names.outcome,
        calibration=Calibration.SITE,
        preparation=base.preparation,
        minimum_voxels=base.minimum_voxels,
        map_radius_mm=base.map_radius_mm,
        reference=base.reference,
        sha256="",
        domain=base.domain,
        provenance=provenance,
    )


def write_made_model(model: ScoreModel, folder: Path) -> ScoreModel:
    """Write a model as ``<name>-<version>.toml`` and return it with its checksum.

    Parameters
    ----------
    model : ScoreModel
    folder : Path
        Made when it is missing.

    Raises
    ------
    ScoreModelError
        When the model breaks a rule of these files, or the file exists or cannot be
        written.
    """
    path = folder / f"{model.name}-{model.version}.toml"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        detail = f"cannot be made: {error.strerror}"
        raise ScoreModelError(str(folder), [detail], "Choose a folder.") from error
    return write_score_model(model, path)


def _outcome(readout: Readout, cut_off: float, cohort: str) -> str:
    told = f"{_READOUTS[readout]} above {cut_off:.6g}, the median of: {cohort}"
    return told[:_LONGEST_OUTCOME]
