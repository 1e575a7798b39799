"""The published coverage of the C-index's interval is what is measured."""

import pytest

from tests.reference.c_index_coverage import (
    BEGIN,
    END,
    PAGE,
    SIZES,
    TRUTHS,
    repeated_scans,
    single_scans,
)


def published() -> dict[tuple[str, int], list[str]]:
    """Return the cells of the page's table, by design and number of scans."""
    text = PAGE.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]
    rows = [line.strip("| ").split(" | ") for line in text.strip().splitlines()[2:]]
    return {(row[0], int(row[1])): row[2:] for row in rows}


@pytest.mark.parametrize("size", SIZES)
def test_what_is_published_of_single_scans_is_what_is_measured(size: int) -> None:
    found = [single_scans(size, truth) for truth in TRUTHS]

    cells = published()[found[0].design, size]
    assert cells == [f"{100 * each.covered:.1f} % ({each.width:.2f})" for each in found]


def test_an_interval_of_100_covers_in_93_to_97_of_100() -> None:
    for truth in TRUTHS:
        assert 0.93 <= single_scans(100, truth, draws=1000).covered <= 0.97


@pytest.mark.parametrize("changing", [False, True])
def test_repeated_scans_cover_no_less(changing: bool) -> None:  # noqa: FBT001 (a case)
    found = repeated_scans(45, 0.8, changing=changing, draws=200)

    assert found.covered >= 0.92
    assert len(published()) == len(SIZES) + 2 * len(SIZES[:3])
