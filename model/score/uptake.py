"""SUVpeak, metabolic volume and total lesion glycolysis of a region.

Design choice: SUVpeak is the greatest mean of a sphere of a stated diameter, centred on
any voxel of the region: IBSI's *global intensity peak* (F91B) and the peak of PERCIST,
which take a sphere of 1 ml (12.4 mm). A tumour of a mouse is smaller than that, so that
the diameter is an argument, and stands beside the number wherever it is shown.

To a sphere belong all voxels whose centre lies at most a radius from its own, inside
the region or not, each with the same weight. A sphere counts only where it lies in the
image as a whole: the mean of what is left of it at a border is one of something else.

Design choice: there is no peak where the sphere holds one voxel. That would be the
maximum under another name. Nor is there one where no sphere of the region lies in the
image.

Design choice: metabolic volume (MTV) are the voxels of the region at and above a stated
per cent of its own maximum, and total lesion glycolysis (TLG) is their mean times their
volume. Both need a maximum above 0.

References
----------
* IBSI reference manual, 3.2.2 *Global intensity peak* (F91B).
* Wahl RL, Jacene H, Kasamon Y, Lodge MA. From RECIST to PERCIST. J Nucl Med 2009;
  50 (Suppl 1): 122S-150S.
* QIBA Profile: FDG-PET/CT as an imaging biomarker, section 3.4 (SUVpeak).
* Larson SM et al. Tumor treatment response based on visual and quantitative changes in
  global tumor glycolysis. Clin Positron Imaging 1999; 2: 159-171 (TLG).
"""

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.grid import Grid, Mask, Volume

ONE_MILLILITRE_MM = 12.4
"""Diameter of a sphere of 1 ml, to the digits that the literature gives."""

_PER_CENT = 100.0
_OTHER_AXES = ((1, 2), (0, 2), (0, 1))
_ROUNDING = 1e-9
"""Of a distance: grids are written in decimal places."""

Offset = tuple[int, int, int]


@dataclass(frozen=True)
class Uptake:
    """What is measured of a region's uptake beside its statistics.

    Attributes
    ----------
    peak : float or None
        SUVpeak, g/ml.
    peak_diameter_mm : float
        Of its sphere.
    mtv_ml : float or None
        Metabolic volume.
    tlg_g : float or None
        Total lesion glycolysis: g/ml times ml.
    mtv_threshold_percent : float
        Per cent of the region's maximum, at and above which voxels count.
    """

    peak: float | None
    peak_diameter_mm: float
    mtv_ml: float | None
    tlg_g: float | None
    mtv_threshold_percent: float


def uptake_of(
    suv: Volume, mask: Mask, peak_diameter_mm: float, threshold_percent: float
) -> Uptake:
    """Return peak, metabolic volume and glycolysis of a region.

    Parameters
    ----------
    suv : Volume
        SUVbw, g/ml.
    mask : Mask
        The region, at least one voxel on the same grid.
    peak_diameter_mm : float
        Of the sphere of SUVpeak.
    threshold_percent : float
        Per cent of the region's maximum.

    Raises
    ------
    GridMismatchError
        When the mask stands on another grid.
    """
    # Values that are not finite make what they enter NaN, as they do the statistics.
    with np.errstate(invalid="ignore"):
        mtv_ml, tlg_g = _metabolic(suv.inside(mask), suv.grid, threshold_percent)
        peak = _peak(suv, mask, peak_diameter_mm)
    return Uptake(
        peak=peak,
        peak_diameter_mm=peak_diameter_mm,
        mtv_ml=mtv_ml,
        tlg_g=tlg_g,
        mtv_threshold_percent=threshold_percent,
    )


