"""What ``train`` can be asked for."""

from dataclasses import dataclass
from pathlib import Path

from model.learning.fitting.logistic import Method
from model.learning.readout import Readout
from model.learning.selection.penalty_rule import PenaltyRule
from node.learning.validation.groupings import ANIMAL


@dataclass(frozen=True)
class Judgement:
    """How thoroughly a recipe is judged.

    Attributes
    ----------
    folds, repeats : int
        Of cross-validation.
    permutations : int
        Arrangements of the readouts; 0 for no P value.
    permutation_repeats : int
        Rounds of cross-validation in each of them.
    resamples : int
        Bootstrap samples, and subsamples for selection frequencies.
    """

    folds: int = 5
    repeats: int = 10
    permutations: int = 200
    permutation_repeats: int = 1
    resamples: int = 200


@dataclass(frozen=True)
class TrainOptions:
    """The options of ``train``.

    Attributes
    ----------
    name, version : str
        Of the model.
    label : Readout
        That is cut at its median.
    at_least : int
        For how many readouts a feature must be selected.
    penalty : PenaltyRule
    method : Method
    grouping : str
        Column whose values are never parted.
    kept : Path or None
        Table of repeatability.
    with_ct : bool
        Whether CT features take part in the LASSO.
    judgement : Judgement
    seed : int
    workers : int
        Processes; nothing but the time hangs on them.
    """

    name: str = "site-trained"
    version: str = "1.0.0"
    label: Readout = Readout.TERMINAL
    at_least: int = 2
    penalty: PenaltyRule = PenaltyRule.MINIMUM
    method: Method = Method.FIRTH
    grouping: str = ANIMAL
    kept: Path | None = None
    with_ct: bool = True
    judgement: Judgement = Judgement()
    seed: int = 20231101
    workers: int = 1

    @property
    def file_name(self) -> str:
        """Return what the model's file is called."""
        return f"{self.name}-{self.version}.toml"
