"""What the node has received, decided, computed and sent: the only SQL.

Each module holds the rows of one concept; `Ledger` is all of them over one database.

Design choice: every method is one transaction, and takes its instant as an argument. A
kill between two calls leaves what the first one committed; so a caller that repeats
what the rows say is still to do never loses and never doubles anything.

Design choice: the rows are the queue. What is to be indexed, decided, computed or sent
is found by its state and an index on it, so that finding it costs the same with a
million objects as with a thousand.
"""

from node.ledger.accounts import AccountRows
from node.ledger.claims import ClaimRows
from node.ledger.commitment_answers import CommitmentAnswerRows
from node.ledger.commitments import CommitmentRows
from node.ledger.confirmations import ConfirmationRows
from node.ledger.database import LedgerUnavailableError
from node.ledger.deliveries import DeliveryRows
from node.ledger.engine import LedgerAddressError
from node.ledger.histories import HistoryRows
from node.ledger.instances import InstanceRows
from node.ledger.jobs import JobRows
from node.ledger.lines import LineRows
from node.ledger.refusals import RefusalRows
from node.ledger.reports import ReportRows
from node.ledger.results import ResultRows
from node.ledger.retirement import RetirementRows
from node.ledger.retrievals import RetrievalRows
from node.ledger.reviews import ReviewRows
from node.ledger.silence import SilenceRows
from node.ledger.sources import SourceRows
from node.ledger.studies import StudyRows
from node.ledger.withdrawals import WithdrawalRows

__all__ = ["Ledger", "LedgerAddressError", "LedgerUnavailableError"]


class Ledger(
    InstanceRows,
    StudyRows,
    SilenceRows,
    SourceRows,
    JobRows,
    ClaimRows,
    HistoryRows,
    LineRows,
    ResultRows,
    DeliveryRows,
    ReviewRows,
    WithdrawalRows,
    RefusalRows,
    ReportRows,
    RetrievalRows,
    RetirementRows,
    CommitmentRows,
    CommitmentAnswerRows,
    ConfirmationRows,
    AccountRows,
):
    """The node's memory; safe to use from several threads and processes."""
