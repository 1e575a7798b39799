"""A report of ours as plain values again, from its content tree (PS3.16 TID 1500).

A report that comes back from an archive is all that is left of a result at some sites.
What it says is read by codes, never by meanings, which viewers and translators change.

Design choice: only what `dicom_io.results.report.measurement_report` writes is read. A
measurement report of somebody else measures other things under the same template, and
a number under a wrong name is worse than none.

Design choice: the tree is walked to the measurement groups only. Image library and
regions, which are nearly all of it, stay undecoded.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from pydicom.dataset import Dataset
from pydicom.sr.coding import Code
from pydicom.uid import Comprehensive3DSRStorage

from dicom_io import codes
from dicom_io.attributes import items, person_readable, text, uid_of
from dicom_io.context.content_tree import Concept, ContentItem, concept_of
from dicom_io.errors import DicomContentError
from dicom_io.source_reference import SourceReference
from dicom_io.stamp import is_own_result

_IMAGING_MEASUREMENTS: Concept = ("126010", "DCM")
_MEASUREMENT_GROUP: Concept = ("125007", "DCM")
_TRACKING_IDENTIFIER: Concept = ("112039", "DCM")
_TRACKING_UID: Concept = ("112040", "DCM")
_ALGORITHM_NAME: Concept = ("111001", "DCM")
_ALGORITHM_VERSION: Concept = ("111003", "DCM")
_ALGORITHM_PARAMETERS: Concept = ("111002", "DCM")
_DERIVATION: Concept = ("121401", "DCM")
_METHOD: Concept = ("370129005", "SCT")


@dataclass(frozen=True)
class ReportedNumber:
    """A measurement.

    Attributes
    ----------
    concept : tuple of (str, str)
        Code value and coding scheme.
    meaning : str
        For people.
    value : float or None
        None where the report says that there is no number.
    unit : str
        UCUM, without annotation.
    derivation, method : tuple of (str, str) or None
    """

    concept: Concept
    meaning: str
    value: float | None
    unit: str
    derivation: Concept | None = None
    method: Concept | None = None

    def is_of(self, code: Code, derivation: Code | None = None) -> bool:
        """Return whether it measures a concept, in a derivation where one is named."""
        named = derivation is None or self.derivation == _concept(derivation)
        return named and self.concept == _concept(code)


@dataclass(frozen=True)
class ReportedRegion:
    """What a report says of a region.

    Attributes
    ----------
    name, tracking_uid : str
    model, model_version : str
    parameters : dict of str to str
        Every choice in the model, as `dicom_io.results.report.algorithm` writes them.
    numbers : tuple of ReportedNumber
    exhausted : bool or None
    warnings : tuple of str
    """

    name: str
    tracking_uid: str
    model: str
    model_version: str
    parameters: dict[str, str]
    numbers: tuple[ReportedNumber, ...]
    exhausted: bool | None
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class ReadReport:
    """What a report says.

    Attributes
    ----------
    sop_instance_uid, study_instance_uid, patient_id : str
    job_key : str
        Empty where it was taken out.
    completed : bool
        False when more was to come.
    suv_rule : str
    suv_inputs, context : dict of str to str
    statements : tuple of str
    regions : tuple of ReportedRegion
    referenced : tuple of SourceReference
        Everything that it refers to.
    """

    sop_instance_uid: str
    study_instance_uid: str
    patient_id: str
    job_key: str
    completed: bool
    suv_rule: str
    suv_inputs: dict[str, str]
    context: dict[str, str]
    statements: tuple[str, ...]
    regions: tuple[ReportedRegion, ...]
    referenced: tuple[SourceReference, ...]


def read_report(dataset: Dataset) -> ReadReport:
    """Return what a report of ours says.

    Parameters
    ----------
    dataset : Dataset
        Not changed.

    Raises
    ------
    NotAReportError
        When it is another object, or a report that this software has not written.
    UnreadableValueError
        When a sequence or a number in it cannot be read.
    """
    _require_own_report(dataset)
    root = ContentItem(dataset, None)
    groups = [
        group
        for container in _named(root, _IMAGING_MEASUREMENTS)
        for group in _named(container, _MEASUREMENT_GROUP)
    ]
    said = [
        item
        for container in _named(root, _concept(codes.QUALITATIVE_EVALUATIONS))
        for item in container.children
    ]
    regions = tuple(_region(group) for group in groups)
    if not any(
        number.is_of(codes.TEXTURE_INDEX)
        for region in regions
        for number in region.numbers
    ):
        raise NotAReportError(dataset, "the report measures no texture index")
    return ReadReport(
        sop_instance_uid=text(dataset, "SOPInstanceUID"),
        study_instance_uid=text(dataset, "StudyInstanceUID"),
        patient_id=person_readable(dataset, "PatientID"),
        job_key=next(_texts(said, codes.JOB_KEY), ""),
        completed=text(dataset, "CompletionFlag") == "COMPLETE",
        suv_rule=next(_texts(said, codes.SUV_RULE), ""),
        suv_inputs=_pairs(_texts(said, codes.SUV_INPUT), " = "),
        context=_pairs(_texts(said, codes.ACQUISITION_CONTEXT), " = "),
        statements=tuple(_texts(said, codes.STATEMENT)),
        regions=regions,
        referenced=tuple(_evidence(dataset)),
    )


def _require_own_report(dataset: Dataset) -> None:
    if text(dataset, "SOPClassUID") != Comprehensive3DSRStorage:
        raise NotAReportError(dataset, "the object is no Comprehensive 3D SR")
    names = map(concept_of, items(dataset, "ConceptNameCodeSequence"))
    if next(names, None) != _concept(codes.IMAGING_MEASUREMENT_REPORT):
        raise NotAReportError(dataset, "the SR is no measurement report (TID 1500)")
    if not is_own_result(dataset):
        raise NotAReportError(dataset, "the report was written by other software")


def _region(group: ContentItem) -> ReportedRegion:
    children = group.children
    return ReportedRegion(
        name=_first_text(children, _TRACKING_IDENTIFIER),
        tracking_uid=next(
            (text(each.dataset, "UID") for each in _named(group, _TRACKING_UID)), ""
        ),
        model=_first_text(children, _ALGORITHM_NAME),
        model_version=_first_text(children, _ALGORITHM_VERSION),
        parameters=_pairs(
            (_said(each) for each in _named(group, _ALGORITHM_PARAMETERS)), "="
        ),
        numbers=tuple(_numbers(children)),
        exhausted=_exhausted(group),
        warnings=tuple(_texts(children, codes.WARNING)),
    )


def _numbers(children: tuple[ContentItem, ...]) -> Iterator[ReportedNumber]:
    for item in children:
        if text(item.dataset, "ValueType") != "NUM" or item.concept is None:
            continue
        value, unit = item.quantity or (None, "")
        below = {child.concept: child.code for child in item.children}
        [name, *_] = items(item.dataset, "ConceptNameCodeSequence")
        yield ReportedNumber(
            item.concept,
            person_readable(name, "CodeMeaning"),
            value,
            unit,
            below.get(_DERIVATION),
            below.get(_METHOD),
        )


def _exhausted(group: ContentItem) -> bool | None:
    for item in _named(group, _concept(codes.EXHAUSTION_CLASS)):
        if item.code == _concept(codes.EXHAUSTED):
            return True
        if item.code == _concept(codes.NOT_EXHAUSTED):
            return False
    return None


def _evidence(dataset: Dataset) -> Iterator[SourceReference]:
    for keyword in (
        "CurrentRequestedProcedureEvidenceSequence",
        "PertinentOtherEvidenceSequence",
    ):
        for study in items(dataset, keyword):
            for series in items(study, "ReferencedSeriesSequence"):
                for instance in items(series, "ReferencedSOPSequence"):
                    yield SourceReference(
                        text(instance, "ReferencedSOPClassUID"),
                        text(instance, "ReferencedSOPInstanceUID"),
                        text(study, "StudyInstanceUID"),
                        text(series, "SeriesInstanceUID"),
                    )


def _named(item: ContentItem, concept: Concept) -> Iterator[ContentItem]:
    return (child for child in item.children if child.concept == concept)


def _texts(
    children: tuple[ContentItem, ...] | list[ContentItem], code: Code
) -> Iterator[str]:
    concept = _concept(code)
    return (_said(child) for child in children if child.concept == concept)


def _first_text(children: tuple[ContentItem, ...], concept: Concept) -> str:
    found = (_said(child) for child in children if child.concept == concept)
    return next(found, "")


def _said(item: ContentItem) -> str:
    return person_readable(item.dataset, "TextValue")


def _pairs(said: Iterator[str], between: str) -> dict[str, str]:
    """Return texts ``name=value`` by name; the first of a name counts."""
    found: dict[str, str] = {}
    for each in said:
        name, _, value = each.partition(between)
        found.setdefault(name, value)
    return found


def _concept(code: Code) -> Concept:
    return code.value, code.scheme_designator


class NotAReportError(DicomContentError):
    """An object is no report of this software."""

    remedy = "Name a report that this software has written."

    def __init__(self, dataset: Dataset, fact: str) -> None:
        super().__init__(fact, uid=uid_of(dataset))
