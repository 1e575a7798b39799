"""What holds for all tests.

Design choice: properties are tested on the same examples every time, so that a failure
is the fault of the change at hand, and without a deadline, which a busy machine misses.
A property that found a fault keeps it as an `@example`.

Design choice: a server that is told to stop is heard after a hundredth of a second. The
standard library looks twice a second, which each test of a peer would pay at its end.

Design choice: what takes longest begins first. Begun last, it would keep one worker
busy for minutes while the others have nothing left to take over.
"""

import socketserver

import pytest
from hypothesis import settings

settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")

# The default of serve_forever(poll_interval), which pynetdicom leaves as it is.
socketserver.BaseServer.serve_forever.__defaults__ = (0.01,)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put what is marked as long before the rest, whose order stays."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)
