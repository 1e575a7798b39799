"""Results: the objects that a job made, and who is to receive them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, insert, select

from node.fault_points import FaultPoint, Passing, pass_by
from node.ledger.database import Database, insert_unless_there
from node.ledger.happenings import record_event
from node.ledger.job_changes import change_job, is_overtaken, job_row, show_studies
from node.ledger.rows import AnyRow, result_of, select_jobs
from node.ledger.withheld import is_withheld, no_longer_withheld
from node.records.jobs import ResultObject
from node.records.states import DeliveryState, JobState
from node.records.withheld import NO_RESERVATIONS, Reservations
from node.tables import DELIVERIES, JOBS, RESULTS


class ResultRows(Database):
    """The result objects."""

    def report_ready(
        self,
        key: str,
        report: ResultObject,
        destinations: Collection[str],
        at: datetime,
        *,
        passing: Passing = pass_by,
    ) -> bool:
        """Enter the report of a job that still runs, and who is to get it now.

        The results that it replaces are superseded with it: it says so itself. What
        else the job makes is entered by `finish_job`.

        Parameters
        ----------
        key : str
        report : ResultObject
            Its file is durable.
        destinations : collection of str
        at : datetime
        passing : callable
            What happens before the commit.

        Returns
        -------
        bool
            False when it is not wanted, as for `finish_job`.
        """
        with self._writing() as connection:
            row = job_row(connection, key)
            if row.state != JobState.RUNNING or is_overtaken(connection, row):
                return False
            numbers = _result_numbers(connection, row)
            number = self._entered(connection, row, report, numbers)
            for destination in destinations:
                add_delivery(connection, number, destination, at)
            _supersede_predecessors(connection, row, at)
            words = f"{key} its report is ready"
            record_event(connection, at, "job", row.study_instance_uid, words)
            passing(FaultPoint.REPORT_ENTERED)
        return True

    def finish_job(
        self,
        key: str,
        objects: Sequence[ResultObject],
        destinations: Mapping[str, Sequence[ResultObject]],
        at: datetime,
        *,
        reservations: Reservations = NO_RESERVATIONS,
        passing: Passing = pass_by,
    ) -> bool:
        """Enter a result and what is to be sent where, all in one transaction.

        Parameters
        ----------
        key : str
        objects : sequence of ResultObject
            Their files are durable; the SR first.
        destinations : mapping of str to sequence of ResultObject
            What goes where; all of them among `objects`.
        at : datetime
        reservations : Reservations
            A result that was released before is not withheld again: it is the same.
        passing : callable
            What happens before the commit.

        Returns
        -------
        bool
            False when the result is not wanted: the job is not running (it had its
            result before), or a later one of its line has come. Nothing is sent then.
        """
        with self._writing() as connection:
            row = job_row(connection, key)
            if row.state != JobState.RUNNING:
                return False
            numbers = _result_numbers(connection, row)
            if is_overtaken(connection, row):
                sent = "the rest of its result" if numbers else "its result"
                words = f"superseded while it was running; {sent} is not sent"
                change_job(connection, row, JobState.SUPERSEDED, words, at)
                return False
            for item in objects:
                self._entered(connection, row, item, numbers)
            withheld = None if row.released_at else reservations.withheld
            sent = DeliveryState.WITHHELD if withheld else DeliveryState.PENDING
            for destination, wanted in destinations.items():
                for item in wanted:
                    number = numbers[item.sop_instance_uid]
                    add_delivery(connection, number, destination, at, sent)
            if not withheld:
                # Those of an earlier computation, which was withheld.
                no_longer_withheld(connection, row, DeliveryState.PENDING, at)
            _supersede_predecessors(connection, row, at)
            words = f"done, {len(objects)} objects"
            changes = {
                "reason": withheld.reason if withheld else None,
                "faults": withheld.words if withheld else row.faults,
                "detail": reservations.lacks,
                "finished_at": at,
            }
            if withheld:
                words += f", withheld: {withheld.reason}"
            change_job(connection, row, JobState.DONE, words, at, **changes)
            passing(FaultPoint.RESULTS_ENTERED)
        return True

    def add_deliveries(
        self, key: str, destinations: Mapping[str, Sequence[ResultObject]], at: datetime
    ) -> int:
        """Have objects of a result sent to where they were not to be sent before.

        Parameters
        ----------
        key : str
        destinations : mapping of str to sequence of ResultObject
            What goes where. What is entered already stays as it is, sent or not.
        at : datetime

        Returns
        -------
        int
            How many deliveries were added.

        Raises
        ------
        UnknownJobError, UnknownResultError
            When an object is not of this job.
        """
        with self._writing() as connection:
            row = job_row(connection, key)
            if row.state == JobState.WITHDRAWN:
                # By a command beside, since it was decided to send it.
                return 0
            numbers = _result_numbers(connection, row)
            sent = DeliveryState.WITHHELD if is_withheld(row) else DeliveryState.PENDING
            added = 0
            for destination, wanted in destinations.items():
                for item in wanted:
                    if item.sop_instance_uid not in numbers:
                        raise UnknownResultError(item.sop_instance_uid)
                    number = numbers[item.sop_instance_uid]
                    added += add_delivery(connection, number, destination, at, sent)
            if added:
                words = f"{key} goes to more destinations, {added} objects"
                record_event(connection, at, "job", row.study_instance_uid, words)
                show_studies(connection, row, at)
        return added

    def _entered(
        self,
        connection: Connection,
        row: AnyRow,
        item: ResultObject,
        numbers: dict[str, int],
    ) -> int:
        """Return the row number of an object, which is entered unless it is there.

        It is when its report was sent ahead, or when damage, or a backup, made a job
        run again that was done: the same inputs give the same objects.
        """
        if item.sop_instance_uid not in numbers:
            path = self._stored(item.path)
            number = add_result(connection, row.id, item, path)
            numbers[item.sop_instance_uid] = number
        return numbers[item.sop_instance_uid]

    def results(self, key: str) -> list[ResultObject]:
        """Return the objects of a job in the order in which they were entered."""
        query = (
            select(RESULTS)
            .join(JOBS, JOBS.c.id == RESULTS.c.job_id)
            .where(JOBS.c.key == key)
            .order_by(RESULTS.c.id)
        )
        with self._reading() as connection:
            return [result_of(row, self._root) for row in connection.execute(query)]

    def result(self, sop_instance_uid: str) -> ResultObject:
        """Return an object of a result.

        Raises
        ------
        UnknownResultError
        """
        query = select(RESULTS).where(RESULTS.c.sop_instance_uid == sop_instance_uid)
        with self._reading() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            raise UnknownResultError(sop_instance_uid)
        return result_of(row, self._root)

    def beside(self, sop_instance_uid: str) -> list[ResultObject]:
        """Return all objects of the result that an object belongs to, as entered."""
        job = select(RESULTS.c.job_id).where(
            RESULTS.c.sop_instance_uid == sop_instance_uid
        )
        query = select(RESULTS).where(RESULTS.c.job_id.in_(job)).order_by(RESULTS.c.id)
        with self._reading() as connection:
            return [result_of(row, self._root) for row in connection.execute(query)]


def _supersede_predecessors(connection: Connection, row: AnyRow, at: datetime) -> None:
    done = select_jobs().where(
        JOBS.c.line == row.line, JOBS.c.id < row.id, JOBS.c.state == JobState.DONE
    )
    for old in connection.execute(done).all():
        # Nobody is to release what was replaced.
        no_longer_withheld(connection, old, DeliveryState.CANCELLED, at)
        words = f"superseded by {row.key}"
        change_job(connection, old, JobState.SUPERSEDED, words, at, reason=None)


def _result_numbers(connection: Connection, row: AnyRow) -> dict[str, int]:
    query = select(RESULTS.c.sop_instance_uid, RESULTS.c.id).where(
        RESULTS.c.job_id == row.id
    )
    return {found.sop_instance_uid: found.id for found in connection.execute(query)}


def add_result(
    connection: Connection, job_id: int, item: ResultObject, path: str
) -> int:
    """Enter an object of a result, and return its row number."""
    added = (
        insert(RESULTS)
        .values(
            job_id=job_id,
            sop_class_uid=item.sop_class_uid,
            sop_instance_uid=item.sop_instance_uid,
            series_instance_uid=item.series_instance_uid,
            transfer_syntax_uid=item.transfer_syntax_uid,
            path=path,
            sha256=item.sha256,
            kind=item.kind or "",
        )
        .returning(RESULTS.c.id)
    )
    return int(connection.execute(added).scalar_one())


def add_delivery(
    connection: Connection,
    result_id: int,
    destination: str,
    at: datetime,
    state: DeliveryState = DeliveryState.PENDING,
) -> bool:
    """Enter that an object is to be sent, unless it is known, and return whether."""
    new = {
        "result_id": result_id,
        "destination": destination,
        "state": state,
        "attempts": 0,
        "due_at": at,
        "status": "",
        "updated_at": at,
    }
    return insert_unless_there(connection, DELIVERIES, new)


class UnknownResultError(LookupError):
    """A result object is named that the ledger does not hold."""

    def __init__(self, sop_instance_uid: str) -> None:
        super().__init__(f"the ledger holds no result {sop_instance_uid}")
        self.sop_instance_uid = sop_instance_uid
