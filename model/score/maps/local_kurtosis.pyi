import numpy as np
from numpy.typing import NDArray

from model.score.maps.window import Lines, Radius

def kurtosis_of_values(
    values: NDArray[np.float64],
    inside: NDArray[np.float64],
    region: Lines,
    radius: Radius,
) -> NDArray[np.float64]: ...
def kurtosis_of_counts(
    bins: NDArray[np.int32], region: Lines, radius: Radius, kept: int
) -> NDArray[np.float64]: ...
