"""The two kinds of database that can be the ledger, and how each is made ready.

Design choice: SQLite in WAL mode with ``synchronous=FULL``, so that a commit that
returned survives a power cut; PostgreSQL with ``synchronous_commit`` for the same
reason, whatever the server's default is.

Design choice: both have one writer at a time. SQLite is made so; in PostgreSQL each
transaction that writes takes one advisory lock first. So what is proven of the ledger
on one holds on the other, commands beside the node included, and no two transactions
ever wait for each other.

Design choice: a server that is silent is gone. Every wait for PostgreSQL has an end,
so that a sender hears "out of resources" instead of nothing.

Design choice: a database that another program holds is waited for ten seconds, all
turns together: long for any transaction of ours, and well within what senders wait for.
"""

from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from config.refusal import RefusalError

_BUSY_TIMEOUT_MS = 10_000
_LEAST_WAIT_MS = 1_000
"""For the database, of whoever has waited long for the writers of this process."""
_CACHE_KIB = 65_536
_CONNECT_S = 10
_SILENCE_MS = 30_000
_WAIT_MS = "wait_ms"
_NO_ADDRESS = (
    "its URL cannot be read; percent-encode @, / and : in user and password, and give "
    "the port as a number"
)
_WRITER = 0x6578_6E6F_6465
"""Number of the advisory lock of the one writer; any other program's is another one."""


def make_engine(url: str) -> Engine:
    """Return the way to a database, without connecting to it.

    Parameters
    ----------
    url : str
        ``sqlite:////data/ledger.sqlite`` or ``postgresql://user@host/name``.

    Raises
    ------
    LedgerAddressError
    """
    try:
        address = make_url(url)
        name = address.get_backend_name()
        if name == "sqlite":
            return _sqlite(address)
        if name in ("postgresql", "postgres"):
            return _postgresql(address)
    except (ArgumentError, ImportError) as error:
        raise LedgerAddressError(str(error)) from None
    except ValueError:
        # Its words quote the address from the last colon on: a password with "@" in it.
        raise LedgerAddressError(_NO_ADDRESS) from None
    raise UnsupportedDatabaseError(name)


def patience_s() -> float:
    """Return how long a writer waits for its turn, in seconds."""
    return _BUSY_TIMEOUT_MS / 1000


def remaining(waited_s: float) -> dict[str, Any]:
    """Return the execution options of a writer who has waited already.

    Whoever has hardly waited needs none: a connection waits so long by itself.
    """
    least_ms = min(_LEAST_WAIT_MS, _BUSY_TIMEOUT_MS)
    if 1000 * waited_s < least_ms:
        return {}
    return {_WAIT_MS: max(least_ms, int(_BUSY_TIMEOUT_MS - 1000 * waited_s))}


def take_turn(connection: Connection) -> None:
    """Wait until this transaction is the one that may write.

    SQLite has waited at BEGIN.
    """
    if connection.dialect.name != "postgresql":
        return
    wait_ms = connection.get_execution_options().get(_WAIT_MS)
    if wait_ms is not None:
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {wait_ms}")
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITER})")


def _sqlite(address: URL) -> Engine:
    if address.database in (None, "", ":memory:"):
        raise LedgerInMemoryError
    engine = create_engine(address, pool_timeout=patience_s())
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver shall not begin transactions by itself; `_begin_sqlite` does.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout={_BUSY_TIMEOUT_MS}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"cache_size=-{_CACHE_KIB}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    begin = options.get("begin", "BEGIN")
    wait_ms = options.get(_WAIT_MS)
    if wait_ms is None:
        connection.exec_driver_sql(begin)
        return
    try:
        _wait_at_most(connection, wait_ms)
        connection.exec_driver_sql(begin)
    finally:
        # The connection goes back to the pool, for others.
        _wait_at_most(connection, _BUSY_TIMEOUT_MS)


def _wait_at_most(connection: Connection, wait_ms: int) -> None:
    connection.exec_driver_sql(f"PRAGMA busy_timeout={wait_ms}").close()


def _postgresql(address: URL) -> Engine:
    """Return the way to a server; a connection that it ended is replaced unseen."""
    if "+" not in address.drivername:
        # SQLAlchemy means psycopg2 by an address that names no driver.
        address = address.set(drivername="postgresql+psycopg")
    waits = {
        "connect_timeout": _CONNECT_S,
        "keepalives": 1,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 4,
        "tcp_user_timeout": _SILENCE_MS,
        "options": f"-c synchronous_commit=on -c lock_timeout={_BUSY_TIMEOUT_MS} "
        "-c idle_in_transaction_session_timeout=0 -c timezone=UTC",
    }
    given = {name: value for name, value in waits.items() if name not in address.query}
    return create_engine(
        address, pool_pre_ping=True, pool_timeout=patience_s(), connect_args=given
    )


class LedgerAddressError(RefusalError):
    """The database cannot be the ledger of this version."""

    def __init__(self, why: str) -> None:
        super().__init__(f"the ledger cannot be opened: {why}")
        self.why = why


class LedgerInMemoryError(LedgerAddressError):
    """The address is of a database in memory."""

    def __init__(self) -> None:
        super().__init__("in memory it would forget everything; name a file")


class UnsupportedDatabaseError(LedgerAddressError):
    """The address is of a database that the ledger has no statements for."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is neither sqlite nor postgresql")
        self.name = name
