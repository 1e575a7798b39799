"""Joined tables with a known relation of score and readout."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from model.score.domain import Domain
from model.score.score_model import ScoreModel
from node.learning.tables.joined import JoinedTable, SourceFile
from tests.model.features.regions import FINE
from tests.model.score.models import published

FEATURES = ("glcm_InverseVariance", "glcm_Homogeneity2", "histogram_Kurtosis")
MODEL = published(FINE, domain=Domain(tracers=("FDG",), uptake_min=(40.0, 80.0)))


def joined(
    observations: int = 40,
    seed: int = 1,
    *,
    slope: float = 2.0,
    columns: Mapping[str, Any] | None = None,
) -> JoinedTable:
    """Return a table whose readout rises with the score by `slope`, and noise.

    Parameters
    ----------
    observations : int
        Animals, scanned once.
    seed : int
    slope : float
    columns : mapping, optional
        Columns that replace or add to the made ones.
    """
    generator = np.random.default_rng(seed)
    inverse = 0.05 + 0.004 * generator.standard_normal(observations)
    frame = pd.DataFrame(
        {
            "animal": [f"M{number:02}" for number in range(observations)],
            "day": 7.0,
            "roi": "Tumor",
            "tracer": "FDG",
            "route": "intraperitoneal",
            "uptake_min": 60.0,
            "voxel_mm": 0.776,
            "voxels": 400.0,
            "volume_ml": 0.2,
            "cage": "C1",
            "batch": "A",
            "tumour_model": "LLC",
            "group": "ICI",
            FEATURES[0]: inverse,
            FEATURES[1]: 0.058 + 0.001 * generator.standard_normal(observations),
            FEATURES[2]: 3 + 0.3 * generator.standard_normal(observations),
        }
    )
    spread = 1.0 + 0.5 * generator.standard_normal(observations)
    frame["terminal"] = 0.4 - slope * 10 * (inverse - 0.05) + 0.05 * spread
    if columns:
        frame = frame.assign(**columns)
    return JoinedTable(
        frame=frame,
        features=FEATURES,
        sources=(
            SourceFile("f.csv", "features", "c" * 64, observations, observations),
            SourceFile("flow.csv", "flow", "d" * 64, observations, observations),
        ),
        profiles={"tried-1.0.0": MODEL.sha256},
    )


def straddling(model: ScoreModel, table: JoinedTable) -> ScoreModel:
    """Return a model with the intercept that puts its scores about 0."""
    frame = table.frame
    sums = sum(
        coefficient * frame[name] for name, coefficient in model.coefficients.items()
    )
    return replace(model, intercept=-float(np.median(np.asarray(sums))))
