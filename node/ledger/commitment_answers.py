"""Questions of peers whether the node keeps what they sent, until they are answered.

Design choice: a question that is asked again, word for word, is the same question: its
answer may have been lost, and is given again. Other objects under a *Transaction UID*
that is taken are refused in the answer, as PS3.3 C.14.1.1 has a reason for; no object
is ever committed to under a UID of which there are two questions.

Design choice: of an answered question a digest of its objects is kept, not their list.
"""

import hashlib
import json
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from node.ledger.database import Database
from node.ledger.dueness import is_due
from node.ledger.happenings import record_event
from node.ledger.links import in_batches
from node.ledger.rows import AnyRow
from node.records.commitments import (
    DUPLICATE_TRANSACTION,
    AskedItem,
    CommitmentItem,
    CommitmentRequest,
    DueAnswer,
    KeptInstance,
)
from node.records.states import AnswerState, InstanceState
from node.tables import COMMITMENT_ANSWERS, INSTANCES

MOST_OPEN = 1000
"""Questions of one peer that may wait for their answers."""
MOST_REFUSED = 20_000
"""Objects of other questions that are refused in one answer."""


class CommitmentAnswerRows(Database):
    """What peers ask, and what they were answered."""

    def record_question(self, request: CommitmentRequest, at: datetime) -> bool:
        """Enter what a peer asks; it is durable when this returns.

        Returns
        -------
        bool
            False when too much of the peer's waits already; nothing is entered then.
        """
        mine = COMMITMENT_ANSWERS.c.calling_ae == request.calling_ae
        same = COMMITMENT_ANSWERS.c.transaction_uid == request.transaction_uid
        with self._writing() as connection:
            row = connection.execute(
                select(COMMITMENT_ANSWERS).where(mine, same).with_for_update()
            ).one_or_none()
            items = _to_answer(row, request.items)
            open_ones = select(func.count()).where(
                mine, COMMITMENT_ANSWERS.c.state == AnswerState.PENDING
            )
            new = row is None or row.state != AnswerState.PENDING
            full = new and connection.execute(open_ones).scalar_one() >= MOST_OPEN
            if full or len(items) > len(request.items) + MOST_REFUSED:
                return False
            _enter(connection, row, request, items, at)
            words = (
                f"{request.calling_ae} asks whether {len(request.items)} objects are "
                f"kept ({request.transaction_uid})"
            )
            record_event(connection, at, "commitment", None, words)
        return True

    def due_answers(
        self,
        at: datetime,
        limit: int,
        *,
        calling_ae: str | None = None,
        except_for: Collection[str] = (),
        longest_delay: timedelta | None = None,
    ) -> list[DueAnswer]:
        """Return what is to be answered now, longest due first.

        Parameters
        ----------
        at : datetime
        limit : int
        calling_ae : str or None
            Whose questions; None for those of everybody.
        except_for : collection of str
            AE titles whose questions are somebody else's business.
        longest_delay : timedelta or None
            As for `due_deliveries`.
        """
        table = COMMITMENT_ANSWERS.c
        query = select(COMMITMENT_ANSWERS).where(
            table.state == AnswerState.PENDING,
            is_due(table.due_at, at, longest_delay),
            table.calling_ae.not_in(sorted(except_for)),
        )
        if calling_ae is not None:
            query = query.where(table.calling_ae == calling_ae)
        with self._reading() as connection:
            rows = connection.execute(
                query.order_by(table.due_at, table.id).limit(limit)
            ).all()
        return [_due_answer(row) for row in rows]

    def answer_given(self, answer: DueAnswer, words: str, at: datetime) -> None:
        """Enter that a peer has taken its answer."""
        self._end_question(answer, AnswerState.ANSWERED, words, at)

    def give_up_answer(self, answer: DueAnswer, words: str, at: datetime) -> None:
        """Enter that a peer is not tried any more."""
        self._end_question(answer, AnswerState.GIVEN_UP, words, at)

    def defer_answer(self, answer: DueAnswer, words: str, due_at: datetime) -> None:
        """Enter that an attempt failed and when the next one is due."""
        values = {
            "attempts": COMMITMENT_ANSWERS.c.attempts + 1,
            "status": words,
            "due_at": due_at,
        }
        with self._writing() as connection:
            connection.execute(_of(answer).values(values))

    def kept_instances(self, uids: Iterable[str]) -> list[KeptInstance]:
        """Return the rows under SOP Instance UIDs whose files were not deleted."""
        found: list[KeptInstance] = []
        with self._reading() as connection:
            for some in in_batches(uids):
                query = select(INSTANCES).where(
                    INSTANCES.c.sop_instance_uid.in_(some),
                    INSTANCES.c.state != InstanceState.RETIRED,
                )
                found += [
                    KeptInstance(
                        row.sop_class_uid,
                        row.sop_instance_uid,
                        row.sha256,
                        self._resolved(row.path),
                        InstanceState(row.state),
                    )
                    for row in connection.execute(query)
                ]
        return found

    def _end_question(
        self, answer: DueAnswer, state: AnswerState, words: str, at: datetime
    ) -> None:
        items = [each.item for each in answer.items]
        values = {
            "attempts": COMMITMENT_ANSWERS.c.attempts + 1,
            "state": state,
            "status": words,
            "items_json": json.dumps(_digest(items)),
        }
        told = f"{answer.calling_ae}: {words} ({answer.transaction_uid})"
        with self._writing() as connection:
            changed = connection.execute(_of(answer).values(values))
            if changed.rowcount:
                record_event(connection, at, "commitment", None, told)


