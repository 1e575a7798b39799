"""The reports that a job's reports revise.

Design choice: a report names the one of its own kind. What the ledger says of them is
the same whenever it is asked: a job that is overtaken enters nothing more.
"""

from collections.abc import Mapping

from dicom_io.source_reference import SourceReference
from node.ledger import Ledger
from node.records.jobs import Job
from node.records.kinds import ResultKind

_REPORTS = (ResultKind.REPORT, ResultKind.SEGMENT_REPORT)


def predecessors_of(ledger: Ledger, job: Job) -> Mapping[ResultKind, SourceReference]:
    """Return the reports that a job revises, by kind.

    Parameters
    ----------
    ledger : Ledger
    job : Job
        Names the first object of the result that it revises.

    Raises
    ------
    UnknownResultError
        When the ledger does not hold that object.
    """
    if job.predecessor_sr_uid is None:
        return {}
    named = ledger.result(job.predecessor_sr_uid)
    kinds = {each.kind: each for each in ledger.beside(named.sop_instance_uid)}
    return {
        kind: SourceReference(
            kinds[kind].sop_class_uid,
            kinds[kind].sop_instance_uid,
            # A line has one PET series, and results join its study.
            job.study_instance_uid,
            kinds[kind].series_instance_uid,
        )
        for kind in _REPORTS
        if kind in kinds
    }
