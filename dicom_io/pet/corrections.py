"""What was corrected in a PET image, and whether its header agrees with itself."""

from enum import StrEnum

from pydicom.dataset import Dataset

from dicom_io.attributes import name_of, text, texts, uid_of
from dicom_io.errors import DicomContentError
from dicom_io.image_series import is_enhanced_pet


class DecayCorrection(StrEnum):
    """*Decay Correction* (0054,1102) (PS3.3 C.8.9.1.1.5)."""

    NONE = "NONE"
    """Activity as it was in each frame."""
    START = "START"
    """As it was at the start of the acquisition, the decay reference."""
    ADMIN = "ADMIN"
    """As it was when the radiopharmaceutical was administered."""


def decay_correction_of(header: Dataset) -> DecayCorrection:
    """Return the instant to which decay was corrected.

    Raises
    ------
    DecayCorrectionError
        When it is missing, unknown, or contradicts *Corrected Image*.
    """
    value = text(header, "DecayCorrection")
    corrected = "DECY" in texts(header, "CorrectedImage")
    try:
        correction = DecayCorrection(value)
    except ValueError as error:
        fact = f"Decay Correction is {value!r}" if value else "it is missing"
        raise DecayCorrectionError(header, fact) from error
    if corrected is (correction is DecayCorrection.NONE):
        listed = "lists" if corrected else "does not list"
        fact = f"Decay Correction is {value}, but Corrected Image {listed} DECY"
        raise DecayCorrectionError(header, fact)
    return correction


def attenuation_statements(header: Dataset, *, required: bool) -> tuple[str, ...]:
    """Return what must be said of an image that was not corrected for attenuation.

    Parameters
    ----------
    header : Dataset
    required : bool
        Whether such an image is refused.

    Returns
    -------
    tuple of str
        Empty where it was corrected.

    Raises
    ------
    AttenuationCorrectionError
        When *Corrected Image* does not list ATTN, and it is required.
    """
    if "ATTN" in texts(header, "CorrectedImage"):
        return ()
    if required:
        raise AttenuationCorrectionError(header)
    said = (
        "The PET was not corrected for attenuation, which the configuration allows:"
        " SUV are too low by what the body absorbs"
    )
    return (said,)


class DecayCorrectionError(DicomContentError):
    """What is said about decay correction is missing or contradicts itself."""

    reason = "not_decay_corrected"
    remedy = "Reconstruct with decay correction and send again."

    def __init__(
        self, header: Dataset, fact: str, keyword: str = "DecayCorrection"
    ) -> None:
        super().__init__(fact, attribute=name_of(keyword), uid=uid_of(header))


class AttenuationCorrectionError(DicomContentError):
    """The image was not corrected for attenuation."""

    reason = "not_attenuation_corrected"
    remedy = (
        "Reconstruct with attenuation correction and send again, or allow such images"
        " by suv.allow_without_attenuation_correction."
    )

    def __init__(self, header: Dataset) -> None:
        listed = "\\".join(texts(header, "CorrectedImage")) or "nothing"
        fact, keyword = f"Corrected Image lists {listed} and not ATTN", "CorrectedImage"
        if is_enhanced_pet(header):
            keyword = "AttenuationCorrected"
            fact = f"Attenuation Corrected is {text(header, keyword) or 'missing'}"
        super().__init__(fact, attribute=name_of(keyword), uid=uid_of(header))
