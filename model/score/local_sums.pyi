import numpy as np
from numpy.typing import NDArray

def running_sum(values: NDArray[np.int64]) -> None: ...
