"""TLS as BCP 195 asks for it (PS3.15 B.9), for whoever calls and is called.

Design choice: TLS 1.2 with ephemeral keys and authenticated encryption, or TLS 1.3, and
nothing else; PS3.15 B.10 calls this the non-downgrading profile. A peer that can only
do less is refused, because a connection that looks protected and is not is worse than
one that nobody relies on.

Design choice: no sessions are resumed. Each handshake checks the peer's certificate,
so that one which has ended lets nobody in, however long the node runs.

::

    RefusalError
    └── TlsFileError     a file that cannot serve; names it, and what to do
"""

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from config.refusal import RefusalError

_CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM:!aNULL:!aPSK:!aDSS:@SECLEVEL=2"
"""Suites of TLS 1.2 (RFC 9325 section 4.2); those of 1.3 are all of this kind. Security
level 2 refuses RSA keys below 2048 bits and signatures with SHA-1."""

_PEM_BEGINS = b"-----BEGIN CERTIFICATE-----"
_PEM_ENDS = b"-----END CERTIFICATE-----"
_PASSWORD_BYTES = 1024
"""Longest password that OpenSSL takes for a key."""


@dataclass(frozen=True)
class TlsOptions:
    """Files and rules of TLS.

    Attributes
    ----------
    certificate : Path or None
        Our certificate with its chain, PEM. None when we show none.
    key : Path or None
        Its private key, PEM.
    key_password_file : Path or None
        File that holds the key's password; its last line break does not count.
    ca : Path or None
        Certificates of the authorities that peers are believed by, PEM. None for those
        of the operating system, and only for peers that we call.
    require_peer_certificate : bool
        Whether callers must show a certificate of `ca`.
    verify_host : bool
        Whether the certificate of a peer that we call must name its host.
    ourselves : bool
        Whether the peer that we call may be the node itself, and show `certificate`,
        whoever issued it.
    """

    certificate: Path | None = None
    key: Path | None = None
    key_password_file: Path | None = None
    ca: Path | None = None
    require_peer_certificate: bool = True
    verify_host: bool = True
    ourselves: bool = False


class TlsFileError(RefusalError):
    """A certificate, key or password file cannot serve.

    Attributes
    ----------
    path : Path or None
        None when a file that is needed is not named.
    why : str
    remedy : str
    """

    def __init__(self, path: Path | None, why: str, remedy: str) -> None:
        named = "" if path is None else f"{path}: "
        super().__init__(f"TLS cannot be used: {named}{why}. {remedy}")
        self.path = path
        self.why = why
        self.remedy = remedy


