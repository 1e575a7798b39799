"""Whether a table is external to a model, or what the model was made from.

Design choice: a table of features that has the checksum of one in the model's
provenance is its own data, whatever anybody says. So is one that was written again, if
it reaches exactly from the least to the greatest value of every feature of the model's
domain: those ends are rows of the training. Flow cytometry and design may be shared by
cohorts and prove nothing.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from config.refusal import RefusalError
from model.score.score_model import Calibration, ScoreModel
from node.learning.validation.rows import ScoredRows

_SCANS = frozenset({"features", "ledger"})


class Setting(StrEnum):
    """What a performance says."""

    EXTERNAL = "external"
    """On rows that the model has not seen."""
    APPARENT = "apparent"
    """On the rows that the model was made from."""


class SettingError(RefusalError):
    """A published model is said to be made from a site's animals."""

    def __init__(self, model: ScoreModel) -> None:
        super().__init__(
            f"{model.name} {model.version} states no data that it was made from, so "
            f"that --apparent cannot be corrected for. Leave --apparent out."
        )


@dataclass(frozen=True)
class FoundSetting:
    """The setting, and how it was told.

    Attributes
    ----------
    setting : Setting
    reason : str
    """

    setting: Setting
    reason: str


def setting_of(rows: ScoredRows, *, declared_apparent: bool = False) -> FoundSetting:
    """Return whether rows are external to the model that scores them.

    Parameters
    ----------
    rows : ScoredRows
    declared_apparent : bool
        Whether the user says that the model was made from these animals.

    Raises
    ------
    SettingError
        When a published model is said to be made from a site's animals.
    """
    if rows.model.provenance is None:
        if declared_apparent:
            raise SettingError(rows.model)
        return FoundSetting(Setting.EXTERNAL, "the model was published, not made here")
    reason = _apparent(rows) or ("as --apparent says" if declared_apparent else "")
    if reason:
        return FoundSetting(Setting.APPARENT, reason)
    fact = "no table of features is one that the model was made from"
    return FoundSetting(Setting.EXTERNAL, fact)


def _apparent(rows: ScoredRows) -> str:
    """Return why rows are those that the model was made from; empty if they are not."""
    made = rows.model.provenance
    ours = {file.sha256 for file in rows.table.sources if file.role in _SCANS}
    data = () if made is None else made.data
    theirs = {file.sha256 for file in data if file.role in _SCANS}
    shared = len(ours & theirs)
    if shared:
        tables = "a table" if shared == 1 else f"{shared} tables"
        return f"{tables} of features that the model was made from"
    if _has_the_same_ends(rows):
        return "its features end exactly where those of the model's own rows do"
    return ""


def _has_the_same_ends(rows: ScoredRows) -> bool:
    spans = {
        name: span
        for name, span in rows.model.domain.features.items()
        if name in rows.model.coefficients
    }
    # The domain of a published model that was calibrated may be its author's.
    if not spans or rows.model.calibration is Calibration.NONE:
        return False
    columns = rows.frame[list(spans)].to_numpy(np.float64)
    ends = np.array(list(spans.values()))
    return bool(
        np.array_equal(columns.min(axis=0), ends[:, 0])
        and np.array_equal(columns.max(axis=0), ends[:, 1])
    )
