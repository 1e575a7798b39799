"""Animals that are scanned repeatedly: means of cells, an intercept for each animal.

The model is ``measure ~ group * day (factor) + (1 | animal)``, written as one mean for
each cell of group and day. So cells that nobody scanned need no column, and every
comparison is a contrast of means that exist.

Methods: restricted maximum likelihood (Patterson and Thompson 1971), as R's `lme4`;
tests by Satterthwaite's degrees of freedom, for several contrasts at once Fai and
Cornelius' (1996), as R's `lmerTest`.

Design choice: not `statsmodels` MixedLM. Of one random intercept only the ratio of the
two variances is to be searched for, everything else following in closed form; a search
along one line finds it to ten digits and cannot fail to converge, where MixedLM's
general search stops at five, warns at times, and tests with the normal distribution,
which is too bold for a dozen animals. Tests compare with MixedLM and with R.

Design choice: where the variance between animals is estimated as zero (the boundary),
the fit is that of independent observations. They are not, and tests then have no more
degrees of freedom than there are animals, less one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.stats import f as fisher

from model.learning.cohort.one_way import FTest
from model.learning.estimate import NotAssessable

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

LEAST_REPEATED = 3
"""Animals with values in two or more cells. With two, what lies between animals rests
on one difference."""
LEAST_FREEDOM = 3
"""Observations beyond the means that are estimated."""

_GRID = np.concatenate([[0.0], np.logspace(-4, 4, 81)])
"""Ratios of standard deviations where the search starts, a tenth of a decade apart."""
_FLAT = 64 * float(np.finfo(float).eps)
"""Share of the greatest value below which what is left is rounding."""


@dataclass(frozen=True)
class Contrast:
    """A weighted sum of cell means.

    Attributes
    ----------
    value, standard_error, degrees_of_freedom : float
    """

    value: float
    standard_error: float
    degrees_of_freedom: float


@dataclass(frozen=True, eq=False)
class MixedModel:
    """A mean for each cell, and how much animals and their scans scatter.

    Attributes
    ----------
    means : ndarray of float, shape (cells,)
    covariance : ndarray of float, shape (cells, cells)
        Of the means.
    between_variance, within_variance : float
        Of animals, and of the scans of an animal.
    animals, observations : int
    at_boundary : bool
        Whether the variance between animals was estimated as zero.
    slopes : ndarray of float, shape (2, cells, cells)
        Derivatives of `covariance` by the two variances.
    uncertainty : ndarray of float, shape (2, 2)
        Asymptotic covariance of the two variances.
    """

    means: Floats
    covariance: Floats
    between_variance: float
    within_variance: float
    animals: int
    observations: int
    at_boundary: bool
    slopes: Floats
    uncertainty: Floats

    @property
    def intraclass_correlation(self) -> float:
        """Return the share of the variance that lies between animals."""
        whole = self.between_variance + self.within_variance
        return self.between_variance / whole

    def contrast(self, weights: Floats) -> Contrast:
        """Return a weighted sum of the means.

        Parameters
        ----------
        weights : ndarray of float, shape (cells,)
        """
        variance = float(weights @ self.covariance @ weights)
        return Contrast(
            float(weights @ self.means),
            float(np.sqrt(variance)),
            self._freedom(weights, variance),
        )

    def joint_test(self, weights: Floats) -> FTest:
        """Return whether any of several contrasts differs from zero.

        Parameters
        ----------
        weights : ndarray of float, shape (contrasts, cells)
        """
        values, vectors = np.linalg.eigh(weights @ self.covariance @ weights.T)
        kept = values > max(values.max() * 1e-10, 0)
        turned = vectors[:, kept].T @ weights
        squares = (turned @ self.means) ** 2 / values[kept]
        each = [
            self._freedom(row, float(value))
            for row, value in zip(turned, values[kept], strict=True)
        ]
        above, below = len(each), _joint_freedom(each)
        statistic = float(squares.mean())
        p = float(fisher.sf(statistic, above, below))
        return FTest(statistic, above, below, p)

    def _freedom(self, weights: Floats, variance: float) -> float:
        """Return Satterthwaite's degrees of freedom of a contrast."""
        if self.at_boundary:
            return min(self.animals - 1, self.observations - len(self.means))
        slopes = np.einsum("i,kij,j->k", weights, self.slopes, weights)
        return float(2 * variance**2 / (slopes @ self.uncertainty @ slopes))


def fit_mixed_model(
    values: Floats, cells: Ints, animals: Ints
) -> MixedModel | NotAssessable:
    """Return the model of values in cells.

    Parameters
    ----------
    values : ndarray of float, shape (observations,)
        Finite.
    cells : ndarray of int, shape (observations,)
        Numbered from 0, none empty.
    animals : ndarray of int, shape (observations,)

    Returns
    -------
    MixedModel or NotAssessable
        The latter with too few animals, or values without scatter; also where animals
        scatter ten thousand times as much as their scans, the within-animal variance
        then being one of rounding.
    """
    why = _unable(values, cells, animals)
    if why is not None:
        return why
    design = (cells[:, None] == np.arange(cells.max() + 1)).astype(np.float64)
    same = (animals[:, None] == animals[None, :]).astype(np.float64)
    # What all values share says nothing of their scatter and costs digits.
    shared = float(values.mean())
    ratio, at_boundary = _best_ratio(values - shared, design, same)
    if ratio > (_GRID[-2]) ** 2:
        return NotAssessable(
            f"not assessable at n = {len(np.unique(animals))} animals: all animals "
            f"move alike, so that nothing tells how far a scan is off"
        )
    model = _model(values - shared, design, same, ratio, at_boundary=at_boundary)
    return replace(model, means=model.means + shared)


