"""The upper layer of an association (PS3.8 section 9), asleep while nothing happens.

pynetdicom's loop looks for bytes and for work each millisecond. Here it sleeps until
the socket has bytes or the local side wants to send.

Design choice: the loop is not written anew. pynetdicom's sleeps for `_run_loop_delay`,
which is set to 0, and then asks `_is_transport_event`, which blocks here.
`tests/node/association/test_waking.py` fails when a new pynetdicom does so in another
way.

Design choice: the loop that reads also has storage done (`lane`), in its own thread: an
object is not handed from thread to thread, and its peer waits for its answer anyway.
"""

import logging
import select
import ssl
import threading
import time
from collections import deque
from typing import Any, Protocol, cast

from pynetdicom.association import Association
from pynetdicom.dul import _PDU_TYPES, DULServiceProvider
from pynetdicom.pdu import P_DATA_TF, _PDUType

from node.association import pdu_reader
from node.association.bell import Bell, TellingQueue
from node.association.pdu_reader import (
    ConnectionEndedError,
    PduReader,
    PduRefusedError,
)
from node.association.sockets import heard_on
from node.association.steady_timer import SteadyTimer

_log = logging.getLogger(__name__)

_ESTABLISHED = "Sta6"
_CLOSING = "Sta13"
_LONGEST_WAIT_S = 60.0
_SHORTEST_WAIT_S = 0.005
_DRAINED_READS = 64

_CLOSED = "Evt17"
_INVALID = "Evt19"
"""Events of PS3.8 table 9-10."""


class Lane(Protocol):
    """Takes the messages of an established association before pynetdicom does."""

    @property
    def under_way(self) -> bool:
        """Whether a message has begun and not ended."""

    def take(self, body: bytes | bytearray) -> list[P_DATA_TF]:
        """Take the body of a P-DATA-TF, and return what is pynetdicom's.

        Raises
        ------
        node.association.pdu_reader.PduRefusedError
            The peer does not follow PS3.8 annex E; the association is aborted.
        """


