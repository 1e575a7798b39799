"""HTTP as this node speaks it: bounded in time and bytes, and discreet.

Design choice: no redirect is followed. It would lead an object, and the credentials
with it, to where nobody has sent it; the message names the other place instead.

Design choice: a request has an end, however regularly a peer sends a byte: its
connection is shut when the time is over. Timeouts of sockets know single reads alone.

Design choice: nothing comes from the environment, neither a proxy nor a ``.netrc``, and
each request has a connection of its own, so that certificates and tokens that are
renewed are in use at once.

::

    CredentialError       a password or token file cannot serve
    AnswerTooLongError    more is answered than anything that is asked for
    OverdueError          the time is over
"""

import base64
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from socket import SHUT_RDWR, socket
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection

from node.security.tls import TlsOptions, client_context

_LONGEST_SECRET = 65_536
_PIECE = 65_536
_LONGEST_ANSWER = 4 * 2**20
"""Bytes. The answer to a POST of a thousand objects has some hundred thousand."""


@dataclass(frozen=True)
class Credentials:
    """Who the node is to an archive; secrets stay in their files until they are used.

    Attributes
    ----------
    user : str
        For HTTP basic authentication (RFC 7617); empty for none.
    password_file : Path or None
    token_file : Path or None
        Of a bearer token (RFC 6750), which comes before a user.
    """

    user: str = ""
    password_file: Path | None = None
    token_file: Path | None = None

    def header(self) -> str:
        """Return the value of *Authorization*; empty for none.

        Raises
        ------
        CredentialError
        """
        if self.token_file is not None:
            return f"Bearer {_secret(self.token_file)}"
        if not self.user:
            return ""
        password = "" if self.password_file is None else _secret(self.password_file)
        pair = f"{self.user}:{password}".encode()
        return f"Basic {base64.b64encode(pair).decode('ascii')}"


@dataclass(frozen=True)
class Patience:
    """How long a request may take.

    Attributes
    ----------
    connection_s : float
        For the connection, and for each piece of what is sent.
    response_s : float
        For each piece of the answer.
    whole_s : float
        From the connection to the end of the answer.
    """

    connection_s: float
    response_s: float
    whole_s: float


class CredentialError(Exception):
    """A password or token cannot be used; the message names the file alone."""


class AnswerTooLongError(Exception):
    """An answer has more bytes than anything that is asked for."""


class OverdueError(Exception):
    """A request was not over when its time was."""


def web_session(
    credentials: Credentials, tls: TlsOptions, patience: Patience
) -> requests.Session:
    """Return a session for one request.

    Parameters
    ----------
    credentials : Credentials
    tls : TlsOptions
        For https.
    patience : Patience

    Raises
    ------
    CredentialError
    node.security.tls.TlsFileError
        When it is used for https.
    """
    session = _Session()
    session.trust_env = False
    session.auth = _Authorization(credentials.header())
    # Compressed, a small answer could be a large one.
    session.headers["Accept-Encoding"] = "identity"
    session.mount("http://", _Adapter(patience, tls))
    session.mount("https://", _Adapter(patience, tls))
    return session


class _Session(requests.Session):
    """A session that follows no redirect."""

    def get_redirect_target(self, _resp: requests.Response) -> None:
        """Return None: nowhere."""


class _Authorization(AuthBase):
    """Adds the header; a session without it would look for users in the URL."""

    def __init__(self, header: str) -> None:
        self._header = header

    def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._header:
            r.headers["Authorization"] = self._header
        return r


