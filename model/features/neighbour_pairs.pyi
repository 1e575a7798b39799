import numpy as np
from numpy.typing import NDArray

def pair_sums(
    levels: NDArray[np.int32], steps: NDArray[np.int64], table: NDArray[np.float64]
) -> tuple[float, int]: ...
