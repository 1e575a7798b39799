"""The node's STOW-RS and QIDO-RS user agent (PS3.18 10.5 and 10.6).

Design choice: the bytes that lie on disk are the bytes that are sent, as by C-STORE.

Design choice: one POST holds the objects of one result, up to a number of bytes, so
that one that an archive cannot take holds up no other. Where it is not said which of
them that is, they are sent in halves.

========================= ==========================================================
Outcome                   When
========================= ==========================================================
Delivered                 named as stored, with or without a warning; 0111, the
                          archive has the object already
Deferred, unreachable     no connection; 502 and 504: a proxy reaches nobody
Deferred, trust           no TLS between the two; 401, 403, 407
Deferred, busy            408, 425, 429, 503; not before *Retry-After*
Deferred, broken          the connection ended or the time was over in the middle
Deferred, out of          named as failed with A7xx or 0110; 500, 507 and other 5xx
resources
Deferred, own file        an object, a password, a token or a key cannot be read now
Refused                   named as failed for another reason; redirected; every other
                          status; an answer that does not say what is stored
========================= ==========================================================
"""

from collections.abc import Generator, Iterator, Mapping, Sequence
from http import HTTPStatus
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from requests import HTTPError, JSONDecodeError, Response

from dicom_io.source_reference import SourceReference
from node.association.requestor import PeerRefusesError, PeerUnavailableError
from node.delivery.store_response import NoStoreResponseError, stored_instances
from node.delivery.web_client import (
    REDIRECTIONS,
    OneRequest,
    WebDestination,
    response_of,
)
from node.delivery.web_faults import FAULTS, web_fault
from node.records.jobs import ResultObject
from node.records.outcome import Deferred, FailureKind, Outcome, Refused

__all__ = ["WebDestination", "held_instances", "send"]

_LONGEST_WAIT_S = 86_400
_DIGITS = 5

_BUSY = frozenset({408, 425, 429, 503})
_NO_TRUST = frozenset({401, 403, 407})
_NOBODY_BEHIND = frozenset({502, 504})
_NOT_TOGETHER = frozenset({400, 413, 422, 500})
"""One object alone may be at fault, or all of them may be too much."""
_SAYS_WHICH = frozenset({200, 202, 409})
_SERVER_ERRORS = range(500, 600)


def send(
    destination: WebDestination, objects: Sequence[ResultObject]
) -> Generator[Outcome, None, None]:
    """Yield what became of each object, in the order of the objects, as it happens.

    Nothing is sent before the first outcome is asked for.

    Parameters
    ----------
    destination : WebDestination
    objects : sequence of ResultObject
    """
    for _, of_one_result in groupby(objects, key=lambda item: item.path.parent):
        yield from _send_result(destination, list(of_one_result))


def held_instances(
    destination: WebDestination, items: Sequence[SourceReference]
) -> frozenset[str]:
    """Return the SOP Instance UIDs that an archive says it holds, out of those named.

    An item that names no study or series is never said to be held.

    Parameters
    ----------
    destination : WebDestination
    items : sequence of SourceReference

    Raises
    ------
    PeerUnavailableError
    PeerRefusesError
    """
    return frozenset(
        item.sop_instance_uid
        for item in items
        if item.study_instance_uid and item.series_instance_uid
        if _is_held(destination, item)
    )


def _send_result(
    destination: WebDestination, objects: Sequence[ResultObject]
) -> Iterator[Outcome]:
    """Yield what became of the objects of a result, a POST for as many as fit."""
    batch: list[bytes] = []
    items: list[ResultObject] = []
    for item in objects:
        content = _read(item.path)
        unreadable = isinstance(content, Deferred)
        full = sum(map(len, batch)) + len(_bytes(content)) > destination.largest_post
        if batch and (unreadable or full):
            yield from _post(destination, items, batch)
            batch, items = [], []
        if isinstance(content, Deferred):
            yield content
        else:
            batch.append(content)
            items.append(item)
    if batch:
        yield from _post(destination, items, batch)


def _post(
    destination: WebDestination, items: Sequence[ResultObject], parts: Sequence[bytes]
) -> Iterator[Outcome]:
    size = sum(map(len, parts))
    try:
        response = OneRequest(destination, size).store_parts(parts)
    except FAULTS as fault:
        unreached = web_fault(destination.place, fault)
        yield from [unreached] * len(items)
        return
    if response.status_code in _NOT_TOGETHER and len(items) > 1:
        half = len(items) // 2
        yield from _post(destination, items[:half], parts[:half])
        yield from _post(destination, items[half:], parts[half:])
        return
    yield from _judged(destination, response, items)


