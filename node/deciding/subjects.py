"""Which animals a PET shows, and what sources beside it say of them.

Design choice: an animal is called as the injection log calls it; else as the site's
pattern finds it in the PET; else by the PET's PatientID, also where the pattern finds
nothing. A result of an animal without a better name is better than none.

Design choice: a value that was released for an animal that the study does not show is
not used, and said. To give it to another animal would be a guess.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import ClassVar

from dicom_io.header import InstanceHeader
from model.errors import ModelError
from node.injection_log.keeper import LogKeeper
from node.injection_log.log import LoggedStudy, LogMistake
from node.injection_log.matching import comparable
from node.records.subject import Subject, SubjectRules
from node.releases import Release, administration_of

PATIENT_ID_ALONE = SubjectRules("PatientID", "", None, UTC)
"""Rules of a site that says nothing."""

LOG_MISTAKE = "in the injection log"
_MOST_REMARKS = 10
"""How a statement on a mistake of the log begins."""

_ATTRIBUTES: dict[str, Callable[[InstanceHeader], str]] = {
    "PatientID": lambda header: header.patient_id,
    "StudyID": lambda header: header.study_id,
    "StudyDescription": lambda header: header.study_description,
    "SeriesDescription": lambda header: header.series_description,
    "AccessionNumber": lambda header: header.accession_number,
    "ProtocolName": lambda header: header.protocol_name,
}


@dataclass(frozen=True)
class FoundSubjects:
    """The animals of a PET.

    Attributes
    ----------
    subjects : tuple of Subject
        None where several lay in the bed of whom nothing is known.
    statements : tuple of str
        What could not be used.
    remarks : tuple of str
        What is wrong in the header of the log: for whoever looks for a value that is
        missing. No part of a result, of which a new column would revise every one.
    """

    subjects: tuple[Subject, ...]
    statements: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


class SubjectFinder:
    """Finds the animals of a PET, by the rules and the log of a site.

    Parameters
    ----------
    rules : SubjectRules
    tell : callable
        Told, in words, what became of a reading of the injection log.
    """

    def __init__(
        self, rules: SubjectRules, tell: Callable[[str], None] = lambda _: None
    ) -> None:
        self.rules = rules
        self.log = LogKeeper(rules.injection_log, rules.zone, tell)

    def find(
        self, pet: InstanceHeader, released: Sequence[Release] = ()
    ) -> FoundSubjects:
        """Return the animals of a PET.

        Parameters
        ----------
        pet : InstanceHeader
            Of any slice.
        released : sequence of Release
            What was released for its study, oldest first.

        Raises
        ------
        UnreadableLogError
            When the site's log could never be read.
        AmbiguousLogError, IncompleteBedError
            When the log contradicts itself, or leaves out an animal of the bed.
        """
        log, study = self.log.current, logged_study(pet, self.rules)
        remarks = tuple(map(_said, log.mistakes[:_MOST_REMARKS]))
        mistakes = tuple(
            _said(each) for each in log.mistakes_for(study) if each not in log.mistakes
        )
        try:
            logged = log.subjects(study)
            subjects = _all_in_bed(logged, pet) if pet.is_group else logged
        except ModelError as error:
            for mistake in (*remarks, *mistakes):
                error.add_note(f"({mistake})")
            raise
        if not subjects and not pet.is_group:
            subjects = (Subject(study.animal_id),)
        given = _given(subjects, released)
        return FoundSubjects(
            tuple(self._with_released(each, given) for each in subjects),
            (*mistakes, *_not_used(subjects, released)),
            remarks,
        )

    def _with_released(self, subject: Subject, given: "_Given") -> Subject:
        said = administration_of(given(subject), self.rules.zone)
        if said is None:
            return subject
        return replace(subject, supplied=(said, *subject.supplied))


def animal_id_of(header: InstanceHeader, rules: SubjectRules) -> str:
    """Return what a PET calls its animal, by the site's pattern.

    PatientID where the pattern, or the attribute that it is for, finds nothing.
    """
    animal: str | None = _ATTRIBUTES[rules.attribute](header)
    if rules.pattern:
        found = re.search(rules.pattern, animal or "")
        animal = found["animal"] if found else None
    return (animal or "").strip() or header.patient_id


def logged_study(pet: InstanceHeader, rules: SubjectRules) -> LoggedStudy:
    """Return what of a PET its rows in the injection log are known by."""
    return LoggedStudy(
        study_instance_uid=pet.study_instance_uid,
        accession_number=pet.accession_number,
        study_date=_date(pet.study_date),
        patient_id=pet.patient_id,
        animal_id=animal_id_of(pet, rules),
        is_group=pet.is_group,
        members=pet.members,
    )


_Given = Callable[[Subject], list[Release]]


def _given(subjects: Sequence[Subject], released: Iterable[Release]) -> _Given:
    """Return what tells an animal's releases."""
    by_name: dict[str, list[Release]] = {}
    for release in released:
        alone = len(subjects) == 1 and not release.animal_id
        name = subjects[0].animal_id if alone else release.animal_id
        by_name.setdefault(comparable(name), []).append(release)
    return lambda subject: by_name.get(comparable(subject.animal_id), [])


def _not_used(
    subjects: Sequence[Subject], released: Iterable[Release]
) -> tuple[str, ...]:
    """Return a statement on each animal of nobody's that values were released for."""
    names = {comparable(subject.animal_id) for subject in subjects}
    if len(subjects) == 1:
        names.add("")
    strange = {
        release.animal_id
        for release in released
        if comparable(release.animal_id) not in names
    }
    return tuple(
        f"values that were released for {name or 'the study as one animal'} are not "
        "used: the PET does not show it"
        for name in sorted(strange)
    )


def _all_in_bed(
    logged: tuple[Subject, ...], pet: InstanceHeader
) -> tuple[Subject, ...]:
    """Return every animal of a group.

    From the log if it tells of all; from the header if the log tells of none and the
    header names each.
    """
    animals = len(pet.members)
    if logged and len(logged) < animals:
        raise IncompleteBedError([each.animal_id for each in logged], animals)
    names = {comparable(name) for name in pet.members} - {""}
    if logged or animals == 1 or len(names) < animals:
        return logged
    return tuple(Subject(name) for name in pet.members)


def _said(mistake: LogMistake) -> str:
    # Without the row's number: rows move, and what is said of the study stays.
    column = f", column {mistake.column}" if mistake.column else ""
    return f"{LOG_MISTAKE}{column}: {mistake.what}. {mistake.remedy}"


def _date(text: str) -> date | None:
    """Return a DICOM date (PS3.5 6.2, VR DA); None where it is none."""
    try:
        return datetime.strptime(text, "%Y%m%d").replace(tzinfo=UTC).date()
    except ValueError:
        return None


class IncompleteBedError(ModelError):
    """The injection log leaves out animals of a bed."""

    reason: ClassVar[str] = "several_animals"
    remedy: ClassVar[str] = (
        "Give each animal of the bed a row of the injection log, with its bed_position "
        "or roi."
    )

    def __init__(self, animals: Sequence[str], in_bed: int) -> None:
        super().__init__(
            f"the PET shows {in_bed} animals, and the injection log tells of "
            f"{', '.join(animals)} alone"
        )
