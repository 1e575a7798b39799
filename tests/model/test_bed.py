"""Who lies where in a bed of several animals."""

import numpy as np
import pytest

from model.bed import MachineAxes, Place, place_of
from model.grid import Grid, Mask

HEAD_FIRST_SUPINE = MachineAxes((1, 0, 0), (0, 1, 0), (0, 0, 1))
HEAD_FIRST_PRONE = MachineAxes((-1, 0, 0), (0, -1, 0), (0, 0, 1))
GRID = Grid((10, 8, 12), (0, 0, 0), (0, 0, 1), (0, 1, 0), (1, 0, 0), "1.2")
SIDE_BY_SIDE: list[Place] = [(1, 1, 1), (2, 1, 1)]


def block(*ways: slice) -> Mask:
    """Return the voxels of some slices, rows and columns."""
    inside = np.zeros(GRID.shape, np.bool_)
    inside[ways] = True
    return Mask(GRID, inside)


def test_the_left_half_is_the_first_place_of_two() -> None:
    """For a supine animal, head first, the machine's right is the patient's left."""
    left = block(slice(2, 4), slice(2, 4), slice(0, 6))
    right = block(slice(2, 4), slice(2, 4), slice(6, 12))

    assert place_of(left, SIDE_BY_SIDE, HEAD_FIRST_SUPINE) == (1, 1, 1)
    assert place_of(right, SIDE_BY_SIDE, HEAD_FIRST_SUPINE) == (2, 1, 1)


def test_a_prone_animal_turns_left_and_right_around() -> None:
    left = block(slice(2, 4), slice(2, 4), slice(0, 6))

    assert place_of(left, SIDE_BY_SIDE, HEAD_FIRST_PRONE) == (2, 1, 1)


def test_a_region_across_the_boundary_belongs_to_nobody() -> None:
    across = block(slice(2, 4), slice(2, 4), slice(4, 8))

    assert place_of(across, SIDE_BY_SIDE, HEAD_FIRST_SUPINE) is None


@pytest.mark.parametrize(
    ("rows", "columns", "expected"),
    [
        (slice(0, 4), slice(0, 12), (1, 1, 1)),
        (slice(5, 7), slice(1, 3), (1, 2, 1)),
        (slice(5, 7), slice(7, 9), (2, 2, 1)),
        (slice(5, 7), slice(5, 7), None),
    ],
)
def test_rows_of_a_holder_may_hold_different_numbers(
    rows: slice, columns: slice, expected: Place | None
) -> None:
    """One above and two below is PS3.3's own example (C.7.1.4.1.1.1)."""
    places = [(1, 1, 1), (1, 2, 1), (2, 2, 1)]

    found = place_of(block(slice(3, 5), rows, columns), places, HEAD_FIRST_SUPINE)

    assert found == expected


def test_places_along_the_bed_count_inwards() -> None:
    inner = block(slice(6, 9), slice(0, 2), slice(0, 2))

    assert place_of(inner, [(1, 1, 1), (1, 1, 2)], HEAD_FIRST_SUPINE) == (1, 1, 2)


def test_ordinals_need_not_be_consecutive() -> None:
    """An empty place in the holder takes no part of the field of view."""
    last = block(slice(0, 1), slice(0, 1), slice(11, 12))

    assert place_of(last, [(1, 1, 1), (3, 1, 1)], HEAD_FIRST_SUPINE) == (3, 1, 1)
