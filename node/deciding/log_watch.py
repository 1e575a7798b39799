"""Studies are decided on again when the injection log says something else of them.

Design choice: on a new reading every PET series is asked about, and compared with what
the ledger holds of it; those of which something else is said are decided on again. So
nobody must remember the old log, and a node that was down while the log changed finds
the same. Ten thousand studies take some seconds. Only what the log itself says is
compared: another version or configuration of the node decides nothing again. Neither
does a column that is not read: one slip in the header would revise every result.

Design choice: a row that is gone is a change like any other, since it may have been an
animal's wrong one. But a log that loses many animals at once was begun anew, or cut off
by whoever copies it: their studies stay as they are, which is said, and are decided on
again with `replay`.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime

from model.errors import ModelError
from node.deciding.subjects import SubjectFinder
from node.deciding.supplying import supplies_of
from node.ledger import Ledger
from node.records.supply import SuppliedSeries, Supply

_log = logging.getLogger(__name__)

LOST_AT_ONCE = 10
"""Most PET series that may lose their rows at once and still be decided on again."""


class LogWatch:
    """Looks at the injection log, and has decided again what it changes.

    Parameters
    ----------
    ledger : Ledger
    finder : SubjectFinder
        Whose log is kept up to date.
    now : callable
        The clock.
    touched : callable
        Called when studies are to be decided on.
    """

    def __init__(
        self,
        ledger: Ledger,
        finder: SubjectFinder,
        now: Callable[[], datetime],
        touched: Callable[[], None],
    ) -> None:
        self._ledger = ledger
        self._finder = finder
        self._now = now
        self._touched = touched
        self._compared = 0

    def sweep(self) -> None:
        """Look once; the first time, compare with what an earlier run left."""
        log = self._finder.log
        log.look()
        readings = log.readings
        if readings == self._compared:
            return
        self._compare()
        # After it: what a ledger that is away leaves undone is done again.
        self._compared = readings

    def _compare(self) -> None:
        lost: list[str] = []
        concerned = set(self._ledger.held_studies())
        for series in self._ledger.supplied_series():
            uid = series.study_instance_uid
            before = _logged(series.supplies)
            after = self._said_now(series)
            if after == before:
                continue
            if after is not None and not any(after.values()):
                lost.append(uid)
            else:
                concerned.add(uid)
        if len(lost) > LOST_AT_ONCE:
            self._tell_lost(len(lost))
        else:
            concerned.update(lost)
        if concerned:
            self._ledger.touch(concerned)
            self._touched()

    def _said_now(self, series: SuppliedSeries) -> dict[str, str] | None:
        """Return what the log says of a series now; None where that is a hold."""
        try:
            return _logged(supplies_of(self._finder.find(series.header)))
        except ModelError:
            return None

    def _tell_lost(self, count: int) -> None:
        words = (
            f"the injection log has no row any more for {count} PET series; they stay "
            "as they are. If that is meant, `replay` decides on each of them again"
        )
        _log.warning(words)
        self._ledger.note("log", words, self._now())


def _logged(supplies: Mapping[str, Supply]) -> dict[str, str]:
    return {animal: supply.log_digest for animal, supply in supplies.items()}
