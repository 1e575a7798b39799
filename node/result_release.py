"""A person releases results that were withheld: they are sent now.

Design choice: a release is of a result as it is, and is remembered with the job. The
same inputs, computed again after damage, are not withheld again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from node.ledger import Ledger
from node.records.jobs import Job
from node.records.states import JobState

_GONE = frozenset({JobState.SUPERSEDED, JobState.WITHDRAWN})


@dataclass(frozen=True)
class ResultRelease:
    """What became of one result.

    Attributes
    ----------
    job_key : str
    reason : str
        Why it was withheld; empty where it was released before.
    at : datetime or None
    who : str
        Of the release that stands; none where there is none.
    faults : str
        What is wrong with it all the same, in words.
    objects : int
        Of the result.
    """

    job_key: str
    reason: str
    at: datetime | None
    who: str
    faults: str
    objects: int

    @property
    def new(self) -> bool:
        """Whether it was released now."""
        return bool(self.reason) and self.at is not None


def concerned_results(ledger: Ledger, uid: str) -> list[Job]:
    """Return the results that a UID means and that are, or were, withheld.

    None that was withdrawn, or that another one replaced: nobody can send it any more.

    Parameters
    ----------
    ledger : Ledger
    uid : str
        Of a study, for all its results, or of any object of a result.
    """
    return [
        job
        for job in ledger.results_meant(uid) or ()
        if job.is_withheld or (job.released_at and job.state not in _GONE)
    ]


def release_results(
    ledger: Ledger, jobs: Sequence[Job], who: str, now: Callable[[], datetime]
) -> list[ResultRelease]:
    """Release results, and return what became of each.

    Parameters
    ----------
    ledger : Ledger
    jobs : sequence of Job
        From `concerned_results`.
    who : str
    now : callable
        The clock.
    """
    found = []
    for job in jobs:
        new = job.is_withheld and ledger.release_result(job.key, who, now())
        after = ledger.job(job.key) or job
        found.append(
            ResultRelease(
                job_key=job.key,
                reason=(job.reason or "") if new or after.is_withheld else "",
                at=after.released_at,
                who=after.released_by,
                faults=after.faults,
                objects=len(ledger.results(job.key)),
            )
        )
    return found