def _unable(values: Floats, cells: Ints, animals: Ints) -> NotAssessable | None:
    start = f"not assessable at n = {len(np.unique(animals))} animals:"
    _, counts = np.unique(animals, return_counts=True)
    repeated = int((counts > 1).sum())
    if repeated < LEAST_REPEATED:
        return NotAssessable(
            f"{start} {repeated} of them have more than one value, and "
            f"{LEAST_REPEATED} are the minimum"
        )
    freedom = len(values) - int(cells.max()) - 1
    if freedom < LEAST_FREEDOM:
        return NotAssessable(
            f"{start} {len(values)} values for {cells.max() + 1} means leave {freedom} "
            f"degrees of freedom, and {LEAST_FREEDOM} are the minimum"
        )
    means = np.array([values[cells == cell].mean() for cell in range(cells.max() + 1)])
    left = float(((values - means[cells]) ** 2).sum())
    if left <= (_FLAT * float(np.abs(values).max())) ** 2:
        return NotAssessable(f"{start} the values do not vary within cells")
    return None


def _best_ratio(values: Floats, design: Floats, same: Floats) -> tuple[float, bool]:
    """Return between over within variance that is likeliest, and whether it is 0."""

    def criterion(root: float) -> float:
        return _deviance(values, design, same, root**2)

    tried = [criterion(root) for root in _GRID]
    best = int(np.argmin(tried))
    low, high = _GRID[max(best - 1, 0)], _GRID[min(best + 1, len(_GRID) - 1)]
    found = minimize_scalar(
        criterion, bounds=(low, high), method="bounded", options={"xatol": 1e-10}
    )
    if found.fun >= tried[0] - 1e-9:
        return 0.0, True
    return float(found.x) ** 2, False


def _deviance(values: Floats, design: Floats, same: Floats, ratio: float) -> float:
    """Return -2 log of the restricted likelihood, profiled, but for constants."""
    shape = np.eye(len(values)) + ratio * same
    root = np.linalg.cholesky(shape)
    turned = np.linalg.solve(root, np.column_stack([design, values]))
    part, outcome = turned[:, :-1], turned[:, -1]
    orthogonal, triangle = np.linalg.qr(part)
    left = outcome - orthogonal @ (orthogonal.T @ outcome)
    freedom = len(values) - design.shape[1]
    return float(
        freedom * np.log(left @ left)
        + 2 * np.log(np.diag(root)).sum()
        + 2 * np.log(np.abs(np.diag(triangle))).sum()
    )


def _model(
    values: Floats, design: Floats, same: Floats, ratio: float, *, at_boundary: bool
) -> MixedModel:
    shape = np.linalg.inv(np.eye(len(values)) + ratio * same)
    bare = np.linalg.inv(design.T @ shape @ design)
    means = bare @ design.T @ shape @ values
    off = values - design @ means
    within = float(off @ shape @ off) / (len(values) - design.shape[1])
    covariance = within * bare
    inverse = shape / within
    inner = covariance @ design.T @ inverse
    parts = (same, np.eye(len(values)))
    slopes = np.stack([inner @ part @ inner.T for part in parts])
    projection = inverse - inverse @ design @ inner
    return MixedModel(
        means=means,
        covariance=covariance,
        between_variance=ratio * within,
        within_variance=within,
        animals=len(np.unique(same, axis=0)),
        observations=len(values),
        at_boundary=at_boundary,
        slopes=slopes,
        uncertainty=_uncertainty(values, projection, parts),
    )


def _uncertainty(values: Floats, projection: Floats, parts: Sequence[Floats]) -> Floats:
    """Return twice the inverse of the Hessian of the restricted deviance."""
    moved = [projection @ part for part in parts]
    seen = projection @ values
    hessian = np.array(
        [
            [
                -np.sum(one * other.T) + 2 * (values @ one @ other @ seen)
                for other in moved
            ]
            for one in moved
        ]
    )
    return np.asarray(2 * np.linalg.pinv(hessian, hermitian=True), np.float64)


def _joint_freedom(each: Sequence[float]) -> float:
    """Return the denominator's degrees of freedom of several contrasts at once."""
    if np.ptp(each) < 1e-8:  # noqa: PLR2004 - as lmerTest, equal but for rounding
        return float(np.mean(each))
    if min(each) <= 2:  # noqa: PLR2004 - an F of two or fewer has no mean
        return 2.0
    expected = sum(one / (one - 2) for one in each)
    return float(2 * expected / (expected - len(each)))
