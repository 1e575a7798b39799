"""Objects of results as people read them: what they are, series by series."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from pydicom.uid import UID

from node.records.kinds import ResultKind

_WORDS: Mapping[ResultKind, str] = MappingProxyType(
    {
        ResultKind.REPORT: "report",
        ResultKind.SEGMENT_REPORT: "report with segments",
        ResultKind.SEGMENTATION: "segmentation",
        ResultKind.PARAMETRIC_MAP: "parametric map",
        ResultKind.SUV_SERIES: "SUV series",
        ResultKind.SCORE_SERIES: "index series",
        ResultKind.SUMMARY: "page",
        ResultKind.PDF: "document",
        ResultKind.KEY_OBJECTS: "key objects",
        ResultKind.BLENDING: "blending",
        ResultKind.REJECTION: "rejection note",
    }
)
# An image a slice.
_IMAGES = frozenset({_WORDS[ResultKind.SUV_SERIES], _WORDS[ResultKind.SCORE_SERIES]})


def object_words(kind: ResultKind | None, sop_class_uid: str) -> str:
    """Return what an object of a result is, by its SOP class where nothing else is."""
    if kind is None:
        return UID(sop_class_uid).name.removesuffix(" Storage")
    return _WORDS[kind]


def counted(words: str, count: int) -> str:
    """Return how many objects of a kind there are; a single one is not counted.

    Parameters
    ----------
    words : str
        From `object_words`.
    count : int
    """
    if words in _IMAGES:
        return f"{words} ({count} image{'s' if count > 1 else ''})"
    return words if count == 1 else f"{count} x {words}"


def named_files(paths: Sequence[Path]) -> str:
    """Return the files of a series by the first and what differs in the last.

    Parameters
    ----------
    paths : sequence of Path
        At least one, in one folder, in the order of their numbers.

    Examples
    --------
    >>> named_files([Path("out/suv-001.dcm"), Path("out/suv-159.dcm")])
    'out/suv-001.dcm to -159.dcm'
    """
    first, last = paths[0], paths[-1]
    if len(paths) == 1:
        return str(first)
    stem, dash, number = last.name.rpartition("-")
    numbered = first.name.startswith(f"{stem}{dash}")
    return f"{first} to {dash}{number}" if numbered else f"{first} to {last.name}"
