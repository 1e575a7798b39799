"""Ways on which a peer is told what is kept: to where it listens, or where it asked.

Design choice: to where it listens comes first, when that is configured. Stock Orthanc
ends its association when its question is taken, and so do most scanners; DCMTK has no
program that asks. An answer on the association of the question is for the others.
"""

from dataclasses import dataclass, replace
from typing import Protocol

from node.association.commitment import Outcome, Unanswered, report_commitment
from node.association.requestor import Destination
from node.delivery.asked import OpenAssociations
from node.records.commitments import CommitmentReport, DueAnswer


class Way(Protocol):
    """How some peers are answered."""

    @property
    def name(self) -> str:
        """Whom it is for, in logs."""

    @property
    def calling_ae(self) -> str | None:
        """Whose questions are answered; None for those of everybody."""

    @property
    def except_for(self) -> frozenset[str]:
        """Whose questions are not."""

    @property
    def remedy(self) -> str:
        """What a person can do when answers are not taken."""

    def send(self, answer: DueAnswer, report: CommitmentReport) -> Outcome:
        """Answer once."""


@dataclass(frozen=True)
class PlacedPeer:
    """A peer of which is known where it listens.

    Attributes
    ----------
    peer : Destination
        Its host is empty when it listens where it calls from.
    """

    peer: Destination

    @property
    def except_for(self) -> frozenset[str]:
        """Nobody: one title is asked for."""
        return frozenset()

    @property
    def name(self) -> str:
        """The peer's name in the configuration."""
        return self.peer.name

    @property
    def calling_ae(self) -> str:
        """Whose questions are answered."""
        return self.peer.ae_title

    @property
    def remedy(self) -> str:
        """What a person can do when it does not take answers."""
        return "Let it accept storage commitment answers (N-EVENT-REPORT) of the node."

    def send(self, answer: DueAnswer, report: CommitmentReport) -> Outcome:
        """Answer on a new association."""
        place = replace(self.peer, host=self.peer.host or answer.address)
        return report_commitment(place, report)


@dataclass(frozen=True)
class SameAssociation:
    """Peers of which is not known where they listen.

    Attributes
    ----------
    open_associations : OpenAssociations
    except_for : frozenset of str
        AE titles of the others.
    """

    open_associations: OpenAssociations
    except_for: frozenset[str]
    name: str = "peers without a port"
    calling_ae: str | None = None

    @property
    def remedy(self) -> str:
        """What a person can do when it does not take answers."""
        return "Enter under [[peers]] the port on which it listens for the answer."

    def send(self, answer: DueAnswer, report: CommitmentReport) -> Outcome:
        """Answer where was asked, if that association is open still."""
        way = self.open_associations.take(answer.calling_ae, answer.transaction_uid)
        if way is None:
            return Unanswered("the association on which it asked has ended")
        return way(report)
