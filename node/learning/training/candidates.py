"""Which features take part, and why the others don't.

In this order, and the first that holds is told:

1. PET features that are not in the catalogue: the node cannot compute them.
2. Kurtoses of another kind than the one that the preparation states.
3. Features that `--kept` does not keep.
4. Features that are undefined in more than 5 % of the rows. Of the others a row that
   lacks one is left out, since the node gives no score where a term is undefined.
5. Features that are constant.
6. Features that say exactly what another does (a correlation of 1): the voxel count
   beside the volume. Those of the paper's equation stay, else the first.

None of this looks at a readout, so that it may be done once, outside of all resampling.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from config.score_model_file import kurtosis_features
from model.features.definitions import FEATURE_BY_NAME
from model.features.preparation import Preparation
from model.learning.training.independent_columns import varying
from node.learning.tables.feature_columns import CT_PREFIX

Floats = NDArray[np.float64]

MOST_UNDEFINED = 0.05
"""Of the rows. A feature that fails in more would cost the rows, and fails as often in
service, where each failure is a score that is not given."""

PAPERS = ("glcm_InverseVariance", "glcm_Homogeneity2", "histogram_Kurtosis")
"""Terms of the published equation."""

_SAME = 1e-9
"""By how much the correlation of two features that say the same may miss 1."""


@dataclass(frozen=True)
class Candidate:
    """A feature of the tables.

    Attributes
    ----------
    name : str
    why_not : str
        Empty where it takes part.
    """

    name: str
    why_not: str = ""

    @property
    def modality(self) -> str:
        """Return ``CT`` or ``PET``."""
        return "CT" if self.name.startswith(CT_PREFIX) else "PET"


def stated_candidates(
    names: Sequence[str],
    preparation: Preparation,
    kept: Collection[str] | None,
    *,
    with_ct: bool,
) -> tuple[Candidate, ...]:
    """Return the features by what is known without their values.

    Parameters
    ----------
    names : sequence of str
        Feature columns of the tables.
    preparation : Preparation
        Of the PET features.
    kept : collection of str, optional
        Names that the table of repeatability keeps.
    with_ct : bool
    """
    kinds = kurtosis_features(preparation.kurtosis)

    def why_not(name: str) -> str:
        wrong = _not_a_term(name, kinds)
        if wrong and not name.startswith(CT_PREFIX):
            return wrong
        if name.startswith(CT_PREFIX) and not with_ct:
            return "CT features are left out (--no-ct)"
        if kept is not None and name not in kept:
            return "not kept by the table of repeatability (--kept)"
        return ""

    return tuple(Candidate(name, why_not(name)) for name in names)


def _not_a_term(name: str, kinds: Collection[str]) -> str:
    """Return why a feature cannot be in a score model; empty where it can."""
    if name not in FEATURE_BY_NAME:
        return "not in the catalogue: the node cannot compute it"
    if "Kurtosis" in name and name not in kinds:
        return "the preparation is of another kind of kurtosis"
    return ""


def measured_candidates(
    stated: Sequence[Candidate], columns: Mapping[str, Floats]
) -> tuple[Candidate, ...]:
    """Return the features by their values as well.

    Parameters
    ----------
    stated : sequence of Candidate
    columns : mapping of str to ndarray
        Values in the rows that have a readout.
    """
    often = [each if each.why_not else _defined(each, columns) for each in stated]
    left = [each.name for each in often if not each.why_not]
    rows = complete_rows(columns, left)
    known = {name: columns[name][rows] for name in left}
    why = {**_constant(known), **dict(_same(known))}
    return tuple(
        each if each.why_not else Candidate(each.name, why.get(each.name, ""))
        for each in often
    )


def complete_rows(
    columns: Mapping[str, Floats], names: Sequence[str]
) -> NDArray[np.bool_]:
    """Return the rows in which all of some features are defined."""
    count = len(next(iter(columns.values()), np.empty(0)))
    rows = np.ones(count, np.bool_)
    for name in names:
        rows &= np.isfinite(columns[name])
    return rows


def _defined(each: Candidate, columns: Mapping[str, Floats]) -> Candidate:
    lacking = ~np.isfinite(columns[each.name])
    if lacking.mean() <= MOST_UNDEFINED:
        return each
    fact = f"undefined in {int(lacking.sum())} of {len(lacking)} rows"
    return Candidate(each.name, f"{fact}; at most {MOST_UNDEFINED:.0%} may be")


def _constant(columns: Mapping[str, Floats]) -> dict[str, str]:
    return {
        name: "the same in all rows"
        for name, values in columns.items()
        if not varying(values[:, None])[0]
    }


def _same(columns: Mapping[str, Floats]) -> Iterator[tuple[str, str]]:
    """Give features that say what an earlier or a paper's one says, and which."""
    names = [name for name in columns if varying(columns[name][:, None])[0]]
    names.sort(key=lambda name: (name not in PAPERS,))
    standard: dict[str, Floats] = {}
    for name in names:
        off = columns[name] - columns[name].mean()
        off = off / np.linalg.norm(off)
        twin = next(
            (other for other, its in standard.items() if abs(off @ its) > 1 - _SAME),
            None,
        )
        if twin is None:
            standard[name] = off
        else:
            yield name, f"says exactly what {twin} says"
