"""Promises of `model.features.hull`: hulls and diameters of any points at all."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from model.features.hull import greatest_distance, hull_of

CORNERS = np.array(np.meshgrid([0.0, 1.0], [0.0, 2.0], [0.0, 3.0])).reshape(3, -1).T


def turned(points: NDArray[np.float64], seed: int) -> NDArray[np.float64]:
    """The same points after a rotation and a shift."""
    random = np.random.default_rng(seed)
    rotation, _ = np.linalg.qr(random.normal(size=(3, 3)))
    return np.asarray(points @ rotation + random.normal(0, 50, 3), np.float64)


def by_comparing_all(points: NDArray[np.float64]) -> float:
    return max(float(np.linalg.norm(a - b)) for a in points for b in points)


@pytest.mark.parametrize("seed", range(3))
def test_a_box_has_the_volume_and_surface_of_a_box_wherever_it_lies(seed: int) -> None:
    inner = np.random.default_rng(seed).uniform(0, 1, (50, 3)) * [1, 2, 3]

    hull = hull_of(turned(np.vstack([CORNERS, inner]), seed))

    assert hull.volume_mm3 == pytest.approx(6)
    assert hull.area_mm2 == pytest.approx(2 * (2 + 3 + 6))
    assert len(hull.vertices_mm) == 8


@pytest.mark.parametrize("seed", range(3))
def test_points_in_a_plane_enclose_no_volume_but_have_two_sides(seed: int) -> None:
    random = np.random.default_rng(seed)
    inner = np.column_stack([random.uniform(0, 1, (80, 2)) * [4, 5], np.zeros(80)])
    rectangle = np.array([[0, 0, 0], [4, 0, 0], [0, 5, 0], [4, 5, 0]], np.float64)
    plane = turned(np.vstack([inner, rectangle]), seed)

    hull = hull_of(plane)

    assert hull.volume_mm3 == 0
    assert hull.area_mm2 == pytest.approx(40)
    assert len(hull.vertices_mm) == 4
    assert greatest_distance(plane) == pytest.approx(np.hypot(4, 5))


@pytest.mark.parametrize("seed", range(3))
def test_points_on_a_line_have_two_ends(seed: int) -> None:
    positions = np.append(np.random.default_rng(seed).uniform(0, 7, 90), [0.0, 7.0])
    line = turned(np.outer(positions, [1.0, 0.0, 0.0]), seed)

    hull = hull_of(line)

    assert (hull.volume_mm3, hull.area_mm2, len(hull.vertices_mm)) == (0, 0, 2)
    assert greatest_distance(line) == pytest.approx(7)


@pytest.mark.parametrize("repeated", [1, 2, 100])
def test_one_place_is_a_hull_of_its_own(repeated: int) -> None:
    place = np.tile([[-173.2, 401.7, 1e-3]], (repeated, 1))

    hull = hull_of(place)

    assert (hull.volume_mm3, hull.area_mm2) == (0, 0)
    assert hull.vertices_mm.tolist() == [[-173.2, 401.7, 1e-3]]
    assert greatest_distance(place) == 0


@given(
    arrays(
        np.int8, st.tuples(st.integers(1, 90), st.just(3)), elements=st.integers(-3, 3)
    )
)
def test_the_greatest_distance_is_that_of_comparing_all(
    points: NDArray[np.int8],
) -> None:
    found = greatest_distance(points * np.array([0.7, 1.0, 3.27]))

    assert found == pytest.approx(
        by_comparing_all(points * np.array([0.7, 1.0, 3.27])), rel=1e-14
    )


@given(
    arrays(
        np.int8, st.tuples(st.integers(1, 40), st.just(3)), elements=st.integers(-2, 2)
    )
)
def test_any_lattice_points_have_a_hull_that_holds_its_own_hull(
    points: NDArray[np.int8],
) -> None:
    hull = hull_of(points.astype(np.float64))
    again = hull_of(hull.vertices_mm)

    assert again.volume_mm3 == pytest.approx(hull.volume_mm3)
    assert again.area_mm2 == pytest.approx(hull.area_mm2)
    # The volume of lattice points is a multiple of 1/6.
    assert hull.volume_mm3 * 6 == pytest.approx(round(hull.volume_mm3 * 6), abs=1e-9)


@pytest.mark.parametrize("size", [1e-90, 1e-9, 1.0, 1e90])
@pytest.mark.parametrize("thickness", [1.0, 1e-8, 1e-10, 0.0])
def test_neither_size_nor_thinness_nor_distance_spoil_a_hull(
    size: float, thickness: float
) -> None:
    body = CORNERS * size * [1, 1, thickness]
    far = turned(np.vstack([body, body / 2]) / size, 1) * size

    hull = hull_of(far)

    volume, area = 6 * thickness, 4 + 2 * (3 + 6) * thickness
    assert hull.volume_mm3 / size**3 == pytest.approx(volume, abs=1e-8)
    assert hull.area_mm2 / size**2 == pytest.approx(area, abs=1e-6)
    assert greatest_distance(far) == pytest.approx(size * np.sqrt(5 + 9 * thickness**2))


def test_many_extreme_points_are_compared_in_bounded_pieces() -> None:
    directions = np.random.default_rng(5).normal(size=(3000, 3))
    ball = 10 * directions / np.linalg.norm(directions, axis=1, keepdims=True)
    apart = np.vstack([ball, [[0.0, 0.0, 10.5]], [[0.0, 0.0, -10.5]]])

    assert greatest_distance(apart) == 21


@pytest.mark.parametrize(
    "points", [np.empty((0, 3)), np.zeros((4, 2)), np.array([[0.0, np.nan, 1.0]])]
)
def test_what_are_no_points_in_space_is_refused(points: NDArray[np.float64]) -> None:
    with pytest.raises(ValueError, match="expected"):
        hull_of(points)
    with pytest.raises(ValueError, match="expected"):
        greatest_distance(points)
