"""Promises of `node.association.leaving`, over real associations on loopback."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from node.association.leaving import leaving
from node.association.listener import STORED, Listener
from tests.support.peers import (
    PATIENCE_S,
    association,
    listener_options,
    write_files,
)
from tests.support.pet import pet_datasets

pytestmark = pytest.mark.system

SOON_S = 0.2


@pytest.fixture
def left() -> threading.Semaphore:
    return threading.Semaphore(0)


@pytest.fixture
def slices(tmp_path: Path) -> list[Path]:
    return write_files(tmp_path / "sent", pet_datasets(slices=1))


@pytest.fixture
def listener(left: threading.Semaphore) -> Iterator[Listener]:
    listener = Listener(listener_options(), lambda _: STORED, [leaving(left.release)])
    listener.start()
    yield listener
    listener.stop()


def test_the_last_that_leaves_is_noticed_and_no_other(
    listener: Listener, left: threading.Semaphore, slices: list[Path]
) -> None:
    with association(listener.port, slices):
        with association(listener.port, slices):
            pass
        assert not left.acquire(timeout=SOON_S)
    assert left.acquire(timeout=PATIENCE_S)
    assert not left.acquire(timeout=SOON_S)


def test_one_that_breaks_off_has_left_too(
    listener: Listener, left: threading.Semaphore, slices: list[Path]
) -> None:
    with association(listener.port, slices) as broken:
        broken.abort()
    assert left.acquire(timeout=PATIENCE_S)
    assert not left.acquire(timeout=SOON_S)
