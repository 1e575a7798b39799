"""What every part of reconciliation works with."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol, TypeVar

from node.case.options import CaseOptions
from node.keeping.finding import Finding, FindingKind, Report
from node.ledger import Ledger

PATIENCE = timedelta(minutes=10)
"""After which a node that runs should have done what is to be done at once."""

IN_FLIGHT = timedelta(minutes=1)
"""Age up to which a file without a row may still get one from a node that runs."""

_AT_ONCE = 1000


class _Numbered(Protocol):
    @property
    def identifier(self) -> int: ...


Row = TypeVar("Row", bound=_Numbered)


@dataclass(frozen=True)
class AuditOptions:
    """What is gone through, and how.

    Attributes
    ----------
    root : Path
        Data folder, absolute.
    destinations : frozenset of str
        Names of those that are configured.
    case : CaseOptions
        By which a result that is lost is computed again.
    attempts : int
        After which a job that was under way is set aside.
    others : frozenset of Path
        Files that the configuration names; they may lie in the data folder.
    repair : bool
    quick : bool
        Sizes are compared, and contents not read.
    """

    root: Path
    destinations: frozenset[str]
    case: CaseOptions
    attempts: int
    others: frozenset[Path] = frozenset()
    repair: bool = False
    quick: bool = False


@dataclass(frozen=True)
class Rounds:
    """One run.

    Attributes
    ----------
    ledger : Ledger
    options : AuditOptions
    began_at : datetime
    report : Report
    """

    ledger: Ledger
    options: AuditOptions
    began_at: datetime
    report: Report

    @property
    def root(self) -> Path:
        """The data folder."""
        return self.options.root

    def may_be_new(self, path: Path) -> bool:
        """Return whether a file may be one that is just being received."""
        try:
            changed_s = path.stat().st_mtime
        except FileNotFoundError:
            return True
        allowed = IN_FLIGHT if self.report.node_runs else timedelta(0)
        return changed_s >= (self.began_at - allowed).timestamp()

    def count(self, account: str, number: int = 1) -> None:
        """Add to a class."""
        self.report.accounts[account] += number

    def find(
        self,
        kind: FindingKind,
        what: str,
        detail: str,
        remedy: str,
        repair: Callable[[], str] | None = None,
    ) -> None:
        """Enter a finding, repaired when that is wanted and can be.

        Parameters
        ----------
        kind : FindingKind
        what, detail, remedy : str
        repair : callable or None
            Puts it right and returns what was done; raises CannotRepairError.
        """
        repaired = False
        if repair is not None and self.options.repair:
            try:
                remedy, repaired = repair(), True
            except CannotRepairError as why:
                remedy = f"{remedy} It could not be repaired: {why}"
        elif repair is not None:
            remedy = f"{remedy} `audit --repair` does it."
        self.report.add(Finding(kind, what, detail, remedy, repaired))


def in_pages(page: Callable[..., Sequence[Row]]) -> Iterator[Row]:
    """Give rows, a page at a time.

    Parameters
    ----------
    page : callable
        Takes how many at most, and `after`, the number of the last row before.
    """
    after = 0
    while rows := page(_AT_ONCE, after=after):
        yield from rows
        after = rows[-1].identifier


class CannotRepairError(Exception):
    """Something could not be put right; says why."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why
