"""Many hostile conversations with the service in a process of its own.

What the service loses is counted from outside, in ``/proc``: descriptors, threads and
resident memory, before and after. In between it must answer a C-ECHO and store a real
object. Its log is read for tracebacks, and every status of failure for its comment.
"""

import select
import socket
import struct
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Self

from node.association.sender import Delivered, Destination, send_files, verify
from tests.fuzz.conversations import CONTEXTS, Conversation, conversation
from tests.fuzz.pdus import ABORT, ASSOCIATE_AC, Pdu, request
from tests.support.pet import ROOT, pet_datasets, write_all
from tests.support.service import NODE_AE, free_port, running, write_config

MEMORY_MARGIN_MB = 200
"""What resident memory may have grown by: allocators keep some of what was freed, and
the headers of what was stored wait to be indexed."""
DESCRIPTOR_MARGIN = 8
THREAD_MARGIN = 4
"""Pools of threads and of database connections grow to their size under load."""
_SETTINGS = """
[compute]
workers = 1
"""
_NETWORK = "network_timeout_s = 2.0\nacse_timeout_s = 2.0\ndimse_timeout_s = 2.0\n"
_QUIET_S = 45.0
_SOCKET_S = 4.0
_ANSWER_S = 0.05
_BETWEEN_CHECKS_S = 10.0
_DEFECT = 0x0110
"""*Processing failure* (PS3.7 annex C)."""
_ERROR_COMMENT = struct.pack("<HH", 0x0000, 0x0902)
_STATUS = struct.pack("<HHL", 0x0000, 0x0900, 2)
_STORE = "C-STORE"
_RESPONSES = {
    name: struct.pack("<HHLH", 0x0000, 0x0100, 2, operation)
    for name, operation in (
        (_STORE, 0x8001),
        ("N-ACTION", 0x8130),
        ("N-EVENT-REPORT", 0x8100),
    )
}


@dataclass(frozen=True)
class Vitals:
    """What a process uses."""

    descriptors: int
    threads: int
    memory_mb: int

    @classmethod
    def of(cls, pid: int) -> Self:
        place = Path("/proc") / str(pid)
        status = dict(
            line.split(":", 1) for line in (place / "status").read_text().splitlines()
        )
        memory_mb = int(status["VmRSS"].split()[0]) // 1024
        descriptors = len(list((place / "fd").iterdir()))
        return cls(descriptors, int(status["Threads"]), memory_mb)

    def excess_over(self, before: "Vitals") -> list[str]:
        """Return what is not back at its level."""
        return [
            f"{name}: {now} after, {then} before"
            for name, now, then, margin in (
                (
                    "descriptors",
                    self.descriptors,
                    before.descriptors,
                    DESCRIPTOR_MARGIN,
                ),
                ("threads", self.threads, before.threads, THREAD_MARGIN),
                ("memory in MB", self.memory_mb, before.memory_mb, MEMORY_MARGIN_MB),
            )
            if now > then + margin
        ]


