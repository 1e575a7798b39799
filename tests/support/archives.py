"""Archives that others wrote: Orthanc, and DCMTK's dcmqrscp."""

import json
import subprocess
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support.peers import HOST, PATIENCE_S, free_port, wait_until_listening
from tests.support.tools import require_tool


class Orthanc:
    """A running Orthanc."""

    def __init__(self, dicom_port: int, http_port: int) -> None:
        self.port = dicom_port
        self.http_port = http_port

    def get(self, path: str) -> Any:
        """Return an answer of its REST interface."""
        with urllib.request.urlopen(
            f"http://{HOST}:{self.http_port}/{path}", timeout=PATIENCE_S
        ) as answer:
            return json.load(answer)

    def file(self, identifier: str) -> bytes:
        """Return a stored file."""
        return self.bytes(f"instances/{identifier}/file")

    def bytes(self, path: str) -> bytes:
        """Return what its REST interface answers, as it is."""
        url = f"http://{HOST}:{self.http_port}/{path}"
        with urllib.request.urlopen(url, timeout=PATIENCE_S) as answer:
            return bytes(answer.read())

    def find(self, sop_instance_uid: str) -> list[str]:
        """Return its identifiers of an instance."""
        url = f"http://{HOST}:{self.http_port}/tools/lookup"
        asked = sop_instance_uid.encode()
        with urllib.request.urlopen(url, asked, timeout=PATIENCE_S) as answer:
            found = json.load(answer)
        return [item["ID"] for item in found if item["Type"] == "Instance"]


@contextmanager
def orthanc(folder: Path, **settings: object) -> Iterator[Orthanc]:
    """Run Orthanc with an empty store. Its DICOM server has no loopback option."""
    program = require_tool("Orthanc")
    folder.mkdir()
    running = Orthanc(free_port(), free_port())
    configuration = {
        "Name": "test",
        "StorageDirectory": str(folder / "store"),
        "IndexDirectory": str(folder / "store"),
        "DicomAet": "PACS",
        "DicomPort": running.port,
        "HttpPort": running.http_port,
        "RemoteAccessAllowed": False,
        "DicomCheckCalledAet": True,
        "Plugins": [],
        **settings,
    }
    file = folder / "orthanc.json"
    file.write_text(json.dumps(configuration))
    with subprocess.Popen(
        [program, str(file)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            wait_until_listening(running.http_port, process)
            wait_until_listening(running.port, process)
            yield running
        finally:
            process.terminate()
            process.wait(PATIENCE_S)


@contextmanager
def dcmqrscp(folder: Path, hosts: Mapping[str, int]) -> Iterator[int]:
    """Run DCMTK's archive, called PACS, with an empty store; give its port.

    Parameters
    ----------
    folder : Path
    hosts : mapping of str to int
        Ports on this machine to which it moves objects, by AE title.
    """
    program = require_tool("dcmqrscp")
    store = folder / "store"
    store.mkdir(parents=True)
    port = free_port()
    known = "\n".join(
        f"host{number} = ({title}, {HOST}, {there})"
        for number, (title, there) in enumerate(hosts.items())
    )
    file = folder / "dcmqrscp.cfg"
    file.write_text(
        f"NetworkTCPPort = {port}\nMaxPDUSize = 65536\nMaxAssociations = 16\n"
        f"HostTable BEGIN\n{known}\nHostTable END\n"
        "VendorTable BEGIN\nVendorTable END\n"
        f"AETable BEGIN\nPACS {store} RW (200, 1024mb) ANY\nAETable END\n"
    )
    with (
        (folder / "dcmqrscp.log").open("w") as log,
        subprocess.Popen([program, "-c", str(file)], stdout=log, stderr=log) as process,
    ):
        try:
            wait_until_listening(port, process)
            yield port
        finally:
            process.terminate()
            process.wait(PATIENCE_S)
