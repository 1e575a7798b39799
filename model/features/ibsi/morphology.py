"""The shape of a region, and where its values lie in it, IBSI section 3.1.

Design choice: the shape is that of the whole region (the morphological mask). Only the
four features that look at values take the voxels that re-segmentation has left (the
intensity mask).

Design choice: the bounding box lies along the axes of the image. The covariance of the
voxels' positions divides by one less than their number, which the standard leaves open
and its consensus values decide; a single voxel has none.
"""

import math

import numpy as np
from numpy.typing import NDArray

from model.features.hull import greatest_distance, hull_of
from model.features.ibsi.ellipsoid import ellipsoid_area
from model.features.ibsi.mesh import Mesh
from model.features.ibsi.outcome import (
    Outcome,
    Undefined,
    quotient,
    undefined_throughout,
)
from model.features.ibsi.spatial_autocorrelation import spatial_autocorrelation
from model.grid import Mask, Volume

_PRINCIPAL = (
    "pca_maj_axis",
    "pca_min_axis",
    "pca_least_axis",
    "pca_elongation",
    "pca_flatness",
    "vol_dens_aee",
    "area_dens_aee",
)

_SINGLE = Undefined("the region has a single voxel")
_FLAT = "the voxels of the region lie in a plane"
_STRAIGHT = "the voxels of the region lie on a line"


def morphology(mask: Mask, mesh: Mesh) -> dict[str, Outcome]:
    """Return the 21 features of the shape alone.

    Parameters
    ----------
    mask : Mask
        The morphological mask, of at least one voxel.
    mesh : Mesh
        Its surface.

    Returns
    -------
    dict of str to Outcome
        By tag without its family's prefix; lengths in mm.
    """
    return {
        **_size(mask, mesh),
        **_principal_axes(mask, mesh),
        **_bounding_box(mask, mesh),
        **_convex_hull(mesh),
    }


def morphology_of_values(
    volume: Volume, mask: Mask, intensity: Mask, mesh: Mesh
) -> dict[str, Outcome]:
    """Return the features of the shape that look at values.

    Parameters
    ----------
    volume : Volume
    mask : Mask
        The morphological mask.
    intensity : Mask
        The intensity mask, of at least one voxel, whose values are finite.
    mesh : Mesh
        The surface of the morphological mask.
    """
    values = volume.inside(intensity)
    return {
        "com": _centre_of_mass_shift(mask, intensity, values),
        "integ_int": mesh.volume_mm3 * float(values.mean()),
        **spatial_autocorrelation(volume, intensity),
    }


def _size(mask: Mask, mesh: Mesh) -> dict[str, Outcome]:
    volume, area = mesh.volume_mm3, mesh.area_mm2
    # The area of a ball of this volume.
    ball = (36.0 * math.pi * volume**2) ** (1.0 / 3.0)
    return {
        "volume": volume,
        "vol_approx": mask.volume_ml * 1000.0,
        "area_mesh": area,
        "av": area / volume,
        "comp_1": volume / (math.sqrt(math.pi) * area**1.5),
        "comp_2": (ball / area) ** 3,
        "sph_dispr": area / ball,
        "sphericity": ball / area,
        "asphericity": area / ball - 1.0,
        "diam": greatest_distance(mesh.vertices_mm),
    }


def _principal_axes(mask: Mask, mesh: Mesh) -> dict[str, Outcome]:
    """Return the axes of the ellipsoid with the voxels' covariance, and what fills it.

    Its semi-axes are twice the roots of the covariance's eigenvalues.
    """
    if mask.voxels == 1:
        return undefined_throughout(_PRINCIPAL, _SINGLE)
    least, minor, major = _semi_axes(mask)
    ellipsoid = 4.0 / 3.0 * math.pi * major * minor * least
    area = ellipsoid_area(major, minor, least) if minor > 0 else 0.0
    return {
        "pca_maj_axis": 2.0 * major,
        "pca_min_axis": 2.0 * minor,
        "pca_least_axis": 2.0 * least,
        "pca_elongation": minor / major,
        "pca_flatness": least / major,
        "vol_dens_aee": quotient(mesh.volume_mm3, ellipsoid, _FLAT),
        "area_dens_aee": quotient(mesh.area_mm2, area, _STRAIGHT),
    }


def _semi_axes(mask: Mask) -> tuple[float, float, float]:
    """Return the semi-axes of the ellipsoid, least first, of two voxels or more."""
    points = _centres(mask)
    centred = points - points.mean(axis=0)
    variances = np.linalg.eigvalsh(centred.T @ centred / (len(centred) - 1))
    # Rounding is no extent.
    variances[variances < 1e-12 * variances[-1]] = 0.0
    least, minor, major = 2.0 * np.sqrt(np.maximum(variances, 0.0))
    return float(least), float(minor), float(major)


def _bounding_box(mask: Mask, mesh: Mesh) -> dict[str, Outcome]:
    sides = np.ptp(mesh.indices, axis=0) * np.array(mask.grid.spacing_mm)
    area = 2.0 * (sides[0] * sides[1] + sides[0] * sides[2] + sides[1] * sides[2])
    return {
        "vol_dens_aabb": mesh.volume_mm3 / float(sides.prod()),
        "area_dens_aabb": mesh.area_mm2 / float(area),
    }


def _convex_hull(mesh: Mesh) -> dict[str, Outcome]:
    hull = hull_of(mesh.vertices_mm)
    return {
        "vol_dens_conv_hull": mesh.volume_mm3 / hull.volume_mm3,
        "area_dens_conv_hull": mesh.area_mm2 / hull.area_mm2,
    }


def _centre_of_mass_shift(
    mask: Mask, intensity: Mask, values: NDArray[np.float64]
) -> Outcome:
    total = float(values.sum())
    if total == 0:
        return Undefined("the values of the region add up to zero")
    geometric = _centres(mask).mean(axis=0)
    weighted = values @ (_centres(intensity) - geometric) / total
    return float(np.linalg.norm(weighted))


def _centres(mask: Mask) -> NDArray[np.float64]:
    """Return the centres of the voxels in mm, from the grid's first centre on."""
    grid = mask.grid
    steps = np.array([grid.slice_step_mm, grid.row_step_mm, grid.column_step_mm])
    return np.asarray(np.argwhere(mask.inside) @ steps, np.float64)
