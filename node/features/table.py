"""A table of features, one row a region."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from node.case.report import finite
from node.features.measuring import RoiFeatures

_HEAD = ("study_instance_uid", "patient_id", "animal_id", "roi", "modality", "voxels")
_ACQUISITION = (
    "series",
    "scanned_on",
    "scanned_at",
    "tracer",
    "radionuclide",
    "route",
    "species",
    "uptake_min",
    "scanner",
    "reconstruction",
    "voxel_mm",
    "slice_mm",
)
_STATISTICS = ("min", "mean", "max", "sd")

COLUMNS = (
    *_HEAD,
    "profile",
    "profile_sha256",
    *_ACQUISITION,
    "volume_ml",
    *(f"suv_{name}" for name in _STATISTICS),
)
"""In this order, before the features; `docs/tables.md` says what they mean."""


def write_table(features: Sequence[RoiFeatures], path: Path) -> None:
    """Write a table with one row a region; what is undefined or not stated is empty.

    Parameters
    ----------
    features : sequence of RoiFeatures
    path : Path
        CSV file; an earlier one is replaced.
    """
    names = sorted({name for found in features for name in found.features})
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, [*COLUMNS, *names])
        table.writeheader()
        for found in features:
            table.writerow({**_columns(found), **found.features})


def _columns(found: RoiFeatures) -> dict[str, Any]:
    stated = {**found.circumstances, **found.acquisition}
    suv = found.suv or {}
    return {
        **{name: getattr(found, name) for name in _HEAD},
        "profile": found.profile.name,
        "profile_sha256": found.profile.sha256,
        **{name: stated.get(name) for name in _ACQUISITION},
        "volume_ml": finite(found.volume_ml),
        **{f"suv_{name}": suv.get(name) for name in _STATISTICS},
    }
