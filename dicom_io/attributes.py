"""Attributes of a data set as plain values, checked.

Design choice: numbers, codes, UIDs and dates are decoded here from the element's own
bytes. A reading of hundreds of slices needs few attributes of each, many exports break
a length or character rule that does not matter, and what does matter (that a number is
one, and finite) is checked and refused with the attribute's name.
"""

import math
import struct
import unicodedata
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue
from pydicom.sequence import Sequence
from pydicom.tag import BaseTag

from dicom_io.element_scan import shared_tag
from dicom_io.errors import DicomContentError

_BINARY_FORMATS = {"US": "H", "SS": "h", "UL": "L", "SL": "l", "FL": "f", "FD": "d"}


def name_of(keyword: str) -> str:
    """Return keyword and tag, for example ``PatientWeight (0010,1030)``."""
    tag = _tag(keyword)
    return f"{keyword} ({tag.group:04X},{tag.element:04X})"


@contextmanager
def faults_of(dataset: Dataset) -> Iterator[None]:
    """Name the object in errors about its items, which bear no UID of their own."""
    try:
        yield
    except DicomContentError as error:
        error.uid = error.uid or uid_of(dataset)
        raise


def uid_of(dataset: Dataset) -> str | None:
    """Return *SOP Instance UID*, for messages; None where there is none."""
    return text(dataset, "SOPInstanceUID") or None


def is_binary(keyword: str) -> bool:
    """Return whether numbers of this attribute are binary and no text."""
    return dictionary_VR(_tag(keyword)) in _BINARY_FORMATS


def raw_value(dataset: Dataset, keyword: str) -> object:
    """Return a value for comparison between data sets that came from one reader.

    Equal values mean equal content; bytes where nobody has asked for it before.
    """
    element = _element(dataset, keyword)
    return None if element is None else element.value


def texts(dataset: Dataset, keyword: str) -> tuple[str, ...]:
    """Return the values of a code, UID, date or number as text, without padding.

    Returns
    -------
    tuple of str
        Empty where the attribute is absent or empty.
    """
    element = _plain_element(dataset, keyword)
    if element is None:
        return ()
    if isinstance(element, RawDataElement):
        whole = bytes(element.value or b"").decode("latin-1")
        values = whole.split("\\")
    else:
        values = [str(value) for value in _listed(element.value)]
    values = [value.strip(" \0") for value in values]
    return tuple(values) if any(values) else ()


def text(dataset: Dataset, keyword: str) -> str:
    """Return the first value as text; empty where there is none."""
    values = texts(dataset, keyword)
    return values[0] if values else ""


def required_text(dataset: Dataset, keyword: str) -> str:
    """Return the first value as text.

    Raises
    ------
    MissingAttributeError
        When there is none.
    """
    value = text(dataset, keyword)
    if not value:
        raise MissingAttributeError(dataset, keyword)
    return value


def person_readable(dataset: Dataset, keyword: str) -> str:
    """Return a label in the data set's character set; empty where there is none.

    Control characters are left out: a label must not steer a reader's terminal.

    Raises
    ------
    UnreadableValueError
        When the element is no text.
    """
    try:
        with warnings.catch_warnings():
            # A label that is longer than its VR allows is still the label.
            warnings.simplefilter("ignore")
            value = dataset.get(keyword)
    # The decoder of a hostile value may fail in any way.
    except Exception as error:
        raise UnreadableValueError(dataset, keyword, "text") from error
    # A label with a backslash in it arrives as several values.
    label = "/".join(str(part) for part in _listed(value))
    return "".join(c for c in label if unicodedata.category(c) != "Cc").strip()


def require_text(dataset: Dataset, keyword: str) -> None:
    """Refuse an attribute that is written as a number or a sequence.

    Raises
    ------
    UnreadableValueError
    """
    element = _element(dataset, keyword)
    if element is not None and element.VR in {*_BINARY_FORMATS, "SQ"}:
        raise UnreadableValueError(dataset, keyword, "text")


def numbers(dataset: Dataset, keyword: str) -> tuple[float, ...]:
    """Return decimal or binary numbers; empty where there are none.

    Raises
    ------
    UnreadableValueError
        When a value is not a finite number.
    """
    if is_binary(keyword):
        return _binary(dataset, keyword)
    written = texts(dataset, keyword)
    # Python reads 1_0 as ten, which DICOM does not know (PS3.5 6.2).
    if any("_" in value for value in written):
        raise UnreadableValueError(dataset, keyword, "a number")
    try:
        values = tuple(float(value) for value in written)
    except ValueError as error:
        raise UnreadableValueError(dataset, keyword, "a number") from error
    if not all(map(math.isfinite, values)):
        raise UnreadableValueError(dataset, keyword, "a finite number")
    return values


