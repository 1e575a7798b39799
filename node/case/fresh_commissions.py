"""The commissions of jobs that were queued a moment ago.

Design choice: a job's row says all, and a node that starts anew goes by it. A job that
is taken right after it was queued is known as it was queued, and its report need not
wait until the ledger has said again what stands in hundreds of rows.
"""

import threading
from collections.abc import Callable, Iterable

from node.case.commission import Commission, commission_from_json
from node.records.objects import StoredInstance

Stored = Callable[[], Iterable[StoredInstance]]
"""Asks for the objects among which a case's are."""
Commissions = Callable[[str, Stored], Commission]
"""Returns the commission of a job's row; asks for objects if need be."""

_MOST = 4
"""Jobs. Who waits longer waits for others, and not for this."""


def commission_of_row(text: str, stored: Stored) -> Commission:
    """Return the commission of a job's row, by the row.

    Raises
    ------
    CaseObjectsMissingError
        When an object of the case is not stored any more.
    """
    return commission_from_json(text, stored())


class FreshCommissions:
    """Commissions by the text of their job's row. Safe for many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[str, Commission] = {}

    def keep(self, text: str, commission: Commission) -> None:
        """Remember a commission until it is asked for, or some more were kept.

        Parameters
        ----------
        text : str
            From `commission_to_json`.
        commission : Commission
        """
        with self._lock:
            self._kept[text] = commission
            if len(self._kept) > _MOST:
                del self._kept[next(iter(self._kept))]

    def take(self, text: str, stored: Stored) -> Commission:
        """Return the commission of a job's row: once as it was kept, then by the row.

        Parameters
        ----------
        text : str
        stored : callable

        Raises
        ------
        CaseObjectsMissingError
            When an object of the case is not stored any more.
        """
        with self._lock:
            kept = self._kept.pop(text, None)
        return commission_of_row(text, stored) if kept is None else kept
