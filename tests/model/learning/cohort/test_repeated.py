"""Effects, terms and pairs of groups whose animals come back."""

import numpy as np
import pytest

from model.learning.cohort.one_way import FTest
from model.learning.cohort.repeated import Scans, analyse_repeated, day_name
from model.learning.estimate import NotAssessable


def scans(days: tuple[float, ...] = (0.0, 3.0, 7.0)) -> Scans:
    """Return two groups of six animals; only the second rises, by 2 a day."""
    rng = np.random.default_rng(1)
    animals = np.repeat(np.arange(12), len(days))
    day = np.tile(np.array(days), 12)
    treated = animals >= 6
    own = rng.normal(0, 5.0, 12)[animals]
    values = own + 2.0 * day * treated + rng.normal(0, 0.5, len(day))
    groups = np.where(treated, "treated", "control")
    return Scans(values, day, groups, animals.astype(str))


def only(all_scans: Scans, kept: np.ndarray) -> Scans:
    return Scans(
        all_scans.values[kept],
        all_scans.days[kept],
        all_scans.groups[kept],
        all_scans.animals[kept],
    )


def test_effects_are_those_of_treatment_coding() -> None:
    found = analyse_repeated(scans())

    means = dict(zip(found.cells, found.model.means, strict=True))  # type: ignore[union-attr]
    interaction = found.effects["treated : D7"].difference
    expected = (means["treated", 7.0] - means["treated", 0.0]) - (
        means["control", 7.0] - means["control", 0.0]
    )
    assert interaction == pytest.approx(expected)
    assert interaction == pytest.approx(14.0, abs=1.5)
    assert found.effects["mean of control D0"].difference == pytest.approx(
        means["control", 0.0]
    )
    assert found.effects["D3"].difference == pytest.approx(
        means["control", 3.0] - means["control", 0.0]
    )


def test_the_interaction_is_found_and_pairs_are_corrected_within_a_group() -> None:
    found = analyse_repeated(scans())

    test = found.terms["group : day"]
    assert isinstance(test, FTest)
    assert test.p < 1e-6
    for pair in found.pairs["treated"]:
        assert pair.p_corrected == pytest.approx(min(1.0, 3 * pair.p))
        assert pair.symbol == "***"
    assert [pair.symbol for pair in found.pairs["control"]] == ["", "", ""]


def test_the_interaction_of_the_cells_there_are_is_the_same_when_all_are_there() -> (
    None
):
    """Contrasts at right angles to both parts span the interaction."""
    every = analyse_repeated(scans())
    without = analyse_repeated(
        only(scans((0.0, 3.0, 7.0, 9.0)), _without("treated", 9.0))
    )

    assert isinstance(without.terms["group"], NotAssessable)
    one, other = every.terms["group : day"], without.terms["group : day"]
    assert isinstance(one, FTest)
    assert isinstance(other, FTest)
    assert one.between == other.between == 2


def _without(group: str, day: float) -> np.ndarray:
    every = scans((0.0, 3.0, 7.0, 9.0))
    return ~((every.groups == group) & (every.days == day))


def test_a_day_of_one_animal_is_left_out_and_named() -> None:
    every = scans()
    kept = ~((every.groups == "treated") & (every.days == 7.0))
    kept[np.flatnonzero(~kept)[0]] = True

    found = analyse_repeated(only(every, kept))

    assert ("treated", 7.0) not in found.cells
    assert any("one animal" in text for text in found.left_out)
    assert {gap.second for gap in found.not_compared["treated"]} == {"D7"}
    assert [p.second for p in found.pairs["treated"]] == ["D3"]


def test_one_group_has_a_term_of_days_only() -> None:
    every = scans()

    found = analyse_repeated(only(every, every.groups == "treated"))

    assert list(found.terms) == ["day"]
    assert list(found.effects) == ["mean of treated D0", "D3", "D7"]


def test_what_cannot_be_fitted_says_why_for_every_pair() -> None:
    every = scans()
    kept = np.isin(every.animals, ["0", "1"])

    found = analyse_repeated(only(every, kept))

    assert isinstance(found.model, NotAssessable)
    assert not found.effects
    assert len(found.not_compared["control"]) == 3


def test_days_are_written_without_needless_digits() -> None:
    assert [day_name(day) for day in (0.0, 7.0, 3.5)] == ["D0", "D7", "D3.5"]


def test_days_that_are_dates_keep_their_own_names() -> None:
    names = [day_name(day) for day in (20231101.0, 20231102.0, 0.1 + 0.2, -3.0)]

    assert names == ["D20231101", "D20231102", "D0.3", "D-3"]