def number(dataset: Dataset, keyword: str) -> float | None:
    """Return one number, or None where the attribute is absent or empty.

    Raises
    ------
    UnreadableValueError
        When the value is not one finite number.
    """
    values = numbers(dataset, keyword)
    if len(values) > 1:
        raise UnreadableValueError(dataset, keyword, "one number")
    return values[0] if values else None


def required_number(dataset: Dataset, keyword: str) -> float:
    """Return one number.

    Raises
    ------
    MissingAttributeError
        When there is none.
    UnreadableValueError
        When the value is not one finite number.
    """
    value = number(dataset, keyword)
    if value is None:
        raise MissingAttributeError(dataset, keyword)
    return value


def required_numbers(dataset: Dataset, keyword: str, count: int) -> tuple[float, ...]:
    """Return exactly as many numbers as are asked for.

    Raises
    ------
    MissingAttributeError
        When there is none.
    UnreadableValueError
        When there are more or fewer, or one is not finite.
    """
    values = numbers(dataset, keyword)
    if not values:
        raise MissingAttributeError(dataset, keyword)
    if len(values) != count:
        raise UnreadableValueError(dataset, keyword, f"{count} numbers")
    return values


def whole(dataset: Dataset, keyword: str) -> int | None:
    """Return one whole number, or None where the attribute is absent or empty.

    Raises
    ------
    UnreadableValueError
        When the value is no whole number.
    """
    value = number(dataset, keyword)
    if value is None:
        return None
    if value != int(value):
        raise UnreadableValueError(dataset, keyword, "a whole number")
    return int(value)


def required_whole(dataset: Dataset, keyword: str) -> int:
    """Return one whole number.

    Raises
    ------
    MissingAttributeError
        When there is none.
    UnreadableValueError
        When the value is no whole number.
    """
    value = whole(dataset, keyword)
    if value is None:
        raise MissingAttributeError(dataset, keyword)
    return value


def items(dataset: Dataset, keyword: str) -> tuple[Dataset, ...]:
    """Return the items of a sequence; empty where it is absent.

    Raises
    ------
    UnreadableValueError
        When the element is no sequence, or its items cannot be parsed.
    """
    if keyword not in dataset:
        return ()
    try:
        value = dataset[keyword].value
    # The parser of a hostile sequence may fail in any way.
    except Exception as error:
        raise UnreadableValueError(dataset, keyword, "a sequence") from error
    if value is None:
        return ()
    if not isinstance(value, Sequence):
        raise UnreadableValueError(dataset, keyword, "a sequence")
    return tuple(value)


@cache
def _tag(keyword: str) -> BaseTag:
    tag = tag_for_keyword(keyword)
    if tag is None:
        raise KeyError(keyword)
    return shared_tag(tag)


def _element(dataset: Dataset, keyword: str) -> DataElement | RawDataElement | None:
    # What `get_item` gives of a tag, without asking each time whether it is one: slices
    # of a series are asked for ten thousand elements.
    return dataset._dict.get(_tag(keyword))  # noqa: SLF001 - see above


def _plain_element(
    dataset: Dataset, keyword: str
) -> DataElement | RawDataElement | None:
    """Return an element; one that the object writes as a sequence is refused."""
    element = _element(dataset, keyword)
    if isinstance(element, DataElement) and isinstance(element.value, Sequence):
        raise UnreadableValueError(dataset, keyword, "a plain value")
    return element


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, MultiValue | list | tuple) else [value]


def _binary(dataset: Dataset, keyword: str) -> tuple[float, ...]:
    element = _plain_element(dataset, keyword)
    if element is None:
        return ()
    if not isinstance(element, RawDataElement):
        return tuple(float(value) for value in _listed(element.value))
    letter = _BINARY_FORMATS[dictionary_VR(_tag(keyword))]
    content = bytes(element.value or b"")
    count, rest = divmod(len(content), struct.calcsize(f"<{letter}"))
    if rest:
        raise UnreadableValueError(dataset, keyword, "a binary number")
    endian = "<" if element.is_little_endian else ">"
    values = struct.unpack(f"{endian}{count}{letter}", content)
    if not all(map(math.isfinite, values)):
        raise UnreadableValueError(dataset, keyword, "a finite number")
    return tuple(float(value) for value in values)


class MissingAttributeError(DicomContentError):
    """An attribute that the IOD requires is absent or empty."""

    remedy = "Send the object again from a system that writes the attribute."

    def __init__(self, dataset: Dataset, keyword: str) -> None:
        super().__init__(
            "a required attribute is missing",
            attribute=name_of(keyword),
            uid=uid_of(dataset) if keyword != "SOPInstanceUID" else None,
        )


class UnreadableValueError(DicomContentError):
    """A value is not of the kind that its attribute must have."""

    remedy = "Correct the attribute at its source and send the object again."

    def __init__(self, dataset: Dataset, keyword: str, expected: str) -> None:
        super().__init__(
            f"the value is not {expected}",
            attribute=name_of(keyword),
            uid=uid_of(dataset),
        )
