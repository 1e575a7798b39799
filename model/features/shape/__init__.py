"""The shape of a region by IBEX's definitions, in centimetres.

Knows a mask on its grid, and for the mass the CT values in it. Never knows how the
region was drawn, nor any grey levels. Values flow one way: a `Mask` becomes a `Body`
(`body`), measured in the volume (`crofton`, `model.features.hull`), slice by slice
(`slices`, `slice_hull`) and in grams (`mass`); `shape_features` puts these together
under IBEX's names. There are no side effects.

Design choice: IBEX's definitions were read in its MATLAB source (`Shape_Feature.m`,
`MKGetNumVoxBWMask.m`) and in the library that it calls (Legland's *imMinkowski*); each
docstring says where its definition comes from, and where it departs from the source.

Design choice: the axes of a grid are at right angles, as every reader requires, so that
coordinates along them serve for oblique grids too: no shape hangs on a rigid motion.

References
----------
* Zhang L, Fried DV, Fave XJ, et al. IBEX: an open infrastructure software platform to
  facilitate collaborative work in radiomics. Medical Physics 42:1341, 2015.
* Legland D, Kieu K, Devaux MF. Computation of Minkowski measures on 2D and 3D binary
  images. Image Analysis & Stereology 26:83, 2007.
"""

from model.features.shape.features import SHAPE_NAMES, shape_features

__all__ = ["SHAPE_NAMES", "shape_features"]
