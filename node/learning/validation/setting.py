"""Whether a table is external to a model, or what the model was made from.

Design choice: a table of features that has the checksum of one in the model's
provenance is its own data, whatever anybody says. So is one that was written again, cut
or added to, if it holds an end of the model's domain to ten digits: those ends are rows
of the training, and no other scan has such a value by chance. Of ends that were rounded
to few digits all must be met, and nothing lie beyond. Flow cytometry and design may be
shared by cohorts and prove nothing.

Design choice: rows that a calibrated model's terms were fitted to, before it was
calibrated on others, are refused. They are not external to it, and what they show is
not to be corrected by fitting the calibration again.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from config.refusal import RefusalError
from model.score.provenance import EARLIER
from model.score.score_model import Calibration, ScoreModel
from node.learning.validation.rows import ScoredRows

_SCANS = frozenset({"features", "ledger"})
_FEW_DIGITS = 6
"""Significant digits that scans may share by chance."""
_SAME = 1e-10
"""Of a number that another program has written again: most keep fifteen digits."""


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


class EarlierRowsError(RefusalError):
    """Rows are those of the model that was calibrated."""

    def __init__(self, model: ScoreModel) -> None:
        made = model.provenance
        again = None if made is None else made.recalibration
        before = (
            "the model before" if again is None else f"{again.model} {again.version}"
        )
        super().__init__(
            f"{model.name} {model.version} is a calibration of {before}, which was "
            f"made from these rows: they are not external to it, nor those that it was "
            f"calibrated on. Validate {before} on them, or use other animals."
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
    EarlierRowsError
        When the rows are those of the model that this one is a calibration of.
    """
    if rows.model.provenance is None:
        if declared_apparent:
            raise SettingError(rows.model)
        return FoundSetting(Setting.EXTERNAL, "the model was published, not made here")
    reason = _apparent(rows) or ("as --apparent says" if declared_apparent else "")
    if reason:
        return FoundSetting(Setting.APPARENT, reason)
    if _shared(rows, EARLIER):
        raise EarlierRowsError(rows.model)
    fact = (
        "no table of features is one that the model was made from, and no row has an "
        "end of its features' ranges"
    )
    return FoundSetting(Setting.EXTERNAL, fact)


def _apparent(rows: ScoredRows) -> str:
    """Return why rows are those that the model was made from; empty if they are not."""
    shared = _shared(rows)
    if shared:
        tables = "a table" if shared == 1 else f"{shared} tables"
        return f"{tables} of features that the model was made from"
    # The domain of a published model that was calibrated may be its author's.
    if rows.model.calibration is Calibration.NONE:
        return ""
    return _by_ends(rows)


def _shared(rows: ScoredRows, before: str = "") -> int:
    """Return how many tables of scans are among those of the model's provenance."""
    made = rows.model.provenance
    ours = {file.sha256 for file in rows.table.sources if file.role in _SCANS}
    roles = {f"{before}{role}" for role in _SCANS}
    data = () if made is None else made.data
    return len(ours & {file.sha256 for file in data if file.role in roles})


def _by_ends(rows: ScoredRows) -> str:
    """Return which ends of the model's own features the rows have; empty if none."""
    spans = {
        name: span
        for name, span in rows.model.domain.features.items()
        if name in rows.model.coefficients
    }
    if not spans:
        return ""
    columns = rows.frame[list(spans)].to_numpy(np.float64)
    ends = np.array(list(spans.values()))
    reached = np.stack([columns.min(axis=0), columns.max(axis=0)], axis=1)
    if np.allclose(reached, ends, rtol=_SAME, atol=0):
        return "its features end exactly where those of the model's own rows do"
    telling = np.array([[_is_long(end) for end in span] for span in ends])
    met = np.isclose(columns[:, :, None], ends, rtol=_SAME, atol=0) & telling
    number = int(met.any(axis=(1, 2)).sum())
    if not number:
        return ""
    has = "1 row has" if number == 1 else f"{number} rows have"
    return (
        f"{has} the very least or greatest value of a feature of the model's own rows, "
        f"to the last digit, so that all rows or some are those"
    )


def _is_long(value: float) -> bool:
    """Return whether a number has more digits than scans share by chance."""
    return not np.isclose(value, float(f"{value:.{_FEW_DIGITS}g}"), rtol=_SAME, atol=0)
