"""IBEX's texture values, written plainly from their definitions.

Nothing here is shared with the code under test, and nothing is fast: voxels are visited
one by one and pairs are counted in a dictionary.
"""

import math
from collections import Counter
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Pairs = Counter[tuple[int, int]]
Runs = Counter[tuple[int, int]]

IN_PLANE = [(0, 0, 1), (0, 1, 1), (0, 1, 0), (0, -1, 1)]
VOLUME = [
    (k, j, i)
    for k in (-1, 0, 1)
    for j in (-1, 0, 1)
    for i in (-1, 0, 1)
    if (k, j, i) > (0, 0, 0)
]


def level_of(value: float, low: float, high: float, count: int) -> int:
    """Round half up; levels are positive, so that this is MATLAB's round."""
    position = 1 + (count - 1) * (value - low) / (high - low)
    return min(max(math.floor(position + 0.5), 1), count)


def levels_of(
    image: NDArray[np.floating], inside: NDArray[np.bool_], count: int | None
) -> tuple[dict[tuple[int, ...], int], int]:
    """Levels by voxel, and their number: `count`, or one level per unit."""
    voxels = [tuple(int(n) for n in voxel) for voxel in np.argwhere(inside)]
    values = {voxel: float(image[voxel]) for voxel in voxels}
    nonzero = [value for value in values.values() if value != 0]
    low, high = min(nonzero), max(nonzero)
    number = math.floor(high - low) + 1 if count is None else count
    return {v: level_of(x, low, high, number) for v, x in values.items()}, number


def pairs_of(levels: dict[tuple[int, ...], int], step: tuple[int, int, int]) -> Pairs:
    """Both voxels in the mask; each pair in both orders."""
    pairs: Pairs = Counter()
    for (k, j, i), level in levels.items():
        other = levels.get((k + step[0], j + step[1], i + step[2]))
        if other is not None:
            pairs[level, other] += 1
            pairs[other, level] += 1
    return pairs


def pooled(matrices: Iterable[Counter[tuple[int, int]]]) -> Counter[tuple[int, int]]:
    total: Counter[tuple[int, int]] = Counter()
    for matrix in matrices:
        total.update(matrix)
    return total


def texture(pairs: Pairs, level_count: int) -> dict[str, float]:
    total = sum(pairs.values())
    p = {ij: n / total for ij, n in pairs.items()}
    mean = sum(i * q for (i, _), q in p.items())
    variance = sum((i - mean) ** 2 * q for (i, _), q in p.items())
    marginal: Counter[int] = Counter()
    differences: Counter[int] = Counter()
    sums: Counter[int] = Counter()
    for (i, j), q in p.items():
        marginal[i] += q  # type: ignore[assignment]
        differences[abs(i - j)] += q  # type: ignore[assignment]
        sums[i + j] += q  # type: ignore[assignment]
    hx = entropy(marginal.values())
    hxy = entropy(p.values())
    hxy1 = -sum(q * math.log2(marginal[i] * marginal[j]) for (i, j), q in p.items())
    hxy2 = -sum(
        a * b * math.log2(a * b) for a in marginal.values() for b in marginal.values()
    )
    return {
        "glcm_AutoCorrelation": sum(i * j * q for (i, j), q in p.items()),
        "glcm_ClusterProminence": cluster(p, mean, 4),
        "glcm_ClusterShade": cluster(p, mean, 3),
        "glcm_ClusterTendency": cluster(p, mean, 2),
        "glcm_Variance": cluster(p, mean, 2),
        "glcm_Contrast": sum((i - j) ** 2 * q for (i, j), q in p.items()),
        "glcm_Correlation": sum((i - mean) * (j - mean) * q for (i, j), q in p.items())
        / variance,
        "glcm_DifferenceEntropy": entropy(differences.values()),
        "glcm_Dissimilarity": sum(abs(i - j) * q for (i, j), q in p.items()),
        "glcm_Energy": sum(q * q for q in p.values()),
        "glcm_Entropy": hxy,
        "glcm_Homogeneity": sum(q / (1 + abs(i - j)) for (i, j), q in p.items()),
        "glcm_Homogeneity2": sum(q / (1 + (i - j) ** 2) for (i, j), q in p.items()),
        "glcm_InformationMeasureCorr1": (hxy - hxy1) / hx,
        "glcm_InformationMeasureCorr2": math.sqrt(1 - math.exp(-2 * (hxy2 - hxy))),
        "glcm_InverseDiffMomentNorm": sum(
            q / (1 + (i - j) ** 2 / level_count**2) for (i, j), q in p.items()
        ),
        "glcm_InverseDiffNorm": sum(
            q / (1 + abs(i - j) / level_count) for (i, j), q in p.items()
        ),
        "glcm_InverseVariance": sum(
            q / (i - j) ** 2 for (i, j), q in p.items() if i != j
        ),
        "glcm_MaxProbability": max(p.values()),
        "glcm_SumAverage": sum(k * q for k, q in sums.items()),
        "glcm_SumEntropy": entropy(sums.values()),
        "glcm_SumVariance": sum(
            (k - entropy(sums.values())) ** 2 * q for k, q in sums.items()
        ),
    }


