"""Rows are scored as the node scores them, labelled by a stated rule, or left out."""

from dataclasses import replace

import numpy as np
import pytest

from config.schema import Settings
from model.learning.readout import Readout
from model.score.score_model import Calibration
from node.learning.tables.joined import FindingKind
from node.learning.validation.labels import LabelError, label_rule, readout_of
from node.learning.validation.rows import (
    ScoringError,
    left_out_of,
    outside_of,
    require_preparation,
    scored_rows,
)
from tests.model.score.models import trained
from tests.node.learning.scored_tables import FEATURES, MODEL, joined

TERMINAL = Readout.TERMINAL


def test_a_score_is_intercept_and_sum_of_coefficient_times_feature() -> None:
    table = joined(6)

    rows = scored_rows(table, MODEL, TERMINAL)

    first = table.frame.iloc[0]
    terms = [MODEL.coefficients[name] * first[name] for name in FEATURES]
    assert rows.scores[0] == pytest.approx(MODEL.intercept + sum(terms), abs=1e-12)
    assert rows.features.shape == (6, 3)


@pytest.mark.parametrize(
    ("column", "value", "why"),
    [
        ("voxels", 12.0, "12 voxels; tried scores 30 or more"),
        ("tracer", "FLT", "the tracer is FLT, and the model was made for FDG"),
        (FEATURES[0], np.nan, "no value of glcm_InverseVariance, and so no score"),
        ("terminal", np.nan, "no value of terminal, and so no label"),
    ],
)
def test_what_the_node_would_not_score_is_left_out_and_said(
    column: str, value: object, why: str
) -> None:
    table = joined(6)
    table.frame[column] = table.frame[column].astype(object)
    table.frame.loc[2, column] = value

    rows = scored_rows(table, MODEL, TERMINAL)

    assert list(rows.positions) == [0, 1, 3, 4, 5]
    assert rows.left_out[0].kind is FindingKind.EXCLUDED
    assert left_out_of(rows) == {why: ["animal M02, day 7"]}


def test_rows_outside_the_domain_are_scored_and_counted() -> None:
    table = joined(6, columns={"uptake_min": [60, 60, 95, 100, 60, 60]})

    rows = scored_rows(table, MODEL, TERMINAL)

    assert len(rows.scores) == 6
    assert outside_of(rows) == {"uptake time: not 40 to 80 min": 2}


def test_nothing_left_is_refused_with_a_remedy() -> None:
    with pytest.raises(ScoringError, match=r"none of 6 rows.*--flow"):
        scored_rows(joined(6, columns={"terminal": np.nan}), MODEL, TERMINAL)


def test_an_empty_cage_is_refused_where_cages_are_the_groups() -> None:
    table = joined(6, columns={"cage": ["C1", "C1", "", "C2", "C2", None]})

    with pytest.raises(ScoringError, match="column cage is empty for M02, M05"):
        scored_rows(table, MODEL, TERMINAL, "cage")


def test_features_of_another_preparation_are_refused_with_the_command_to_use() -> None:
    other = replace(joined(6), profiles={"zhang2023-64-1.1.0": ""})

    with pytest.raises(ScoringError, match="features DIR --profile tried --table"):
        require_preparation(other, MODEL, Settings())


def test_features_of_the_model_itself_are_accepted() -> None:
    require_preparation(joined(6), MODEL, Settings())


def test_the_same_preparation_under_another_name_is_accepted() -> None:
    other = replace(joined(6), profiles={"zhang2023-fine-1.1.0": ""})

    require_preparation(other, MODEL, Settings())


def test_a_feature_that_no_table_has_is_named() -> None:
    lacking = replace(joined(6), features=FEATURES[:2])

    with pytest.raises(
        ScoringError,
        match=r"no column for histogram_Kurtosis, which .* is made of, or no value",
    ):
        require_preparation(lacking, MODEL, Settings())


def test_a_model_brings_its_readout_and_its_cut_off() -> None:
    model = trained(label_readout="mfi", label_cut_off=4000.0)
    values = np.array([1.0, 2.0, 9.0])

    assert readout_of(None, model) is Readout.MFI
    rule = label_rule(None, Readout.MFI, model, values)
    assert rule.cut_off == 4000.0
    assert "made with" in rule.text
    assert label_rule("median", Readout.MFI, model, values).cut_off == 2.0
    assert label_rule("1.5", Readout.MFI, model, values).cut_off == 1.5


def test_a_published_model_is_cut_at_the_median_and_says_so() -> None:
    assert MODEL.calibration is Calibration.NONE
    assert readout_of(None, MODEL) is TERMINAL
    rule = label_rule(None, TERMINAL, MODEL, np.array([0.1, 0.2, 0.4]))

    assert rule.cut_off == 0.2
    assert "median of the rows used here" in rule.text
    assert list(rule.labels(np.array([0.2, 0.21]))) == [False, True]


@pytest.mark.parametrize("asked", ["training", "middle", "nan"])
def test_a_cut_off_that_does_not_exist_is_refused(asked: str) -> None:
    with pytest.raises(LabelError, match="--cut-off"):
        label_rule(asked, TERMINAL, MODEL, np.array([0.1]))
