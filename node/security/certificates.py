"""When certificates end, told before they do.

Design choice: an end is told in the log and in the ledger, when the node starts and
then each day, from so many days before. A certificate that ends in silence looks like a
network fault on the day that it does.

Design choice: certificates of callers are looked at as they come, since nobody else may
watch a scanner's; each is told of once a day, and so many are remembered.
"""

import logging
import stat
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from node.ledger import Ledger, LedgerUnavailableError
from node.security.access import shown
from node.security.tls import TlsFileError, TlsOptions

_log = logging.getLogger(__name__)

_DAY = timedelta(days=1)
_REMEMBERED = 1000
"""Certificates of callers that are remembered; a flood of new ones is not."""
_OURS = "tls.certificate_file"
_AUTHORITY = "tls.ca_file"
_EVENT = "security"


@dataclass(frozen=True)
class CertificateFact:
    """What a certificate says of itself.

    Attributes
    ----------
    source : str
        The setting that names its file, or who showed it.
    subject : str
        As RFC 4514 writes it.
    fingerprint : str
        SHA-256 of its DER encoding, hexadecimal.
    begins_at, ends_at : datetime
    """

    source: str
    subject: str
    fingerprint: str
    begins_at: datetime
    ends_at: datetime

    def trouble(self, at: datetime, warning: timedelta) -> str:
        """Return why the certificate needs a person, in words; empty when it doesn't.

        Parameters
        ----------
        at : datetime
        warning : timedelta
            Before its end, from which on it does.
        """
        named = f"the certificate of {self.subject} ({self.source})"
        if at >= self.ends_at:
            return (
                f"{named} has ended on {self.ends_at:%Y-%m-%d} and is refused; have a "
                "new one issued"
            )
        if at < self.begins_at:
            return (
                f"{named} begins on {self.begins_at:%Y-%m-%d} and is refused until "
                "then; check the clock, or have a new one issued"
            )
        if at >= self.ends_at - warning:
            left = self.ends_at - at
            return (
                f"{named} ends on {self.ends_at:%Y-%m-%d}, in {left.days} days; have a "
                "new one issued before"
            )
        return ""


@dataclass(frozen=True)
class WatchOptions:
    """What is watched.

    Attributes
    ----------
    tls : TlsOptions
    warning : timedelta
        Before its end, from which on a certificate is told of each day.
    secret_files : tuple of Path
        Files that nobody else shall read.
    """

    tls: TlsOptions
    warning: timedelta
    secret_files: tuple[Path, ...] = ()


def facts(options: TlsOptions) -> list[CertificateFact]:
    """Return what our certificate, its chain and the authorities say.

    Parameters
    ----------
    options : TlsOptions

    Raises
    ------
    TlsFileError
    """
    files = ((_OURS, options.certificate), (_AUTHORITY, options.ca))
    return [
        fact_of(each, source)
        for source, path in files
        if path is not None
        for each in _read(path)
    ]


def fact_of(certificate: x509.Certificate, source: str) -> CertificateFact:
    """Return what a certificate says of itself.

    Parameters
    ----------
    certificate : x509.Certificate
    source : str
        The setting that names its file, or who showed it.
    """
    return CertificateFact(
        source=source,
        # Whoever was issued it chose the name; it is not to forge lines of the log.
        subject=shown(certificate.subject.rfc4514_string() or "nobody"),
        fingerprint=certificate.fingerprint(hashes.SHA256()).hex(),
        begins_at=certificate.not_valid_before_utc,
        ends_at=certificate.not_valid_after_utc,
    )


def open_to_others(paths: Sequence[Path]) -> list[Path]:
    """Return the secret files that every user of the machine can read."""
    return [path for path in paths if _mode(path) & stat.S_IROTH]


class CertificateWatch:
    """Tells when certificates end; its sweep is due every few minutes.

    Parameters
    ----------
    ledger : Ledger
    options : WatchOptions
    now : callable
    """

    def __init__(
        self, ledger: Ledger, options: WatchOptions, now: Callable[[], datetime]
    ) -> None:
        self._ledger = ledger
        self._options = options
        self._now = now
        self._turn = threading.Lock()
        self._callers: OrderedDict[str, CertificateFact] = OrderedDict()
        self._told_at: dict[str, datetime] = {}
        self._started = False

    def seen(self, certificate: bytes, caller: str) -> None:
        """Remember a certificate that a caller showed; returns at once.

        Parameters
        ----------
        certificate : bytes
            DER, as TLS has verified it.
        caller : str
            AE title or name, for the words.
        """
        try:
            fact = fact_of(x509.load_der_x509_certificate(certificate), caller)
        except ValueError:
            _log.warning("the certificate of %s cannot be read", caller)
            return
        with self._turn:
            self._callers[fact.fingerprint] = fact
            self._callers.move_to_end(fact.fingerprint)
            while len(self._callers) > _REMEMBERED:
                forgotten, _ = self._callers.popitem(last=False)
                self._told_at.pop(forgotten, None)

    def sweep(self) -> None:
        """Tell what is due."""
        if not self._started:
            self._started = True
            self._introduce()
        with self._turn:
            callers = list(self._callers.values())
        for fact in [*self._own(), *callers]:
            self._tell_if_due(fact)

    def _introduce(self) -> None:
        for fact in self._own():
            _log.info("%s: %s, until %s", fact.source, fact.subject, fact.ends_at)
        for path in open_to_others(self._options.secret_files):
            words = f"every user of this machine can read {path}; take that right away"
            _log.warning("%s", words)
            self._note(words)

    def _own(self) -> list[CertificateFact]:
        try:
            return facts(self._options.tls)
        except TlsFileError as fault:
            _log.error("%s", fault)
            return []

    def _tell_if_due(self, fact: CertificateFact) -> None:
        now = self._now()
        words = fact.trouble(now, self._options.warning)
        told_at = self._told_at.get(fact.fingerprint)
        # A clock that was set back must not silence us.
        fresh = told_at is not None and abs(now - told_at) < _DAY
        if not words or fresh:
            return
        if now >= fact.ends_at:
            _log.error("%s", words)
        else:
            _log.warning("%s", words)
        if self._note(words):
            self._told_at[fact.fingerprint] = now

    def _note(self, words: str) -> bool:
        try:
            self._ledger.note(_EVENT, words, self._now())
        except LedgerUnavailableError as failure:
            _log.error("%s", failure)
            return False
        return True


def _read(path: Path) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(path.read_bytes())
    except OSError as failure:
        why = f"it cannot be read: {(failure.strerror or '').lower()}"
        remedy = "Correct the path, or let the node's user read the file."
        raise TlsFileError(path, why, remedy) from failure
    except ValueError as failure:
        why = "it holds no certificate, or a broken one"
        raise TlsFileError(path, why, "Give certificates as PEM.") from failure


def _mode(path: Path) -> int:
    try:
        return path.stat().st_mode
    except OSError:
        # Whoever needs the file says that it is not there.
        return 0
