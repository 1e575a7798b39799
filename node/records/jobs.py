"""Computations, their results, and where these go."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from node.records.kinds import ResultKind
from node.records.states import DeliveryState, JobState
from node.records.withheld import WITHHELD_REASONS


@dataclass(frozen=True)
class ResultObject:
    """One object of a result, written.

    Attributes
    ----------
    sop_class_uid, sop_instance_uid, transfer_syntax_uid : str
    path : Path
    series_instance_uid : str
        Empty for a file that no job of this node has made.
    sha256 : str
        Of the file's bytes; empty where nobody knows it.
    kind : ResultKind or None
        What it is of a result, where that is known.
    """

    sop_class_uid: str
    sop_instance_uid: str
    transfer_syntax_uid: str
    path: Path
    series_instance_uid: str = ""
    sha256: str = ""
    kind: ResultKind | None = None


@dataclass(frozen=True)
class Job:
    """A computation in the ledger.

    Attributes
    ----------
    key : str
        Hex digest; see invariant 2.
    study_instance_uid : str
    line : str
        What revisions share: PET series, line of contours, animal. The latest key of a
        line is the one that stands; earlier ones are its predecessors.
    case_json : str
        The case as data, so that a restart computes the same.
    state : JobState
    created_at : datetime
        Every date in the result objects.
    attempts : int
    predecessor_sr_uid : str or None
        SOP Instance UID of the SR that the result replaces; settled when the job is
        first claimed, so that computing it again names the same one.
    reason, detail : str or None
        For HELD and FAILED; for PENDING, what it waits for, if that is known; for DONE,
        why its result is withheld, if it is, in `reason`, and what the result lacks in
        `detail`.
    contours_study_instance_uid : str or None
        Where the contours are filed in another study; that study shares the state.
    animal_id : str
        What ties the animal's time points together; empty where it has no name.
    history_json : str or None
        Its time points in other studies (`node.records.history`), settled when the job
        is first given to a worker; None before.
    faults : str
        Why its objects should not be sent, in words; empty when there is nothing.
    released_at : datetime or None
    released_by : str
        When and by whom a result was released that was withheld.
    """

    key: str
    study_instance_uid: str
    line: str
    case_json: str
    state: JobState
    created_at: datetime
    attempts: int
    predecessor_sr_uid: str | None = None
    reason: str | None = None
    detail: str | None = None
    contours_study_instance_uid: str | None = None
    animal_id: str = ""
    history_json: str | None = None
    faults: str = ""
    released_at: datetime | None = None
    released_by: str = ""

    @property
    def is_withheld(self) -> bool:
        """Whether its result is there and waits for its release."""
        return self.state is JobState.DONE and self.reason in WITHHELD_REASONS


@dataclass(frozen=True)
class Delivery:
    """One object to one destination.

    Attributes
    ----------
    identifier : int
        Row number.
    job_key, destination : str
    object : ResultObject
    state : DeliveryState
    attempts : int
    due_at : datetime
    status : str
        Last answer or failure in words, empty before the first attempt.
    confirmation : str
        What the destination said last of whether it keeps the object.
    """

    identifier: int
    job_key: str
    destination: str
    object: ResultObject
    state: DeliveryState
    attempts: int
    due_at: datetime
    status: str
    confirmation: str = ""
