"""A DICOMweb archive, tried without anything being stored.

Design choice: a POST of no object at all is asked, and its status is judged. An archive
that takes objects says that it misses them; one that does not let us in, or that has no
such service, says that first.
"""

from dataclasses import dataclass
from http import HTTPStatus

from requests import Response

from node.delivery.web_client import REDIRECTIONS, OneRequest, WebDestination
from node.delivery.web_faults import FAULTS, web_fault
from node.records.outcome import Deferred, FailureKind

_NOT_LET_IN = frozenset({401, 403, 407})
_NO_SERVICE = frozenset({404, 405, 410, 501})
_AWAY = frozenset({408, 425, 429, 502, 503, 504})

_REACH = (
    "See that the URL is right, that the archive runs, and that no firewall stands "
    "between."
)
_LET_IN = "Check user and password_file, or token_file, and what the archive allows it."
_ADDRESS = "url must lead to the archive's DICOMweb services; /studies is added to it."
_TRUST = "See [tls] and the archive's certificate."


@dataclass(frozen=True)
class WebTrouble:
    """Why an archive cannot be used.

    Attributes
    ----------
    fact : str
    remedy : str
    """

    fact: str
    remedy: str


def why_not_stored(destination: WebDestination) -> WebTrouble | None:
    """Return why an archive would not take objects; None when it would."""
    try:
        answer = OneRequest(destination, 0).store_parts(())
    except FAULTS as fault:
        return _unreached(destination, fault)
    return _judged(destination, answer)


def _unreached(destination: WebDestination, fault: BaseException) -> WebTrouble:
    outcome = web_fault(destination.place, fault)
    if not isinstance(outcome, Deferred):
        return WebTrouble(outcome.status, _ADDRESS)
    remedies = {FailureKind.TRUST: _TRUST, FailureKind.OWN_FILE: _LET_IN}
    return WebTrouble(outcome.why, remedies.get(outcome.kind, _REACH))


def _judged(destination: WebDestination, answer: Response) -> WebTrouble | None:
    status = answer.status_code
    fact = f"{destination.place} answers HTTP {status}{_phrase(status)}"
    kinds = (
        (_NOT_LET_IN, "it does not let the node in", _LET_IN),
        (_NO_SERVICE, "there is no STOW-RS", _ADDRESS),
        (REDIRECTIONS, "it points elsewhere, which is not followed", _ADDRESS),
        (_AWAY, "it cannot take objects now", _REACH),
    )
    for statuses, words, remedy in kinds:
        if status in statuses:
            return WebTrouble(f"{fact}: {words}", remedy)
    return None


def _phrase(status: int) -> str:
    try:
        return f" {HTTPStatus(status).phrase}"
    except ValueError:
        return ""
