"""Promises of `node.security.rate`: a fast peer waits, and nobody else does."""

import threading
import time

import pytest

from node.security.access import AccessRules, Peer
from node.security.rate import Bucket, Pace


class Seconds:
    """A clock that is moved."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def test_a_second_s_worth_comes_at_once_and_the_rest_at_the_rate() -> None:
    bucket = Bucket(4, Seconds())

    waits = [bucket.take() for _ in range(8)]

    assert waits == [0.0, 0.0, 0.0, 0.0, 0.25, 0.5, 0.75, 1.0]


def test_an_average_is_kept_over_a_long_time() -> None:
    clock = Seconds()
    bucket = Bucket(10, clock)
    for _ in range(1000):
        clock.now_s += bucket.take()

    assert clock.now_s - 100.0 == pytest.approx(1000 / 10, abs=1.1)


def test_a_rest_gives_no_more_than_a_second_s_worth() -> None:
    clock = Seconds()
    bucket = Bucket(2, clock)
    clock.now_s += 3600.0

    assert [bucket.take() for _ in range(3)] == [0.0, 0.0, 0.5]


def test_only_the_peer_with_a_limit_waits() -> None:
    fast = Peer("fast", "FAST", objects_per_second=10)
    free = Peer("free", "FREE")
    pace = Pace(AccessRules("NODE", peers=(fast, free)), Seconds())

    waits = {
        title: [pace.hold_back(title, "10.0.0.1") for _ in range(11)]
        for title in ("FREE", "STRANGER", "FAST")
    }

    assert waits["FREE"] == waits["STRANGER"] == [0.0] * 11
    assert waits["FAST"] == [*[0.0] * 10, 0.1]


def test_nobody_is_held_back_when_the_node_stops() -> None:
    slow = Peer("slow", "SLOW", objects_per_second=1)
    pace = Pace(AccessRules("NODE", peers=(slow,)))
    for _ in range(1):
        pace.hold_back("SLOW", "10.0.0.1")
    waiting = threading.Thread(target=pace.hold_back, args=("SLOW", "10.0.0.1"))
    begun = time.monotonic()
    waiting.start()
    pace.stop()
    waiting.join()

    assert time.monotonic() - begun < 0.9
