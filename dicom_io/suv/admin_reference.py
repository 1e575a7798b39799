"""The instant for which an image corrected to ADMIN holds (PS3.3 C.8.9.1.1.5).

Design choice: the scanner corrected decay to the injection that its own header states.
Where another source is believed on when the injection was, image and dose hold for
different instants, and the dose is decayed from the one to the other. A header that
states no instant, or one that contradicts itself, leaves nothing to tell them apart.

Design choice: several animals of one bed were injected one after the other, and the
image holds for one instant. Without it, none of their doses can be decayed to it.
"""

from datetime import datetime

from dicom_io.attributes import text
from dicom_io.errors import DicomContentError
from dicom_io.pet.corrections import DecayCorrection
from dicom_io.pet.radiopharmaceutical import injected_at
from dicom_io.suv.decay_reference import DecayReferenceError
from dicom_io.suv.scan import Scan


def admin_reference(scan: Scan) -> datetime | None:
    """Return the injection to which the scanner corrected; None where none is stated.

    Raises
    ------
    DecayReferenceError
        When several animals were scanned and none is stated.
    """
    if text(scan.header, "DecayCorrection") != DecayCorrection.ADMIN:
        # Frames that were corrected after they were read, to the injection believed.
        return None
    try:
        found = injected_at(scan.header, scan.began_at, scan.zone)
    except DicomContentError:
        found = None
    if found is None and scan.of_several_animals:
        raise DecayReferenceError(
            scan.header,
            "the image of several animals was corrected for decay to one injection, and"
            " does not say when that was",
            "RadiopharmaceuticalStartDateTime",
        )
    return found
