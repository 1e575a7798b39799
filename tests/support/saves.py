"""One tumour whose contours are saved again and again."""

from pydicom.dataset import Dataset

from tests.support.pet import square_mm, structure_set_dataset
from tests.support.studies import TUMOUR_COLUMNS, TUMOUR_ROWS, small_study

ROOT = "1.2.826.0.1.3680043.10.98"


def pet() -> list[Dataset]:
    """Return the PET series, each time anew: a test may change what it has."""
    return small_study()[0]


def save(number: int, *, region: str = "Tumor", **overrides: object) -> Dataset:
    """Return a structure set in a series of its own, saved a minute after the last.

    Each has one slice more than the one before.
    """
    images = pet()
    squares = [
        square_mm(images, at, rows=TUMOUR_ROWS, columns=TUMOUR_COLUMNS)
        for at in range(2, 4 + number)
    ]
    said = {
        "SOPInstanceUID": uid_of(number),
        "SeriesInstanceUID": f"{ROOT}.{number}",
        "StructureSetTime": f"14{number:02}00",
        **overrides,
    }
    return structure_set_dataset(images, {region: squares}, **said)


def uid_of(number: int) -> str:
    """Return the SOP Instance UID of a save."""
    return f"{ROOT}.{number}.1"


def predecessor(number: int) -> list[Dataset]:
    """Return the sequence by which a save names the one that it revises."""
    item = Dataset()
    item.ReferencedSOPClassUID = "1.2.840.10008.5.1.4.1.1.481.3"
    item.ReferencedSOPInstanceUID = uid_of(number)
    return [item]


def named_by(report: Dataset) -> list[str]:
    """Return the reports that a report names as its predecessors."""
    return [
        named.ReferencedSOPInstanceUID
        for study in report.get("PredecessorDocumentsSequence", [])
        for series in study.ReferencedSeriesSequence
        for named in series.ReferencedSOPSequence
    ]
