"""What reconciliation reads of the ledger: rows as facts that can be checked."""

from datetime import datetime
from pathlib import PurePosixPath
from typing import NamedTuple

from node.records.states import InstanceState, JobState, StudyState


class AuditedInstance(NamedTuple):
    """A received object.

    Attributes
    ----------
    identifier : int
        Row number.
    sop_instance_uid, sha256 : str
    path : PurePosixPath
        Relative to the data folder.
    size : int
        Bytes of the file when it was first written.
    state : InstanceState
    received_at : datetime
    study_state : StudyState or None
        Of the study that it was indexed to.
    """

    identifier: int
    sop_instance_uid: str
    sha256: str
    path: PurePosixPath
    size: int
    state: InstanceState
    received_at: datetime
    study_state: StudyState | None


class AuditedResult(NamedTuple):
    """An object of a result.

    Attributes
    ----------
    identifier : int
    job_key, sop_instance_uid : str
    path : PurePosixPath
        Relative to the data folder.
    sha256 : str
        Of the file; empty where nobody knows it.
    retired : bool
        Its file was deleted after its time.
    """

    identifier: int
    job_key: str
    sop_instance_uid: str
    path: PurePosixPath
    sha256: str
    retired: bool


class AuditedJob(NamedTuple):
    """A job.

    Attributes
    ----------
    identifier : int
    key : str
    study_instance_uid : str
    state : JobState
    case_json : str
    results : int
        Objects that it made.
    """

    identifier: int
    key: str
    study_instance_uid: str
    state: JobState
    case_json: str
    results: int


class AuditedStudy(NamedTuple):
    """A study.

    Attributes
    ----------
    identifier : int
    study_instance_uid : str
    state : StudyState
    reason, detail : str
    touched : bool
        A decision on it is due.
    touched_at : datetime
    miscounted : bool
        The numbers of objects that it or one of its series states are not those of
        their rows.
    """

    identifier: int
    study_instance_uid: str
    state: StudyState
    reason: str
    detail: str
    touched: bool
    touched_at: datetime
    miscounted: bool
