"""How a score moves with what could as well have been drawn or measured.

The range holds the score itself, the scores with the contour half a voxel further in
and further out (`model.score.moved_contour`), and the fifth and ninety-fifth percentile
of the scores with more noise of the image's own level (`model.score.noise`).

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
from model.score.moved_contour import moved_contour
from model.score.noise import PointSpread, correlated_noise, noise_level
from model.score.quick_score import Values
from model.score.region_scoring import CutOut, cut_out, fewer_repetitions, scoring
from model.score.score_model import ScoreModel

_PERCENTILES = (5, 95)

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
        ``noise_repetitions`` and ``noise_seed``.
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
    around = cut_out(suv, mask, model, spread.margin)
    level = noise_level(around.values, around.inside, spread)
    part = cut_out(suv, mask, model, (0, 0, 0))
    score = scoring(model, part.grid)(part.values, part.inside)
    if level is None or not np.isfinite(score):
        return None
    count = fewer_repetitions(repetitions, mask.voxels, model)
    noisy = _noisy_scores(part, model, spread, level, (count, seed))
    if not noisy.size:
        return None
    contour = _contour_parts(suv, mask, roi, model)
    return _range(score, contour, _noise_parts(noisy, level, (count, seed)))


def _range(score: float, contour: Parts, noise: Parts) -> Sensitivity:
    moved = [contour["contour_in"], contour["contour_out"]]
    scores = [score, *moved, noise["noise_low"], noise["noise_high"]]
    known = [each for each in scores if each is not None]
    return Sensitivity(
        low=min(known),
        high=max(known),
        shift=(noise["noise_median"] or 0.0) - score,
        basis=SensitivityBasis.PERTURBATION,
        parts={**contour, **noise},
    )


def _contour_parts(suv: Volume, mask: Mask, roi: Roi, model: ScoreModel) -> Parts:
    moved = moved_contour(mask, roi)
    measured = np.isfinite(suv.values)
    outer = moved.outer
    if not measured.all():
        outer = Mask(outer.grid, outer.inside & (measured | mask.inside))
    return {
        "contour_in": _score_of(suv, moved.inner, model),
        "contour_in_voxels": moved.inner.voxels,
        "contour_out": _score_of(suv, outer, model),
        "contour_out_voxels": outer.voxels,
        "contour_planes_as_drawn": moved.planes_as_drawn,
        "contour_planes_of_voxels": moved.planes_of_voxels,
    }


def _score_of(suv: Volume, mask: Mask, model: ScoreModel) -> float | None:
    """Return the score of a region; None where there is none."""
    if mask.voxels < max(model.minimum_voxels, 1):
        return None
    part = cut_out(suv, mask, model, (0, 0, 0))
    score = scoring(model, part.grid)(part.values, part.inside)
    return score if np.isfinite(score) else None


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
    scores = np.empty(count)
    for repetition in range(count):
        noise = correlated_noise(part.grid.shape, spread, generator)
        scores[repetition] = score(part.values + level * noise, part.inside)
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


def replicate_sensitivity(score: float, replicates: Sequence[float]) -> Sensitivity:
    """Return how the score moves between replicate reconstructions of one scan.

    Parameters
    ----------
    score : float
        Of the reconstruction that is reported.
    replicates : sequence of float
        Scores of the others, at least one.

    Returns
    -------
    Sensitivity
        The shift is the median of the replicates less the score. Parts are
        ``replicates`` (how many), ``replicate_low``, ``replicate_median``,
        ``replicate_high`` and ``replicate_1``, ``replicate_2``, ...

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
        "replicates": len(replicates),
        "replicate_low": float(scores[1:].min()),
        "replicate_median": median,
        "replicate_high": float(scores[1:].max()),
    }
    for number, each in enumerate(replicates, start=1):
        parts[f"replicate_{number}"] = float(each)
    return Sensitivity(
        low=float(scores.min()),
        high=float(scores.max()),
        shift=median - score,
        basis=SensitivityBasis.REPLICATES,
        parts=parts,
    )
