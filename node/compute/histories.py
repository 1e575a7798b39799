"""What a job is told of its animal's earlier time points.

Design choice: files are read before the ledger's transaction, and what was found is
entered in one step that counts once. A node that ends in between has told nobody
anything yet, and asks again; a job that was told keeps what it was told, whatever comes
later.

Design choice: an earlier result whose numbers are lost or damaged is left out. That it
is damaged is found, and said, by `audit`; no page of another study is the place for it.
"""

import logging
from dataclasses import replace
from pathlib import Path

from node.data_folder import result_document
from node.ledger import Ledger
from node.records.history import (
    TimePoint,
    history_to_json,
    in_order,
    time_points,
)
from node.records.jobs import Job

_log = logging.getLogger(__name__)


def with_history(ledger: Ledger, data_folder: Path, job: Job) -> Job:
    """Return a job with what it is told, settled now if it was not before.

    Parameters
    ----------
    ledger : Ledger
    data_folder : Path
        In which the numbers of results lie.
    job : Job
    """
    if job.history_json is not None:
        return job
    found: dict[tuple[str, str], TimePoint] = {}
    for earlier in ledger.results_of_animal(job):
        for point in _points_of(data_folder, earlier):
            found[point.study_instance_uid, point.roi] = point
    told = history_to_json(in_order(found.values()))
    return replace(job, history_json=ledger.settle_history(job.key, told))


def _points_of(data_folder: Path, job: Job) -> tuple[TimePoint, ...]:
    try:
        document = result_document(data_folder, job)
        return time_points(document["results"], job.animal_id)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        _log.warning(
            "the numbers of job %s are not shown beside later ones: %s", job.key, error
        )
        return ()
