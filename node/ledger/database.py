"""The database under the ledger: how it is opened, and what a transaction is.

Design choice: writers take their turn at the beginning, never in the middle, so that no
transaction is undone for having read before it wrote.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any, Self

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DatabaseError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from node.ledger.engine import (
    LedgerAddressError,
    make_engine,
    patience_s,
    remaining,
    take_turn,
)

_NO_TURN = "other writers do not end"
_MIGRATIONS = Path(__file__).resolve().parents[1] / "migrations"


class Database:
    """One database and the data folder that its paths are relative to.

    Parameters
    ----------
    engine : Engine
    root : Path
        Data folder. Rows hold paths relative to it, so that it can be moved.
    """

    def __init__(self, engine: Engine, root: Path) -> None:
        self._engine = engine
        self._writer = engine.execution_options(begin="BEGIN IMMEDIATE")
        self._reader = (
            # Several questions of one transaction are to see the same.
            engine.execution_options(isolation_level="REPEATABLE READ")
            if engine.dialect.name == "postgresql"
            else engine
        )
        self._root = root.resolve()
        # SQLite has one writer, and lets others poll; a lock hands over at once.
        self._turn = threading.Lock()

    @classmethod
    def open(cls, url: str, root: Path) -> Self:
        """Return the ledger at an address, created or brought up to date.

        Parameters
        ----------
        url : str
            ``sqlite:////data/ledger.sqlite`` or ``postgresql://...``.
        root : Path
            Data folder.

        Raises
        ------
        LedgerAddressError
            When the address is none of these, or the schema is from a newer version.
        LedgerUnavailableError
            When the database cannot be reached or written now.
        """
        engine = make_engine(url)
        try:
            ledger = cls(engine, root)
            with ledger._writing() as connection:
                _migrate(connection)
        except BaseException:
            engine.dispose()
            raise
        return ledger

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        """Give a connection that sees one state of the database."""
        with _said_plainly(), self._reader.begin() as connection:
            yield connection

    @contextmanager
    def _writing(self, since_s: float | None = None) -> Iterator[Connection]:
        """Give a connection whose changes are durable, all or none, at the end.

        Parameters
        ----------
        since_s : float or None
            Since when somebody waits for this, by the monotonic clock; None for now.

        Raises
        ------
        LedgerUnavailableError
            Also when the turn does not come in time.
        """
        since_s = time.monotonic() if since_s is None else since_s
        left_s = since_s + patience_s() - time.monotonic()
        if not self._turn.acquire(timeout=max(0.0, left_s)):
            raise LedgerUnavailableError(_NO_TURN)
        try:
            with _said_plainly(), self._writer.connect() as connection:
                options = remaining(time.monotonic() - since_s)
                with connection.execution_options(**options).begin():
                    take_turn(connection)
                    yield connection
        finally:
            self._turn.release()

    def _stored(self, path: Path) -> str:
        """Return a path as rows hold it."""
        if not path.is_absolute() and ".." not in path.parts:
            return path.as_posix()
        inside = (self._root / path).resolve()
        if not inside.is_relative_to(self._root):
            raise PathOutsideDataFolderError(path)
        return inside.relative_to(self._root).as_posix()

    def _resolved(self, stored: str) -> Path:
        """Return where a row's path lies; the data folder, for an empty one."""
        return self._root / PurePosixPath(stored)


def insert_unless_there(
    connection: Connection, table: Table, values: dict[str, Any] | list[dict[str, Any]]
) -> bool:
    """Add rows that no unique index holds already, and return whether any was added.

    Parameters
    ----------
    connection : Connection
    table : Table
    values : dict or list of dict
        One row, or several in one statement.
    """
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    # The number of rows is not told by every driver; the rows are.
    key = next(iter(table.primary_key))
    added = insert(table).values(values).on_conflict_do_nothing().returning(key)
    return connection.execute(added).first() is not None


def insert_all_unless_there(
    connection: Connection, table: Table, rows: list[dict[str, Any]]
) -> None:
    """Add rows that no unique index holds already.

    By one statement for however many rows, which is compiled once.
    """
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    if rows:
        connection.execute(insert(table).on_conflict_do_nothing(), rows)


def _migrate(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", _MIGRATIONS.as_posix().replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise UnknownSchemaError(error) from None


@contextmanager
def _said_plainly() -> Iterator[None]:
    try:
        yield
    except (OperationalError, InterfaceError, PoolTimeoutError) as error:
        raise LedgerUnavailableError(str(getattr(error, "orig", error))) from error
    except DatabaseError as error:
        # Of itself: the file is damaged, or no database. Its kinds are defects of ours.
        if type(error) is DatabaseError:
            raise LedgerUnavailableError(str(error.orig)) from error
        raise


class LedgerUnavailableError(Exception):
    """The database cannot be used now: locked, full, gone or damaged.

    Trying again may help; whoever sends keeps what he has until then.
    """

    def __init__(self, why: str) -> None:
        super().__init__(f"the ledger cannot be used now: {why}")
        self.why = why


class UnknownSchemaError(LedgerAddressError):
    """The schema has a revision that this version does not know."""

    def __init__(self, error: CommandError) -> None:
        super().__init__(
            f"its schema is from another version ({error}); "
            "install the version that wrote it, or a newer one"
        )


class PathOutsideDataFolderError(ValueError):
    """A file to be remembered lies outside the data folder."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} lies outside the data folder")
        self.path = path
