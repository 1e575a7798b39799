"""The node's Storage SCU (PS3.4 annex B).

Design choice: the bytes that lie on disk are the bytes that are sent. Each object is
proposed in its own transfer syntax alone; a peer that does not take that one refuses
the object, in words, and nothing is converted behind anybody's back.

Design choice: what happened is a value. `Deferred` is tried again, `Refused` is a
person's business:

========================= ==========================================================
Outcome                   When
========================= ==========================================================
Delivered                 Success; warnings (Bxxx, 0001, 0107, 0116); 0111, the peer
                          has the object already
Deferred, unreachable     no connection, no answer to the request for an association
Deferred, trust           no TLS between the two: a certificate, or no TLS at all
Deferred, busy            rejected as transient
Deferred, broken          aborted, or no answer, in the middle
Deferred, out of          A7xx, 0110, 0213 (the peer is out of resources or order)
resources
Deferred, own file        a file of ours that cannot be read now
Refused                   rejected as permanent; SOP Class or transfer syntax not
                          accepted; A9xx, Cxxx and every other status; a file that
                          is no DICOM file
========================= ==========================================================
"""

from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from pydicom.datadict import keyword_for_tag
from pydicom.dataset import Dataset
from pydicom.uid import UID
from pynetdicom import _config, build_context
from pynetdicom.association import Association
from pynetdicom.dsutils import split_dataset
from pynetdicom.presentation import PresentationContext
from pynetdicom.status import STORAGE_SERVICE_CLASS_STATUS

from node.association.requestor import (
    Destination,
    PeerRefusesError,
    PeerTimeouts,
    PeerUnavailableError,
    associate,
    close,
    verify,
)
from node.records.jobs import ResultObject
from node.records.outcome import Deferred, Delivered, FailureKind, Outcome, Refused

__all__ = [
    "Deferred",
    "Delivered",
    "Destination",
    "Outcome",
    "PeerTimeouts",
    "Refused",
    "judged",
    "send",
    "send_files",
    "verify",
]

# pynetdicom keeps this as a switch of the whole process. Off, it would decode a file
# and encode it again; this node only ever sends what lies on disk.
_config.STORE_SEND_CHUNKED_DATASET = True

_MAXIMUM_CONTEXTS = 128
"""Presentation contexts of one association: odd numbers in a byte (PS3.8 9.3.2.2)."""
_LOST_IN_A_ROW = 2
"""Associations that may break in succession before the rest waits for a retry."""
_NAMED_TAGS = 10
"""Offending elements that are told; a peer may send many."""
_LAST_MESSAGE_ID = 0xFFFF
"""Of *Message ID* (0000,0110), VR US."""
_DELIVERED = frozenset({0x0000, 0x0001, 0x0107, 0x0111, 0x0116, *range(0xB000, 0xC000)})
_PASSING = frozenset({0x0110, 0x0213, *range(0xA700, 0xA800)})


_NOT_ANSWERED = Deferred(
    "no answer to C-STORE: the association broke or timed out", FailureKind.BROKEN
)
_NOT_SENT = Deferred(
    "the association broke before the object could be sent", FailureKind.BROKEN
)
_BROKEN = frozenset({_NOT_ANSWERED, _NOT_SENT})


def send(
    destination: Destination, objects: Sequence[ResultObject]
) -> Generator[Outcome, None, None]:
    """Yield what became of each object, in the order of the objects, as it happens.

    Nothing is sent before the first outcome is asked for; an iterator that is closed
    early releases its association. When an object makes the association break, the
    rest goes over a new one.

    Parameters
    ----------
    destination : Destination
    objects : sequence of ResultObject
    """
    lost = 0
    rest: Sequence[ResultObject] = objects
    while rest:
        done = 0
        for outcome, alive in _send_batch(destination, _fitting(rest)):
            done += 1
            lost = 0 if alive else lost + 1
            yield outcome
        rest = rest[done:]
        if rest and lost >= _LOST_IN_A_ROW:
            why = f"{destination.place} broke {lost} associations in a row"
            yield from (Deferred(why, FailureKind.BROKEN) for _ in rest)
            return


def send_files(
    destination: Destination, paths: Iterable[Path]
) -> Iterator[tuple[Path, Outcome]]:
    """Yield each file with what became of it.

    Parameters
    ----------
    destination : Destination
    paths : iterable of Path
        DICOM Part 10 files; what is none is refused and stops nothing.
    """
    readable: list[ResultObject] = []
    for path in paths:
        described = _describe(path)
        if isinstance(described, ResultObject):
            readable.append(described)
        else:
            yield path, described
    for sent, outcome in zip(readable, send(destination, readable), strict=True):
        yield sent.path, outcome


