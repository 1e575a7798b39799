"""Reviews: a person releases a result that was withheld."""

from datetime import datetime

from node.ledger.database import Database
from node.ledger.job_changes import change_job, is_overtaken, job_row
from node.ledger.withheld import is_withheld, no_longer_withheld
from node.records.states import DeliveryState, JobState


class ReviewRows(Database):
    """The releases of results."""

    def release_result(self, key: str, who: str, at: datetime) -> bool:
        """Have a withheld result sent, all in one transaction.

        Parameters
        ----------
        key : str
            Of its job.
        who : str
        at : datetime

        Returns
        -------
        bool
            False when it is not withheld (any more), or a later job of its line has
            come; nothing is changed then.

        Raises
        ------
        node.ledger.job_changes.UnknownJobError
        """
        with self._writing() as connection:
            row = job_row(connection, key)
            if not is_withheld(row) or is_overtaken(connection, row):
                return False
            no_longer_withheld(connection, row, DeliveryState.PENDING, at)
            words = f"{row.reason}: released by {who}"
            changes = {"reason": None, "released_at": at, "released_by": who}
            change_job(connection, row, JobState.DONE, words, at, **changes)
        return True
