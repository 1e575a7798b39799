"""Maximum likelihood: where it exists, and why not where it does not."""

from itertools import combinations

import numpy as np
import pytest
import statsmodels.api as sm
from numpy.typing import NDArray

from model.learning.fitting.design import Design
from model.learning.fitting.logistic import Method
from model.learning.fitting.maximum_likelihood import fit_maximum_likelihood
from model.learning.fitting.separation import SeparationError, separation_of
from tests.model.learning.fitting.labelled import (
    Floats,
    mixed,
    quasi_separated,
    separated,
)


def test_a_fit_is_that_of_statsmodels() -> None:
    features, labels = mixed(60, seed=2)
    ours = fit_maximum_likelihood(features, labels)
    standard = (features - features.mean(0)) / features.std(0)
    peer = sm.Logit(labels, sm.add_constant(standard)).fit(disp=0, tol=1e-12)
    assert ours.coefficients * features.std(0) == pytest.approx(peer.params[1:])
    assert ours.scores(features) == pytest.approx(peer.fittedvalues)
    assert ours.standard_errors[1:] * features.std(0) == pytest.approx(peer.bse[1:])
    assert ours.method is Method.MAXIMUM_LIKELIHOOD


def test_exchanged_classes_change_the_sign_and_nothing_else() -> None:
    features, labels = mixed(60, seed=2)
    one = fit_maximum_likelihood(features, labels)
    other = fit_maximum_likelihood(features, 1 - labels)
    assert other.scores(features) == pytest.approx(-one.scores(features))


def test_separated_labels_are_refused_by_the_feature_that_parts_them() -> None:
    features, labels = separated()
    names = ("InverseVariance", "Kurtosis", "volume")
    with pytest.raises(SeparationError, match="completely by InverseVariance") as told:
        fit_maximum_likelihood(features, labels, names=names)
    assert told.value.separation.alone == (0,)
    assert "firth" in told.value.remedy


def test_separation_but_for_ties_is_refused_too() -> None:
    features, labels = quasi_separated()
    with pytest.raises(SeparationError, match=r"but for ties by column 2 \(by") as told:
        fit_maximum_likelihood(features, labels)
    assert not told.value.separation.complete
    assert told.value.separation.together == (1,)


def test_features_that_part_the_labels_only_together_are_named() -> None:
    generator = np.random.default_rng(1)
    features = generator.normal(size=(30, 4))
    line = features[:, 1] - features[:, 2]
    features = features[abs(line) > 0.3]
    labels = (features[:, 1] > features[:, 2]).astype(int)
    with pytest.raises(SeparationError, match=r"columns 2, 3 \(together\)") as told:
        fit_maximum_likelihood(features, labels)
    assert told.value.separation.complete
    assert told.value.separation.alone == ()


def test_one_row_across_the_line_is_enough_for_a_fit() -> None:
    features, labels = separated()
    order = np.argsort(features[:, 0])
    labels[order[[8, 9]]] = labels[order[[9, 8]]]
    # Swapped at the border: a threshold of this feature alone no longer parts them.
    fit = fit_maximum_likelihood(features[:, :1], labels)
    assert np.isfinite(fit.standard_errors).all()
    foretold = 1 / (1 + np.exp(-fit.scores(features[:, :1])))
    assert foretold.mean() == pytest.approx(labels.mean())


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e9])
def test_separation_is_found_in_any_unit(scale: float) -> None:
    features, labels = separated()
    assert separation_of(Design.of(features * scale, labels)) is not None
    features, labels = mixed(60, seed=2)
    assert separation_of(Design.of(features * scale, labels)) is None


def a_line_through_two_points_parts(points: Floats, labels: NDArray[np.int_]) -> bool:
    """Return whether points in general position are parted, by trying all lines."""
    for one, other in combinations(range(len(points)), 2):
        along = points[other] - points[one]
        sides = (points - points[one]) @ [-along[1], along[0]]
        others = np.delete(np.arange(len(points)), [one, other])
        right = np.sign(sides[others]) == 2 * labels[others] - 1
        if right.all() or not right.any():
            return True
    return False


def test_separation_is_found_exactly_where_there_is_a_line() -> None:
    generator = np.random.default_rng(4)
    outcomes = []
    for _ in range(40):
        points = generator.normal(size=(9, 2))
        labels = generator.permutation(np.arange(9) % 2)
        found = separation_of(Design.of(points, labels))
        assert (found is not None) == a_line_through_two_points_parts(points, labels)
        assert found is None or found.complete
        outcomes.append(found is not None)
    assert 2 < sum(outcomes) < 38
