"""Promises of `node.association.gathering`: all that came, in bounded memory."""

import tracemalloc
from pathlib import Path

import pytest

from node.association import gathering
from node.association.gathering import GatheredContent


def gathered(folder: Path, pieces: list[bytes]) -> GatheredContent:
    content = GatheredContent(folder)
    for piece in pieces:
        content.add(memoryview(piece))
    return content


@pytest.mark.parametrize("in_memory", [1, 2000, 1 << 20])
@pytest.mark.parametrize("count", [0, 1, 7])
def test_what_came_is_given_as_it_came_wherever_it_lay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_memory: int, count: int
) -> None:
    monkeypatch.setattr(gathering, "IN_MEMORY", in_memory)
    pieces = [bytes([number]) * 1000 for number in range(count)]

    content = gathered(tmp_path, [*pieces, b""]).content()

    assert content[:] == b"".join(pieces)
    assert list(tmp_path.iterdir()) == []


def test_an_object_that_is_given_up_leaves_no_descriptor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "IN_MEMORY", 1)
    before = len(list(Path("/proc/self/fd").iterdir()))

    content = gathered(tmp_path, [b"begun"])
    assert len(list(Path("/proc/self/fd").iterdir())) == before + 1
    del content

    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_fragments_without_number_take_no_memory_without_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "IN_MEMORY", 1 << 18)
    content = GatheredContent(tmp_path)
    tracemalloc.start()
    try:
        for _ in range(20_000):
            content.add(memoryview(bytearray(1)))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert content.content()[:] == bytes(20_000)
    assert peak < 1 << 20
