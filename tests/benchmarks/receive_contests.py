"""How fast objects are taken: the node, a process of its own, against other receivers.

The sender is DCMTK's `storescu`, every object has a new SOP Instance UID in each run,
and before the next run it is made sure that everything was stored. Rates are compared,
so that a ratio above 1 means that the node is faster. The node fsyncs every object, its
folder and its row; DCMTK's `storescp` fsyncs nothing.

``stock`` contests leave Nagle's algorithm on at the sender, as it is unless the
environment has ``TCP_NODELAY``; the others have it at sender and peers.
"""

import itertools
import mmap
import os
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import (
    AbstractContextManager,
    ExitStack,
    closing,
    contextmanager,
    suppress,
)
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pydicom
from pydicom.dataset import Dataset
from pydicom.uid import UID

from dicom_io.phantom.study import StudyOptions
from model.phantom import PhantomSpec, make_phantom
from node.commands.phantom import write_phantom
from tests.benchmarks.measurement import Contest, UnlikeError
from tests.support.archives import Orthanc, orthanc
from tests.support.peers import storescp
from tests.support.service import NODE_AE, free_port, running, store, write_config
from tests.support.tools import require_tool

_SCANNED_AT = datetime(2026, 3, 2, 10, tzinfo=UTC)
_PET_SLICES = 159
_CT_SLICES = 512
_CT_BYTES = 512 << 10
_STOCK_SLICES = 60
"""Fewer, as a stock sender takes 44 ms for each into other receivers."""
_WARM_S = 6.0
"""Time that the node's workers take for their imports."""
_PATIENCE_S = 60.0
_REST_S = 0.5
_AT_REST = 0.1
"""Share of a processor that is as good as none."""
_ROOT = "1.2.826.0.1.3680043.10.1555."
_PEER_AE = "PACS"
_RUNNING = "SELECT count(*) FROM jobs WHERE state = 'running'"
_TO_BE_DONE = "SELECT count(*) FROM jobs WHERE state IN ('running', 'pending')"
_HEAD_BYTES = 8192
"""In which the UIDs stand; behind it are pixels."""
_PLACES = itertools.count()


class Batch:
    """Files of one series, whose UIDs are renewed in place.

    Parameters
    ----------
    folder : Path
        Where the files are written.
    pattern : Dataset
        What every file is like.
    count : int
    """

    def __init__(self, folder: Path, pattern: Dataset, count: int) -> None:
        self.folder = folder
        self.count = count
        self._renewals = 0
        self._place = next(_PLACES)
        folder.mkdir(parents=True)
        self._files = [folder / f"{number:04}.dcm" for number in range(count)]
        uids = [self._uid(number) for number in range(count)]
        for file, uid in zip(self._files, uids, strict=True):
            pattern.SOPInstanceUID = UID(uid)
            pattern.file_meta.MediaStorageSOPInstanceUID = UID(uid)
            pattern.StudyInstanceUID = f"{uids[0]}.1"
            pattern.SeriesInstanceUID = f"{uids[0]}.2"
            pattern.save_as(file)

    def _uid(self, number: int) -> str:
        # Of one length, so that it can be replaced where it stands.
        return f"{_ROOT}1{self._place:04}.1{self._renewals:04}.1{number:05}"

    def renew(self) -> None:
        """Give every object new UIDs, and a study of its own."""
        earlier, self._renewals = f".1{self._renewals:04}.1", self._renewals + 1
        before = f"{_ROOT}1{self._place:04}{earlier}".encode()
        now = f"{_ROOT}1{self._place:04}.1{self._renewals:04}.1".encode()
        for file in self._files:
            with file.open("r+b") as opened, mmap.mmap(opened.fileno(), 0) as content:
                head = content[:_HEAD_BYTES]
                content[:_HEAD_BYTES] = head.replace(before, now)

    def send(self, port: int, called: str, *, prompt: bool = True) -> None:
        """Send everything over one association."""
        finish(self.begin(port, called, prompt=prompt))

    def begin(
        self, port: int, called: str, *, prompt: bool = True
    ) -> "subprocess.Popen[bytes]":
        """Begin to send everything over one association."""
        environment = {**os.environ, "TCP_NODELAY": "1"}
        if not prompt:
            del environment["TCP_NODELAY"]
        address = ["127.0.0.1", str(port)]
        return subprocess.Popen(
            [require_tool("storescu"), "-aec", called, "+sd", *address, self.folder],
            env=environment,
            stderr=subprocess.PIPE,
        )


def finish(sending: "subprocess.Popen[bytes]") -> None:
    """Wait for a sender; everything must have been taken."""
    _, errors = sending.communicate(timeout=_PATIENCE_S)
    if sending.returncode:
        raise UnlikeError(errors.decode(errors="replace")[:400])


