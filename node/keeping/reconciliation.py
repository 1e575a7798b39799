"""The ledger against the disk: every object, result, delivery and file accounted for.

Design choice: rows are read first and files after them, since a file always comes
before its row. What seems to lack then is looked at once more in the row as it is now;
what seems to be too much is let pass while it is younger than the run. So a node that
receives beside is never accused of what it is just doing.

Design choice: what is repaired is what needs no opinion: something is moved, counted
anew, computed again from the same inputs, or put out of use so that it may come again.
Nothing that was received is ever deleted.
"""

from collections.abc import Callable
from datetime import datetime

from node.keeping.files import check_other_files
from node.keeping.finding import Finding, FindingKind, Report
from node.keeping.objects import check_objects
from node.keeping.recomputing import Recomputing
from node.keeping.records import check_deliveries, check_jobs, check_studies
from node.keeping.results import check_results
from node.keeping.rounds import AuditOptions, Rounds
from node.ledger import Ledger

__all__ = ["AuditOptions", "Finding", "FindingKind", "Report", "reconcile"]


def reconcile(
    ledger: Ledger,
    options: AuditOptions,
    now: Callable[[], datetime],
    *,
    node_runs: bool,
    progress: Callable[[str], None] = lambda _: None,
) -> Report:
    """Compare the ledger with the data folder, and repair what is wanted.

    Parameters
    ----------
    ledger : Ledger
    options : AuditOptions
    now : callable
        The clock.
    node_runs : bool
        Whether a node works with the folder.
    progress : callable
        Told, in words, what is gone through next.
    """
    rounds = Rounds(ledger, options, now(), Report(node_runs))
    progress("jobs")
    used = check_jobs(rounds)
    progress("received objects")
    check_objects(rounds, used)
    progress("results")
    check_results(rounds, Recomputing(ledger, options.case, options.root))
    progress("studies and deliveries")
    check_studies(rounds)
    check_deliveries(rounds)
    check_other_files(rounds)
    return rounds.report
