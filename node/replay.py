"""Deciding on a study again because a person asks for it.

Design choice: what is decided is written down as well, so that a study that was held
under an older configuration does not stay held beside its result. The running node
decides once more after that; it alone knows what comes meanwhile.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from node.deciding.intake import NO_GENERATION, Intake, IntakeOptions
from node.identity import case_line
from node.ledger import Ledger
from node.readiness.assess import studies_of
from node.records.cases import Case, Held, Ready, Waiting
from node.records.states import JobState
from node.records.withheld import AWAITING_REVIEW


@dataclass(frozen=True)
class Replayed:
    """What a replay did.

    Attributes
    ----------
    done, not_done : tuple of str
        A line for each case, or for what became of its objects.
    """

    done: tuple[str, ...]
    not_done: tuple[str, ...]


def replay_study(
    ledger: Ledger,
    uid: str,
    options: IntakeOptions,
    destinations: Mapping[str, Collection[str]],
    now: Callable[[], datetime],
) -> Replayed:
    """Queue again what would change, try again what stopped, send again the rest.

    Parameters
    ----------
    ledger : Ledger
    uid : str
        Study Instance UID. Studies that are connected with it are left alone, except
        where the contours of a case lie in one.
    options : IntakeOptions
        Of today's configuration.
    destinations : mapping of str to collection of str
        SOP Class UIDs that each of those that it has wants, by its name.
    now : callable
        The clock.
    """
    intake = Intake(ledger, options, now, queued=lambda: None)
    replay = _Replay(ledger, intake, destinations, now)
    concerned = {uid}
    for item in intake.assess(uid, settled=True):
        if isinstance(item, Ready):
            replay.case(item.case)
            concerned.update(studies_of(item))
        elif isinstance(item, Held):
            replay.not_done.append(f"held {item.reason}: {item.detail}")
        elif isinstance(item, Waiting):
            replay.not_done.append(f"waiting: {item.missing}")
    for study in sorted(concerned):
        intake.decide(study, NO_GENERATION, settled=True)
    return Replayed(tuple(replay.done), tuple(replay.not_done))


class _Replay:
    """What is done with each case, and what comes of it in words."""

    def __init__(
        self,
        ledger: Ledger,
        intake: Intake,
        destinations: Mapping[str, Collection[str]],
        now: Callable[[], datetime],
    ) -> None:
        self._ledger = ledger
        self._intake = intake
        self._destinations = destinations
        self._now = now
        self.done: list[str] = []
        self.not_done: list[str] = []

    def case(self, case: Case) -> None:
        """Queue a case, try it again or send it again."""
        withdrawn = self._withdrawn(case)
        if withdrawn:
            self.not_done.append(withdrawn)
            return
        key = self._intake.queue(case, again=True)
        if key:
            self.done.append(f"queued {key}: it replaces what was computed before")
            return
        latest = self._ledger.latest_job(case_line(case))
        if latest is None:
            self.not_done.append("nothing is done: the ledger has no job of this case")
        elif latest.key != self._intake.key_of(case):
            self.not_done.append(
                f"nothing is done: {latest.key} came after what would be computed now"
            )
        elif self._ledger.retry_job(latest.key, self._now()):
            self.done.append(f"queued {latest.key} again")
        elif latest.reason == AWAITING_REVIEW:
            self.not_done.append(
                f"nothing is done: the result of {latest.key} waits for its review; "
                f"`exhaustion-node release {case.study_instance_uid}` sends it"
            )
        elif latest.state is JobState.DONE:
            self._send_again(case.study_instance_uid, latest.key)
        else:
            self.done.append(f"{latest.key} is {latest.state} already")

    def _withdrawn(self, case: Case) -> str:
        """Return that the result of just these inputs was withdrawn, or nothing."""
        for job in self._intake.jobs_of(case):
            withdrawal = self._ledger.withdrawal(job.key)
            if withdrawal is not None:
                return (
                    f"nothing is done: the result of {job.key} was {withdrawal.words}. "
                    "Other contours or values make a new one"
                )
        return ""

    def _send_again(self, study: str, key: str) -> None:
        detail = self._ledger.study(study)
        deliveries = () if detail is None else detail.deliveries
        mine = [item for item in deliveries if item.job_key == key]
        sent = [item for item in mine if item.destination in self._destinations]
        again = sum(
            self._ledger.redeliver(delivery.identifier, self._now())
            for delivery in sent
        )
        self.done.append(f"{key} would not change; {again} objects are sent again")
        added = self._send_where_it_was_not(key)
        if added:
            self.done.append(f"{added} of its objects are sent where they were not yet")
        gone = {item.destination for item in mine} - set(self._destinations)
        self.not_done += [
            f"{key} is not sent to {name}, which the configuration does not name"
            for name in sorted(gone)
        ]

    def _send_where_it_was_not(self, key: str) -> int:
        objects = self._ledger.results(key)
        wanted = {
            name: [item for item in objects if item.kind in kinds]
            for name, kinds in self._destinations.items()
        }
        return self._ledger.add_deliveries(key, wanted, self._now())