@dataclass
class NodeUnderTest:
    """The node as a process; knows how many objects it must have."""

    port: int
    data: Path
    process: int
    sent: int = 0

    def receive(self, *batches: Batch, prompt: bool = True) -> None:
        """Have batches sent, each by a sender of its own, at the same time."""
        sending = [batch.begin(self.port, NODE_AE, prompt=prompt) for batch in batches]
        for each in sending:
            finish(each)
        self.sent += sum(batch.count for batch in batches)

    def settle(self) -> None:
        """Wait until everything is indexed, and make sure that everything is there."""
        deadline = time.monotonic() + _PATIENCE_S
        while time.monotonic() < deadline and not self._is_settled():
            time.sleep(0.1)
        files = sum(1 for _ in (self.data / "objects").rglob("*.dcm"))
        if not self._is_settled() or files != self.sent:
            raise UnlikeError

    def wait_for_jobs(self, *, under_way: bool) -> None:
        """Wait until a study is being computed, or until none is or will be."""
        question = _RUNNING if under_way else _TO_BE_DONE
        deadline = time.monotonic() + _PATIENCE_S
        while bool(self._count(question)) is not under_way:
            if time.monotonic() > deadline:
                raise UnlikeError
            time.sleep(0.01)

    def is_computing(self) -> bool:
        """Return whether a study is being computed."""
        return bool(self._count(_RUNNING))

    def wait_for_rest(self) -> None:
        """Wait until the node and its workers leave the processor alone."""
        deadline = time.monotonic() + _PATIENCE_S
        before = _processor_s(self.process)
        while time.monotonic() < deadline:
            time.sleep(_REST_S)
            now = _processor_s(self.process)
            if now - before < _REST_S * _AT_REST:
                return
            before = now
        raise UnlikeError

    def _is_settled(self) -> bool:
        question = "SELECT count(*) FROM instances WHERE indexed_at IS NOT NULL"
        return self._count(question) == self.sent

    def _count(self, question: str) -> int:
        address = f"file:{self.data / 'ledger.sqlite'}?mode=ro"
        with closing(sqlite3.connect(address, uri=True, timeout=30)) as ledger:
            return int(ledger.execute(question).fetchone()[0])


@dataclass
class Peer:
    """Another receiver; knows how many objects it must have."""

    port: int
    stored: Callable[[], int]
    sent: int = field(default=0)

    def receive(self, batch: Batch, *, prompt: bool = True) -> None:
        """Have a batch sent."""
        batch.send(self.port, _PEER_AE, prompt=prompt)
        self.sent += batch.count

    def settle(self) -> None:
        """Make sure that everything is there."""
        if self.stored() != self.sent:
            raise UnlikeError


@contextmanager
def _node(folder: Path) -> Iterator[NodeUnderTest]:
    port = free_port()
    config = write_config(folder, port, archive_port=free_port())
    with running(config, port) as process:
        time.sleep(_WARM_S)
        yield NodeUnderTest(port, folder / "data", process.pid)


def _processor_s(process: int) -> float:
    """Return the processor time that a process and its children have taken."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        # The name, in parentheses, may hold anything.
        with suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            if process in (int(stat.parent.name), int(fields[1])):
                ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


@contextmanager
def _orthanc(folder: Path) -> Iterator[Peer]:
    with orthanc(folder / "orthanc", DicomCheckCalledAet=False) as archive:
        yield Peer(archive.port, partial(_instances, archive))


def _instances(archive: Orthanc) -> int:
    return int(archive.get("statistics")["CountInstances"])


@contextmanager
def _storescp(folder: Path) -> Iterator[Peer]:
    with storescp(folder / "storescp") as receiver:
        yield Peer(receiver.port, lambda: len(receiver.files()))


_Peers = Callable[[Path], AbstractContextManager[Peer]]


@contextmanager
def _prompt_peers() -> Iterator[None]:
    """Have the peers that are started switch Nagle's algorithm off."""
    before = os.environ.get("TCP_NODELAY")
    os.environ["TCP_NODELAY"] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ["TCP_NODELAY"]
        else:
            os.environ["TCP_NODELAY"] = before


