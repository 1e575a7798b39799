"""Contours in patient space, and the voxels that they enclose.

::

    Roi ──outlines──> Outlines ──orientation──> parallel to the grid ──> Layers ─┐
        (all contours as arrays)                oblique ───────────────> Slabs  ─┴> Mask

Design choice: a voxel belongs to a region when its centre does, by the even-odd rule in
the plane of the contour; contours of one plane combine by exclusive or, so that an
inner contour is a hole. A centre takes the contour plane that is nearest to it, and
none that is too far: `model.contours.layers` says how far for contours that are
parallel to two axes of the grid (transverse, coronal and sagittal alike),
`model.contours.slabs` for all others.

Design choice: a centre that lies on an outline, or half-way between two planes, belongs
to the side to which it would move by an infinitesimal step to the left, then posterior,
then superior (LPS+), in every orientation.

Contours that enclose no area, and contours that are there twice:
`model.contours.outlines`. Contours that are not plane or not parallel:
`model.contours.orientation`. Gaps between contour planes: `gaps_of` counts them, and
`rasterise` fills them when it is asked to.
"""

from model.contours.orientation import MixedOrientationsError, NonPlanarContourError
from model.contours.outlines import repeated_contours
from model.contours.rasterisation import (
    RoiOutsideImageError,
    gaps_of,
    outside_contours,
    rasterise,
)
from model.contours.roi import Contour, Roi, moved

__all__ = [
    "Contour",
    "MixedOrientationsError",
    "NonPlanarContourError",
    "Roi",
    "RoiOutsideImageError",
    "gaps_of",
    "moved",
    "outside_contours",
    "rasterise",
    "repeated_contours",
]
