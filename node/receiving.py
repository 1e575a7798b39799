"""What becomes of an object that came whole: bytes on the disk, a row, an answer.

::

    ReceivedObject --> InstanceStore (fsync of file and folder)
                   --> Ledger (commit)
                   --> Success

Design choice: nothing else lies between an object and its answer, since a stock sender
sends the next one only after that. Its header is read later, by the sweep that needs
it.
"""

import logging
from collections.abc import Callable
from datetime import datetime

from node.association.received import ReceivedObject
from node.association.storing import OUT_OF_RESOURCES, STORED, SinkAnswer
from node.fault_points import FaultPoint, Passing, pass_by
from node.instance_store import InstanceStore
from node.ledger import Ledger, LedgerUnavailableError
from node.records.objects import ReceivedInstance

_log = logging.getLogger(__name__)


class Receiving:
    """The node's sink: makes objects durable, then answers. Safe in many threads.

    Parameters
    ----------
    store : InstanceStore
    ledger : Ledger
    now : callable
        The clock.
    received : callable
        Is called when an object is durable, before its peer hears so; returns soon.
    passing : callable
        Is told of the RECEIVE points that are passed.
    """

    def __init__(
        self,
        store: InstanceStore,
        ledger: Ledger,
        now: Callable[[], datetime],
        received: Callable[[], object],
        passing: Passing = pass_by,
    ) -> None:
        self._store = store
        self._ledger = ledger
        self._now = now
        self._received = received
        self._passing = passing

    def __call__(self, received: ReceivedObject) -> SinkAnswer:
        """Make an object durable; Success is answered when this returns.

        Raises
        ------
        StorageFullError
        OSError
            The volume fails in another way.
        """
        self._passing(FaultPoint.RECEIVE_BEGUN)
        stored = self._store.write(received.file_meta, received.dataset, self._passing)
        self._passing(FaultPoint.RECEIVE_STORED)
        instance = ReceivedInstance(
            sop_class_uid=received.sop_class_uid,
            sop_instance_uid=received.sop_instance_uid,
            transfer_syntax_uid=received.transfer_syntax_uid,
            sha256=stored.sha256,
            path=stored.path,
            size=stored.size,
            calling_ae=received.calling_ae,
        )
        try:
            self._ledger.record_received(instance, self._now(), self._passing)
        except LedgerUnavailableError as failure:
            # The peer keeps the object and sends it again.
            _log.error("%s is not entered: %s", instance.sop_instance_uid, failure)
            return OUT_OF_RESOURCES
        if not self._store.absolute(stored.path).exists():
            # It was there already and retention deleted it, before the row that keeps
            # it from now on was committed.
            self._store.write(received.file_meta, received.dataset, self._passing)
        self._passing(FaultPoint.RECEIVE_COMMITTED)
        self._received()
        return STORED
