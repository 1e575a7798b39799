"""A person gives a value for a study; it is written down, and decided on at once.

Design choice: the value is in the ledger before anything else is tried, with who gave
it and what stood before. A study that is held or waits for something else uses it when
its time comes.

Design choice: where a study holds several animals, a value is for one of them, and the
person says for which.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from config.refusal import RefusalError
from dicom_io.errors import DicomContentError
from dicom_io.header import InstanceHeader, ObjectKind
from dicom_io.part10 import read_dataset
from dicom_io.pet.stated import stated_in
from model.administration import Administration
from model.errors import ModelError
from node.deciding.intake import NO_GENERATION, Intake, IntakeOptions
from node.deciding.subjects import SubjectFinder
from node.injection_log.file import UnreadableLogError
from node.injection_log.matching import comparable
from node.ledger import Ledger
from node.readiness.assess import studies_of
from node.records.cases import Case, Held, Ready, Waiting
from node.records.objects import StoredInstance
from node.records.subject import Subject
from node.releases import (
    VALUES,
    Release,
    Value,
    for_whom,
    told_value,
    told_values,
)

_PET = (ObjectKind.PET, ObjectKind.ENHANCED_PET)

_LOG_AWAY = (
    "the values are kept. A running node uses them at once if it could read the log "
    "before; else it does when the log can be read"
)


@dataclass(frozen=True)
class Released:
    """What became of a release.

    Attributes
    ----------
    release : Release
        As it was entered.
    before : mapping of str to str
        What stood before each value, in words.
    queued : tuple of str
        Keys of jobs that will be computed.
    held : tuple of Held
    notes : tuple of str
        What else there is to say: what the study waits for, or that nothing changes.
    """

    release: Release
    before: Mapping[str, str]
    queued: tuple[str, ...]
    held: tuple[Held, ...]
    notes: tuple[str, ...]


def release_values(
    ledger: Ledger,
    uid: str,
    given: Release,
    options: IntakeOptions,
    now: Callable[[], datetime],
) -> Released:
    """Enter released values, and decide on the study with them.

    Parameters
    ----------
    ledger : Ledger
    uid : str
        Study Instance UID of the PET; known to the ledger.
    given : Release
    options : IntakeOptions
        Of today's configuration.
    now : callable
        The clock.

    Raises
    ------
    ReleaseRefusedError
        When it cannot be told which animal the values are for.
    """
    finder = SubjectFinder(options.subjects)
    subjects = _subjects(ledger, uid, finder)
    release = replace(given, animal_id=_animal(given.animal_id, subjects))
    header = _header_says(uid, ledger.neighbourhood(uid), options.subjects.zone)
    before = _before(subjects, release, header, options.subjects.zone)
    ledger.add_release(uid, release, audit_words(release, before))

    intake = Intake(ledger, options, now, lambda: None, finder)
    queued: list[str] = []
    held: list[Held] = []
    notes: list[str] = []
    concerned = {uid}
    for item in intake.assess(uid, settled=True):
        concerned.update(studies_of(item))
        if isinstance(item, Ready):
            key = intake.queue(item.case)
            (queued if key else notes).append(key or _nothing_new(item.case))
        elif isinstance(item, Held):
            held.append(item)
            if item.reason == UnreadableLogError.reason:
                notes.append(_LOG_AWAY)
        elif isinstance(item, Waiting):
            notes.append(f"the study waits: {item.missing}")
    for study in sorted(concerned):
        intake.decide(study, NO_GENERATION, settled=True)
    return Released(release, before, tuple(queued), tuple(held), tuple(notes))


def audit_words(release: Release, before: Mapping[str, str]) -> str:
    """Return what the audit says of a release."""
    values = "; ".join(
        f"{told} (before: {before[name]})"
        for name, told in told_values(release).items()
    )
    return f"{release.who} released{for_whom(release)}: {values}"


def _nothing_new(case: Case) -> str:
    whose = f" for animal {case.animal_id}" if case.animal_id else ""
    return f"nothing changes{whose}: it was decided on with these values already"


def _subjects(
    ledger: Ledger, uid: str, finder: SubjectFinder
) -> tuple[Subject, ...] | None:
    """Return the animals of all PETs of a study; None where that is not known yet."""
    instances = ledger.neighbourhood(uid)
    series = _pet_series(uid, instances)
    if not series:
        elsewhere = {
            each.header.study_instance_uid
            for each in instances
            if each.header.kind in _PET
        }
        if elsewhere:
            raise NoPetInStudyError(uid, sorted(elsewhere))
        return None
    released = ledger.releases(uid)
    found: dict[str, Subject] = {}
    for header in series:
        try:
            subjects = finder.find(header, released).subjects
        except ModelError:
            # Values may be released before the log is put right.
            return None
        if not subjects:
            return None
        found.update((comparable(each.animal_id), each) for each in subjects)
    return tuple(found.values())


def _pet_series(uid: str, instances: Sequence[StoredInstance]) -> list[InstanceHeader]:
    """Return the header of an object of each PET series of a study."""
    first: dict[str, InstanceHeader] = {}
    for each in instances:
        if each.header.kind in _PET and each.header.study_instance_uid == uid:
            first.setdefault(each.header.series_instance_uid, each.header)
    return list(first.values())


def _animal(named: str, subjects: tuple[Subject, ...] | None) -> str:
    """Return for which animal values are entered; empty where there is one."""
    if subjects is None:
        return named
    matching = [
        each for each in subjects if comparable(each.animal_id) == comparable(named)
    ]
    if named and not matching:
        raise UnknownAnimalError(named, subjects)
    if len(subjects) == 1:
        return ""
    if not matching:
        raise WhichAnimalError(subjects)
    return matching[0].animal_id


def _header_says(
    uid: str, instances: Sequence[StoredInstance], zone: tzinfo
) -> Administration | None:
    """Return what the header of a study's PET says; None where that is not known."""
    for each in instances:
        header = each.header
        if header.study_instance_uid != uid or header.kind is not ObjectKind.PET:
            continue
        try:
            return stated_in(read_dataset(each.path, stop_before_pixels=True), zone)
        except (DicomContentError, OSError):
            # The value is entered all the same; the audit tells less.
            return None
    return None