def _judged(
    destination: WebDestination, response: Response, items: Sequence[ResultObject]
) -> list[Outcome]:
    """Return what an answer says of each object."""
    status = response.status_code
    if status not in _SAYS_WHICH:
        return [_for_all(destination, response)] * len(items)
    kind = _shown(response.headers.get("Content-Type", "")) or "no content type"
    said = f"{destination.place} answers HTTP {status}"
    try:
        named = stored_instances(response.content, kind)
    except NoStoreResponseError:
        why = f"{said} with {kind}, which does not say what is stored; is it its "
        return [Refused(f"{why}DICOMweb address?")] * len(items)
    unnamed = Refused(f"{said} and does not say whether the object is stored")
    return [named.get(item.sop_instance_uid, unnamed) for item in items]


def _for_all(destination: WebDestination, response: Response) -> Outcome:
    """Return what a status means that says nothing of single objects."""
    status = response.status_code
    said = f"{destination.place} answers HTTP {_status_words(status)}"
    kind = _passing_kind(status)
    if kind is FailureKind.TRUST:
        said += "; check its user and password_file, or its token_file"
    if kind is not None:
        return Deferred(said, kind, _retry_after_s(response.headers))
    if status in REDIRECTIONS:
        to = urlsplit(response.headers.get("Location", ""))
        where = _shown(f"{to.scheme}://{to.hostname or ''}{to.path}")
        return Refused(f"{said}: it points to {where}, which is not followed")
    return Refused(said)


def _passing_kind(status: int) -> FailureKind | None:
    """Return as what a status is tried again; None when it is not."""
    kinds = (
        (_NO_TRUST, FailureKind.TRUST),
        (_BUSY, FailureKind.BUSY),
        (_NOBODY_BEHIND, FailureKind.UNREACHABLE),
        (_SERVER_ERRORS, FailureKind.OUT_OF_RESOURCES),
    )
    return next((kind for statuses, kind in kinds if status in statuses), None)


def _is_held(destination: WebDestination, item: SourceReference) -> bool:
    place = destination.place
    try:
        found = OneRequest(destination, 0).search_for_instances(
            item.study_instance_uid,
            item.series_instance_uid,
            search_filters={"SOPInstanceUID": item.sop_instance_uid},
        )
    except HTTPError as answer:
        raise _no_answer(place, response_of(answer)) from answer
    except JSONDecodeError as fault:
        why = f"{place} answers a query with what is no DICOM JSON"
        raise PeerRefusesError(why) from fault
    except FAULTS as fault:
        outcome = web_fault(place, fault)
        if isinstance(outcome, Deferred):
            raise PeerUnavailableError(outcome.why, outcome.kind) from fault
        raise PeerRefusesError(outcome.status) from fault
    answers: object = found
    if not isinstance(answers, list):
        return False
    # Some archives ignore keys that they do not know, and answer with everything.
    return any(_uid(answer) == item.sop_instance_uid for answer in answers)


def _no_answer(
    place: str, response: Response
) -> PeerUnavailableError | PeerRefusesError:
    status = response.status_code
    why = f"{place} answers a query with HTTP {_status_words(status)}"
    kind = _passing_kind(status)
    return PeerRefusesError(why) if kind is None else PeerUnavailableError(why, kind)


def _uid(answer: object) -> str:
    """Return *SOP Instance UID* (0008,0018) of an item of DICOM JSON."""
    element = answer.get("00080018") if isinstance(answer, dict) else None
    values = element.get("Value") if isinstance(element, dict) else None
    return str(values[0]) if isinstance(values, list) and values else ""


def _read(path: Path) -> bytes | Deferred:
    try:
        return path.read_bytes()
    except OSError as failure:
        why = f"{path.name} cannot be read: {failure.strerror}"
        return Deferred(why, FailureKind.OWN_FILE)


def _bytes(content: bytes | Deferred) -> bytes:
    return content if isinstance(content, bytes) else b""


def _status_words(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _retry_after_s(headers: Mapping[str, Any]) -> float:
    """Return *Retry-After* where it is given in seconds, as it is to machines."""
    text = str(headers.get("Retry-After", "")).strip()
    if not (text.isascii() and text.isdecimal() and len(text) <= _DIGITS):
        return 0.0
    return float(min(int(text), _LONGEST_WAIT_S))


def _shown(text: str) -> str:
    """Return what a server wrote as part of a message."""
    return "".join(letter for letter in text[:200] if letter.isprintable())
