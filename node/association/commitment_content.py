"""Data sets of storage commitment: action and event information (PS3.4 J.3.2, J.3.3).

Design choice: the size of a data set is looked at before it is decoded, and the number
of its objects before any of them is looked at. A peer that sends a list without end
costs the node its bytes and nothing more.
"""

import re
from collections.abc import Iterable, Sequence
from io import BytesIO

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as DicomSequence

from node.records.commitments import CommitmentItem, CommitmentReport, FailedItem

REQUEST_COMMITMENT = 1
"""*Action Type ID* (0000,1008), PS3.4 J.3.2.1.1."""
ALL_COMMITTED = 1
"""*Event Type ID* (0000,1002), PS3.4 J.3.3.1.1."""
SOME_FAILED = 2
"""*Event Type ID* (0000,1002), PS3.4 J.3.3.1.1."""
MOST_ITEMS = 20_000
"""Objects of one message: more than a study has, and seconds of work to decode."""

_MOST_BYTES = 4 << 20
"""Of an encoded data set; an item takes 80 to 180."""
_LONGEST_UID = 64
_UID = re.compile(r"[0-9]+(\.[0-9]+)*")
_INVALID_ARGUMENT = 0x0115
_RESOURCE_LIMITATION = 0x0213


class ArgumentError(Exception):
    """A data set is not what the message must carry.

    Attributes
    ----------
    status : int
        Of the answer (PS3.7 annex C).
    """

    def __init__(self, fact: str, status: int = _INVALID_ARGUMENT) -> None:
        super().__init__(fact)
        self.status = status


def refuse_huge(encoded: BytesIO | None) -> None:
    """Look at an encoded data set before it is decoded.

    Raises
    ------
    ArgumentError
        There is none, or it is larger than any list that is taken.
    """
    size = 0 if encoded is None else encoded.getbuffer().nbytes
    if not size:
        fact = "it carries no data set"
        raise ArgumentError(fact)
    if size > _MOST_BYTES:
        fact = f"its data set has {size} bytes, and {_MOST_BYTES} are taken"
        raise ArgumentError(fact, _RESOURCE_LIMITATION)


def transaction_of(content: Dataset) -> str:
    """Return the *Transaction UID* (0008,1195).

    Raises
    ------
    ArgumentError
    """
    return _uid(content, "TransactionUID")


def items_of(content: Dataset, *, needed: bool) -> tuple[CommitmentItem, ...]:
    """Return the *Referenced SOP Sequence* (0008,1199), each object once.

    Parameters
    ----------
    content : Dataset
    needed : bool
        Whether it must be there; it is left out when every object failed.

    Raises
    ------
    ArgumentError
    """
    items = _sequence(content, "ReferencedSOPSequence")
    if needed and not items:
        fact = "it names no objects"
        raise ArgumentError(fact)
    return tuple(dict.fromkeys(_item(each) for each in items))


def failed_of(content: Dataset) -> tuple[FailedItem, ...]:
    """Return the *Failed SOP Sequence* (0008,1198).

    Raises
    ------
    ArgumentError
    """
    return tuple(
        FailedItem(_item(each), _reason(each))
        for each in _sequence(content, "FailedSOPSequence")
    )


def request_dataset(transaction_uid: str, items: Iterable[CommitmentItem]) -> Dataset:
    """Return the action information of a question (PS3.4 table J.3-1)."""
    content = Dataset()
    content.TransactionUID = transaction_uid
    content.ReferencedSOPSequence = [_reference(item) for item in items]
    return content


def report_dataset(report: CommitmentReport) -> Dataset:
    """Return the event information of an answer (PS3.4 table J.3-2)."""
    content = request_dataset(report.transaction_uid, report.committed)
    if not report.committed:
        # Of type 1C, and a sequence of that type has items or is not there.
        del content.ReferencedSOPSequence
    if report.failed:
        content.FailedSOPSequence = [_failure(each) for each in report.failed]
    return content


def _reference(item: CommitmentItem) -> Dataset:
    reference = Dataset()
    reference.ReferencedSOPClassUID = item.sop_class_uid
    reference.ReferencedSOPInstanceUID = item.sop_instance_uid
    return reference


def _failure(failed: FailedItem) -> Dataset:
    reference = _reference(failed.item)
    reference.FailureReason = failed.reason
    return reference


def _item(reference: Dataset) -> CommitmentItem:
    return CommitmentItem(
        _uid(reference, "ReferencedSOPClassUID"),
        _uid(reference, "ReferencedSOPInstanceUID"),
    )


def _reason(reference: Dataset) -> int:
    """Return why an object failed; archives that do not say so get a plain failure."""
    value = _value(reference, "FailureReason")
    return value if isinstance(value, int) else 0


def _sequence(content: Dataset, keyword: str) -> Sequence[Dataset]:
    value = _value(content, keyword)
    if value is None:
        return []
    if not isinstance(value, DicomSequence):
        fact = f"{keyword} is no sequence"
        raise ArgumentError(fact)
    items = list(value)
    if len(items) > MOST_ITEMS:
        fact = f"{keyword} has {len(items)} items, and {MOST_ITEMS} are taken"
        raise ArgumentError(fact, _RESOURCE_LIMITATION)
    return items


def _uid(content: Dataset, keyword: str) -> str:
    text = str(_value(content, keyword) or "")
    if len(text) > _LONGEST_UID or not _UID.fullmatch(text):
        fact = f"{keyword} is missing, or no UID"
        raise ArgumentError(fact)
    return text


def _value(content: Dataset, keyword: str) -> object:
    try:
        return content.get(keyword)
    # pydicom raises whatever the bytes happen to break; the peer is told one thing.
    except Exception as failure:
        fact = f"{keyword} cannot be read"
        raise ArgumentError(fact) from failure
