"""A region cut out of its image, and how it is scored there again and again."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from model.features.catalogue import compute_features
from model.features.levels import UnsupportedPreparationError
from model.grid import Grid, Mask, Volume
from model.score.perturbation.quick_score import Inside, Values, quick_score
from model.score.perturbation.region_boxes import Margin, widened
from model.score.score_model import ScoreModel

Scoring = Callable[[Values, Inside], float]
"""From values and region of a box to the score; NaN where there is none."""

_MANY_VOXELS = 50_000
_FEWEST_REPETITIONS = 10
_SLOWER = 5
_SCATTERED = 3


@dataclass(frozen=True, eq=False)
class CutOut:
    """The part of an image in which a region lies.

    Attributes
    ----------
    grid : Grid
        Of the part.
    values : ndarray, shape ``grid.shape``
    inside : ndarray of bool, shape ``grid.shape``
    """

    grid: Grid
    values: Values
    inside: Inside


def cut_out(
    image: Volume, mask: Mask, model: ScoreModel, margin: Margin = (0, 0, 0)
) -> CutOut:
    """Return a region and its surroundings.

    A model that resamples the image is given all of it, since the new grid is aligned
    with the image's centre.

    Parameters
    ----------
    image : Volume
    mask : Mask
        On the same grid, with at least one voxel.
    model : ScoreModel
    margin : tuple of int
        Voxels around the region along (slice, row, column), as far as the image goes.
    """
    box = widened(mask.box, margin, mask.grid.shape)
    if model.preparation.resampling is not None:
        box = widened(box, mask.grid.shape, mask.grid.shape)
    inside = np.ascontiguousarray(mask.inside[box])
    starts = np.array([[part.start for part in box]], np.float64)
    x, y, z = image.grid.points_mm(starts)[0].tolist()
    slices, rows, columns = inside.shape
    grid = replace(image.grid, shape=(slices, rows, columns), origin_mm=(x, y, z))
    return CutOut(grid, np.array(image.values[box], np.float64), inside)


def scoring(model: ScoreModel, grid: Grid) -> Scoring:
    """Return how boxes on a grid are scored by a model.

    The model's least number of voxels is not looked at.
    """
    quick = quick_score(model)
    if quick is not None:
        return quick.score

    def through_the_catalogue(values: Values, inside: Inside) -> float:
        return catalogue_score(
            Volume(grid, values.copy(), "g/ml"), Mask(grid, inside.copy()), model
        )

    return through_the_catalogue


def catalogue_score(image: Volume, mask: Mask, model: ScoreModel) -> float:
    """Return the score of a region by the feature catalogue; NaN without one."""
    names = model.coefficients.keys()
    try:
        features = compute_features(image, mask, model.preparation, names).values
    except UnsupportedPreparationError:
        return math.nan
    return model.intercept + math.fsum(
        coefficient * features[name] for name, coefficient in model.coefficients.items()
    )


def fewer_repetitions(repetitions: int, inside: Inside, model: ScoreModel) -> int:
    """Return how often a region is scored, of the times that were asked for.

    Regions of more than 50 000 voxels are scored less often in proportion, and so are
    those of fewer that are scattered over a box of more than 150 000; models without a
    quick score a fifth as often. In no case less than 10 times, unless that is what was
    asked for.

    Parameters
    ----------
    repetitions : int
        That were asked for.
    inside : ndarray of bool, shape (slices, rows, columns)
        The region in its box.
    model : ScoreModel
    """
    work = max(int(np.count_nonzero(inside)), inside.size // _SCATTERED, 1)
    share = min(1.0, _MANY_VOXELS / work)
    if quick_score(model) is None:
        share /= _SLOWER
    return min(repetitions, max(_FEWEST_REPETITIONS, round(repetitions * share)))
