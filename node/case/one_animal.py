"""The animal that a case is about, of those in its bed.

Design choice: each animal is a case of its own, so that a correction of one animal's
weight revises its result and leaves the others' alone.

Design choice: apart from `node.case.animals`, which shares out regions, so that who
decides on studies loads nothing that computes.
"""

from dataclasses import replace

from node.records.cases import Case
from node.records.subject import Subject


def one_each(case: Case) -> tuple[Case, ...]:
    """Return a case for each animal of the bed; the case itself for a single one."""
    if len(case.subjects) <= 1:
        return (case,)
    return tuple(
        replace(case, animal_id=animal_id, subjects=subjects)
        for animal_id, subjects in as_each_sees(case.subjects)
    )


def as_each_sees(
    subjects: tuple[Subject, ...],
) -> tuple[tuple[str, tuple[Subject, ...]], ...]:
    """Return what a result of each animal depends on, by `Case.animal_id`.

    What is said of the others' weight, or of when they were irradiated, is not part of
    an animal's result.
    """
    if len(subjects) <= 1:
        return (("", subjects),)
    strangers = [
        replace(subject, supplied=(), irradiated_at=None) for subject in subjects
    ]
    return tuple(
        (
            subject.animal_id,
            tuple(
                subject if each.animal_id == subject.animal_id else each
                for each in strangers
            ),
        )
        for subject in subjects
    )


def own_subject(case: Case) -> Subject | None:
    """Return the animal that a case is about; None where nothing is known of it."""
    if len(case.subjects) <= 1:
        return next(iter(case.subjects), None)
    return next(each for each in case.subjects if each.animal_id == case.animal_id)


def animal_of(case: Case) -> str:
    """Return what ties together the time points of the animal of a case.

    The PET's PatientID where nothing is known of the animal; empty where that is.
    """
    subject = own_subject(case)
    if subject is not None:
        return subject.animal_id
    return case.animal_id or case.pet[0].header.patient_id
