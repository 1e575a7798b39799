"""Results of the ledger, by the UID of a study or of any object of a result.

Design choice: of a study the latest result of each line is shown, unless it was taken
back; an object shows the result that it is of, whatever became of that.

Design choice: the numbers are those that the job wrote beside its objects. Where that
file is lost the report tells them, which holds nearly all of it.
"""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from node.data_folder import result_document
from node.ledger import Ledger
from node.records.jobs import Delivery, Job, ResultObject
from node.records.kinds import ResultKind
from node.records.states import JobState
from node.records.study_views import StudyDetail, StudySummary
from node.showing.from_files import read_results
from node.showing.shown import NothingToShowError, Sent, ShownObject, ShownResult

_GONE = frozenset({JobState.SUPERSEDED, JobState.WITHDRAWN})
_REMARKS = {
    JobState.SUPERSEDED: "A later result has taken the place of this one.",
    JobState.WITHDRAWN: "This result was withdrawn: `study` says by whom and why.",
}


def results_of_uid(
    ledger: Ledger, data_folder: Path, uid: str
) -> tuple[tuple[ShownResult, ...], StudySummary | None]:
    """Return what a UID means: results, and the study where it is one's.

    Parameters
    ----------
    ledger : Ledger
    data_folder : Path
    uid : str
        Of a study, or of any object of a result.

    Returns
    -------
    results : tuple of ShownResult
        None of a study that has none yet.
    study : StudySummary or None
        None where the UID is an object's.

    Raises
    ------
    NothingToShowError
        When the UID is unknown, or a result cannot be read any more.
    """
    jobs = ledger.results_meant(uid)
    if jobs is None:
        fact = (
            f"no study, no result and no file {uid}; `exhaustion-node studies` lists "
            "the studies"
        )
        raise NothingToShowError(fact)
    study = ledger.study(uid)
    meant = jobs[-1:] if study is None else _standing(jobs)
    around = study or (ledger.study(meant[0].study_instance_uid) if meant else None)
    shown = tuple(_shown(ledger, data_folder, job, around) for job in meant)
    return shown, None if study is None else study.summary


def images_of(ledger: Ledger, shown: Iterable[ShownResult]) -> dict[str, Path]:
    """Return where the images of the results' studies lie, by SOP Instance UID."""
    studies = dict.fromkeys(each.study_instance_uid for each in shown)
    return {
        each.header.sop_instance_uid: each.path
        for study in studies
        for each in ledger.neighbourhood(study)
    }


def _standing(jobs: Iterable[Job]) -> list[Job]:
    """Return the latest job of each line that was not taken back."""
    return list({job.line: job for job in jobs if job.state not in _GONE}.values())


def _shown(
    ledger: Ledger, data_folder: Path, job: Job, study: StudyDetail | None
) -> ShownResult:
    deliveries = () if study is None else study.deliveries
    objects = [_object(each) for each in ledger.results(job.key)]
    results, held, remarks = _numbers(data_folder, job, objects)
    if job.state in _GONE:
        remarks = (_REMARKS[job.state], *remarks)
    return ShownResult(
        study_instance_uid=job.study_instance_uid,
        job_key=job.key,
        state=str(job.state),
        results=results,
        held=(*held, *_waits(job, study)),
        objects=tuple(objects),
        sent=_sent(each for each in deliveries if each.job_key == job.key),
        remarks=remarks,
    )


Rows = tuple[dict[str, Any], ...]


def _waits(job: Job, study: StudyDetail | None) -> Rows:
    """Return that a result waits for its release, and what a person does."""
    if not job.is_withheld:
        return ()
    detail = job.faults
    if study is not None and study.summary.reason == job.reason:
        detail = study.summary.detail
    return (
        {
            "study_instance_uid": job.study_instance_uid,
            "reason": job.reason,
            "detail": detail,
        },
    )


def _numbers(
    data_folder: Path, job: Job, objects: list[ShownObject]
) -> tuple[Rows, Rows, tuple[str, ...]]:
    """Return results and holds of a job, and what is to be said of their source."""
    try:
        document = result_document(data_folder, job)
        return tuple(document["results"]), tuple(document["held"]), ()
    except (OSError, ValueError, KeyError, TypeError):
        reports = [each for each in objects if each.kind is ResultKind.REPORT]
        if not reports:
            fact = f"the numbers of job {job.key[:12]} are lost: `audit` says more"
            raise NothingToShowError(fact) from None
        remark = "The job's file of numbers is lost; these are the report's."
        return read_results(reports[0].path), (), (remark,)


def _object(found: ResultObject) -> ShownObject:
    return ShownObject(
        found.kind, found.sop_class_uid, found.sop_instance_uid, found.path
    )


def _sent(deliveries: Iterable[Delivery]) -> tuple[Sent, ...]:
    counted = Counter((each.destination, str(each.state)) for each in deliveries)
    return tuple(Sent(*key, number) for key, number in sorted(counted.items()))
