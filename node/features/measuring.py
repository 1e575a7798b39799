"""An image and the regions on it, and the features of each.

A CT is in Hounsfield units for both kinds of profile; what IBEX adds to them is added
by the catalogue.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dicom_io.errors import DicomContentError
from dicom_io.suv.rule import SuvRules
from model.errors import ModelError
from model.features.catalogue import compute_features
from model.features.feature import PET
from model.features.ibsi.configuration import IbsiConfiguration
from model.features.ibsi.families import ibsi_features
from model.features.profile import FeatureProfile
from model.features.undefined import NO_VOXEL, SINGLE_LEVEL
from model.features.vector import FeatureVector
from model.grid import Mask, Volume
from model.score.assess import EmptyRegionError
from model.transverse import in_transverse_slices
from node.case.acquisition import Acquisition
from node.case.regions import Region, RegionRules
from node.case.report import finite
from node.deciding.subjects import PATIENT_ID_ALONE
from node.failure import held_by
from node.readiness.matching import MatchingRules
from node.records.cases import Held
from node.records.subject import SubjectRules

_LOST = (
    "The profile's resampling or re-segmentation leaves no voxel of the region: it is "
    "too small for it, or its values lie elsewhere"
)
_ONE_LEVEL = (
    "The profile gives neighbours with different values one grey level: its texture "
    "features say nothing of this region"
)


@dataclass(frozen=True)
class RoiFeatures:
    """The features of one region.

    Attributes
    ----------
    study_instance_uid, patient_id, animal_id : str
        Empty where the image is no DICOM.
    roi, modality : str
    image : str
        Series Instance UID of the image, or name of its file.
    unit : str
        UCUM, of the image.
    voxels : int
    features : dict of str to (float or None)
        None where a feature is undefined.
    undefined : dict of str to str
        Why, by feature.
    profile : FeatureProfile
    warnings : tuple of str
        How the region was made, where that is not plain.
    volume_ml : float
        Of the region: its voxels times the volume of one.
    suv : dict of str to (float or None), or None
        `min`, `mean`, `max` and `sd` (the population's) of SUVbw, g/ml; None of an
        image that is no PET.
    circumstances : dict of str to (str, float or None)
        `tracer`, `radionuclide`, `species`, `route`, `uptake_min` of a PET, as far as
        they are stated.
    acquisition : dict of str to (str, float or None)
        When, on what and how the image was made; see `node.case.acquisition`.
    """

    study_instance_uid: str
    patient_id: str
    animal_id: str
    roi: str
    modality: str
    image: str
    unit: str
    voxels: int
    features: dict[str, float | None]
    undefined: dict[str, str]
    profile: FeatureProfile
    warnings: tuple[str, ...] = ()
    volume_ml: float = math.nan
    suv: dict[str, float | None] | None = None
    circumstances: dict[str, str | float | None] = field(default_factory=dict)
    acquisition: Acquisition = field(default_factory=dict)

    def as_data(self) -> dict[str, Any]:
        """Return the keys of the contract, and what says where they come from."""
        profile = {"name": self.profile.name, "sha256": self.profile.sha256}
        return {
            **self.__dict__,
            "profile": profile,
            "warnings": list(self.warnings),
        }


@dataclass(frozen=True)
class ExtractionOptions:
    """How features are computed.

    Attributes
    ----------
    matching : MatchingRules
    suv : SuvRules
    regions : RegionRules
    profile : FeatureProfile
    subjects : SubjectRules
    ct_on_pet : bool
        Whether CT features are of the CT averaged onto the PET's grid.
    """

    matching: MatchingRules
    suv: SuvRules
    regions: RegionRules
    profile: FeatureProfile
    subjects: SubjectRules = PATIENT_ID_ALONE
    ct_on_pet: bool = False


@dataclass(frozen=True, eq=False)
class Drawn:
    """An image and the regions on it.

    Attributes
    ----------
    volume : Volume
        SUV of a PET, HU of a CT, the values of any other image.
    modality, image : str
        As in `RoiFeatures`.
    regions : tuple of Region
    held : tuple of Held
        What could not be drawn.
    study_instance_uid, patient_id, animal_id : str
        Empty where the image is no DICOM.
    statements : tuple of str
    circumstances, acquisition : dict of str to (str, float or None)
        As in `RoiFeatures`.
    """

    volume: Volume
    modality: str
    image: str
    regions: tuple[Region, ...]
    held: tuple[Held, ...]
    study_instance_uid: str = ""
    patient_id: str = ""
    animal_id: str = ""
    statements: tuple[str, ...] = ()
    circumstances: dict[str, str | float | None] = field(default_factory=dict)
    acquisition: Acquisition = field(default_factory=dict)


def measured(drawn: Drawn, profile: FeatureProfile) -> Iterator[RoiFeatures | Held]:
    """Give the features of each region, or why there are none; what is held first.

    Parameters
    ----------
    drawn : Drawn
    profile : FeatureProfile
    """
    yield from drawn.held
    for region in drawn.regions:
        name = region.roi.name
        try:
            if not region.mask.voxels:
                raise EmptyRegionError(region.roi.number)
            vector = _vector(drawn, region.mask, profile)
        except (DicomContentError, ModelError) as error:
            yield held_by(error, drawn.study_instance_uid or None, roi=name)
            continue
        yield RoiFeatures(
            study_instance_uid=drawn.study_instance_uid,
            patient_id=drawn.patient_id,
            animal_id=drawn.animal_id,
            roi=name,
            modality=drawn.modality,
            image=drawn.image,
            unit=drawn.volume.unit,
            voxels=region.mask.voxels,
            features={each: finite(value) for each, value in vector.values.items()},
            undefined=dict(vector.undefined),
            profile=profile,
            warnings=(
                *drawn.statements,
                *region.warnings,
                *_remarks(vector, drawn.volume.inside(region.mask)),
            ),
            volume_ml=region.mask.volume_ml,
            suv=_suv(drawn, region.mask),
            circumstances=drawn.circumstances,
            acquisition=drawn.acquisition,
        )


def _suv(drawn: Drawn, mask: Mask) -> dict[str, float | None] | None:
    """Return statistics of a PET in the region, as `score` gives them."""
    if drawn.modality != PET:
        return None
    values = drawn.volume.inside(mask)
    # Values that are not finite make them None.
    with np.errstate(invalid="ignore", over="ignore"):
        return {
            "min": finite(float(values.min())),
            "mean": finite(float(values.mean())),
            "max": finite(float(values.max())),
            "sd": finite(float(values.std())),
        }


def _remarks(vector: FeatureVector, values: NDArray[np.float64]) -> Iterator[str]:
    """Say where a profile does not suit an image, which features alone do not show.

    Parameters
    ----------
    vector : FeatureVector
    values : ndarray, shape (voxels,)
        Of the region as drawn, at least one.
    """
    reasons = set(vector.undefined.values())
    if NO_VOXEL in reasons:
        yield _LOST
    if SINGLE_LEVEL in reasons and values.min() < values.max():
        yield _ONE_LEVEL


def _vector(drawn: Drawn, mask: Mask, profile: FeatureProfile) -> FeatureVector:
    preparation = profile.preparation
    if isinstance(preparation, IbsiConfiguration):
        return ibsi_features(*in_transverse_slices(drawn.volume, mask), preparation)
    return compute_features(
        drawn.volume,
        mask,
        preparation,
        profile.features,
        modality=drawn.modality,
    )