def runs_of(levels: dict[tuple[int, ...], int], step: tuple[int, int, int]) -> Runs:
    """Count runs by level and length, each from the voxel where it begins."""
    runs: Runs = Counter()
    for (k, j, i), level in levels.items():
        if levels.get((k - step[0], j - step[1], i - step[2])) == level:
            continue
        length = 1
        while (
            levels.get(
                (k + length * step[0], j + length * step[1], i + length * step[2])
            )
            == level
        ):
            length += 1
        runs[level, length] += 1
    return runs


def run_lengths(runs: Runs, directions: int) -> dict[str, float]:
    """IBEX's features of the mean of the matrices of so many directions."""
    mean = {ij: n / directions for ij, n in runs.items()}
    total = sum(mean.values())
    voxels = sum(j * n for (_, j), n in mean.items())
    by_level: Counter[int] = Counter()
    by_length: Counter[int] = Counter()
    for (i, j), n in mean.items():
        by_level[i] += n  # type: ignore[assignment]
        by_length[j] += n  # type: ignore[assignment]

    def emphasis(level: int, length: int) -> float:
        weighted = (
            n * float(i) ** level * float(j) ** length for (i, j), n in mean.items()
        )
        return sum(weighted) / total

    return {
        "glrlm_ShortRunEmphasis": emphasis(0, -2),
        "glrlm_LongRunEmphasis": emphasis(0, 2),
        "glrlm_GrayLevelNonuniformity": sum(n * n for n in by_level.values())
        / total
        / voxels,
        "glrlm_RunLengthNonuniformity": sum(n * n for n in by_length.values())
        / total
        / voxels,
        "glrlm_RunPercentage": total / voxels,
        "glrlm_LowGrayLevelRunEmphasis": emphasis(-2, 0),
        "glrlm_HighGrayLevelRunEmphasis": emphasis(2, 0),
        "glrlm_ShortRunLowGrayLevelEmphasis": emphasis(-2, -2),
        "glrlm_ShortRunHighGrayLevelEmphasis": emphasis(2, -2),
        "glrlm_LongRunLowGrayLevelEmphasis": emphasis(-2, 2),
        "glrlm_LongRunHighGrayLevelEmphasis": emphasis(2, 2),
    }


def entropy(probabilities: Iterable[float]) -> float:
    return -sum(q * math.log2(q) for q in probabilities)


def cluster(p: dict[tuple[int, int], float], mean: float, order: int) -> float:
    return sum((i + j - 2 * mean) ** order * q for (i, j), q in p.items())


def kurtosis(values: Iterable[float]) -> float:
    """Pearson's, biased: n sum d^4 / (sum d^2)^2."""
    exact = [float(value) for value in values]
    mean = math.fsum(exact) / len(exact)
    second = math.fsum((value - mean) ** 2 for value in exact)
    fourth = math.fsum((value - mean) ** 4 for value in exact)
    return len(exact) * fourth / second**2


def bin_probabilities(
    values: Iterable[float], intervals: int, low: float, high: float
) -> list[float]:
    """MATLAB's hist with bin centres; IBEX drops an end bin that values lie beyond."""
    exact = [float(value) for value in values]
    width = (high - low) / intervals
    counts = [0] * (intervals + 1)
    for value in exact:
        counts[min(max(math.ceil((value - low) / width - 0.5), 0), intervals)] += 1
    kept = counts[1:] if min(exact) < low else counts
    kept = kept[:-1] if max(exact) > high else kept
    return [count / len(exact) for count in kept]
