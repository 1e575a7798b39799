"""Received objects: each row has its whole file, each file its row."""

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

from dicom_io.errors import DicomContentError
from dicom_io.header import InstanceHeader, read_header_file
from dicom_io.part10 import content_sha256
from node.keeping.finding import FindingKind
from node.keeping.lost_and_found import set_apart
from node.keeping.rounds import PATIENCE, CannotRepairError, Rounds, in_pages
from node.keeping.shelves import FOLDERS, Shelved, Shelves
from node.records.audited import AuditedInstance
from node.records.objects import ReceivedInstance
from node.records.states import InstanceState, StudyState

AUDIT = "AUDIT"
"""Stands for the sender of an object that was taken up by reconciliation."""

_CONTENT_KEPT = frozenset(
    {InstanceState.RECEIVED, InstanceState.INDEXED, InstanceState.CONFLICTING}
)
_RESEND = "Send the object again; it then takes its place."
_OVER = frozenset(
    {
        StudyState.SCORED,
        StudyState.DELIVERED,
        StudyState.COMMITTED,
        StudyState.WITHDRAWN,
    }
)


def check_objects(rounds: Rounds, used: "Marks") -> None:
    """Account for every received object, and compare the rows with the files.

    Parameters
    ----------
    rounds : Rounds
    used : Marks
        Row numbers of the objects that jobs name.
    """
    with Shelves() as shelves:
        last = 0
        for row in in_pages(rounds.ledger.audited_instances):
            last = row.identifier
            rounds.count(_account(row, used=row.identifier in used))
            _check_progress(rounds, row)
            if row.path.as_posix() == _place(row.sha256):
                shelves.put(row)
            elif row.state in _CONTENT_KEPT:
                _check_file(rounds, rounds.root / row.path, row.sha256, [_shelved(row)])
        strays: dict[str, Path] = {}
        for folder in range(FOLDERS):
            strays.update(_check_folder(rounds, folder, shelves.take(folder)))
    _check_strays(rounds, strays, last)


class Marks:
    """A set of row numbers, a bit each."""

    def __init__(self) -> None:
        self._bits = bytearray()

    def add(self, number: int) -> None:
        """Mark a row."""
        byte, bit = divmod(number, 8)
        if byte >= len(self._bits):
            self._bits.extend(bytes(byte + 1 - len(self._bits) + (byte >> 1)))
        self._bits[byte] |= 1 << bit

    def __contains__(self, number: int) -> bool:
        byte, bit = divmod(number, 8)
        return byte < len(self._bits) and bool(self._bits[byte] >> bit & 1)


def _account(row: AuditedInstance, *, used: bool) -> str:
    """Return the class that an object is in."""
    if row.state is not InstanceState.INDEXED or row.study_state is None:
        return f"objects {row.state}"
    if used:
        return "objects used by a job"
    if row.study_state in _OVER:
        return "objects beside a result, not used"
    return f"objects with a study that is {row.study_state}"


def _check_progress(rounds: Rounds, row: AuditedInstance) -> None:
    waits = row.state is InstanceState.RECEIVED and rounds.report.node_runs
    if waits and row.received_at < rounds.began_at - PATIENCE:
        rounds.find(
            FindingKind.NEVER_INDEXED,
            row.sop_instance_uid,
            f"received at {row.received_at:%Y-%m-%d %H:%M:%S}Z, not indexed since",
            "Look into the log of the node for errors of the task intake.",
        )


def _shelved(row: AuditedInstance) -> Shelved:
    return Shelved(row.identifier, row.size, row.state)


def _place(sha256: str) -> str:
    return f"objects/{sha256[:2]}/{sha256}.dcm"


def _check_folder(
    rounds: Rounds, folder: int, shelf: Mapping[str, list[Shelved]]
) -> dict[str, Path]:
    """Compare a folder with its rows, and return files without a row."""
    place = rounds.root / "objects" / f"{folder:02x}"
    there: dict[str, os.DirEntry[str]] = {}
    with suppress(FileNotFoundError), os.scandir(place) as entries:
        there = {entry.name: entry for entry in entries}
    for sha256, rows in shelf.items():
        entry = there.pop(f"{sha256}.dcm", None)
        kept = [row for row in rows if row.state in _CONTENT_KEPT]
        gone = all(row.state is InstanceState.RETIRED for row in rows)
        if kept and not _agrees(rounds, entry, kept):
            _check_file(rounds, place / f"{sha256}.dcm", sha256, kept)
        elif gone and entry is not None:
            _check_left(rounds, Path(entry.path), rows)
    rounds.count("files of objects", len(shelf))
    return {name: place / name for name in there}


