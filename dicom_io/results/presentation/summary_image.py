"""A page of the summary as an image that every viewer shows (PS3.3 A.8.1).

Design choice: native pixels. A page is a few megabytes, compressing it takes longer
than sending it, and viewers differ in what they make of compressed colour.

Design choice: the image has no pixel spacing. A page shows views of several scales, so
that a distance measured on it would be wrong in some of them; none is better.

Design choice: its modality is OT. As PT it would be taken for a slice of the PET by
viewers that fuse and reformat what is called so.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.uid import SecondaryCaptureImageStorage

from dicom_io.lenient import attribute_text, attribute_value
from dicom_io.pet.series import PetSeries
from dicom_io.results.group_subject import SourceGroupSubject
from dicom_io.results.listed_sources import (
    is_image,
    list_sources,
    references_with_purpose,
)
from dicom_io.results.new_object import new_object
from dicom_io.source_reference import SourceReference
from dicom_io.stamp import SOFTWARE_NAME, Equipment, ObjectIdentity

_DERIVATION = (
    f"Summary of a texture analysis of PET, drawn by {SOFTWARE_NAME}: views of the"
    " region, its numbers and their provenance. Research use only."
)
_LONGEST_SIDE = 65535
_COLOUR_PLANES = 3
_LOSSY = (
    "LossyImageCompression",
    "LossyImageCompressionRatio",
    "LossyImageCompressionMethod",
)
_OF_THE_SOURCE = (
    "RecognizableVisualFeatures",
    "BodyPartExamined",
    "Laterality",
    "AnatomicalOrientationType",
)


def build_summary_image(
    series: PetSeries,
    pixels: NDArray[np.uint8],
    identity: ObjectIdentity,
    equipment: Equipment,
    subject: SourceGroupSubject | None,
    sources: Sequence[SourceReference],
) -> Dataset:
    """Return a page as a Secondary Capture image.

    Parameters
    ----------
    series : PetSeries
        Whose study the page joins.
    pixels : ndarray of uint8, shape (rows, columns, 3)
        Red, green, blue (sRGB).
    identity : ObjectIdentity
        Its instance number is that of the page.
    equipment : Equipment
    subject : SourceGroupSubject or None
        The animal, where the PET shows several: the page is then in a study of its.
    sources : sequence of SourceReference
        What the page was drawn from: images, the report, the contours.

    Returns
    -------
    Dataset
        Explicit VR little endian.

    Raises
    ------
    ValueError
        When the pixels are no colour image.

    References
    ----------
    * DICOM PS3.3 A.8.1, C.8.6.1, C.8.6.2 (Secondary Capture), C.7.6.1, C.12.4.
    """
    _require_page(pixels)
    sources = list(dict.fromkeys(sources))
    dataset = new_object(
        series,
        (SecondaryCaptureImageStorage, "OT"),
        identity,
        equipment,
        subject,
        (),
    )
    dataset.ImageType = ["DERIVED", "SECONDARY"]
    dataset.ConversionType = "WSD"
    dataset.PatientOrientation = None
    # The page names the animal.
    dataset.BurnedInAnnotation = "YES"
    dataset.DerivationDescription = _DERIVATION
    _say_of_the_source(dataset, series.headers[0])
    _refer(dataset, sources)
    _put_pixels(dataset, pixels)
    return dataset


def _require_page(pixels: NDArray[np.uint8]) -> None:
    in_colour = pixels.ndim == _COLOUR_PLANES and pixels.shape[2] == _COLOUR_PLANES
    if pixels.dtype != np.uint8 or not in_colour:
        message = f"a page is rows x columns x 3 of uint8, not {pixels.shape}"
        raise ValueError(message)
    if not all(0 < side <= _LONGEST_SIDE for side in pixels.shape[:2]):
        message = f"an image has 1 to {_LONGEST_SIDE} rows and columns"
        raise ValueError(message)


def _say_of_the_source(dataset: Dataset, source: Dataset) -> None:
    """State what the page inherits: a loss that was, a face that can be seen."""
    dataset.LossyImageCompression = "00"
    inherited = list(_OF_THE_SOURCE)
    if attribute_text(source, "LossyImageCompression") == "01":
        inherited.extend(_LOSSY)
    for keyword in inherited:
        if attribute_value(source, keyword) is not None:
            dataset.add(source[keyword])


def _refer(dataset: Dataset, sources: Sequence[SourceReference]) -> None:
    images = [each for each in sources if is_image(each.sop_class_uid)]
    others = [each for each in sources if not is_image(each.sop_class_uid)]
    if images:
        dataset.SourceImageSequence = references_with_purpose(images)
    if others:
        dataset.ReferencedInstanceSequence = references_with_purpose(others)
    list_sources(dataset, sources)


def _put_pixels(dataset: Dataset, pixels: NDArray[np.uint8]) -> None:
    dataset.SamplesPerPixel = _COLOUR_PLANES
    dataset.PhotometricInterpretation = "RGB"
    dataset.PlanarConfiguration = 0
    dataset.Rows, dataset.Columns = pixels.shape[:2]
    dataset.BitsAllocated = dataset.BitsStored = 8
    dataset.HighBit = 7
    dataset.PixelRepresentation = 0
    stored = np.ascontiguousarray(pixels).tobytes()
    dataset.add_new("PixelData", "OB", stored + bytes(len(stored) % 2))
