"""A row of an injection log, and what is wrong in one."""

from dataclasses import dataclass
from datetime import date, datetime

from model.administration import Administration


@dataclass(frozen=True)
class LogMistake:
    """A cell of the injection log that is not used.

    Attributes
    ----------
    row : int
        As a spreadsheet numbers it; the header is row 1.
    column : str
    what : str
        What is so, in a sentence without a full stop.
    remedy : str
        The same for what to do.
    """

    row: int
    column: str
    what: str
    remedy: str

    def __str__(self) -> str:
        cell = (
            f"row {self.row}, column {self.column},"
            if self.column
            else f"row {self.row}"
        )
        where = f"{cell} of the injection log"
        return f"{where}: {self.what}. {self.remedy}"


@dataclass(frozen=True)
class LogRow:
    """A row of the injection log.

    Attributes
    ----------
    number : int
    study_instance_uid, accession, animal, patient_id : str
        Empty where the row does not say.
    study_date : date or None
    said : Administration
        Its origin is the row.
    bed_position : str
    roi_patterns : tuple of str
    irradiated_at : datetime or None
    mistakes : tuple of LogMistake
    unread : frozenset of str
        Columns that say to which study the row belongs, and cannot be read.
    """

    number: int
    study_instance_uid: str
    accession: str
    animal: str
    patient_id: str
    study_date: date | None
    said: Administration
    bed_position: str = ""
    roi_patterns: tuple[str, ...] = ()
    irradiated_at: datetime | None = None
    mistakes: tuple[LogMistake, ...] = ()
    unread: frozenset[str] = frozenset()

    @property
    def usable(self) -> bool:
        """Whether it is known to which studies the row belongs."""
        return not self.unread and (self.names_a_study or self.names_an_animal_s_day)

    @property
    def names_a_study(self) -> bool:
        """Whether the study's own UID or accession number stands there."""
        return bool(self.study_instance_uid or self.accession)

    @property
    def names_an_animal_s_day(self) -> bool:
        """Whether an animal and a day stand there."""
        return bool(self.animal or self.patient_id) and self.study_date is not None
