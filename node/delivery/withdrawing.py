"""A person takes a result back; archives are told by a rejection note.

Design choice: as everywhere, the file is there before its row. The note's UID follows
from the job, who withdraws it and why, and its dates are the job's, so that what a
crash or a second person leaves behind never comes to be another object under one UID.

Design choice: only the ledger and the store are needed. The running node finds the note
among its deliveries, as it would find a result.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from pathlib import Path

from pydicom.dataset import Dataset

from config.refusal import RefusalError
from dicom_io.errors import DicomContentError
from dicom_io.part10 import encode_dataset, read_dataset
from dicom_io.results.presentation.rejection_note import (
    RejectionCode,
    build_rejection_note,
)
from dicom_io.source_reference import SourceReference
from node.case.objects.planned import SERIES_NUMBERS
from node.case.options import CaseOptions
from node.identity import object_identity
from node.instance_store import InstanceStore
from node.ledger import Ledger
from node.records.jobs import Job, ResultObject
from node.records.kinds import ResultKind
from node.records.states import JobState
from node.records.withdrawal import Withdrawal

_NOTE = "withdrawal-"


@dataclass(frozen=True)
class WithdrawalOrder:
    """What a person says.

    Attributes
    ----------
    code : RejectionCode
    who, why : str
    """

    code: RejectionCode
    who: str
    why: str


@dataclass(frozen=True)
class Withdrawn:
    """What became of one result.

    Attributes
    ----------
    withdrawal : Withdrawal
        The one that stands: of before, where there was one.
    new : bool
        Whether it was withdrawn now.
    destinations : tuple of str
        Who gets the note now.
    objects : int
        Of the result.
    """

    withdrawal: Withdrawal
    new: bool
    destinations: tuple[str, ...]
    objects: int


class NoteSourceError(RefusalError):
    """No object of a result or its study can be read: its patient is unknown."""

    def __init__(self, key: str) -> None:
        super().__init__(
            f"no file of job {key[:12]} or its study can be read, so that the note has "
            "no patient. Send any object of the study to the node again, and repeat."
        )
        self.key = key


def withdraw_results(
    ledger: Ledger,
    jobs: Sequence[Job],
    order: WithdrawalOrder,
    options: CaseOptions,
    store: InstanceStore,
    now: Callable[[], datetime],
) -> list[Withdrawn]:
    """Withdraw the results of jobs, each by a note of its own.

    Parameters
    ----------
    ledger : Ledger
    jobs : sequence of Job
        From `Ledger.results_meant`.
    order : WithdrawalOrder
    options : CaseOptions
        Give the note its equipment and identity.
    store : InstanceStore
    now : callable
        The clock.

    Returns
    -------
    list of Withdrawn
        In the order of the jobs. What was withdrawn before stays as it was.

    Raises
    ------
    NoteSourceError
    node.instance_store.StorageFullError
    node.ledger.LedgerUnavailableError
    """
    return [
        _again(ledger, job, now)
        if job.state is JobState.WITHDRAWN
        else _withdrawn(ledger, job, order, options, store, now)
        for job in jobs
    ]


def _withdrawn(
    ledger: Ledger,
    job: Job,
    order: WithdrawalOrder,
    options: CaseOptions,
    store: InstanceStore,
    now: Callable[[], datetime],
) -> Withdrawn:
    objects = ledger.results(job.key)
    # Where retention has deleted the result, an object of the study names the patient.
    beside = (
        item.path
        for item in ledger.neighbourhood(job.study_instance_uid)
        if item.header.study_instance_uid == job.study_instance_uid
    )
    source = _readable(job, chain((item.path for item in objects), beside))
    note = _note(job, objects, order, options, source)
    written = store.write_result(
        job.key, f"{_NOTE}{note.SOPInstanceUID}.dcm", encode_dataset(note)
    )
    withdrawal = Withdrawal(
        job.key, str(note.SOPInstanceUID), now(), order.who, order.why
    )
    told = ledger.withdraw(
        ResultObject(
            str(note.SOPClassUID),
            str(note.SOPInstanceUID),
            str(note.file_meta.TransferSyntaxUID),
            written.path,
            str(note.SeriesInstanceUID),
            written.sha256,
            ResultKind.REJECTION,
        ),
        withdrawal,
    )
    if told is None:
        # Somebody else was faster.
        return _again(ledger, job, now)
    return Withdrawn(
        withdrawal, new=True, destinations=tuple(sorted(told)), objects=len(objects)
    )


def note_again(
    job: Job,
    objects: Sequence[ResultObject],
    withdrawal: Withdrawal,
    options: CaseOptions,
) -> bytes | None:
    """Return the bytes of a note whose file is lost, or None under other settings.

    Parameters
    ----------
    job : Job
    objects : sequence of ResultObject
        Of its result, without the note, where they can be read.
    withdrawal : Withdrawal
    options : CaseOptions

    Raises
    ------
    NoteSourceError
    """
    source = _readable(job, (item.path for item in objects))
    for code in RejectionCode:
        # The code is not remembered, and the UID follows from it.
        order = WithdrawalOrder(code, withdrawal.who, withdrawal.why)
        note = _note(job, objects, order, options, source)
        if note.SOPInstanceUID == withdrawal.note_uid:
            return encode_dataset(note)
    return None


def is_note(name: str) -> bool:
    """Return whether a file of a result is a note by its name."""
    return name.startswith(_NOTE)


def _again(ledger: Ledger, job: Job, now: Callable[[], datetime]) -> Withdrawn:
    """Return the withdrawal that stands; a note that was refused is sent again."""
    standing = ledger.withdrawal(job.key)
    if standing is None:
        raise VanishedResultError(job.key)
    again = ledger.send_note_again(job.key, now())
    number = len(ledger.results(job.key)) - 1
    return Withdrawn(standing, new=False, destinations=again, objects=number)


def _note(
    job: Job,
    objects: Sequence[ResultObject],
    order: WithdrawalOrder,
    options: CaseOptions,
    source: Dataset,
) -> Dataset:
    rejected = [
        SourceReference(
            item.sop_class_uid,
            item.sop_instance_uid,
            job.study_instance_uid,
            item.series_instance_uid,
        )
        for item in objects
    ]
    identity = object_identity(
        job,
        f"withdrawal/{order.code}/{order.who}/{order.why}",
        root=options.objects.uid_root,
        number=options.objects.series_number_base
        + SERIES_NUMBERS[ResultKind.REJECTION],
        description="Withdrawn: T-cell exhaustion texture report",
    )
    description = f"Withdrawn by {order.who}: {order.why}"
    return build_rejection_note(
        source, rejected, order.code, description, identity, options.equipment
    )


def _readable(job: Job, paths: Iterable[Path]) -> Dataset:
    """Return the header of the first object that can be read."""
    for path in paths:
        try:
            return read_dataset(path, stop_before_pixels=True)
        except (OSError, DicomContentError):
            continue
    raise NoteSourceError(job.key)


class VanishedResultError(RefusalError):
    """A result stands no more, and was not withdrawn: its job changed meanwhile."""

    def __init__(self, key: str) -> None:
        super().__init__(f"job {key[:12]} has just changed; look at it and try again")
        self.key = key
