"""From received bytes to headers in the ledger.

Design choice: a header is read from the file, after its sender was answered. To read it
before takes a third of the time that its sender waits for the answer, and Python's lock
from all the others.

Design choice: while a burst comes, headers are read at short intervals and entered at
long ones. To read one is work that has to be done anyway; to enter some is a commit,
for which those who receive wait. What is left of both when the last sender ends is what
its result waits for.

Design choice: no object stops the others. One that cannot be used is set aside with the
reason; one that the volume does not give now stays as it is, and is tried again.
"""

import logging
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from dicom_io.errors import DicomContentError
from dicom_io.header import InstanceHeader, read_header_file
from dicom_io.limits import DEFAULT_LIMITS, ReadingLimits
from node.fault_points import FaultPoint, Passing, pass_by
from node.ledger import Ledger, LedgerUnavailableError
from node.records.objects import Arrival, Unindexed

_log = logging.getLogger(__name__)

_BATCH = 500
_ENTERED_EVERY_S = 0.25
"""While senders are not silent."""
_Sent = tuple[str, str, str]
"""Study Instance UID, AE title of the sender and Patient ID."""


class Indexing:
    """Enters what received objects say of themselves.

    Parameters
    ----------
    ledger : Ledger
    now : callable
        The clock.
    limits : ReadingLimits
        Of what an object may demand; more sets it aside.
    passing : callable
        What happens at the fault points.
    arrived : callable or None
        Is told of each study that something came of, once a sweep for each sender.
    """

    def __init__(
        self,
        ledger: Ledger,
        now: Callable[[], datetime],
        limits: ReadingLimits = DEFAULT_LIMITS,
        passing: Passing = pass_by,
        arrived: Callable[[Arrival], None] | None = None,
    ) -> None:
        self._ledger = ledger
        self._now = now
        self._limits = limits
        self._passing = passing
        self._arrived = arrived
        self._arrivals: defaultdict[_Sent, Counter[str]] = defaultdict(Counter)
        self._postponed: set[Unindexed] = set()
        self._looked_at: dict[int, InstanceHeader] = {}
        self._looked_to = 0
        self._read_s = time.monotonic()

    def sweep(self) -> None:
        """Index all that was received, and tell of it."""
        try:
            self.read()
        finally:
            self._tell_arrivals()

    def look(self) -> None:
        """Read headers of what was received since, and now and then enter them.

        What cannot be read is left to the next `read`, which says so.
        """
        more = _BATCH - len(self._looked_at)
        for item in self._ledger.unindexed(more, after=self._looked_to):
            self._looked_to = item.identifier
            with suppress(Exception):
                header = read_header_file(item.path, self._limits)
                self._looked_at[item.identifier] = header
        if self._looked_at and time.monotonic() - self._read_s >= _ENTERED_EVERY_S:
            self.read()

    def read(self) -> None:
        """Index all that was received; the next sweep tells of it."""
        # An object that is set aside may let one that conflicted take its place.
        while self._pass():
            pass
        self._looked_at.clear()
        self._read_s = time.monotonic()

    def _pass(self) -> bool:
        """Look at every object once, and return whether any changed."""
        changed = False
        after: int | None = 0
        while after is not None:
            batch = self._ledger.unindexed(_BATCH, after=after)
            after = batch[-1].identifier if len(batch) == _BATCH else None
            read = [
                (item, header)
                for item in batch
                if (header := self._header(item)) is not None
            ]
            if read:
                self._passing(FaultPoint.INDEX_READ)
                self._enter([(item.identifier, header) for item, header in read])
                self._passing(FaultPoint.INDEX_COMMITTED)
                self._note_arrivals(read)
            changed = changed or len(self._postponed.intersection(batch)) < len(batch)
        return changed

    def _header(self, item: Unindexed) -> InstanceHeader | None:
        """Return a header; or None when the object is set aside, or read later."""
        known = item in self._postponed
        self._postponed.discard(item)
        try:
            header = self._looked_at.pop(item.identifier, None)
            header = header or read_header_file(item.path, self._limits)
        except DicomContentError as error:
            self._set_aside(item.identifier, str(error))
        except FileNotFoundError:
            self._set_aside(item.identifier, "the file is not there any more")
        except (OSError, MemoryError) as failure:
            # The volume or the machine is at fault, and may be well again.
            if not known:
                _log.error("%s is read later: %s", item.path.name, failure)
            self._postponed.add(item)
        except Exception as defect:  # noqa: BLE001 - the object's, not the node's end
            _log.exception("reading %s ended in a defect", item.path.name)
            self._set_aside(item.identifier, words_of(defect))
        else:
            return header
        return None

    def _enter(self, headers: list[tuple[int, InstanceHeader]]) -> None:
        """Enter headers together, or one by one when one of them cannot be."""
        try:
            self._ledger.record_all_indexed(headers, self._now(), self._passing)
        except LedgerUnavailableError:
            raise
        except Exception as defect:  # noqa: BLE001 - the object's, not the node's end
            _log.exception("entering %d objects ended in a defect", len(headers))
            if len(headers) == 1:
                self._set_aside(headers[0][0], words_of(defect))
            else:
                for one in headers:
                    self._enter([one])

    def _note_arrivals(self, read: list[tuple[Unindexed, InstanceHeader]]) -> None:
        if self._arrived is None:
            return
        for item, header in read:
            sent = (header.study_instance_uid, item.calling_ae, header.patient_id)
            self._arrivals[sent][header.sop_class_uid] += 1

    def _tell_arrivals(self) -> None:
        arrivals, self._arrivals = self._arrivals, defaultdict(Counter)
        if self._arrived is not None:
            for sent, counts in arrivals.items():
                self._arrived(Arrival(*sent, instances=dict(counts)))

    def _set_aside(self, row: int, why: str) -> None:
        self._ledger.record_unreadable(row, why, self._now())
        _log.warning("an object cannot be used: %s", why)


def words_of(defect: Exception) -> str:
    """Return words for people; the message may hold whatever the content holds."""
    return f"a defect of the node ({type(defect).__name__}); the log has its trace"
