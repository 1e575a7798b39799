"""Labels of a site's own rows: which readout, cut where.

Design choice: the cut-off of a model that was trained or calibrated at a site is the
one that it was made with, unless another is asked for. A median of the rows that are
validated asks another question ("above this cohort's median"), and the report says so.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from config.refusal import RefusalError
from model.learning.readout import Readout
from model.score.score_model import ScoreModel

TRAINING, MEDIAN = "training", "median"
MEDIAN_ORIGIN = "the median of the rows used here"


class LabelError(RefusalError):
    """Labels cannot be made as they were asked for."""


@dataclass(frozen=True)
class LabelRule:
    """How a label is made: 1 where the readout is above the cut-off.

    Attributes
    ----------
    readout : Readout
    cut_off : float
    origin : str
        Where the cut-off comes from, in words.
    """

    readout: Readout
    cut_off: float
    origin: str

    @property
    def text(self) -> str:
        """Return the rule in words."""
        return f"{self.readout} above {self.cut_off:.6g}, {self.origin}"

    def labels(self, values: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return which values are above the cut-off."""
        return np.asarray(values > self.cut_off)


def readout_of(asked: str | None, model: ScoreModel) -> Readout:
    """Return the readout of ``--label``; the model's own without it."""
    if asked is not None:
        return Readout(asked)
    made = model.provenance
    return Readout.TERMINAL if made is None else Readout(made.label_readout)


def label_rule(
    asked: str | None, readout: Readout, model: ScoreModel, values: NDArray[np.float64]
) -> LabelRule:
    """Return how labels are made.

    Parameters
    ----------
    asked : str or None
        ``training``, ``median`` or a number, as ``--cut-off`` has it; without it that
        of the training, or the median where the model has none.
    readout : Readout
    model : ScoreModel
    values : ndarray of float
        The readout in the rows that are used.

    Raises
    ------
    LabelError
        When it is none of these, or the model has no cut-off for the readout.
    """
    made = model.provenance
    trained = made is not None and made.label_readout == readout
    chosen = asked or (TRAINING if trained else MEDIAN)
    if chosen == MEDIAN:
        middle = float(np.median(values)) if len(values) else float("nan")
        return LabelRule(readout, middle, MEDIAN_ORIGIN)
    if chosen == TRAINING:
        if made is None or not trained:
            raise LabelError(_no_training(model, readout))
        origin = f"the cut-off that {model.name} {model.version} was made with"
        return LabelRule(readout, made.label_cut_off, origin)
    return LabelRule(readout, _number(chosen), "as given")


def _no_training(model: ScoreModel, readout: Readout) -> str:
    made = model.provenance
    of = "no cut-off" if made is None else f"a cut-off of {made.label_readout}, only"
    return (
        f"{model.name} {model.version} states {of}, none of {readout}; give --cut-off "
        f"median, or the number itself"
    )


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if not np.isfinite(number):
        fact = f"--cut-off is training, median or a number, not {text!r}"
        raise LabelError(fact)
    return number
