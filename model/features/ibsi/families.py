"""The features of a configuration of IBSI, by tag.

In the order of the reference manual: the image and the region are resampled; the
resampled region is the morphological mask, and what re-segmentation leaves of it the
intensity mask; values become grey levels; the families are computed.

References
----------
* Zwanenburg A, et al. Image biomarker standardisation initiative, reference manual,
  arXiv:1612.07003; section 2.1 (the order), section 3 (the features).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from model.features.bins import fixed_bin_number, fixed_bin_size, given_levels
from model.features.ibsi.configuration import (
    Family,
    IbsiAggregation,
    IbsiConfiguration,
)
from model.features.ibsi.histogram import intensity_histogram
from model.features.ibsi.local_intensity import local_intensity
from model.features.ibsi.mesh import Mesh, mesh_of
from model.features.ibsi.morphology import morphology, morphology_of_values
from model.features.ibsi.outcome import Outcome, Undefined, vector_of
from model.features.ibsi.required import required
from model.features.ibsi.statistics import statistics
from model.features.ibsi.tags import TEXTURE_FAMILIES, stems_of
from model.features.ibsi.texture import texture
from model.features.ibsi.volume_histogram import intensity_volume_histogram
from model.features.levels import GreyLevels, UnsupportedPreparationError
from model.features.preparation import Discretisation
from model.features.resampling import resampled
from model.features.resegmentation import resegmented
from model.features.vector import FeatureVector
from model.grid import Mask, Volume, require_same_grid

_NO_REGION = Undefined("the region has no voxel")
_NO_INTENSITY = Undefined("re-segmentation leaves no voxel of the region")
_TOO_LARGE = Undefined("the values are too large for sums of their squares")
_LARGEST = 1e140
"""So that the squares of values, and sums of very many of them, are numbers."""


@dataclass(frozen=True)
class _Region:
    """A region that is ready to be measured.

    Attributes
    ----------
    volume : Volume
    morphological, intensity : Mask
    configuration : IbsiConfiguration
    """

    volume: Volume
    morphological: Mask
    intensity: Mask
    configuration: IbsiConfiguration

    @cached_property
    def values(self) -> NDArray[np.float64]:
        """Of the intensity mask, in array order."""
        return self.volume.inside(self.intensity)

    @cached_property
    def levels(self) -> GreyLevels:
        """Grey levels of the intensity mask, in array order."""
        return _levels(self.values, self.configuration)

    @cached_property
    def mesh(self) -> Mesh:
        """The surface of the morphological mask."""
        return mesh_of(self.morphological)

    @cached_property
    def unmeasurable(self) -> Undefined | None:
        """Why no feature of values can be computed, if so."""
        if self.morphological.voxels == 0:
            return _NO_REGION
        if self.intensity.voxels == 0:
            return _NO_INTENSITY
        affected = int(np.count_nonzero(~np.isfinite(self.values)))
        if affected:
            return Undefined(
                f"{affected} of {self.values.size} voxels are infinite or not numbers"
            )
        return _TOO_LARGE if np.abs(self.values).max() > _LARGEST else None


def ibsi_features(
    volume: Volume, mask: Mask, configuration: IbsiConfiguration
) -> FeatureVector:
    """Return the features of a configuration's families.

    Parameters
    ----------
    volume : Volume
    mask : Mask
        On the same grid.
    configuration : IbsiConfiguration

    Returns
    -------
    FeatureVector
        By the tags of IBSI, in the order of `model.features.ibsi.tags`; those of
        texture end with the aggregation. NaN with a reason where undefined: of an empty
        region everything, of an empty intensity mask or of values that are not finite
        everything that looks at values.

    Raises
    ------
    GridMismatchError
        When the mask stands on another grid.
    NotLevelsError
        When a family needs grey levels, the configuration has no discretisation, and
        the values are not levels already.
    TooManyLevelsError, UnsupportedPreparationError
    """
    region = _prepared(volume, mask, configuration)
    outcomes: dict[str, Outcome] = {}
    for family in Family:
        if family in configuration.families:
            outcomes.update(_family(family, region))
    return vector_of(outcomes)


def _prepared(volume: Volume, mask: Mask, configuration: IbsiConfiguration) -> _Region:
    require_same_grid(volume.grid, mask.grid)
    if configuration.resampling is not None and mask.voxels:
        volume, mask = resampled(volume, mask, configuration.resampling)
    intensity = mask
    if configuration.resegmentation is not None:
        intensity = resegmented(volume, mask, configuration.resegmentation)
    return _Region(volume, mask, intensity, configuration)


def _names(family: Family, configuration: IbsiConfiguration) -> tuple[str, ...]:
    """Return the full tags of a family."""
    stems = stems_of(family)
    if family not in TEXTURE_FAMILIES:
        return stems
    return tuple(
        f"{stem}_{aggregation}"
        for aggregation in IbsiAggregation
        if aggregation in configuration.aggregations
        for stem in stems
    )


def _family(family: Family, region: _Region) -> dict[str, Outcome]:
    """Return a family's features by full tag, in order."""
    found: dict[str, Outcome] = {}
    if family is Family.MORPHOLOGY and region.morphological.voxels:
        found.update(morphology(region.morphological, region.mesh))
    why_not = region.unmeasurable
    if why_not is None:
        found.update(_OF_VALUES[family](region))
    whole = {f"{family}_{stem}": outcome for stem, outcome in found.items()}
    names = _names(family, region.configuration)
    if why_not is None:
        return {name: whole[name] for name in names}
    return {name: whole.get(name, why_not) for name in names}


def _texture(family: Family, region: _Region) -> dict[str, Outcome]:
    return {
        f"{stem}_{aggregation}": outcome
        for aggregation in region.configuration.aggregations
        for stem, outcome in texture(
            family, region.levels, region.intensity.inside, aggregation
        ).items()
    }


_OF_VALUES: Mapping[Family, Callable[[_Region], dict[str, Outcome]]] = {
    Family.MORPHOLOGY: lambda region: morphology_of_values(
        region.volume, region.morphological, region.intensity, region.mesh
    ),
    Family.LOCAL_INTENSITY: lambda region: local_intensity(
        region.volume, region.intensity
    ),
    Family.STATISTICS: lambda region: statistics(region.values),
    Family.INTENSITY_HISTOGRAM: lambda region: intensity_histogram(region.levels),
    Family.INTENSITY_VOLUME_HISTOGRAM: lambda region: intensity_volume_histogram(
        region.values, region.configuration
    ),
    Family.COOCCURRENCE: lambda region: _texture(Family.COOCCURRENCE, region),
    Family.RUN_LENGTH: lambda region: _texture(Family.RUN_LENGTH, region),
}
"""The features of each family that look at values."""


def _levels(
    values: NDArray[np.float64], configuration: IbsiConfiguration
) -> GreyLevels:
    match configuration.discretisation:
        case Discretisation.NONE:
            return given_levels(values)
        case Discretisation.IBSI_FIXED_BIN_NUMBER:
            return fixed_bin_number(values, required("bins", configuration.bins))
        case Discretisation.IBSI_FIXED_BIN_SIZE:
            size = required("bin_size", configuration.bin_size)
            return fixed_bin_size(values, size, _lowest(configuration))
        case other:
            raise UnsupportedPreparationError("discretisation", other)


def _lowest(configuration: IbsiConfiguration) -> float | None:
    """Return where the first bin of a fixed bin size begins."""
    if configuration.lowest is not None or configuration.resegmentation is None:
        return configuration.lowest
    return configuration.resegmentation.low
