"""By which profile features were computed: one for all PET, one for all CT."""

from collections.abc import Sequence

import pandas as pd

from node.learning.tables.mistake import TableError, TableMistake
from node.learning.tables.read_table import ReadTable


def require_one_profile(tables: Sequence[ReadTable]) -> dict[str, str]:
    """Return the profile of the PET features: name to checksum, empty where unknown.

    Raises
    ------
    TableError
        When rows of one modality were computed by different profiles.
    """
    rows = pd.concat(
        [
            table.frame[["file", "row", "modality", "profile", "profile_sha256"]]
            for table in tables
        ],
        ignore_index=True,
    )
    is_ct = rows["modality"].str.upper() == "CT"
    mistakes = [*_different(rows[~is_ct], "PET"), *_different(rows[is_ct], "CT")]
    if mistakes:
        raise TableError(mistakes)
    said = rows[~is_ct & (rows["profile"] != "")]
    if said.empty:
        return {}
    checksums = [each for each in said["profile_sha256"] if each]
    return {str(said["profile"].iloc[0]): checksums[0] if checksums else ""}


def _different(rows: pd.DataFrame, modality: str) -> list[TableMistake]:
    """Return the first row that differs from those before it, if there is one."""
    for column, what in (("profile_sha256", "checksum"), ("profile", "name")):
        said = rows[rows[column] != ""]
        other = said[said[column] != said[column].iloc[0]] if len(said) else said
        if len(other):
            first, second = said.iloc[0], other.iloc[0]
            fact = (
                f"its {modality} features are of the profile {second['profile']!r}, "
                f"those of {first['file']} of {first['profile']!r}: another {what}"
            )
            number = None if pd.isna(second["row"]) else int(second["row"])
            remedy = "Compute all features by one profile"
            return [TableMistake(second["file"], number, column, fact, remedy)]
    return []
