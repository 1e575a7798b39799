"""Accepted associations, as the node has them: awake, bounded, with a short way.

Design choice: pynetdicom makes the association, and it is changed before it starts. Its
`RequestHandler._create_association` is the one place where that can be done. Its thread
runs what `run` is then.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from pynetdicom.association import Association
from pynetdicom.presentation import PresentationContext
from pynetdicom.transport import RequestHandler

from node.association.incoming import LaneServices
from node.association.store_lane import StoreLane
from node.association.waking import wake_on_news

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Patience:
    """How long a peer may be silent, and how much it may say at once.

    Attributes
    ----------
    idle_s : float
        Between two messages.
    message_s : float
        In the middle of a message, between two PDUs.
    maximum_pdu : int
        Bytes that we said we accept per PDU; 0 for no limit.
    """

    idle_s: float
    message_s: float
    maximum_pdu: int


class SharedContexts(list[PresentationContext]):
    """What a listener accepts, the same for all of its associations.

    pynetdicom copies the contexts deeply for each association, which takes longer than
    a result takes to be sent. None of them is ever changed: an association for which
    less is accepted gets a shorter list.
    """

    def __deepcopy__(self, _memo: object) -> list[PresentationContext]:
        """Return a list of its own, of the same contexts."""
        return list(self)


Handler = Callable[[Any, Any, Any], RequestHandler]
"""What `socketserver` calls with connection, address and server."""


def accepting(
    patience: Patience, services: Callable[[Association], LaneServices]
) -> Handler:
    """Return what makes an association of each connection.

    Parameters
    ----------
    patience : Patience
    services : callable
        Returns who decides on the objects of an association.
    """

    def prepare(association: Association) -> None:
        dul = wake_on_news(association)
        dul.data_limit = patience.maximum_pdu
        dul.message_timeout_s = patience.message_s
        dul.idle_timeout_s = patience.idle_s
        dul.lane = StoreLane(association, services(association))
        association.run = partial(_run, association)  # type: ignore[method-assign] # see the module

    return partial(_Accepting, prepare)


def _run(association: Association) -> None:
    """Run an association to its end; whatever ends it, its connection is closed then.

    What pynetdicom raises of a request that it did not expect would end the thread, and
    leave the connection open for as long as the peer likes.
    """
    try:
        Association.run(association)
    except Exception as defect:  # noqa: BLE001 - one association, not the node
        _log.warning("an association ended in %s", type(defect).__name__)
        association.is_aborted = True
        association.is_established = False
        association.dul.kill_dul()


class _Accepting(RequestHandler):
    """Makes an association of a connection."""

    def __init__(
        self, prepare: Callable[[Association], None], *connection: Any
    ) -> None:
        self._prepare = prepare
        super().__init__(*connection)

    def _create_association(self) -> Association:
        association = super()._create_association()
        self._prepare(association)
        return association
