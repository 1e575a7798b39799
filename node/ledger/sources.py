"""What is said of animals beside their images: released values, and its editions.

Design choice: beside each PET series stands in short what was last said of its animals,
and what the injection log said alone. So a new reading of the log, also the first one
after a restart, finds by itself which studies it says something else of, however the
old log was lost.

Design choice: each change of what is said of an animal counts an edition. Without it a
weight that was corrected, and whose correction was taken back, would have the key of
its first result, and the wrong one would stand for good.
"""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update

from dicom_io.header import header_from_json
from node.ledger.database import Database
from node.ledger.happenings import record_event
from node.ledger.links import in_batches
from node.ledger.rows import AnyRow, study_number
from node.records.states import StudyState
from node.records.supply import SuppliedSeries, Supply
from node.releases import Release
from node.tables import INSTANCES, RELEASES, SERIES, STUDIES, SUPPLIES


class SourceRows(Database):
    """What is said of animals beside their images."""

    def add_release(self, study_uid: str, release: Release, words: str) -> None:
        """Enter what a person released, and have the study decided on again.

        Parameters
        ----------
        study_uid : str
        release : Release
        words : str
            For the audit: who changed what from what.

        Raises
        ------
        UnknownStudyError
        """
        with self._writing() as connection:
            number = study_number(connection, study_uid)
            connection.execute(
                insert(RELEASES).values(study_id=number, **vars(release))
            )
            record_event(connection, release.at, "release", study_uid, words)
            _touch(connection, [number])

    def releases(self, study_uid: str) -> tuple[Release, ...]:
        """Return what was released for a study, oldest first.

        Raises
        ------
        UnknownStudyError
        """
        with self._reading() as connection:
            return releases_of(connection, study_number(connection, study_uid))

    def note_supplies(
        self, study_uid: str, series_uid: str, supplies: Mapping[str, Supply]
    ) -> dict[str, int]:
        """Enter what is said of the animals of a PET series.

        Parameters
        ----------
        study_uid, series_uid : str
            Of an object that is indexed.
        supplies : mapping of str to Supply
            By `Case.animal_id`; who is not there is not in the bed any more.

        Returns
        -------
        dict of str to int
            The edition of what is said of each.
        """
        with self._reading() as connection:
            _, known = _known_supplies(connection, study_uid, series_uid)
            standing = {name: row for name, row in known.items() if row.current}
        if supplies == {name: _supply(row) for name, row in standing.items()}:
            return {name: int(row.edition) for name, row in standing.items()}
        with self._writing() as connection:
            series, known = _known_supplies(connection, study_uid, series_uid)
            for name in known.keys() - supplies.keys():
                gone = SUPPLIES.c.id == known[name].id
                connection.execute(update(SUPPLIES).where(gone).values(current=False))
            return {
                name: _edition(connection, (series, name), supply, known.get(name))
                for name, supply in supplies.items()
            }

    def supplied_series(self) -> list[SuppliedSeries]:
        """Return every PET series of which anything was decided by its animals."""
        first = (
            select(INSTANCES.c.series_id, func.min(INSTANCES.c.id).label("id"))
            .where(INSTANCES.c.series_id.in_(select(SUPPLIES.c.series_id)))
            .group_by(INSTANCES.c.series_id)
            .subquery()
        )
        query = (
            select(SUPPLIES, STUDIES.c.study_instance_uid, INSTANCES.c.header_json)
            .join(first, first.c.series_id == SUPPLIES.c.series_id)
            .join(INSTANCES, INSTANCES.c.id == first.c.id)
            .join(SERIES, SERIES.c.id == SUPPLIES.c.series_id)
            .join(STUDIES, STUDIES.c.id == SERIES.c.study_id)
            .order_by(SUPPLIES.c.id)
        )
        found: dict[int, SuppliedSeries] = {}
        with self._reading() as connection:
            for row in connection.execute(query):
                series = found.get(row.series_id)
                if series is None:
                    header = header_from_json(row.header_json)
                    series = SuppliedSeries(row.study_instance_uid, header, {})
                    found[row.series_id] = series
                if row.current:
                    series.supplies[row.animal_id] = _supply(row)
        return list(found.values())

    def held_studies(self) -> list[str]:
        """Return the studies that were held when they were decided on."""
        query = select(STUDIES.c.study_instance_uid).where(
            STUDIES.c.decision == StudyState.HELD
        )
        with self._reading() as connection:
            return list(connection.execute(query).scalars())

    def touch(self, study_uids: Collection[str]) -> None:
        """Have studies decided on again; when their last object came stays."""
        with self._writing() as connection:
            for some in in_batches(study_uids):
                query = select(STUDIES.c.id).where(
                    STUDIES.c.study_instance_uid.in_(some)
                )
                _touch(connection, list(connection.execute(query).scalars()))

    def note(self, kind: str, words: str, at: datetime) -> None:
        """Enter that something happened that is no study's own."""
        with self._writing() as connection:
            record_event(connection, at, kind, None, words)


def releases_of(connection: Connection, study_id: int) -> tuple[Release, ...]:
    """Return what was released for a study, oldest first."""
    mine = select(RELEASES).where(RELEASES.c.study_id == study_id)
    rows = connection.execute(mine.order_by(RELEASES.c.id))
    return tuple(_release(row) for row in rows)


def _release(row: AnyRow) -> Release:
    return Release(
        animal_id=row.animal_id,
        at=row.at,
        who=row.who,
        weight_g=row.weight_g,
        activity_bq=row.activity_bq,
        injected_at=row.injected_at,
    )


def _known_supplies(
    connection: Connection, study_uid: str, series_uid: str
) -> tuple[int, dict[str, AnyRow]]:
    """Return the number of a series, and its rows by animal, gone ones too."""
    series = connection.execute(
        select(SERIES.c.id).where(
            SERIES.c.study_id == study_number(connection, study_uid),
            SERIES.c.series_instance_uid == series_uid,
        )
    ).scalar_one()
    query = select(SUPPLIES).where(SUPPLIES.c.series_id == series)
    return int(series), {row.animal_id: row for row in connection.execute(query)}


def _supply(row: AnyRow) -> Supply:
    return Supply(row.digest, row.log_digest)


def _edition(
    connection: Connection,
    key: tuple[int, str],
    supply: Supply,
    known: AnyRow | None,
) -> int:
    """Enter what is said of an animal of a series, and return its edition."""
    said = {**supply._asdict(), "current": True}
    if known is None:
        series, animal = key
        new = {"series_id": series, "animal_id": animal, "edition": 1, **said}
        connection.execute(insert(SUPPLIES).values(new))
        return 1
    same = known.digest == supply.digest
    edition = int(known.edition) + (0 if same else 1)
    this = SUPPLIES.c.id == known.id
    connection.execute(update(SUPPLIES).where(this).values(edition=edition, **said))
    return edition


def _touch(connection: Connection, numbers: Collection[int]) -> None:
    connection.execute(
        update(STUDIES)
        .where(STUDIES.c.id.in_(numbers))
        .values(generation=STUDIES.c.generation + 1, touched=True)
    )
