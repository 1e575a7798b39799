"""A study from a folder to result objects in a folder: the pipeline, without a network.

Design choice: the same readiness, the same pipeline and the same identities as the
service; only waiting makes no sense here, so what would wait is held and says for what.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from dicom_io.errors import DicomContentError
from model.errors import ModelError
from node.case.options import CaseOptions
from node.case.pipeline import CaseResult, WrittenObject, compute_case
from node.case.report import RoiResult
from node.deciding.subjects import PATIENT_ID_ALONE, SubjectFinder
from node.deciding.supplying import held_case, supply
from node.failure import held_by
from node.folder import FolderContents, no_dicom
from node.identity import case_line, input_digest, job_key
from node.readiness.assess import MatchingRules, assess_readiness
from node.records.cases import Case, Held, Ready
from node.records.jobs import Job
from node.records.objects import StoredInstance
from node.records.states import JobState
from node.records.subject import SubjectRules, subject_data


@dataclass(frozen=True)
class FolderScore:
    """What came of a folder.

    Attributes
    ----------
    results : tuple of RoiResult
    held : tuple of Held
    objects : tuple of WrittenObject
        Paths are relative to the output folder.
    """

    results: tuple[RoiResult, ...]
    held: tuple[Held, ...]
    objects: tuple[WrittenObject, ...]


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
    done: list[CaseResult] = []
    finder = SubjectFinder(subjects)
    for item in assess_readiness(
        contents.instances, matching, settled=True, final=True
    ):
        if isinstance(item, Held):
            held.append(item)
        elif isinstance(item, Ready):
            progress(f"scoring {item.case.pet[0].header.series_description}")
            for case in cases_of(item.case, contents.instances, finder):
                outcome = (
                    case
                    if isinstance(case, Held)
                    else _score_case(case, options, out, at)
                )
                held.extend([outcome] if isinstance(outcome, Held) else outcome.held)
                done.extend([] if isinstance(outcome, Held) else [outcome])
    return FolderScore(
        tuple(found for result in done for found in result.results),
        tuple(held),
        tuple(written for result in done for written in result.objects),
    )


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
    case: Case, options: CaseOptions, out: Path, at: datetime
) -> CaseResult | Held:
    # Nobody remembers when a folder was scored before, from which rows of a log, and
    # with which other contours; so its instant and they are in the key, and no two
    # results share a UID with different bytes.
    outside = {
        **options.outside(),
        "at": at.isoformat(),
        "said": [subject_data(subject) for subject in case.subjects],
        "revises": list(case.lineage.statements),
    }
    inputs = input_digest(case, outside)
    key = job_key(inputs, options.equipment.software_version)
    job = Job(
        key=key,
        study_instance_uid=case.study_instance_uid,
        line=case_line(case),
        case_json="",
        state=JobState.RUNNING,
        created_at=at,
        attempts=1,
    )
    folder = Path(key[:16])

    def write(files: Sequence[tuple[str, bytes]]) -> list[Path]:
        (out / folder).mkdir(parents=True, exist_ok=True)
        for name, content in files:
            (out / folder / name).write_bytes(content)
        return [folder / name for name, _ in files]

    try:
        return compute_case(case, options, job, write)
    except (DicomContentError, ModelError) as error:
        return held_case(error, case)
