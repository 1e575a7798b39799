"""The paper's recipe on given rows: cut, select, choose, fit.

1. The label is 1 above the median of its readout, the median of these rows.
2. A LASSO per readout, on standardised features, its penalty by grouped
   cross-validation within these rows.
3. Features selected for at least k of the readouts are chosen. The readouts are
   correlated (three of the four are of the same cells), so that two of them are less
   than two witnesses.
4. A logistic regression of the label on them.

Everything that learns is in here, and whoever judges the recipe runs all of it on the
rows that the judgement leaves.

Design choice: an empty model is an answer; it foretells the share of label 1.

Design choice: no more features are fitted than half the observations of the rarer
label, weakest left out first. Beyond that, features without any meaning separate the
labels often: n points in p dimensions with probability ``2**(1-n) * sum(C(n-1, k), k =
0..p)`` (Cover 1965), 3 % for 20 points in 5 dimensions, one half at 10 dimensions.

Design choice: where maximum likelihood is asked for and does not exist in a resample,
Firth's likelihood takes its place, and is counted. To leave such resamples out would
leave out those that are easiest to foretell.

References
----------
Zhang Y et al. Biomarker Research 2023, doi 10.1186/s40364-023-00454-z.
Cover TM. IEEE Transactions on Electronic Computers 1965; EC-14: 326-334.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from model.errors import ModelError
from model.learning.fitting.climb import UnsettledFitError
from model.learning.fitting.firth import fit_firth
from model.learning.fitting.logistic import LogisticFit, Method
from model.learning.fitting.maximum_likelihood import fit_maximum_likelihood
from model.learning.fitting.separation import SeparationError
from model.learning.readout import Readout
from model.learning.selection.lasso import LassoOptions, LassoSelection, select
from model.learning.selection.rule import selected_for_several
from model.learning.training.independent_columns import independent, varying
from model.learning.training.seeds import Purpose, seed_of
from model.learning.training.training_set import TrainingSet

Floats = NDArray[np.float64]

OBSERVATIONS_PER_FEATURE = 2
"""Of the rarer label, the least for each feature of a fit."""

_LEAST_GROUPS = 3
"""With a readout, for its LASSO: two to fit on and one to test on."""


@dataclass(frozen=True)
class Recipe:
    """How a model is made.

    Attributes
    ----------
    lasso : LassoOptions
    at_least : int
        For how many readouts a feature must be selected.
    method : Method
    """

    lasso: LassoOptions = field(default_factory=LassoOptions)
    at_least: int = 2
    method: Method = Method.FIRTH


class OneClassLabelError(ModelError):
    """A cut at the median leaves one class."""

    reason = "unfit_for_learning"
    remedy = "Add observations, or cut another readout (--label)."

    def __init__(self, readout: Readout, cut_off: float) -> None:
        super().__init__(f"no value of {readout} lies above the median, {cut_off:g}")


@dataclass(frozen=True, eq=False)
class Trained:
    """What came of the recipe.

    Attributes
    ----------
    cut_off : float
        The median of the label's readout.
    prevalence : float
        Share of label 1.
    usable : tuple of int
        Columns of the features that vary in these rows; `selections` count in them.
    selections : mapping of Readout to LassoSelection
    chosen : tuple of int
        Columns of the features in the fit, strongest first.
    crowded_out : tuple of int
        Columns that the rule chose and the fit leaves out: they follow from others, or
        there are too many.
    fit : LogisticFit or None
        None for the empty model.
    fell_back : bool
        Whether Firth's likelihood stands in for one that does not exist.
    """

    cut_off: float
    prevalence: float
    usable: tuple[int, ...]
    selections: Mapping[Readout, LassoSelection]
    chosen: tuple[int, ...]
    crowded_out: tuple[int, ...]
    fit: LogisticFit | None
    fell_back: bool

    def scores(self, features: Floats) -> Floats:
        """Return scores on the logit scale, shape (observations,)."""
        if self.fit is None:
            share = math.log(self.prevalence / (1 - self.prevalence))
            return np.full(len(features), share)
        return self.fit.scores(features[:, list(self.chosen)])

    def selected(self, readout: Readout) -> tuple[int, ...]:
        """Return the columns of the features that a readout's LASSO selected."""
        if readout not in self.selections:
            return ()
        return tuple(self.usable[at] for at in self.selections[readout].selected)


