"""All that is said of one feature's repeatability.

Design choice: values are divided by their greatest absolute value before squares are
summed, and what has the feature's unit is multiplied by it again. A feature of 1e200 is
so assessed like any other.
"""

from dataclasses import dataclass, replace

import numpy as np

from model.learning.estimate import Assessed, Estimate, NotAssessable
from model.learning.repeatability.bias import Agreement, agreement
from model.learning.repeatability.concordance import (
    LIN,
    ConcordanceOptions,
    concordance_correlation,
)
from model.learning.repeatability.intraclass import icc_agreement, icc_one_way
from model.learning.repeatability.measurements import Measurements
from model.learning.repeatability.within_subject import (
    repeatability_coefficient,
    within_subject_deviation,
    within_subject_variation,
)


@dataclass(frozen=True)
class Repeatability:
    """How well a feature repeats.

    Attributes
    ----------
    subjects, repeats : int
        What the numbers are of.
    concordance : Estimate or NotAssessable
        Lin's CCC; Barnhart's overall CCC of more than two repeats.
    icc_one_way : Estimate or NotAssessable
        ICC(1,1).
    icc_agreement : Estimate or NotAssessable
        ICC(2,1) = ICC(A,1).
    within_deviation, coefficient : Estimate or NotAssessable
        Within-subject standard deviation and repeatability coefficient, in the
        feature's unit.
    variation_percent : Estimate or NotAssessable
        Within-subject coefficient of variation.
    agreement : Agreement or NotAssessable
        Bias and limits of agreement, of two repeats.
    """

    subjects: int
    repeats: int
    concordance: Assessed
    icc_one_way: Assessed
    icc_agreement: Assessed
    within_deviation: Assessed
    coefficient: Assessed
    variation_percent: Assessed
    agreement: Agreement | NotAssessable


def assess_repeatability(
    measurements: Measurements, options: ConcordanceOptions = LIN
) -> Repeatability:
    """Return how well a feature repeats.

    Parameters
    ----------
    measurements : ndarray, shape (subjects, repeats)
        Finite.
    options : ConcordanceOptions
        Its level is that of all intervals.
    """
    subjects, repeats = measurements.shape
    greatest = float(np.max(np.abs(measurements), initial=0.0))
    unit = greatest or 1.0
    scaled = measurements / unit
    level = options.level
    found = agreement(scaled, level)
    if isinstance(found, Agreement):
        bias = _times(unit, found.bias)
        found = Agreement(bias, unit * found.low, unit * found.high)
    return Repeatability(
        subjects=subjects,
        repeats=repeats,
        concordance=concordance_correlation(scaled, options),
        icc_one_way=icc_one_way(scaled, level),
        icc_agreement=icc_agreement(scaled, level),
        within_deviation=_in_unit(unit, within_subject_deviation(scaled, level)),
        coefficient=_in_unit(unit, repeatability_coefficient(scaled, level)),
        variation_percent=within_subject_variation(scaled, level),
        agreement=found,
    )


def _in_unit(unit: float, found: Assessed) -> Assessed:
    return found if isinstance(found, NotAssessable) else _times(unit, found)


def _times(unit: float, found: Estimate) -> Estimate:
    return replace(
        found,
        value=unit * found.value,
        low=None if found.low is None else unit * found.low,
        high=None if found.high is None else unit * found.high,
    )