def _agrees(
    rounds: Rounds, entry: "os.DirEntry[str] | None", rows: Sequence[Shelved]
) -> bool:
    """Return whether a look at the size says enough."""
    if entry is None or not rounds.options.quick:
        return False
    try:
        return entry.stat(follow_symlinks=False).st_size in {row.size for row in rows}
    except FileNotFoundError:
        return False


def _check_file(
    rounds: Rounds, path: Path, sha256: str, rows: Sequence[Shelved]
) -> None:
    """Find what is wrong with the file of rows that need it."""
    wrong = _wrong_with(path, sha256)
    if wrong is None:
        return
    for row in rows:
        now = rounds.ledger.audited_instance(row.identifier)
        if now.state not in _CONTENT_KEPT or _wrong_with(path, sha256) is None:
            continue
        kind, detail = wrong
        rounds.find(
            kind,
            now.sop_instance_uid,
            f"{path.relative_to(rounds.root)} {detail}",
            _RESEND,
            partial(_put_out_of_use, rounds, row.identifier, detail),
        )


def _wrong_with(path: Path, sha256: str) -> tuple[FindingKind, str] | None:
    """Return what is wrong with a file, or None."""
    try:
        if content_sha256(path) == sha256:
            return None
        detail = "does not hold what was received"
    except FileNotFoundError:
        return FindingKind.OBJECT_MISSING, "is not there"
    except DicomContentError:
        detail = "is no DICOM file any more"
    except OSError as failure:
        detail = f"cannot be read: {failure.strerror}"
    return FindingKind.OBJECT_DAMAGED, detail


def _put_out_of_use(rounds: Rounds, identifier: int, detail: str) -> str:
    if not rounds.ledger.set_damaged(identifier, f"its file {detail}", rounds.began_at):
        why = "it changed meanwhile; run audit again"
        raise CannotRepairError(why)
    return f"It is put out of use, and its study says what it lacks. {_RESEND}"


def _check_left(rounds: Rounds, path: Path, rows: Sequence[Shelved]) -> None:
    """Find the file of an object that was deleted."""
    if rounds.may_be_new(path):
        return
    rounds.find(
        FindingKind.OBJECT_LEFT,
        rounds.ledger.audited_instance(rows[0].identifier).sop_instance_uid,
        f"{path.relative_to(rounds.root)} was to be deleted by retention",
        "It can be removed.",
        partial(_remove_left, rounds, path, rows),
    )


def _remove_left(rounds: Rounds, path: Path, rows: Sequence[Shelved]) -> str:
    numbers = [row.identifier for row in rows]
    with rounds.ledger.unneeded(numbers) as files:
        if path not in files:
            why = "it is needed again"
            raise CannotRepairError(why)
        path.unlink(missing_ok=True)
    return "It is removed."


def _check_strays(rounds: Rounds, strays: dict[str, Path], last: int) -> None:
    """Find files that no row knows, not even one that came meanwhile."""
    old = {name: path for name, path in strays.items() if not rounds.may_be_new(path)}
    if not old:
        return
    for row in in_pages(
        lambda limit, *, after: rounds.ledger.audited_instances(
            limit, after=max(after, last)
        )
    ):
        old.pop(row.path.name, None)
    for path in old.values():
        _find_stray(rounds, path)


def _find_stray(rounds: Rounds, path: Path) -> None:
    what = path.relative_to(rounds.root).as_posix()
    header = _whole(path)
    if header is None:
        rounds.find(
            FindingKind.OBJECT_BROKEN,
            what,
            "no row knows it, and it is no whole object",
            "It can be moved to lost+found.",
            partial(set_apart, rounds.root, path),
        )
        return
    rounds.find(
        FindingKind.OBJECT_UNKNOWN,
        what,
        f"object {header.sop_instance_uid} was written and never acknowledged: its "
        "sender was not told that it is stored",
        "It can be taken up as received.",
        partial(_take_up, rounds, path, header),
    )


def _whole(path: Path) -> InstanceHeader | None:
    """Return the header of an object that is what its name says, or None."""
    try:
        if path.suffix != ".dcm" or content_sha256(path) != path.stem:
            return None
        return read_header_file(path)
    except (DicomContentError, OSError):
        return None


def _take_up(rounds: Rounds, path: Path, header: InstanceHeader) -> str:
    instance = ReceivedInstance(
        sop_class_uid=header.sop_class_uid,
        sop_instance_uid=header.sop_instance_uid,
        transfer_syntax_uid=header.transfer_syntax_uid,
        sha256=path.stem,
        path=path.relative_to(rounds.root),
        size=path.stat().st_size,
        calling_ae=AUDIT,
    )
    outcome = rounds.ledger.record_received(instance, rounds.began_at)
    return f"It is taken up ({outcome}); the running node goes on with it."
