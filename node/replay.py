"""Deciding on a study again because a person asks for it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from node.identity import case_line
from node.intake import Intake, IntakeOptions
from node.ledger import Ledger
from node.readiness import assess_readiness
from node.records import Case, Held, JobState, Ready, Waiting


@dataclass(frozen=True)
class Replayed:
    """What a replay did.

    Attributes
    ----------
    done, not_done : tuple of str
        A line for each case.
    """

    done: tuple[str, ...]
    not_done: tuple[str, ...]


def replay_study(
    ledger: Ledger, uid: str, options: IntakeOptions, now: Callable[[], datetime]
) -> Replayed:
    """Queue again what would change, try again what stopped, send again the rest.

    Parameters
    ----------
    ledger : Ledger
    uid : str
        Study Instance UID.
    options : IntakeOptions
        Of today's configuration.
    now : callable
        The clock.
    """
    intake = Intake(ledger, options, now, queued=lambda: None)
    done: list[str] = []
    not_done: list[str] = []
    for item in assess_readiness(
        ledger.neighbourhood(uid), options.matching, settled=True
    ):
        if isinstance(item, Ready):
            done.append(_replay_case(ledger, intake, item.case, now))
        elif isinstance(item, Held):
            not_done.append(f"held {item.reason}: {item.detail}")
        elif isinstance(item, Waiting):
            not_done.append(f"waiting: {item.missing}")
    return Replayed(tuple(done), tuple(not_done))


def _replay_case(
    ledger: Ledger, intake: Intake, case: Case, now: Callable[[], datetime]
) -> str:
    key = intake.queue(case, again=True)
    if key:
        return f"queued {key}: it replaces what was computed before"
    latest = ledger.jobs(case_line(case))[-1]
    if latest.key != intake.key_of(case):
        words = f"nothing is done: {latest.key} came after what would be computed now"
    elif ledger.retry_job(latest.key, now()):
        words = f"queued {latest.key} again"
    elif latest.state is JobState.DONE:
        count = _send_again(ledger, case.study_instance_uid, latest.key, now())
        words = f"{latest.key} would not change; {count} objects are sent again"
    else:
        words = f"{latest.key} is {latest.state} already"
    return words


def _send_again(ledger: Ledger, uid: str, key: str, at: datetime) -> int:
    detail = ledger.study(uid)
    deliveries = () if detail is None else detail.deliveries
    mine = [item for item in deliveries if item.job_key == key]
    for delivery in mine:
        ledger.redeliver(delivery.identifier, at)
    return len(mine)
