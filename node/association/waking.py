"""Associations that wait for news instead of looking for it every millisecond.

pynetdicom's two loops of an association, the upper layer's and the user's, sleep a
millisecond and poll: about half of the time that a message takes, and work for the
processor while nothing happens. The first is `node.association.upper_layer`; the second
sleeps here until the first has something for it.

Design choice: requested associations too. A result is sent in a dozen steps between the
two loops and the peer, each of which would take a millisecond more.

Design choice: no loop of pynetdicom's is written anew. Its association waits at
`_reactor_checkpoint` in each turn, and that waits for news here.
`tests/node/association/test_waking.py` fails when a new pynetdicom does it in another
way.
"""

import threading
from typing import Any

from pynetdicom._globals import DEFAULT_MAX_LENGTH
from pynetdicom.association import Association
from pynetdicom.transport import AddressInformation, AssociationSocket

from node.association.bell import TellingQueue
from node.association.pause import Pause
from node.association.sockets import PromptEntity
from node.association.upper_layer import WakingDul

_LONGEST_WAIT_S = 60.0
_SHORTEST_WAIT_S = 0.005
_TOLD_EVERY_S = 0.02


class Checkpoint(Pause):
    """Where the association's loop waits: for leave to go on, and for news.

    Parameters
    ----------
    association : Association
    dul : WakingDul
    news : threading.Event
    """

    def __init__(
        self, association: Association, dul: WakingDul, news: threading.Event
    ) -> None:
        self._association = association
        self._dul = dul
        self._news = news
        super().__init__(association)

    def _await_cause(self) -> None:
        """Wait until something is to be done."""
        while not self._has_cause():
            self._news.wait(self._patience_s())
            self._news.clear()

    def clear(self) -> None:
        """Close the checkpoint, and wait until the loop rests there."""
        super().clear()
        if threading.current_thread() is not self._association:
            self._tell_rest()

    def _await_opening(self, timeout: float | None) -> bool:
        while not super()._await_opening(_TOLD_EVERY_S if timeout is None else timeout):
            if timeout is not None:
                return False
            self._tell_rest()
        return True

    def _tell_rest(self) -> None:
        """Say that the loop rests, for whoever waits for that.

        pynetdicom answers N-EVENT-REPORT in a thread of its own, which leaves the flag
        as if the loop ran; and that comes by here only when there is news.
        """
        self._association._is_paused = True  # noqa: SLF001 - what its calls look at

    def set(self) -> None:
        """Let the loop go on; it also looks whether it shall end."""
        super().set()
        self._news.set()

    def _has_cause(self) -> bool:
        association = self._association
        return (
            association._kill  # noqa: SLF001 - what pynetdicom's own loop looks at
            or self._dul.ended
            or not association.dimse.msg_queue.empty()
            or self._dul.peek_next_pdu() is not None
            or self._dul.idle_timer_expired()
        )

    def _patience_s(self) -> float:
        remaining = self._dul._idle_timer.remaining  # noqa: SLF001
        return min(max(remaining, _SHORTEST_WAIT_S), _LONGEST_WAIT_S)


def wake_on_news(association: Association) -> WakingDul:
    """Have an association that has not begun wait for news, and return its upper layer.

    Parameters
    ----------
    association : Association
        Not started. It may have its socket already.
    """
    news = threading.Event()
    before, dul = association.dul, WakingDul(association, news)
    dul.socket, dul.event_queue = before.socket, before.event_queue
    dul.artim_timer.timeout = before.artim_timer.timeout
    dul.idle_timeout_s = before._idle_timer.timeout  # noqa: SLF001
    association.dul = dul
    association.dimse.msg_queue = TellingQueue(news.set)
    association._reactor_checkpoint = Checkpoint(association, dul, news)  # noqa: SLF001
    return dul


class WakingEntity(PromptEntity):
    """An application entity whose requested associations wait for news."""

    def _create_socket(
        self, assoc: Association, address: AddressInformation, tls_args: Any
    ) -> AssociationSocket:
        # The last that pynetdicom does before the association begins.
        wake_on_news(assoc).data_limit = DEFAULT_MAX_LENGTH
        return super()._create_socket(assoc, address, tls_args)