def server_context(options: TlsOptions) -> ssl.SSLContext:
    """Return what wraps connections that others opened.

    Parameters
    ----------
    options : TlsOptions

    Raises
    ------
    TlsFileError
        Also when there is no certificate, or nobody to know callers by.
    """
    if options.certificate is None:
        raise TlsFileError(None, "there is no certificate", "Set tls.certificate_file.")
    context = _strict(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))
    context.options |= ssl.OP_NO_TICKET | ssl.OP_CIPHER_SERVER_PREFERENCE
    context.num_tickets = 0
    _show_certificate(context, options)
    if options.require_peer_certificate:
        if options.ca is None:
            raise TlsFileError(None, "callers cannot be known", "Set tls.ca_file.")
        _believe(context, options.ca)
        # Else the node could not ask itself whether it is well, where others issue its
        # certificate than those of its peers. Nobody else has the key.
        _believe_ourselves(context, options.certificate)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def client_context(options: TlsOptions) -> ssl.SSLContext:
    """Return what wraps connections that we open; the peer's certificate is checked.

    Parameters
    ----------
    options : TlsOptions

    Raises
    ------
    TlsFileError
        Also when the host is not verified and anybody's certificate would do.
    """
    context = _strict(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    anybody = options.ca is None and not options.ourselves
    if anybody and not options.verify_host:
        why = "any certificate of a public authority would pass for the archive's"
        raise TlsFileError(None, why, "Set tls.ca_file, or tls.verify_host = true.")
    context.check_hostname = options.verify_host
    if anybody:
        context.load_default_certs(ssl.Purpose.SERVER_AUTH)
    if options.ca is not None:
        _believe(context, options.ca)
    if options.ourselves and options.certificate is not None:
        _believe_ourselves(context, options.certificate)
    if options.certificate is not None:
        _show_certificate(context, options)
    return context


def _strict(context: ssl.SSLContext) -> ssl.SSLContext:
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(_CIPHERS)
    # A session ticket of TLS 1.3 is of no use to us, and compression leaks.
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
    return context


def _believe(context: ssl.SSLContext, ca: Path) -> None:
    _read(ca)
    try:
        context.load_verify_locations(cafile=ca)
    except ssl.SSLError as failure:
        remedy = "Give the certificates of your authorities as PEM."
        raise TlsFileError(ca, "it holds no certificate", remedy) from failure


def _believe_ourselves(context: ssl.SSLContext, certificate: Path) -> None:
    """Believe our own certificate; not those that issued it, which a file may hold."""
    _, begin, rest = _read(certificate).partition(_PEM_BEGINS)
    first, end, _ = rest.partition(_PEM_ENDS)
    try:
        context.load_verify_locations(cadata=(begin + first + end).decode("ascii"))
    except (ssl.SSLError, ValueError) as failure:
        remedy = "Give the node's certificate as PEM, before those that issued it."
        raise TlsFileError(certificate, "it holds no certificate", remedy) from failure
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN


def _show_certificate(context: ssl.SSLContext, options: TlsOptions) -> None:
    certificate = options.certificate
    if certificate is None:
        return
    key = options.key or certificate
    _read(certificate)
    _read(key)
    password = _password_of(key, options.key_password_file)
    try:
        context.load_cert_chain(certificate, key, password)
    except ssl.SSLError as failure:
        raise _unfit(certificate, key, options, failure) from failure


def _password_of(key: Path, file: Path | None) -> Callable[[], bytes]:
    """Return what gives OpenSSL the password; it would ask at the terminal else."""

    def password() -> bytes:
        if file is None:
            remedy = "Set tls.key_password_file, or take the password off the key."
            raise TlsFileError(key, "the key has a password", remedy)
        read = _read(file).removesuffix(b"\n").removesuffix(b"\r")
        if not read or len(read) > _PASSWORD_BYTES:
            remedy = "It must hold the password of the key, and nothing else."
            raise TlsFileError(file, "this is no password", remedy)
        return read

    return password


def _unfit(
    certificate: Path, key: Path, options: TlsOptions, failure: ssl.SSLError
) -> TlsFileError:
    """Return what OpenSSL means, without the words of the key file."""
    reason = failure.reason or ""
    if reason == "KEY_VALUES_MISMATCH":
        why = f"it is not the key of {certificate}"
        return TlsFileError(key, why, "Name the key that the certificate is for.")
    if reason in {"EE_KEY_TOO_SMALL", "CA_KEY_TOO_SMALL", "CA_MD_TOO_WEAK"}:
        why = f"it is too weak ({reason.replace('_', ' ').lower()})"
        remedy = "Make one with RSA of 2048 bits or more, or a P-256 key, and SHA-256."
        return TlsFileError(certificate, why, remedy)
    if reason in {"BAD_DECRYPT", "BAD_PASSWORD_READ"}:
        why = "the password is not that of the key"
        remedy = f"Correct what {options.key_password_file} holds."
        return TlsFileError(key, why, remedy)
    why = f"this and {key} are not a certificate and its key"
    return TlsFileError(certificate, why, "Give both as PEM.")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as failure:
        why = f"it cannot be read: {(failure.strerror or '').lower()}"
        remedy = "Correct the path, or let the node's user read the file."
        raise TlsFileError(path, why, remedy) from failure
