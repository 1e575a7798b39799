"""The noise of an image near a region: how strong it is, and more of its kind.

Noise is modelled as Gaussian, as strong everywhere in the region, and correlated as
white noise is that the scanner's point spread has blurred, a Gaussian whose full width
at half maximum is the scanner's resolution: its autocorrelation is a Gaussian that is
wider by the root of two. Where voxels are much larger than the resolution it is white.

Its level is read from second differences of the image along each array axis, taken over
a resolution length of ``n`` voxels, ``x[i - n] - 2 x[i] + x[i + n]``. A slope of the
image cancels in them. Of noise with standard deviation ``s`` and autocorrelation ``r``
their variance is ``s^2 (6 - 8 r(n) + 2 r(2 n))``; so each is divided by the root of
that factor, and ``s`` is the median of their absolute values over 0.6745, which a
minority of steps, the edges of organs, hardly moves.

Design choice: differences are taken around voxels up to four resolution lengths from
the region and within it, but for those that have its outline within one, where the
tumour's own edge is. Inside the region they hold its texture too. Places with less than
5 % of the region's median are left out as well: in air, reconstruction leaves no noise
that says anything of the tumour's. Where fewer than 30 differences remain, all count
around voxels of the region and up to four resolution lengths from it.

Design choice: one level. Where noise grows with uptake, as in iterative reconstruction,
a hot region has more of it than its surroundings say.

Design choice: over one resolution length most of the correlation is gone. Differences
of next neighbours would tell noise and tumour apart better, but take noise that is not
correlated as assumed for up to three times as strong or for a third.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from model.grid import Vector
from model.score.perturbation.region_boxes import Box, Margin, separate_boxes, widened

Values = NDArray[np.float64]
Inside = NDArray[np.bool_]

_FWHM_PER_SIGMA = 2 * math.sqrt(2 * math.log(2))
_TRUNCATED_AT_SIGMAS = 4.0
_MEDIAN_OF_ABSOLUTE_NORMAL = 0.6744897501960817
_REACH_IN_LENGTHS = 4
_LEAST_UPTAKE = 0.05
_FEWEST_DIFFERENCES = 30
_VOXELS_AT_ONCE = 1 << 16


@dataclass(frozen=True)
class PointSpread:
    """The scanner's point spread on a grid.

    Attributes
    ----------
    resolution_mm : float
        Full width at half maximum, the same in all directions.
    spacing_mm : Vector
        Of the voxels along (slice, row, column).
    """

    resolution_mm: float
    spacing_mm: Vector

    @property
    def lengths(self) -> tuple[int, int, int]:
        """Voxels in a resolution length along each axis, at least 1."""
        first, second, third = (
            max(1, round(self.resolution_mm / spacing)) for spacing in self.spacing_mm
        )
        return first, second, third

    @property
    def margin(self) -> Margin:
        """Voxels around a region that its noise level is read from."""
        first, second, third = ((_REACH_IN_LENGTHS + 1) * n for n in self.lengths)
        return first, second, third

    @cached_property
    def kernels(self) -> tuple[Values, Values, Values]:
        """The point spread along each axis, sampled at voxels, adding up to 1."""
        first, second, third = map(self._kernel, self.spacing_mm)
        return first, second, third

    @cached_property
    def strength(self) -> float:
        """Standard deviation that is left of white noise with one of 1."""
        return math.prod(float(np.linalg.norm(kernel)) for kernel in self.kernels)

    @property
    def reach(self) -> Margin:
        """Voxels between two places, along each axis, whose noise is independent."""
        first, second, third = (kernel.size - 1 for kernel in self.kernels)
        return first, second, third

    def _kernel(self, spacing_mm: float) -> Values:
        sigma = self.resolution_mm / _FWHM_PER_SIGMA / spacing_mm
        radius = int(_TRUNCATED_AT_SIGMAS * sigma + 0.5)
        places = np.arange(-radius, radius + 1)
        # A spread far below a voxel leaves the voxel itself, and nothing to divide.
        weights = np.exp(-0.5 * (places / sigma) ** 2) if radius else np.ones(1)
        return np.asarray(weights / weights.sum(), np.float64)

    def correlation(self, axis: int, voxels: int) -> float:
        """Return the noise's autocorrelation at a distance along an axis."""
        kernel = self.kernels[axis]
        if voxels >= kernel.size:
            return 0.0
        shifted = kernel[: kernel.size - voxels]
        return float(kernel[voxels:] @ shifted / (kernel @ kernel))


def noise_level(
    values: NDArray[np.floating], inside: Inside, spread: PointSpread
) -> float | None:
    """Return the standard deviation of the noise near a region.

    Parameters
    ----------
    values : ndarray, shape (slices, rows, columns)
        The image, or of it the region and its surroundings, as far as
        `PointSpread.margin` goes.
    inside : ndarray of bool, of the same shape
    spread : PointSpread

    Returns
    -------
    float or None
        In the image's unit; 0 of an image that is flat for the most part. None where
        not a single second difference can be taken.
    """
    least = _LEAST_UPTAKE * max(float(np.median(values[inside])), 0.0)
    first, second, third = spread.margin
    everywhere, apart = [np.zeros(0)], [np.zeros(0)]
    for part in separate_boxes(inside, (2 * first, 2 * second, 2 * third)):
        box = widened(part, spread.margin, inside.shape)
        exact = np.asarray(values[box], np.float64)
        for each in _differences_around(exact, inside[box], spread, least):
            everywhere.append(each[0])
            apart.append(each[1])
    kept = np.concatenate(apart)
    if kept.size < _FEWEST_DIFFERENCES:
        kept = np.concatenate(everywhere)
    if not kept.size:
        return None
    return float(np.median(kept)) / _MEDIAN_OF_ABSOLUTE_NORMAL