def follow(recipe: Recipe, data: TrainingSet, seed: int) -> Trained:
    """Return what the recipe makes of rows.

    Parameters
    ----------
    recipe : Recipe
    data : TrainingSet
    seed : int
        Of the folds that choose penalties.

    Raises
    ------
    OneClassLabelError
    """
    cut_off = data.cut_off
    labels = data.labels(cut_off)
    if labels.min() == labels.max():
        raise OneClassLabelError(data.label, cut_off)
    usable = _usable(data)
    selections = _selections(recipe, data, usable, seed)
    ranked = _ranked(selections, selected_for_several(selections, recipe.at_least))
    order = [usable[at] for at in ranked]
    chosen = independent(data.features, order, most_features(labels))
    fit, chosen, fell_back = fitted(recipe.method, data.features, labels, chosen)
    return Trained(
        cut_off=cut_off,
        prevalence=float(labels.mean()),
        usable=usable,
        selections=selections,
        chosen=chosen,
        crowded_out=tuple(column for column in order if column not in chosen),
        fit=fit,
        fell_back=fell_back,
    )


def most_features(labels: NDArray[np.int_]) -> int:
    """Return how many features a fit to labels may have."""
    rarer = int(min(labels.sum(), len(labels) - labels.sum()))
    return rarer // OBSERVATIONS_PER_FEATURE


def fitted(
    method: Method,
    features: Floats,
    labels: NDArray[np.int_],
    columns: Sequence[int],
) -> tuple[LogisticFit | None, tuple[int, ...], bool]:
    """Return a fit of some columns, the columns, and whether Firth's stands in.

    A fit that does not settle loses its last column, which is its weakest.
    """
    kept = tuple(columns)
    while kept:
        matrix = features[:, list(kept)]
        try:
            if method is Method.FIRTH:
                return fit_firth(matrix, labels), kept, False
            return fit_maximum_likelihood(matrix, labels), kept, False
        except SeparationError:
            return fit_firth(matrix, labels), kept, True
        except UnsettledFitError:
            kept = kept[:-1]
    return None, (), False


def measured(data: TrainingSet, readout: Readout) -> NDArray[np.intp]:
    """Return the rows in which a readout was measured."""
    return np.flatnonzero(np.isfinite(data.readouts[readout]))


def _usable(data: TrainingSet) -> tuple[int, ...]:
    """Return columns that vary among the rows of every readout."""
    vary = np.ones(data.features.shape[1], np.bool_)
    for readout in data.readouts:
        rows = measured(data, readout)
        if _can_be_learnt(data, readout):
            vary &= varying(data.features[rows])
    return tuple(int(column) for column in np.flatnonzero(vary))


def _can_be_learnt(data: TrainingSet, readout: Readout) -> bool:
    rows = measured(data, readout)
    values = data.readouts[readout][rows]
    groups = len(np.unique(data.groups[rows]))
    return groups >= _LEAST_GROUPS and bool(varying(values[:, None])[0])


def _selections(
    recipe: Recipe, data: TrainingSet, usable: tuple[int, ...], seed: int
) -> dict[Readout, LassoSelection]:
    """Return the LASSO of each readout that can be learnt."""
    found: dict[Readout, LassoSelection] = {}
    if not usable:
        return found
    for number, readout in enumerate(Readout):
        if readout not in data.readouts or not _can_be_learnt(data, readout):
            continue
        rows = measured(data, readout)
        found[readout] = select(
            data.features[np.ix_(rows, np.asarray(usable, np.intp))],
            data.readouts[readout][rows],
            data.groups[rows],
            recipe.lasso,
            seed_of(seed, Purpose.INNER, number),
        )
    return found


def _ranked(
    selections: Mapping[Readout, LassoSelection], chosen: Sequence[int]
) -> list[int]:
    """Return chosen columns, those of more readouts and larger coefficients first."""
    strengths: dict[int, tuple[int, float]] = {}
    for column in chosen:
        sizes = [_share(each, column) for each in selections.values()]
        strengths[column] = (sum(size > 0 for size in sizes), sum(sizes))
    return sorted(
        chosen, key=lambda column: (*(-part for part in strengths[column]), column)
    )


def _share(selection: LassoSelection, column: int) -> float:
    """Return a standardised coefficient as a share of the readout's largest."""
    sizes = abs(selection.standardised)
    largest = float(sizes.max(initial=0.0))
    return float(sizes[column]) / largest if largest > 0 else 0.0
