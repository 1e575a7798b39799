"""The maintained DICOMweb client, for one request of this node.

Design choice: dicomweb-client encodes data sets by itself. As the bytes on disk are to
be the bytes that are sent, two of its methods are used below the one that does;
`tests/node/delivery/test_dicomweb.py` fails when they change.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from dicomweb_client.web import DICOMwebClient
from requests import HTTPError, Response

from node.association.requestor import PeerTimeouts
from node.delivery.web_session import Credentials, Patience, web_session
from node.security.tls import TlsOptions

REDIRECTIONS = range(300, 400)
_SLOWEST_BYTES_PER_S = 128 * 1024
"""What a connection must manage; slower ones are cut and tried again."""
_MULTIPART = (
    'multipart/related; type="application/dicom"; '
    'boundary="exhaustion-node-0f3cf5c0-70e0-41ef-baef-c6f9f65ec3e1"'
)


@dataclass(frozen=True)
class WebDestination:
    """Where results go by STOW-RS.

    Attributes
    ----------
    name : str
        In configuration, ledger and logs.
    url : str
        Where the archive's DICOMweb services lie.
    credentials : Credentials
    tls : TlsOptions
        For https.
    timeouts : PeerTimeouts
        An HTTP connection has no association; the answer is waited for.
    largest_post : int
        Bytes of objects in one POST; a larger object has one of its own.
    """

    name: str
    url: str
    credentials: Credentials = field(default_factory=Credentials)
    tls: TlsOptions = field(default_factory=TlsOptions)
    timeouts: PeerTimeouts = field(default_factory=PeerTimeouts)
    largest_post: int = 64 * 2**20

    @property
    def place(self) -> str:
        """The peer, in messages."""
        return f"{self.name} at {self.url}"


class OneRequest(DICOMwebClient):
    """The maintained client, for one request."""

    def __init__(self, destination: WebDestination, size: int) -> None:
        limits = destination.timeouts
        whole_s = limits.connection_s + limits.response_s + size / _SLOWEST_BYTES_PER_S
        patience = Patience(limits.connection_s, limits.response_s, whole_s)
        super().__init__(
            destination.url.rstrip("/"),
            web_session(destination.credentials, destination.tls, patience),
            callback=_no_redirection,
            # In one piece with its length: many servers do not take it in chunks.
            chunk_size=2**62,
        )
        # `node.retry` says when it is tried again.
        self.set_http_retry_params(retry=False)

    def store_parts(self, parts: Sequence[bytes]) -> Response:
        """Return the answer to a POST of DICOM files, whatever its status."""
        headers = {"Content-Type": _MULTIPART, "Accept": "application/dicom+json"}
        content = self._encode_multipart_message(parts, _MULTIPART)
        url = f"{self.base_url}/studies"
        try:
            return self._http_post(url, content, headers)
        except HTTPError as answer:
            return response_of(answer)


def response_of(answer: HTTPError) -> Response:
    """Return the response that the client raised for."""
    if answer.response is None:
        raise answer
    return answer.response


def _no_redirection(response: Response, *_: Any, **__: Any) -> Response:
    """Return a response that is none; else it would count as an empty answer.

    Raises
    ------
    HTTPError
    """
    if response.status_code in REDIRECTIONS:
        raise HTTPError(response=response)
    return response