def _differences_around(
    values: Values, inside: Inside, spread: PointSpread, least: float
) -> Iterator[tuple[Values, Values]]:
    """Yield, for each axis, all scaled differences and those that say most."""
    near, apart = _places(inside, spread)
    for axis, (differences, means, middle) in _second_differences(values, spread):
        variance = 6 - 8 * spread.correlation(axis, spread.lengths[axis])
        variance += 2 * spread.correlation(axis, 2 * spread.lengths[axis])
        scaled = np.abs(differences) / math.sqrt(variance)
        known = np.isfinite(scaled)
        yield (
            scaled[known & near[middle]],
            scaled[known & apart[middle] & (means >= least)],
        )


def _places(inside: Inside, spread: PointSpread) -> tuple[Inside, Inside]:
    """Return what lies near the region, and what of it lies apart from its outline."""
    wide = [2 * _REACH_IN_LENGTHS * n + 1 for n in spread.lengths]
    narrow = [2 * n + 1 for n in spread.lengths]
    region = inside.astype(np.uint8)
    near = ndimage.maximum_filter(region, wide, mode="constant")
    outer = ndimage.maximum_filter(region, narrow, mode="constant")
    # What the image does not hold is no outline.
    inner = ndimage.minimum_filter(region, narrow, mode="nearest")
    return near.astype(np.bool_), (near.astype(np.bool_) & (outer == inner))


def _second_differences(
    values: Values, spread: PointSpread
) -> Iterator[tuple[int, tuple[Values, Values, Box]]]:
    """Yield axis, differences, means of the three values, and where the middle lies."""
    for axis, n in enumerate(spread.lengths):
        if values.shape[axis] <= 2 * n:
            continue
        before, middle, after = (
            _along(axis, slice(None, -2 * n)),
            _along(axis, slice(n, -n)),
            _along(axis, slice(2 * n, None)),
        )
        # Values that are no numbers, or infinite, are looked for afterwards.
        with np.errstate(invalid="ignore"):
            ends = values[before] + values[after]
            found = ends - 2 * values[middle], (ends + values[middle]) / 3, middle
        yield axis, found


def _along(axis: int, part: slice) -> Box:
    first, second, third = (part if each == axis else slice(None) for each in range(3))
    return first, second, third


def _correlated(
    shape: tuple[int, int, int], spread: PointSpread, white: Values
) -> Values:
    """Return noise of standard deviation 1 with the scanner's correlation.

    Parameters
    ----------
    shape : tuple of int
        (slices, rows, columns).
    spread : PointSpread
    white : ndarray, shape (repetitions, voxels)
        Independent of each other, with standard deviation 1, and as many for each
        repetition as `_wider` says.

    Returns
    -------
    ndarray, shape (repetitions, slices, rows, columns)
        Stationary up to its edges: white noise is used beyond them, too.
    """
    noise = white.reshape(len(white), *_wider(shape, spread))
    for axis, kernel in enumerate(spread.kernels):
        radius = kernel.size // 2
        if radius:
            noise = ndimage.correlate1d(noise, kernel, axis + 1, mode="constant")
            noise = noise[:, *_along(axis, slice(radius, -radius))]
    return np.asarray(noise / spread.strength, np.float64)


def _wider(shape: tuple[int, int, int], spread: PointSpread) -> tuple[int, int, int]:
    """Return the shape of the white noise that correlated noise is made of."""
    first, second, third = (
        size + kernel.size - 1
        for size, kernel in zip(shape, spread.kernels, strict=True)
    )
    return first, second, third


def noise_boxes(inside: Inside, spread: PointSpread, margin: Margin) -> list[Box]:
    """Return where noise is made around each separate part of a region.

    Parts that lie too far from each other for their noise to be correlated are made
    apart; what lies between them is not made.

    Parameters
    ----------
    inside : ndarray of bool, shape (slices, rows, columns)
    spread : PointSpread
    margin : tuple of int
        Voxels around the region that are given noise, too.

    Returns
    -------
    list of Box
        No two overlap.
    """
    first, second, third = (
        2 * more + reach for more, reach in zip(margin, spread.reach, strict=True)
    )
    parts = separate_boxes(inside, (first, second, third))
    return [widened(part, margin, inside.shape) for part in parts]


def repeated_noise(
    boxes: Sequence[Box],
    spread: PointSpread,
    generator: np.random.Generator,
    repetitions: int,
) -> Iterator[list[tuple[Box, Values]]]:
    """Yield noise of standard deviation 1, again and again.

    Parameters
    ----------
    boxes : sequence of Box
    spread : PointSpread
    generator : Generator
        Asked for the voxels of each box, and of each repetition, after another.
    repetitions : int

    Yields
    ------
    list of (Box, ndarray)
        Each box with noise that is independent of the others'.
    """
    shapes = [_shape(box) for box in boxes]
    ends = np.cumsum([math.prod(_wider(shape, spread)) for shape in shapes]).tolist()
    voxels = ends[-1] if ends else 0
    # What is done at once stays in the processor's cache.
    at_once = max(1, _VOXELS_AT_ONCE // max(voxels, 1))
    for first in range(0, repetitions, at_once):
        count = min(at_once, repetitions - first)
        white = generator.standard_normal((count, voxels))
        noise = [
            _correlated(shape, spread, part)
            for shape, part in zip(
                shapes, np.split(white, ends[:-1], axis=1), strict=True
            )
        ]
        for number in range(count):
            yield [(box, each[number]) for box, each in zip(boxes, noise, strict=True)]


def _shape(box: Box) -> tuple[int, int, int]:
    first, second, third = (part.stop - part.start for part in box)
    return first, second, third
