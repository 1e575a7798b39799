"""Attributes of objects that may say anything: a value of the right kind, or none.

For what is read to know an object, not to compute with it. Readers that compute refuse
what they cannot read; see `dicom_io.errors`.

Design choice: plain text is taken from the bytes as they were read. ASCII means the
same in every character set that DICOM knows (PS3.3 C.12.1.1.2), except after an escape,
and pydicom's element, with its checks of what may be written, is most of what a header
would cost. Everything else goes through pydicom.
"""

import math
import re
import struct
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from pydicom.datadict import dictionary_VR
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.errors import BytesLengthException
from pydicom.sequence import Sequence
from pydicom.tag import BaseTag, Tag

_UID = re.compile(r"[0-9]+(\.[0-9]+)*")
_UID_MAXIMUM = 64
_MAXIMUM_TEXT = 256
_TEXT_VRS = frozenset({"AS", "CS", "DA", "DS", "IS", "LO", "SH", "TM", "UI"})
_ESCAPE = b"\x1b"
_UNSIGNED_SHORT_BYTES = 2

UNREADABLE = (
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    AttributeError,
    NotImplementedError,
    EOFError,
    OSError,
    struct.error,
    BytesLengthException,
)
"""What pydicom raises of a value, which it reads when it is asked for."""


def attribute_value(dataset: Dataset, keyword: str) -> Any:
    """Return a value, or None where it is absent, empty or not of its kind."""
    tag, _ = _tag_and_vr(keyword)
    try:
        # By its tag: to ask for an attribute that is absent by keyword takes four times
        # as long, and most of what a header is asked for is absent.
        return dataset[tag].value
    except UNREADABLE:
        # pydicom reads a value when it is asked for, and raises what it likes.
        return None


def attribute_text(dataset: Dataset, keyword: str) -> str:
    """Return a value as text of bounded length; empty where there is none."""
    plain = _plain_text(dataset, keyword)
    if plain is not None:
        return plain[:_MAXIMUM_TEXT]
    value = attribute_value(dataset, keyword)
    if value is None:
        return ""
    if not isinstance(value, str) and isinstance(value, Iterable):
        value = "\\".join(str(part) for part in value)
    return str(value).strip()[:_MAXIMUM_TEXT]


def attribute_uid(dataset: Dataset, keyword: str) -> str | None:
    """Return a valid UID (PS3.5 9.1), or None."""
    text = _plain_text(dataset, keyword)
    if text is None:
        text = str(attribute_value(dataset, keyword) or "").strip()
    return text if is_uid(text) else None


def is_uid(text: str) -> bool:
    """Return whether a text is a UID (PS3.5 9.1)."""
    return len(text) <= _UID_MAXIMUM and _UID.fullmatch(text) is not None


def attribute_integer(dataset: Dataset, keyword: str) -> int | None:
    """Return a whole number, or None."""
    value = _plain_number(dataset, keyword)
    if value is None:
        value = attribute_value(dataset, keyword)
    try:
        return None if value is None else int(value)
    except (ValueError, TypeError, OverflowError):
        return None


def attribute_numbers(
    dataset: Dataset, keyword: str, length: int
) -> tuple[float, ...] | None:
    """Return finite numbers, exactly as many as named, or None."""
    plain = _plain_text(dataset, keyword)
    value = plain.split("\\") if plain else attribute_value(dataset, keyword)
    try:
        numbers = tuple(float(part) for part in value)
    except (ValueError, TypeError):
        return None
    finite = len(numbers) == length and all(map(math.isfinite, numbers))
    return numbers if finite else None


def attribute_items(dataset: Dataset, keyword: str) -> Iterator[Dataset]:
    """Give the items of a sequence; none where it is no sequence."""
    value = attribute_value(dataset, keyword)
    if isinstance(value, Sequence):
        yield from value


def _plain_text(dataset: Dataset, keyword: str) -> str | None:
    """Return the text of an undecoded ASCII value, values and all; None otherwise."""
    tag, vr = _tag_and_vr(keyword)
    raw = _undecoded(dataset, tag)
    if raw is None or (raw.VR or vr) not in _TEXT_VRS:
        return None
    content = raw.value or b""
    if not content.isascii() or _ESCAPE in content:
        return None
    return content.decode("ascii").strip(" \0")


def _plain_number(dataset: Dataset, keyword: str) -> int | str | None:
    """Return an undecoded *US* value, or digits; None otherwise."""
    tag, vr = _tag_and_vr(keyword)
    raw = _undecoded(dataset, tag)
    if raw is None:
        return None
    if (raw.VR or vr) == "US":
        content = raw.value or b""
        exact = len(content) == _UNSIGNED_SHORT_BYTES and raw.is_little_endian
        return int.from_bytes(content, "little") if exact else None
    text = _plain_text(dataset, keyword)
    return text if text and text.isdigit() else None


def _undecoded(dataset: Dataset, tag: BaseTag) -> RawDataElement | None:
    try:
        # An empty element of a VR that does not exist counts as a deferred one.
        element: object = dataset.get_item(tag, keep_deferred=True)
    except KeyError:
        return None
    return element if isinstance(element, RawDataElement) else None


@cache
def _tag_and_vr(keyword: str) -> tuple[BaseTag, str]:
    tag = Tag(keyword)
    return tag, dictionary_VR(tag)
