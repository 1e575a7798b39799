"""Score models for tests: the published equation under any preparation."""

from model.features.preparation import KurtosisKind, Preparation
from model.score.score_model import Calibration, ScoreModel


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
