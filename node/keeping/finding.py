"""What reconciliation finds: a fact, whom or what it is about, and what to do."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

_DETAILED = 1000
"""Findings of a kind that are told one by one; beyond, their number is."""


class FindingKind(StrEnum):
    """What does not agree."""

    OBJECT_MISSING = "object_missing"
    """A received object has no file."""
    OBJECT_DAMAGED = "object_damaged"
    """The file of a received object does not hold what was received."""
    OBJECT_UNKNOWN = "object_unknown"
    """A whole object lies in the store that no row knows: a write that was never
    acknowledged, so that its sender has it still."""
    OBJECT_BROKEN = "object_broken"
    """A file lies among the objects that no row knows, and is no whole object."""
    OBJECT_LEFT = "object_left"
    """The file of an object that retention deleted is still there."""
    NEVER_INDEXED = "never_indexed"
    """The node runs, and does not read the header of an object."""
    NEVER_DECIDED = "never_decided"
    """The node runs, and does not decide on a study."""
    INPUT_MISSING = "input_missing"
    """A job names an object that the ledger does not hold in that content."""
    JOB_ABANDONED = "job_abandoned"
    """A job is marked as running, and no node runs."""
    JOB_WITHOUT_RESULT = "job_without_result"
    """A job is done, and has no result."""
    RESULT_MISSING = "result_missing"
    """A result has no file."""
    RESULT_DAMAGED = "result_damaged"
    """The file of a result is not what was computed."""
    RESULT_UNKNOWN = "result_unknown"
    """A file lies among the results that belongs to none."""
    DESTINATION_GONE = "destination_gone"
    """Objects wait for a destination that is not configured any more."""
    STATE_WITHOUT_REASON = "state_without_reason"
    """A study waits, is held or failed, and does not say why."""
    WRONG_COUNT = "wrong_count"
    """A study states another number of objects than it has."""
    FILE_UNKNOWN = "file_unknown"
    """A file lies in the data folder that the node has nothing to do with."""


@dataclass(frozen=True)
class Finding:
    """Something that does not agree.

    Attributes
    ----------
    kind : FindingKind
    what : str
        UID, path, key of a job or name of a destination.
    detail : str
        The fact in words.
    remedy : str
        What to do; what was done, where it is repaired.
    repaired : bool
    """

    kind: FindingKind
    what: str
    detail: str
    remedy: str
    repaired: bool = False


@dataclass
class Report:
    """What was gone through, and what was found.

    Attributes
    ----------
    node_runs : bool
        Whether a node ran beside.
    accounts : Counter of str
        How many objects, results, deliveries, studies and files are in which class.
    findings : list of Finding
        The first thousand of each kind.
    kinds : Counter of FindingKind
        How many there are of each kind.
    repaired : int
    """

    node_runs: bool
    accounts: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)
    kinds: Counter[FindingKind] = field(default_factory=Counter)
    repaired: int = 0

    @property
    def left(self) -> int:
        """How many findings are not repaired."""
        return self.kinds.total() - self.repaired

    def add(self, finding: Finding) -> None:
        """Enter a finding."""
        self.kinds[finding.kind] += 1
        self.repaired += finding.repaired
        if self.kinds[finding.kind] <= _DETAILED:
            self.findings.append(finding)
