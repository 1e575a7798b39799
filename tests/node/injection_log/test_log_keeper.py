"""Promises of `injection_log.keeper`: the last good reading is kept, and it is said."""

import os
from datetime import UTC
from pathlib import Path

import pytest

from node.injection_log.keeper import LogKeeper
from node.injection_log.log import UnreadableLogError

HEADER = "animal,study_date,weight_g\n"


class Kept:
    """A keeper of a file, and what it told."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.told: list[str] = []
        self.keeper = LogKeeper(path, UTC, self.told.append)

    def write(self, *rows: str) -> None:
        self.path.write_text(HEADER + "".join(f"{row}\n" for row in rows))

    @property
    def animals(self) -> list[str]:
        return [row.animal for row in self.keeper.current.rows]


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(tmp_path / "log.csv")


def test_a_site_without_a_log_has_an_empty_one() -> None:
    keeper = LogKeeper(None, UTC, pytest.fail)
    keeper.look()

    assert keeper.current.rows == ()


def test_a_change_is_taken_up_when_the_file_is_at_rest(kept: Kept) -> None:
    kept.write("M07,2026-03-02,25")
    kept.keeper.look()
    kept.write("M07,2026-03-02,25", "M08,2026-03-02,24")
    kept.keeper.look()
    assert kept.animals == ["M07"]

    kept.keeper.look()

    assert kept.animals == ["M07", "M08"]
    assert kept.keeper.readings == 2


def test_a_file_that_stays_is_read_once(kept: Kept) -> None:
    kept.write("M07,2026-03-02,25")
    for _ in range(4):
        kept.keeper.look()

    assert kept.keeper.readings == 1
    assert len(kept.told) == 1


def test_a_file_of_the_same_size_and_time_under_the_same_name_is_another(
    kept: Kept, tmp_path: Path
) -> None:
    kept.write("M07,2026-03-02,25")
    kept.keeper.look()
    other = tmp_path / "other.csv"
    other.write_text(kept.path.read_text().replace("25", "26"))
    times = kept.path.stat()
    os.utime(other, ns=(times.st_atime_ns, times.st_mtime_ns))
    other.replace(kept.path)

    kept.keeper.look()
    kept.keeper.look()

    assert kept.keeper.current.rows[0].said.weight_g == 26


def test_what_was_read_stays_while_the_file_is_gone_and_it_is_told_once(
    kept: Kept,
) -> None:
    kept.write("M07,2026-03-02,25")
    kept.keeper.look()
    kept.path.unlink()
    for _ in range(4):
        kept.keeper.look()

    assert kept.animals == ["M07"]
    assert kept.keeper.readings == 1
    assert len(kept.told) == 2
    assert "stays in use" in kept.told[-1]

    kept.write("M08,2026-03-02,25")
    kept.keeper.look()
    kept.keeper.look()
    assert kept.animals == ["M08"]
    assert "was read" in kept.told[-1]


def test_a_log_that_was_never_read_is_refused_and_read_as_soon_as_it_is_there(
    kept: Kept,
) -> None:
    for _ in range(2):
        with pytest.raises(UnreadableLogError):
            _ = kept.keeper.current
    assert "studies are held" in kept.told[0]
    assert str(kept.path) in kept.told[0]

    kept.write("M07,2026-03-02,25")
    kept.keeper.look()

    assert kept.animals == ["M07"]


def test_a_reading_tells_what_in_it_is_not_used(kept: Kept) -> None:
    kept.write("M07,2026-03-02,heavy")
    kept.keeper.look()

    assert "1 rows, 1 mistakes" in kept.told[0]
    assert "weight_g" in kept.told[0]
