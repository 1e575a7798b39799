"""Jobs, studies and deliveries: each in a state that says what becomes of it."""

from functools import partial

from node.case.commission import named_in
from node.keeping.finding import FindingKind
from node.keeping.objects import Marks
from node.keeping.rounds import PATIENCE, Rounds, in_pages
from node.records.audited import AuditedJob, AuditedStudy
from node.records.states import DeliveryState, JobState, StudyState

_TELLING = {
    StudyState.WAITING: "detail",
    StudyState.HELD: "reason",
    StudyState.FAILED: "reason",
}
"""States in which a study has to say why."""


def check_jobs(rounds: Rounds) -> Marks:
    """Account for every job, and return which objects jobs name.

    Returns
    -------
    Marks
        Row numbers of received objects.
    """
    used = Marks()
    for job in in_pages(rounds.ledger.audited_jobs):
        rounds.count(f"jobs {job.state}")
        known = rounds.ledger.known_objects(named_in(job.case_json))
        for number in known.values():
            used.add(number)
        _check_inputs(rounds, job, known)
        if job.state is JobState.RUNNING and not rounds.report.node_runs:
            rounds.find(
                FindingKind.JOB_ABANDONED,
                job.key,
                f"a job of study {job.study_instance_uid} was under way when the node "
                "ended",
                "Start the node, which takes it up again.",
                partial(_requeue, rounds),
            )
        if job.state is JobState.DONE and not job.results:
            rounds.find(
                FindingKind.JOB_WITHOUT_RESULT,
                job.key,
                f"study {job.study_instance_uid} counts as computed, without a result",
                f"Run `exhaustion-node replay {job.study_instance_uid}`.",
            )
    return used


def _check_inputs(rounds: Rounds, job: AuditedJob, known: dict[str, int]) -> None:
    """Find objects that a job which is not over names and nobody has."""
    if job.state not in (JobState.PENDING, JobState.RUNNING):
        return
    missing = [uid for uid, sha256 in named_in(job.case_json) if sha256 not in known]
    if missing:
        rounds.find(
            FindingKind.INPUT_MISSING,
            job.key,
            f"a job of study {job.study_instance_uid} needs {len(missing)} objects "
            f"that are not there, {missing[0]} first",
            "Send the study again.",
        )


def _requeue(rounds: Rounds) -> str:
    attempts = rounds.options.attempts
    rounds.ledger.requeue_running(rounds.began_at, attempts=attempts)
    return "It is pending again; the node computes it when it is started."


def check_studies(rounds: Rounds) -> None:
    """Account for every study."""
    for study in in_pages(rounds.ledger.audited_studies):
        rounds.count(f"studies {study.state}")
        told = _TELLING.get(study.state)
        if told is not None and not getattr(study, told):
            rounds.find(
                FindingKind.STATE_WITHOUT_REASON,
                study.study_instance_uid,
                f"it is {study.state} without a {told}",
                f"Run `exhaustion-node replay {study.study_instance_uid}`.",
            )
        if study.touched:
            _check_decision(rounds, study)
        if study.miscounted:
            rounds.find(
                FindingKind.WRONG_COUNT,
                study.study_instance_uid,
                "the number of objects that it or a series of it states is not the "
                "number of its rows",
                "It can be counted anew.",
                partial(_recount, rounds, study),
            )


def _check_decision(rounds: Rounds, study: AuditedStudy) -> None:
    rounds.count("studies to be decided on")
    late = study.touched_at < rounds.began_at - PATIENCE
    if rounds.report.node_runs and late:
        rounds.find(
            FindingKind.NEVER_DECIDED,
            study.study_instance_uid,
            f"something came at {study.touched_at:%Y-%m-%d %H:%M:%S}Z, and nothing was "
            "decided since",
            "Look into the log of the node for errors of the task intake.",
        )


def _recount(rounds: Rounds, study: AuditedStudy) -> str:
    rounds.ledger.recount(study.identifier)
    return "It is counted anew."


def check_deliveries(rounds: Rounds) -> None:
    """Account for every delivery, and for what the node did not take."""
    rounds.count("refusals remembered", rounds.ledger.refusal_number())
    for (name, state), number in rounds.ledger.delivery_numbers().items():
        rounds.count(f"deliveries {state}", number)
        gone = name not in rounds.options.destinations
        if gone and state is DeliveryState.PENDING:
            rounds.find(
                FindingKind.DESTINATION_GONE,
                name,
                f"{number} objects wait for this destination, which is not configured",
                "Configure it again under this name, or leave them: nothing is lost "
                "that the data folder holds.",
            )
