"""What a result object takes from the images that it was made of.

Design choice: highdicom is given stand-ins of the source images, with their identity
and geometry and nothing of the patient; what belongs to patient and study is copied
from the source afterwards, unchanged. highdicom's constructors re-validate what they
copy, warn with the patient's name in the message and refuse values such as an empty
date, so that a harmless oddity of a scanner would cost the site its result.

Design choice: only what the source has is carried over. An attribute that the source
holds in an unreadable form is left out, and so is a number that is none and cannot even
be written again.
"""

import copy
import warnings
from collections.abc import Iterable, Sequence
from typing import Any

from highdicom.base import SOPClass
from pydicom.datadict import dictionary_has_tag, dictionary_VR
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.uid import PositronEmissionTomographyImageStorage
from pydicom.valuerep import DSfloat

from dicom_io.attributes import required_numbers
from dicom_io.image_series import is_multi_frame_pet
from dicom_io.lenient import UNREADABLE, attribute_value
from dicom_io.pet.series import PetSeries

TYPE_2 = (
    "PatientID",
    "PatientName",
    "PatientBirthDate",
    "PatientSex",
    "StudyID",
    "StudyDate",
    "StudyTime",
    "AccessionNumber",
)
"""Of patient and study, what highdicom wants in an image, be it empty."""
_FORMERLY = (
    "OtherPatientIDs",
    "EthnicGroup",
    "OtherStudyNumbers",
    "IssuerOfAdmissionID",
    "IssuerOfServiceEpisodeID",
)
"""Of patient and study in earlier editions; highdicom copies those of today's alone."""
_PATIENT_GROUPS = (0x0010, 0x0012)
_NUMBERS = frozenset({"DS", "IS"})
_BINARY = frozenset({"AT", "FD", "FL", "SL", "SS", "UL", "US"})
_OF_THE_SERIES = (
    "Manufacturer",
    "ManufacturerModelName",
    "DeviceSerialNumber",
    "SoftwareVersions",
    "PositionReferenceIndicator",
    "LossyImageCompression",
    "LossyImageCompressionRatio",
    "LossyImageCompressionMethod",
)


def stand_ins(series: PetSeries, slices: Iterable[int]) -> list[Dataset]:
    """Return images with identity and geometry of some of the sources.

    Parameters
    ----------
    series : PetSeries
    slices : iterable of int
        Indices of the slices.

    Returns
    -------
    list of Dataset
        Without patient, study date and pixels; made anew, the sources stay untouched.
    """
    shared = {element.tag: element for element in _shared(series)}
    images = []
    for k in slices:
        image = Dataset(dict(shared))
        image.ImagePositionPatient = position_of(series.headers[k])
        image.SOPClassUID = series.instances[k].sop_class_uid
        image.SOPInstanceUID = series.instances[k].sop_instance_uid
        images.append(image)
    return images


def as_single_frames(images: Sequence[Dataset]) -> list[Dataset]:
    """Return stand-ins of which each is an image of its own, as highdicom wants them.

    Frames of one object get UIDs that hold within the list only; whoever has something
    made of them puts the references right afterwards.
    """
    for number, image in enumerate(images, start=1):
        if is_multi_frame_pet(image):
            image.SOPClassUID = PositronEmissionTomographyImageStorage
            image.SOPInstanceUID = f"2.25.{number}"
    return list(images)


def _shared(series: PetSeries) -> Dataset:
    """Return what all stand-ins have in common."""
    grid, first = series.volume.grid, series.headers[0]
    slice_mm, row_mm, column_mm = grid.spacing_mm
    image = Dataset()
    for keyword in TYPE_2:
        setattr(image, keyword, "")
    for keyword in _OF_THE_SERIES:
        if attribute_value(first, keyword) is not None:
            image.add(first[keyword])
    image.StudyInstanceUID = series.study_instance_uid
    image.SeriesInstanceUID = series.series_instance_uid
    image.FrameOfReferenceUID = grid.frame_of_reference
    image.Modality = "PT"
    image.Rows, image.Columns = grid.shape[1:]
    stated = attribute_value(first, "PixelSpacing")
    image.PixelSpacing = stated or decimals((row_mm, column_mm))
    stated = attribute_value(first, "SliceThickness")
    image.SliceThickness = stated or decimals((slice_mm,))[0]
    cosines = required_numbers(first, "ImageOrientationPatient", 6)
    image.ImageOrientationPatient = decimals(cosines)
    return image


def position_of(header: Dataset) -> list[DSfloat]:
    """Return *Image Position (Patient)* as *Decimal String*."""
    return decimals(required_numbers(header, "ImagePositionPatient", 3))


def decimals(numbers: Iterable[Any]) -> list[DSfloat]:
    """Return numbers as *Decimal String*, rounded to the 16 characters it has."""
    return [DSfloat(float(number), auto_format=True) for number in numbers]


def carry_over(source: Dataset, result: SOPClass, further: Iterable[str] = ()) -> None:
    """Copy what describes patient and study, in place.

    Species, strain, weight, group and all else of the patient, study and clinical trial
    modules; the offset from UTC in which their times are written.

    Parameters
    ----------
    source : Dataset
        Header of an image of the series; not changed.
    result : SOPClass
    further : iterable of str
        Keywords of further attributes to copy, where the result's IOD has them.

    References
    ----------
    * DICOM PS3.3 C.7.1.1, C.7.2.1, C.7.2.2, C.7.1.3, C.7.2.3.
    """
    with warnings.catch_warnings():
        # A value that breaks a rule of its VR is the source's, and is carried over.
        warnings.simplefilter("ignore", UserWarning)
        found = readable(source)
        result.copy_patient_and_study_information(found)
        for keyword in ("TimezoneOffsetFromUTC", *_FORMERLY, *further):
            if keyword in found:
                result.add(found[keyword])


def readable(source: Dataset) -> Dataset:
    """Return the readable public attributes, which share nothing with the source."""
    found = Dataset(
        {
            # What is not decoded yet cannot change; decoding makes a new element.
            tag: element
            if isinstance(element, RawDataElement)
            else copy.deepcopy(element)
            for tag, element in source.items()
            if not tag.is_private
        }
    )
    implicit, little_endian = source.original_encoding
    found.set_original_encoding(implicit, little_endian, source.original_character_set)
    for tag in list(found.keys()):
        try:
            element = found[tag]
        except UNREADABLE:
            del found[tag]
            continue
        if element.VR in _NUMBERS and not str(element.value).isascii():
            del found[tag]
        elif element.VR == "SQ" and tag.group in _PATIENT_GROUPS:
            for item in element.value:
                leave_unwritable_out(item)
    return found


def leave_unwritable_out(found: Dataset) -> None:
    """Remove attributes that cannot be written again, in place.

    Those that can stay as they were read.

    Parameters
    ----------
    found : Dataset
        What its sequences hold is its own.
    """
    for tag, element in list(found.items()):
        vr = element.VR or (dictionary_VR(tag) if dictionary_has_tag(tag) else "UN")
        raw = isinstance(element, RawDataElement)
        if vr in _NUMBERS:
            said = (element.value or b"") if raw else str(element.value)
            if not said.isascii():
                del found[tag]
        elif vr == "SQ" or vr in _BINARY:
            try:
                value = found[tag].value
            except UNREADABLE:
                del found[tag]
                continue
            for item in value if vr == "SQ" else ():
                leave_unwritable_out(item)
