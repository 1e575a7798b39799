"""The node's guard: admission, pace, refusals, certificates and audit trail, joined.

A part of the composition root: who knows whom among those that keep strangers out.

::

    Listener, Admission --refusals--> RefusalLog --rows--> Ledger
                                                 --alerts--> AuditTrail --> repository
    Admission --certificates--> CertificateWatch --events--> Ledger
    Delivering, Indexing, Retention --transfers, deletions--> AuditTrail
"""

import os
import socket
from collections.abc import Callable
from datetime import datetime, timedelta

from config.schema import Settings
from node.association.admission import Admission
from node.association.received import ReceivedObject
from node.association.sop_classes import RECEIVED_SOP_CLASSES
from node.association.storing import Sink, SinkAnswer
from node.keeping.retention import DeletedStudy
from node.ledger import Ledger
from node.options.security import (
    access_rules,
    audited_destinations,
    trail_options,
    watch_options,
)
from node.records.objects import Arrival
from node.records.refused import KeptRefusal
from node.scheduler import Task
from node.security.audit_trail.alerts import alert_of
from node.security.audit_trail.events import (
    Party,
    Started,
    Stopped,
    StudyDeleted,
    StudyPart,
)
from node.security.audit_trail.trail import AuditTrail
from node.security.audit_trail.transfers import Departures, arrived
from node.security.certificates import CertificateWatch
from node.security.rate import Pace
from node.security.refusal_log import RefusalLog

_TRAIL = "audit trail"
_PERIOD = timedelta(seconds=1)
_TRAIL_PERIOD = timedelta(seconds=5)
_CERTIFICATE_PERIOD = timedelta(minutes=10)


class Guard:
    """Keeps strangers out, and tells of them.

    Parameters
    ----------
    settings : Settings
    ledger : Ledger
    now : callable
        The clock.
    wake : callable
        Wakes a task by its name.

    Attributes
    ----------
    trail : AuditTrail
        Takes audit events of the others.
    refusals : RefusalLog
        `refusals.tell` takes what the listener refuses.
    service : Service
        Of admission, for the listener.
    tasks : tuple of Task

    Raises
    ------
    TlsFileError
    """

    def __init__(
        self,
        settings: Settings,
        ledger: Ledger,
        now: Callable[[], datetime],
        wake: Callable[[str], None],
    ) -> None:
        self._now = now
        self._ledger = ledger
        self._destinations = audited_destinations(settings)
        options = trail_options(settings, socket.gethostname(), os.getpid())
        self._source = options.source
        self.trail = AuditTrail(options, lambda: wake(_TRAIL))
        kept = settings.limits.refusals_kept
        self.refusals = RefusalLog(ledger, kept, now, self._alarm)
        watch = CertificateWatch(ledger, watch_options(settings), now)
        rules = access_rules(settings)
        self._pace = Pace(rules)
        admission = Admission(
            rules, RECEIVED_SOP_CLASSES, self.refusals.tell, watch.seen
        )
        self.service = admission.service
        self.tasks = (
            Task("refusals", self.refusals.sweep, _PERIOD),
            Task("certificates", watch.sweep, _CERTIFICATE_PERIOD),
            Task(_TRAIL, self.trail.sweep, _TRAIL_PERIOD),
        )

    def paced(self, sink: Sink) -> Sink:
        """Return a sink that holds fast peers back before it takes their objects."""

        def take(received: ReceivedObject) -> SinkAnswer:
            self._pace.hold_back(received.calling_ae, received.peer_address)
            return sink(received)

        return take

    def start(self) -> None:
        """Tell that the node works."""
        self.trail.tell(Started(self._now()))

    def release(self) -> None:
        """Hold no peer back any more: the node is about to stop."""
        self._pace.stop()

    def stop(self) -> None:
        """Enter and tell what is left; the tasks have ended."""
        self.refusals.sweep()
        self.trail.tell(Stopped(self._now()))
        self.trail.stop()

    def deleted(self, study: DeletedStudy) -> None:
        """Tell that the files of a study are deleted."""
        part = StudyPart(study.study_instance_uid)
        self.trail.tell(StudyDeleted(study.at, part))

    @property
    def arrived(self) -> Callable[[Arrival], None] | None:
        """Who is told of what came; None where there is no repository."""
        return self._tell_arrival if self.trail.is_on else None

    def departures(self, destination: str) -> Departures | None:
        """Return who is told of what goes to a destination; None for nobody."""
        if not self.trail.is_on:
            return None
        return Departures(
            self.trail.tell,
            self._ourselves(is_requestor=True),
            self._destinations[destination],
            self._ledger.studies_of_deliveries,
            self._now,
        )

    def _tell_arrival(self, arrival: Arrival) -> None:
        ours = self._ourselves(is_requestor=False)
        self.trail.tell(arrived(arrival, ours, self._now()))

    def _ourselves(self, *, is_requestor: bool) -> Party:
        return Party(self._source.ae_title, self._source.host, is_requestor)

    def _alarm(self, kept: KeptRefusal) -> None:
        alert = alert_of(kept)
        if alert is not None:
            self.trail.tell(alert)
