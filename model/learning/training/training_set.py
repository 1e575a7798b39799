"""What is learnt from: rows of features, readouts, groups and plain knowledge."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from model.learning.readout import Readout

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class TrainingSet:
    """Rows to learn from.

    Attributes
    ----------
    features : ndarray, shape (observations, features)
        Candidates; all finite.
    readouts : mapping of Readout to ndarray, shape (observations,)
        NaN where a readout was not measured; that of the label always was.
    label : Readout
        Which readout is cut at its median.
    groups : ndarray of int, shape (observations,)
        What is never parted: animals, cages or batches.
    baseline : ndarray, shape (observations, columns)
        Plain knowledge, all finite; there may be no column.
    parts : mapping of str to tuple of int
        Columns of the baseline by what they say, for example ``volume``.
    """

    features: Floats
    readouts: Mapping[Readout, Floats]
    label: Readout
    groups: NDArray[np.int_]
    baseline: Floats
    parts: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """Return how many observations there are."""
        return len(self.groups)

    @property
    def group_count(self) -> int:
        """Return how many groups there are."""
        return len(np.unique(self.groups))

    @property
    def cut_off(self) -> float:
        """Return the median of the label's readout."""
        return float(np.median(self.readouts[self.label]))

    def labels(self, cut_off: float) -> NDArray[np.int_]:
        """Return 1 for the observations above a cut-off, 0 for the others."""
        return (self.readouts[self.label] > cut_off).astype(np.int_)

    def rows(self, indices: Indices) -> "TrainingSet":
        """Return some of the rows; a repeated one keeps its group."""
        return replace(
            self,
            features=self.features[indices],
            readouts={name: each[indices] for name, each in self.readouts.items()},
            groups=self.groups[indices],
            baseline=self.baseline[indices],
        )

    def with_readouts_of(self, indices: Indices) -> "TrainingSet":
        """Return the same rows with the readouts of others."""
        return replace(
            self,
            readouts={name: each[indices] for name, each in self.readouts.items()},
        )
