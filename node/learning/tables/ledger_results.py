"""The results of the node's own ledger as a table of features.

Design choice: of each line (a PET series, its contours, an animal) the latest job with
a result counts, and of each study, animal and region the latest of those. A job that
was set aside counts as little as one that a later result replaced. Where a later
revision has no result yet, the one that stands is used, and doubted.

Design choice: a result that waits for its release does not count, and neither does the
one that it replaced: nobody vouches for the first, and the second is of inputs that are
not those of the study any more. The study is left out, and told with what is to be
done. A result that was withdrawn is left out as if it had never been.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from config.schema import Settings
from node.data_folder import open_ledger, result_document
from node.learning.tables.joined import Finding, FindingKind, SourceFile
from node.learning.tables.mistake import TableError
from node.learning.tables.read_table import ReadTable
from node.learning.tables.score_documents import results_as_table
from node.records.jobs import Job
from node.records.states import JobState

NAME = "ledger"
"""What stands in place of a file's name."""


def read_ledger(settings: Settings) -> ReadTable:
    """Return the results that stand.

    Parameters
    ----------
    settings : Settings
        Whose ledger it is.

    Raises
    ------
    TableError
        When no study has a result that was released.
    DataFolderError, LedgerAddressError
        When there is no ledger.
    """
    found: dict[tuple[str, str, str], Any] = {}
    findings: list[Finding] = []
    with open_ledger(settings) as ledger:
        details = [ledger.study(each.study_instance_uid) for each in ledger.studies()]
    jobs = {job.key: job for detail in details if detail for job in detail.jobs}
    oldest_first = sorted(jobs.values(), key=lambda job: (job.created_at, job.key))
    for job, overtaken in _standing(oldest_first):
        if job.is_withheld:
            findings.append(_unreleased(job))
            continue
        if overtaken:
            findings.append(_doubt(job, overtaken))
        for result in _results(settings, job):
            key = (result["study_instance_uid"], result["animal_id"], result["roi"])
            found[key] = result
    if not found:
        raise _nothing(len(findings))
    results = [found[key] for key in sorted(found)]
    digest = hashlib.sha256(json.dumps(results, sort_keys=True).encode()).hexdigest()
    source = SourceFile(NAME, "ledger", digest, len(results), 0)
    table = results_as_table(source, ((None, result) for result in results))
    return replace(table, findings=tuple(findings))


def _results(settings: Settings, job: Job) -> list[Any]:
    try:
        document = result_document(settings.node.data_folder, job)
        return list(document["results"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        fact = f"the result of study {job.study_instance_uid} cannot be read"
        remedy = "Have `exhaustion-node audit --repair` compute it again"
        raise TableError.of(NAME, fact, remedy) from error


def _standing(oldest_first: list[Job]) -> Iterator[tuple[Job, Job | None]]:
    """Give the job of each line whose result stands, and what is to replace it."""
    lines: dict[str, list[Job]] = {}
    for job in oldest_first:
        if job.state is not JobState.SUPERSEDED:
            lines.setdefault(job.line, []).append(job)
    standing: list[tuple[Job, Job | None]] = []
    for jobs in lines.values():
        done = [job for job in jobs if job.state is JobState.DONE]
        if done:
            latest = jobs[-1]
            standing.append((done[-1], None if latest is done[-1] else latest))
    yield from sorted(standing, key=lambda each: (each[0].created_at, each[0].key))


def _nothing(waiting: int) -> TableError:
    if waiting:
        fact = f"no study of the node has a result that was released; {waiting} wait"
        remedy = "`exhaustion-node studies` lists them; look at them and release them"
        return TableError.of(NAME, fact, remedy)
    fact = "no study of the node has a result"
    return TableError.of(NAME, fact, "Check node.data_folder in the configuration")


def _unreleased(job: Job) -> Finding:
    fact = (
        f"the result of study {job.study_instance_uid} is left out: it waits for its "
        f"release ({job.reason})"
    )
    return Finding(FindingKind.EXCLUDED, NAME, None, "", fact)


def _doubt(job: Job, later: Job) -> Finding:
    fact = (
        f"the result of study {job.study_instance_uid} is to be replaced: a later job "
        f"of it is {later.state}"
    )
    return Finding(FindingKind.DOUBTED, NAME, None, "", fact)
