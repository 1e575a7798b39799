"""Storage Commitment Push Model on the wire, both ways (PS3.4 annex J).

::

    the node asks      N-ACTION        node (SCU)  --> archive (SCP)
                       N-EVENT-REPORT  archive     --> node, on the same association or,
                                       with most archives, on one of its own in which it
                                       takes the SCP's role (PS3.7 D.3.3.4)
    a peer asks        N-ACTION        peer (SCU)  --> node (SCP)
                       N-EVENT-REPORT  node        --> peer, likewise

Design choice: after N-ACTION the association stays open for a moment, since some
archives answer there and nowhere else. An answer that comes on both is one answer.

Design choice: what a peer says is checked here for its form alone; what it means is
decided by whoever is handed the value. Each way to be wrong has a status (PS3.7 annex
C) and leaves association and listener standing:

====== ======================= ====================================================
Status PS3.7                   When
====== ======================= ====================================================
0x0110 Processing failure      a defect of ours; logged with its traceback
0x0112 No such SOP Instance    not the well-known instance (PS3.4 J.3.5)
0x0113 No such event type      neither 1 nor 2
0x0115 Invalid argument value  no data set, or one without the UIDs that it must have
0x0123 No such action          not 1
0x0213 Resource limitation     more objects than the node takes in one message
====== ======================= ====================================================
"""

import logging
import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import cast

from pydicom.dataset import Dataset
from pynetdicom import build_context, build_role, evt
from pynetdicom.association import Association
from pynetdicom.dimse_messages import N_ACTION_RSP
from pynetdicom.dimse_primitives import N_ACTION, N_EVENT_REPORT
from pynetdicom.events import Event

from node.association.commitment_content import (
    ALL_COMMITTED,
    REQUEST_COMMITMENT,
    SOME_FAILED,
    ArgumentError,
    failed_of,
    items_of,
    refuse_huge,
    request_dataset,
    transaction_of,
)
from node.association.commitment_messages import (
    PUSH_MODEL,
    WELL_KNOWN_INSTANCE,
    Declined,
    NotNow,
    Outcome,
    Taken,
    Unanswered,
    send_report,
    send_request,
)
from node.association.requestor import (
    Destination,
    PeerRefusesError,
    PeerUnavailableError,
    associate,
    close,
)
from node.association.service import Service
from node.records.commitments import CommitmentItem, CommitmentReport, CommitmentRequest

__all__ = [
    "AnswerHere",
    "Asked",
    "Declined",
    "NotNow",
    "Outcome",
    "Reported",
    "Taken",
    "Unanswered",
    "ask_commitment",
    "commitment_service",
    "report_commitment",
]

_log = logging.getLogger(__name__)

_PROCESSING_FAILURE = 0x0110
_NO_SUCH_INSTANCE = 0x0112
_NO_SUCH_EVENT = 0x0113
_NO_SUCH_ACTION = 0x0123
_STAY_S = 1.0
"""Time that an archive gets to answer on the association on which it was asked."""
_RESPONSE_S = 5.0
"""Longest wait until our own answer to N-ACTION has gone out."""

Reported = Callable[[CommitmentReport], int]
"""Books what an archive answers, and returns the status of N-EVENT-REPORT. Called from
several threads."""
AnswerHere = Callable[[CommitmentReport], Outcome]
"""Answers on the association on which was asked, while that is open."""
Asked = Callable[[CommitmentRequest, AnswerHere], int]
"""Makes a question durable, and returns the status of N-ACTION. Called from several
threads."""


def commitment_service(asked: Asked, reported: Reported) -> Service:
    """Return storage commitment as the listener serves it, both ways.

    Parameters
    ----------
    asked : callable
        Takes what a peer asks.
    reported : callable
        Takes what an archive answers to the node.
    """
    return Service(
        handlers=(
            (evt.EVT_N_ACTION, partial(_take_request, asked=asked)),
            (evt.EVT_N_EVENT_REPORT, partial(_take_report, reported=reported)),
        ),
        sop_classes=(PUSH_MODEL,),
        both_roles=True,
    )


def ask_commitment(
    destination: Destination,
    transaction_uid: str,
    items: Sequence[CommitmentItem],
    reported: Reported | None = None,
    answered: threading.Event | None = None,
) -> Outcome:
    """Ask an archive whether it keeps objects, and say whether it took the question.

    Parameters
    ----------
    destination : Destination
    transaction_uid : str
        A new one.
    items : sequence of CommitmentItem
    reported : callable or None
        Takes the answer if it comes on this association. None: it is not waited for.
    answered : threading.Event or None
        Set by the caller when the answer came elsewhere: then nothing more is waited
        for here.

    Returns
    -------
    Outcome
        Declined when the archive does not offer storage commitment.
    """
    try:
        association = associate(destination, [build_context(PUSH_MODEL)])
    except PeerUnavailableError as failure:
        return NotNow(str(failure))
    except PeerRefusesError as refusal:
        return Declined(str(refusal))
    answered = answered or threading.Event()
    if reported is not None:
        take = partial(_take_here, reported=reported, answered=answered)
        association.bind(evt.EVT_N_EVENT_REPORT, take)
    outcome: Outcome = Unanswered("")
    try:
        outcome = send_request(association, request_dataset(transaction_uid, items))
        if reported is not None and isinstance(outcome, Taken):
            answered.wait(_STAY_S)
    finally:
        close(association, broken=isinstance(outcome, Unanswered))
    return outcome