def _of(answer: DueAnswer) -> Any:
    """Return the update of a row that still waits for this very answer."""
    return update(COMMITMENT_ANSWERS).where(
        COMMITMENT_ANSWERS.c.id == answer.identifier,
        COMMITMENT_ANSWERS.c.state == AnswerState.PENDING,
        COMMITMENT_ANSWERS.c.items_json == _to_json(answer.items),
    )


def _to_answer(
    row: AnyRow | None, items: tuple[CommitmentItem, ...]
) -> tuple[AskedItem, ...]:
    """Return what is to be answered once a peer asks for items, maybe again."""
    if row is None:
        return tuple(AskedItem(each) for each in items)
    if row.state == AnswerState.PENDING:
        before = _from_json(row.items_json)
        known = {each.item for each in before}
        refused = [each for each in items if each not in known]
        return (*before, *(AskedItem(each, DUPLICATE_TRANSACTION) for each in refused))
    if json.loads(row.items_json) == _digest(items):
        return tuple(AskedItem(each) for each in items)
    return tuple(AskedItem(each, DUPLICATE_TRANSACTION) for each in items)


def _enter(
    connection: Connection,
    row: AnyRow | None,
    request: CommitmentRequest,
    items: tuple[AskedItem, ...],
    at: datetime,
) -> None:
    values = {
        "address": request.address,
        "items_json": _to_json(items),
        "state": AnswerState.PENDING,
        "due_at": at,
    }
    anew = {"attempts": 0, "asked_at": at, "status": ""}
    if row is None:
        named = {
            "transaction_uid": request.transaction_uid,
            "calling_ae": request.calling_ae,
        }
        connection.execute(insert(COMMITMENT_ANSWERS).values(values | anew | named))
        return
    if row.state != AnswerState.PENDING:
        values |= anew
    connection.execute(
        update(COMMITMENT_ANSWERS)
        .where(COMMITMENT_ANSWERS.c.id == row.id)
        .values(values)
    )


def _due_answer(row: AnyRow) -> DueAnswer:
    return DueAnswer(
        identifier=row.id,
        transaction_uid=row.transaction_uid,
        calling_ae=row.calling_ae,
        address=row.address,
        items=_from_json(row.items_json),
        attempts=row.attempts,
        asked_at=row.asked_at,
    )


def _to_json(items: Iterable[AskedItem]) -> str:
    return json.dumps([[*each.item, each.refused] for each in items])


def _from_json(text: str) -> tuple[AskedItem, ...]:
    return tuple(
        AskedItem(CommitmentItem(sop_class, sop_instance), refused)
        for sop_class, sop_instance, refused in json.loads(text)
    )


def _digest(items: Iterable[CommitmentItem]) -> str:
    return hashlib.sha256(json.dumps(sorted(items)).encode()).hexdigest()
