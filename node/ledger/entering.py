"""Objects that were just received: each a row, several in one transaction.

Design choice: whoever comes while another commits waits, and the next to have the turn
enters all that wait. A single sender waits for nobody; eight of them share the commits,
each of which costs a flush of the disk.

Design choice: the ordinary object, new under its UID, is entered by one prepared
statement below SQLAlchemy's; to put the statement together for each object costs more
than to carry it out.
"""

import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, Dialect, Engine, select, update
from sqlalchemy.dialects import postgresql, sqlite

from node.columns import Instant
from node.fault_points import FaultPoint, Passing, pass_by
from node.ledger.database import Database, LedgerUnavailableError
from node.ledger.indexing import report_conflict
from node.ledger.retirement import leave_series
from node.records.objects import ReceivedInstance
from node.records.states import InstanceState, ReceiveOutcome
from node.tables import INSTANCES, SERIES, STUDIES

_STANDING = (InstanceState.RECEIVED, InstanceState.INDEXED)
_TAKEN_UP = (InstanceState.UNREADABLE, InstanceState.RETIRED)
_COLUMNS = (
    "sop_instance_uid",
    "sop_class_uid",
    "transfer_syntax_uid",
    "sha256",
    "path",
    "size",
    "calling_ae",
    "received_at",
    "state",
)
_INSTANT = Instant()
_INSERTS = {
    "sqlite": sqlite.insert(INSTANCES).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(INSTANCES).on_conflict_do_nothing(),
}


def _not_entered() -> Exception:
    return LedgerUnavailableError("the transaction was left without an end")


@dataclass
class _Entry:
    """An object that waits to be entered, and what became of it."""

    instance: ReceivedInstance
    path: str
    at: datetime
    since_s: float
    done: bool = False
    outcome: ReceiveOutcome = ReceiveOutcome.NEW
    # Until the commit has returned, whatever else happens.
    failure: Exception | None = field(default_factory=_not_entered)


class EnteringRows(Database):
    """Rows of objects that were just received."""

    def __init__(self, engine: Engine, root: Path) -> None:
        super().__init__(engine, root)
        self._waiting: deque[_Entry] = deque()
        self._entering = threading.Lock()

    def record_received(
        self,
        instance: ReceivedInstance,
        at: datetime,
        passing: Passing = pass_by,
    ) -> ReceiveOutcome:
        """Enter an object whose bytes are durable, and return what it is.

        Parameters
        ----------
        instance : ReceivedInstance
        at : datetime
        passing : callable
            Is told when rows are written that are not committed.

        Returns
        -------
        ReceiveOutcome
            Durable when this returns; only then may Success be answered.

        Raises
        ------
        LedgerUnavailableError
        """
        entry = _Entry(instance, self._stored(instance.path), at, time.monotonic())
        self._waiting.append(entry)
        with self._entering:
            # Whoever had the turn before may have entered this one too.
            if not entry.done:
                self._enter_waiting(passing)
        if entry.failure is not None:
            raise entry.failure
        return entry.outcome

    def _enter_waiting(self, passing: Passing) -> None:
        """Enter all that wait, in one transaction; one by one if that fails."""
        entries = [self._waiting.popleft() for _ in range(len(self._waiting))]
        try:
            self._enter_together(entries, passing)
        except LedgerUnavailableError as failure:
            for entry in entries:
                entry.failure = LedgerUnavailableError(failure.why)
        except Exception as failure:  # noqa: BLE001 - it belongs to one of them
            if len(entries) == 1:
                entries[0].failure = failure
            else:
                self._enter_one_by_one(entries, passing)
        finally:
            for entry in entries:
                entry.done = True

    def _enter_one_by_one(self, entries: Sequence[_Entry], passing: Passing) -> None:
        for entry in entries:
            try:
                self._enter_together([entry], passing)
            except Exception as failure:  # noqa: BLE001 - raised where it belongs
                entry.failure = failure

    def _enter_together(self, entries: Sequence[_Entry], passing: Passing) -> None:
        # Whoever came first has waited longest, and hears in time what the others do.
        with self._writing(entries[0].since_s) as connection:
            for entry in entries:
                entry.outcome = _entered(connection, entry)
            passing(FaultPoint.RECEIVE_ENTERED)
        for entry in entries:
            entry.failure = None


