import numpy as np
from numpy.typing import NDArray

from model.score.maps.window import Lines, Radius

def add_window_sums(
    levels: NDArray[np.int32],
    region: Lines,
    tables: NDArray[np.int64],
    steps: NDArray[np.int64],
    radius: Radius,
    totals: NDArray[np.int64],
) -> None: ...
def add_window_means(
    levels: NDArray[np.int32],
    region: Lines,
    tables: NDArray[np.int64],
    steps: NDArray[np.int64],
    radius: Radius,
    counting_bits: int,
    totals: NDArray[np.float64],
    directions: NDArray[np.int32],
) -> None: ...
