"""STOW-RS and QIDO-RS with Orthanc and its DICOMweb plugin."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from pydicom.filereader import dcmread

from dicom_io.source_reference import SourceReference
from node.delivery.dicomweb import WebDestination, held_instances, send
from node.delivery.web_session import Credentials
from node.records.jobs import ResultObject
from node.records.outcome import Deferred, Delivered, FailureKind, Refused
from tests.support.peers import (
    HOST,
    PATIENCE_S,
    free_port,
    result_object,
    wait_until_listening,
    write_files,
)
from tests.support.pet import pet_datasets
from tests.support.tools import require_tool

pytestmark = pytest.mark.system

PLUGIN = Path("/usr/share/orthanc/plugins/libOrthancDicomWeb.so")
PASSWORD = "of this test alone"  # noqa: S105


@contextmanager
def orthanc(folder: Path) -> Iterator[WebDestination]:
    """Run Orthanc, which asks for a password; yields how it is reached."""
    program = require_tool("Orthanc")
    if not PLUGIN.exists():
        pytest.skip("orthanc-dicomweb is not installed")
    port = free_port()
    settings = {
        "StorageDirectory": str(folder / "store"),
        "IndexDirectory": str(folder / "store"),
        "DicomServerEnabled": False,
        "HttpPort": port,
        "RemoteAccessAllowed": False,
        "AuthenticationEnabled": True,
        "RegisteredUsers": {"node": PASSWORD},
        "Plugins": [str(PLUGIN)],
        "DicomWeb": {"Enable": True, "Root": "/dicom-web/"},
    }
    (folder / "orthanc.json").write_text(json.dumps(settings))
    (folder / "password").write_text(PASSWORD + "\n")
    with subprocess.Popen(
        [program, str(folder / "orthanc.json")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            wait_until_listening(port, process)
            credentials = Credentials("node", folder / "password")
            url = f"http://{HOST}:{port}/dicom-web"
            yield WebDestination("pacs", url, credentials)
        finally:
            process.terminate()
            process.wait(PATIENCE_S)


def test_orthanc_takes_results_by_stow_and_says_by_qido_what_it_holds(
    tmp_path: Path,
) -> None:
    paths = write_files(tmp_path / "sent", pet_datasets(slices=3))
    objects = [result_object(path) for path in paths]
    bad = paths[0].with_name("bad.dcm")
    bad.write_bytes(b"no DICOM" * 100)
    headers = [dcmread(path) for path in paths]
    items = [
        SourceReference(
            header.SOPClassUID,
            header.SOPInstanceUID,
            header.StudyInstanceUID,
            header.SeriesInstanceUID,
        )
        for header in headers
    ]
    wrong = tmp_path / "wrong"
    wrong.write_text("wrong")

    with orthanc(tmp_path) as pacs:
        before = held_instances(pacs, items)
        first = list(send(pacs, objects[:2]))
        again = list(send(pacs, objects[:1]))
        held = held_instances(pacs, items)
        mixed = [objects[2], ResultObject("1.2", "1.2.3", "1.2.1", bad)]
        last, refused = send(pacs, mixed)
        stranger = replace(pacs, credentials=Credentials("node", wrong))
        [unknown] = send(stranger, objects[:1])

    assert before == frozenset()
    assert first == [Delivered("0000")] * 2
    assert again == [Delivered("0000")]
    assert held == {item.sop_instance_uid for item in items[:2]}
    assert last == Delivered("0000")
    assert isinstance(refused, Refused)
    assert isinstance(unknown, Deferred)
    assert unknown.kind is FailureKind.TRUST