@dataclass
class AssociationReport:
    """What came of a run."""

    conversations: int = 0
    pdus: int = 0
    seconds: float = 0.0
    checks: int = 0
    before: Vitals | None = None
    after: Vitals | None = None
    statuses: dict[tuple[str, int], int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def lines(self) -> Iterator[str]:
        """Give the report as text."""
        yield f"{self.pdus} PDUs in {self.conversations} connections"
        yield f"{self.seconds:.0f} s, {self.checks} checks in between"
        yield f"before {self.before}, after {self.after}"
        for (operation, status), count in sorted(self.statuses.items()):
            yield f"  {operation} answered 0x{status:04X}  {count}"
        yield from (f"FAULT {fault}" for fault in self.faults)


class _Talk:
    """Conversations in several threads, until there are enough PDUs."""

    def __init__(self, port: int, seed: int, count: int, end: float) -> None:
        self._port = port
        self._seed = seed
        self._count = count
        self._end = end
        self._lock = threading.Lock()
        self._next = 0
        self._accepted = accepted_contexts(port)
        self.report = AssociationReport()

    def goes_on(self) -> bool:
        return self.report.pdus < self._count and time.monotonic() < self._end

    def run(self) -> None:
        """Talk; the function of a thread."""
        while self.goes_on():
            with self._lock:
                number, self._next = self._next, self._next + 1
            random = Random(f"{self._seed}/{number}")  # noqa: S311 (repeatable)
            said = conversation(random, number, self._accepted)
            sent, heard = self._say(said)
            with self._lock:
                self.report.conversations += 1
                self.report.pdus += sent
                self._judge(heard)

    def _say(self, said: Conversation) -> tuple[int, bytes]:
        """Return how many PDUs were sent, and what came back."""
        sent, heard = 0, bytearray()
        with (
            suppress(OSError),
            socket.create_connection(
                ("127.0.0.1", self._port), timeout=_SOCKET_S
            ) as connection,
        ):
            connection.sendall(said.request)
            sent += 1
            if said.is_valid:
                heard += connection.recv(1 << 16)
                if not heard or heard[0] != ASSOCIATE_AC:
                    return sent, bytes(heard)
            connection.settimeout(0.0)
            for message in said.messages:
                for pdu in message:
                    _send(connection, pdu, heard)
                    sent += 1
                _await(connection, heard)
            _leave(connection, said.ending, heard)
        return sent, bytes(heard)

    def _judge(self, heard: bytes) -> None:
        """Look at the answers; a failure of C-STORE must say why."""
        for operation, response in _RESPONSES.items():
            for part in heard.split(response)[1:]:
                place = part.find(_STATUS)
                if place < 0 or place + 10 > len(part):
                    continue
                status = int.from_bytes(part[place + 8 : place + 10], "little")
                self._note(operation, status)
                unexplained = status and _ERROR_COMMENT not in part[:400]
                if operation == _STORE and unexplained:
                    words = f"status 0x{status:04X} without a comment"
                    self.report.faults.append(words)

    def _note(self, operation: str, status: int) -> None:
        seen = self.report.statuses
        seen[operation, status] = seen.get((operation, status), 0) + 1
        if status == _DEFECT and operation != _STORE:
            words = f"{operation} is answered as a defect of the node"
            self.report.faults.append(words)


def accepted_contexts(port: int) -> frozenset[int]:
    """Return which of the contexts the service accepts."""
    with socket.create_connection(("127.0.0.1", port), timeout=30.0) as connection:
        connection.sendall(request(CONTEXTS).encoded().encoded())
        answer = connection.recv(1 << 16)
        connection.sendall(Pdu(ABORT, bytes(4)).encoded())
    # Items of the answer stand behind 68 bytes of fixed fields and the head (PS3.8
    # 9.3.3): type, length, and in those of contexts identifier and result.
    found, place = set(), 74
    while place + 8 <= len(answer):
        kind, length = struct.unpack_from(">BxH", answer, place)
        identifier, result = answer[place + 4], answer[place + 6]
        if kind == 0x21 and result == 0:
            found.add(identifier)
        place += 4 + length
    return frozenset(found)


def _await(connection: socket.socket, heard: bytearray) -> None:
    """Wait for the answer to a message, so that what follows is not sent in vain."""
    select.select([connection], [], [], _ANSWER_S)
    _hear(connection, heard)


def _send(connection: socket.socket, pdu: bytes, heard: bytearray) -> None:
    """Send, and hear meanwhile, as both sides' buffers are finite."""
    view = memoryview(pdu)
    deadline = time.monotonic() + _SOCKET_S
    while view:
        try:
            view = view[connection.send(view) :]
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise TimeoutError from None
            time.sleep(0.001)
        _hear(connection, heard)


def _hear(connection: socket.socket, heard: bytearray) -> None:
    with suppress(BlockingIOError):
        got = connection.recv(1 << 16)
        if not got:
            raise ConnectionResetError
        heard += got


def _leave(connection: socket.socket, ending: str, heard: bytearray) -> None:
    if ending == "drip":
        connection.settimeout(_SOCKET_S)
        for byte in b"\x04\x00\x00\x00\xff\xff":
            connection.sendall(bytes([byte]))
            time.sleep(0.05)
    elif ending == "wait":
        time.sleep(0.3)
    elif ending == "reset":
        linger = struct.pack("ii", 1, 0)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        return
    with suppress(BlockingIOError):
        _hear(connection, heard)


def run_associations(
    seed: int, count: int, seconds: float, *, talkers: int = 8
) -> AssociationReport:
    """Talk to a service of its own until there are enough PDUs, or the time is over."""
    with tempfile.TemporaryDirectory(prefix="fuzz-") as name:
        folder = Path(name)
        port = free_port()
        config = write_config(folder, port, archive_port=free_port(), extra=_SETTINGS)
        text = config.read_text().replace("[node]\n", f"[node]\n{_NETWORK}")
        config.write_text(text)
        report = AssociationReport()
        try:
            with running(config, port) as service:
                probe = _Probe(folder / "real", port)
                report = _talked(seed, count, seconds, talkers, probe, service.pid)
                if service.poll() is not None:
                    report.faults.append(f"the service ended with {service.returncode}")
        except subprocess.TimeoutExpired:
            report.faults.append("the service does not stop")
            service.kill()
            service.wait()
        report.faults += _log_faults(folder / "node.log")
    return report


def _talked(
    seed: int, count: int, seconds: float, talkers: int, probe: "_Probe", pid: int
) -> AssociationReport:
    started = time.monotonic()
    # What libraries and pools take once is no leak.
    warm = _Talk(probe.port, seed + 1_000_000, max(count // 50, 200), started + seconds)
    _run_all(warm, talkers, None)
    probe.check()
    before = _quiet(pid, None)
    talk = _Talk(probe.port, seed, count, time.monotonic() + seconds)
    _run_all(talk, talkers, probe)
    report = talk.report
    report.faults += warm.report.faults + probe.check()
    report.before, report.after = before, _quiet(pid, before)
    report.faults += report.after.excess_over(before)
    report.checks = probe.checks
    report.seconds = time.monotonic() - started
    return report


def _run_all(talk: _Talk, talkers: int, probe: "_Probe | None") -> None:
    threads = [threading.Thread(target=talk.run) for _ in range(talkers)]
    for thread in threads:
        thread.start()
    checked = time.monotonic()
    while any(thread.is_alive() for thread in threads):
        time.sleep(0.2)
        if probe is not None and time.monotonic() - checked > _BETWEEN_CHECKS_S:
            talk.report.faults += probe.check()
            checked = time.monotonic()
    for thread in threads:
        thread.join()


def _quiet(pid: int, before: Vitals | None) -> Vitals:
    """Return what the service uses once what was begun is over."""
    deadline = time.monotonic() + _QUIET_S
    time.sleep(3.0)
    while True:
        found = Vitals.of(pid)
        settled = before is None or not found.excess_over(before)
        if time.monotonic() > deadline or settled:
            return found
        time.sleep(0.5)


class _Probe:
    """An honest peer."""

    def __init__(self, folder: Path, port: int) -> None:
        self.port = port
        self.checks = 0
        self._folder = folder

    def check(self) -> list[str]:
        """Return what is wrong with the service for honest peers."""
        self.checks += 1
        series = f"{ROOT}.9.{self.checks}"
        pet = pet_datasets(slices=2, study_uid=f"{series}.1", series_uid=f"{series}.2")
        why = verify("127.0.0.1", self.port, NODE_AE, "SCANNER", 30.0)
        faults = [f"C-ECHO: {why}"] if why else []
        node = Destination("node", NODE_AE, "127.0.0.1", self.port, "SCANNER")
        answers = dict(send_files(node, write_all(pet, self._folder / series)))
        faults += [
            f"a real object was not stored: {answer}"
            for answer in answers.values()
            if not isinstance(answer, Delivered)
        ]
        return faults if len(answers) == len(pet) else [*faults, "objects not answered"]


def _log_faults(log: Path) -> list[str]:
    """Return the last line of each traceback, and what else must not be in a log."""
    lines = log.read_text(errors="replace").splitlines()
    found: dict[str, str] = {}
    for number, line in enumerate(lines):
        if line.lstrip().startswith("Traceback (most recent call last)"):
            trace = lines[number : number + 60]
            last = next((each for each in trace[1:] if each[:1].strip()), "")
            found.setdefault(last[:200], "\n".join(trace[:45]))
    named = [line[:200] for line in lines if "Mouse^Seven" in line]
    return [f"traceback: {last}\n{trace}" for last, trace in found.items()] + named[:3]
