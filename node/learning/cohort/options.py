"""What a cohort is asked: the options of ``cohort``, and what they refuse."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from config.refusal import RefusalError
from model.learning.cohort.variance import Variance


class DayZero(StrEnum):
    """What days are counted from."""

    STUDY = "study"
    IRRADIATION = "irradiation"


class GroupBy(StrEnum):
    """The column that makes groups."""

    GROUP = "group"
    TUMOUR_MODEL = "tumour_model"


class CohortError(RefusalError):
    """A cohort cannot be made of what was asked and what the tables hold."""


@dataclass(frozen=True)
class CohortOptions:
    """What is asked.

    Attributes
    ----------
    measures : tuple of str
        Columns; all that hold values when empty, but for features.
    group_by : tuple of GroupBy
    day_zero : DayZero
    variance : Variance
        Of pairs of terminal groups.
    allow_mixed : bool
        Whether groups of several routes, scanners and so on are tested.
    infiltration, exhaustion : str or None
        Columns of the window; chosen by `cohort_window` when None.
    margin : float or None
        Rise of exhaustion that would matter; see `model.learning.cohort.window`.
    coefficients : mapping of str to float
        Repeatability coefficient by measure, each above 0.
    coefficient_sources : mapping of str to str
        Where each is from, as a reader is told.
    seed : int
    """

    measures: tuple[str, ...] = ()
    group_by: tuple[GroupBy, ...] = (GroupBy.GROUP,)
    day_zero: DayZero = DayZero.STUDY
    variance: Variance = Variance.POOLED
    allow_mixed: bool = False
    infiltration: str | None = None
    exhaustion: str | None = None
    margin: float | None = None
    coefficients: Mapping[str, float] = field(default_factory=dict)
    coefficient_sources: Mapping[str, str] = field(default_factory=dict)
    seed: int = 20231101
