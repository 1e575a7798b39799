"""What a worker process does with one job.

Design choice: apart from `node.compute.computing`, so that a worker loads what computes
and nothing that serves; and the node, which only names `run_job`, loads nothing that
computes.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from dicom_io.errors import DicomContentError
from dicom_io.source_reference import SourceReference
from model.errors import ModelError
from node.case.commission import Commission
from node.case.options import CaseOptions
from node.case.written import WrittenObject, WrittenResult
from node.compute.telling import Tell
from node.deciding.supplying import held_case
from node.fault_points import FaultPoint, Passing, pass_by
from node.instance_store import InstanceStore
from node.records.cases import Held
from node.records.jobs import Job
from node.records.kinds import ResultKind
from node.store_paths import RESULT_FILE


def get_ready(options: CaseOptions) -> None:
    """Load all that a job needs, and use it once; see `node.compute.warm_up`."""
    from node.compute.warm_up import warm_up  # noqa: PLC0415 - see the module

    warm_up(options)


def run_job(  # noqa: PLR0913 (a job, by its parts, and whom to tell)
    commission: Commission,
    options: CaseOptions,
    job: Job,
    store_root: Path,
    predecessors: Mapping[ResultKind, SourceReference],
    passing: Passing = pass_by,
    *,
    tell: Tell = lambda _: None,
) -> WrittenResult | Held:
    """Compute a job in a worker process and write its files.

    Errors of content come back as values: they are facts about the study, and not every
    exception survives the way between processes.

    Parameters
    ----------
    commission : Commission
    options : CaseOptions
    job : Job
    store_root : Path
    predecessors : mapping of ResultKind to SourceReference
        The reports that the result's revise.
    passing : callable
        What happens at the fault points.
    tell : callable
        Is told of the SR, in the words of `report_news`, when its file is durable.

    Returns
    -------
    WrittenResult or Held
    """
    # Only where it is called: in a worker, which has loaded it when it warmed up.
    from node.case.pipeline import compute_case  # noqa: PLC0415 - see the module

    passing(FaultPoint.COMPUTE_BEGUN)
    store = InstanceStore(store_root)

    def write(files: Sequence[tuple[str, bytes]]) -> tuple[Path, ...]:
        # The numbers are there before the first object is made.
        passing(FaultPoint.COMPUTE_DONE)
        written = store.write_results(job.key, files)
        passing(FaultPoint.RESULTS_FILED)
        return written

    def reported(report: WrittenObject) -> None:
        tell(report_news(report))
        passing(FaultPoint.REPORT_TOLD)

    try:
        result = compute_case(
            commission.case,
            options,
            job,
            write,
            predecessors=predecessors,
            reported=reported,
        )
    except (DicomContentError, ModelError) as error:
        return held_case(error, commission.case)
    document = {
        "results": [found.as_data() for found in result.results],
        "held": [vars(held) for held in result.held],
    }
    write([(RESULT_FILE, json.dumps(document, indent=1).encode())])
    passing(FaultPoint.RESULTS_WRITTEN)
    return WrittenResult(result.objects, result.held, result.faults, result.unheard)


def report_news(report: WrittenObject) -> bytes:
    """Return what a worker tells of a report; `reported_object` reads it."""
    return json.dumps({**vars(report), "path": str(report.path)}).encode()


def reported_object(news: bytes) -> WrittenObject:
    """Return the report that a worker told of."""
    said = json.loads(news)
    return WrittenObject(
        **{**said, "kind": ResultKind(said["kind"]), "path": Path(said["path"])}
    )
