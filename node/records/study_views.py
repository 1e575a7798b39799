"""What commands show of a study, as the ledger tells it."""

from dataclasses import dataclass
from datetime import datetime

from dicom_io.header import ObjectKind
from node.records.jobs import Delivery, Job, ResultObject
from node.records.sought import Retrieval
from node.records.states import StudyState
from node.records.withdrawal import Withdrawal
from node.releases import Release


@dataclass(frozen=True)
class Event:
    """Something that happened to a study, for people.

    Attributes
    ----------
    at : datetime
    kind : str
    study_instance_uid : str or None
    text : str
    """

    at: datetime
    kind: str
    study_instance_uid: str | None
    text: str


@dataclass(frozen=True)
class StudySummary:
    """A line of `studies`.

    Attributes
    ----------
    study_instance_uid, patient_id : str
    state : StudyState
    reason : str
        Code for HELD and FAILED, for QUEUED that waits for space and for SCORED that
        a destination does not take yet; else empty.
    detail : str
        What waits for what, in words.
    instances : int
        That came, whether or not their files were deleted since.
    updated_at : datetime
    retired_at : datetime or None
        When its files were deleted by retention.
    """

    study_instance_uid: str
    patient_id: str
    state: StudyState
    reason: str
    detail: str
    instances: int
    updated_at: datetime
    retired_at: datetime | None = None


@dataclass(frozen=True)
class SeriesSummary:
    """A series of `study`.

    Attributes
    ----------
    series_instance_uid, modality, series_description : str
    kind : ObjectKind
        Of its first object.
    instances : int
    """

    series_instance_uid: str
    modality: str
    series_description: str
    kind: ObjectKind
    instances: int


@dataclass(frozen=True)
class StudyDetail:
    """What `study` shows.

    Attributes
    ----------
    summary : StudySummary
    series : tuple of SeriesSummary
    jobs : tuple of Job
        Oldest first.
    results : tuple of ResultObject
        Of all jobs, oldest first.
    deliveries : tuple of Delivery
    events : tuple of Event
        Oldest first.
    releases : tuple of Release
        What persons gave, oldest first.
    withdrawals : tuple of Withdrawal
        Results that were taken back, oldest first.
    retrievals : tuple of Retrieval
        What is and was sought at the archive, oldest first.
    """

    summary: StudySummary
    series: tuple[SeriesSummary, ...]
    jobs: tuple[Job, ...]
    results: tuple[ResultObject, ...]
    deliveries: tuple[Delivery, ...]
    events: tuple[Event, ...]
    releases: tuple[Release, ...] = ()
    withdrawals: tuple[Withdrawal, ...] = ()
    retrievals: tuple[Retrieval, ...] = ()
