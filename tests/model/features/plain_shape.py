"""IBEX's shape features in plain loops, written from the definitions alone."""

from itertools import product

import numpy as np
from numpy.typing import NDArray

Place = tuple[int, ...]
SIDES = ((0, 1, 0), (0, -1, 0), (0, 0, 1), (0, 0, -1))


def places(inside: NDArray[np.bool_]) -> set[Place]:
    return {tuple(int(i) for i in place) for place in np.argwhere(inside)}


def beside(place: Place, step: Place) -> Place:
    return tuple(a + b for a, b in zip(place, step, strict=True))


def half_counted(region: set[Place]) -> float:
    return sum(
        1.0 if all(beside(voxel, step) in region for step in SIDES) else 0.5
        for voxel in region
    )


def exposed_area(region: set[Place], spacing: tuple[float, float, float]) -> float:
    area = 0.0
    for axis, sign in product(range(3), (-1, 1)):
        step = tuple(sign if other == axis else 0 for other in range(3))
        faces = sum(beside(voxel, step) not in region for voxel in region)
        area += faces * float(np.prod(spacing)) / spacing[axis]
    return area


def parts(region: set[Place], steps: list[Place]) -> int:
    left, found = set(region), 0
    while left:
        found += 1
        border = [left.pop()]
        while border:
            voxel = border.pop()
            for step in steps:
                if beside(voxel, step) in left:
                    left.remove(beside(voxel, step))
                    border.append(beside(voxel, step))
    return found


def holes(section: set[Place]) -> int:
    """Parts of what is outside, for neighbours over a corner too, but the outermost."""
    rows = [row for row, _ in section]
    columns = [column for _, column in section]
    frame: set[Place] = set(
        product(
            range(min(rows) - 1, max(rows) + 2),
            range(min(columns) - 1, max(columns) + 2),
        )
    )
    return parts(frame - section, list(product((-1, 0, 1), repeat=2))) - 1


def mean_breadth(region: set[Place], spacing: tuple[float, float, float]) -> float:
    breadth = 0.0
    for axis in range(3):
        for level in {voxel[axis] for voxel in region}:
            section = {
                voxel[:axis] + voxel[axis + 1 :]
                for voxel in region
                if voxel[axis] == level
            }
            whole = parts(section, [(0, 1), (0, -1), (1, 0), (-1, 0)])
            breadth += (whole - holes(section)) * spacing[axis]
    return breadth / 3


def slices_of(region: set[Place]) -> list[set[Place]]:
    return [
        {voxel for voxel in region if voxel[0] == level}
        for level in sorted({voxel[0] for voxel in region})
    ]


def moments(section: set[Place]) -> tuple[float, float, float]:
    """Variance along x, along y (upwards), and their covariance; squares for pixels."""
    x = np.array([column for _, _, column in section], np.float64)
    y = -np.array([row for _, row, _ in section], np.float64)
    x, y = x - x.mean(), y - y.mean()
    return (
        float(np.mean(x * x)) + 1 / 12,
        float(np.mean(y * y)) + 1 / 12,
        float(np.mean(x * y)),
    )


def eccentricity(section: set[Place]) -> float:
    """As MATLAB documents it: distance of the foci over the major axis."""
    xx, yy, xy = moments(section)
    common = np.sqrt((xx - yy) ** 2 + 4 * xy**2)
    major = 2 * np.sqrt(2) * np.sqrt(xx + yy + common)
    minor = 2 * np.sqrt(2) * np.sqrt(max(xx + yy - common, 0.0))
    return float(2 * np.sqrt((major / 2) ** 2 - (minor / 2) ** 2) / major)


def direction_deg(section: set[Place]) -> tuple[float, float]:
    """The major axis as a unit vector of twice its angle."""
    xx, yy, xy = moments(section)
    _, axes = np.linalg.eigh(np.array([[xx, xy], [xy, yy]]))
    angle = 2 * np.arctan2(axes[1, 1], axes[0, 1])
    return float(np.cos(angle)), float(np.sin(angle))


def convex_image(section: set[Place]) -> set[Place]:
    """Pixels that no line separates from the middles of the region's pixel sides.

    In half pixels, so that all numbers are whole. A pixel is outside when, seen from
    it, all middles lie within less than half a turn.
    """
    level = next(iter(section))[0]
    middles = [
        (2 * row + dr, 2 * column + dc)
        for _, row, column in section
        for dr, dc in ((0, 1), (0, -1), (1, 0), (-1, 0))
    ]
    rows = [row for _, row, _ in section]
    columns = [column for _, _, column in section]
    return {
        (level, row, column)
        for row in range(min(rows), max(rows) + 1)
        for column in range(min(columns), max(columns) + 1)
        if not separated((2 * row, 2 * column), middles)
    }


def separated(pixel: tuple[int, int], middles: list[tuple[int, int]]) -> bool:
    offsets = [(r - pixel[0], c - pixel[1]) for r, c in middles]
    for r, c in offsets:
        # A line through the pixel and this point, turned a little either way.
        for sign in (1, -1):
            sides = [sign * (r * b - c * a) for a, b in offsets]
            ahead = [r * a + c * b > 0 for a, b in offsets]
            if all(s > 0 or (s == 0 and f) for s, f in zip(sides, ahead, strict=True)):
                return True
    return False
