"""Who is let in when an association is requested, and with which classes.

Design choice: a defect in the decision rejects. pynetdicom goes on after a handler that
failed, so everything here is caught, and what cannot be decided is refused for now.

Design choice: what a peer may not send is not negotiated, so that it learns it before
it sends anything. It is told of only when nothing of what the node stores is left to
it: general senders propose every class that they know.
"""

import logging
import socket
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from pynetdicom import evt
from pynetdicom.association import Association
from pynetdicom.events import Event

from node.association.peer_certificates import peer_certificate, peer_subject
from node.association.service import Service
from node.records.refused import Refusal
from node.security.access import (
    DEFECTIVE,
    AccessRules,
    Admitted,
    Peer,
    Rejection,
    may_store,
    plain_address,
    shown,
    too_many,
)

_log = logging.getLogger(__name__)

_VERIFICATION = "1.2.840.10008.1.1"
_LIMIT_OF_THE_NODE = Rejection(
    0x02,
    0x03,
    0x02,
    "the node has as many associations open as it takes (node.maximum_associations); "
    "the peer may try again",
)


def _overlook(_certificate: bytes, _caller: str) -> None:
    """Do nothing: where nobody watches certificates."""


class Admission:
    """Judges each request for an association.

    Parameters
    ----------
    rules : AccessRules
    stored_classes : iterable of str
        SOP Class UIDs of storage; the others are no peer's own business.
    refused : callable
        Takes each `Refusal`; returns soon, and does not raise.
    seen : callable
        Takes the certificate (DER) and the AE title of each that is let in over TLS
        with one; returns soon, and does not raise.
    """

    def __init__(
        self,
        rules: AccessRules,
        stored_classes: Iterable[str],
        refused: Callable[[Refusal], None],
        seen: Callable[[bytes, str], None] = _overlook,
    ) -> None:
        self._rules = rules
        self._stored = frozenset(stored_classes)
        self._refused = refused
        self._seen = seen
        self._turn = threading.Lock()
        self._open: defaultdict[str, list[Association]] = defaultdict(list)

    @property
    def service(self) -> Service:
        """What the listener takes."""
        return Service(
            handlers=(
                (evt.EVT_REQUESTED, self._requested),
                (evt.EVT_REJECTED, self._rejected),
            )
        )

    def _requested(self, event: Event) -> None:
        """Answer pynetdicom's `EVT_REQUESTED`: reject, or let it go on."""
        association = event.assoc
        try:
            verdict = self._judge(association)
        except Exception:  # noqa: BLE001 - nobody gets in by a defect of ours
            _log.exception("an association request could not be judged")
            verdict = DEFECTIVE
        if verdict is None:
            self._show_certificate(association)
            return
        self._tell(association, verdict.status, verdict.words)
        association.acse.send_reject(verdict.result, verdict.source, verdict.reason)
        # As pynetdicom ends those that it rejects itself: once the answer is out.
        association.kill()

    def _judge(self, association: Association) -> Rejection | None:
        request: Any = association.requestor.primitive
        verdict = self._rules.judge(
            request.calling_ae_title,
            request.called_ae_title,
            _address(association),
            _reached(association),
        )
        if isinstance(verdict, Admitted) and verdict.only_verifies:
            _leave_verification(association)
            return None
        if isinstance(verdict, Admitted) and verdict.peer is not None:
            rejection = self._count(verdict.peer, association)
            if rejection is None:
                self._restrict(verdict.peer, association)
            return rejection
        return verdict if isinstance(verdict, Rejection) else None

    def _show_certificate(self, association: Association) -> None:
        certificate = peer_certificate(_connection(association))
        if certificate:
            self._seen(certificate, _caller(association))

    def _count(self, peer: Peer, association: Association) -> Rejection | None:
        """Enter an association of a peer, unless it has as many as it may."""
        with self._turn:
            alive = [each for each in self._open[peer.name] if each.is_alive()]
            rejection = too_many(peer, len(alive))
            if rejection is None:
                alive.append(association)
            self._open[peer.name] = alive
        return rejection

    def _restrict(self, peer: Peer, association: Association) -> None:
        """Have nothing negotiated that a peer may not send."""
        taken = [
            context
            for context in association.acceptor.supported_contexts
            if context.abstract_syntax not in self._stored
            or may_store(peer, str(context.abstract_syntax))
        ]
        association.acceptor.supported_contexts = taken
        request: Any = association.requestor.primitive
        proposed = {
            str(context.abstract_syntax)
            for context in request.presentation_context_definition_list
        }
        offered = self._stored & proposed
        if offered and not any(may_store(peer, each) for each in offered):
            why = f"{peer.name} may send none of the classes that it offers"
            self._tell(association, "", f"{why} (peers.objects)")

    def _rejected(self, event: Event) -> None:
        """Tell of what pynetdicom rejects by itself: beyond the node's limit."""
        answer: Any = event.assoc.acceptor.primitive
        limit = _LIMIT_OF_THE_NODE
        if (answer.result, answer.result_source) == (limit.result, limit.source):
            self._tell(event.assoc, limit.status, limit.words)

    def _tell(self, association: Association, status: str, words: str) -> None:
        subject = peer_subject(_connection(association))
        named = f"; its certificate is of {shown(subject)}" if subject else ""
        self._refused(
            Refusal(
                calling_ae=_caller(association),
                address=_address(association),
                status=status,
                why=f"{words}{named}",
            )
        )


def _leave_verification(association: Association) -> None:
    """Have nothing negotiated but C-ECHO."""
    association.acceptor.supported_contexts = [
        context
        for context in association.acceptor.supported_contexts
        if context.abstract_syntax == _VERIFICATION
    ]


def _caller(association: Association) -> str:
    """Return how a peer calls itself."""
    return shown(getattr(association.requestor.primitive, "calling_ae_title", ""))


def _connection(association: Association) -> socket.socket | None:
    transport = association.dul.socket
    return None if transport is None else transport.socket


def _address(association: Association) -> str:
    """Return where a request came from, as the socket knows it."""
    connection = _connection(association)
    if connection is not None:
        try:
            return str(plain_address(connection.getpeername()[0]) or "")
        except OSError:
            # It has gone already; what pynetdicom noted is as good.
            _log.debug("a peer left while it was judged")
    noted = association.requestor.address_info
    return "" if noted is None else str(noted.address)


def _reached(association: Association) -> str:
    """Return which address of ours a request came to; empty when it has gone."""
    connection = _connection(association)
    try:
        return "" if connection is None else str(connection.getsockname()[0])
    except OSError:
        return ""
