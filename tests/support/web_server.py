"""HTTP servers for tests, and the node's way to them."""

import json
import re
import threading
from collections.abc import Callable
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from node.association.requestor import PeerTimeouts
from node.delivery.dicomweb import WebDestination
from tests.support.peers import HOST

DICOM_JSON = "application/dicom+json"
Request = Any
"""A handler of `http.server`, with the body that it has read."""


class Server:
    """An HTTP server that answers by a function, and keeps what it was asked."""

    def __init__(self, answer: Callable[[Any], None], tls: Any = None) -> None:
        self.requests: list[Any] = []
        server = self

        class Request(BaseHTTPRequestHandler):
            body: bytes = b""

            def do_POST(self) -> None:
                self.body = self.rfile.read(int(self.headers["Content-Length"]))
                server.requests.append(self)
                answer(self)

            def do_GET(self) -> None:
                server.requests.append(self)
                answer(self)

            def log_message(self, *_: Any) -> None:
                pass

        self._http = ThreadingHTTPServer((HOST, 0), Request)
        self._http.daemon_threads = True
        if tls is not None:
            self._http.socket = tls.wrap_socket(self._http.socket, server_side=True)
        self.port = self._http.server_port

    def __enter__(self) -> Self:
        threading.Thread(
            target=lambda: self._http.serve_forever(poll_interval=0.01), daemon=True
        ).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()


def web_destination(port: int, **changes: Any) -> WebDestination:
    limits = PeerTimeouts(2.0, 2.0, 2.0)
    plain = WebDestination("web", f"http://{HOST}:{port}/dicom-web/", timeouts=limits)
    return replace(plain, **changes)


def reply(
    request: Request,
    status: int,
    body: bytes = b"",
    kind: str = DICOM_JSON,
    **headers: str,
) -> None:
    """Answer a request."""
    request.send_response(status)
    request.send_header("Content-Type", kind)
    request.send_header("Content-Length", str(len(body)))
    for name, value in headers.items():
        request.send_header(name.replace("_", "-"), value)
    request.end_headers()
    request.wfile.write(body)


def uids_in(request: Request) -> list[str]:
    """Return which of the slices a request holds, by their SOP Instance UIDs."""
    found = re.findall(rb"1\.2\.826\.0\.1\.3680043\.10\.1555\.1\.2\.\d+", request.body)
    return list(dict.fromkeys(each.decode() for each in found))


def storing(request: Request, status: int = 200) -> None:
    """Answer as an archive that stores all."""
    items = [{"00081155": {"vr": "UI", "Value": [uid]}} for uid in uids_in(request)]
    document = {"00081199": {"vr": "SQ", "Value": items}}
    reply(request, status, json.dumps(document).encode())
