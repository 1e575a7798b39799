"""Results: each row has its whole file, each file its result."""

import hashlib
import json
import os
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

from dicom_io.errors import DicomContentError
from dicom_io.part10 import read_dataset
from node.delivery.withdrawing import is_note
from node.keeping.finding import FindingKind
from node.keeping.lost_and_found import set_apart
from node.keeping.rounds import Rounds, in_pages
from node.records.audited import AuditedResult
from node.store_paths import RESULT_FILE

_RECOMPUTE = "It can be computed again from the same inputs, to the same bytes."


def check_results(rounds: Rounds, recompute: Callable[[str], str]) -> None:
    """Account for every object of a result, and for the files beside.

    Parameters
    ----------
    rounds : Rounds
    recompute : callable
        Makes the files of a job anew and returns what was done; raises
        CannotRepairError.
    """
    looked_at = ""
    for row in in_pages(rounds.ledger.audited_results):
        rounds.count("results deleted after their time" if row.retired else "results")
        _check_result(rounds, row, recompute)
        # The objects of a job were entered together.
        if row.job_key != looked_at and not row.retired:
            looked_at = row.job_key
            _check_numbers(rounds, row.job_key, recompute)
    folder = rounds.root / "results"
    with suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            _check_folder(rounds, Path(entry.path))


def _check_result(
    rounds: Rounds, row: AuditedResult, recompute: Callable[[str], str]
) -> None:
    path = rounds.root / row.path
    if row.retired:
        if path.exists():
            rounds.find(
                FindingKind.OBJECT_LEFT,
                row.sop_instance_uid,
                f"{row.path} was to be deleted by retention",
                "It can be removed.",
                partial(_remove, path),
            )
        return
    wrong = _wrong_with(path, row, quick=rounds.options.quick)
    if wrong is not None:
        kind, detail = wrong
        rounds.find(
            kind,
            row.sop_instance_uid,
            f"{row.path} of job {row.job_key} {detail}",
            _RECOMPUTE,
            partial(recompute, row.job_key),
        )


def _remove(path: Path) -> str:
    path.unlink(missing_ok=True)
    return "It is removed."


def _wrong_with(
    path: Path, row: AuditedResult, *, quick: bool
) -> tuple[FindingKind, str] | None:
    """Return what is wrong with the file of a result, or None."""
    try:
        if _is_whole(path, row, quick=quick):
            return None
        detail = "is not what was computed"
    except FileNotFoundError:
        return FindingKind.RESULT_MISSING, "is not there"
    except (DicomContentError, AttributeError):
        detail = "is no DICOM file any more"
    except OSError as failure:
        detail = f"cannot be read: {failure.strerror}"
    return FindingKind.RESULT_DAMAGED, detail


def _is_whole(path: Path, row: AuditedResult, *, quick: bool) -> bool:
    if quick:
        return path.stat().st_size > 0
    if row.sha256:
        return hashlib.sha256(path.read_bytes()).hexdigest() == row.sha256
    # From a version that did not remember the hash.
    return bool(read_dataset(path).SOPInstanceUID == row.sop_instance_uid)


def _check_numbers(rounds: Rounds, key: str, recompute: Callable[[str], str]) -> None:
    """Look at the numbers of a job, which `study` shows."""
    path = rounds.root / "results" / key / RESULT_FILE
    inside = path.relative_to(rounds.root).as_posix()
    try:
        json.loads(path.read_text())["results"]
    except FileNotFoundError:
        kind, detail = FindingKind.RESULT_MISSING, "the numbers of a job are not there"
    except (ValueError, KeyError, TypeError, OSError):
        kind, detail = FindingKind.RESULT_DAMAGED, "the numbers of a job are damaged"
    else:
        return
    rounds.find(kind, inside, detail, _RECOMPUTE, partial(recompute, key))


def _check_folder(rounds: Rounds, folder: Path) -> None:
    """Find what lies among the results and belongs to none."""
    rounds.count("folders of results")
    job = rounds.ledger.job(folder.name)
    if job is None:
        _find_stray(rounds, folder, "no job has this key")
        return
    known = {row.path.name for row in rounds.ledger.results_of(job.key)}
    if not known:
        # Of an attempt whose result was not entered: written over by the next one.
        rounds.count("folders of results that were not entered")
        return
    for path in folder.iterdir():
        if path.name in known or path.name == RESULT_FILE:
            continue
        if is_note(path.name):
            # Its withdrawal was cut off before it was entered; nobody was told of it.
            rounds.count("notes of withdrawals that were not entered")
        else:
            _find_stray(rounds, path, "its job has no such object")


def _find_stray(rounds: Rounds, path: Path, detail: str) -> None:
    if rounds.may_be_new(path):
        return
    rounds.find(
        FindingKind.RESULT_UNKNOWN,
        path.relative_to(rounds.root).as_posix(),
        detail,
        "It can be moved to lost+found.",
        partial(set_apart, rounds.root, path),
    )
