"""The audit trail: what was told waits in memory until the repository has it.

Design choice: the node never waits for its repository. An event that is told takes a
place in a queue; a task sends what waits, in order. When the repository is away for
longer than the queue is long, the oldest are given up, which is counted and told; the
ledger still keeps what happened.
"""

import errno
import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from ssl import SSLContext

from config.refusal import RefusalError
from node.security.audit_trail.events import Alert, AuditEvent
from node.security.audit_trail.message import AuditSource, message
from node.security.audit_trail.syslog import (
    NOTICE,
    WARNING,
    Repository,
    Wire,
    frame,
    wire,
)
from node.security.tls import TlsOptions, client_context

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class TrailOptions:
    """Where audit messages go, and from whom.

    Attributes
    ----------
    repository : Repository or None
        None sends nothing.
    source : AuditSource
    keep : int
        Events that wait at most.
    tls : TlsOptions
    """

    repository: Repository | None
    source: AuditSource
    keep: int
    tls: TlsOptions


class AuditTrail:
    """Takes events, and sends them with its sweeps.

    Parameters
    ----------
    options : TrailOptions
    wake : callable
        Has `sweep` called soon; must return at once.

    Raises
    ------
    TlsFileError
        When TLS is asked for, and a file cannot serve.
    """

    def __init__(self, options: TrailOptions, wake: Callable[[], None]) -> None:
        self._options = options
        self._wake = wake
        self._turn = threading.Lock()
        self._waiting: deque[AuditEvent] = deque()
        self._given_up = 0
        self._is_away = False
        self._wire: Wire | None = None
        if options.repository is not None:
            if options.repository.transport == "tls":
                self._context()
            self._wire = wire(options.repository, self._context)

    @property
    def is_on(self) -> bool:
        """Whether there is a repository to tell."""
        return self._wire is not None

    def tell(self, event: AuditEvent) -> None:
        """Take an event; returns at once."""
        if self._wire is None:
            return
        with self._turn:
            if len(self._waiting) >= self._options.keep:
                self._waiting.popleft()
                self._given_up += 1
            self._waiting.append(event)
        self._wake()

    def sweep(self) -> None:
        """Send what waits, in order; what cannot be sent waits on."""
        while self._wire is not None:
            with self._turn:
                if not self._waiting:
                    return
                event = self._waiting[0]
            try:
                self._send(self._wire, event)
            except (OSError, RefusalError) as failure:
                self._tell_away(failure)
                return
            with self._turn:
                # It may have been given up meanwhile.
                if self._waiting and self._waiting[0] is event:
                    self._waiting.popleft()
            self._tell_back()

    def stop(self) -> None:
        """Send what waits, if that goes, and close the connection."""
        self.sweep()
        if self._wire is not None:
            self._wire.close()
        if self._waiting:
            _log.error("%d audit messages were never sent", len(self._waiting))

    def _context(self) -> SSLContext:
        return client_context(self._options.tls)

    def _send(self, way: Wire, event: AuditEvent) -> None:
        """Send an event, or give up one that can never be sent."""
        try:
            way.send(self._framed(event))
        except OSError as failure:
            if failure.errno != errno.EMSGSIZE:
                raise
            # Longer than a datagram; those behind it shall not wait for it.
            with self._turn:
                self._given_up += 1

    def _framed(self, event: AuditEvent) -> bytes:
        source = self._options.source
        severity = WARNING if isinstance(event, Alert) else NOTICE
        content = message(event, source)
        return frame(content, event.at, source.host, source.process, severity)

    def _tell_away(self, failure: Exception) -> None:
        if not self._is_away:
            self._is_away = True
            _log.error(
                "the audit repository is away, %d messages wait: %s",
                len(self._waiting),
                failure,
            )
        self._tell_given_up()

    def _tell_back(self) -> None:
        if self._is_away:
            self._is_away = False
            _log.warning("the audit repository is back")
        self._tell_given_up()

    def _tell_given_up(self) -> None:
        with self._turn:
            count, self._given_up = self._given_up, 0
        if count:
            _log.error(
                "%d audit messages were given up: too many waited, or too long", count
            )
