"""The rows of the catalogue that are of the region's shape: IBEX's Shape, in cm.

``V`` is the volume and ``S`` the surface area by IBEX's definitions, so that no value
that is made of them is the standard's.

References
----------
* IBEX, Shape_Feature (public MATLAB source).
* Legland D, Kieu K, Devaux M-F. Computation of Minkowski measures on 2D and 3D binary
  images. Image Analysis and Stereology 26:83, 2007.
"""

from model.features.feature import Feature, Group

_NONE = "no such feature in IBSI"
_OF_OURS = "of this V and S, which are not those of IBSI's mesh"


def _shape(name: str, unit: str, definition: str, difference: str) -> Feature:
    return Feature(
        f"shape_{name}", Group.SHAPE, unit, definition, difference=difference
    )


SHAPE_ROWS: tuple[Feature, ...] = (
    _shape(
        "NumberOfVoxel",
        "{voxels}",
        "number of voxels; those at the edge of the region in their slice (a side "
        "neighbour in the slice lies outside) count half",
        _NONE,
    ),
    _shape(
        "Volume",
        "cm3",
        "NumberOfVoxel times the volume of a voxel",
        "IBSI YEKZ counts every voxel fully, RNU0 is the volume of a mesh",
    ),
    _shape(
        "Mass",
        "g",
        "sum over the voxels of density times volume, with IBEX's table from CT values "
        "to densities; of CT only",
        _NONE,
    ),
    _shape(
        "Roundness",
        "1",
        "mean over the slices of 1 - eccentricity of the ellipse with the slice's "
        "second moments",
        _NONE,
    ),
    _shape(
        "Orientation",
        "deg",
        "mean over the slices of the angle between the rows and the major axis of that "
        "ellipse, anticlockwise as displayed",
        _NONE,
    ),
    _shape(
        "Convex",
        "1",
        "mean over the slices of the share that the region has of the pixels of its "
        "convex hull",
        _NONE,
    ),
    _shape(
        "NumberOfObjects",
        "{objects}",
        "number of connected parts (26 neighbours)",
        _NONE,
    ),
    _shape(
        "ConvexHullVolume3D",
        "cm3",
        "volume of the convex hull of the voxel centres",
        "the hull of IBSI's R3ER is of the vertices of a mesh",
    ),
    _shape(
        "ConvexHullVolume",
        "cm3",
        "Volume of the convex hulls of the slices",
        _NONE,
    ),
    _shape(
        "SurfaceArea",
        "cm2",
        "Crofton's estimate from three directions: two thirds of the exposed faces of "
        "voxels",
        "IBSI C0JK is the area of a mesh",
    ),
    _shape(
        "SurfaceAreaDensity",
        "cm-1",
        "SurfaceArea over the volume of the box around the region",
        "IBSI 2PR5 divides by the volume of the region",
    ),
    _shape(
        "MeanBreadth",
        "cm",
        "Crofton's estimate from three directions of the integral of mean curvature, "
        "over 2 pi",
        _NONE,
    ),
    _shape("VoxelSize", "cm3", "volume of a voxel", _NONE),
    _shape(
        "Compactness1",
        "{cm^(5/3)}",
        "V / (sqrt(pi) S^(2/3))",
        "IBSI SKGS has S^(3/2); V and S differ as well",
    ),
    _shape("Compactness2", "1", "36 pi V^2 / S^3", f"IBSI BQWJ {_OF_OURS}"),
    _shape(
        "Max3DDiameter",
        "cm",
        "greatest distance between two voxel centres",
        "IBSI L0JK is between vertices of a mesh",
    ),
    _shape(
        "SphericalDisproportion",
        "1",
        "S over the surface of the ball of volume V",
        f"IBSI KRCK {_OF_OURS}",
    ),
    _shape(
        "Sphericity",
        "1",
        "surface of the ball of volume V over S",
        f"IBSI QCFX {_OF_OURS}",
    ),
)
"""18 features."""
