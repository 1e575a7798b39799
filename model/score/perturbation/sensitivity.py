"""How a score moves with what could as well have been drawn or measured.

The range holds the score itself, the scores with the contour half a voxel further in
and further out (`moved_contour`), and the fifth and ninety-fifth percentile of the
scores with more noise of the image's own level (`noise`).

Design choice: this is a sensitivity range and no confidence interval. It covers no
stated share of anything: noise that is added comes on top of the noise that the image
has, so that the scores move to one side. That is the shift, and it is reported.

Design choice: a moved region keeps the model's least number of voxels, or has no score.
Voxels without a finite SUV are not taken in by moving outwards. Noise is added to the
region as it is, and everything that lies between an image and its features is done
again each time, limits of grey levels included.
"""

from collections.abc import Sequence

import numpy as np

from model.contours import Roi
from model.grid import Mask, Volume
from model.score.assessment import Sensitivity, SensitivityBasis
from model.score.perturbation.moved_contour import moved_contour
from model.score.perturbation.noise import (
    PointSpread,
    noise_boxes,
    noise_level,
    repeated_noise,
)
from model.score.perturbation.quick_score import Values
from model.score.perturbation.region_boxes import widened
from model.score.perturbation.region_scoring import (
    CutOut,
    catalogue_score,
    cut_out,
    fewer_repetitions,
    scoring,
)
from model.score.score_model import ScoreModel

_PERCENTILES = (5, 95)
_MOVED = ("contour_in", "contour_out")
_IN_THE_RANGE = (*_MOVED, "noise_low", "noise_high")

Parts = dict[str, float | None]


def sensitivity_of(  # noqa: PLR0913 - two of them are how often, and the seed
    suv: Volume,
    mask: Mask,
    roi: Roi,
    model: ScoreModel,
    *,
    resolution_mm: float,
    repetitions: int = 50,
    seed: int = 0,
) -> Sensitivity | None:
    """Return how the score of a region moves with its contour and with noise.

    Parameters
    ----------
    suv : Volume
        SUVbw, g/ml.
    mask : Mask
        The voxels that are used, on the same grid.
    roi : Roi
        As it was drawn.
    model : ScoreModel
    resolution_mm : float
        Full width at half maximum of the scanner's point spread.
    repetitions : int
        How many times noise is added; `fewer_repetitions` says when fewer.
    seed : int
        Of the noise, which is drawn from PCG64.

    Returns
    -------
    Sensitivity or None
        Parts are the scores ``contour_in`` and ``contour_out``, each None where the
        moved region has none, with ``contour_in_voxels``, ``contour_out_voxels`` and
        in how many planes the outline moved as it was drawn,
        ``contour_planes_as_drawn``, and along its voxels, ``contour_planes_of_voxels``;
        ``noise_sd`` (g/ml), ``noise_low``, ``noise_median``, ``noise_high``,
        ``noise_repetitions`` (images that had a score) and ``noise_seed``.
        None when the region has no score or fewer voxels than the model asks for, and
        when the image around it is too small to tell its noise.

    Raises
    ------
    GridMismatchError
        When the mask stands on another grid.
    """
    own = suv.inside(mask)
    if mask.voxels < max(model.minimum_voxels, 1) or not np.isfinite(own).all():
        return None
    spread = PointSpread(resolution_mm, suv.grid.spacing_mm)
    around = widened(mask.box, spread.margin, suv.grid.shape)
    level = noise_level(suv.values[around], mask.inside[around], spread)
    # The very number that is reported, so that the range holds it to the last bit.
    score = catalogue_score(suv, mask, model)
    if level is None or not np.isfinite(score):
        return None
    part = cut_out(suv, mask, model)
    count = fewer_repetitions(repetitions, part.inside, model)
    noisy = np.full(count, score)
    if level > 0:
        noisy = _noisy_scores(part, model, spread, level, (count, seed))
    if not noisy.size:
        return None
    parts = {
        **contour_parts(suv, mask, roi, model),
        **_noise_parts(noisy, level, (noisy.size, seed)),
    }
    scores = [score, *_within(parts, _IN_THE_RANGE)]
    return Sensitivity(
        low=min(scores),
        high=max(scores),
        shift=float(np.median(noisy)) - score,
        basis=SensitivityBasis.PERTURBATION,
        parts=parts,
    )


