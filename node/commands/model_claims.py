"""What the configured score model claims, and by whose data, in words."""

from typing import Any

from model.score.provenance import Provenance
from model.score.score_model import Calibration, ScoreModel

_MADE = {Calibration.SITE: "calibrated", Calibration.TRAINED: "trained"}


def identified(model: ScoreModel) -> dict[str, Any]:
    """Return what tells a model from every other, as JSON has it."""
    return {
        "name": model.name,
        "version": model.version,
        "sha256": model.sha256,
        "title": model.title,
        "calibration": str(model.calibration),
        "outcome": model.outcome,
    }


def claims_of(model: ScoreModel, *, uncalibrated: bool) -> str:
    """Return what results say under a model.

    Parameters
    ----------
    model : ScoreModel
    uncalibrated : bool
        Whether the site wants the class of an uncalibrated model.
    """
    told = f"reports the score of {model.name} {model.version}"
    if model.calibration is Calibration.NONE:
        states = "states" if uncalibrated else "does not state"
        return f"{told}; an uncalibrated model {states} a class"
    return (
        f"{told}, {_MADE[model.calibration]} {_on(model.provenance)}; it states a "
        f"class within its domain, for {model.outcome}"
    )


def _on(provenance: Provenance | None) -> str:
    if provenance is None:
        return "on data that its file does not name"
    return (
        f"on {provenance.observations} scans of {provenance.animals} animals by "
        f"{provenance.made_by}"
    )
