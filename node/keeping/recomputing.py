"""A lost result, computed again from the same inputs to the same bytes.

Design choice: nothing is written unless every object that is made has the hash that was
remembered, or, where none was, the bytes of every object that is still whole. Another
software or other settings make another result; that is a revision, and `replay`'s.
"""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from node.case.commission import CaseObjectsMissingError, commission_from_json
from node.case.options import CaseOptions
from node.compute.jobs import run_job
from node.compute.predecessors import predecessors_of
from node.delivery.withdrawing import is_note, note_again
from node.identity import input_digest, job_key
from node.instance_store import InstanceStore
from node.keeping.rounds import CannotRepairError
from node.ledger import Ledger
from node.records.audited import AuditedResult
from node.records.jobs import Job
from node.store_paths import RESULT_FILE


@dataclass(frozen=True)
class Recomputing:
    """Makes the files of results anew.

    Attributes
    ----------
    ledger : Ledger
    case : CaseOptions
        Of today's configuration and software.
    root : Path
        Data folder.
    """

    ledger: Ledger
    case: CaseOptions
    root: Path

    def __call__(self, key: str) -> str:
        """Make the files of a job anew, and return what was done in words.

        Raises
        ------
        CannotRepairError
        """
        job = self.ledger.job(key)
        if job is None:
            why = "its job is not in the ledger"
            raise CannotRepairError(why)
        wanted = self.ledger.results_of(key)
        with TemporaryDirectory() as scratch:
            made = self._compute(job, Path(scratch))
            made |= self._note(job, Path(scratch))
            _require_same(made, wanted)
            store = InstanceStore(self.root)
            for name, content in made.items():
                store.write_result(key, name, content)
        return "It is computed again, to the same bytes."

    def _compute(self, job: Job, scratch: Path) -> dict[str, bytes]:
        """Return the files of a job by name."""
        stored = self.ledger.neighbourhood(job.study_instance_uid)
        try:
            commission = commission_from_json(job.case_json, stored)
        except CaseObjectsMissingError as missing:
            raise CannotRepairError(str(missing)) from None
        inputs = input_digest(commission.case, self.case.outside())
        if job_key(inputs, self.case.equipment.software_version) != job.key:
            why = (
                "the software or its settings changed since; `exhaustion-node replay "
                f"{job.study_instance_uid}` makes a revision instead"
            )
            raise CannotRepairError(why)
        predecessors = predecessors_of(self.ledger, job)
        run_job(commission, self.case, job, scratch, predecessors)
        folder = scratch / "results" / job.key
        if not folder.is_dir():
            why = "nothing comes of its inputs any more"
            raise CannotRepairError(why)
        return {path.name: path.read_bytes() for path in folder.iterdir()}

    def _note(self, job: Job, scratch: Path) -> dict[str, bytes]:
        """Return the note of a withdrawn result by its name."""
        withdrawal = self.ledger.withdrawal(job.key)
        if withdrawal is None:
            return {}
        objects = [
            replace(item, path=scratch / "results" / job.key / item.path.name)
            for item in self.ledger.results(job.key)
        ]
        noted = [item for item in objects if not is_note(item.path.name)]
        content = note_again(job, noted, withdrawal, self.case)
        names = (item.path.name for item in objects if is_note(item.path.name))
        return {} if content is None else dict.fromkeys(names, content)


def _require_same(made: dict[str, bytes], wanted: list[AuditedResult]) -> None:
    """Refuse a result that is not the one that was delivered.

    Raises
    ------
    CannotRepairError
    """
    for row in wanted:
        content = made.get(row.path.name)
        if content is None:
            why = f"no computation makes {row.path.name} any more"
            raise CannotRepairError(why)
        if row.sha256 and hashlib.sha256(content).hexdigest() != row.sha256:
            why = f"{row.path.name} comes out otherwise now"
            raise CannotRepairError(why)
    if RESULT_FILE not in made:
        why = "its numbers do not come out any more"
        raise CannotRepairError(why)
