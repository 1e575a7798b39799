"""Deleting what has had its time: delivered, committed, old, and kept by an archive.

Design choice: an archive is believed only at the moment of deletion. That it committed
to an object once is asked for as well, but archives lose and delete things too; so each
one that is asked at all (`destinations.confirm`) is asked once more for every received
object and every result, right before their files go.

Design choice: in doubt everything stays. A study whose neighbours still wait or are
held stays, since its objects may decide theirs; so does one with an object of which
there are two contents, since an archive that answers for the UID says nothing of which.

Design choice: of a result that was withdrawn no archive is asked, since archives hide
what they were told to reject. Its note has to be taken wherever it was to go; what was
received, of which it can be computed again, has to be held as always.

Design choice: a result that was withheld and replaced before anybody released it is in
no archive, and none is asked for it. One that still waits keeps everything.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from dicom_io.source_reference import SourceReference
from node.association.requestor import PeerRefusesError, PeerUnavailableError
from node.ledger import Ledger
from node.records.kept import KeptObject, KeptStudy, Quiet
from node.records.states import DeliveryState, JobState, StudyState

_log = logging.getLogger(__name__)

_OVER = (StudyState.DELIVERED, StudyState.COMMITTED, StudyState.WITHDRAWN)
_AT_REST = frozenset({JobState.DONE, JobState.SUPERSEDED, JobState.WITHDRAWN})
_TAKEN = frozenset({DeliveryState.DELIVERED, DeliveryState.COMMITTED})


class _Archive(Protocol):
    """A destination of any protocol."""

    @property
    def name(self) -> str: ...


Archive = TypeVar("Archive", bound=_Archive)

HeldAt = Callable[[Archive, Sequence[SourceReference]], frozenset[str]]
"""Returns the SOP Instance UIDs, among some objects, that an archive says it holds."""


@dataclass(frozen=True)
class DeletedStudy:
    """What the audit trail is told.

    Attributes
    ----------
    study_instance_uid : str
    received, results : int
        Files that were deleted.
    archives : tuple of str
        Names of the destinations that said that they keep them.
    at : datetime
    """

    study_instance_uid: str
    received: int
    results: int
    archives: tuple[str, ...]
    at: datetime


def _tell_nobody(_deleted: DeletedStudy) -> None:
    """Do nothing: without an audit trail."""


@dataclass(frozen=True)
class RetentionOptions:
    """When files are deleted.

    Attributes
    ----------
    delete_after : timedelta or None
        Since the last change of the study; None deletes nothing.
    deleted : callable
        Told of each study whose files are deleted, before they are.
    """

    delete_after: timedelta | None
    deleted: Callable[[DeletedStudy], None] = field(default=_tell_nobody)


class Retention:
    """Deletes the files of studies that archives keep.

    Parameters
    ----------
    ledger : Ledger
    destinations : sequence
        Those alone that are asked whether they keep what they took; without any,
        nothing is ever deleted.
    options : RetentionOptions
    now : callable
        The clock.
    held_at : callable
        Returns what an archive holds; raises PeerUnavailableError or PeerRefusesError.
    """

    def __init__(
        self,
        ledger: Ledger,
        destinations: Sequence[Archive],
        options: RetentionOptions,
        now: Callable[[], datetime],
        held_at: HeldAt[Archive],
    ) -> None:
        self._ledger = ledger
        self._archives = {each.name: each for each in destinations}
        self._options = options
        self._now = now
        self._held_at = held_at

    def sweep(self) -> None:
        """Delete the files of every study that may lose them now."""
        if self._options.delete_after is None or not self._archives:
            return
        before = self._now() - self._options.delete_after
        for uid in self._ledger.unchanged_studies(before):
            study = self._ledger.kept_study(uid)
            why = study and why_it_stays(study, set(self._archives), before)
            if study is None or why:
                _log.debug("study %s stays: %s", uid, why)
                continue
            try:
                self._delete_if_held(study)
            except (PeerUnavailableError, PeerRefusesError) as failure:
                # The others would have the same answer; the next sweep asks again.
                _log.warning("nothing more is deleted now: %s", failure)
                return

    def _delete_if_held(self, study: KeptStudy) -> None:
        """Ask the archives for every object of a study, and delete its files."""
        uid = study.quiet.study_instance_uid
        for name, archive in self._archives.items():
            asked = [
                *study.received,
                *(
                    item
                    for item in study.results
                    if name in item.deliveries
                    and not item.withdrawn
                    and not item.never_sent
                ),
            ]
            held = self._held_at(archive, [_reference(item) for item in asked])
            lacking = [
                item.sop_instance_uid
                for item in asked
                if item.sop_instance_uid not in held
            ]
            if lacking:
                _log.warning(
                    "study %s stays: %s does not hold %d of its %d objects, %s first",
                    uid,
                    name,
                    len(lacking),
                    len(asked),
                    lacking[0],
                )
                return
        self._delete(study)

    def _delete(self, study: KeptStudy) -> None:
        uid, at = study.quiet.study_instance_uid, self._now()
        names = tuple(self._archives)
        words = (
            f"the files of {len(study.received)} received objects and "
            f"{len(study.results)} results are deleted; {', '.join(names)} said that "
            "they are kept there"
        )
        if not self._ledger.retire(study, words, at):
            _log.info("study %s stays: it changed while its archives were asked", uid)
            return
        self._options.deleted(
            DeletedStudy(uid, len(study.received), len(study.results), names, at)
        )
        _log.info("study %s: %s", uid, words)
        received = [item.identifier for item in study.received]
        with self._ledger.unneeded(received) as files:
            for file in files:
                file.unlink(missing_ok=True)
        for item in study.results:
            item.path.unlink(missing_ok=True)


def why_it_stays(study: KeptStudy, archives: set[str], before: datetime) -> str:
    """Return why the files of a study must not be deleted, or an empty string.

    Parameters
    ----------
    study : KeptStudy
    archives : set of str
        Names of the destinations that are asked whether they keep what they took.
    before : datetime
        The study has to be unchanged since.
    """
    reasons = (
        _unquiet(study.quiet, before),
        *(
            f"it is connected with study {each.study_instance_uid}, and {why}"
            for each in study.around
            if not each.retired and (why := _unquiet(each, before))
        ),
        "a job of it is not over" if study.jobs - _AT_REST else "",
        "another content came under one of its UIDs" if study.conflicts else "",
        "something of it is being retrieved" if study.fetching else "",
        *(
            _untold(item) if item.withdrawn else _unproven(item, archives)
            for item in study.results
            if not item.never_sent
        ),
        "" if study.results else "it has no result",
    )
    return next(filter(None, reasons), "")


def _unquiet(study: Quiet, before: datetime) -> str:
    if study.touched:
        return "it is to be decided on"
    if study.state not in _OVER:
        return f"it is {study.state}"
    return "" if study.changed_at < before else "it changed not long ago"


def _unproven(item: KeptObject, archives: set[str]) -> str:
    """Return what is not done yet about a result, or an empty string."""
    uid = item.sop_instance_uid
    if any(state not in _TAKEN for state in item.deliveries.values()):
        return f"result {uid} is not delivered"
    asked = [state for name, state in item.deliveries.items() if name in archives]
    if not asked:
        return f"result {uid} was sent to no archive that is asked for it"
    if any(state is not DeliveryState.COMMITTED for state in asked):
        return f"result {uid} is not committed"
    return ""


def _untold(item: KeptObject) -> str:
    """Return that a note is not delivered yet, or an empty string."""
    over = _TAKEN | {DeliveryState.CANCELLED}
    if all(state in over for state in item.deliveries.values()):
        return ""
    return f"the note of its withdrawal ({item.sop_instance_uid}) is not delivered"


def _reference(item: KeptObject) -> SourceReference:
    return SourceReference(
        item.sop_class_uid,
        item.sop_instance_uid,
        item.study_instance_uid,
        item.series_instance_uid,
    )
