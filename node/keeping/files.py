"""Whatever else lies in the data folder."""

import fcntl
import os
from contextlib import suppress
from pathlib import Path

from node.keeping.finding import FindingKind
from node.keeping.lost_and_found import LOST_AND_FOUND
from node.keeping.rounds import Rounds

_OWN = frozenset(
    {
        "objects",
        "results",
        "incoming",
        "score_models",
        "node.lock",
        "ledger.sqlite",
        "ledger.sqlite-wal",
        "ledger.sqlite-shm",
        "ledger.sqlite-journal",
    }
)


def check_other_files(rounds: Rounds) -> None:
    """Account for what is neither an object nor a result."""
    with suppress(FileNotFoundError), os.scandir(rounds.root / "incoming") as entries:
        for entry in entries:
            _check_incoming(rounds, Path(entry.path))
    with os.scandir(rounds.root) as entries:
        for entry in entries:
            _check_entry(rounds, Path(entry.path))


def _check_incoming(rounds: Rounds, path: Path) -> None:
    """Account for a write that was cut off: nobody was told that it is stored."""
    if path.suffix != ".part":
        _find_unknown(rounds, path)
    elif _is_being_written(path):
        rounds.count("files that are being written")
    elif rounds.options.repair:
        path.unlink(missing_ok=True)
        rounds.count("interrupted writes, never acknowledged, removed")
    else:
        rounds.count("interrupted writes, never acknowledged")


def _is_being_written(path: Path) -> bool:
    """Return whether a writer holds the lock of a temporary file, or is done."""
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (FileNotFoundError, BlockingIOError):
        return True
    return False


def _check_entry(rounds: Rounds, path: Path) -> None:
    if path.name == LOST_AND_FOUND:
        found = sum(each.is_file() for each in path.rglob("*"))
        rounds.count("files in lost+found", found)
    elif path.name not in _OWN and not _is_configured(rounds, path):
        _find_unknown(rounds, path)


def _is_configured(rounds: Rounds, path: Path) -> bool:
    """Return whether the configuration names a file or something inside a folder."""
    return any(
        other == path or other.is_relative_to(path) for other in rounds.options.others
    )


def _find_unknown(rounds: Rounds, path: Path) -> None:
    if rounds.may_be_new(path):
        return
    rounds.find(
        FindingKind.FILE_UNKNOWN,
        path.relative_to(rounds.root).as_posix(),
        "the node has nothing to do with it",
        "Move it elsewhere if it is yours.",
    )
