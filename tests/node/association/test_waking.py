"""Promises of `node.association.waking`: no polling, no waiting, nothing left behind.

The last tests fail when a new pynetdicom does otherwise what is relied on.
"""

import inspect
import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pynetdicom import AE, build_context, dul
from pynetdicom.association import Association
from pynetdicom.dul import DULServiceProvider
from pynetdicom.timer import Timer
from pynetdicom.transport import RequestHandler

from node.association.bell import Bell, TellingQueue
from node.association.listener import STORED, Listener
from node.association.requestor import Destination, associate, close
from node.association.steady_timer import SteadyTimer
from node.association.upper_layer import WakingDul
from tests.support.peers import HOST, PATIENCE_S, listener_options

pytestmark = pytest.mark.system

VERIFICATION = "1.2.840.10008.1.1"


@pytest.fixture
def listener() -> Iterator[Listener]:
    listening = Listener(listener_options(idle_timeout_s=0.5), lambda _: STORED)
    listening.start()
    yield listening
    listening.stop()


def associated(listener: Listener) -> Association:
    scanner = AE("SCANNER")
    scanner.add_requested_context(VERIFICATION)
    link = scanner.associate(HOST, listener.port, ae_title="NODE")
    assert link.is_established
    return link


def accepted_by(listener: Listener) -> Association:
    assert listener._server is not None
    (association,) = listener._server.active_associations
    return association


def open_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def eventually(condition: Any) -> bool:
    deadline = time.monotonic() + PATIENCE_S
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.005)
    return bool(condition())


def test_an_idle_association_costs_no_processor_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    listening = Listener(listener_options(), lambda _: STORED)
    listening.start()
    node = Destination("node", "NODE", HOST, listening.port, "SCANNER")
    link = associate(node, [build_context(VERIFICATION)])
    accepted = accepted_by(listening)
    try:
        turns: list[float] = []
        look = WakingDul.idle_timer_expired

        def counted(layer: WakingDul) -> bool:
            turns.append(time.monotonic())
            return look(layer)

        monkeypatch.setattr(WakingDul, "idle_timer_expired", counted)
        time.sleep(0.3)
        # Of both ends; pynetdicom looks three hundred times.
        assert isinstance(link.dul, WakingDul)
        assert isinstance(accepted.dul, WakingDul)
        assert len(turns) < 10
        assert link.send_c_echo().Status == 0
    finally:
        close(link)
        listening.stop()


def test_what_a_thread_beside_says_of_the_loop_keeps_no_call_waiting(
    listener: Listener,
) -> None:
    node = Destination("node", "NODE", HOST, listener.port, "SCANNER")
    link = associate(node, [build_context(VERIFICATION)])
    assert link.send_c_echo().Status == 0
    # As pynetdicom leaves it when it has answered N-EVENT-REPORT.
    link._is_paused = False

    assert link.send_c_echo().Status == 0
    link._reactor_checkpoint.clear()
    link._is_paused = False
    assert eventually(lambda: link._is_paused)
    link._reactor_checkpoint.set()
    close(link)


def test_a_peer_that_is_silent_between_messages_is_let_go(listener: Listener) -> None:
    link = associated(listener)
    accepted = accepted_by(listener)

    assert eventually(lambda: not link.is_established)
    assert eventually(lambda: not accepted.is_alive() and not accepted.dul.is_alive())


def test_an_association_gives_every_descriptor_and_thread_back(
    listener: Listener,
) -> None:
    link = associated(listener)
    link.release()
    link.join(PATIENCE_S)
    descriptors, threads = open_descriptors(), threading.active_count()
    for ending in ("release", "abort", "vanish"):
        link = associated(listener)
        if ending == "vanish":
            assert link.dul.socket is not None
            assert link.dul.socket.socket is not None
            gone = link.dul.socket.socket
            gone.shutdown(socket.SHUT_RDWR)
            link.join(PATIENCE_S)
            gone.close()
        else:
            getattr(link, ending)()
            link.join(PATIENCE_S)

    assert eventually(lambda: threading.active_count() <= threads)
    assert eventually(lambda: open_descriptors() <= descriptors)


