"""The summary as a document that people open and print (PS3.3 A.45.1).

Design choice: its coded title is that of the report whose numbers it shows, DCM 126000
(PS3.16 CID 7021). A LOINC code of a diagnostic report would promise a diagnosis.

Design choice: *HL7 Instance Identifier* is absent, since no HL7 document is wrapped,
and the stream's own length is stated, so that whoever takes it out gets the bytes that
went in without the byte that makes the element even.
"""

import re
from collections.abc import Sequence

from pydicom.dataset import Dataset
from pydicom.uid import EncapsulatedPDFStorage

from dicom_io.codes import IMAGING_MEASUREMENT_REPORT, code_item
from dicom_io.lenient import attribute_text
from dicom_io.pet.series import PetSeries
from dicom_io.results.group_subject import SourceGroupSubject
from dicom_io.results.listed_sources import references_with_purpose
from dicom_io.results.new_object import new_object
from dicom_io.source_reference import SourceReference
from dicom_io.stamp import Equipment, ObjectIdentity

_SHORT_TEXT = 1024
_LEADING = b"%PDF-"
_DATE = re.compile(r"[0-9]{8}")
_TIME = re.compile(r"[0-9]{2}|[0-9]{4}|[0-9]{6}(\.[0-9]{1,6})?")


def build_report_pdf(  # noqa: PLR0913, PLR0917 - what, whose, by whom, of what
    series: PetSeries,
    pdf: bytes,
    title: str,
    identity: ObjectIdentity,
    equipment: Equipment,
    subject: SourceGroupSubject | None,
    sources: Sequence[SourceReference],
) -> Dataset:
    """Return a document as an Encapsulated PDF.

    Parameters
    ----------
    series : PetSeries
        Whose study the document joins.
    pdf : bytes
        The file.
    title : str
        What viewers list it under; cut to 1024 characters.
    identity : ObjectIdentity
    equipment : Equipment
    subject : SourceGroupSubject or None
        The animal, where the PET shows several: the document is then in its study.
    sources : sequence of SourceReference
        What it was made from: images, the report, the contours.

    Returns
    -------
    Dataset
        Explicit VR little endian.

    Raises
    ------
    ValueError
        When the bytes are no PDF.

    References
    ----------
    * DICOM PS3.3 A.45.1, C.24.1, C.24.2 (Encapsulated Document), C.8.6.1.
    """
    if not pdf.startswith(_LEADING):
        message = "the document does not begin as a PDF does"
        raise ValueError(message)
    dataset = new_object(
        series,
        (EncapsulatedPDFStorage, "DOC"),
        identity,
        equipment,
        subject,
        (title,),
    )
    dataset.ConversionType = "WSD"
    # The page names the animal.
    dataset.BurnedInAnnotation = "YES"
    dataset.AcquisitionDateTime = _acquired(series.headers[0])
    dataset.DocumentTitle = title[:_SHORT_TEXT].strip()
    dataset.ConceptNameCodeSequence = [code_item(IMAGING_MEASUREMENT_REPORT)]
    if sources:
        dataset.SourceInstanceSequence = references_with_purpose(dict.fromkeys(sources))
    dataset.MIMETypeOfEncapsulatedDocument = "application/pdf"
    dataset.EncapsulatedDocumentLength = len(pdf)
    dataset.add_new("EncapsulatedDocument", "OB", pdf + bytes(len(pdf) % 2))
    return dataset


def _acquired(source: Dataset) -> str:
    """Return when the slice was acquired; empty where its date or time is unusable."""
    day = attribute_text(source, "AcquisitionDate")
    time = attribute_text(source, "AcquisitionTime")
    if _DATE.fullmatch(day) is None or _TIME.fullmatch(time) is None:
        return ""
    return day + time