def _before(
    subjects: tuple[Subject, ...] | None,
    release: Release,
    header: Administration | None,
    zone: tzinfo,
) -> dict[str, str]:
    """Return what stood before each released value, and where."""
    if subjects is None:
        return dict.fromkeys(told_values(release), "not known yet")
    mine = [
        each
        for each in subjects
        if not release.animal_id or each.animal_id == release.animal_id
    ]
    supplied = mine[0].supplied if mine else ()
    return {
        name: _stood(name, supplied, header, zone)
        for name in VALUES
        if getattr(release, name) is not None
    }


def _stood(
    name: str,
    supplied: Sequence[Administration],
    header: Administration | None,
    zone: tzinfo,
) -> str:
    for said in (*supplied, *([header] if header else [])):
        activity = said.activity
        values: dict[str, Value] = {
            "weight_g": said.weight_g,
            "activity_bq": None if activity is None else activity.activity_bq,
            "injected_at": said.injected_at,
        }
        value = values[name]
        if value is not None:
            return f"{told_value(name, value, zone)}, {said.origin}"
    return "what the PET says" if header is None else "nothing"


class ReleaseRefusedError(RefusalError):
    """It cannot be told for which animal a value is."""


class UnknownAnimalError(ReleaseRefusedError):
    """The study shows no animal of the name."""

    def __init__(self, named: str, subjects: Sequence[Subject]) -> None:
        known = ", ".join(each.animal_id for each in subjects)
        super().__init__(f"the study shows no animal {named}; it shows {known}")


class WhichAnimalError(ReleaseRefusedError):
    """The study shows several animals, and none is named."""

    def __init__(self, subjects: Sequence[Subject]) -> None:
        known = ", ".join(each.animal_id for each in subjects)
        super().__init__(
            f"the study shows several animals: {known}. Say with --animal for which of "
            "them the values are"
        )


class NoPetInStudyError(ReleaseRefusedError):
    """The study holds contours alone."""

    def __init__(self, uid: str, studies: Sequence[str]) -> None:
        super().__init__(
            f"study {uid} holds no PET; release the values for the study of the PET: "
            f"{', '.join(studies)}"
        )
