"""The 18 shape features under IBEX's names.

Design choice: an empty region has no shape, and all its features are NaN. Any other
region has them all, since each definition holds down to a single voxel; only the mass
needs more, CT values.

Design choice: a region in one slice is a body one voxel high, with the formulas of any
other. IBEX is not followed there: its `SurfaceArea` turns into a perimeter, a length
among areas, and its `SurfaceAreaDensity` and `MeanBreadth` fail.

Design choice: `SurfaceAreaDensity` divides by the volume of the box of whole voxels
around the region. IBEX's box is that of the contours, which a mask does not know, and
the library that it calls measures the density in that window: without the window's own
faces, over the volume between the centres of its outermost voxels.
"""

import math
from collections.abc import Callable, Collection, Mapping
from statistics import fmean

import numpy as np

from model.features.definitions import UnknownFeatureError
from model.features.shape.body import Body, body_of
from model.features.shape.mass import mass_g
from model.features.vector import FeatureVector
from model.grid import Mask, Volume, require_same_grid

HOUNSFIELD_UNIT = "[hnsf'U]"

EMPTY = "the region is empty"
NOT_CT = "the image is not in Hounsfield units"
NOT_FINITE = "the region holds values that are not finite"

_MASS = "shape_Mass"


def _roundness(body: Body) -> float:
    return fmean(1 - ellipse.eccentricity for ellipse in body.ellipses)


def _orientation(body: Body) -> float:
    return fmean(ellipse.orientation_deg for ellipse in body.ellipses)


def _compactness_1(body: Body) -> float:
    return body.volume_cm3 / (math.sqrt(math.pi) * math.cbrt(body.surface_cm2) ** 2)


def _compactness_2(body: Body) -> float:
    return 36 * math.pi * body.volume_cm3**2 / body.surface_cm2**3


def _spherical_disproportion(body: Body) -> float:
    radius = math.cbrt(3 * body.volume_cm3 / (4 * math.pi))
    return body.surface_cm2 / (4 * math.pi * radius**2)


def _sphericity(body: Body) -> float:
    return math.cbrt(36 * math.pi * body.volume_cm3**2) / body.surface_cm2


_OF_BODY: Mapping[str, Callable[[Body], float]] = {
    "shape_NumberOfVoxel": lambda body: body.half_counted_voxels,
    "shape_Volume": lambda body: body.volume_cm3,
    "shape_Roundness": _roundness,
    "shape_Orientation": _orientation,
    "shape_Convex": lambda body: fmean(body.convexities),
    "shape_NumberOfObjects": lambda body: float(body.objects),
    "shape_ConvexHullVolume3D": lambda body: body.hull_volume_cm3,
    "shape_ConvexHullVolume": lambda body: body.slice_hulls_volume_cm3,
    "shape_SurfaceArea": lambda body: body.surface_cm2,
    "shape_SurfaceAreaDensity": lambda body: body.surface_cm2 / body.box_volume_cm3,
    "shape_MeanBreadth": lambda body: body.mean_breadth_cm,
    "shape_VoxelSize": lambda body: body.voxel_volume_cm3,
    "shape_Compactness1": _compactness_1,
    "shape_Compactness2": _compactness_2,
    "shape_Max3DDiameter": lambda body: body.diameter_cm,
    "shape_SphericalDisproportion": _spherical_disproportion,
    "shape_Sphericity": _sphericity,
}
"""What the mask alone decides."""

SHAPE_NAMES: tuple[str, ...] = (*list(_OF_BODY)[:2], _MASS, *list(_OF_BODY)[2:])
"""Every shape feature, in IBEX's order."""


def shape_features(
    volume: Volume, mask: Mask, names: Collection[str] | None = None
) -> FeatureVector:
    """Return the shape features of a region.

    Parameters
    ----------
    volume : Volume
        Only the mass is of its values; the others are of the mask alone.
    mask : Mask
        On the same grid.
    names : collection of str, optional
        Of `SHAPE_NAMES`; by default all.

    Returns
    -------
    FeatureVector
        In the order of `SHAPE_NAMES`, in cm, cm2, cm3, degrees and gram. Flat regions
        have a hull of volume 0, single voxels a diameter of 0, by definition. All are
        NaN for an empty region; the mass is so for an image that is not in Hounsfield
        units, and where a value is not finite.

    Raises
    ------
    GridMismatchError
        When the mask stands on another grid.
    UnknownFeatureError
        When a name is not one of a shape feature.

    References
    ----------
    * IBEX, `Shape_Feature.m`; formulas of the ratios after Aerts HJWL, et al. Nature
      Communications 5:4006, 2014, with the exponent 2/3 that is printed there.
    """
    require_same_grid(volume.grid, mask.grid)
    wanted = SHAPE_NAMES if names is None else _known(names)
    body = body_of(mask)
    if body is None:
        return FeatureVector(
            dict.fromkeys(wanted, math.nan), dict.fromkeys(wanted, EMPTY)
        )
    undefined: dict[str, str] = {}
    values: dict[str, float] = {}
    for name in wanted:
        if name == _MASS:
            found = _mass(volume, mask)
            values[name] = math.nan if isinstance(found, str) else found
            undefined |= {name: found} if isinstance(found, str) else {}
        else:
            values[name] = float(_OF_BODY[name](body))
    return FeatureVector(values, undefined)


def _known(names: Collection[str]) -> tuple[str, ...]:
    unknown = tuple(sorted(set(names) - set(SHAPE_NAMES)))
    if unknown:
        raise UnknownFeatureError(unknown)
    return tuple(name for name in SHAPE_NAMES if name in set(names))


def _mass(volume: Volume, mask: Mask) -> float | str:
    """Return the mass, or why there is none."""
    if volume.unit != HOUNSFIELD_UNIT:
        return NOT_CT
    values = volume.inside(mask)
    if not np.isfinite(values).all():
        return NOT_FINITE
    return mass_g(values, volume.grid.voxel_volume_ml)
