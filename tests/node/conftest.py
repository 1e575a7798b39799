"""Ledgers for the tests of the node, each on both kinds of database."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from node.ledger import Ledger
from tests.support.postgres import PostgresServer, postgres_server


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A server for all tests that want one."""
    with postgres_server() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_template(
    postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """A database with all tables; making them anew for each test takes long."""
    name = postgres.new_database()
    Ledger.open(postgres.url(name), tmp_path_factory.mktemp("template")).close()
    return name


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with all tables."""
    folder = tmp_path_factory.mktemp("template")
    Ledger.open(f"sqlite:///{folder / 'ledger.sqlite'}", folder).close()
    return folder / "ledger.sqlite"


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty ledger, of each kind."""
    if request.param == "sqlite":
        file = tmp_path / "ledger.sqlite"
        shutil.copy(request.getfixturevalue("sqlite_template"), file)
        return f"sqlite:///{file}"
    template = request.getfixturevalue("postgres_template")
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.url(server.new_database(template))
