"""Every rule that applies, on one object."""

from collections.abc import Mapping
from types import MappingProxyType

from pydicom.dataset import Dataset
from pydicom.uid import (
    UID,
    AdvancedBlendingPresentationStateStorage,
    Comprehensive3DSRStorage,
    EncapsulatedPDFStorage,
    KeyObjectSelectionDocumentStorage,
    ParametricMapStorage,
    PositronEmissionTomographyImageStorage,
    SecondaryCaptureImageStorage,
    SegmentationStorage,
)

from dicom_io.lenient import UNREADABLE, attribute_text
from dicom_io.results.gate.blendings import BLENDINGS
from dicom_io.results.gate.documents import PDFS, SELECTIONS
from dicom_io.results.gate.everywhere import EVERYWHERE
from dicom_io.results.gate.fault import Fault, Finding, Origin, Rule
from dicom_io.results.gate.images import MAPS, PAGES, SEGMENTATIONS, SINGLE_FRAMES
from dicom_io.results.gate.reports import REPORTS

_BY_CLASS: Mapping[str, tuple[Rule, ...]] = MappingProxyType(
    {
        Comprehensive3DSRStorage: REPORTS,
        ParametricMapStorage: MAPS,
        SegmentationStorage: SEGMENTATIONS,
        PositronEmissionTomographyImageStorage: SINGLE_FRAMES,
        SecondaryCaptureImageStorage: PAGES,
        EncapsulatedPDFStorage: PDFS,
        KeyObjectSelectionDocumentStorage: SELECTIONS,
        AdvancedBlendingPresentationStateStorage: BLENDINGS,
    }
)


def faults_of(dataset: Dataset, origin: Origin) -> tuple[Fault, ...]:
    """Return the rules that an object breaks.

    Parameters
    ----------
    dataset : Dataset
        With its file meta information.
    origin : Origin
        What it was made from.
    """
    sop_class = attribute_text(dataset, "SOPClassUID")
    uid = attribute_text(dataset, "SOPInstanceUID")
    name = UID(sop_class).name if sop_class else "object"
    return tuple(
        Fault(place, rule, uid, name)
        for each in (*EVERYWHERE, *_BY_CLASS.get(sop_class, ()))
        for place, rule in _findings(each, dataset, origin)
    )


def _findings(rule: Rule, dataset: Dataset, origin: Origin) -> tuple[Finding, ...]:
    """Return what a rule finds; that it cannot be applied is a finding too."""
    try:
        return tuple(rule(dataset, origin))
    except UNREADABLE as failure:
        return ((rule.__name__, f"cannot be judged: {type(failure).__name__}"),)
