"""Why an HTTP request has no answer, in words and as an outcome."""

import ssl
from collections.abc import Iterator

from requests import RequestException
from requests.exceptions import ConnectTimeout, InvalidURL, ReadTimeout
from urllib3.exceptions import (
    HTTPError,
    LocationParseError,
    NameResolutionError,
    NewConnectionError,
    ReadTimeoutError,
)

from node.association.tls_faults import tls_fault
from node.delivery.web_session import (
    AnswerTooLongError,
    CredentialError,
    OverdueError,
)
from node.records.outcome import Deferred, FailureKind, Refused
from node.security.tls import TlsFileError

FAULTS = (
    RequestException,
    HTTPError,
    OSError,
    AnswerTooLongError,
    CredentialError,
    OverdueError,
    TlsFileError,
)
"""What a request may raise that has no answer."""

_DEEPEST = 20


def web_fault(place: str, fault: BaseException) -> Deferred | Refused:
    """Return what is to be done about a request without an answer.

    What libraries say is not told: it quotes what was sent.

    Parameters
    ----------
    place : str
        The peer.
    fault : BaseException
        One of `FAULTS`.
    """
    if isinstance(fault, CredentialError | TlsFileError):
        return Deferred(f"{place}: {fault}", FailureKind.OWN_FILE)
    chain = list(_chain(fault))
    for cause in chain:
        if isinstance(cause, ssl.SSLError):
            return Deferred(f"{place}: {tls_fault(cause)}", FailureKind.TRUST)
    if any(isinstance(cause, _FOR_GOOD) for cause in chain):
        why = "has no address that a request can go to, or answers without end"
        return Refused(f"{place} {why}")
    why, kind = next(
        (
            (words, kind)
            for kinds, words, kind in _WORDS
            if any(isinstance(cause, kinds) for cause in chain)
        ),
        ("broke the connection", FailureKind.BROKEN),
    )
    return Deferred(f"{place} {why}", kind)


_FOR_GOOD = (AnswerTooLongError, InvalidURL, LocationParseError)

_WORDS = (
    (OverdueError, "did not answer before the time was over", FailureKind.BROKEN),
    (ConnectTimeout, "does not answer in time", FailureKind.UNREACHABLE),
    (NameResolutionError, "cannot be found by its name", FailureKind.UNREACHABLE),
    (ConnectionRefusedError, "refuses the connection", FailureKind.UNREACHABLE),
    (NewConnectionError, "cannot be connected to", FailureKind.UNREACHABLE),
    ((ReadTimeout, ReadTimeoutError), "gave no answer in time", FailureKind.BROKEN),
)


def _chain(fault: BaseException) -> Iterator[BaseException]:
    """Give an exception and what it was raised for, as requests and urllib3 nest it."""
    found: list[BaseException] = [fault]
    for _ in range(_DEEPEST):
        if not found:
            return
        cause = found.pop(0)
        yield cause
        inner = (
            getattr(cause, "reason", None),
            *cause.args,
            cause.__cause__,
            cause.__context__,
        )
        found += [each for each in inner if isinstance(each, BaseException)]