def report_commitment(peer: Destination, report: CommitmentReport) -> Outcome:
    """Answer a peer on a new association, in which the node is the SCP.

    Parameters
    ----------
    peer : Destination
        Who asked, and where it listens.
    report : CommitmentReport
    """
    role = build_role(PUSH_MODEL, scp_role=True)
    try:
        association = associate(peer, [build_context(PUSH_MODEL)], [role])
    except PeerUnavailableError as failure:
        return NotNow(str(failure))
    except PeerRefusesError as refusal:
        return Declined(str(refusal))
    outcome: Outcome = Unanswered("")
    try:
        outcome = send_report(association, report)
    finally:
        close(association, broken=isinstance(outcome, Unanswered))
    return outcome


def _take_here(
    event: Event, *, reported: Reported, answered: threading.Event
) -> tuple[int, None]:
    try:
        return _take_report(event, reported=reported)
    finally:
        answered.set()


def _take_report(event: Event, *, reported: Reported) -> tuple[int, None]:
    """Answer an N-EVENT-REPORT; pynetdicom wants the status and no data set."""
    request = cast("N_EVENT_REPORT", event.request)
    return _guarded(event, lambda: _book_report(event, request, reported)), None


def _take_request(event: Event, *, asked: Asked) -> tuple[int, None]:
    """Answer an N-ACTION; pynetdicom wants the status and no data set."""
    request = cast("N_ACTION", event.request)
    return _guarded(event, lambda: _book_request(event, request, asked)), None


def _guarded(event: Event, book: Callable[[], int]) -> int:
    """Return a status, whatever is wrong with the message or with us."""
    sender, _ = _remote(event.assoc)
    message = event.request.msg_type
    try:
        return book()
    except ArgumentError as refusal:
        _log.warning("%s of %s is refused: %s", message, sender, refusal)
        return refusal.status
    except Exception:  # noqa: BLE001 - the listener outlives every defect
        _log.exception("%s of %s is not booked", message, sender)
        return _PROCESSING_FAILURE


def _book_report(event: Event, request: N_EVENT_REPORT, reported: Reported) -> int:
    if request.AffectedSOPInstanceUID != WELL_KNOWN_INSTANCE:
        return _NO_SUCH_INSTANCE
    if request.EventTypeID not in (ALL_COMMITTED, SOME_FAILED):
        return _NO_SUCH_EVENT
    refuse_huge(request.EventInformation)
    content = _decoded(lambda: event.event_information)
    failed = failed_of(content)
    report = CommitmentReport(
        transaction_uid=transaction_of(content),
        committed=items_of(content, needed=not failed),
        failed=failed,
        calling_ae=_remote(event.assoc)[0],
    )
    return reported(report)


def _book_request(event: Event, request: N_ACTION, asked: Asked) -> int:
    if request.RequestedSOPInstanceUID != WELL_KNOWN_INSTANCE:
        return _NO_SUCH_INSTANCE
    if request.ActionTypeID != REQUEST_COMMITMENT:
        return _NO_SUCH_ACTION
    refuse_huge(request.ActionInformation)
    content = _decoded(lambda: event.action_information)
    calling_ae, address = _remote(event.assoc)
    question = CommitmentRequest(
        transaction_uid=transaction_of(content),
        items=items_of(content, needed=True),
        calling_ae=calling_ae,
        address=address,
    )
    return asked(question, _answer_here(event.assoc))


def _decoded(decode: Callable[[], Dataset]) -> Dataset:
    try:
        return decode()
    # Whatever pydicom ends in: struct.error, NotImplementedError, its own, and others.
    except Exception as failure:
        fact = f"its data set cannot be read ({type(failure).__name__})"
        raise ArgumentError(fact) from failure


def _answer_here(association: Association) -> AnswerHere:
    """Return what answers on an association once its N-ACTION is answered."""
    responded = threading.Event()

    def note(event: Event) -> None:
        if isinstance(event.message, N_ACTION_RSP):
            responded.set()

    association.bind(evt.EVT_DIMSE_SENT, note)

    def answer(report: CommitmentReport) -> Outcome:
        # The peer must not see the answer before it knows that its question was taken.
        responded.wait(_RESPONSE_S)
        if not association.is_established:
            return Unanswered("the association on which it asked has ended")
        return send_report(association, report)

    return answer


def _remote(association: Association) -> tuple[str, str]:
    """Return AE title and address of the peer."""
    remote = association.remote
    return str(remote["ae_title"]).strip(), str(remote["address"])
