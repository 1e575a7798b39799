"""Whether a row of an injection log belongs to a study.

Design choice: a row must agree with all that it states of the study's UID, its
accession number, its PatientID and its day. What a study itself does not state is not
disagreed with. Names are compared without case; people type ``m001`` and ``M001``.

Design choice: where a row states the PatientID, its column ``animal`` names the animal
freely. Else the animal must be the study's, since a site may give one accession number
to a whole day; a row of another animal counts only where several lay in the bed, which
a bed position, a pattern of regions or the PET's header says.
"""

from dataclasses import dataclass
from datetime import date

from node.injection_log.row import LogRow
from node.spreadsheets.cells import plain


@dataclass(frozen=True)
class LoggedStudy:
    """What of a study its rows are known by.

    Attributes
    ----------
    study_instance_uid : str
    accession_number : str
        Empty where it has none.
    study_date : date or None
    patient_id : str
        The PET's.
    animal_id : str
        By the site's pattern.
    is_group : bool
        Whether the PET's header says that several animals lay in the bed.
    members : tuple of str
        Their PatientIDs, as far as the header says.
    """

    study_instance_uid: str
    accession_number: str
    study_date: date | None
    patient_id: str
    animal_id: str
    is_group: bool = False
    members: tuple[str, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """All names of its animals, comparable."""
        stated = (self.patient_id, self.animal_id, *self.members)
        return frozenset(comparable(name) for name in stated if name)


def comparable(name: str) -> str:
    """Return a name as it is compared: without case and double spaces."""
    return plain(name).casefold()


def has_key_of(row: LogRow, study: LoggedStudy) -> bool:
    """Return whether a row has the UID or the accession number of a study."""
    same_uid = row.study_instance_uid == study.study_instance_uid
    return same_uid or _same(row.accession, study.accession_number)


def is_named(row: LogRow, study: LoggedStudy) -> bool:
    """Return whether a row says enough to mean a study."""
    if row.study_instance_uid or (row.accession and study.accession_number):
        return has_key_of(row, study)
    named = comparable(row.patient_id or row.animal) in study.names
    return named and row.study_date is not None and row.study_date == study.study_date


def doubts(row: LogRow, study: LoggedStudy) -> tuple[str, ...]:
    """Return the columns in which row and study say different things."""
    ids = {study.patient_id, *study.members}
    told = {
        "study_instance_uid": row.study_instance_uid
        not in {"", study.study_instance_uid},
        "accession": _differ(row.accession, {study.accession_number}),
        "study_date": None not in {row.study_date, study.study_date}
        and row.study_date != study.study_date,
        "patient_id": _differ(row.patient_id, ids),
    }
    return tuple(column for column, differs in told.items() if differs)


def could_mean(row: LogRow, study: LoggedStudy) -> bool:
    """Return whether a row that is not usable may have been written for a study."""
    if row.usable or doubts(row, study):
        return False
    stated = {comparable(name) for name in (row.animal, row.patient_id) if name}
    return has_key_of(row, study) or not stated or not stated.isdisjoint(study.names)


def is_own(row: LogRow, study: LoggedStudy) -> bool:
    """Return whether the animal of a row is the study's, or is named by the row."""
    if row.patient_id or not row.animal:
        return True
    return comparable(row.animal) in study.names


def animal_of(row: LogRow, study: LoggedStudy) -> str:
    """Return the animal of a row that matches; the study's where it names none."""
    of_group = row.patient_id and not _same(row.patient_id, study.patient_id)
    return row.animal or (row.patient_id if of_group else study.animal_id)


def lay_with_others(row: LogRow) -> bool:
    """Return whether a row says that several animals lay in the bed."""
    return bool(row.bed_position or row.roi_patterns)


def _same(stated: str, other: str) -> bool:
    return bool(stated) and comparable(stated) == comparable(other)


def _differ(stated: str, others: set[str]) -> bool:
    """Return whether a statement differs from all that is stated elsewhere."""
    known = {comparable(other) for other in others if other}
    return bool(stated and known) and comparable(stated) not in known