def _send_batch(
    destination: Destination, batch: Sequence[ResultObject]
) -> Iterator[tuple[Outcome, bool]]:
    """Yield outcomes and whether the association lives, until it does not."""
    try:
        association = associate(destination, _contexts(batch))
    except PeerUnavailableError as failure:
        # One answer stands for all: the same request would be answered the same.
        yield from ((Deferred(str(failure), failure.kind), True) for _ in batch)
        return
    except PeerRefusesError as refusal:
        yield from ((Refused(str(refusal)), True) for _ in batch)
        return
    lost = False
    try:
        for number, item in enumerate(batch):
            outcome = _store(association, item, number % _LAST_MESSAGE_ID + 1)
            lost = outcome in _BROKEN
            yield outcome, not lost
            if lost:
                return
    finally:
        close(association, broken=lost)


def _store(association: Association, item: ResultObject, message_id: int) -> Outcome:
    outcome: Outcome
    try:
        if not _accepted(association, item):
            syntax = UID(item.transfer_syntax_uid).name
            return Refused(f"{UID(item.sop_class_uid).name} in {syntax} not accepted")
        status = association.send_c_store(item.path, msg_id=message_id)
    except OSError as failure:
        why = f"{item.path.name} cannot be read: {failure.strerror}"
        outcome = Deferred(why, FailureKind.OWN_FILE)
    except RuntimeError:
        outcome = _NOT_SENT
    except Exception as failure:  # noqa: BLE001 - pydicom raises whatever it meets
        # One file that is damaged must not keep all others from being sent.
        outcome = Refused(f"{item.path.name} cannot be sent: {failure}")
    else:
        outcome = _answered(status)
    return outcome


def judged(code: int, said: str = "") -> Outcome:
    """Return what the status of a store operation means (PS3.4 table B.2-1).

    Parameters
    ----------
    code : int
    said : str
        What the peer says of it.
    """
    meaning = STORAGE_SERVICE_CLASS_STATUS.get(code, ("", ""))[1]
    text = ": ".join(part for part in (meaning, said) if part)
    words = f"{code:04X} {text}".strip()
    if code in _DELIVERED:
        return Delivered(words)
    if code in _PASSING:
        return Deferred(words, FailureKind.OUT_OF_RESOURCES)
    return Refused(words)


def _answered(status: Dataset) -> Outcome:
    if "Status" not in status:
        return _NOT_ANSWERED
    said = str(status.get("ErrorComment") or "") + _offending(status)
    return judged(int(status.Status), said.strip())


def _offending(status: Dataset) -> str:
    """Return *Offending Element* (0000,0901), by name where it has one."""
    found = status.get("OffendingElement")
    if found is None or found == "":
        return ""
    tags = [found] if isinstance(found, int) else list(found)
    names = (keyword_for_tag(tag) or f"{int(tag):08X}" for tag in tags[:_NAMED_TAGS])
    return f" ({', '.join(names)})" if tags else ""


def _accepted(association: Association, item: ResultObject) -> bool:
    wanted = (item.sop_class_uid, item.transfer_syntax_uid)
    return any(
        (context.abstract_syntax, context.transfer_syntax[0]) == wanted
        for context in association.accepted_contexts
    )


def _contexts(batch: Sequence[ResultObject]) -> list[PresentationContext]:
    pairs = {(item.sop_class_uid, item.transfer_syntax_uid): None for item in batch}
    return [build_context(sop_class, syntax) for sop_class, syntax in pairs]


def _fitting(objects: Sequence[ResultObject]) -> Sequence[ResultObject]:
    """Return the first objects, as many as fit the contexts of one association."""
    pairs: set[tuple[str, str]] = set()
    for number, item in enumerate(objects):
        pairs.add((item.sop_class_uid, item.transfer_syntax_uid))
        if len(pairs) > _MAXIMUM_CONTEXTS:
            return objects[:number]
    return objects


def _describe(path: Path) -> ResultObject | Refused:
    """Return what a file says that it is, from its file meta information."""
    meta = Dataset()
    with suppress(Exception):  # pydicom raises whatever the bytes happen to break
        meta, _ = split_dataset(path)
    found = [
        str(meta.get(keyword, ""))
        for keyword in (
            "MediaStorageSOPClassUID",
            "MediaStorageSOPInstanceUID",
            "TransferSyntaxUID",
        )
    ]
    if not all(found):
        return Refused(f"{path.name} is no DICOM file with file meta information")
    return ResultObject(found[0], found[1], found[2], path)
