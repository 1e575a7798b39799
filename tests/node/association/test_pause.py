"""No answer is taken by the thread beside a requested association."""

import threading
import time
from collections.abc import Iterator

import pytest

from node.association.pause import Pause


class Reactor(threading.Thread):
    """Passes its checkpoint again and again, and is slow to do something then."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.checkpoint = Pause(self)
        self.busy = False
        self.turns = 0
        self.ends = False

    def run(self) -> None:
        """Do what an association's thread does, slowly."""
        while not self.ends:
            self.checkpoint.wait()
            self.busy = True
            time.sleep(0.002)
            self.turns += 1
            self.busy = False


@pytest.fixture
def reactor() -> Iterator[Reactor]:
    thread = Reactor()
    thread.start()
    yield thread
    thread.ends = True
    thread.checkpoint.set()
    thread.join(5)
    assert not thread.is_alive()


def test_what_was_paused_does_nothing_until_it_may(reactor: Reactor) -> None:
    for _ in range(50):
        reactor.checkpoint.clear()
        turns = reactor.turns
        assert not reactor.busy
        time.sleep(0.001)
        assert (reactor.turns, reactor.busy) == (turns, False)
        reactor.checkpoint.set()


def test_it_goes_on_afterwards(reactor: Reactor) -> None:
    reactor.checkpoint.clear()
    turns = reactor.turns
    reactor.checkpoint.set()

    deadline = time.monotonic() + 5
    while reactor.turns == turns and time.monotonic() < deadline:
        time.sleep(0.001)

    assert reactor.turns > turns


def test_nobody_waits_for_a_thread_that_has_ended() -> None:
    thread = Reactor()
    thread.ends = True
    thread.start()
    thread.join(5)

    began = time.monotonic()
    thread.checkpoint.clear()

    assert time.monotonic() - began < 1


def test_the_thread_itself_may_close_it() -> None:
    closed = threading.Event()

    class Own(threading.Thread):
        def run(self) -> None:
            """Close the own checkpoint, as an association does that times out."""
            self.checkpoint = Pause(self)
            self.checkpoint.clear()
            closed.set()

    thread = Own(daemon=True)
    thread.start()

    assert closed.wait(5)
