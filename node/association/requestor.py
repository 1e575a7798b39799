"""Associations that the node requests, and in words why there is none.

::

    PeerUnavailableError       no connection, no answer, rejected for now: try again
    PeerRefusesError           rejected for good, or nothing proposed is accepted

Design choice: an AE title, a port or a permission that is wrong looks like a network
fault in most software. Whoever reads the message must know which of them it was, so the
reason is carried all the way, although pynetdicom only logs it.
"""

import ssl
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from pydicom.dataset import Dataset
from pydicom.uid import UID
from pynetdicom import build_context
from pynetdicom.association import Association
from pynetdicom.pdu_primitives import A_ASSOCIATE, SCP_SCU_RoleSelectionNegotiation
from pynetdicom.presentation import PresentationContext

from node.association.sockets import (
    connection_failure,
    end,
    failed_in_handshake,
)
from node.association.tls_faults import tls_fault
from node.association.waking import WakingEntity
from node.records.outcome import FailureKind
from node.security.tls import TlsFileError, TlsOptions, client_context

_VERIFICATION = "1.2.840.10008.1.1"
_TRANSIENT = 0x02
"""*Result* of an A-ASSOCIATE-RJ (PS3.8 9.3.4)."""
_REJECTIONS = frozenset({0x01, _TRANSIENT})
_NOTICE_S = 1.0
"""Time in which pynetdicom surely notices that the peer aborted; it polls every ms."""
_CLOSE_S = 5.0
"""Time that a closing association gets before its connection is cut."""


@dataclass(frozen=True)
class PeerTimeouts:
    """How long a peer may take.

    Attributes
    ----------
    connection_s : float
        For the TCP connection.
    association_s : float
        For the answer to an association request.
    response_s : float
        For the answer to a message; an archive may be slow to store.
    """

    connection_s: float = 10.0
    association_s: float = 30.0
    response_s: float = 60.0


@dataclass(frozen=True)
class Destination:
    """Where results go.

    Attributes
    ----------
    name : str
        In configuration, ledger and logs.
    ae_title : str
        Called AE title.
    host : str
    port : int
    calling_ae : str
        Our AE title, which many archives have to be told.
    timeouts : PeerTimeouts
    tls : TlsOptions or None
        How it is called over TLS; None for a connection that anyone can read.
    """

    name: str
    ae_title: str
    host: str
    port: int
    calling_ae: str
    timeouts: PeerTimeouts = PeerTimeouts()
    tls: TlsOptions | None = None

    @property
    def place(self) -> str:
        """The peer, in messages."""
        return f"{self.ae_title} at {self.host}:{self.port}"


class PeerUnavailableError(Exception):
    """The peer cannot be spoken to now; it is tried again.

    Attributes
    ----------
    kind : FailureKind
    """

    def __init__(self, why: str, kind: FailureKind = FailureKind.UNREACHABLE) -> None:
        super().__init__(why)
        self.kind = kind


class PeerRefusesError(Exception):
    """The peer will not be spoken to like this; a person must act."""


def associate(
    destination: Destination,
    contexts: list[PresentationContext],
    roles: Sequence[SCP_SCU_RoleSelectionNegotiation] = (),
) -> Association:
    """Return an established association; `close` ends it.

    Parameters
    ----------
    destination : Destination
    contexts : list of PresentationContext
        At most 128.
    roles : sequence of SCP_SCU_RoleSelectionNegotiation
        For SOP classes in which the node is not the SCU (PS3.7 D.3.3.4).

    Raises
    ------
    PeerUnavailableError
    PeerRefusesError
    """
    entity = WakingEntity(ae_title=destination.calling_ae)
    entity.connection_timeout = destination.timeouts.connection_s
    entity.acse_timeout = destination.timeouts.association_s
    entity.dimse_timeout = destination.timeouts.response_s
    # Also ends a read or a write that a stuck peer would block for ever.
    entity.network_timeout = destination.timeouts.response_s
    try:
        association = entity.associate(
            destination.host,
            destination.port,
            contexts=contexts,
            ae_title=destination.ae_title,
            ext_neg=list(roles),
            tls_args=_tls_args(destination),
        )
    except OSError as failure:
        why = f"{destination.host} cannot be found: {failure.strerror}"
        raise PeerUnavailableError(why) from failure
    if not association.is_established:
        raise _why_not(destination, association)
    return association


def close(association: Association, *, broken: bool = False) -> None:
    """Release an association, or cut it, and wait until its threads are gone.

    Parameters
    ----------
    association : Association
    broken : bool
        A message got no answer. pynetdicom's own thread may not have seen yet that the
        peer aborted, and must neither release nor abort what is gone.
    """
    if broken:
        association.join(_NOTICE_S)
    elif association.is_established:
        association.release()
        association.join(_CLOSE_S)
    end(association, _CLOSE_S)


