"""The texture of IBSI, written plainly from the reference manual.

Nothing here is shared with the code under test, and nothing is fast: voxels are visited
one by one and matrices are dictionaries.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

Voxel = tuple[int, int, int]
Levels = Mapping[Voxel, int]
Matrix = Mapping[tuple[int, int], float]

IN_PLANE: list[Voxel] = [(0, 0, 1), (0, 1, 1), (0, 1, 0), (0, 1, -1)]
VOLUME: list[Voxel] = [
    (k, j, i)
    for k in (-1, 0, 1)
    for j in (-1, 0, 1)
    for i in (-1, 0, 1)
    if (k, j, i) > (0, 0, 0)
]


def averaged(
    matrices: Iterable[Mapping[str, float]],
) -> dict[str, float]:
    """The mean of each feature over the matrices."""
    kept_matrices = list(matrices)
    return {
        name: math.fsum(m[name] for m in kept_matrices) / len(kept_matrices)
        for name in kept_matrices[0]
    }


def grouped(levels: Levels, method: str) -> list[tuple[Levels, list[Voxel]]]:
    """Which voxels and directions come into one matrix, for each matrix."""
    dimension, _, together = method.rpartition("_")
    steps = VOLUME if dimension == "3D" else IN_PLANE
    slices = sorted({voxel[0] for voxel in levels})
    parts: list[Levels] = [levels]
    if dimension == "2D":
        parts = [{v: g for v, g in levels.items() if v[0] == k} for k in slices]
    if together == "comb":
        return [(part, steps) for part in parts]
    return [(part, [step]) for part in parts for step in steps]


def cooccurrence(levels: Levels, method: str, level_count: int) -> dict[str, float]:
    matrices = [
        pairs
        for part, steps in grouped(levels, method)
        if (pairs := pairs_of(part, steps))
    ]
    return averaged(cooccurrence_of(pairs, level_count) for pairs in matrices)


def pairs_of(levels: Levels, steps: Sequence[Voxel]) -> Counter[tuple[int, int]]:
    pairs: Counter[tuple[int, int]] = Counter()
    for (k, j, i), level in levels.items():
        for step in steps:
            other = levels.get((k + step[0], j + step[1], i + step[2]))
            if other is not None:
                pairs[level, other] += 1
                pairs[other, level] += 1
    return pairs


def entropy(probabilities: Iterable[float]) -> float:
    return -math.fsum(p * math.log2(p) for p in probabilities if p > 0)


def cooccurrence_of(
    pairs: Counter[tuple[int, int]], level_count: int
) -> dict[str, float]:
    total = sum(pairs.values())
    p = {ij: n / total for ij, n in pairs.items()}
    marginal: dict[int, float] = {}
    sums: dict[int, float] = {}
    differences: dict[int, float] = {}
    for (i, j), q in p.items():
        marginal[i] = marginal.get(i, 0.0) + q
        sums[i + j] = sums.get(i + j, 0.0) + q
        differences[abs(i - j)] = differences.get(abs(i - j), 0.0) + q
    mean = math.fsum(i * q for i, q in marginal.items())
    variance = math.fsum((i - mean) ** 2 * q for i, q in marginal.items())
    difference = math.fsum(k * q for k, q in differences.items())
    summed = math.fsum(k * q for k, q in sums.items())
    hxy = entropy(p.values())
    hx = entropy(marginal.values())
    hxy1 = -math.fsum(
        q * math.log2(marginal[i] * marginal[j]) for (i, j), q in p.items()
    )
    hxy2 = entropy(a * b for a in marginal.values() for b in marginal.values())
    n = level_count
    return {
        "joint_max": max(p.values()),
        "joint_avg": mean,
        "joint_var": variance,
        "joint_entr": hxy,
        "diff_avg": difference,
        "diff_var": math.fsum(
            (k - difference) ** 2 * q for k, q in differences.items()
        ),
        "diff_entr": entropy(differences.values()),
        "sum_avg": summed,
        "sum_var": math.fsum((k - summed) ** 2 * q for k, q in sums.items()),
        "sum_entr": entropy(sums.values()),
        "energy": math.fsum(q * q for q in p.values()),
        "contrast": over(p, lambda i, j: (i - j) ** 2),
        "dissimilarity": over(p, lambda i, j: abs(i - j)),
        "inv_diff": over(p, lambda i, j: 1 / (1 + abs(i - j))),
        "inv_diff_norm": over(p, lambda i, j: 1 / (1 + abs(i - j) / n)),
        "inv_diff_mom": over(p, lambda i, j: 1 / (1 + (i - j) ** 2)),
        "inv_diff_mom_norm": over(p, lambda i, j: 1 / (1 + (i - j) ** 2 / n**2)),
        "inv_var": over(p, lambda i, j: 1 / (i - j) ** 2 if i != j else 0.0),
        "corr": over(p, lambda i, j: (i - mean) * (j - mean)) / variance,
        "auto_corr": over(p, lambda i, j: i * j),
        "clust_tend": over(p, lambda i, j: (i + j - 2 * mean) ** 2),
        "clust_shade": over(p, lambda i, j: (i + j - 2 * mean) ** 3),
        "clust_prom": over(p, lambda i, j: (i + j - 2 * mean) ** 4),
        "info_corr1": (hxy - hxy1) / hx,
        "info_corr2": math.sqrt(max(0.0, 1 - math.exp(-2 * (hxy2 - hxy)))),
    }


def over(p: Matrix, weight: Callable[[int, int], float]) -> float:
    return math.fsum(weight(i, j) * q for (i, j), q in p.items())


def run_length(levels: Levels, method: str) -> dict[str, float]:
    return averaged(
        run_length_of(runs_of(part, steps), len(part) * len(steps))
        for part, steps in grouped(levels, method)
    )


def runs_of(levels: Levels, steps: Sequence[Voxel]) -> Counter[tuple[int, int]]:
    """Runs by (level, length), each walked from its first voxel."""
    runs: Counter[tuple[int, int]] = Counter()
    for (k, j, i), level in levels.items():
        for a, b, c in steps:
            if levels.get((k - a, j - b, i - c)) == level:
                continue
            length = 1
            while levels.get((k + a * length, j + b * length, i + c * length)) == level:
                length += 1
            runs[level, length] += 1
    return runs


def run_length_of(runs: Counter[tuple[int, int]], voxels: int) -> dict[str, float]:
    total = sum(runs.values())
    p = {ij: n / total for ij, n in runs.items()}
    by_level: Counter[int] = Counter()
    by_length: Counter[int] = Counter()
    for (level, length), n in runs.items():
        by_level[level] += n
        by_length[length] += n
    level_mean = over(p, lambda i, _: i)
    length_mean = over(p, lambda _, j: j)
    glnu = math.fsum(n * n for n in by_level.values()) / total
    rlnu = math.fsum(n * n for n in by_length.values()) / total
    return {
        "sre": over(p, lambda _, j: 1 / j**2),
        "lre": over(p, lambda _, j: j**2),
        "lgre": over(p, lambda i, _: 1 / i**2),
        "hgre": over(p, lambda i, _: i**2),
        "srlge": over(p, lambda i, j: 1 / (i**2 * j**2)),
        "srhge": over(p, lambda i, j: i**2 / j**2),
        "lrlge": over(p, lambda i, j: j**2 / i**2),
        "lrhge": over(p, lambda i, j: i**2 * j**2),
        "glnu": glnu,
        "glnu_norm": glnu / total,
        "rlnu": rlnu,
        "rlnu_norm": rlnu / total,
        "r_perc": total / voxels,
        "gl_var": over(p, lambda i, _: (i - level_mean) ** 2),
        "rl_var": over(p, lambda _, j: (j - length_mean) ** 2),
        "rl_entr": entropy(p.values()),
    }
