"""Promises on the order of writes, flushes, commits and answers.

A kill leaves what the kernel was told; a power cut leaves only what was flushed. So the
order in which the kernel was asked is looked at, of a service that receives, computes
and delivers one study.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from node.association.archive import Archive
from tests.support.kept import ENDS, study_states
from tests.support.scanner import Scanner
from tests.support.service import free_port, write_config
from tests.support.studies import write_study
from tests.support.system_calls import SystemCall, options, traced
from tests.support.tools import require_tool

pytestmark = pytest.mark.system

_PATIENCE_S = 90.0
_WRITES = ("write", "writev", "pwrite64")
_SENDS = ("sendto", "sendmsg")


@dataclass(frozen=True)
class Traced:
    """A service's system calls, and where things lay.

    Attributes
    ----------
    calls : list of SystemCall
    data : Path
    archive_port : int
    """

    calls: list[SystemCall]
    data: Path
    archive_port: int

    def renamed_into(self, folder: str) -> list[int]:
        """Return the places of the renames into a folder of the data folder."""
        inside = f"{self.data / folder}/"
        return [
            place
            for place, call in enumerate(self.calls)
            if call.name.startswith("rename") and call.on.startswith(inside)
        ]

    def first(self, after: int, name: Sequence[str], on: str, thread: int = 0) -> int:
        """Return the place of the first such call after another one."""
        for place in range(after + 1, len(self.calls)):
            call = self.calls[place]
            right = call.name in name and call.on.startswith(on)
            if right and (not thread or call.thread == thread):
                return place
        message = f"no {name} of {on} comes after {self.calls[after]}"
        raise AssertionError(message)

    def assert_durable_name(self, rename: int) -> int:
        """Check write, fsync, rename, fsync of the folder; return the last place."""
        call = self.calls[rename]
        part = call.words.split('"')[1]
        of_part = [
            (place, each.name)
            for place, each in enumerate(self.calls[:rename])
            if each.on == part and each.thread == call.thread
        ]
        assert of_part[-1][1] == "fsync", of_part
        assert any(name in _WRITES for _, name in of_part[:-1])
        # Of files that are written together, one fsync of the folder follows all names.
        folder = str(Path(call.on).parent)
        return self.first(rename, ["fsync"], folder)

    def committed_after(self, place: int) -> int:
        """Return where the next commit that was begun later is on the disk."""
        wal = str(self.data / "ledger.sqlite-wal")
        written = self.first(place, ["pwrite64"], wal)
        return self.first(written, ["fdatasync", "fsync"], wal)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Traced]:
    """Return the trace of a service that received, computed and delivered a study."""
    strace, folder = require_tool("strace"), tmp_path_factory.mktemp("traced")
    require_tool("storescu")
    probe = subprocess.run([strace, "-o", "/dev/null", "true"], check=False, timeout=20)
    if probe.returncode:
        pytest.skip("this machine does not let strace look at processes")
    port, out = free_port(), folder / "trace"
    with Archive(folder / "archive", "ARCHIVE") as archive:
        config = write_config(folder, port, archive_port=archive.port)
        words = ["-m", "tests.system.crash.threaded_node", str(config)]
        with (
            (folder / "node.log").open("w") as log,
            subprocess.Popen(
                [strace, *options(out), sys.executable, *words], stdout=log, stderr=log
            ) as process,
        ):
            scanner = Scanner(port, write_study(folder / "sent"))
            deadline = time.monotonic() + _PATIENCE_S
            while time.monotonic() < deadline and process.poll() is None:
                scanner.send()
                if set(study_states(folder / "data").values()) & set(ENDS):
                    break
                time.sleep(0.2)
            _end(process)
        told = (folder / "node.log").read_text()
        assert scanner.is_done, told
        yield Traced(traced(out), folder / "data", archive.port)


def _end(strace: "subprocess.Popen[bytes]") -> None:
    """End what strace runs; strace itself lets it run on when it is told to end."""
    children = Path(f"/proc/{strace.pid}/task/{strace.pid}/children").read_text()
    for number in (signal.SIGTERM, signal.SIGKILL):
        for child in map(int, children.split()):
            with suppress(ProcessLookupError):
                os.kill(child, number)
        with suppress(subprocess.TimeoutExpired):
            strace.wait(20)
            return
    strace.kill()


def test_an_object_is_on_the_disk_by_name_and_row_before_its_sender_hears_so(
    service: Traced,
) -> None:
    renames = service.renamed_into("objects")

    assert len(renames) == 13
    for rename in renames:
        thread = service.calls[rename].thread
        named = service.assert_durable_name(rename)
        committed = service.committed_after(named)
        answered = next(
            place
            for place in range(rename, len(service.calls))
            if service.calls[place].name in _SENDS
            and service.calls[place].thread == thread
        )
        assert rename < named < committed < answered


def test_result_files_are_on_the_disk_before_rows_name_them_and_rows_before_they_go_out(
    service: Traced,
) -> None:
    renames = service.renamed_into("results")
    places = [service.assert_durable_name(rename) for rename in renames]

    assert len(renames) >= 3
    assert service.committed_after(max(places))
    # The report goes out first, and nothing before it.
    names = [service.calls[rename].on for rename in renames]
    assert names[0].endswith("/report.dcm")
    committed = service.committed_after(places[0])
    port = f"sin_port=htons({service.archive_port})"
    went_out = [
        place
        for place, call in enumerate(service.calls)
        if call.name == "connect" and port in call.words
    ]
    assert went_out
    assert committed < went_out[0]


def test_the_folder_of_a_new_result_is_itself_on_the_disk(service: Traced) -> None:
    rename = service.renamed_into("results")[0]
    flushed = [call.on for call in service.calls[:rename] if call.name == "fsync"]

    assert str(service.data / "results") in flushed
    assert str(service.data) in flushed