@contextmanager
def _against(
    name: str, peers: _Peers, make: Callable[[Path], Batch], runs: int, *, prompt: bool
) -> Iterator[Contest]:
    """A batch into the node and into a peer."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        if prompt:
            stack.enter_context(_prompt_peers())
        batch = make(folder / "batch")
        peer = stack.enter_context(peers(folder))
        node = stack.enter_context(_node(folder))

        def prepare() -> None:
            node.settle()
            peer.settle()
            batch.renew()

        kind = peers.__name__.strip("_")
        nagle = "off" if prompt else "on"
        yield Contest(
            name,
            f"{kind}, {batch.count} objects, Nagle {nagle} at the sender",
            lambda: node.receive(batch, prompt=prompt),
            lambda: peer.receive(batch, prompt=prompt),
            runs,
            objects=batch.count,
            prepare=prepare,
        )


@contextmanager
def receive_parallel() -> Iterator[Contest]:
    """Eight senders at a time against one, all into the node."""
    senders, each = 8, 40
    with TemporaryDirectory() as out, _prompt_peers(), _node(Path(out)) as node:
        pattern = _pet()
        batches = [
            Batch(Path(out, f"batch{number}"), pattern, each)
            for number in range(senders)
        ]
        alone = Batch(Path(out, "alone"), pattern, senders * each)

        def prepare() -> None:
            node.settle()
            for batch in (*batches, alone):
                batch.renew()

        yield Contest(
            "receive_parallel",
            f"one sender of {alone.count} objects; {senders} share them",
            lambda: node.receive(*batches),
            lambda: node.receive(alone),
            3,
            objects=alone.count,
            prepare=prepare,
        )


@contextmanager
def receive_while_computing() -> Iterator[Contest]:
    """PET into a node that computes studies, and into one that has nothing to do.

    Of a pair of runs neither counts unless the node computed from the beginning of the
    one to its end, and did nothing at all before the other.
    """
    runs, studies_each = 3, 3
    with TemporaryDirectory() as out, _prompt_peers(), _node(Path(out)) as node:
        batch = Batch(Path(out, "batch"), _pet(), _PET_SLICES)
        studies = iter(
            [
                _study(Path(out, f"study{number}"), number)
                for number in range(studies_each * (runs + 1))
            ]
        )

        def prepare() -> None:
            node.settle()
            node.wait_for_jobs(under_way=False)
            node.wait_for_rest()
            batch.renew()

        def begin_to_compute() -> None:
            for study in itertools.islice(studies, studies_each):
                store(node.port, study)
                node.sent += len(study)
            node.wait_for_jobs(under_way=True)

        def receive_beside_it() -> None:
            node.receive(batch)
            if not node.is_computing():
                raise UnlikeError

        yield Contest(
            "receive_while_computing",
            f"the node at rest, {batch.count} PET slices",
            receive_beside_it,
            lambda: node.receive(batch),
            runs,
            objects=batch.count,
            prepare=prepare,
            prepare_ours=begin_to_compute,
        )


def _study(folder: Path, seed: int) -> list[Path]:
    """Return the files of a study that takes a while to compute."""
    options = StudyOptions(at=_SCANNED_AT + timedelta(days=seed))
    write_phantom(make_phantom(PhantomSpec(seed=seed)), options, folder)
    files = sorted(folder.rglob("*.dcm"))
    # Contours come last, so that everything is there when they are.
    return sorted(files, key=lambda path: path.parent.name.startswith("RT"))


def _pet() -> Dataset:
    """Return a PET slice of 32 KB."""
    with TemporaryDirectory() as out:
        phantom = make_phantom(PhantomSpec(seed=0))
        write_phantom(phantom, StudyOptions(at=_SCANNED_AT), Path(out))
        return pydicom.dcmread(min(Path(out, "PET").iterdir()))


def _pet_batch(count: int, folder: Path) -> Batch:
    return Batch(folder, _pet(), count)


def _ct_batch(folder: Path) -> Batch:
    """Return CT slices of 512 KB."""
    with TemporaryDirectory() as out:
        phantom = make_phantom(PhantomSpec(seed=0))
        write_phantom(phantom, StudyOptions(at=_SCANNED_AT), Path(out))
        pattern = pydicom.dcmread(min(Path(out, "CT").iterdir()))
    pattern.Rows = pattern.Columns = 512
    pattern.PixelData = os.urandom(_CT_BYTES)
    return Batch(folder, pattern, _CT_SLICES)


_PET_BATCH = partial(_pet_batch, _PET_SLICES)
_STOCK_BATCH = partial(_pet_batch, _STOCK_SLICES)

RECEIVE_CONTESTS: dict[str, Callable[[], AbstractContextManager[Contest]]] = {
    name: partial(_against, name, peers, make, runs, prompt=prompt)
    for name, peers, make, runs, prompt in (
        ("receive_pet_stock", _storescp, _STOCK_BATCH, 2, False),
        ("receive_pet_stock_orthanc", _orthanc, _STOCK_BATCH, 2, False),
        ("receive_pet", _orthanc, _PET_BATCH, 3, True),
        ("receive_ct", _orthanc, _ct_batch, 2, True),
        ("receive_pet_storescp", _storescp, _PET_BATCH, 3, True),
        ("receive_ct_storescp", _storescp, _ct_batch, 2, True),
    )
} | {
    contest.__name__: contest for contest in (receive_parallel, receive_while_computing)
}
