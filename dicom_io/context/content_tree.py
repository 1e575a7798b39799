"""A structured report's content tree, walked by its concepts (PS3.3 C.17.3).

Design choice: concepts are compared by code, never by meaning, and in SNOMED CT: older
writers use the retired SNOMED RT identifiers under ``SRT``, ``SNM3`` or ``99SDM``
(PS3.16 section 8.1).

Design choice: the tree of a hostile object may be as deep and as wide as it likes; what
is beyond any report that people write is refused.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import cached_property

from pydicom.dataset import Dataset

# pydicom's table of retired identifiers has no public name.
from pydicom.sr._snomed_dict import mapping as snomed_mapping

from dicom_io.attributes import items, number, person_readable, text, uid_of
from dicom_io.errors import DicomContentError
from dicom_io.instants import date_time_in

DEEPEST = 32
MOST_ITEMS = 5_000
_RETIRED_SCHEMES = frozenset({"SRT", "SNM3", "99SDM"})
_LONGEST_LABEL = 64
_ANNOTATION = re.compile(r"\{[^{}]*\}")

Concept = tuple[str, str]
"""Code value and scheme designator, SNOMED in SCT."""


@dataclass(frozen=True, eq=False)
class ContentItem:
    """An item of the tree.

    Attributes
    ----------
    dataset : Dataset
    concept : Concept or None
        Its name.
    parent : ContentItem or None
    depth : int
    """

    dataset: Dataset
    concept: Concept | None
    parent: "ContentItem | None" = None
    depth: int = 0

    @cached_property
    def children(self) -> "tuple[ContentItem, ...]":
        """The items below."""
        return tuple(
            ContentItem(each, _concept_name(each), self, self.depth + 1)
            for each in items(self.dataset, "ContentSequence")
        )

    @cached_property
    def concepts_below(self) -> frozenset[Concept | None]:
        """The names of the items right below."""
        return frozenset(child.concept for child in self.children)

    @cached_property
    def codes_below(self) -> frozenset[Concept | None]:
        """The values of the CODE items right below that have nothing below them."""
        return frozenset(child.code for child in self.children if not child.children)

    @property
    def ancestors(self) -> "Iterator[ContentItem]":
        """The items above, the nearest first, the root last."""
        above = self.parent
        while above is not None:
            yield above
            above = above.parent

    @cached_property
    def code(self) -> Concept | None:
        """The value of a CODE item."""
        return next(map(concept_of, items(self.dataset, "ConceptCodeSequence")), None)

    @property
    def label(self) -> str:
        """What a CODE item's value means, or what a TEXT item says; for people."""
        for item in items(self.dataset, "ConceptCodeSequence"):
            return person_readable(item, "CodeMeaning")[:_LONGEST_LABEL]
        return person_readable(self.dataset, "TextValue")[:_LONGEST_LABEL]

    @property
    def quantity(self) -> tuple[float, str] | None:
        """Number and UCUM unit of a NUM item; None where nothing was measured."""
        for measured in items(self.dataset, "MeasuredValueSequence"):
            exact = number(measured, "FloatingPointValue")
            value = number(measured, "NumericValue") if exact is None else exact
            if value is not None:
                return value, _unit(measured)
        return None

    def date_time(self, zone: tzinfo) -> datetime | None:
        """Return the value of a DATETIME item, in UTC."""
        return date_time_in(self.dataset, "DateTime", zone)

    def observed_at(self, zone: tzinfo) -> datetime | None:
        """Return when it was observed; None where the item itself does not say."""
        return date_time_in(self.dataset, "ObservationDateTime", zone)


def walk(report: Dataset) -> Iterator[ContentItem]:
    """Give all items of a report, each before those below it.

    Raises
    ------
    ContentTreeError
        When it is deeper or larger than any report.
    UnreadableValueError
        When a sequence cannot be parsed.
    """
    waiting = [ContentItem(report, _concept_name(report))]
    count = 0
    while waiting:
        item = waiting.pop()
        count += 1
        if item.depth > DEEPEST or count > MOST_ITEMS:
            raise ContentTreeError(report)
        yield item
        waiting.extend(reversed(item.children))


def concept_of(item: Dataset) -> Concept:
    """Return an item of a code sequence as it is compared (PS3.3 section 8.1)."""
    value = (
        text(item, "CodeValue")
        or text(item, "LongCodeValue")
        or text(item, "URNCodeValue")
    )
    scheme = text(item, "CodingSchemeDesignator")
    if scheme in _RETIRED_SCHEMES:
        successor = snomed_mapping["SRT"].get(value)
        return (value, "SRT") if successor is None else (successor, "SCT")
    return value, scheme


def _concept_name(dataset: Dataset) -> Concept | None:
    return next(map(concept_of, items(dataset, "ConceptNameCodeSequence")), None)


def _unit(measured: Dataset) -> str:
    """Return a UCUM unit without its annotation; else with its scheme, as unknown."""
    for item in items(measured, "MeasurementUnitsCodeSequence"):
        value, scheme = concept_of(item)
        return _ANNOTATION.sub("", value) if scheme == "UCUM" else f"{value} {scheme}"
    return ""


class ContentTreeError(DicomContentError):
    """A content tree is no report that anybody wrote."""

    reason = "unreadable_object"
    remedy = "Send the object again from its source."

    def __init__(self, report: Dataset) -> None:
        super().__init__(
            f"the content tree is deeper than {DEEPEST} or larger than {MOST_ITEMS}",
            uid=uid_of(report),
        )
