"""The service as a process of its own, with a configuration in a folder."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from node.association.sender import Delivered, Destination, send_files, verify
from node.cli import main

NODE_AE = "EXHAUSTION"
START_S = 60.0


def free_port() -> int:
    """Return a TCP port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def write_config(
    folder: Path, port: int, *, archive_port: int, extra: str = ""
) -> Path:
    """Write a configuration for one archive on this machine."""
    path = folder / "node.toml"
    path.write_text(
        f"""
[node]
ae_title = "{NODE_AE}"
host = "127.0.0.1"
port = {port}
data_folder = "{folder / "data"}"

[[destinations]]
name = "archive"
ae_title = "ARCHIVE"
host = "127.0.0.1"
port = {archive_port}

[matching]
settle_seconds = 1

[retry]
first_delay_s = 0.2
maximum_delay_s = 1.0
{extra}
"""
    )
    return path


@contextmanager
def running(config: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    """Run the service until the context ends; it answers C-ECHO when this begins."""
    log = (config.parent / "node.log").open("a")
    process = subprocess.Popen(
        [sys.executable, "-m", "node", "run", "--config", str(config)],
        stdout=log,
        stderr=log,
        text=True,
    )
    try:
        wait_for_echo(process, port)
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(timeout=30)
        log.close()


def wait_for_echo(process: subprocess.Popen[str], port: int) -> None:
    """Wait until the service answers C-ECHO."""
    deadline = time.monotonic() + START_S
    why = "not asked"
    while time.monotonic() < deadline and process.poll() is None:
        why = verify("127.0.0.1", port, NODE_AE, "TESTER", 2.0)
        if not why:
            return
        time.sleep(0.1)
    message = f"the node does not answer: {why}"
    raise AssertionError(message)


def store(port: int, paths: list[Path]) -> None:
    """Send files to the service; every one must be answered Success."""
    node = Destination("node", NODE_AE, "127.0.0.1", port, "SCANNER")
    answers = dict(send_files(node, paths))
    refused = {
        path.name: answer
        for path, answer in answers.items()
        if not isinstance(answer, Delivered)
    }
    assert not refused, refused
    assert len(answers) == len(paths)


def command(*words: str) -> tuple[int, str, str]:
    """Run ``exhaustion-node`` in this process; return exit code, stdout, stderr."""
    run = CliRunner().invoke(main, words)
    if run.exception is not None and not isinstance(run.exception, SystemExit):
        raise run.exception
    return run.exit_code, run.stdout, run.stderr


def command_apart(*words: str) -> tuple[int, str, str]:
    """Run ``exhaustion-node`` in a process of its own, as a user would."""
    done = subprocess.run(
        [sys.executable, "-m", "node", *words],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def wait_for_state(config: Path, uid: str, *states: str, within_s: float = 60.0) -> Any:
    """Wait until a study is in one of the states, and return `study UID --json`."""
    deadline = time.monotonic() + within_s
    seen: Any = None
    while time.monotonic() < deadline:
        code, out, _ = command("study", uid, "--config", str(config), "--json")
        if code == 0:
            seen = json.loads(out)
            if seen["state"] in states:
                return seen
        time.sleep(0.1)
    message = f"the study is not {states}: {seen}"
    raise AssertionError(message)
