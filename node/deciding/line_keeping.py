"""Jobs of contours that turn out to revise each other are brought onto one line.

Lines are formed in the order of receipt, so that the jobs of an object are on its line
from the start, but for one case: when the object that joins two lines comes last. Then
what was two lines is one, and of two results the one that stands is known.
"""

from datetime import datetime

from node.case.commission import contours_of
from node.identity import lines_of_series
from node.ledger import Ledger
from node.records.cases import Case
from node.records.jobs import Job
from node.records.states import JobState

_AWAITED = (JobState.PENDING, JobState.RUNNING, JobState.HELD, JobState.FAILED)


def keep_line(ledger: Ledger, case: Case, at: datetime) -> None:
    """Bring the jobs of a line together, and set aside those of what is passed over.

    A result that was computed of contours that are passed over stands until there is
    one of the contours that stand. Doing it again changes nothing.

    Parameters
    ----------
    ledger : Ledger
    case : Case
        Of the whole bed: with the lineage of its contours, of no animal yet.
    at : datetime
    """
    if not case.lineage.passed_over:
        return
    line, *others = lines_of_series(case)
    jobs = ledger.join_lines(line, others, at)
    for job in jobs:
        if not _is_over(job, case):
            continue
        stands = any(
            other.line == job.line
            and other.state is JobState.DONE
            and not _is_over(other, case)
            for other in jobs
        )
        if job.state in _AWAITED or (job.state is JobState.DONE and stands):
            ledger.set_job_aside(job.key, at)


def _is_over(job: Job, case: Case) -> bool:
    return contours_of(job.case_json) in case.lineage.passed_over