def test_a_connection_that_closes_without_a_word_keeps_no_thread() -> None:
    listening = Listener(listener_options(acse_timeout_s=30.0), lambda _: STORED)
    listening.start()
    before = threading.active_count()
    try:
        with socket.create_connection((HOST, listening.port)) as stranger:
            # Half an A-ASSOCIATE-RQ, so that there is an association for it.
            stranger.sendall(b"\x01\x00\x00\x00\x03\xe8" + bytes(10))
            assert eventually(lambda: threading.active_count() > before)

        # Long before the ACSE timeout.
        assert eventually(lambda: threading.active_count() <= before)
    finally:
        listening.stop()


def test_a_clock_that_jumps_ends_no_association(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = associated(listener)
    day_s = 86400.0
    real = time.time
    monkeypatch.setattr("pynetdicom.timer.time.time", lambda: real() + day_s)
    accepted = accepted_by(listener)

    assert not accepted.dul.idle_timer_expired()
    assert not accepted.dul.artim_timer.expired
    monkeypatch.undo()
    link.abort()


def is_over(timer: SteadyTimer) -> bool:
    return timer.expired


def is_running(timer: SteadyTimer) -> bool:
    return timer.runs


def test_a_timer_counts_from_its_start_to_its_stop() -> None:
    timer = SteadyTimer(0.02)
    assert not is_over(timer)
    timer.start()
    assert is_running(timer)
    time.sleep(0.03)
    assert is_over(timer)
    timer.restart()
    timer.stop()
    time.sleep(0.03)
    assert not is_over(timer)
    assert not is_running(timer)
    timer.timeout = None
    timer.start()
    assert not is_over(timer)
    assert not is_running(timer)


def test_a_bell_is_heard_once_however_often_it_was_rung() -> None:
    bell = Bell()
    for _ in range(100_000):
        bell.ring()
    bell.silence()
    with pytest.raises(BlockingIOError):
        os.read(bell.descriptor, 1)
    bell.close()
    bell.ring()  # nobody is there any more
    bell.close()


def test_a_queue_tells_what_comes() -> None:
    told: list[int] = []
    queue = TellingQueue(lambda: told.append(1))
    queue.put("first")
    queue.put("second", block=False)
    assert (len(told), queue.get(), queue.get()) == (2, "first", "second")


def test_pynetdicom_still_has_the_places_that_are_overridden() -> None:
    reactor = inspect.getsource(DULServiceProvider.run_reactor)
    for relied_on in (
        "time.sleep(self._run_loop_delay)",
        "if self._process_recv_primitive():",
        "elif self._is_transport_event():",
        "self._idle_timer.restart()",
        "if self.artim_timer.expired:",
        "if self._kill_thread:",
        "event = self.event_queue.get(block=False)",
    ):
        assert relied_on in reactor
    assert "self._read_pdu_data()" in inspect.getsource(
        DULServiceProvider._is_transport_event
    )
    turn = inspect.getsource(Association._run_reactor)
    assert turn.index("self._reactor_checkpoint.wait()") < turn.index("get_msg")
    assert "self.dul.idle_timer_expired()" in turn
    # An upper layer that ended without a word is a wait that timed out.
    assert "if primitive is None:" in inspect.getsource(Association.run_reactor)
    assert "time.time()" in inspect.getsource(Timer)
    assert list(inspect.signature(RequestHandler._create_association).parameters) == [
        "self"
    ]
    assert "assoc = self._create_association()" in inspect.getsource(
        RequestHandler.handle
    )


def test_pynetdicom_still_keeps_what_is_replaced_where_it_is_replaced() -> None:
    made = inspect.getsource(DULServiceProvider.__init__)
    for name in (
        "event_queue",
        "to_provider_queue",
        "to_user_queue",
        "_recv_pdu",
        "_idle_timer",
        "artim_timer",
        "_run_loop_delay",
        "_kill_thread",
    ):
        assert f"self.{name}" in made
    association = inspect.getsource(Association.__init__)
    for name in ("_reactor_checkpoint", "dul", "dimse", "_kill"):
        assert f"self.{name}" in association
    assert set(dul._PDU_TYPES) == {bytes([kind]) for kind in range(1, 8)}
