"""The site's table of animals, weights and injections, and what it says of a study.

Design choice: two rows that match one animal are never merged. Which weight is right
cannot be known; rows with the same content are one.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, tzinfo
from functools import cached_property
from pathlib import Path
from typing import ClassVar

from model.errors import ModelError
from node.injection_log.file import UnreadableLogError
from node.injection_log.matching import (
    LoggedStudy,
    animal_of,
    comparable,
    could_mean,
    doubts,
    has_key_of,
    is_named,
    is_own,
    lay_with_others,
)
from node.injection_log.reading import CellRules, read_row
from node.injection_log.row import LogMistake, LogRow
from node.injection_log.table import read_log_table
from node.records.subject import Subject

__all__ = [
    "AmbiguousLogError",
    "Changed",
    "InjectionLog",
    "LogMistake",
    "LogRow",
    "LoggedStudy",
    "UnreadableLogError",
    "changed",
    "read_injection_log",
]

_MOST_MISTAKES = 16
_CONTRADICTS = (
    "the row has this study's UID or accession number and contradicts it here"
)
_AGREE = (
    "Correct the row; where the animal's PatientID is another name, fill patient_id"
)


@dataclass(frozen=True)
class InjectionLog:
    """A log as it was read once.

    Attributes
    ----------
    rows : tuple of LogRow
    mistakes : tuple of LogMistake
        Of the header; those of rows stand with them.
    statements : tuple of str
        What must be said of the reading, in sentences.
    """

    rows: tuple[LogRow, ...] = ()
    mistakes: tuple[LogMistake, ...] = ()
    statements: tuple[str, ...] = field(default=(), compare=False)

    def subjects(self, study: LoggedStudy) -> tuple[Subject, ...]:
        """Return the animals of a study, with what the log says of them.

        Returns
        -------
        tuple of Subject
            None where no row matches; several where several animals lay in the bed.

        Raises
        ------
        AmbiguousLogError
            When rows contradict each other, or it is open which animal lay where.
        """
        rows = self.rows_for(study)
        animals = [comparable(animal_of(row, study)) for row in rows]
        if len(set(animals)) < len(animals):
            raise AmbiguousLogError(rows, "state different values for one animal")
        if len(rows) > 1:
            # Of a group, the PET's header or the regions' names may tell as well.
            _require_places(rows, every=not study.is_group)
        return tuple(
            Subject(
                animal_id=animal_of(row, study),
                supplied=(row.said,),
                bed_position=row.bed_position,
                roi_patterns=row.roi_patterns,
                irradiated_at=row.irradiated_at,
            )
            for row in rows
        )

    def rows_for(self, study: LoggedStudy) -> tuple[LogRow, ...]:
        """Return the rows that match a study, those of the same content once."""
        fitting = [
            row
            for row in self._candidates(study)
            if row.usable and is_named(row, study) and not doubts(row, study)
        ]
        own = [row for row in fitting if is_own(row, study)]
        companions = [
            row
            for row in fitting
            if row not in own and (lay_with_others(row) or study.is_group)
        ]
        exactly = [row for row in companions if row.study_instance_uid]
        chosen = [*own, *exactly] or companions
        unique = {_content(row): row for row in reversed(_in_order(chosen))}
        return _in_order(unique.values())

    def mistakes_for(self, study: LoggedStudy) -> tuple[LogMistake, ...]:
        """Return what is wrong in the log that may concern a study.

        Mistakes of the header and of the rows that match; of rows that would match but
        for a cell that cannot be read; and, where none matches, of rows that have the
        study's UID or accession number and contradict it elsewhere.
        """
        matching = self.rows_for(study)
        contents = {_content(row) for row in matching}
        found = list(self.mistakes)
        for row in self._candidates(study):
            if _content(row) in contents or could_mean(row, study):
                found.extend(row.mistakes)
            elif row.usable and not matching and has_key_of(row, study):
                column = (*doubts(row, study), "animal")[0]
                found.append(LogMistake(row.number, column, _CONTRADICTS, _AGREE))
        return tuple(found[:_MOST_MISTAKES])

    def _candidates(self, study: LoggedStudy) -> tuple[LogRow, ...]:
        """Return the rows that a study has something in common with."""
        keys = {
            ("study", study.study_instance_uid),
            ("accession", comparable(study.accession_number)),
            ("unread", study.study_date),
            *(("name", name) for name in study.names),
        }
        found = {row.number: row for key in keys for row in self._index.get(key, ())}
        return _in_order(found.values())

    @cached_property
    def _index(self) -> dict[tuple[str, str | date | None], list[LogRow]]:
        index: dict[tuple[str, str | date | None], list[LogRow]] = {}
        for row in self.rows:
            for key in _keys(row):
                index.setdefault(key, []).append(row)
        return index


@dataclass(frozen=True)
class Changed:
    """Whom the difference between two readings of a log concerns.

    Attributes
    ----------
    animals, patient_ids, accessions, study_instance_uids : frozenset of str
        As the rows name them, before or after.
    """

    animals: frozenset[str] = frozenset()
    patient_ids: frozenset[str] = frozenset()
    accessions: frozenset[str] = frozenset()
    study_instance_uids: frozenset[str] = frozenset()

    def touches(self, study: LoggedStudy) -> bool:
        """Return whether a study may have to be decided on again."""
        names = {comparable(name) for name in (*self.animals, *self.patient_ids)}
        accessions = {comparable(number) for number in self.accessions}
        return (
            study.study_instance_uid in self.study_instance_uids
            or comparable(study.accession_number) in accessions
            or not names.isdisjoint(study.names)
        )


def read_injection_log(path: Path, zone: tzinfo) -> InjectionLog:
    """Return the log in a CSV file.

    Parameters
    ----------
    path : Path
    zone : tzinfo
        Of dates and times that are written without an offset.

    Raises
    ------
    UnreadableLogError
        When the file as a whole cannot be read. A cell that cannot be is a mistake of
        its row and costs nothing else.
    """
    table = read_log_table(path)
    rules = CellRules(zone, table.decimal_comma)
    rows = tuple(read_row(row, rules) for row in table.rows)
    return InjectionLog(rows, table.mistakes, table.statements)


def changed(old: InjectionLog | None, new: InjectionLog) -> Changed:
    """Return whom the difference between two readings concerns.

    That a row has moved up or down is no difference.

    Parameters
    ----------
    old : InjectionLog or None
        None where nothing was read before.
    new : InjectionLog
    """
    before = Counter(map(_content, old.rows if old is not None else ()))
    after = Counter(map(_content, new.rows))
    rows = [*(before - after), *(after - before)]
    return Changed(
        animals=_stated(row.animal for row in rows),
        patient_ids=_stated(row.patient_id for row in rows),
        accessions=_stated(row.accession for row in rows),
        study_instance_uids=_stated(row.study_instance_uid for row in rows),
    )


def _stated(values: Iterable[str]) -> frozenset[str]:
    return frozenset(value for value in values if value)


def _content(row: LogRow) -> LogRow:
    """Return what a row says, wherever it stands."""
    return replace(
        row,
        number=0,
        said=replace(row.said, origin=""),
        mistakes=tuple(replace(mistake, row=0) for mistake in row.mistakes),
    )


def _in_order(rows: Iterable[LogRow]) -> tuple[LogRow, ...]:
    return tuple(sorted(rows, key=lambda row: row.number))


def _keys(row: LogRow) -> Iterator[tuple[str, str | date | None]]:
    if row.study_instance_uid:
        yield "study", row.study_instance_uid
    if row.accession:
        yield "accession", comparable(row.accession)
    for name in (row.animal, row.patient_id):
        if name:
            yield "name", comparable(name)
    if row.unread:
        yield "unread", row.study_date


def _require_places(rows: Sequence[LogRow], *, every: bool) -> None:
    """Refuse several animals of which it is open where each, or some, lay."""
    placed = [row for row in rows if lay_with_others(row)]
    places = {(comparable(row.bed_position), row.roi_patterns) for row in placed}
    if len(places) < len(placed) or (every and len(placed) < len(rows)):
        raise AmbiguousLogError(rows, "name different animals, and not where each lay")


class AmbiguousLogError(ModelError):
    """Rows that match one study cannot all be right.

    Attributes
    ----------
    rows : tuple of int
        Their numbers.
    """

    reason: ClassVar[str] = "conflicting_sources"
    remedy: ClassVar[str] = (
        "Give each row the accession or study_instance_uid of its study; where several "
        "animals lay in one bed, give each its bed_position or roi."
    )

    def __init__(self, rows: Sequence[LogRow], what: str) -> None:
        self.rows = tuple(row.number for row in rows)
        *others, last = map(str, self.rows)
        numbers = f"{', '.join(others)} and {last}"
        super().__init__(f"rows {numbers} of the injection log {what}")
