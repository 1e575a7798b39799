"""Cohorts in which texture and readouts have nothing to do with each other.

The recipe of `train` must find nothing in them: a cross-validated C-index of 0.5, P
values that are uniform, intervals that hold 0.5. ``python -m tests.reference.
null_cohorts`` draws many and writes the table of `docs/statistics.md`; tests draw few.
"""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import kstest

from model.learning.estimate import Estimate
from model.learning.readout import Readout
from model.learning.selection.lasso import LassoOptions
from model.learning.training.contenders import TEXTURE
from model.learning.training.cross_validation import FoldPlan, cross_validate
from model.learning.training.increment import tested_per_fitted
from model.learning.training.permutation import (
    Statistic,
    p_value,
    permuted,
    statistic_of,
)
from model.learning.training.recipe import Recipe
from model.learning.training.resampled_interval import resampled_mean
from model.learning.training.training_set import TrainingSet
from node.learning.training.crew import crew_of

PAGE = Path(__file__).resolve().parents[2] / "docs" / "statistics.md"
BEGIN, END = "<!-- null cohorts -->", "<!-- end of null cohorts -->"

FACTORS = 5
"""That the features share; features of texture are highly correlated."""


@dataclass(frozen=True)
class Design:
    """How cohorts are drawn.

    Attributes
    ----------
    animals, scans : int
        Scans of each animal.
    features : int
    cohorts, permutations : int
    interval_cohorts, rounds : int
        In how many cohorts intervals are made, of so many rounds.
    """

    animals: int
    scans: int = 1
    features: int = 20
    cohorts: int = 60
    permutations: int = 19
    interval_cohorts: int = 30
    rounds: int = 10

    @property
    def name(self) -> str:
        """Return what the table calls it."""
        if self.scans == 1:
            return f"{self.animals} animals, 1 scan each"
        return f"{self.animals} animals, {self.scans} scans each"


RECIPE = Recipe(LassoOptions())
"""As the command's defaults."""

DESIGNS = (Design(18), Design(30), Design(45), Design(15, scans=3))


@dataclass(frozen=True)
class NullResult:
    """What a cohort gave.

    Attributes
    ----------
    observed : Statistic
    drawn : tuple of Statistic
    """

    observed: Statistic
    drawn: tuple[Statistic, ...]

    @property
    def p_value(self) -> float:
        """Return the permutation P value."""
        return p_value(self.observed, self.drawn)

    @property
    def mean_c_index(self) -> float:
        """Return the mean over all arrangements: each of them is a null cohort."""
        return float(np.mean([each.c_index for each in (self.observed, *self.drawn)]))


def null_cohort(design: Design, number: int) -> TrainingSet:
    """Return a cohort of correlated features and correlated readouts, unrelated.

    Both have a part that an animal's scans share.
    """
    generator = np.random.default_rng([20231101, design.animals, design.scans, number])
    animals = np.repeat(np.arange(design.animals), design.scans)
    hidden = _clustered(generator, animals, FACTORS)
    loadings = generator.normal(size=(FACTORS, design.features))
    own = _clustered(generator, animals, design.features)
    cells = _clustered(generator, animals, 1)
    noise = _clustered(generator, animals, len(Readout))
    signs = np.array([1.0, -1.0, 1.0, -1.0])
    readouts = cells * signs + 0.7 * noise
    return TrainingSet(
        features=hidden @ loadings + own,
        readouts={name: readouts[:, at] for at, name in enumerate(Readout)},
        label=Readout.TERMINAL,
        groups=animals,
        baseline=np.empty((len(animals), 0)),
    )


def _clustered(
    generator: np.random.Generator, animals: NDArray[np.int_], columns: int
) -> NDArray[np.float64]:
    """Return normal columns, half of whose variance is the animals' own."""
    shared = generator.normal(size=(animals.max() + 1, columns))[animals]
    own = generator.normal(size=(len(animals), columns))
    return np.asarray((shared + own) / np.sqrt(2))


def null_result(design: Design, number: int) -> NullResult:
    """Return the statistic of a cohort and of its arrangements."""
    data, recipe, plan = null_cohort(design, number), RECIPE, FoldPlan()
    drawn = tuple(
        statistic_of(permuted(data, number, draw), recipe, plan, number, 1)
        for draw in range(design.permutations)
    )
    return NullResult(statistic_of(data, recipe, plan, number, 1), drawn)


def holds_chance(design: Design, number: int) -> bool:
    """Return whether the interval of a cohort's C-index holds 0.5."""
    data, recipe = null_cohort(design, number), RECIPE
    plan = FoldPlan(compared=False)
    results = tuple(
        result
        for repeat in range(design.rounds)
        for result in cross_validate(data, recipe, plan, number, repeat).results
    )
    values = [each.c_index[TEXTURE] for each in results]
    found = resampled_mean(values, tested_per_fitted(results), (0.0, 1.0))
    assert isinstance(found, Estimate)
    assert found.low is not None
    assert found.high is not None
    return found.low <= 0.5 <= found.high


def spread_p_values(results: list[NullResult]) -> NDArray[np.float64]:
    """Return P values without their steps: uniform between 0 and 1 if they should be.

    A P value of B arrangements is one of B + 1 numbers. Within its step it is spread
    evenly, so that the test of Kolmogorov and Smirnov is exact.
    """
    generator = np.random.default_rng(1)
    steps = np.array([1 + len(each.drawn) for each in results])
    values = np.array([each.p_value for each in results])
    return np.asarray(values - generator.random(len(results)) / steps)


def row_of(design: Design, results: list[NullResult], held: list[bool]) -> str:
    """Return a design's row of the table."""
    means = np.array([each.mean_c_index for each in results])
    error = means.std(ddof=1) / np.sqrt(len(means))
    values = np.array([each.p_value for each in results])
    uniform = kstest(spread_p_values(results), "uniform").pvalue
    cells = [
        design.name,
        f"{means.mean():.3f} ± {error:.3f}",
        f"{100 * (values <= 0.05).mean():.1f} %",
        f"{100 * (values <= 0.25).mean():.1f} %",
        f"{uniform:.2f}",
        f"{100 * np.mean(held):.0f} %",
    ]
    return f"| {' | '.join(cells)} |"


def measure(workers: int) -> Iterator[str]:
    """Give the rows of the table."""
    with crew_of(workers) as crew:
        for design in DESIGNS:
            results = crew.do(null_result, design, design.cohorts, lambda: None)
            held = crew.do(holds_chance, design, design.interval_cohorts, lambda: None)
            yield row_of(design, results, held)


def main(workers: int) -> None:
    """Write the table between its marks."""
    head = (
        "| cohort | C-index, mean ± standard error | P ≤ 0.05 | P ≤ 0.25 | uniform? "
        "(KS) | 95 % intervals that hold 0.5 |\n|---|---|---|---|---|---|"
    )
    rows = []
    for row in measure(workers):
        rows.append(row)
        sys.stdout.write(f"{row}\n")
        sys.stdout.flush()
    marks = f"{BEGIN}\n\n{head}\n" + "\n".join(rows) + f"\n\n{END}"
    text = PAGE.read_text(encoding="utf-8")
    pattern = f"{re.escape(BEGIN)}.*?{re.escape(END)}"
    written, times = re.subn(pattern, lambda _: marks, text, flags=re.DOTALL)
    if times != 1:
        sys.exit(f"{PAGE} has no place for the table")
    PAGE.write_text(written, encoding="utf-8")


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 2)
