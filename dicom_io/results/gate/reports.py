"""Rules for measurement reports (PS3.16 TID 1500, IHE AIR), and for who shows them.

Design choice: concepts are compared by code and scheme. What people read is judged
where a viewer shows nothing else: names of measurements differ, and an index that is
not calibrated says so.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from pydicom.dataset import Dataset

from dicom_io import codes
from dicom_io.lenient import attribute_items, attribute_text
from dicom_io.results.gate.documents import evidence_covers
from dicom_io.results.gate.encoded_tree import Node, code_of, tree_of
from dicom_io.results.gate.fault import Finding, Origin, is_valid_uid, required

_LANGUAGE = ("121049", "DCM")
_OBSERVER_TYPE = ("121005", "DCM")
_OBSERVER_UID = ("121012", "DCM")
_PROCEDURE = ("121058", "DCM")
_LIBRARY = ("111028", "DCM")
_MEASUREMENTS = ("126010", "DCM")
_GROUP = ("125007", "DCM")
_TRACKING = ("112039", "DCM")
_TRACKING_UID = ("112040", "DCM")
_FINDING = ("121071", "DCM")
_SITE = ("363698007", "SCT")
_REGION = ("111030", "DCM")
_SEGMENT = ("121191", "DCM")
_ALGORITHM = (("111001", "DCM"), ("111003", "DCM"))
_LONGEST_MEANING = 64
_LONGEST_NUMBER = 16
_POINT_BYTES = 8
_FEWEST_POINTS = 4
"""Of a polygon: three corners, the first again at the end."""


def _own(code: object) -> tuple[str, str]:
    return getattr(code, "value", ""), getattr(code, "scheme_designator", "")


_INTENDED_USE = _own(codes.INTENDED_USE)
_OF_THE_SCORE = frozenset(
    map(
        _own,
        (codes.TEXTURE_INDEX, codes.EXHAUSTION_PROBABILITY, codes.EXHAUSTION_CLASS),
    )
)


@dataclass(frozen=True, eq=False)
class Report:
    """A report, its content tree read once for all rules.

    Attributes
    ----------
    dataset : Dataset
    root : Node
    """

    dataset: Dataset
    root: Node

    @cached_property
    def groups(self) -> list[Node]:
        """Its measurement groups."""
        return [
            group
            for container in self.root.of(_MEASUREMENTS)
            for group in container.of(_GROUP, "CONTAINER")
        ]

    @cached_property
    def library(self) -> set[str]:
        """SOP Instance UIDs that its image library lists."""
        listed = (node for each in self.root.of(_LIBRARY) for node in each.all())
        return {node.referenced for node in listed} - {""}

    @cached_property
    def selected(self) -> set[str]:
        """SOP Instance UIDs of the images on which regions lie."""
        return {
            child.referenced
            for group in self.groups
            for region in group.of(_REGION)
            for child in region.children
        } - {""}


def report_holds(dataset: Dataset, origin: Origin) -> Iterator[Finding]:
    """Give what each rule for a measurement report finds."""
    report = Report(dataset, tree_of(dataset))
    yield from evidence_covers(dataset, report.root)
    for rule in RULES:
        yield from rule(report, origin)


def template_is_named(report: Report, _: Origin) -> Iterator[Finding]:
    """PS3.16 TID 1500; PS3.3 C.17.2, C.17.3."""
    named = [
        attribute_text(each, "TemplateIdentifier")
        for each in attribute_items(report.dataset, "ContentTemplateSequence")
    ]
    if named != ["1500"]:
        yield "TemplateIdentifier", "must be 1500 (PS3.16 TID 1500)"
    yield from required(
        report.dataset,
        "ConceptNameCodeSequence",
        "ContinuityOfContent",
        "CompletionFlag",
        "VerificationFlag",
        source="PS3.3 C.17.2",
    )


def context_is_told(report: Report, _: Origin) -> Iterator[Finding]:
    """PS3.16 TID 1204, 1001, 1004, 1500: language, observer, procedure."""
    root = report.root
    for concept, name in (
        (_LANGUAGE, "Language of Content Item and Descendants"),
        (_OBSERVER_TYPE, "Observer Type"),
        (_OBSERVER_UID, "Device Observer UID"),
        (_PROCEDURE, "Procedure reported"),
        (_MEASUREMENTS, "Imaging Measurements"),
    ):
        if not root.of(concept):
            yield name, "must be there (PS3.16 TID 1500)"


def use_is_told(report: Report, _: Origin) -> Iterator[Finding]:
    """Say what nobody may overlook."""
    texts = [
        node.item.text("TextValue").lower()
        for node in report.root.all()
        if node.concept == _INTENDED_USE
    ]
    if not any("research use only" in text for text in texts):
        yield codes.INTENDED_USE.meaning, "must say that it is for research use only"


def names_are_whole(report: Report, _: Origin) -> Iterator[Finding]:
    """PS3.3 section 8.8: each name is a code, a scheme and a meaning."""
    for node in report.root.all():
        name = (*node.concept, node.meaning)
        if any(name) and not all(name):
            yield node.label, "must have code, scheme and meaning (PS3.3 8.8)"
        if len(node.meaning) > _LONGEST_MEANING:
            yield node.label, "must have a meaning of at most 64 characters"
        if not any(name) and node.kind not in ("", "IMAGE", "COMPOSITE"):
            yield node.label, "must have a name (PS3.3 C.17.3)"


def library_is_used(report: Report, origin: Origin) -> Iterator[Finding]:
    """PS3.16 TID 1600; without it OHIF shows nothing."""
    library = report.library
    if not library & origin.images:
        yield "Image Library", "must list the images of the source (OHIF)"
    for uid in report.selected - library:
        yield "Image Library", f"must list {uid}, on which a region lies (OHIF)"


def regions_are_drawn(report: Report, origin: Origin) -> Iterator[Finding]:
    """PS3.3 C.18.6; OHIF draws polygons on the slices of the source."""
    for group in report.groups:
        drawn = group.of(_REGION, "SCOORD")
        if not drawn and not group.of(_SEGMENT, "IMAGE"):
            yield _named(group), "must have a region (PS3.16 TID 1411)"
        for region in drawn:
            yield from _of_region(region, origin)


def _of_region(region: Node, origin: Origin) -> Iterator[Finding]:
    kind = region.item.text("GraphicType")
    data = region.item.value("GraphicData")
    if kind != "POLYLINE" or len(data) < _FEWEST_POINTS * _POINT_BYTES:
        yield region.label, "must be a polygon (PS3.3 C.18.6)"
    elif data[:_POINT_BYTES] != data[-_POINT_BYTES:] or len(data) % _POINT_BYTES:
        yield region.label, "must be closed (PS3.3 C.18.6)"
    selected = {child.referenced for child in region.children}
    if len(selected) != 1 or not selected <= origin.images:
        yield region.label, "must be selected from one image of the source"


def groups_are_whole(report: Report, _: Origin) -> Iterator[Finding]:
    """PS3.16 TID 1411, 1501, 4019: what every group says, and who it is."""
    groups = report.groups
    if not groups:
        yield "Measurement Group", "must be there (PS3.16 TID 1500)"
    for group in groups:
        for concept, name in (
            (_TRACKING, "Tracking Identifier"),
            (_TRACKING_UID, "Tracking Unique Identifier"),
            (_FINDING, "Finding"),
            (_SITE, "Finding Site"),
            (_ALGORITHM[0], "Algorithm Name"),
            (_ALGORITHM[1], "Algorithm Version"),
        ):
            found = group.of(concept)
            if len(found) != 1 or not _says(found[0]):
                yield name, f"must be in {_named(group)} once (PS3.16 TID 1411)"
    tracked = sorted(_tracking_uid(group) for group in groups)
    if any(one == other for one, other in pairwise(tracked)):
        yield "Tracking Unique Identifier", "must differ between groups"
    if not all(map(is_valid_uid, tracked)):
        yield "Tracking Unique Identifier", "must be a UID (PS3.5 9.1)"


def _says(node: Node) -> bool:
    if node.kind == "CODE":
        return all(code_of(next(iter(node.item.items("ConceptCodeSequence")), None)))
    return bool(node.item.text("TextValue") or node.item.text("UID"))


def numbers_are_whole(report: Report, _: Origin) -> Iterator[Finding]:
    """PS3.3 C.18.1: a number with its unit, or why there is none."""
    for node in report.root.all():
        if node.kind != "NUM":
            continue
        measured = node.item.items("MeasuredValueSequence")
        if not measured:
            reason = node.item.items("NumericValueQualifierCodeSequence")
            if not reason or not all(code_of(reason[0])):
                yield node.label, "must have a value, or why it has none (PS3.3 C.18.1)"
            continue
        unit = measured[0].items("MeasurementUnitsCodeSequence")
        if not unit or not all(code_of(unit[0])):
            yield node.label, "must have a unit (PS3.3 C.18.1)"
        if not _is_decimal(measured[0].text("NumericValue")):
            yield node.label, "must have a Decimal String as its value (PS3.5 6.2)"


def _is_decimal(text: str) -> bool:
    try:
        return math.isfinite(float(text)) and len(text) <= _LONGEST_NUMBER
    except ValueError:
        return False


def names_are_told_apart(report: Report, _: Origin) -> Iterator[Finding]:
    """Viewers list names and numbers, and hide derivation and method."""
    for group in report.groups:
        names = sorted(node.meaning for node in group.children if node.kind == "NUM")
        for one, other in pairwise(names):
            if one == other:
                yield one, "must be the name of one measurement of a group (viewers)"


def uncalibrated_is_told(report: Report, origin: Origin) -> Iterator[Finding]:
    """Say it in the name: a reader sees that and a number, and nothing of the model."""
    if not origin.uncalibrated:
        return
    for group in report.groups:
        for node in group.children:
            silent = "uncalibrated" not in node.meaning.lower()
            if node.concept in _OF_THE_SCORE and silent:
                yield node.label, "must say that the model is uncalibrated"


def _tracking_uid(group: Node) -> str:
    found = group.of(_TRACKING_UID)
    return found[0].item.text("UID") if found else ""


def _named(group: Node) -> str:
    found = group.of(_TRACKING)
    return f"group {found[0].item.text('TextValue')!r}" if found else "a group"


RULES = (
    template_is_named,
    context_is_told,
    use_is_told,
    names_are_whole,
    library_is_used,
    regions_are_drawn,
    groups_are_whole,
    numbers_are_whole,
    names_are_told_apart,
    uncalibrated_is_told,
)
"""On the content of a measurement report."""

REPORTS = (report_holds,)
"""Rules for measurement reports."""
