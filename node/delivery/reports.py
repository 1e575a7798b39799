"""Answers to storage commitment that come to the listener, and whom they are for."""

import logging
from collections.abc import Sequence

from node.delivery.confirming import Confirming
from node.ledger import Ledger, LedgerUnavailableError
from node.records.commitments import CommitmentReport

_log = logging.getLogger(__name__)

_UNKNOWN_TRANSACTION = 0x0115
"""*Invalid argument value* (PS3.7 C.5.9)."""
_TRY_AGAIN = 0x0213
"""*Resource limitation* (PS3.7 C.5.25)."""


class Reports:
    """Answers that come to the listener, to whoever asked.

    Parameters
    ----------
    ledger : Ledger
    asking : sequence of Confirming
    """

    def __init__(self, ledger: Ledger, asking: Sequence[Confirming]) -> None:
        self._ledger = ledger
        self._asking = {each.name: each for each in asking}

    def __call__(self, report: CommitmentReport) -> int:
        """Book an answer, and return the status of N-EVENT-REPORT."""
        try:
            name = self._ledger.asked_destination(report.transaction_uid)
            asking = self._asking.get(name or "")
            if asking is not None:
                return asking.take(report)
        except LedgerUnavailableError as failure:
            _log.error("%s is not booked: %s", report.transaction_uid, failure)
            return _TRY_AGAIN
        _log.warning(
            "%s answers %s, which nobody asked",
            report.calling_ae,
            report.transaction_uid,
        )
        return _UNKNOWN_TRANSACTION
