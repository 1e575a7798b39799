"""What lies in the data folder: the ledger, and the numbers of each result."""

import json
from pathlib import Path
from typing import Any

from config.schema import Settings
from node.case_report import RESULT_FILE
from node.ledger import Ledger
from node.records import JobState
from node.study_views import StudyDetail


def open_ledger(settings: Settings) -> Ledger:
    """Return the ledger of a configuration; made and migrated when needed."""
    folder = settings.node.data_folder
    folder.mkdir(parents=True, exist_ok=True)
    embedded = f"sqlite:///{folder.absolute() / 'ledger.sqlite'}"
    return Ledger.open(settings.ledger.url or embedded, folder)


def result_documents(data_folder: Path, study: StudyDetail) -> list[dict[str, Any]]:
    """Return the numbers of a study's jobs that are done, as the workers wrote them.

    Returns
    -------
    list of dict
        Each with `results` and `held`, as `score --json` has them.
    """
    return [
        json.loads((data_folder / "results" / job.key / RESULT_FILE).read_text())
        for job in study.jobs
        if job.state is JobState.DONE
    ]
