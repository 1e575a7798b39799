"""How often the interval of a C-index covers the truth, measured and published.

``python -m tests.reference.c_index_coverage`` writes the table of `docs/validate.md`.
Scores are drawn from two normal distributions, so that the truth is known: of single
scans, and of three scans of each animal, whose labels are its own or change between its
scans. A share of 0.95 over 4 000 draws has a standard error of 0.0034.
"""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from model.learning.performance.concordance import (
    LEAST_OF_EACH,
    clustered_variance,
    delong_variance,
    interval,
    placements,
)
from model.learning.performance.observed import observed

PAGE = Path(__file__).resolve().parents[2] / "docs" / "validate.md"
BEGIN, END = "<!-- coverage -->", "<!-- end of coverage -->"

SIZES = (18, 30, 45, 100)
TRUTHS = (0.5, 0.7, 0.8, 0.9)
DRAWS = 4000
CLUSTERED_DRAWS = 1500
SCANS = 3
WITHIN = 0.5
"""Correlation of the scores of an animal's scans of one label."""
SEED = 20231101


@dataclass(frozen=True)
class Coverage:
    """What was measured of one design.

    Attributes
    ----------
    design : str
    size : int
        Scans.
    truth : float
    covered, width : float
        Share of intervals with the truth in them, and their mean width.
    assessed : float
        Share of draws with enough of each label.
    """

    design: str
    size: int
    truth: float
    covered: float
    width: float
    assessed: float


def single_scans(size: int, truth: float, draws: int = DRAWS) -> Coverage:
    """Return the coverage for animals that are scanned once, half of each label."""
    generator = np.random.default_rng([SEED, size, int(100 * truth)])
    cases = size // 2
    shift = norm.ppf(truth) * np.sqrt(2)
    above = shift + generator.standard_normal((draws, cases))
    below = generator.standard_normal((draws, size - cases))
    of_cases, of_controls = placements(above, below)
    values = of_cases.mean(axis=-1)
    variances = delong_variance(of_cases, of_controls)
    limits = interval(values, variances, cases, size - cases)
    return _coverage("one scan of each animal", size, truth, limits)


def repeated_scans(
    size: int, truth: float, *, changing: bool, draws: int = CLUSTERED_DRAWS
) -> Coverage:
    """Return the coverage for animals that are scanned three times.

    Parameters
    ----------
    size : int
        Scans.
    truth : float
    changing : bool
        Whether each scan has a label of its own, or its animal's.
    draws : int
    """
    generator = np.random.default_rng([SEED, size, int(100 * truth), int(changing)])
    animals = np.repeat(np.arange(size // SCANS), SCANS)
    shift = norm.ppf(truth) * np.sqrt(2)
    limits: list[tuple[float, float]] = []
    for _ in range(draws):
        labels = _labels(generator, animals, changing=changing)
        levels = generator.standard_normal(size // SCANS)[animals]
        own = generator.standard_normal(size)
        noise = np.sqrt(WITHIN) * levels + np.sqrt(1 - WITHIN) * own
        seen = observed(noise + shift * labels, labels, animals)
        if min(seen.cases, seen.controls) >= LEAST_OF_EACH:
            value, variance = clustered_variance(seen)
            low, high = interval(value, variance, seen.cases, seen.controls)
            limits.append((float(low), float(high)))
    kind = "changing" if changing else "one"
    design = f"{SCANS} scans of each animal, {kind} label"
    found = _coverage(design, size, truth, np.array(limits).T)
    return Coverage(
        **{**vars(found), "assessed": len(limits) / draws},
    )


def measure() -> Iterator[Coverage]:
    """Measure every design."""
    for size in SIZES:
        yield from (single_scans(size, truth) for truth in TRUTHS)
    for changing in (False, True):
        for size in SIZES[:3]:
            for truth in TRUTHS:
                yield repeated_scans(size, truth, changing=changing)


def table(found: list[Coverage]) -> str:
    """Return the table of the page."""
    head = "| design | scans | " + " | ".join(f"C = {truth}" for truth in TRUTHS)
    lines = [f"{head} |", "|---|---|" + "---|" * len(TRUTHS)]
    for start in range(0, len(found), len(TRUTHS)):
        row = found[start : start + len(TRUTHS)]
        cells = " | ".join(
            f"{100 * each.covered:.1f} % ({each.width:.2f})" for each in row
        )
        lines.append(f"| {row[0].design} | {row[0].size} | {cells} |")
    return "\n".join(lines)


def _labels(
    generator: np.random.Generator, animals: NDArray[np.int_], *, changing: bool
) -> NDArray[np.int_]:
    if changing:
        return np.asarray(generator.random(len(animals)) < 0.5).astype(int)
    many = len(animals) // SCANS
    return np.asarray(generator.permutation(many) < many / 2).astype(int)[animals]


def _coverage(
    design: str, size: int, truth: float, limits: tuple[NDArray, NDArray] | NDArray
) -> Coverage:
    low, high = limits
    covered = float(((low <= truth) & (truth <= high)).mean())
    return Coverage(design, size, truth, covered, float((high - low).mean()), 1.0)


def main() -> None:
    """Write the table between its marks."""
    text = PAGE.read_text(encoding="utf-8")
    marks = f"{BEGIN}\n{table(list(measure()))}\n{END}"
    written, times = re.subn(
        f"{re.escape(BEGIN)}.*?{re.escape(END)}", lambda _: marks, text, flags=re.DOTALL
    )
    if times != 1:
        sys.exit(f"{PAGE} has no place for the table")
    PAGE.write_text(written, encoding="utf-8")


if __name__ == "__main__":
    main()
