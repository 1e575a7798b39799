"""The README does what it says, in the order in which a reader meets it."""

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from pydicom import dcmread

from config.results import SENT
from node.records.kinds import SOP_CLASSES, ResultKind
from tests.support.documents import (
    README,
    ROOT,
    Block,
    blocks_of,
    environment,
    run_block,
)
from tests.support.tools import require_tool

BLOCKS = list(blocks_of(README.read_text()))
SHELL = [block for block in BLOCKS if block.language == "sh"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def block_with(command: str) -> Block:
    (block,) = [block for block in SHELL if command in block.text]
    return block


def test_its_two_commands_are_targets_that_set_themselves_up() -> None:
    lines = block_with("make demo").text.split("\n")

    assert lines[:2] == ["make demo", "make test"]
    for line, last in zip(
        lines,
        (
            ".venv/bin/exhaustion-node demo",
            ".venv/bin/pytest --numprocesses auto --dist worksteal",
        ),
        strict=False,
    ):
        planned = subprocess.run(
            [*line.split(), "--dry-run", "--always-make", "--no-print-directory"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.splitlines()
        assert planned[-1] == last
        assert any("--require-hashes" in step for step in planned)


@pytest.mark.system
@pytest.mark.long
def test_every_command_works_as_written(tmp_path: Path) -> None:
    """A study is made, scored, sent to the service and delivered, by README alone."""
    require_tool("storescu")
    require_tool("echoscu")
    require_tool("storescp")
    site = Site(tmp_path, node_port=free_port(), pacs_port=free_port())
    site.run("exhaustion-node score")
    assert "zhang2023-fine" in site.run("exhaustion-node show")
    site.write("site.toml")
    assert "no mistakes" in site.run("check-config")

    with site.pacs(), site.service():
        site.run("storescu")
        told = site.wait_until_delivered()

    assert "delivered" in told
    received = {dcmread(path).SOPClassUID for path in site.received.iterdir()}
    assert received == {SOP_CLASSES[ResultKind(kind)] for kind in SENT}
    assert (tmp_path / "features.csv").read_text().count("\n") == 2


class Site:
    """A reader's machine: the README's words, with ports and places of this test."""

    def __init__(self, folder: Path, node_port: int, pacs_port: int) -> None:
        self.folder = folder
        self.node_port = node_port
        self.pacs_port = pacs_port
        self.received = folder / "pacs"
        self.received.mkdir()
        self._used: set[str] = set()

    def local(self, text: str) -> str:
        text = text.replace("11112", str(self.node_port))
        text = text.replace("/var/lib/exhaustion-node", str(self.folder / "data"))
        text = text.replace("pacs.example.org", "127.0.0.1")
        return text.replace("port = 104", f"port = {self.pacs_port}")

    def run(self, command: str) -> str:
        block = block_with(command)
        return run_block(Block("sh", self.local(block.text)), self.folder)

    def write(self, name: str) -> None:
        (block,) = [block for block in BLOCKS if block.file_name == name]
        (self.folder / name).write_text(self.local(block.text))

    @contextmanager
    def service(self) -> Iterator[None]:
        command = self.local(block_with("exhaustion-node run").text)
        with started(["bash", "-c", f"exec {command}"], self.folder, self.node_port):
            yield

    @contextmanager
    def pacs(self) -> Iterator[None]:
        command = ["storescp", "-aet", "PACS", "-od", str(self.received), "+B"]
        with started([*command, str(self.pacs_port)], self.folder, self.pacs_port):
            yield

    def wait_until_delivered(self) -> str:
        deadline = time.monotonic() + 120
        told = ""
        while "delivered" not in told and time.monotonic() < deadline:
            time.sleep(0.5)
            told = self.run("exhaustion-node studies")
        return told


@contextmanager
def started(command: list[str], folder: Path, port: int) -> Iterator[None]:
    """Run a server until the block ends, from the moment that its port answers."""
    log = folder / f"{port}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=folder, env=environment(), stdout=output, stderr=output
        )
    try:
        deadline = time.monotonic() + 60
        while not answers(port):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(20)
        process.kill()
        process.wait()


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
