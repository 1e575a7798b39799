"""What a map of a region shows: the index, the same as a probability, or a feature."""

from dataclasses import dataclass

from pydicom.sr.coding import Code

from dicom_io.codes import LOCAL_PROBABILITY, LOCAL_TEXTURE_INDEX
from dicom_io.feature_codes import feature_concept
from model.errors import ModelError
from model.features.definitions import FEATURE_BY_NAME
from model.grid import Volume
from model.score.assessment import RoiAssessment
from model.score.region_map import ScalarMap

INDEX_DISCLAIMER = "Local texture index; locates no cells"
PROBABILITY_DISCLAIMER = "Local index as probability; locates no cells"


@dataclass(frozen=True, eq=False)
class MapContent:
    """What a map shows.

    Attributes
    ----------
    volume : Volume
        NaN where undefined; of unit ``1``.
    roi : str
        Name of the region.
    quantity : Code
    label : str
        At most 15 capitals, digits and underscores (CS).
    explanation : str
        What a viewer shows beside the values, with what the map is not.
    slices : range or None
        Consecutive ones, outside of which the map holds nothing and has no frames; all
        have one if None.
    """

    volume: Volume
    roi: str
    quantity: Code
    label: str
    explanation: str
    slices: range | None = None


def index_content(assessment: RoiAssessment) -> MapContent:
    """Return the local texture index of a region.

    Raises
    ------
    NoScoreMapError
        When the assessment has no score map.
    """
    return MapContent(
        volume=_whole(assessment, assessment.score_map),
        roi=assessment.roi.name,
        quantity=LOCAL_TEXTURE_INDEX,
        label="TEXTURE_INDEX",
        explanation=INDEX_DISCLAIMER,
    )


def probability_content(assessment: RoiAssessment) -> MapContent:
    """Return the local texture index of a region on the scale of the probability.

    Raises
    ------
    NoScoreMapError
        When the assessment has no such map.
    """
    return MapContent(
        volume=_whole(assessment, assessment.probability_map),
        roi=assessment.roi.name,
        quantity=LOCAL_PROBABILITY,
        label="PROBABILITY",
        explanation=PROBABILITY_DISCLAIMER,
    )


def feature_content(assessment: RoiAssessment, name: str) -> MapContent:
    """Return the map of a feature, by its name in the catalogue.

    Raises
    ------
    NoScoreMapError
        When the assessment has no map of the feature.
    """
    volume = _whole(assessment, assessment.feature_maps.get(name))
    short = FEATURE_BY_NAME[name].name.partition("_")[2]
    return MapContent(
        volume=volume,
        roi=assessment.roi.name,
        quantity=feature_concept(name),
        label="TEXTURE_FEATURE",
        explanation=f"Local {short}; locates no cells",
    )


def _whole(assessment: RoiAssessment, found: ScalarMap | None) -> Volume:
    if found is None:
        raise NoScoreMapError(assessment.roi.name)
    return Volume(found.grid, found.values, "1")


class NoScoreMapError(ModelError):
    """A region has no map to be written."""

    reason = "no_score_map"
    remedy = "Score the region with its map, or do not ask for a Parametric Map."

    def __init__(self, roi: str) -> None:
        super().__init__(f"region {roi!r} has no such map")
        self.roi = roi
