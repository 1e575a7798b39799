"""One cell of the matrix: a study, a kill, a restart, and what is there then."""

import json
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from config.load import default_settings
from node.fault_points import FaultPoint, Passing
from tests.support.kept import Faults, Kept, study_states
from tests.support.passings import CountedPassing
from tests.support.pet import STUDY_UID, write_all
from tests.support.scanner import Scanner, as_sent
from tests.support.service import free_port, write_config
from tests.support.studies import as_study, small_study, uid_in
from tests.system.crash.forked import forked_archive

PATIENCE_S = 120.0
_AFTER_S = 4.0
"""A kill may come a moment after what is seen of the work is done: a question for
commitment ends a second after its answer came on another association."""
_PAUSE_S = 0.15
"""Between the images and their contours, so that both are indexed by themselves."""
_POLL_S = 0.02
_OF_ALL_THAT_IS_DUE = tuple(each for each in FaultPoint if each.startswith("commit."))


@dataclass(frozen=True)
class Cell:
    """A fault point and the passing at which the node is killed.

    Attributes
    ----------
    point : FaultPoint or None
        None for a node that is not killed.
    time : int
    whole : bool
        Whether it is the service as users start it, or a fork.
    """

    point: FaultPoint | None
    time: int
    whole: bool = False

    @property
    def name(self) -> str:
        """Of its files."""
        form = "-whole" if self.whole else ""
        return f"{self.point or 'none'}-{self.time}{form}"


@dataclass
class Verdict:
    """What became of a cell.

    Attributes
    ----------
    killed : bool
    acknowledged : int
        Objects before the kill.
    seconds : float
    faults : Faults
    """

    killed: bool = False
    acknowledged: int = 0
    seconds: float = 0.0
    faults: Faults = field(default_factory=Faults)


class Process(Protocol):
    """A service that was started."""

    def has_ended(self) -> bool: ...

    def wait(self, within_s: float) -> bool: ...

    def stop(self) -> int | None: ...


Start = Callable[[Path, Passing], Process]
"""Starts a service with a configuration and what happens at fault points."""


@dataclass(frozen=True)
class Material:
    """Studies as DCMTK sends them, made once for all cells.

    Attributes
    ----------
    studies : tuple
        Of each, the UID and the files, the contours last.
    """

    studies: tuple[tuple[str, tuple[Path, ...]], ...]


def material(folder: Path, *, studies: int = 2) -> Material:
    """Return studies of 12 slices and their contours."""
    pet, contours = small_study()
    made = []
    for number in range(studies):
        files = write_all(as_study(number, [*pet, contours]), folder / f"{number}")
        sent = as_sent(folder / f"{number}-as-sent", files)
        made.append((uid_in(number, STUDY_UID), tuple(sent)))
    return Material(tuple(made))


def judge(cell: Cell, sent: Material, folder: Path, start: Start) -> Verdict:
    """Kill a node at a fault point, restart it, and look what it kept.

    A first passing is of one study, a later one of two. One question for commitment is
    asked of all that is due; so that there are two, one study is done before the other.
    """
    began_s = time.monotonic()
    run = _Run(sent.studies[: min(cell.time, 2)], folder, start)
    if not cell.whole:
        run.leave_check_out()
    run.one_by_one = cell.point in _OF_ALL_THAT_IS_DUE
    verdict = Verdict()
    try:
        verdict.killed = run.until_killed(cell)
        verdict.acknowledged = run.acknowledged
        run.to_the_end()
        verdict.faults = run.faults()
    finally:
        run.close()
    verdict.seconds = time.monotonic() - began_s
    return verdict


class _Run:
    """The node, its sender and its archive, in one folder."""

    def __init__(
        self,
        studies: Sequence[tuple[str, tuple[Path, ...]]],
        folder: Path,
        start: Start,
    ) -> None:
        folder.mkdir(parents=True)
        self._folder = folder
        self._start = start
        self.one_by_one = False
        self._studies = [uid for uid, _ in studies]
        port, archive_port = free_port(), free_port()
        self._port = port
        self._scanners = [
            Scanner(port, part)
            for _, files in studies
            for part in (files[:-1], files[-1:])
        ]
        self._config = write_config(folder, port, archive_port=archive_port)
        # All that is made must be there in the end, so all of it is sent.
        asks = (
            f'port = {archive_port}\nconfirm = "commitment"\nconfirm_within_s = 3\n'
            f"objects = {json.dumps(default_settings().results.objects)}"
        )
        text = self._config.read_text().replace(f"port = {archive_port}", asks)
        self._config.write_text(text)
        self._archive = forked_archive(folder / "archive", archive_port, port)
        self._node: Process | None = None
        self._unwell: list[str] = []

    def leave_check_out(self) -> None:
        """Have dciodvfy hear nothing, which takes as long as making the objects.

        In the whole service it does, beside real workers.
        """
        with self._config.open("a") as config:
            config.write("\n[results]\nexternal_check = false\n")

    @property
    def acknowledged(self) -> int:
        """Objects that were answered Success."""
        return sum(len(each.acknowledged) for each in self._scanners)

    def until_killed(self, cell: Cell) -> bool:
        """Send until the node is gone or all is done; whether it was killed."""
        self._node = self._start(
            self._config,
            CountedPassing(self._folder / "passed", cell.point, cell.time),
        )
        self._work(self._node)
        return self._node.wait(_AFTER_S)

    def to_the_end(self) -> None:
        """Restart the node if it is gone, send the rest, and stop it in the end."""
        assert self._node is not None
        if self._node.has_ended():
            self._node = self._start(
                self._config, CountedPassing(self._folder / "passed again")
            )
            # Where all was done before the kill, it would be told to stop too early to
            # hear it.
            self._await_port(self._node)
            self._work(self._node)
        self._unwell = [
            f"{uid} is {state}"
            for uid, state in study_states(self._folder / "data").items()
            if state != "committed"
        ]
        if self._node.stop() != 0:
            self._unwell.append("the node does not stop in order")

    def faults(self) -> Faults:
        """Return what is wrong with what the node has kept."""
        kept = Kept(self._folder / "data")
        sent = [path for each in self._scanners for path in each.acknowledged]
        left = [path.name for each in self._scanners for path in each.unacknowledged]
        kept.holds(sent)
        kept.has_one_result_each(self._studies)
        kept.was_taken(self._folder / "archive")
        kept.is_tidy()
        kept.faults.odd += self._unwell
        kept.faults.lost += [f"{name} was never taken" for name in left]
        return kept.faults

    def close(self) -> None:
        """End what still runs."""
        if self._node is not None:
            self._node.stop()
        self._archive.kill()

    def _await_port(self, node: Process) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline and not node.has_ended():
            with socket.socket() as probe:
                probe.settimeout(1.0)
                if probe.connect_ex(("127.0.0.1", self._port)) == 0:
                    return
            time.sleep(_POLL_S)

    def _work(self, node: Process) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline and not node.has_ended():
            for scanner in self._due():
                if not scanner.is_done:
                    scanner.send()
                    time.sleep(_PAUSE_S)
            if all(each.is_done for each in self._scanners) and not self._undone():
                return
            time.sleep(_POLL_S)

    def _due(self) -> Sequence[Scanner]:
        """Return who sends now: two of each study."""
        if not self.one_by_one:
            return self._scanners
        done = len(self._studies) - len(self._undone())
        return self._scanners[: 2 * (done + 1)]

    def _undone(self) -> list[str]:
        states = study_states(self._folder / "data")
        return [uid for uid in self._studies if states.get(uid) != "committed"]
