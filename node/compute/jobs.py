"""What a worker process does with one job.

Design choice: apart from `node.compute.computing`, so that a worker loads what computes
and nothing that serves.
"""

import json
from pathlib import Path

from dicom_io.errors import DicomContentError
from dicom_io.source_reference import SourceReference
from model.errors import ModelError
from node.case.commission import Commission
from node.case.options import CaseOptions
from node.case.pipeline import CaseResult, compute_case
from node.case.report import RESULT_FILE
from node.deciding.supplying import held_case
from node.fault_points import FaultPoint, Passing, pass_by
from node.instance_store import InstanceStore
from node.records.cases import Held
from node.records.jobs import Job


def run_job(
    commission: Commission,
    options: CaseOptions,
    job: Job,
    store_root: Path,
    predecessor: SourceReference | None,
    passing: Passing = pass_by,
) -> CaseResult | Held:
    """Compute a job in a worker process and write its files.

    Errors of content come back as values: they are facts about the study, and not every
    exception survives the way between processes.

    Parameters
    ----------
    commission : Commission
    options : CaseOptions
    job : Job
    store_root : Path
    predecessor : SourceReference or None
        The SR that the result revises.
    passing : callable
        What happens at the fault points.

    Returns
    -------
    CaseResult or Held
    """
    passing(FaultPoint.COMPUTE_BEGUN)
    store = InstanceStore(store_root)

    def write(name: str, content: bytes) -> Path:
        # The numbers are there before the first object is made.
        passing(FaultPoint.COMPUTE_DONE)
        written = store.write_result(job.key, name, content).path
        passing(FaultPoint.RESULTS_FILED)
        return written

    try:
        result = compute_case(
            commission.case, options, job, write, predecessor=predecessor
        )
    except (DicomContentError, ModelError) as error:
        return held_case(error, commission.case)
    document = {
        "results": [found.as_data() for found in result.results],
        "held": [vars(held) for held in result.held],
    }
    write(RESULT_FILE, json.dumps(document, indent=1).encode())
    passing(FaultPoint.RESULTS_WRITTEN)
    return result
