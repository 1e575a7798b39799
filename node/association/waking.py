"""Associations that wait for news instead of looking for it every millisecond.

pynetdicom's two loops of an association, the upper layer's and the user's, sleep a
millisecond and poll: about half of the time that a message takes, and work for the
processor while nothing happens. Here the first sleeps until the socket has bytes or the
local side wants to send, and the second until the first has something for it.

Design choice: no loop of pynetdicom's is written anew. Its upper layer sleeps for
`_run_loop_delay`, which is set to 0, and then asks `_is_transport_event`, which blocks
here; its association waits at `_reactor_checkpoint` in each turn, and that waits for
news here. `tests/node/association/test_waking.py` fails when a new pynetdicom does
either in another way.

Design choice: time is measured by a clock that nobody sets. pynetdicom's timers would
end every association when the time of day jumps forward.

Design choice: the loop that reads also has storage done (`lane`), in its own thread: an
object is not handed from thread to thread, and its peer waits for its answer anyway.
"""

import logging
import os
import queue
import select
import ssl
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Protocol, cast

from pynetdicom.association import Association
from pynetdicom.dul import _PDU_TYPES, DULServiceProvider
from pynetdicom.pdu import P_DATA_TF, _PDUType
from pynetdicom.timer import Timer

from node.association import pdu_reader
from node.association.pdu_reader import (
    ConnectionEndedError,
    PduReader,
    PduRefusedError,
)

_log = logging.getLogger(__name__)

_ESTABLISHED = "Sta6"
_CLOSING = "Sta13"
_LONGEST_WAIT_S = 60.0
_SHORTEST_WAIT_S = 0.005
_DRAINED_READS = 64
_PIPE_SIZE = 4096

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


class SteadyTimer(Timer):
    """pynetdicom's timer, by the monotonic clock."""

    @property
    def remaining(self) -> float:
        """Seconds until the timer expires; 1 when it never does."""
        if self.timeout is None:
            return 1
        if self._start_time is None:
            return self.timeout
        until = time.monotonic() if self._end_time is None else self._end_time
        return self.timeout - (until - self._start_time)

    @property
    def runs(self) -> bool:
        """Whether it was started, not stopped, and can expire."""
        started = self._start_time is not None and self._end_time is None
        return started and self.timeout is not None

    def start(self) -> None:
        """Start anew."""
        self._start_time = time.monotonic()
        self._end_time = None

    def stop(self) -> None:
        """Stop, so that it does not expire any more."""
        self._end_time = time.monotonic()


class TellingQueue(queue.Queue[Any]):
    """A queue that tells when something was put into it."""

    def __init__(self, tell: Callable[[], object]) -> None:
        super().__init__()
        self._tell = tell

    def _put(self, item: Any) -> None:
        super()._put(item)
        self._tell()


class Bell:
    """Wakes a thread that waits for a socket."""

    def __init__(self) -> None:
        self.descriptor, self._rope = os.pipe()
        os.set_blocking(self.descriptor, False)
        os.set_blocking(self._rope, False)
        self._lock = threading.Lock()
        self._open = True

    def ring(self) -> None:
        """Wake whoever waits, now or the next time."""
        with self._lock:
            if self._open:
                try:
                    os.write(self._rope, b"!")
                except BlockingIOError:
                    return  # it has not been heard yet, and rings already

    def silence(self) -> None:
        """Hear all that was rung."""
        try:
            while len(os.read(self.descriptor, _PIPE_SIZE)) == _PIPE_SIZE:
                pass
        except BlockingIOError:
            return

    def close(self) -> None:
        """Give the descriptors back."""
        with self._lock:
            if self._open:
                self._open = False
                os.close(self.descriptor)
                os.close(self._rope)


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
        return self._reader is not None and self._reader.has_bytes

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
            self._reader = PduReader(connection, self.data_limit)
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


class Checkpoint(threading.Event):
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
        super().__init__()
        self._association = association
        self._dul = dul
        self._news = news
        self.set()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until something is to be done, and may be."""
        while not self._is_news():
            self._news.wait(self._patience_s())
            self._news.clear()
        return super().wait(timeout)

    def set(self) -> None:
        """Let the loop go on; it also looks whether it shall end."""
        super().set()
        self._news.set()

    def _is_news(self) -> bool:
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
