"""References of an object to what it shows, and the list of them by study and series.

Design choice: the purpose of a reference follows from what it refers to: an image was
processed, a report was told again, and contours gave the region.
"""

from collections.abc import Iterable, Sequence
from types import MappingProxyType

from pydicom.dataset import Dataset
from pydicom.sr.coding import Code
from pydicom.uid import (
    UID,
    Comprehensive3DSRStorage,
    RTStructureSetStorage,
)

from dicom_io.codes import CONTOUR_SOURCE, SOURCE, code_item
from dicom_io.source_reference import SourceReference

SOURCE_IMAGE = Code("121322", "DCM", "Source image for image processing operation")
"""PS3.16 CID 7202."""
SOURCE_REPORT = Code("128225", "DCM", "Source report")
"""PS3.16 CID 7013."""

_IMAGES_BY_OTHER_NAMES = frozenset(
    {
        "ParametricMapStorage",
        "SegmentationStorage",
        "LabelMapSegmentationStorage",
    }
)
_PURPOSES = MappingProxyType(
    {
        Comprehensive3DSRStorage: SOURCE_REPORT,
        RTStructureSetStorage: CONTOUR_SOURCE,
    }
)


def is_image(sop_class_uid: str) -> bool:
    """Return whether objects of a SOP class are images (PS3.4 B.5)."""
    keyword = UID(sop_class_uid).keyword
    return keyword.endswith("ImageStorage") or keyword in _IMAGES_BY_OTHER_NAMES


def references_with_purpose(sources: Iterable[SourceReference]) -> list[Dataset]:
    """Return references that say what for (PS3.3 table 10-11, with a purpose)."""
    items = []
    for source in sources:
        item = _reference(source)
        item.PurposeOfReferenceCodeSequence = [code_item(_purpose(source))]
        items.append(item)
    return items


def plain_references(sources: Iterable[SourceReference]) -> list[Dataset]:
    """Return references without a purpose (PS3.3 table 10-11)."""
    return [_reference(source) for source in sources]


def list_sources(result: Dataset, sources: Sequence[SourceReference]) -> None:
    """List objects by series, those of other studies apart, in place.

    Parameters
    ----------
    result : Dataset
        In its study.
    sources : sequence of SourceReference
        Each once.

    References
    ----------
    * DICOM PS3.3 C.12.2, *Common Instance Reference*.
    """
    studies = _by_study(sources)
    own = studies.pop(str(result.StudyInstanceUID), None)
    if own is not None:
        result.ReferencedSeriesSequence = _by_series(own)
    others = []
    for study_instance_uid, found in studies.items():
        other = Dataset()
        other.StudyInstanceUID = study_instance_uid
        other.ReferencedSeriesSequence = _by_series(found)
        others.append(other)
    if others:
        result.StudiesContainingOtherReferencedInstancesSequence = others


def evidence_of(sources: Iterable[SourceReference]) -> list[Dataset]:
    """Return objects by study and series, as documents list what they refer to.

    References
    ----------
    * DICOM PS3.3 table C.17-3, *Hierarchical SOP Instance Reference*.
    """
    items = []
    for study_instance_uid, found in _by_study(sources).items():
        item = Dataset()
        item.StudyInstanceUID = study_instance_uid
        item.ReferencedSeriesSequence = _by_series(found, "ReferencedSOPSequence")
        items.append(item)
    return items


def _by_study(
    sources: Iterable[SourceReference],
) -> dict[str, dict[str, list[Dataset]]]:
    studies: dict[str, dict[str, list[Dataset]]] = {}
    for source in sources:
        series = studies.setdefault(source.study_instance_uid, {})
        series.setdefault(source.series_instance_uid, []).append(_reference(source))
    return studies


def _by_series(
    found: dict[str, list[Dataset]], keyword: str = "ReferencedInstanceSequence"
) -> list[Dataset]:
    items = []
    for series_instance_uid, instances in found.items():
        item = Dataset()
        item.SeriesInstanceUID = series_instance_uid
        setattr(item, keyword, instances)
        items.append(item)
    return items


def _reference(source: SourceReference) -> Dataset:
    item = Dataset()
    item.ReferencedSOPClassUID = source.sop_class_uid
    item.ReferencedSOPInstanceUID = source.sop_instance_uid
    return item


def _purpose(source: SourceReference) -> Code:
    if is_image(source.sop_class_uid):
        return SOURCE_IMAGE
    return _PURPOSES.get(UID(source.sop_class_uid), SOURCE)
