import numpy as np
from numpy.typing import NDArray

def difference_counts(
    levels: NDArray[np.int32], steps: NDArray[np.int64], count: int
) -> NDArray[np.int64]: ...
