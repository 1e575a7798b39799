"""The run: senders, a killer, and the wait for the last result."""

import queue
import random
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.soak.studies import Study
from tests.support.kept import ENDS, Faults, Kept, study_states
from tests.support.scanner import Scanner
from tests.support.service import free_port, write_config
from tests.system.crash.forked import forked_archive

_AT_ONCE = 50
"""Objects in one association; a sender that begins takes as long as twenty of them."""
_SETTINGS = """
[compute]
workers = 2

[results]
objects = ["sr", "segmentation", "parametric_map"]
"""
"""All processors, once nothing is sent any more. Kinds that any archive gets: all
that is made must be there in the end."""
_POLL_S = 0.05
_PAUSE_S = 1.0
"""Of a sender that nobody answers."""
_STOP_S = 60.0
_START_S = 60.0
_SHARE = 0.6
"""Of the time in which all kills come; the rest is for what they left to do."""
_LONGEST_LIFE_S = 12.0
"""Of a node that is to be killed."""


@dataclass(frozen=True)
class Plan:
    """What is done to the node.

    Attributes
    ----------
    senders, kills : int
    seconds : float
        The longest that all may take.
    seed : int
        Of the times of the kills.
    """

    senders: int
    kills: int
    seconds: float
    seed: int


@dataclass(frozen=True)
class Outcome:
    """What came of it.

    Attributes
    ----------
    acknowledged, associations, kills : int
    delivered : int
        Studies.
    seconds : float
    faults : Faults
    """

    acknowledged: int
    associations: int
    kills: int
    delivered: int
    seconds: float
    faults: Faults


class Soak:
    """One node, its archive and its senders, in a folder.

    Parameters
    ----------
    folder : Path
    studies : sequence of Study
    plan : Plan
    """

    def __init__(self, folder: Path, studies: Sequence[Study], plan: Plan) -> None:
        self._folder = folder
        self._studies = studies
        self._plan = plan
        self._port, archive_port = free_port(), free_port()
        self._config = write_config(
            folder, self._port, archive_port=archive_port, extra=_SETTINGS
        )
        # A fork, while there are no threads yet.
        self._archive = forked_archive(folder / "archive", archive_port)
        self._waiting: queue.SimpleQueue[Study] = queue.SimpleQueue()
        for study in studies:
            self._waiting.put(study)
        self._scanners: list[Scanner] = []
        self._associations = 0
        self._lock = threading.Lock()
        self._began_s = time.monotonic()
        self._deadline_s = self._began_s + plan.seconds

    def run(self) -> Outcome:
        """Send, kill, restart, wait, stop, and look what is there."""
        senders = [
            threading.Thread(target=self._send, daemon=True)
            for _ in range(self._plan.senders)
        ]
        node = self._start()
        for sender in senders:
            sender.start()
        kills = 0
        try:
            node, kills = self._kill(node)
            self._wait()
        finally:
            node.terminate()
            node.wait(_STOP_S)
            self._archive.kill()
        return self._outcome(kills)

    def _send(self) -> None:
        while time.monotonic() < self._deadline_s:
            try:
                study = self._waiting.get_nowait()
            except queue.Empty:
                return
            scanner = Scanner(self._port, study.files)
            with self._lock:
                self._scanners.append(scanner)
            while not scanner.is_done and time.monotonic() < self._deadline_s:
                before = len(scanner.unacknowledged)
                scanner.send(_AT_ONCE)
                with self._lock:
                    self._associations += 1
                if len(scanner.unacknowledged) == before:
                    time.sleep(_PAUSE_S)

    def _kill(
        self, node: "subprocess.Popen[bytes]"
    ) -> "tuple[subprocess.Popen[bytes], int]":
        """Kill the node at random times, so often as is planned; return the last."""
        # The times only have to differ; nothing is kept secret by them.
        dice = random.Random(self._plan.seed)  # noqa: S311
        until_s = self._began_s + _SHARE * self._plan.seconds
        for kill in range(self._plan.kills):
            self._await_port(node)
            share_s = (until_s - time.monotonic()) / (self._plan.kills - kill)
            time.sleep(dice.uniform(0.0, min(max(1.0, share_s), _LONGEST_LIFE_S)))
            node.kill()
            node.wait()
            node = self._start()
        return node, self._plan.kills

    def _wait(self) -> None:
        """Wait until every study is delivered, or time is up."""
        while time.monotonic() < self._deadline_s:
            states = study_states(self._folder / "data")
            if all(states.get(study.uid) in ENDS for study in self._studies):
                return
            time.sleep(10 * _POLL_S)

    def _start(self) -> "subprocess.Popen[bytes]":
        with (self._folder / "node.log").open("a") as log:
            command = ["-m", "node", "run", "--config", str(self._config)]
            return subprocess.Popen([sys.executable, *command], stdout=log, stderr=log)

    def _await_port(self, node: "subprocess.Popen[bytes]") -> None:
        deadline = time.monotonic() + _START_S
        while time.monotonic() < deadline and node.poll() is None:
            with socket.socket() as probe:
                probe.settimeout(1)
                if probe.connect_ex(("127.0.0.1", self._port)) == 0:
                    return
            time.sleep(_POLL_S)
        message = "the node does not listen"
        raise AssertionError(message)

    def _outcome(self, kills: int) -> Outcome:
        seconds = time.monotonic() - self._began_s
        kept = Kept(self._folder / "data")
        kept.holds(path for each in self._scanners for path in each.acknowledged)
        kept.has_one_result_each([study.uid for study in self._studies])
        kept.was_taken(self._folder / "archive")
        kept.is_tidy()
        acknowledged = sum(len(each.acknowledged) for each in self._scanners)
        sent = sum(len(study.files) for study in self._studies)
        if acknowledged < sent:
            words = f"{sent - acknowledged} objects were not taken in time"
            kept.faults.odd.append(words)
        states = study_states(self._folder / "data").values()
        delivered = sum(state in ENDS for state in states)
        return Outcome(
            acknowledged, self._associations, kills, delivered, seconds, kept.faults
        )