def verify(
    host: str,
    port: int,
    called_ae: str,
    calling_ae: str,
    timeout_s: float,
    tls: TlsOptions | None = None,
) -> str:
    """Return the empty string when the peer answers a C-ECHO, else why not, in words.

    Parameters
    ----------
    host : str
    port : int
    called_ae, calling_ae : str
    timeout_s : float
        For each of connection, association and answer.
    tls : TlsOptions or None
    """
    timeouts = PeerTimeouts(timeout_s, timeout_s, timeout_s)
    peer = Destination(called_ae, called_ae, host, port, calling_ae, timeouts, tls)
    try:
        return echo(peer)
    except (PeerUnavailableError, PeerRefusesError) as failure:
        return str(failure)


def echo(peer: Destination) -> str:
    """Return the empty string when a peer answers a C-ECHO, else how it fails to.

    Parameters
    ----------
    peer : Destination

    Raises
    ------
    PeerUnavailableError, PeerRefusesError
        When there is no association.
    """
    association = associate(peer, [build_context(_VERIFICATION)])
    status = Dataset()
    try:
        # Raised when the peer has already gone again.
        with suppress(RuntimeError):
            status = association.send_c_echo()
    finally:
        close(association, broken="Status" not in status)
    if "Status" not in status:
        return f"{peer.place} accepts the association and does not answer C-ECHO"
    if status.Status != 0:
        return f"{peer.place} answers C-ECHO with status {status.Status:04X}"
    return ""


def _why_not(
    destination: Destination, association: Association
) -> PeerUnavailableError | PeerRefusesError:
    failure = connection_failure(association)
    if failure is not None:
        handshake = failed_in_handshake(association)
        return _disconnected(destination, failure, handshake=handshake)
    answer = _rejection(association)
    if answer is not None:
        return _rejected(destination, answer)
    place = destination.place
    if association.rejected_contexts:
        rejected = (
            context.abstract_syntax for context in association.rejected_contexts
        )
        names = sorted({UID(syntax).name for syntax in rejected if syntax})
        return PeerRefusesError(f"{place} accepts none of: {', '.join(names)}")
    return PeerUnavailableError(
        f"{place} did not answer the association request, or aborted it"
    )


def _rejected(
    destination: Destination, answer: A_ASSOCIATE
) -> PeerUnavailableError | PeerRefusesError:
    why = f"{destination.place} rejects the association: {answer.reason_str.lower()}"
    if answer.result == _TRANSIENT:
        return PeerUnavailableError(why, FailureKind.BUSY)
    return PeerRefusesError(why)


def _rejection(association: Association) -> A_ASSOCIATE | None:
    """Return the peer's A-ASSOCIATE-RJ, if there is one.

    A peer that rejects and closes at once can be faster than pynetdicom, which then
    takes the closed connection for one that was never made and leaves the answer in its
    queue. A wrong AE title would look like a network fault.
    """
    answer: object = association.acceptor.primitive
    if not association.is_rejected:
        answer = association.dul.receive_pdu(wait=False)
    if isinstance(answer, A_ASSOCIATE) and answer.result in _REJECTIONS:
        return answer
    return None


def _tls_args(destination: Destination) -> tuple[ssl.SSLContext, str] | None:
    """Return pynetdicom's argument; read anew each time, as certificates change.

    Raises
    ------
    PeerUnavailableError
    """
    if destination.tls is None:
        return None
    try:
        return client_context(destination.tls), destination.host
    except TlsFileError as fault:
        raise PeerUnavailableError(str(fault), FailureKind.OWN_FILE) from fault


def _disconnected(
    destination: Destination, failure: OSError, *, handshake: bool
) -> PeerUnavailableError:
    place = destination.place
    if isinstance(failure, ssl.SSLError):
        return PeerUnavailableError(f"{place}: {tls_fault(failure)}", FailureKind.TRUST)
    if isinstance(failure, TimeoutError):
        wait_s = destination.timeouts.connection_s
        what = "does not answer"
        if handshake:
            what = "speaks no TLS on this port, or is stuck: no answer"
        return PeerUnavailableError(f"{place} {what} within {wait_s:g} s")
    if handshake:
        why = f"{place} ends the connection in the TLS handshake; it may speak no TLS"
        return PeerUnavailableError(why, FailureKind.TRUST)
    why = f"{place}: {(failure.strerror or str(failure)).lower()}"
    return PeerUnavailableError(why)
