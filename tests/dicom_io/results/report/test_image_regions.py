"""Promises of `dicom_io.results.report.image_regions`."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from dicom_io.results.report.image_regions import enclosing_polygons


def pixels(picture: str) -> NDArray[np.bool_]:
    return np.array([[mark == "#" for mark in line] for line in picture.split()])


def enclosed(
    polygons: list[NDArray[np.float64]], shape: tuple[int, int]
) -> NDArray[np.bool_]:
    """Return the union of the polygons' insides, by the even-odd rule."""
    union = np.zeros(shape, bool)
    rows, columns = np.mgrid[: shape[0], : shape[1]] + 0.5
    for polygon in polygons:
        inside = np.zeros(shape, bool)
        for (x1, y1), (x2, y2) in itertools.pairwise(polygon):
            crosses = (rows > min(y1, y2)) & (rows < max(y1, y2))
            inside ^= crosses & (columns < x1) & (x1 == x2)
        union |= inside
    return union


def test_a_pixel_is_outlined_along_its_edges() -> None:
    polygons = enclosing_polygons(pixels("... .#. ..."))

    assert [polygon.tolist() for polygon in polygons] == [
        [[1, 1], [2, 1], [2, 2], [1, 2], [1, 1]]
    ]


@pytest.mark.parametrize(
    ("picture", "parts"),
    [
        ("### #.# ###", 1),
        ("##### #.#.# #####", 1),
        ("###### #.##.# #.##.# ######", 1),
        ("####### #.....# #.###.# #.#.#.# #.###.# #.....# #######", 2),
        ("#.# ... #.#", 4),
        ("##.. ##.. ..## ..##", 2),
        ("#### ##.# #.## ####", 1),
        ("#### #.## ##.# ####", 1),
        ("..... .....", 0),
    ],
)
def test_polygons_enclose_the_region_and_nothing_else(picture: str, parts: int) -> None:
    inside = pixels(picture)
    polygons = enclosing_polygons(inside)

    assert len(polygons) == parts
    height, width = inside.shape
    np.testing.assert_array_equal(enclosed(polygons, (height, width)), inside)


@given(
    st.lists(st.lists(st.booleans(), min_size=7, max_size=7), min_size=6, max_size=6)
)
def test_any_region_is_enclosed_exactly_by_closed_axis_parallel_polygons(
    marks: list[list[bool]],
) -> None:
    inside = np.array(marks)
    polygons = enclosing_polygons(inside)

    np.testing.assert_array_equal(enclosed(polygons, (6, 7)), inside)
    for polygon in polygons:
        assert (polygon[0] == polygon[-1]).all()
        steps = np.diff(polygon, axis=0)
        assert (np.count_nonzero(steps, axis=1) == 1).all()
