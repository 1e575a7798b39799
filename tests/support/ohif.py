"""The OHIF viewer as a site would serve it: beside an archive's DICOMweb.

`make ohif` puts the published build of the viewer into ``build/ohif``.

Design choice: viewer and archive have one origin, as behind a site's web server, so
that no rule about origins is part of what is tested.
"""

import http.client
import mimetypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tests.support.peers import HOST, PATIENCE_S
from tests.support.tools import missing_tool

BUILD = Path(__file__).resolve().parents[2] / "build"
OHIF = BUILD / "ohif" / "package" / "dist"
CONFIGURATION = """
window.config = {
  routerBasename: '/',
  extensions: [],
  modes: [],
  showStudyList: true,
  showWarningMessageForCrossOrigin: false,
  showCPUFallbackMessage: false,
  showLoadingIndicator: true,
  maxNumberOfWebWorkers: 2,
  investigationalUseDialog: { option: 'never' },
  defaultDataSourceName: 'archive',
  dataSources: [{
    namespace: '@ohif/extension-default.dataSourcesModule.dicomweb',
    sourceName: 'archive',
    configuration: {
      friendlyName: 'archive',
      name: 'archive',
      wadoUriRoot: '/wado',
      qidoRoot: '/dicom-web',
      wadoRoot: '/dicom-web',
      qidoSupportsIncludeField: false,
      imageRendering: 'wadors',
      thumbnailRendering: 'wadors',
      enableStudyLazyLoad: true,
      supportsFuzzyMatching: false,
      supportsWildcard: true,
      dicomUploadEnabled: false,
      omitQuotationForMultipartRequest: true,
      bulkDataURI: { enabled: true, relativeResolution: 'studies' },
    },
  }],
};
"""


def require_ohif() -> Path:
    """Return the folder of the built viewer; skip or fail without it."""
    if not (OHIF / "index.html").is_file():
        missing_tool("OHIF", "`make ohif` fetches it")
    return OHIF


class _Handler(BaseHTTPRequestHandler):
    """Answer with the viewer's files, and pass on what is the archive's."""

    protocol_version = "HTTP/1.1"
    # A browser that holds a connection open must not hold the test.
    timeout = PATIENCE_S

    def __init__(self, *arguments: object, archive_port: int, viewer: Path) -> None:
        self._archive_port = archive_port
        self._viewer = viewer
        super().__init__(*arguments)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        if path == "/app-config.js":
            self._answer(200, "text/javascript", CONFIGURATION.encode())
        elif path.startswith(("/dicom-web", "/wado")):
            self._pass_on()
        else:
            self._file(path)

    def log_message(self, *_: object) -> None:
        """Say nothing: what goes wrong is seen in the browser."""

    def _file(self, path: str) -> None:
        file = (self._viewer / path.lstrip("/")).resolve()
        if not file.is_relative_to(self._viewer):
            self._answer(404, "text/plain", b"")
            return
        # The viewer's own addresses, such as /viewer, are all one page.
        if not file.is_file():
            file = self._viewer / "index.html"
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        self._answer(200, kind, file.read_bytes())

    def _pass_on(self) -> None:
        archive = http.client.HTTPConnection(HOST, self._archive_port, PATIENCE_S)
        # With the host that the browser asked, since the archive gives addresses.
        passed = {
            name: value
            for name, value in self.headers.items()
            if name.lower() in ("accept", "host", "range")
        }
        archive.request("GET", self.path, headers=passed)
        answer = archive.getresponse()
        content = answer.read()
        kind = answer.getheader("Content-Type", "application/octet-stream")
        archive.close()
        self._answer(answer.status, kind, content)

    def _answer(self, status: int, kind: str, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        # Shared memory, which the volume loader needs, is for isolated pages only.
        self.send_header("Cross-Origin-Opener-Policy", "same-origin")
        self.send_header("Cross-Origin-Embedder-Policy", "require-corp")
        self.end_headers()
        self.wfile.write(content)


@contextmanager
def ohif(archive_port: int) -> Iterator[str]:
    """Serve the viewer beside an archive's DICOMweb; give its address.

    Parameters
    ----------
    archive_port : int
        Where the archive's HTTP server listens, with DICOMweb under ``/dicom-web``.
    """
    handler = partial(_Handler, archive_port=archive_port, viewer=require_ohif())
    with ThreadingHTTPServer((HOST, 0), handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://{HOST}:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
