"""What lies in the data folder: the ledger, and the numbers of each result."""

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from config.refusal import RefusalError
from config.schema import Settings
from node.ledger import Ledger
from node.records.jobs import Job
from node.records.states import JobState
from node.records.study_views import StudyDetail
from node.store_paths import RESULT_FILE


def open_ledger(settings: Settings, *, make: bool = False) -> Ledger:
    """Return the ledger of a configuration, migrated when needed.

    Parameters
    ----------
    settings : Settings
    make : bool
        Whether one that is not there is made; else it is refused, since a list of no
        studies would only say that the path is wrong.

    Raises
    ------
    DataFolderError
    """
    folder = settings.node.data_folder.absolute()
    file = folder / "ledger.sqlite"
    if make:
        _make(folder)
    elif not settings.ledger.url and not file.is_file():
        raise DataFolderError(folder, "has no ledger: no node has run with it yet")
    return Ledger.open(settings.ledger.url or f"sqlite:///{file}", folder)


@contextmanager
def sole_use(folder: Path) -> Iterator[None]:
    """Keep a data folder for this process while the context lasts.

    Two nodes on one folder would compute and send everything twice.

    Raises
    ------
    DataFolderError
        When another process keeps it.
    """
    _make(folder)
    with (folder / "node.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DataFolderError(folder, "is in use by another node") from None
        yield


def is_in_use(folder: Path) -> bool:
    """Return whether a node keeps a data folder now."""
    try:
        with (folder / "node.lock").open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        why = f"cannot be made: {error.strerror}"
        raise DataFolderError(folder, why) from None


def result_documents(data_folder: Path, study: StudyDetail) -> list[dict[str, Any]]:
    """Return the numbers of a study's jobs that are done, as the workers wrote them.

    Returns
    -------
    list of dict
        Each with `results` and `held`, as `score --json` has them. Without those of a
        job whose file is lost, which `lost_documents` names.
    """
    found = (_document(data_folder, job) for job in _done(study))
    return [document for document in found if document is not None]


def lost_documents(data_folder: Path, study: StudyDetail) -> list[str]:
    """Return the keys of a study's jobs whose numbers are not there, or damaged."""
    return [job.key for job in _done(study) if _document(data_folder, job) is None]


def result_document(data_folder: Path, job: Job) -> dict[str, Any]:
    """Return the numbers of a job that is done, with `results` and `held`.

    Raises
    ------
    OSError, ValueError
        When the file is lost, or damaged.
    """
    file = data_folder / "results" / job.key / RESULT_FILE
    document = json.loads(file.read_text())
    if not isinstance(document, dict):
        raise NoDocumentError(file)
    return document


def _done(study: StudyDetail) -> list[Job]:
    return [job for job in study.jobs if job.state is JobState.DONE]


def _document(data_folder: Path, job: Job) -> dict[str, Any] | None:
    try:
        document = result_document(data_folder, job)
    except (OSError, ValueError):
        return None
    return document if {"results", "held"} <= document.keys() else None


class DataFolderError(RefusalError):
    """The data folder cannot be used."""

    def __init__(self, folder: Path, why: str) -> None:
        super().__init__(
            f"the data folder {folder} {why}. Check node.data_folder in the "
            "configuration, and --config."
        )
        self.folder = folder


class NoDocumentError(ValueError):
    """The numbers of a result are no JSON object."""

    def __init__(self, file: Path) -> None:
        super().__init__(f"{file} holds no JSON object")
        self.file = file
