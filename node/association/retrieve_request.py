"""What an archive is asked to hand over, and what became of it."""

from collections.abc import Iterator
from dataclasses import dataclass

from pydicom.dataset import Dataset

_AT_ONCE = 64
"""UIDs that one message names: a list of them stays well within 16 KB."""


@dataclass(frozen=True)
class Request:
    """Objects of one series that an archive says it holds.

    Attributes
    ----------
    study_uid, series_uid : str
    instance_uids : tuple of str
        What is to come.
    whole_series : bool
        Whether these are all of the series; it is then asked for as such.
    """

    study_uid: str
    series_uid: str
    instance_uids: tuple[str, ...]
    whole_series: bool = False


@dataclass(frozen=True)
class Fetched:
    """What became of requests.

    Attributes
    ----------
    taken : frozenset of str
        SOP Instance UIDs that the sink took; empty for C-MOVE.
    sent : int
        What the archive says that it sent.
    faults : tuple of str
        What failed, in words: the archive's final answer where it is not Success, and
        instances that it could not send, or that were not taken.
    """

    taken: frozenset[str] = frozenset()
    sent: int = 0
    faults: tuple[str, ...] = ()


def parts_of(request: Request) -> Iterator[Request]:
    """Yield a request in parts, each with as many instances as one message names."""
    if request.whole_series:
        yield request
        return
    uids = request.instance_uids
    for begin in range(0, len(uids), _AT_ONCE):
        part = uids[begin : begin + _AT_ONCE]
        yield Request(request.study_uid, request.series_uid, part)


def identifier_of(part: Request) -> Dataset:
    """Return the identifier of a message (PS3.4 C.4.2.1.4, C.4.3.1.3)."""
    identifier = Dataset()
    identifier.QueryRetrieveLevel = "SERIES" if part.whole_series else "IMAGE"
    identifier.StudyInstanceUID = part.study_uid
    identifier.SeriesInstanceUID = part.series_uid
    if not part.whole_series:
        identifier.SOPInstanceUID = list(part.instance_uids)
    return identifier
