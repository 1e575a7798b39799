"""Attributes of objects that may say anything: a value of the right kind, or none.

For what is read to know an object, not to compute with it. Readers that compute refuse
what they cannot read; see `dicom_io.errors`.
"""

import math
import re
import struct
from collections.abc import Iterable, Iterator
from typing import Any

from pydicom.dataset import Dataset

_UID = re.compile(r"[0-9]+(\.[0-9]+)*")
_UID_MAXIMUM = 64
_MAXIMUM_TEXT = 256

_UNREADABLE = (
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    AttributeError,
    NotImplementedError,
    EOFError,
    OSError,
    struct.error,
)


def attribute_value(dataset: Dataset, keyword: str) -> Any:
    """Return a value, or None where it is absent, empty or not of its kind."""
    try:
        return dataset.get(keyword)
    except _UNREADABLE:
        # pydicom reads a value when it is asked for, and raises what it likes.
        return None


def attribute_text(dataset: Dataset, keyword: str) -> str:
    """Return a value as text of bounded length; empty where there is none."""
    value = attribute_value(dataset, keyword)
    if value is None:
        return ""
    if not isinstance(value, str) and isinstance(value, Iterable):
        value = "\\".join(str(part) for part in value)
    return str(value).strip()[:_MAXIMUM_TEXT]


def attribute_uid(dataset: Dataset, keyword: str) -> str | None:
    """Return a valid UID (PS3.5 9.1), or None."""
    text = str(attribute_value(dataset, keyword) or "").strip()
    valid = len(text) <= _UID_MAXIMUM and _UID.fullmatch(text)
    return text if valid else None


def attribute_integer(dataset: Dataset, keyword: str) -> int | None:
    """Return a whole number, or None."""
    value = attribute_value(dataset, keyword)
    try:
        return None if value is None else int(value)
    except (ValueError, TypeError, OverflowError):
        return None


def attribute_numbers(
    dataset: Dataset, keyword: str, length: int
) -> tuple[float, ...] | None:
    """Return finite numbers, exactly as many as named, or None."""
    value = attribute_value(dataset, keyword)
    try:
        numbers = tuple(float(part) for part in value)
    except (ValueError, TypeError):
        return None
    finite = len(numbers) == length and all(map(math.isfinite, numbers))
    return numbers if finite else None


def attribute_items(dataset: Dataset, keyword: str) -> Iterator[Dataset]:
    """Give the items of a sequence; none where it is no sequence."""
    value = attribute_value(dataset, keyword)
    if value is None or isinstance(value, str | bytes):
        return
    for item in value:
        if isinstance(item, Dataset):
            yield item
