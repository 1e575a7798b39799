"""A study from a folder to result objects in a folder: the pipeline, without a network.

Design choice: the same readiness, the same pipeline and the same identities as the
service; only waiting makes no sense here, so what would wait is held and says for what.

Design choice: cases are computed in the order of their scans, and each shows what the
earlier ones of its animal have given in the same run; told are they in the order of
readiness, as ever.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from dicom_io.errors import DicomContentError
from dicom_io.part10 import read_dataset
from dicom_io.scan_facts import scan_facts
from model.errors import ModelError
from node.case.one_animal import animal_of
from node.case.options import CaseOptions
from node.case.pipeline import CaseResult, compute_case
from node.case.report import RoiResult
from node.case.settled_background import background_content
from node.case.written import WrittenObject
from node.deciding.subjects import PATIENT_ID_ALONE, SubjectFinder
from node.deciding.supplying import held_case, supply
from node.failure import held_by
from node.folder import FolderContents, no_dicom
from node.identity import case_line, input_digest, job_key
from node.readiness.assess import MatchingRules, assess_readiness
from node.records.cases import Case, Held, Ready
from node.records.history import TimePoint, history_to_json, time_points
from node.records.jobs import Job
from node.records.objects import StoredInstance
from node.records.states import JobState
from node.records.subject import SubjectRules, subject_data
from node.records.withheld import INVALID_OBJECT, Withheld


@dataclass(frozen=True)
class FolderScore:
    """What came of a folder.

    Attributes
    ----------
    results : tuple of RoiResult
    held : tuple of Held
    objects : tuple of WrittenObject
        Paths are relative to the output folder.
    unheard : tuple of str
        Why an external check has not judged some of the objects, in words.
    """

    results: tuple[RoiResult, ...]
    held: tuple[Held, ...]
    objects: tuple[WrittenObject, ...]
    unheard: tuple[str, ...] = ()


def score_folder(  # noqa: PLR0913 (what `score` is told, by its parts)
    contents: FolderContents,
    matching: MatchingRules,
    options: CaseOptions,
    out: Path,
    at: datetime,
    progress: Callable[[str], None] = lambda _: None,
    *,
    subjects: SubjectRules = PATIENT_ID_ALONE,
) -> FolderScore:
    """Score every case of a folder and write the result objects.

    Parameters
    ----------
    contents : FolderContents
    matching : MatchingRules
    options : CaseOptions
    out : Path
        Folder for the objects; each case has a folder of its own in it.
    at : datetime
        Instant of the results.
    progress : callable
        Told, in words, what is done next.
    subjects : SubjectRules

    Returns
    -------
    FolderScore
    """
    if not contents.instances and not contents.unreadable:
        return FolderScore((), (no_dicom(contents),), ())
    held: list[Held] = list(contents.unreadable)
    cases: list[Case] = []
    finder = SubjectFinder(subjects)
    for item in assess_readiness(
        contents.instances, matching, settled=True, final=True
    ):
        if isinstance(item, Held):
            held.append(item)
        elif isinstance(item, Ready):
            for case in cases_of(item.case, contents.instances, finder):
                held.extend([case] if isinstance(case, Held) else [])
                cases.extend([] if isinstance(case, Held) else [case])
    done: dict[int, CaseResult] = {}
    for number in _by_scan(cases, options):
        case = cases[number]
        progress(f"scoring {case.pet[0].header.series_description}")
        earlier = _earlier(case, done.values())
        outcome = _score_case(case, options, out, at, earlier)
        held.extend([outcome] if isinstance(outcome, Held) else outcome.held)
        done |= {} if isinstance(outcome, Held) else {number: outcome}
    results = [done[number] for number in sorted(done)]
    return FolderScore(
        tuple(found for result in results for found in result.results),
        tuple(held),
        tuple(written for result in results for written in result.objects),
        tuple(dict.fromkeys(result.unheard for result in results if result.unheard)),
    )


def _by_scan(cases: Sequence[Case], options: CaseOptions) -> list[int]:
    """Return cases in the order of their scans, those of unknown time last.

    So that each can show what the earlier ones have given.
    """
    if len(cases) <= 1:
        return list(range(len(cases)))
    scanned = [_scanned_at(case, options) for case in cases]
    late = datetime.max.replace(tzinfo=UTC)
    return sorted(range(len(cases)), key=lambda number: scanned[number] or late)


def _scanned_at(case: Case, options: CaseOptions) -> datetime | None:
    """Return when a scan was, by its first slice; None where that is not known."""
    try:
        header = read_dataset(case.pet[0].path, stop_before_pixels=True)
    except DicomContentError:
        return None
    return scan_facts([header], options.suv.zone).scanned_at


def _earlier(case: Case, done: Iterable[CaseResult]) -> tuple[TimePoint, ...]:
    """Return what other studies of a case's animal have given in this run."""
    results = [
        found.as_data()
        for result in done
        for found in result.results
        if found.study_instance_uid != case.study_instance_uid
    ]
    animal = animal_of(case)
    return time_points(results, animal) if animal else ()


def cases_of(
    case: Case, instances: Sequence[StoredInstance], finder: SubjectFinder
) -> tuple[Case | Held, ...]:
    """Return a case for each of its animals, or why it cannot be told which."""
    try:
        found = finder.find(case.pet[0].header)
    except ModelError as error:
        return (held_by(error, case.study_instance_uid),)
    return supply(case, instances, found, finder.rules)


def _score_case(
    case: Case,
    options: CaseOptions,
    out: Path,
    at: datetime,
    earlier: tuple[TimePoint, ...],
) -> CaseResult | Held:
    """Return the result of a case, its objects in a folder of their own below `out`."""
    job = _job_of(case, options, at, earlier)
    folder = Path(job.key[:16])

    def write(files: Sequence[tuple[str, bytes]]) -> list[Path]:
        (out / folder).mkdir(parents=True, exist_ok=True)
        for name, content in files:
            (out / folder / name).write_bytes(content)
        return [folder / name for name, _ in files]

    try:
        result = compute_case(case, options, job, write)
    except (DicomContentError, ModelError) as error:
        return held_case(error, case)
    if not result.faults:
        return result
    # The objects are written all the same, and nothing is sent from here.
    words = Withheld(INVALID_OBJECT, result.faults).words
    faulty = Held(case.study_instance_uid, INVALID_OBJECT, words)
    return replace(result, held=(*result.held, faulty))


def _job_of(
    case: Case, options: CaseOptions, at: datetime, earlier: tuple[TimePoint, ...]
) -> Job:
    """Return the job of a case that no ledger knows.

    Nobody remembers when a folder was scored before, from which rows of a log, with
    which other contours, and with what else there was of the animal and its CT; so its
    instant and they are in the key, and no two results share a UID with different
    bytes.
    """
    history = history_to_json(earlier)
    outside = {
        **options.outside(),
        "at": at.isoformat(),
        "said": [subject_data(subject) for subject in case.subjects],
        "revises": list(case.lineage.statements),
        "history": history,
        "behind": background_content(case.background),
    }
    inputs = input_digest(case, outside)
    return Job(
        key=job_key(inputs, options.equipment.software_version),
        study_instance_uid=case.study_instance_uid,
        line=case_line(case),
        case_json="",
        state=JobState.RUNNING,
        created_at=at,
        attempts=1,
        animal_id=animal_of(case),
        history_json=history,
    )