class WakingDul(DULServiceProvider):
    """An upper layer that blocks until there is something to do.

    Attributes
    ----------
    lane : Lane or None
        Who takes data before pynetdicom does.
    message_timeout_s : float or None
        Silence in the middle of a message after which the peer is given up.
    data_limit : int
        Bytes of a P-DATA-TF that we announced; 0 for no limit.
    ended : bool
        Whether the loop will do nothing any more.
    """

    def __init__(self, association: Association, news: threading.Event) -> None:
        super().__init__(association)
        self.lane: Lane | None = None
        self.message_timeout_s: float | None = None
        self.data_limit = 0
        self.ended = False
        self._news = news
        self._bell = Bell()
        self._reader: PduReader | None = None
        self._found: deque[tuple[str, _PDUType | None]] = deque()
        self._heard_at = time.monotonic()
        self._run_loop_delay = 0
        self.to_provider_queue = TellingQueue(self._bell.ring)
        self.to_user_queue = TellingQueue(news.set)
        self.artim_timer = self._artim = SteadyTimer(self.artim_timer.timeout)
        self._idle_timer = SteadyTimer(self._idle_timer.timeout)

    def start(self) -> None:
        """Start the thread, and have it end with the process."""
        self.daemon = True
        super().start()

    def kill_dul(self) -> None:
        """End the loop, also when it waits."""
        super().kill_dul()
        self._bell.ring()

    def stop_dul(self) -> bool:
        """End the loop if the connection is closed; return whether it has ended."""
        if self.state_machine.current_state != "Sta1":
            return False
        self.kill_dul()
        if threading.current_thread() is not self:
            self.join()
        return True

    def run_reactor(self) -> None:
        """Run pynetdicom's loop; whatever ends it, the connection is closed then."""
        try:
            super().run_reactor()
        except Exception as defect:  # noqa: BLE001 - one association, not the node
            _log.warning("an association ended in %s", type(defect).__name__)
        finally:
            self._end()

    @property
    def idle_timeout_s(self) -> float | None:
        """Silence between two messages after which the peer is given up."""
        return self._idle_timer.timeout

    @idle_timeout_s.setter
    def idle_timeout_s(self, value: float | None) -> None:
        self._idle_timer.timeout = value

    def _end(self) -> None:
        self.ended = True
        # Nobody waits for anything from here any more: a peer that never asked for an
        # association would otherwise keep a thread for the whole ACSE timeout.
        if self.assoc.is_acceptor and self.assoc.requestor.primitive is None:
            # pynetdicom takes None for a wait that timed out.
            self.to_user_queue.put(cast("Any", None))
        self._close_socket()
        self._bell.close()
        self._news.set()

    def _close_socket(self) -> None:
        transport = self.socket
        connection = None if transport is None else transport.socket
        if connection is not None:
            connection.close()

    def _is_transport_event(self) -> bool:
        """Wait until there is an event; return whether the peer caused it."""
        if self.state_machine.current_state == _CLOSING and self.socket is not None:
            self._drain()
            self.socket.close()
            return True
        while not self._found:
            if self._has_other_work() or not self._wait():
                return False
            self._read_pdu_data()
            self._heard_at = time.monotonic()
        event, pdu = self._found.popleft()
        if pdu is not None:
            self._recv_pdu.put(pdu)
        self.event_queue.put(event)
        return True

    def _has_other_work(self) -> bool:
        return (
            self._kill_thread
            or not self.event_queue.empty()
            or not self.to_provider_queue.empty()
            or self.artim_timer.expired
        )

    def _drain(self) -> None:
        """Throw away what the peer sent before it heard that this is the end.

        The system would otherwise cut the connection, and our last words with it.
        """
        connection = self._connection()
        poll = select.poll()
        for _ in range(_DRAINED_READS if connection is not None else 0):
            poll.register(connection.fileno(), select.POLLIN)
            try:
                if not poll.poll(0) or not connection.recv(pdu_reader.BUFFER_SIZE):
                    return
            except OSError:
                return

    @property
    def _unread(self) -> bool:
        if self._reader is None:
            return bool(heard_on(self._connection()))
        return self._reader.has_bytes

    def _wait(self) -> bool:
        """Return whether the socket has something; False after anything else."""
        if self._unread:
            return True
        connection = self._connection()
        if isinstance(connection, ssl.SSLSocket) and connection.pending():
            return True
        poll = select.poll()
        poll.register(self._bell.descriptor, select.POLLIN)
        if connection is not None:
            poll.register(connection.fileno(), select.POLLIN)
        ready = [descriptor for descriptor, _ in poll.poll(self._patience_ms())]
        if self._bell.descriptor in ready:
            self._bell.silence()
            return False
        if not ready and self._is_given_up():
            self._found.append((_INVALID, None))
        return bool(ready)

    def _connection(self) -> Any:
        """Return the connected socket, None if there is none."""
        transport = self.socket
        if transport is None or not transport._is_connected:  # noqa: SLF001
            return None
        connection = transport.socket
        if connection is None or connection.fileno() < 0:
            return None
        return connection

    def _patience_ms(self) -> int:
        """Return how long nothing may happen before a timer has to be looked at."""
        waits = [_LONGEST_WAIT_S]
        if self._artim.runs:
            waits.append(self._artim.remaining)
        if self._in_message and self.message_timeout_s is not None:
            waits.append(self._heard_at + self.message_timeout_s - time.monotonic())
        return int(1000 * max(min(waits), _SHORTEST_WAIT_S)) + 1

    @property
    def _in_message(self) -> bool:
        return self.lane is not None and self.lane.under_way

    def _is_given_up(self) -> bool:
        if not self._in_message or self.message_timeout_s is None:
            return False
        return time.monotonic() - self._heard_at >= self.message_timeout_s

    def _read_pdu_data(self) -> None:
        """Read a PDU, and find the events that it makes; stored objects make none."""
        try:
            kind, body = self._pdu_reader().read()
        except ConnectionEndedError:
            self._found.append((_CLOSED, None))
        except PduRefusedError as refusal:
            _log.warning("an association is aborted: %s", refusal)
            self._found.append((_INVALID, None))
        except (OSError, ValueError) as failure:
            _log.warning("a connection was lost: %s", type(failure).__name__)
            self._found.append((_CLOSED, None))
        else:
            self._sort(kind, body)

    def _pdu_reader(self) -> PduReader:
        connection = self._connection()
        if connection is None:
            raise ConnectionEndedError
        if self._reader is None:
            heard = heard_on(connection)
            self._reader = PduReader(connection, self.data_limit, heard=heard)
        return self._reader

    def _sort(self, kind: int, body: bytes | bytearray) -> None:
        established = self.state_machine.current_state == _ESTABLISHED
        is_data = kind == pdu_reader.P_DATA_TF
        try:
            if self.lane is not None and established and is_data:
                for data in self.lane.take(body):
                    self._found.append(("Evt10", data))
                return
            kind_class, event = _PDU_TYPES[bytes([kind])]
            pdu = kind_class()
            pdu.decode(bytes([kind, 0]) + len(body).to_bytes(4, "big") + bytes(body))
            self._found.append((event, pdu))
        except PduRefusedError as refusal:
            _log.warning("an association is aborted: %s", refusal)
            self._found.append((_INVALID, None))
        except Exception as defect:  # noqa: BLE001 - whatever the bytes break
            _log.warning("a PDU cannot be decoded: %s", type(defect).__name__)
            self._found.append((_INVALID, None))
