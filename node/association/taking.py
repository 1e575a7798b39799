"""Objects that an archive stores over our own association, within a C-GET.

Design choice: each is answered as the listener answers: Success when the sink has
returned, and a status with a comment otherwise. An archive is free to ignore what was
asked for; so what is taken is checked against it, object by object.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pydicom.dataset import Dataset
from pynetdicom.events import Event

from node.association.file_meta import file_meta
from node.association.received import (
    DataSetMismatchError,
    ReceivedObject,
    UnintelligibleDataSetError,
)
from node.association.requestor import Destination
from node.association.storing import (
    DEFECT,
    OUT_OF_RESOURCES,
    STORED,
    Sink,
    SinkAnswer,
)
from node.instance_store import StorageFullError

_log = logging.getLogger(__name__)

_UNASKED_AT_MOST = 32
"""Objects that nobody asked for, after which the association is cut."""
_COMMENT_LIMIT = 64
_WORDS_AT_MOST = 5
"""Faults that are told each by itself."""
_NOT_ASKED_FOR = SinkAnswer(0xA900, "this instance was not asked for")
_TOO_LARGE = SinkAnswer(0xC002, "the object is larger than the node takes")
_TOO_LATE = SinkAnswer(0xA700, "the retrieval is over")


@dataclass(frozen=True)
class Taker:
    """Who takes what comes.

    Attributes
    ----------
    sink : callable
        Makes an object durable.
    object_limit : int
        Bytes of the largest data set that is taken.
    """

    sink: Sink
    object_limit: int = 2048 << 20


class Taking:
    """The SCP's role within a C-GET.

    Parameters
    ----------
    source : Destination
        The archive.
    taker : Taker
    is_over : callable
        Whether nothing more is wanted.
    cut : callable
        Ends the association at once.

    Attributes
    ----------
    taken : set of str
        SOP Instance UIDs that the sink took.
    """

    def __init__(
        self,
        source: Destination,
        taker: Taker,
        is_over: Callable[[], bool],
        cut: Callable[[], None],
    ) -> None:
        self.taken: set[str] = set()
        self._source = source
        self._taker = taker
        self._is_over = is_over
        self._cut = cut
        self._expected: frozenset[str] = frozenset()
        self._unasked = 0
        self._faults: list[str] = []

    @property
    def faults(self) -> tuple[str, ...]:
        """What was not taken, and why; the first few, and how many more."""
        return few(self._faults)

    def expect(self, uids: Iterable[str]) -> None:
        """Take these SOP Instance UIDs from now on, and no others."""
        self._expected = frozenset(uids)

    def store(self, event: Event) -> Dataset:
        """Return the status for a C-STORE of the archive."""
        uid = str(_request(event).AffectedSOPInstanceUID)
        answer = self._refusal(uid) or self._stored(event, uid)
        if answer.status == STORED.status:
            self.taken.add(uid)
        else:
            self._faults.append(f"{uid} was not taken: {answer.comment}")
        status = Dataset()
        status.Status = answer.status
        if answer.comment:
            status.ErrorComment = answer.comment[:_COMMENT_LIMIT]
        return status

    def _refusal(self, uid: str) -> SinkAnswer | None:
        """Return why an object is not looked at, or None."""
        if self._is_over():
            return _TOO_LATE
        if uid in self._expected:
            return None
        self._unasked += 1
        if self._unasked > _UNASKED_AT_MOST:
            self._cut()
        return _NOT_ASKED_FOR

    def _stored(self, event: Event, uid: str) -> SinkAnswer:
        """Return the sink's answer, or what an exception amounts to."""
        try:
            received = _received(self._source, event)
            if len(received.dataset) > self._taker.object_limit:
                return _TOO_LARGE
            received.check_identity()
            return self._taker.sink(received)
        except DataSetMismatchError as refusal:
            answer = SinkAnswer(0xA900, str(refusal))
        except UnintelligibleDataSetError as refusal:
            answer = SinkAnswer(0xC000, str(refusal))
        except (StorageFullError, OSError) as failure:
            _log.error("%s is not stored: %s", uid, failure)
            answer = OUT_OF_RESOURCES
        except Exception:  # noqa: BLE001 - one object's end, not the retrieval's
            _log.exception("%s is not stored", uid)
            answer = DEFECT
        return answer


def few(faults: Sequence[str]) -> tuple[str, ...]:
    """Return the first few faults, and how many more there are."""
    more = len(faults) - _WORDS_AT_MOST
    rest = (f"and {more} more",) if more > 0 else ()
    return (*faults[:_WORDS_AT_MOST], *rest)


def _request(event: Event) -> Any:
    # A C_STORE; pynetdicom types it as any message.
    return event.request


def _received(source: Destination, event: Event) -> ReceivedObject:
    request = _request(event)
    named = (
        str(request.AffectedSOPClassUID),
        str(request.AffectedSOPInstanceUID),
        str(event.context.transfer_syntax),
    )
    return ReceivedObject(
        *named,
        file_meta=file_meta(*named),
        dataset=event.encoded_dataset(include_meta=False),
        # It is the archive that hands the object over.
        calling_ae=source.ae_title,
        called_ae=source.calling_ae,
        peer_address=source.host,
    )
