"""Whether a line parts the labels, so that maximum likelihood does not exist.

Labels are separated when some combination of the features is at least as high in every
row with label 1 as in every row with label 0, and not equal throughout: completely when
it is always higher, quasi-completely when some rows of both classes tie. The likelihood
then grows without end along that combination.

References
----------
Albert A, Anderson JA. On the existence of maximum likelihood estimates in logistic
regression models. Biometrika 1984; 71: 1-10.
Konis K. Linear programming algorithms for detecting separated data in binary logistic
regression models. DPhil thesis, University of Oxford, 2007.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

from model.errors import ModelError
from model.learning.fitting.design import Design, named

Floats = NDArray[np.float64]

_ROUNDING = 1e-7
"""What HiGHS leaves of a constraint that it keeps."""


@dataclass(frozen=True)
class Separation:
    """A combination of features that parts the labels.

    Attributes
    ----------
    complete : bool
        Whether no row lies on the line between the classes.
    alone : tuple of int
        Features each of which parts the labels by itself.
    together : tuple of int
        Features of a combination that parts them, with few of them; one that is in
        `alone` where there is any.
    """

    complete: bool
    alone: tuple[int, ...]
    together: tuple[int, ...]


class SeparationError(ModelError):
    """Features separate the labels; no maximum-likelihood fit exists.

    Attributes
    ----------
    separation : Separation
    """

    reason = "separated_labels"
    remedy = (
        "Fit by Firth's penalised likelihood (--method firth), which stays finite, or "
        "leave out the features that are named."
    )

    def __init__(self, separation: Separation, names: Sequence[str]) -> None:
        kind = "completely" if separation.complete else "but for ties"
        if separation.alone:
            which = named(separation.alone, names)
            each = "each by itself" if len(separation.alone) > 1 else "by itself"
            who = f"{which} ({each})"
        else:
            who = f"{named(separation.together, names)} (together)"
        super().__init__(
            f"the labels are separated {kind} by {who}: maximum likelihood would make "
            "the coefficients grow without end"
        )
        self.separation = separation


def separation_of(design: Design) -> Separation | None:
    """Return how features part the labels, or None where they do not.

    Parameters
    ----------
    design : Design

    Notes
    -----
    Konis' linear programme: the largest sum of margins, each at least 0, over
    combinations with coefficients from -1 to 1. It is 0 exactly when nothing separates.
    """
    signed = design.matrix * (2 * design.labels - 1)[:, None]
    found = linprog(
        -signed.sum(axis=0),
        A_ub=-signed,
        b_ub=np.zeros(len(signed)),
        bounds=(-1, 1),
        method="highs",
    )
    if -found.fun <= _ROUNDING * len(signed):
        return None
    alone = tuple(
        column - 1
        for column in range(1, signed.shape[1])
        if _parts(design.matrix[:, column], design.labels)
    )
    return Separation(
        complete=_is_complete(signed),
        alone=alone,
        together=alone[:1] or _few(signed),
    )


def _parts(values: Floats, labels: Floats) -> bool:
    """Return whether a threshold of one feature parts the labels, ties allowed."""
    above, below = values[labels == 1], values[labels == 0]
    return bool(above.min() >= below.max() or above.max() <= below.min())


def _is_complete(signed: Floats) -> bool:
    """Return whether every row can have a margin of 1."""
    found = linprog(
        np.zeros(signed.shape[1]),
        A_ub=-signed,
        b_ub=-np.ones(len(signed)),
        bounds=(None, None),
        method="highs",
    )
    return bool(found.status == 0)


def _few(signed: Floats) -> tuple[int, ...]:
    """Return features of the separating combination with the smallest coefficients.

    The least sum of absolute coefficients at a sum of margins of 1 has few that are not
    0, as a corner of its polytope. The intercept costs nothing.
    """
    size = signed.shape[1]
    cost = np.ones(2 * size)
    cost[[0, size]] = 0
    both = np.hstack([signed, -signed])
    found = linprog(
        cost,
        A_ub=np.vstack([-both, -both.sum(axis=0)]),
        b_ub=np.concatenate([np.zeros(len(signed)), [-float(len(signed))]]),
        bounds=(0, None),
        method="highs",
    )
    weights = found.x[:size] - found.x[size:]
    largest = float(abs(weights[1:]).max())
    taking_part = np.flatnonzero(abs(weights[1:]) > _ROUNDING * largest)
    return tuple(int(column) for column in taking_part)
