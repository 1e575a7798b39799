"""Promises of `model.outline`: what is drawn around pixels encloses those pixels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from skimage.draw import polygon2mask

from model.outline import staircase_outlines


def filled(
    outlines: list[NDArray[np.float64]], shape: tuple[int, int]
) -> NDArray[np.bool_]:
    """Return the pixels inside an odd number of outlines, by another library."""
    inside = np.zeros(shape, np.bool_)
    for corners in outlines:
        inside ^= polygon2mask(shape, corners)
    return inside


def test_a_pixel_has_four_corners_half_way_to_its_neighbours() -> None:
    inside = np.zeros((3, 4), np.bool_)
    inside[1, 2] = True

    (corners,) = staircase_outlines(inside)

    assert corners.tolist() == [[0.5, 1.5], [0.5, 2.5], [1.5, 2.5], [1.5, 1.5]]


def test_a_hole_has_an_outline_of_its_own() -> None:
    inside = np.ones((5, 5), np.bool_)
    inside[2, 2] = False

    assert sorted(len(corners) for corners in staircase_outlines(inside)) == [4, 4]


def test_pixels_that_touch_at_a_corner_are_outlined_apart() -> None:
    inside = np.eye(2, dtype=np.bool_)

    assert [len(corners) for corners in staircase_outlines(inside)] == [4, 4]


def test_nothing_has_no_outline() -> None:
    assert staircase_outlines(np.zeros((3, 3), np.bool_)) == []


@pytest.mark.reference
@given(arrays(np.bool_, st.tuples(st.integers(1, 8), st.integers(1, 8))))
def test_outlines_enclose_exactly_the_pixels(inside: NDArray[np.bool_]) -> None:
    outlines = staircase_outlines(inside)

    assert np.array_equal(filled(outlines, inside.shape), inside)
