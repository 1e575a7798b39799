"""A region cut out of its image, and how it is scored there again and again."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from model.features.catalogue import compute_features
from model.features.discretisation import UnsupportedPreparationError
from model.features.glcm import bounding_box
from model.grid import Grid, Mask, Volume
from model.score.quick_score import Inside, Values, quick_score
from model.score.score_model import ScoreModel

Box = tuple[slice, slice, slice]

Scoring = Callable[[Values, Inside], float]
"""From values and region of a box to the score; NaN where there is none."""

_MANY_VOXELS = 50_000
_FEWEST_REPETITIONS = 10
_SLOWER = 5


@dataclass(frozen=True, eq=False)
class CutOut:
    """The part of an image in which a region lies.

    Attributes
    ----------
    box : tuple of slice
        Which part.
    grid : Grid
        Of the part.
    values : ndarray, shape ``grid.shape``
    inside : ndarray of bool, shape ``grid.shape``
    """

    box: Box
    grid: Grid
    values: Values
    inside: Inside


def cut_out(
    image: Volume, mask: Mask, model: ScoreModel, margin: tuple[int, int, int]
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
    box: Box = (slice(None), slice(None), slice(None))
    if model.preparation.resampling is None:
        box = box_around(mask.inside, margin)
    inside = np.ascontiguousarray(mask.inside[box])
    starts = np.array([[part.start or 0 for part in box]], np.float64)
    x, y, z = image.grid.points_mm(starts)[0].tolist()
    slices, rows, columns = inside.shape
    grid = replace(image.grid, shape=(slices, rows, columns), origin_mm=(x, y, z))
    return CutOut(box, grid, np.array(image.values[box], np.float64), inside)


def box_around(inside: Inside, margin: tuple[int, int, int]) -> Box:
    """Return the part of an array that holds a region and so many voxels around it."""
    first, second, third = (
        slice(max(0, span.start - more), min(size, span.stop + more))
        for span, more, size in zip(
            bounding_box(inside), margin, inside.shape, strict=True
        )
    )
    return first, second, third


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


def fewer_repetitions(repetitions: int, voxels: int, model: ScoreModel) -> int:
    """Return how often a region is scored, of the times that were asked for.

    Regions of more than 50 000 voxels are scored less often in proportion, and models
    without a quick score a fifth as often; in both cases not less than 10 times unless
    that is what was asked for.

    Parameters
    ----------
    repetitions : int
        That were asked for.
    voxels : int
    model : ScoreModel
    """
    share = min(1.0, _MANY_VOXELS / max(voxels, 1))
    if quick_score(model) is None:
        share /= _SLOWER
    return min(repetitions, max(_FEWEST_REPETITIONS, round(repetitions * share)))
