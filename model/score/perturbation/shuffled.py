"""The score of a region's own values in any other order.

The values stay, their places change: what is left is the score that the histogram and
the number of voxels make by themselves, without texture. It says how much of a score
the arrangement adds, and is no test of anything: the voxels of a PET image are
correlated by its resolution, so that every region differs from its shuffled self.

Design choice: values change places throughout the region, over slices too, by
permutations that are drawn from PCG64 with the stated seed. The outline stays, and with
it which voxels are neighbours.
"""

import numpy as np

from model.grid import Mask, Volume
from model.score.assessment import Shuffled
from model.score.perturbation.quick_score import Values, quick_score
from model.score.perturbation.region_scoring import (
    CutOut,
    cut_out,
    fewer_repetitions,
    scoring,
)
from model.score.score_model import ScoreModel


def shuffled_score(
    suv: Volume,
    mask: Mask,
    model: ScoreModel,
    *,
    repetitions: int = 100,
    seed: int = 0,
) -> Shuffled | None:
    """Return the score of a region with its values permuted among its voxels.

    Parameters
    ----------
    suv : Volume
        SUVbw, g/ml.
    mask : Mask
        On the same grid.
    model : ScoreModel
    repetitions : int
        How many permutations; `fewer_repetitions` says when there are fewer.
    seed : int

    Returns
    -------
    Shuffled or None
        Mean and standard deviation (divides by n) of the scores; None when the region
        has fewer voxels than the model asks for, and when a permutation has no score,
        as of a constant region.

    Raises
    ------
    GridMismatchError
        When the mask stands on another grid.
    """
    own = suv.inside(mask)
    if not np.isfinite(own).all() or own.size < max(model.minimum_voxels, 1):
        return None
    part = cut_out(suv, mask, model)
    count = fewer_repetitions(repetitions, part.inside, model)
    scores = _scores(part, model, count, seed)
    if not np.isfinite(scores).all():
        return None
    return Shuffled(float(scores.mean()), float(scores.std()), count, seed)


def _scores(part: CutOut, model: ScoreModel, repetitions: int, seed: int) -> Values:
    generator = np.random.Generator(np.random.PCG64(seed))
    quick = quick_score(model)
    if quick is not None:
        return quick.shuffled_scores(part.values, part.inside, generator, repetitions)
    score = scoring(model, part.grid)
    own = part.values[part.inside]
    scores = np.empty(repetitions)
    for repetition in range(repetitions):
        values = part.values.copy()
        values[part.inside] = generator.permutation(own)
        scores[repetition] = score(values, part.inside)
    return scores