def contour_parts(suv: Volume, mask: Mask, roi: Roi, model: ScoreModel) -> Parts:
    """Return the scores of a region with its contour moved, as parts of a range.

    Parameters are those of `sensitivity_of`, and so are the names of the parts.
    """
    moved = moved_contour(mask, roi)
    inner, inner_voxels = _score_of(suv, moved.inner, model)
    outer, outer_voxels = _score_of(suv, moved.outer, model)
    return {
        "contour_in": inner,
        "contour_in_voxels": inner_voxels,
        "contour_out": outer,
        "contour_out_voxels": outer_voxels,
        "contour_planes_as_drawn": moved.planes_as_drawn,
        "contour_planes_of_voxels": moved.planes_of_voxels,
    }


def _within(parts: Parts, names: Sequence[str]) -> list[float]:
    """Return the scores among parts that there are."""
    found = (parts[name] for name in names if name in parts)
    return [each for each in found if each is not None]


def _score_of(suv: Volume, mask: Mask, model: ScoreModel) -> tuple[float | None, int]:
    """Return the score of a moved region, if there is one, and its voxels."""
    if not mask.voxels:
        return None, 0
    part = cut_out(suv, mask, model)
    inside = part.inside & np.isfinite(part.values)
    voxels = int(np.count_nonzero(inside))
    if voxels < max(model.minimum_voxels, 1):
        return None, voxels
    score = scoring(model, part.grid)(part.values, inside)
    return (score if np.isfinite(score) else None), voxels


def _noisy_scores(
    part: CutOut,
    model: ScoreModel,
    spread: PointSpread,
    level: float,
    drawing: tuple[int, int],
) -> Values:
    """Return the scores that there are with noise, `drawing` being (count, seed)."""
    count, seed = drawing
    generator = np.random.Generator(np.random.PCG64(seed))
    score = scoring(model, part.grid)
    # A model with a grid of its own makes it from voxels around the region, too.
    beyond = model.preparation.resampling is not None
    margin = spread.margin if beyond else (0, 0, 0)
    boxes = noise_boxes(part.inside, spread, margin)
    scores = np.empty(count)
    repeated = repeated_noise(boxes, spread, generator, count)
    for repetition, found in enumerate(repeated):
        values = part.values.copy()
        for box, noise in found:
            values[box] += level * noise
        scores[repetition] = score(values, part.inside)
    return scores[np.isfinite(scores)]


def _noise_parts(scores: Values, level: float, drawing: tuple[int, int]) -> Parts:
    low, high = np.percentile(scores, _PERCENTILES)
    return {
        "noise_sd": level,
        "noise_low": float(low),
        "noise_median": float(np.median(scores)),
        "noise_high": float(high),
        "noise_repetitions": drawing[0],
        "noise_seed": drawing[1],
    }


def replicate_sensitivity(
    score: float, replicates: Sequence[float], contour: Parts
) -> Sensitivity:
    """Return how the score moves between replicate reconstructions of one scan.

    They take the place of noise; the contour moves all the same.

    Parameters
    ----------
    score : float
        Of the reconstruction that is reported.
    replicates : sequence of float
        Scores of the others, at least one.
    contour : dict of str to (float or None)
        From `contour_parts`.

    Returns
    -------
    Sensitivity
        The shift is the median of the replicates less the score. Parts are
        ``replicates`` (how many), ``replicate_low``, ``replicate_median``,
        ``replicate_high`` and ``replicate_1``, ``replicate_2``, ... beside those of the
        contour.

    Raises
    ------
    ValueError
        Without a replicate, or with a score that is not a finite number.
    """
    scores = np.array([score, *replicates], np.float64)
    if not replicates or not np.isfinite(scores).all():
        message = "replicate scores must be finite, and at least one"
        raise ValueError(message)
    median = float(np.median(scores[1:]))
    parts: Parts = {
        **contour,
        "replicates": len(replicates),
        "replicate_low": float(scores[1:].min()),
        "replicate_median": median,
        "replicate_high": float(scores[1:].max()),
    }
    for number, each in enumerate(replicates, start=1):
        parts[f"replicate_{number}"] = float(each)
    found = [*map(float, scores), *_within(contour, _MOVED)]
    return Sensitivity(
        low=min(found),
        high=max(found),
        shift=median - score,
        basis=SensitivityBasis.REPLICATES,
        parts=parts,
    )
