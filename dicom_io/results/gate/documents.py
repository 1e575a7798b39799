"""Rules for documents: that what they name is among their evidence, and for PDF."""

from collections.abc import Iterator

from pydicom.dataset import Dataset

from dicom_io.lenient import attribute_items, attribute_text
from dicom_io.results.gate.encoded_tree import Node, tree_of
from dicom_io.results.gate.fault import Finding, Origin, required

_EVIDENCE = (
    "CurrentRequestedProcedureEvidenceSequence",
    "PertinentOtherEvidenceSequence",
)


def evidence_is_complete(dataset: Dataset, _: Origin) -> Iterator[Finding]:
    """PS3.3 C.17.2.3, of a document that is judged by nothing else."""
    yield from evidence_covers(dataset, tree_of(dataset))


def evidence_covers(dataset: Dataset, root: Node) -> Iterator[Finding]:
    """Give what the tree refers to and the evidence does not list."""
    listed = {
        attribute_text(instance, "ReferencedSOPInstanceUID")
        for keyword in _EVIDENCE
        for study in attribute_items(dataset, keyword)
        for series in attribute_items(study, "ReferencedSeriesSequence")
        for instance in attribute_items(series, "ReferencedSOPSequence")
    }
    named = {node.referenced for node in root.all()} - {""}
    for uid in sorted(named - listed)[:1]:
        yield _EVIDENCE[0], f"must list {uid} (PS3.3 C.17.2.3)"
    if not named:
        yield "ContentSequence", "must refer to an object"


def selection_has_a_title(dataset: Dataset, _: Origin) -> Iterator[Finding]:
    """PS3.3 C.17.6.2."""
    yield from required(
        dataset,
        "ConceptNameCodeSequence",
        "ContentSequence",
        "ContentTemplateSequence",
        source="PS3.3 C.17.6",
    )


def pdf_is_whole(dataset: Dataset, _: Origin) -> Iterator[Finding]:
    """PS3.3 C.24.2; ISO 32000-1 7.5.1 and 7.5.5."""
    place = "EncapsulatedDocument"
    document = dataset.get(place) or b""
    length = dataset.get("EncapsulatedDocumentLength") or 0
    if not document.startswith(b"%PDF-"):
        yield place, "must begin as a PDF does (ISO 32000-1 7.5.2)"
    if b"%%EOF" not in document[-32:]:
        yield place, "must end as a PDF does (ISO 32000-1 7.5.5)"
    if length + length % 2 != len(document):
        yield "EncapsulatedDocumentLength", "must be that of the PDF (PS3.3 C.24.2)"
    if attribute_text(dataset, "MIMETypeOfEncapsulatedDocument") != "application/pdf":
        yield "MIMETypeOfEncapsulatedDocument", "must be application/pdf"
    yield from required(
        dataset,
        "BurnedInAnnotation",
        "DocumentTitle",
        "ConceptNameCodeSequence",
        source="PS3.3 C.24.2",
    )


SELECTIONS = (evidence_is_complete, selection_has_a_title)
"""Rules for Key Object Selections."""

PDFS = (pdf_is_whole,)
"""Rules for Encapsulated PDF."""
