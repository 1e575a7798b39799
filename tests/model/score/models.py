"""Score models for tests: the published equation under any preparation, made ones."""

from dataclasses import replace

from model.features.preparation import KurtosisKind, Preparation
from model.score.provenance import DataFile, Performance, Provenance, Recalibration
from model.score.score_model import Calibration, ScoreModel
from tests.model.features.regions import FINE

PROVENANCE = Provenance(
    made_by="exhaustion-node 0.5.0",
    method="Firth's penalised likelihood with intercept correction",
    seed=20231101,
    animals=12,
    observations=30,
    events=15,
    label_readout="terminal",
    label_cut_off=0.2125,
    data=(
        DataFile("features", "features.csv", "1" * 64),
        DataFile("flow", "flow.csv", "2" * 64),
    ),
    performance=(
        Performance("C-index", "grouped cross-validation", 0.75, 0.5, 0.875),
        Performance("calibration slope", "external", None, None, None, "at n = 4"),
    ),
    remarks=("Selected for early and terminal proportion.",),
)
RECALIBRATION = Recalibration("zhang2023-fine", "1.1.0", "a" * 64, -1.25, 0.5)


def published(preparation: Preparation, **changes: object) -> ScoreModel:
    binned = preparation.kurtosis is KurtosisKind.BIN_PROBABILITIES
    kurtosis = "KurtosisOfBinProbabilities" if binned else "Kurtosis"
    fields: dict[str, object] = {
        "name": "tried",
        "version": "1.0.0",
        "title": "texture index",
        "coefficients": {
            "glcm_InverseVariance": -297.597,
            "glcm_Homogeneity2": 178.689,
            f"histogram_{kurtosis}": 1.088,
        },
        "intercept": 1.485,
        "cut_off": 0.0,
        "outcome": "exhausted",
        "calibration": Calibration.NONE,
        "preparation": preparation,
        "minimum_voxels": 30,
        "map_radius_mm": 1.6,
        "reference": "none",
        "sha256": "0" * 64,
    }
    return ScoreModel(**{**fields, **changes})  # type: ignore[arg-type]


def trained(**changes: object) -> ScoreModel:
    """Return a model that a site trained; changes are of its provenance."""
    made = replace(PROVENANCE, **changes)  # type: ignore[arg-type]
    return published(FINE, name="own", calibration=Calibration.TRAINED, provenance=made)


def calibrated() -> ScoreModel:
    """Return a model that a site calibrated."""
    made = replace(PROVENANCE, recalibration=RECALIBRATION)
    return published(FINE, name="own", calibration=Calibration.SITE, provenance=made)
