"""Refusals: what was not taken, the latest of it.

Design choice: what strangers make us write is bounded. Rows are numbered upwards, and
those that are older than the newest so many go with the write that adds to them, by the
primary key; so a flood costs one short transaction for each call, whatever it leaves.
Associations that are refused are entered many at a time (`node.security.refusal_log`).
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, insert, select

from node.ledger.database import Database
from node.records.refused import KeptRefusal, Refusal
from node.tables import REFUSALS

_WHY_LENGTH = 1000
_TEXT_LENGTH = 64
"""Longest words and names that are kept; a UID has 64 characters at most, and a peer
may say more."""


class RefusalRows(Database):
    """What the node did not take."""

    def record_refusal(self, refusal: Refusal, at: datetime, *, keep: int) -> None:
        """Remember a refusal; the oldest go when there are more than so many.

        Parameters
        ----------
        refusal : Refusal
        at : datetime
        keep : int
            How many are remembered at most.

        Raises
        ------
        LedgerUnavailableError
        """
        self.record_refusals([KeptRefusal(refusal, at)], keep=keep)

    def record_refusals(self, refusals: Sequence[KeptRefusal], *, keep: int) -> None:
        """Remember several refusals, in order, in one transaction.

        Raises
        ------
        LedgerUnavailableError
        """
        rows = [_row(each) for each in refusals[-keep:]]
        if not rows:
            return
        with self._writing() as connection:
            connection.execute(insert(REFUSALS), rows)
            newest = select(func.max(REFUSALS.c.id)).scalar_subquery()
            connection.execute(delete(REFUSALS).where(REFUSALS.c.id <= newest - keep))

    def refusals(self, limit: int = 1000) -> list[KeptRefusal]:
        """Return the latest refusals, the newest first."""
        query = select(REFUSALS).order_by(REFUSALS.c.id.desc()).limit(limit)
        with self._reading() as connection:
            found = connection.execute(query).all()
        return [
            KeptRefusal(
                Refusal(
                    calling_ae=row.calling_ae,
                    address=row.address,
                    status=row.status,
                    why=row.why,
                    sop_class_uid=row.sop_class_uid,
                    sop_instance_uid=row.sop_instance_uid,
                ),
                row.at,
            )
            for row in found
        ]


def _row(kept: KeptRefusal) -> dict[str, object]:
    refusal = kept.refusal
    return {
        "at": kept.at,
        "calling_ae": _storable(refusal.calling_ae, _TEXT_LENGTH),
        "address": _storable(refusal.address, _TEXT_LENGTH),
        "sop_class_uid": _storable(refusal.sop_class_uid, _TEXT_LENGTH),
        "sop_instance_uid": _storable(refusal.sop_instance_uid, _TEXT_LENGTH),
        "status": _storable(refusal.status, _TEXT_LENGTH),
        "why": _storable(refusal.why, _WHY_LENGTH),
    }


def _storable(text: str, length: int) -> str:
    """Return text that every database takes: PostgreSQL knows no character 0."""
    plain = text.encode("utf-8", "replace").decode("utf-8")
    return plain.replace("\0", "\N{REPLACEMENT CHARACTER}")[:length]
