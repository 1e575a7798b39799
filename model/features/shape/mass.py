"""The mass of a region from its CT values.

References
----------
* IBEX, `Shape_Feature_Mass`: "only meaningful to CT images".
"""

import numpy as np
from numpy.typing import NDArray

_CT_NUMBERS = (0, 294, 898, 1000, 1056, 1198, 1644, 1872, 2470)
_DENSITIES_G_CM3 = (0.0, 0.291, 0.927, 1.0, 1.047, 1.1, 1.337, 1.427, 1.75)

_OF_WATER = 1000.0
"""IBEX's CT numbers are Hounsfield units and this."""


def mass_g(hounsfield: NDArray[np.float64], voxel_volume_cm3: float) -> float:
    """Return the mass of voxels, gram.

    Parameters
    ----------
    hounsfield : ndarray, shape (voxels,)
        Finite; each voxel counts fully, also on the edge.
    voxel_volume_cm3 : float

    Returns
    -------
    float
        Sum of density times volume. The density lies on straight lines between IBEX's
        nine pairs of CT number and density; beyond them it is that of the last one.
        IBEX looks up whole CT numbers; between two of them the line goes on here.
    """
    densities = np.interp(hounsfield + _OF_WATER, _CT_NUMBERS, _DENSITIES_G_CM3)
    return float(densities.sum()) * voxel_volume_cm3
