"""Transfers as a repository is told of them: by study, each with how it went.

Design choice: what goes out is told when the first object of a study is offered, and
again when its batch is over: once for what the archive took, once for what it did not.
An archive that is away is told of once an attempt, for what was offered alone.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from node.records.jobs import Delivery
from node.records.objects import Arrival
from node.records.outcome import Deferred, Delivered, Outcome
from node.security.audit_trail.events import (
    AuditEvent,
    Party,
    StudyPart,
    TransferBegun,
    Transferred,
)

StudyAndPatient = tuple[str, str]
"""Study Instance UID and Patient ID."""


@dataclass(frozen=True)
class Departures:
    """Tells what goes to one destination.

    Attributes
    ----------
    tell : callable
        Takes each event; returns at once.
    source, destination : Party
    studies_of : callable
        Returns study and patient of deliveries, by their row numbers.
    now : callable
    """

    tell: Callable[[AuditEvent], None]
    source: Party
    destination: Party
    studies_of: Callable[[Collection[int]], Mapping[int, StudyAndPatient]]
    now: Callable[[], datetime]


class Unheard:
    """What becomes of objects, where there is nobody to tell."""

    def begins(self, delivery: Delivery) -> None:
        """Do nothing."""

    def ended(self, delivery: Delivery, outcome: Outcome) -> None:
        """Do nothing."""


@contextmanager
def telling(
    departures: Departures | None, due: Sequence[Delivery]
) -> Iterator["Batch | Unheard"]:
    """Yield who takes what becomes of objects that are sent together.

    Parameters
    ----------
    departures : Departures or None
        None for nobody to tell; then nothing is looked up.
    due : sequence of Delivery
    """
    if departures is None:
        yield Unheard()
        return
    studies = departures.studies_of([item.identifier for item in due])
    batch = Batch(departures, due, studies)
    try:
        yield batch
    finally:
        batch.end()


class Batch:
    """What becomes of objects that are sent together; see `telling`."""

    def __init__(
        self,
        departures: Departures,
        due: Sequence[Delivery],
        studies: Mapping[int, StudyAndPatient],
    ) -> None:
        self._departures = departures
        self._due = due
        self._studies = studies
        self._begun: dict[StudyAndPatient, list[tuple[Delivery, Outcome]]] = {}

    def begins(self, delivery: Delivery) -> None:
        """Tell of a study when its first object is about to be sent."""
        study = self._studies[delivery.identifier]
        if study in self._begun:
            return
        self._begun[study] = []
        told = self._departures
        due = [each for each in self._due if self._studies[each.identifier] == study]
        part = _part(study, due)
        told.tell(TransferBegun(told.now(), told.source, told.destination, part))

    def ended(self, delivery: Delivery, outcome: Outcome) -> None:
        """Take what became of an object."""
        self._begun[self._studies[delivery.identifier]].append((delivery, outcome))

    def end(self) -> None:
        """Tell how it went."""
        for study, outcomes in self._begun.items():
            by_answer: dict[str, list[Delivery]] = {}
            for delivery, outcome in outcomes:
                by_answer.setdefault(_why_not(outcome), []).append(delivery)
            for why_not, deliveries in by_answer.items():
                self._transferred(_part(study, deliveries), why_not)

    def _transferred(self, part: StudyPart, why_not: str) -> None:
        told = self._departures
        told.tell(Transferred(told.now(), told.source, told.destination, part, why_not))


def arrived(arrival: Arrival, destination: Party, at: datetime) -> Transferred:
    """Return what a repository is told of objects that came.

    Parameters
    ----------
    arrival : Arrival
    destination : Party
        The node.
    at : datetime
    """
    part = StudyPart(
        arrival.study_instance_uid, arrival.patient_id, dict(arrival.instances)
    )
    source = Party(arrival.calling_ae, "", is_requestor=True)
    return Transferred(at, source, destination, part)


def _part(study: StudyAndPatient, deliveries: Sequence[Delivery]) -> StudyPart:
    counts = Counter(each.object.sop_class_uid for each in deliveries)
    return StudyPart(*study, dict(counts))


def _why_not(outcome: Outcome) -> str:
    """Return why an object was not taken; empty when it was."""
    if isinstance(outcome, Delivered):
        return ""
    return outcome.why if isinstance(outcome, Deferred) else outcome.status
