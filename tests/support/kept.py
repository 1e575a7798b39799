"""What a node must have kept, looked for from outside: in its files and its ledger.

Design choice: the ledger is read as plain SQLite, not by the code that wrote it.
"""

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.peers import dataset_bytes
from tests.support.scanner import instance_uid

ENDS = ("delivered", "committed")
"""States of a study, and of a delivery, with which all is done."""


@dataclass
class Faults:
    """What was found to be missing, or there too often; empty when all is well.

    Attributes
    ----------
    lost, doubled, odd : list of str
        In words; odd is what is neither, such as a row that nothing refers to.
    """

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.lost or self.doubled or self.odd)


class Kept:
    """The data folder of a node that has stopped.

    Parameters
    ----------
    folder : Path
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.faults = Faults()

    def holds(self, acknowledged: Iterable[Path]) -> None:
        """Look for every object that was acknowledged: bytes, file and row."""
        rows: dict[str, list[Any]] = {}
        for row in self._rows("SELECT sop_instance_uid, sha256, path FROM instances"):
            rows.setdefault(row[0], []).append(row[1:])
        for path in acknowledged:
            uid = instance_uid(path)
            found = rows.get(uid, [])
            if not found:
                self.faults.lost.append(f"{uid} has no row")
            elif len(found) > 1:
                self.faults.doubled.append(f"{uid} has {len(found)} rows")
            else:
                self._holds_bytes(uid, dataset_bytes(path), *found[0])

    def has_one_result_each(self, studies: Sequence[str]) -> None:
        """Look for exactly one job, done, and all delivered, of every study."""
        query = (
            "SELECT s.study_instance_uid, s.state, j.state FROM studies s "
            "LEFT JOIN jobs j ON j.study_id = s.id"
        )
        jobs: dict[str, list[Any]] = {}
        for uid, *rest in self._rows(query):
            jobs.setdefault(uid, []).append(rest)
        for uid in studies:
            found = jobs.get(uid, [])
            if len(found) > 1:
                self.faults.doubled.append(f"{uid} has the jobs {found}")
            elif not found or found[0][1] != "done" or found[0][0] not in ENDS:
                self.faults.lost.append(f"the result of {uid}: {found}")

    def was_taken(self, archive: Path) -> None:
        """Look for each result object in what an archive was given.

        Parameters
        ----------
        archive : Path
            Of a `ForkedArchive`.
        """
        came: dict[str, list[bytes]] = {}
        for path in archive.iterdir():
            uid = path.name.partition("-")[0]
            came.setdefault(uid, []).append(dataset_bytes(path))
        rows = self._rows("SELECT sop_instance_uid, path FROM results")
        for uid, path in rows:
            contents = came.pop(uid, [])
            sent = dataset_bytes(self._folder / path)
            if not contents:
                self.faults.lost.append(f"the archive has no {uid}")
            if any(content != sent for content in contents):
                self.faults.doubled.append(f"the archive got {uid} with other bytes")
        self.faults.doubled += [f"the archive has {uid}, no row does" for uid in came]

    def is_tidy(self) -> None:
        """Look for remains: files that no row knows, rows that nothing belongs to."""
        remains = list((self._folder / "incoming").iterdir())
        self.faults.odd += [f"incoming holds {path.name}" for path in remains]
        known = {path for (path,) in self._rows("SELECT path FROM instances")}
        objects = (self._folder / "objects").rglob("*")
        lying = {
            str(path.relative_to(self._folder)) for path in objects if path.is_file()
        }
        self.faults.odd += [f"no row knows {path}" for path in sorted(lying - known)]
        keys = {key for (key,) in self._rows("SELECT key FROM jobs")}
        results = self._folder / "results"
        folders = results.iterdir() if results.exists() else ()
        self.faults.odd += [
            f"no job has {path.name}" for path in folders if path.name not in keys
        ]
        for words, query in _LOOSE.items():
            for row in self._rows(query):
                self.faults.odd.append(f"{words}: {row}")

    def _holds_bytes(self, uid: str, sent: bytes, sha256: str, path: str) -> None:
        file = self._folder / path
        if not file.exists():
            self.faults.lost.append(f"{uid} has no file")
        elif dataset_bytes(file) != sent:
            self.faults.lost.append(f"{uid} has other bytes")
        elif hashlib.sha256(sent).hexdigest() != sha256:
            self.faults.lost.append(f"{uid} has another hash in its row")

    def _rows(self, query: str) -> Iterator[Any]:
        with closing(sqlite3.connect(self._folder / "ledger.sqlite")) as ledger:
            yield from ledger.execute(query).fetchall()


_LOOSE = {
    "an object is not indexed": (
        "SELECT id, state FROM instances WHERE state <> 'indexed' OR series_id IS NULL"
    ),
    "a series or study does not count its objects": (
        "SELECT s.id FROM series s WHERE s.instances <> "
        "(SELECT COUNT(*) FROM instances i WHERE i.series_id = s.id) UNION ALL "
        "SELECT s.id FROM studies s WHERE s.instances <> (SELECT COUNT(*) FROM "
        "instances i JOIN series r ON r.id = i.series_id WHERE r.study_id = s.id)"
    ),
    "a job that is done has no results": (
        "SELECT j.id FROM jobs j LEFT JOIN results r ON r.job_id = j.id "
        "WHERE j.state = 'done' AND r.id IS NULL"
    ),
    "a result belongs to no job": (
        "SELECT r.id FROM results r LEFT JOIN jobs j ON j.id = r.job_id "
        "WHERE j.id IS NULL OR j.state <> 'done'"
    ),
    "a delivery is not done, or belongs to no result": (
        "SELECT d.id, d.state FROM deliveries d LEFT JOIN results r "
        "ON r.id = d.result_id WHERE r.id IS NULL OR "
        "d.state NOT IN ('delivered', 'committed')"
    ),
    "a study is still to be decided on": (
        "SELECT study_instance_uid FROM studies WHERE touched"
    ),
}


def study_states(folder: Path) -> dict[str, str]:
    """Return the state of each study that a node knows now; empty before its start."""
    file = folder / "ledger.sqlite"
    if not file.exists():
        return {}
    with closing(sqlite3.connect(file, timeout=10)) as ledger:
        try:
            return dict(ledger.execute("SELECT study_instance_uid, state FROM studies"))
        except sqlite3.OperationalError:
            return {}