class _Adapter(HTTPAdapter):
    """Sends one request, and reads its answer to the end within its time."""

    def __init__(self, patience: Patience, tls: TlsOptions) -> None:
        self._patience = patience
        self._tls = tls
        self._watch = _Watch()
        super().__init__(max_retries=0)

    def init_poolmanager(self, *_: Any, **__: Any) -> None:
        """Have every connection watched."""
        self.poolmanager = PoolManager(num_pools=1, maxsize=1)
        self.poolmanager.pool_classes_by_scheme = _watched_pools(self._watch)

    def build_connection_pool_key_attributes(
        self, request: requests.PreparedRequest, verify: Any, cert: Any = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return where to connect, and our own TLS context in place of any other."""
        host, _ = super().build_connection_pool_key_attributes(request, verify, cert)
        if host["scheme"] != "https":
            return host, {}
        return host, {"ssl_context": client_context(self._tls)}

    def cert_verify(self, *_: Any, **__: Any) -> None:
        """Do nothing: the context knows whom to believe, and requests would add."""

    def send(
        self, request: requests.PreparedRequest, *_: Any, **__: Any
    ) -> requests.Response:
        """Return the response, its body read.

        Raises
        ------
        OverdueError, AnswerTooLongError
        requests.RequestException, urllib3.exceptions.HTTPError, OSError
        """
        # What dicomweb-client sets lacks the port.
        request.headers.pop("Host", None)
        if isinstance(request.body, bytes):
            # In pieces, each with a timeout; whole, it would all have to go in one.
            request.body = BytesIO(request.body)
        limits = (self._patience.connection_s, self._patience.response_s)
        try:
            with self._watch.over(self._patience.whole_s):
                answered = super().send(request, stream=True, timeout=limits)
                with closing(answered.raw):
                    body = _whole(answered.raw)
        finally:
            # There is one request; whatever came of it, its connection goes.
            self.close()
        answered.raw = BytesIO(body)
        return answered


class _Watch:
    """Shuts the connections of a request when its time is over."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._connections: list[socket] = []
        self._over = False

    @contextmanager
    def over(self, seconds: float) -> Iterator[None]:
        """Watch while the context lasts.

        Raises
        ------
        OverdueError
        """
        timer = threading.Timer(seconds, self._shut)
        timer.daemon = True
        timer.start()
        try:
            yield
        except Exception as error:
            if self._over:
                raise OverdueError from error
            raise
        finally:
            timer.cancel()
            timer.join()
            self._forget()
        # A connection that was shut may look like the end of an answer.
        if self._over:
            raise OverdueError

    def add(self, connection: socket) -> None:
        """Watch a connection, whatever is made of its socket."""
        with self._lock:
            self._connections.append(connection.dup())

    def _shut(self) -> None:
        with self._lock:
            self._over = True
            for connection in self._connections:
                with suppress(OSError):
                    connection.shutdown(SHUT_RDWR)

    def _forget(self) -> None:
        with self._lock:
            for connection in self._connections:
                connection.close()
            self._connections.clear()


def _watched_pools(watch: _Watch) -> dict[str, type[HTTPConnectionPool]]:
    # urllib3 has no hook for sockets; what is overridden is what makes one.
    class Plain(HTTPConnection):
        def _new_conn(self) -> socket:
            made = super()._new_conn()
            watch.add(made)
            return made

    class Tls(HTTPSConnection):
        def _new_conn(self) -> socket:
            made = super()._new_conn()
            watch.add(made)
            return made

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class TlsPool(HTTPSConnectionPool):
        ConnectionCls = Tls

    return {"http": PlainPool, "https": TlsPool}


def _whole(raw: Any) -> bytes:
    """Return the body of a response.

    Read to its end in pieces: urllib3 tells only then that it ended too early.
    """
    body = bytearray()
    while piece := raw.read(_PIECE, decode_content=False):
        body += piece
        if len(body) > _LONGEST_ANSWER:
            raise AnswerTooLongError
    return bytes(body)


def _secret(file: Path) -> str:
    """Return what a file holds, its last line break apart."""
    try:
        with file.open("rb") as opened:
            content = opened.read(_LONGEST_SECRET + 1)
    except OSError as failure:
        fact = f"{file} cannot be read: {(failure.strerror or '').lower()}"
        raise CredentialError(fact) from None
    secret = content.removesuffix(b"\n").removesuffix(b"\r").decode("utf-8", "replace")
    if not secret or len(content) > _LONGEST_SECRET or not secret.isprintable():
        fact = f"{file} must hold one line of text, and nothing else"
        raise CredentialError(fact)
    return secret
