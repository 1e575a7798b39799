"""The features of IBSI, written plainly from the reference manual.

Nothing here is shared with the code under test, and nothing is fast: voxels are visited
one by one, fractions are exact.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from tests.model.features.ibsi.plain_matrices import Voxel, entropy


def values_of(
    image: NDArray[np.float64], inside: NDArray[np.bool_]
) -> dict[Voxel, float]:
    return {
        (int(k), int(j), int(i)): float(image[k, j, i])
        for k, j, i in np.argwhere(inside)
    }


def kept(
    values: Mapping[Voxel, float],
    low: float | None,
    high: float | None,
    sigmas: float | None,
) -> dict[Voxel, float]:
    """Re-segmentation: the range first, then the outliers of what is left."""
    ranged = {
        voxel: value
        for voxel, value in values.items()
        if (low is None or value >= low) and (high is None or value <= high)
    }
    if sigmas is None:
        return ranged
    mean = math.fsum(ranged.values()) / len(ranged)
    variance = math.fsum((value - mean) ** 2 for value in ranged.values())
    reach = sigmas * math.sqrt(variance / len(ranged))
    return {v: x for v, x in ranged.items() if mean - reach <= x <= mean + reach}


def by_number(values: Mapping[Voxel, float], bins: int) -> dict[Voxel, int]:
    low, high = Fraction(min(values.values())), Fraction(max(values.values()))
    return {
        voxel: bins
        if value == high
        else math.floor(bins * (Fraction(value) - low) / (high - low)) + 1
        for voxel, value in values.items()
    }


def by_size(
    values: Mapping[Voxel, float], size: float, lowest: float
) -> dict[Voxel, int]:
    return {
        voxel: math.floor((Fraction(value) - Fraction(lowest)) / Fraction(size)) + 1
        for voxel, value in values.items()
    }


def percentile(values: Iterable[float], percent: int) -> float:
    """Linear between the values at (k - 1)/(n - 1)."""
    ordered = sorted(values)
    position = Fraction(percent, 100) * (len(ordered) - 1)
    below = math.floor(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + float(position - below) * (ordered[above] - ordered[below])


def statistics(values: Sequence[float]) -> dict[str, float]:
    n = len(values)
    mean = math.fsum(values) / n
    second, third, fourth = (
        math.fsum((x - mean) ** order for x in values) / n for order in (2, 3, 4)
    )
    p10, p25, p50, p75, p90 = (percentile(values, q) for q in (10, 25, 50, 75, 90))
    robust = [x for x in values if p10 <= x <= p90]
    centre = math.fsum(robust) / len(robust)
    squares = math.fsum(x * x for x in values)
    return {
        "mean": mean,
        "var": second,
        "skew": third / second**1.5,
        "kurt": fourth / second**2 - 3,
        "median": p50,
        "min": min(values),
        "p10": p10,
        "p90": p90,
        "max": max(values),
        "iqr": p75 - p25,
        "range": max(values) - min(values),
        "mad": math.fsum(abs(x - mean) for x in values) / n,
        "rmad": math.fsum(abs(x - centre) for x in robust) / len(robust),
        "medad": math.fsum(abs(x - p50) for x in values) / n,
        "cov": math.sqrt(second) / mean,
        "qcod": (p75 - p25) / (p75 + p25),
        "energy": squares,
        "rms": math.sqrt(squares / n),
    }


def intensity_histogram(levels: Sequence[int], bins: int) -> dict[str, float]:
    counts = [levels.count(level) for level in range(1, bins + 1)]
    n = len(levels)
    mean = sum(levels) / n
    most = max(counts)
    modes = [level for level in range(1, bins + 1) if counts[level - 1] == most]
    gradient = (
        [counts[1] - counts[0]]
        + [(counts[k + 1] - counts[k - 1]) / 2 for k in range(1, bins - 1)]
        + [counts[-1] - counts[-2]]
    )
    shared = statistics([float(level) for level in levels])
    del shared["energy"], shared["rms"]
    return shared | {
        "mode": min(modes, key=lambda level: (abs(level - mean), level)),
        "entropy": entropy(count / n for count in counts),
        "uniformity": math.fsum((count / n) ** 2 for count in counts),
        "max_grad": max(gradient),
        "max_grad_g": gradient.index(max(gradient)) + 1,
        "min_grad": min(gradient),
        "min_grad_g": gradient.index(min(gradient)) + 1,
    }


def volume_histogram(
    intensities: Sequence[float], value_of_voxel: Sequence[int]
) -> dict[str, float]:
    """Of voxels that hold an index of the intensities each."""
    n = len(value_of_voxel)
    volume = [
        Fraction(sum(value >= k for value in value_of_voxel), n)
        for k in range(len(intensities))
    ]
    gamma = [Fraction(k, len(intensities) - 1) for k in range(len(intensities))]
    found: dict[str, float] = {}
    for percent in (10, 90):
        x = Fraction(percent, 100)
        found[f"v{percent}"] = float(
            max(v for v, g in zip(volume, gamma, strict=True) if g >= x)
        )
        found[f"i{percent}"] = min(
            i for i, v in zip(intensities, volume, strict=True) if v <= x
        )
    found["diff_v10_v90"] = found["v10"] - found["v90"]
    found["diff_i10_i90"] = found["i10"] - found["i90"]
    return found


def in_plane(
    image: NDArray[np.float64], spacing: float, new: float
) -> NDArray[np.float64]:
    """Bilinear in each slice, grids aligned at the centre, borders continued."""
    slices, rows, columns = image.shape
    new_rows = math.ceil(rows * spacing / new)
    new_columns = math.ceil(columns * spacing / new)
    made = np.zeros((slices, new_rows, new_columns))
    for k in range(slices):
        for j in range(new_rows):
            for i in range(new_columns):
                y = (rows - 1) / 2 + (j - (new_rows - 1) / 2) * new / spacing
                x = (columns - 1) / 2 + (i - (new_columns - 1) / 2) * new / spacing
                made[k, j, i] = bilinear(image[k], y, x)
    return made


def bilinear(plane: NDArray[np.float64], y: float, x: float) -> float:
    y = min(max(y, 0.0), plane.shape[0] - 1)
    x = min(max(x, 0.0), plane.shape[1] - 1)
    j, i = min(int(y), plane.shape[0] - 2), min(int(x), plane.shape[1] - 2)
    v, u = y - j, x - i
    return float(
        (1 - v) * ((1 - u) * plane[j, i] + u * plane[j, i + 1])
        + v * ((1 - u) * plane[j + 1, i] + u * plane[j + 1, i + 1])
    )


def local_peaks(
    image: NDArray[np.float64], inside: NDArray[np.bool_], spacing: Sequence[float]
) -> tuple[float, float]:
    radius = (3 / (4 * math.pi)) ** (1 / 3) * 10
    means: dict[Voxel, float] = {}
    for voxel in values_of(image, inside):
        near = [
            float(image[other])
            for other in np.ndindex(*image.shape)
            if math.dist(
                [a * s for a, s in zip(voxel, spacing, strict=True)],
                [a * s for a, s in zip(other, spacing, strict=True)],
            )
            <= radius
        ]
        means[voxel] = math.fsum(near) / len(near)
    greatest = max(float(image[voxel]) for voxel in means)
    local = max(mean for voxel, mean in means.items() if image[voxel] == greatest)
    return local, max(means.values())


def moran_and_geary(
    values: Mapping[Voxel, float], spacing: Sequence[float]
) -> tuple[float, float]:
    n = len(values)
    mean = math.fsum(values.values()) / n
    squares = math.fsum((x - mean) ** 2 for x in values.values())
    total, together, apart = [], [], []
    for one, x in values.items():
        for other, y in values.items():
            if one != other:
                weight = 1 / math.hypot(
                    *((a - b) * s for a, b, s in zip(one, other, spacing, strict=True))
                )
                total.append(weight)
                together.append(weight * (x - mean) * (y - mean))
                apart.append(weight * (x - y) ** 2)
    weights = math.fsum(total)
    return (
        n / weights * math.fsum(together) / squares,
        (n - 1) / (2 * weights) * math.fsum(apart) / squares,
    )
