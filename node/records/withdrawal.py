"""A result that a person took back, as the ledger holds it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Withdrawal:
    """That, by whom and why.

    Attributes
    ----------
    job_key : str
    note_uid : str
        SOP Instance UID of the rejection note, itself an object of the result.
    at : datetime
    who, why : str
    """

    job_key: str
    note_uid: str
    at: datetime
    who: str
    why: str

    @property
    def words(self) -> str:
        """By whom and why."""
        return f"withdrawn by {self.who}: {self.why}"
