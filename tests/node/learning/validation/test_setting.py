"""A model's own rows are told from others, and what they show is corrected."""

from dataclasses import replace

import pandas as pd
import pytest

from model.learning.estimate import Estimate
from model.learning.readout import Readout
from model.score.domain import Domain
from model.score.provenance import DataFile, Recalibration
from model.score.score_model import Calibration, ScoreModel
from node.learning.tables.joined import JoinedTable
from node.learning.validation.labels import label_rule
from node.learning.validation.numbers import Drawing, validate
from node.learning.validation.rows import ScoredRows, scored_rows
from node.learning.validation.setting import (
    EarlierRowsError,
    Setting,
    SettingError,
    setting_of,
)
from tests.model.score.models import RECALIBRATION, trained
from tests.node.learning.scored_tables import FEATURES, MODEL, joined, straddling

FEW = Drawing(seed=1, resamples=40)


def rows_of(model: ScoreModel, table: JoinedTable | None = None) -> ScoredRows:
    return scored_rows(table or joined(30), model, Readout.TERMINAL)


def own(table: JoinedTable, **changes: object) -> ScoreModel:
    """Return a model that a site trained, scaled to a table."""
    return straddling(replace(trained(**changes), sha256="0" * 64), table)


def test_a_published_model_is_external_to_every_table() -> None:
    assert setting_of(rows_of(MODEL)).setting is Setting.EXTERNAL


def test_the_checksum_of_a_table_of_features_tells_the_models_own_rows() -> None:
    data = (DataFile("features", "renamed.csv", "c" * 64),)

    found = setting_of(rows_of(trained(data=data)))

    assert found.setting is Setting.APPARENT
    assert "the model was made from" in found.reason


def test_shared_flow_cytometry_proves_nothing() -> None:
    data = (
        DataFile("features", "f.csv", "9" * 64),
        DataFile("flow", "flow.csv", "d" * 64),
    )

    assert setting_of(rows_of(trained(data=data))).setting is Setting.EXTERNAL


def test_the_same_rows_written_again_are_told_by_where_the_features_end() -> None:
    table = joined(30)
    spans = {
        name: (float(table.frame[name].min()), float(table.frame[name].max()))
        for name in FEATURES
    }
    model = replace(trained(), domain=Domain(features=spans))

    assert setting_of(rows_of(model, table)).setting is Setting.APPARENT
    assert setting_of(rows_of(model, joined(30, 2))).setting is Setting.EXTERNAL


def spanned(table: JoinedTable, digits: int = 17) -> ScoreModel:
    """Return a trained model whose domain is where a table's features end."""
    spans = {
        name: tuple(
            float(f"{end:.{digits}g}")
            for end in (table.frame[name].min(), table.frame[name].max())
        )
        for name in FEATURES
    }
    return replace(trained(), domain=Domain(features=spans))


def test_some_of_the_models_own_rows_among_others_are_told_too() -> None:
    own_table, others = joined(30), joined(30, 2)
    model = spanned(own_table)
    grown = pd.concat([own_table.frame, others.frame], ignore_index=True)
    lowest = own_table.frame[FEATURES[0]].idxmin()
    few = pd.concat([others.frame, own_table.frame.loc[[lowest]]], ignore_index=True)

    for frame in (grown, few):
        found = setting_of(rows_of(model, replace(own_table, frame=frame)))
        assert found.setting is Setting.APPARENT
        assert "to the last digit" in found.reason


def test_values_of_few_digits_are_shared_by_chance() -> None:
    own_table, others = joined(30), joined(30, 2)
    model = spanned(own_table, digits=3)
    frame = others.frame.copy()
    name = FEATURES[0]
    frame.loc[frame.index[0], name] = model.domain.features[name][0]

    found = setting_of(rows_of(model, replace(others, frame=frame)))

    assert found.setting is Setting.EXTERNAL


def test_rows_of_the_model_before_its_calibration_are_not_external() -> None:
    data = (
        DataFile("features", "local.csv", "9" * 64),
        DataFile("earlier_features", "first.csv", "c" * 64),
    )
    model = trained(data=data, recalibration=RECALIBRATION)

    with pytest.raises(EarlierRowsError, match="not external"):
        setting_of(rows_of(replace(model, calibration=Calibration.SITE)))


def test_a_user_may_say_that_the_animals_are_the_models_own() -> None:
    rows = rows_of(trained())

    assert setting_of(rows).setting is Setting.EXTERNAL
    assert setting_of(rows, declared_apparent=True).setting is Setting.APPARENT


def test_a_published_model_has_no_own_rows() -> None:
    with pytest.raises(SettingError, match="Leave --apparent out"):
        setting_of(rows_of(MODEL), declared_apparent=True)


@pytest.mark.parametrize("method", ["Firth's penalised likelihood", "maximum l."])
def test_what_a_model_shows_on_its_own_rows_is_corrected_downwards(method: str) -> None:
    table = joined(40, slope=0.4)
    model = own(table, method=method)
    rows = rows_of(model, table)
    rule = label_rule("median", Readout.TERMINAL, model, rows.values)

    setting = setting_of(rows, declared_apparent=True)
    found = validate(rows, rule, setting, FEW)

    before, after = found.apparent["c_index"], found.numbers["c_index"]
    assert isinstance(before, Estimate)
    assert isinstance(after, Estimate)
    assert after.value < before.value
    assert "optimism-corrected" in after.method


def test_a_calibrated_models_own_rows_keep_its_ranking() -> None:
    table = joined(40)
    base = straddling(MODEL, table)
    made = replace(
        trained().provenance, recalibration=replace(RECALIBRATION, slope=1.0)
    )
    model = replace(base, calibration=Calibration.SITE, provenance=made)
    assert isinstance(made.recalibration, Recalibration)
    rows = rows_of(model, table)
    rule = label_rule("median", Readout.TERMINAL, model, rows.values)

    found = validate(rows, rule, setting_of(rows, declared_apparent=True), FEW)

    assert found.numbers["c_index"] == found.apparent["c_index"]
    brier = found.numbers["brier_score"]
    assert isinstance(brier, Estimate)
    assert "optimism-corrected" in brier.method


def test_external_rows_are_not_corrected() -> None:
    table = joined(40)
    rows = rows_of(straddling(MODEL, table), table)
    rule = label_rule("median", Readout.TERMINAL, rows.model, rows.values)

    found = validate(rows, rule, setting_of(rows), FEW)

    assert not found.apparent
    number = found.numbers["c_index"]
    assert isinstance(number, Estimate)
    assert "DeLong" in number.method