def sphere(grid: Grid, diameter_mm: float) -> list[Offset]:
    """Return the voxels of a sphere around a voxel, as steps from it, in array order.

    Parameters
    ----------
    grid : Grid
        Of any spacing and orientation; its axes need not be at right angles.
    diameter_mm : float
    """
    steps = np.array([grid.slice_step_mm, grid.row_step_mm, grid.column_step_mm])
    radius_mm = diameter_mm / 2 * (1 + _ROUNDING)
    # How far a sphere reaches along an axis is the norm of that row of the inverse.
    reach = np.floor(radius_mm * np.linalg.norm(np.linalg.inv(steps), axis=0))
    axes = [np.arange(-number, number + 1) for number in reach.astype(int)]
    offsets = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)
    inside = np.linalg.norm(offsets @ steps, axis=1) <= radius_mm
    return [(k, j, i) for k, j, i in offsets[inside].tolist()]


def _metabolic(
    values: NDArray[np.float64], grid: Grid, threshold_percent: float
) -> tuple[float | None, float | None]:
    maximum = float(values.max())
    if not (math.isfinite(maximum) and maximum > 0):
        return None, None
    above = values[values >= threshold_percent / _PER_CENT * maximum]
    volume_ml = above.size * grid.voxel_volume_ml
    return volume_ml, float(above.mean()) * volume_ml


def _peak(suv: Volume, mask: Mask, diameter_mm: float) -> float | None:
    offsets = sphere(suv.grid, diameter_mm)
    if len(offsets) == 1:
        return None
    reach = np.abs(offsets).max(axis=0)
    centres = _inner(mask, reach)
    used = [np.flatnonzero(centres.any(axis=others)) for others in _OTHER_AXES]
    if any(found.size == 0 for found in used):
        return None
    box = np.array([part.start for part in mask.box])
    first = np.array([found[0] for found in used])
    last = np.array([found[-1] for found in used])
    around = _box(box + first - reach, box + last + reach)
    image = suv.values[around].astype(np.float64)
    sums = _sums(image, offsets, reach)
    inner = centres[_box(first, last)]
    # Not a number wins, as in the statistics of a region with values that are none.
    best = np.unravel_index(np.argmax(np.where(inner, sums, -np.inf)), sums.shape)
    around = np.array(best) + reach + np.array(offsets)
    return float(image[tuple(around.T)].mean())


def _box(first: NDArray[np.int_], last: NDArray[np.int_]) -> tuple[slice, ...]:
    return tuple(
        slice(start, stop + 1)
        for start, stop in zip(first.tolist(), last.tolist(), strict=True)
    )


def _inner(mask: Mask, reach: NDArray[np.int_]) -> NDArray[np.bool_]:
    """Return the voxels of a region's box around which a sphere lies in the image."""
    inside = mask.inside[mask.box]
    inner = np.zeros_like(inside)
    start = np.array([part.start for part in mask.box])
    first = np.maximum(reach - start, 0)
    # None where the image is smaller than the sphere.
    last = np.maximum(np.array(mask.inside.shape) - reach - 1 - start, -1)
    whole = _box(first, last)
    inner[whole] = inside[whole]
    return inner


def _sums(
    image: NDArray[np.float64], offsets: list[Offset], reach: NDArray[np.int_]
) -> NDArray[np.float64]:
    """Return the sum of the sphere around each voxel that is not in the margin."""
    shape = np.array(image.shape) - 2 * reach
    sums = np.zeros(shape)
    for run_sums, places in _by_run(image, offsets):
        for place in places:
            at = np.array(place) + reach
            sums += run_sums[_box(at, at + shape - 1)]
    return sums


def _by_run(
    image: NDArray[np.float64], offsets: list[Offset]
) -> Iterator[tuple[NDArray[np.float64], list[Offset]]]:
    """Give sums of runs along the columns, and where in the sphere such a run begins.

    A sphere is made of runs of few lengths, so that a sum is needed once per run and
    not once per voxel.
    """
    runs = defaultdict(list)
    for k, j, i in offsets:
        runs[k, j].append(i)
    by_length = defaultdict(list)
    for (k, j), columns in runs.items():
        by_length[len(columns)].append((k, j, min(columns)))
    sums, length = image, 1
    for wanted in sorted(by_length):
        while length < wanted:
            sums = sums[..., :-1] + image[..., length:]
            length += 1
        yield sums, by_length[wanted]
