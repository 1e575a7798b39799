"""What the frames of a multi-frame PET show (PS3.3 C.8.22.3.1, C.8.16.1).

Design choice: an image is gated when it says so, or when its frames are of different
phases of heart or breath. A breath that was held, or moved back, leaves one image.
"""

from pydicom.dataset import Dataset

from dicom_io.attributes import name_of, text, texts, uid_of
from dicom_io.errors import DicomContentError
from dicom_io.pet.functional_groups import FunctionalGroups

_NO_VOLUMES = frozenset({"MAX_IP", "MIN_IP", "VOLUME_RENDER", "SURFACE_RENDER"})
_CONTRASTS_OF_ACTIVITY = frozenset({"", "NONE", "MEAN", "RESAMPLED", "FILTERED"})
_SYNCHRONIZATION = (
    "CardiacSynchronizationSequence",
    "RespiratorySynchronizationSequence",
)


def require_activity(header: Dataset, told: Dataset) -> None:
    """Refuse a frame that is no image of activity in planes.

    Parameters
    ----------
    header : Dataset
        Of the frame.
    told : Dataset
        What has its *Volume Based Calculation Technique*.

    Raises
    ------
    NoVolumeError, DerivedContrastError
    """
    kinds = (*texts(header, "ImageType"), "", "", "", "")
    calculated = text(told, "VolumeBasedCalculationTechnique")
    if calculated in _NO_VOLUMES or kinds[2] == "LOCALIZER":
        raise NoVolumeError(header, calculated or kinds[2])
    if kinds[3] not in _CONTRASTS_OF_ACTIVITY:
        raise DerivedContrastError(header, kinds[3])


def require_ungated(header: Dataset, groups: FunctionalGroups) -> None:
    """Refuse phases of heart or breath (PS3.3 C.7.6.18, C.8.16.1.3).

    Parameters
    ----------
    header : Dataset
        Of any frame.
    groups : FunctionalGroups

    Raises
    ------
    GatedImageError
    """
    for keyword, harmless in (
        ("CardiacSynchronizationTechnique", {"", "NONE"}),
        (
            "RespiratoryMotionCompensationTechnique",
            {"", "NONE", "BREATH_HOLD", "CORRECTION"},
        ),
    ):
        if text(header, keyword) not in harmless:
            raise GatedImageError(header, keyword)
    flavor = (*texts(header, "ImageType"), "", "", "")[2]
    if flavor.endswith("GATED"):
        raise GatedImageError(header, "ImageType")
    for keyword in _SYNCHRONIZATION:
        told = {
            tuple((int(tag), repr(element.value)) for tag, element in item.items())
            for frame in range(len(groups))
            for item in groups.macro_items(frame, keyword)
        }
        if len(told) > 1:
            raise GatedImageError(header, keyword)


class GatedImageError(DicomContentError):
    """A multi-frame image is gated."""

    reason = "gated"
    remedy = "Send a static reconstruction."

    def __init__(self, header: Dataset, keyword: str) -> None:
        super().__init__(
            "the PET image is gated", attribute=name_of(keyword), uid=uid_of(header)
        )


class NoVolumeError(DicomContentError):
    """A multi-frame image holds projections and no volume."""

    reason = "no_pet"
    remedy = "Send the tomographic image."

    def __init__(self, header: Dataset, kind: str) -> None:
        super().__init__(
            f"the PET image holds frames of {kind} and no volume",
            attribute=name_of("FrameType"),
            uid=uid_of(header),
        )


class DerivedContrastError(DicomContentError):
    """The pixels of a multi-frame image are something else than activity."""

    reason = "unsupported_units"
    remedy = "Send the image that this one was derived from."

    def __init__(self, header: Dataset, contrast: str) -> None:
        super().__init__(
            f"the pixels were derived as {contrast}",
            attribute=name_of("FrameType"),
            uid=uid_of(header),
        )
