"""A PostgreSQL server of our own on loopback, for as long as a test needs it."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.support.service import free_port

USER = "node"
_INSTALLED = Path("/usr/lib/postgresql")
"""Where Debian keeps the programs of a server, outside of PATH."""


@dataclass
class PostgresServer:
    """A server with a superuser who needs no password.

    Attributes
    ----------
    programs : Path
    folder : Path
        Owned by whoever runs the server: it refuses to run as root.
    port : int
    """

    programs: Path
    folder: Path
    port: int

    def __post_init__(self) -> None:
        self._numbers = count()

    def url(self, database: str) -> str:
        """Return the address of a database."""
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{database}"

    def new_database(self, template: str = "template1") -> str:
        """Make a database and return its name."""
        name = f"ledger_{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def execute(self, statement: str) -> None:
        """Do something as the superuser."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())

    def start(self) -> None:
        """Start it, and wait until it takes connections."""
        self._control("start", "-w", "-l", str(self.folder / "log"))

    def stop(self) -> None:
        """End it and all its connections at once."""
        self._control("stop", "-w", "-m", "fast")

    def _control(self, *words: str) -> None:
        run_as_owner(
            self.folder, self.programs / "pg_ctl", "-D", self.folder / "data", *words
        )


def run_as_owner(folder: Path, *words: str | Path) -> None:
    """Run a program as whoever owns a folder."""
    owner = folder.stat()
    other: dict[str, Any] = {}
    if os.getuid() != owner.st_uid:
        other = {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []}
    done = subprocess.run(
        [str(word) for word in words],
        cwd=folder,
        check=False,
        # What it starts keeps these open; a pipe would never end.
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=60,
        **other,
    )
    assert done.returncode == 0, words


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """Run a server until the context ends; skip where none is installed."""
    programs = _programs()
    # Below pytest's folders nobody but their owner sees anything.
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    try:
        if os.getuid() == 0:
            user = _unprivileged()
            os.chown(folder, user.pw_uid, user.pw_gid)
        run_as_owner(
            folder,
            programs / "initdb",
            *("-D", folder / "data", "-U", USER, "-A", "trust", "-E", "UTF8"),
            *("--locale=C", "--no-sync"),
        )
        server = PostgresServer(programs, folder, free_port())
        with (folder / "data" / "postgresql.conf").open("a") as file:
            # Nothing of it outlives the test.
            file.write(
                f"listen_addresses = '127.0.0.1'\nport = {server.port}\n"
                f"unix_socket_directories = '{folder}'\nfsync = off\n"
                "max_connections = 60\nshared_buffers = '32MB'\n"
            )
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder)


def _programs() -> Path:
    """Return where the programs of a server are, of the newest version."""
    on_path = shutil.which("initdb")
    if on_path is not None:
        return Path(on_path).parent
    found = sorted(
        (path.parent for path in _INSTALLED.glob("*/bin/initdb")),
        key=lambda path: float(path.parent.name),
    )
    if found:
        return found[-1]
    if os.environ.get("REQUIRE_TOOLS") == "1":
        pytest.fail("PostgreSQL is not installed, and REQUIRE_TOOLS=1 says it must be")
    pytest.skip("PostgreSQL is not installed")


def _unprivileged() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    pytest.skip("PostgreSQL does not run as root, and there is no other user")
