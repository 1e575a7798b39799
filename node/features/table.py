"""A table of features, one row a region."""

import csv
from collections.abc import Sequence
from pathlib import Path

from node.features.measuring import RoiFeatures

_HEAD = ("study_instance_uid", "patient_id", "animal_id", "roi", "modality", "voxels")


def write_table(features: Sequence[RoiFeatures], path: Path) -> None:
    """Write a table with one row a region; a feature that is undefined is empty.

    Parameters
    ----------
    features : sequence of RoiFeatures
    path : Path
        CSV file; an earlier one is replaced.
    """
    names = sorted({name for found in features for name in found.features})
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, [*_HEAD, "profile", *names])
        table.writeheader()
        for found in features:
            row = {name: getattr(found, name) for name in _HEAD}
            row["profile"] = found.profile.name
            table.writerow({**row, **found.features})