def _entered(connection: Connection, entry: _Entry) -> ReceiveOutcome:
    """Enter an object, and return what it is."""
    instance = entry.instance
    # Nearly every object is new, and the unique indexes say so in one go.
    if _enter(connection, entry, ReceiveOutcome.NEW):
        return ReceiveOutcome.NEW
    while True:
        outcome = _outcome(connection, instance)
        if outcome is ReceiveOutcome.DUPLICATE:
            _take_up_again(connection, instance)
            return outcome
        # Another node process may have entered it in between: look again.
        if _enter(connection, entry, outcome):
            break
    if outcome is ReceiveOutcome.CONFLICT:
        study_uid = _study_of(connection, instance.sop_instance_uid)
        report_conflict(connection, instance.sop_instance_uid, study_uid, entry.at)
    return outcome


def _outcome(connection: Connection, instance: ReceivedInstance) -> ReceiveOutcome:
    known = connection.execute(
        select(INSTANCES.c.sha256, INSTANCES.c.state).where(
            INSTANCES.c.sop_instance_uid == instance.sop_instance_uid
        )
    ).all()
    if any(row.sha256 == instance.sha256 for row in known):
        return ReceiveOutcome.DUPLICATE
    if any(row.state in _STANDING for row in known):
        return ReceiveOutcome.CONFLICT
    return ReceiveOutcome.NEW


def _take_up_again(connection: Connection, instance: ReceivedInstance) -> None:
    """Have an object indexed anew that was set aside and came again, bytes and all.

    Its file may have been lost, damaged or deleted after its time; it lies in the store
    again now. Where another object took its place meanwhile, that one stays.
    """
    same_uid = INSTANCES.c.sop_instance_uid == instance.sop_instance_uid
    standing = select(INSTANCES.c.id).where(same_uid, INSTANCES.c.state.in_(_STANDING))
    if connection.execute(standing.limit(1)).first() is not None:
        return
    gone = select(INSTANCES.c.id, INSTANCES.c.series_id).where(
        same_uid,
        INSTANCES.c.sha256 == instance.sha256,
        INSTANCES.c.state.in_(_TAKEN_UP),
    )
    rows = connection.execute(gone.with_for_update()).all()
    leave_series(connection, rows)
    these = update(INSTANCES).where(INSTANCES.c.id.in_([row.id for row in rows]))
    connection.execute(these.values(state=InstanceState.RECEIVED, retired_at=None))


def _enter(connection: Connection, entry: _Entry, outcome: ReceiveOutcome) -> bool:
    """Add a row unless an index holds it; return whether it was added."""
    instance = entry.instance
    new = outcome is ReceiveOutcome.NEW
    values = {
        "sop_instance_uid": instance.sop_instance_uid,
        "sop_class_uid": instance.sop_class_uid,
        "transfer_syntax_uid": instance.transfer_syntax_uid,
        "sha256": instance.sha256,
        "path": entry.path,
        "size": instance.size,
        "calling_ae": instance.calling_ae,
        "received_at": _INSTANT.process_bind_param(entry.at, None),
        "state": str(InstanceState.RECEIVED if new else InstanceState.CONFLICTING),
    }
    statement, order = _prepared(connection.dialect)
    parameters = values if order is None else tuple(values[name] for name in order)
    added = connection.exec_driver_sql(statement, parameters)
    return bool(added.rowcount)


@cache
def _prepared(dialect: Dialect) -> tuple[str, tuple[str, ...] | None]:
    """Return the statement as a driver takes it, and the order of its parameters.

    The order is None where the driver takes them by name.
    """
    compiled = _INSERTS[dialect.name].compile(dialect=dialect, column_keys=_COLUMNS)
    order = compiled.positiontup if compiled.positional else None
    return str(compiled), None if order is None else tuple(order)


def _study_of(connection: Connection, sop_instance_uid: str) -> str | None:
    query = (
        select(STUDIES.c.study_instance_uid)
        .join(SERIES, SERIES.c.study_id == STUDIES.c.id)
        .join(INSTANCES, INSTANCES.c.series_id == SERIES.c.id)
        .where(INSTANCES.c.sop_instance_uid == sop_instance_uid)
    )
    return connection.execute(query).scalars().first()
