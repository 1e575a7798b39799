"""The features of a region: every number, and why one is missing."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class FeatureVector:
    """The features of one region.

    Attributes
    ----------
    values : mapping of str to float
        By name, in the order of the catalogue; NaN where undefined.
    undefined : mapping of str to str
        For each NaN its reason, for example ``the region has a single voxel``.
    """

    values: Mapping[str, float]
    undefined: Mapping[str, str] = field(default_factory=dict)
