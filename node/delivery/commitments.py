"""Storage commitment put together: who asks, who answers, and what the listener serves.

::

    Confirming (one per destination)  --N-ACTION------>  archive
    archive  --N-EVENT-REPORT-->  Reports  -->  Confirming
    peer     --N-ACTION-------->  Questions --rows-->  Answering (one per placed peer,
                                                       one for all others)
    Answering  --N-EVENT-REPORT-->  peer
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from node.association.commitment import commitment_service
from node.association.requestor import Destination
from node.delivery.answer_ways import PlacedPeer, SameAssociation, Way
from node.delivery.answering import Answering, AnsweringOptions
from node.delivery.asked import OpenAssociations, Questions
from node.delivery.confirming import Confirming, ConfirmingOptions
from node.delivery.dicomweb import WebDestination
from node.delivery.reports import Reports
from node.fault_points import Passing, pass_by
from node.ledger import Ledger


@dataclass(frozen=True)
class Asking:
    """A destination that is asked what it keeps.

    Attributes
    ----------
    destination : Destination or WebDestination
    options : ConfirmingOptions
    """

    destination: Destination | WebDestination
    options: ConfirmingOptions


@dataclass(frozen=True)
class CommitmentOptions:
    """Whom the node asks, and whom it answers.

    Attributes
    ----------
    asking : tuple of Asking
    peers : tuple of Destination
        Where peers listen; with an empty host, where they call from. One a title.
    answering : AnsweringOptions
    """

    asking: tuple[Asking, ...]
    peers: tuple[Destination, ...]
    answering: AnsweringOptions


class Commitments:
    """Both directions over one ledger.

    Parameters
    ----------
    ledger : Ledger
    options : CommitmentOptions
    now : callable
        The clock.
    new_uid : callable
        A UID from names that tell one question from all others.
    passing : callable
        What happens at the fault points.

    Attributes
    ----------
    service : Service
        For the listener.
    asking : tuple of Confirming
    answering : tuple of Answering
        Each of both has a `name` and a `sweep`, for a task of its own.
    """

    def __init__(
        self,
        ledger: Ledger,
        options: CommitmentOptions,
        now: Callable[[], datetime],
        new_uid: Callable[..., str],
        passing: Passing = pass_by,
    ) -> None:
        self.asking = tuple(
            Confirming(ledger, each.destination, each.options, now, new_uid, passing)
            for each in options.asking
        )
        placed = frozenset(peer.ae_title for peer in options.peers)
        where_asked = OpenAssociations()
        ways: list[Way] = [PlacedPeer(peer) for peer in options.peers]
        ways.append(SameAssociation(where_asked, placed))
        self.answering = tuple(
            Answering(ledger, way, options.answering, now) for way in ways
        )
        self.service = commitment_service(
            Questions(ledger, where_asked, placed, now), Reports(ledger, self.asking)
        )
