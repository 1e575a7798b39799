"""Peers for tests: files to send, a raw association, DCMTK's store programs."""

import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import UID
from pynetdicom import AE
from pynetdicom.association import Association
from pynetdicom.dsutils import split_dataset

from node.association.listener import ListenerOptions
from node.association.sender import Destination, PeerTimeouts
from node.records.jobs import ResultObject
from tests.support.tools import require_tool

HOST = "127.0.0.1"
PATIENCE_S = 20.0


def listener_options(**changes: object) -> ListenerOptions:
    """Return options for a listener on loopback, on a port that the OS chooses."""
    values: dict[str, object] = {"ae_title": "NODE", "host": HOST, "port": 0}
    return ListenerOptions(**(values | changes))  # type: ignore[arg-type]


def destination(
    port: int, *, timeout_s: float = 10.0, called: str = "PACS"
) -> Destination:
    """Return a destination on loopback."""
    timeouts = PeerTimeouts(timeout_s, timeout_s, timeout_s)
    return Destination("pacs", called, HOST, port, "NODE", timeouts)


def in_syntax(dataset: Dataset, transfer_syntax: str) -> Dataset:
    """Return a copy in another transfer syntax.

    Compressed pixel data is made up where it is only carried, never decoded.
    """
    copy = deepcopy(dataset)
    syntax = UID(transfer_syntax)
    copy.file_meta.TransferSyntaxUID = syntax
    if syntax.is_encapsulated:
        copy.PixelData = encapsulate([bytes(range(256)) * 3])
        copy["PixelData"].VR = "OB"
        copy["PixelData"].is_undefined_length = True
    return copy


def write_files(folder: Path, datasets: Sequence[Dataset]) -> list[Path]:
    """Write each data set as a Part 10 file, in its own transfer syntax."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{number:04}.dcm" for number in range(len(datasets))]
    for path, dataset in zip(paths, datasets, strict=True):
        syntax = dataset.file_meta.TransferSyntaxUID
        dataset.save_as(
            path,
            implicit_vr=syntax.is_implicit_VR,
            little_endian=True,
            enforce_file_format=True,
        )
    return paths


def result_object(path: Path) -> ResultObject:
    """Return a file as the ledger knows it."""
    meta, _ = split_dataset(path)
    return ResultObject(
        str(meta.MediaStorageSOPClassUID),
        str(meta.MediaStorageSOPInstanceUID),
        str(meta.TransferSyntaxUID),
        path,
    )


def dataset_bytes(path: Path) -> bytes:
    """Return a file's data set as encoded, without file meta information."""
    _, offset = split_dataset(path)
    return path.read_bytes()[offset:]


@contextmanager
def association(
    port: int, paths: Sequence[Path], *, called: str = "NODE", calling: str = "SCANNER"
) -> Iterator[Association]:
    """Request an association that can send the files; end it whatever happens."""
    entity = AE(ae_title=calling)
    for item in {(o.sop_class_uid, o.transfer_syntax_uid) for o in _objects(paths)}:
        entity.add_requested_context(*item)
    requested = entity.associate(HOST, port, ae_title=called)
    try:
        yield requested
    finally:
        if requested.is_established:
            requested.release()
        if requested.is_alive():
            requested.join(PATIENCE_S)


def _objects(paths: Sequence[Path]) -> list[ResultObject]:
    return [result_object(path) for path in paths]


def storescu(
    port: int, paths: Sequence[Path], *options: str, called: str = "NODE"
) -> subprocess.CompletedProcess[str]:
    """Send files with DCMTK."""
    program = require_tool("storescu")
    command = [
        program,
        "-v",
        *options,
        "-aec",
        called,
        HOST,
        str(port),
        *map(str, paths),
    ]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=60
    )


def free_port() -> int:
    """Return a port that nobody uses, for programs that cannot choose one."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def wait_until_listening(port: int, process: "subprocess.Popen[bytes]") -> None:
    """Wait until a program accepts connections."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex((HOST, port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail(f"nothing listens on port {port}")


@dataclass(frozen=True)
class Storescp:
    """A running storescp of DCMTK."""

    port: int
    folder: Path

    def files(self) -> list[Path]:
        """Return what it has stored."""
        return sorted(self.folder.iterdir())


@contextmanager
def storescp(folder: Path, *options: str) -> Iterator[Storescp]:
    """Run DCMTK's storescp. It has no option to listen on loopback alone."""
    program = require_tool("storescp")
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    command = [program, "-od", str(folder), "-aet", "PACS", *options, str(port)]
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            wait_until_listening(port, process)
            yield Storescp(port, folder)
        finally:
            process.terminate()
            process.wait(PATIENCE_S)
