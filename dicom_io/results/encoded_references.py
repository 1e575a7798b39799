"""References of images to their source images, encoded.

Design choice: hundreds of frames and slices refer to one image each. As data sets these
items are most of what an object costs, and they are written and never looked at.

References
----------
* DICOM PS3.3 tables 10-3 and 10-4, PS3.16 CID 7202.
"""

from functools import cache

from pydicom.dataset import Dataset

from dicom_io.codes import code_item
from dicom_io.encoding import encoded_element, encoded_elements
from dicom_io.image_series import InstanceReference
from dicom_io.results.listed_sources import SOURCE_IMAGE


def encoded_source_image(instance: InstanceReference) -> bytes:
    """Return an item of *Source Image Sequence* (0008,2112), with its purpose."""
    return encoded_reference(instance) + _purpose()


def encoded_reference(instance: InstanceReference) -> bytes:
    """Return the elements of a reference to an image, or to a frame of one."""
    frame = b""
    if instance.frame is not None:
        number = encoded_text(str(instance.frame))
        frame = encoded_element("ReferencedFrameNumber", number)
    sop_class = encoded_text(instance.sop_class_uid, b"\0")
    sop_instance = encoded_text(instance.sop_instance_uid, b"\0")
    return b"".join(
        (
            encoded_element("ReferencedSOPClassUID", sop_class),
            encoded_element("ReferencedSOPInstanceUID", sop_instance),
            frame,
        )
    )


def encoded_text(text: str, padding: bytes = b" ") -> bytes:
    """Return a text of ASCII as a value, padded to an even length."""
    value = text.encode("ascii")
    return value + padding * (len(value) % 2)


@cache
def _purpose() -> bytes:
    item = Dataset()
    item.PurposeOfReferenceCodeSequence = [code_item(SOURCE_IMAGE)]
    return encoded_elements(item)
