"""Private elements of vendors that SUV depends on (PS3.5 7.8).

Design choice: an element belongs to a vendor when its block is reserved by the vendor's
creator. De-identification often drops the creator and keeps the element; then, and only
while nobody else has reserved the block, *Manufacturer* decides. Values are read as
text whatever their VR: what passed through a system that does not know them is UN.
"""

import math
import warnings
from dataclasses import dataclass

from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset
from pydicom.tag import Tag

from dicom_io.attributes import text, uid_of
from dicom_io.errors import DicomContentError

_FIRST_BLOCK = 0x10
_LAST_BLOCK = 0xFF
_BLOCK_SHIFT = 8
_GROUP_SHIFT = 16


@dataclass(frozen=True)
class PrivateElement:
    """Where a vendor keeps a value.

    Attributes
    ----------
    group, element : int
        The element within its block.
    creator : str
    manufacturers : tuple of str
        How *Manufacturer* begins, in capitals, a blank behind it.
    name : str
    """

    group: int
    element: int
    creator: str
    manufacturers: tuple[str, ...]
    name: str

    def __str__(self) -> str:
        return f"{self.name} ({self.group:04X},{_FIRST_BLOCK:02X}{self.element:02X})"


_GE = ("GE ", "GEMS ", "GENERAL ELECTRIC ")
_BINARY = frozenset({"FL", "FD", "SS", "US", "SL", "UL", "SV", "UV", "SQ"})

GE_SCAN_DATE_TIME = PrivateElement(
    0x0009, 0x0D, "GEMS_PETD_01", _GE, "GE scan date and time"
)
SIEMENS_DECAY_DATE_TIME = PrivateElement(
    0x0071,
    0x22,
    "SIEMENS MED PT",
    ("SIEMENS", "CPS ", "CTI "),
    "Siemens decay correction date and time",
)
PHILIPS_SUV_FACTOR = PrivateElement(
    0x7053,
    0x00,
    "Philips PET Private Group",
    ("PHILIPS",),
    "Philips SUV scale factor",
)
PHILIPS_ACTIVITY_FACTOR = PrivateElement(
    0x7053,
    0x09,
    "Philips PET Private Group",
    ("PHILIPS",),
    "Philips activity concentration scale factor",
)


def is_ge(header: Dataset) -> bool:
    """Return whether *Manufacturer* is GE."""
    return _is_of(header, _GE)


def private_text(header: Dataset, element: PrivateElement) -> str:
    """Return a vendor's value as text; empty where it is absent or somebody else's.

    Raises
    ------
    PrivateValueError
        When it cannot be read.
    """
    tag = _tag_of(header, element)
    if tag is None or tag not in header:
        return ""
    try:
        return _readable(header, tag)
    # The decoder of a hostile value may fail in any way.
    except Exception as error:
        raise PrivateValueError(header, element, "a value") from error


def private_number(header: Dataset, element: PrivateElement) -> float | None:
    """Return a vendor's number; None where it is absent, empty or somebody else's.

    Raises
    ------
    PrivateValueError
        When it is no finite number.
    """
    content = private_text(header, element)
    if not content:
        return None
    try:
        value = float(content)
    except ValueError as error:
        raise PrivateValueError(header, element, "a number") from error
    if not math.isfinite(value) or "_" in content:
        raise PrivateValueError(header, element, "a finite number")
    return value


def _tag_of(header: Dataset, element: PrivateElement) -> int | None:
    """Return the tag of the element in this object; None where nothing says so."""
    start = element.group << _GROUP_SHIFT
    for tag in header.keys():  # noqa: SIM118 - iterating over it decodes every element
        block = int(tag) - start
        if (
            _FIRST_BLOCK <= block <= _LAST_BLOCK
            and _readable(header, int(tag)) == element.creator
        ):
            return start | (block << _BLOCK_SHIFT) | element.element
    if (start | _FIRST_BLOCK) in header:
        return None
    if not _is_of(header, element.manufacturers):
        return None
    return start | (_FIRST_BLOCK << _BLOCK_SHIFT) | element.element


def _is_of(header: Dataset, manufacturers: tuple[str, ...]) -> bool:
    # A blank behind it, so that a name is told from the beginning of another.
    return f"{text(header, 'Manufacturer').upper()} ".startswith(manufacturers)


def _readable(header: Dataset, tag: int) -> str:
    element = _element(header, tag)
    if isinstance(element, RawDataElement) and element.VR not in _BINARY:
        value: object = element.value
    else:
        with warnings.catch_warnings():
            # A value that is longer than its VR allows is still the value.
            warnings.simplefilter("ignore")
            value = header[tag].value
    if isinstance(value, bytes):
        value = value.decode("latin-1")
    return str("" if value is None else value).strip(" \0")


def _element(header: Dataset, tag: int) -> DataElement | RawDataElement:
    return header.get_item(Tag(tag))


class PrivateValueError(DicomContentError):
    """A vendor's value is not of the kind that it must be."""

    remedy = "Export the series again from the scanner's own workstation."

    def __init__(self, header: Dataset, element: PrivateElement, expected: str) -> None:
        super().__init__(
            f"the value is not {expected}", attribute=str(element), uid=uid_of(header)
        )
