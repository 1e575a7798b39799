"""The paper's rule: features that several readouts chose.

The readouts come from the same cells, so they are correlated: a feature that one of
them chooses by chance, the others choose more easily. The rule is no independent
confirmation, and reports say so.

References
----------
Zhang Y, Hu H-H, Zhou S-H, et al. PET-based radiomics visualizes tumor-infiltrating CD8
T cell exhaustion to optimize radiotherapy/immunotherapy combination in mouse models of
lung cancer. Biomarker Research 2023, doi 10.1186/s40364-023-00454-z.
"""

from collections import Counter
from collections.abc import Mapping

from model.learning.readout import Readout
from model.learning.selection.lasso import LassoSelection


def selected_for_several(
    selections: Mapping[Readout, LassoSelection], at_least: int
) -> tuple[int, ...]:
    """Return the features that at least so many readouts chose, in their order.

    Parameters
    ----------
    selections : mapping of Readout to LassoSelection
        On the same features.
    at_least : int
        At least 1.

    Returns
    -------
    tuple of int
        Positions of the features; empty is a valid answer.
    """
    counts = Counter(
        feature for chosen in selections.values() for feature in chosen.selected
    )
    return tuple(sorted(name for name, count in counts.items() if count >= at_least))
