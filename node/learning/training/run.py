"""Train a model, and judge the way it was made."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from model.learning.estimate import Assessed, NotAssessable
from model.learning.readout import Readout
from model.learning.selection.lasso import LassoOptions
from model.learning.training.bootstrap import (
    QUANTITIES,
    BootstrapSample,
    chosen_frequency,
    optimism_corrected,
    shown,
)
from model.learning.training.contenders import BASELINE, BOTH, TEXTURE
from model.learning.training.cross_validation import FoldResult, Repeat
from model.learning.training.increment import (
    Increment,
    increment_of,
    tested_per_fitted,
)
from model.learning.training.left_out import LeftOut, leave_one_out
from model.learning.training.permutation import (
    LEAST_ARRANGEMENTS,
    Statistic,
    arrangements,
    p_value,
)
from model.learning.training.recipe import Recipe, Trained, follow
from model.learning.training.resampled_interval import resampled_mean
from model.learning.training.seeds import Purpose, seed_of
from node.learning.report.progress import progress
from node.learning.training.crew import Crew, crew_of
from node.learning.training.options import TrainOptions
from node.learning.training.parts import (
    Study,
    frequency_of,
    observed_statistic,
    permutation_of,
    round_of,
    sample_of,
)
from node.learning.training.rows import TrainingRows

Floats = NDArray[np.float64]

Answer = TypeVar("Answer")

_SPAN = (0.0, 1.0)


@dataclass(frozen=True)
class Permutations:
    """What permuted readouts gave.

    Attributes
    ----------
    observed : Statistic
    drawn : tuple of Statistic
    p_value : float
    """

    observed: Statistic
    drawn: tuple[Statistic, ...]
    p_value: float


@dataclass(frozen=True, eq=False)
class Training:
    """A model, and the judgement of how it was made.

    Attributes
    ----------
    rows : TrainingRows
    options : TrainOptions
    final : Trained
        On all rows.
    rounds : tuple of Repeat
    c_index, brier : mapping of str to Assessed
        Cross-validated, by contender.
    increment : Increment
    permutations : Permutations or NotAssessable
    samples : tuple of BootstrapSample
    apparent : mapping of str to float
    corrected : mapping of str to Assessed
    frequency : mapping of Readout to ndarray, shape (features,)
        How often each readout's LASSO selects a feature.
    in_model : ndarray, shape (features,)
        How often a feature is in the model of a bootstrap sample.
    left_out : mapping of str to (tuple of LeftOut, or NotAssessable)
        By ``batch`` and ``tumour_model``.
    """

    rows: TrainingRows
    options: TrainOptions
    final: Trained
    rounds: tuple[Repeat, ...]
    c_index: Mapping[str, Assessed]
    brier: Mapping[str, Assessed]
    increment: Increment
    permutations: Permutations | NotAssessable
    samples: tuple[BootstrapSample, ...]
    apparent: Mapping[str, float]
    corrected: Mapping[str, Assessed]
    frequency: Mapping[Readout, Floats]
    in_model: Floats
    left_out: Mapping[str, tuple[LeftOut, ...] | NotAssessable]

    @property
    def folds(self) -> tuple[FoldResult, ...]:
        """Return the folds of all rounds."""
        return tuple(each for one in self.rounds for each in one.results)

    @property
    def chosen(self) -> tuple[str, ...]:
        """Return the names of the features in the final fit."""
        return tuple(self.rows.names[column] for column in self.final.chosen)


def train(rows: TrainingRows, options: TrainOptions) -> Training:
    """Return a model with the judgement of how it was made.

    Parameters
    ----------
    rows : TrainingRows
    options : TrainOptions
    """
    lasso = LassoOptions(rule=options.penalty)
    recipe = Recipe(lasso, options.at_least, options.method)
    study = Study(rows.data, recipe, options.judgement, options.seed)
    with crew_of(options.workers) as crew:
        final = follow(recipe, rows.data, seed_of(options.seed, Purpose.FINAL))
        rounds = _done(crew, round_of, study, options.judgement.repeats, "Folds")
        permutations = _permutations(crew, study)
        resamples = options.judgement.resamples
        samples = _done(crew, sample_of, study, resamples, "Bootstrap samples")
        each = _done(crew, frequency_of, study, len(Readout), "Selection frequencies")
        left_out = {
            name: _left_out(study, rows, name) for name in ("batch", "tumour_model")
        }
    folds = tuple(result for one in rounds for result in one.results)
    apparent = shown(final, rows.data)
    return Training(
        rows=rows,
        options=options,
        final=final,
        rounds=tuple(rounds),
        c_index=_means(rows, folds, "c_index"),
        brier=_means(rows, folds, "brier"),
        increment=increment_of(rows.data, final, folds),
        permutations=permutations,
        samples=tuple(samples),
        apparent=apparent,
        corrected=_corrected(apparent, samples),
        frequency={
            readout: found
            for readout, found in zip(Readout, each, strict=True)
            if readout in rows.data.readouts
        },
        in_model=chosen_frequency(samples, len(rows.names)),
        left_out=left_out,
    )


def _done(
    crew: Crew,
    function: Callable[[Study, int], Answer],
    study: Study,
    parts: int,
    title: str,
) -> list[Answer]:
    with progress(title, parts) as tick:
        return crew.do(function, study, parts, tick)


def _means(
    rows: TrainingRows, folds: tuple[FoldResult, ...], quantity: str
) -> dict[str, Assessed]:
    """Return means over folds with their intervals, by contender."""
    ratio = tested_per_fitted(folds)
    contenders = (TEXTURE, BASELINE, BOTH, *rows.data.parts)
    return {
        name: resampled_mean([getattr(f, quantity)[name] for f in folds], ratio, _SPAN)
        for name in contenders
    }


def _permutations(crew: Crew, study: Study) -> Permutations | NotAssessable:
    parts = study.judgement.permutations
    if not parts:
        return NotAssessable("not assessed: no permutations were asked for")
    number = arrangements(study.data.groups)
    if number < LEAST_ARRANGEMENTS:
        return NotAssessable(
            f"not assessable: groups of as many rows have {number:.0f} arrangements, "
            f"and {LEAST_ARRANGEMENTS} are the minimum"
        )
    observed = observed_statistic(study)
    drawn = _done(crew, permutation_of, study, parts, "Permutations")
    return Permutations(observed, tuple(drawn), p_value(observed, drawn))


def _corrected(
    apparent: Mapping[str, float], samples: list[BootstrapSample]
) -> dict[str, Assessed]:
    spans = dict.fromkeys(QUANTITIES, _SPAN)
    spans["calibration_slope"] = (-math.inf, math.inf)
    return {
        name: optimism_corrected(apparent[name], samples, name, spans[name])
        for name in QUANTITIES
    }


def _left_out(
    study: Study, rows: TrainingRows, column: str
) -> tuple[LeftOut, ...] | NotAssessable:
    names = rows.frame[column].fillna("").astype(str).str.strip().to_numpy(str)
    what = column.replace("_", " ")
    if (names == "").any():
        count = int((names == "").sum())
        return NotAssessable(
            f"not assessable: {count} of {len(names)} rows state no {what}"
        )
    if len(np.unique(names)) == 1:
        return NotAssessable(f"not assessable: there is one {what}, {names[0]}")
    return leave_one_out(study.data, study.recipe, names, study.seed)
