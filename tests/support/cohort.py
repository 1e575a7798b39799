"""Joined tables of cohorts whose course is known."""

from typing import Any

import numpy as np
import pandas as pd

from node.learning.tables.joined import JoinedTable

DAYS = (0, 3, 7, 14, 21)
INFILTRATION = (0.10, 0.18, 0.22, 0.20, 0.06)
EXHAUSTION = (35.0, 36.0, 69.0, 76.0, 50.0)
"""The course of Zhang et al. 2023 after 20 Gy."""
CD8 = "T cells CD8"

_TEXTS = (
    "animal",
    "study_instance_uid",
    "roi",
    "scanned_on",
    "tumour_model",
    "group",
    "cage",
    "batch",
    "tracer",
    "route",
    "scanner",
    "reconstruction",
    "score_model",
)
_NUMBERS = (
    "day",
    "irradiation_day",
    "ici_day",
    "uptake_min",
    "voxel_mm",
    "voxels",
    "volume_ml",
    "suv_mean",
    "suv_max",
    "early",
    "terminal",
    "early_to_terminal",
    "mfi",
    "score",
)


def joined(rows: list[dict[str, Any]], **table: Any) -> JoinedTable:
    """Return a table of rows; columns that no row has are there, and empty."""
    frame = pd.DataFrame(rows)
    for name in _TEXTS:
        column = frame.get(name, pd.Series("", index=frame.index))
        frame[name] = column.astype(object).where(column.notna(), "")
    for name in _NUMBERS:
        frame[name] = frame.get(name, pd.Series(np.nan, index=frame.index)).astype(
            float
        )
    return JoinedTable(frame, **{"features": (), **table})


def radiotherapy(
    seed: int = 1, *, animals: int = 6, repeated: bool = False, **same: Any
) -> list[dict[str, Any]]:
    """Return rows of an irradiated group, killed on five days or scanned on all.

    Parameters
    ----------
    seed : int
    animals : int
        On each day.
    repeated : bool
        Whether they are the same on all days.
    **same : Any
        Further columns, alike in all rows.
    """
    rng = np.random.default_rng(seed)
    own = rng.normal(0, 1.0, animals)
    return [
        {
            "animal": f"m{number}" if repeated else f"m{day}-{number}",
            "day": float(day),
            "group": "RT",
            "tumour_model": "LLC",
            "irradiation_day": 0.0,
            "route": "IP",
            "scanner": "Inveon",
            "voxel_mm": 0.776,
            CD8: INFILTRATION[place] + rng.normal(0, 0.02),
            "terminal": EXHAUSTION[place] + rng.normal(0, 6.0),
            "score": EXHAUSTION[place] / 20 - 2.5 + own[number] + rng.normal(0, 0.3),
            "score_model": "zhang2023-fine",
            "suv_mean": 2.0 + rng.normal(0, 0.2),
            **same,
        }
        for place, day in enumerate(DAYS)
        for number in range(animals)
    ]
