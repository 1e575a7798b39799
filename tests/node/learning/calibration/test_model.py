"""A calibrated model: its equation, its domain, its provenance, its file."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from config.score_models import ScoreModelError, load_score_model
from model.learning.estimate import NotAssessable
from model.learning.readout import Readout
from model.learning.recalibrated import Recalibrated
from model.learning.recalibration import RecalibrationFit
from model.score.domain import Domain
from model.score.provenance import DataFile
from model.score.score_model import Calibration, ScoreModel
from node.learning.calibration.domain import calibration_domain
from node.learning.calibration.model import (
    CalibratedNames,
    model_of_calibration,
    write_calibrated_model,
)
from node.learning.calibration.run import Calibrated, calibrate
from node.learning.validation.labels import label_rule
from node.learning.validation.numbers import Drawing
from node.learning.validation.rows import scored_rows
from tests.model.score.models import PROVENANCE
from tests.node.learning.scored_tables import MODEL, joined, straddling

TABLE = joined(60, slope=1.0)
BASE = straddling(MODEL, TABLE)


def calibrated(what: Recalibrated = Recalibrated.BOTH) -> Calibrated:
    rows = scored_rows(TABLE, BASE, Readout.TERMINAL)
    rule = label_rule("median", Readout.TERMINAL, BASE, rows.values)
    return calibrate(rows, rule, what, Drawing(1, 30))


def made(found: Calibrated) -> ScoreModel:
    assert isinstance(found.fit, RecalibrationFit)
    assert found.after is not None
    names = CalibratedNames("ours", "1.0.0")
    return model_of_calibration(found, found.fit, found.after, names)


@pytest.fixture(scope="module")
def both() -> Calibrated:
    return calibrated()


def test_the_equation_is_the_line_over_the_other(both: Calibrated) -> None:
    model = made(both)

    again = scored_rows(TABLE, model, Readout.TERMINAL)

    assert both.after is not None
    assert again.scores == pytest.approx(both.after.rows.scores)
    assert model.calibration is Calibration.SITE
    for name, coefficient in BASE.coefficients.items():
        ratio = model.coefficients[name] / coefficient
        assert ratio == pytest.approx(both.fit.slope.value)


def test_an_intercept_alone_leaves_every_coefficient() -> None:
    model = made(calibrated(Recalibrated.INTERCEPT))

    assert model.coefficients == BASE.coefficients
    assert model.intercept != BASE.intercept
    recalibration = model.provenance.recalibration
    assert recalibration.slope == 1
    text = " ".join(model.provenance.remarks)
    assert "an intercept alone does not repair that" in text


def test_the_provenance_says_what_was_done_with_what(both: Calibrated) -> None:
    made_from = made(both).provenance

    assert (made_from.animals, made_from.observations, made_from.events) == (60, 60, 30)
    assert {file.sha256 for file in made_from.data} == {"c" * 64, "d" * 64}
    assert made_from.recalibration.sha256 == BASE.sha256
    assert made_from.seed == 1
    settings = {each.setting for each in made_from.performance}
    assert {text.split()[0] for text in settings} == {"before", "after"}
    assert any("30 and 30 of the two labels are fewer" in r for r in made_from.remarks)


def test_the_scans_that_the_model_was_made_from_are_not_forgotten(
    both: Calibrated, tmp_path: Path
) -> None:
    data = (
        DataFile("features", "first.csv", "1" * 64),
        DataFile("flow", "flow.csv", "2" * 64),
        DataFile("earlier_ledger", "ledger.sqlite", "3" * 64),
    )
    base = replace(BASE, provenance=replace(PROVENANCE, data=data))
    found = replace(both, rows=replace(both.rows, model=base))

    model = write_calibrated_model(made(found), tmp_path)

    assert model.provenance is not None
    earlier = [each for each in model.provenance.data if "earlier" in each.role]
    assert [each.role for each in earlier] == ["earlier_features", "earlier_ledger"]
    assert earlier[0].sha256 == "1" * 64


def test_the_same_seed_gives_the_same_bytes(both: Calibrated, tmp_path: Path) -> None:
    first = write_calibrated_model(made(both), tmp_path / "a")
    write_calibrated_model(made(calibrated()), tmp_path / "b")

    texts = [(tmp_path / name / "ours-1.0.0.toml").read_bytes() for name in ("a", "b")]
    assert texts[0] == texts[1]
    assert load_score_model(tmp_path / "a" / "ours-1.0.0.toml") == first
    assert write_calibrated_model(made(both), tmp_path / "a") == first


def test_another_model_of_the_same_name_is_not_written_over(
    both: Calibrated, tmp_path: Path
) -> None:
    write_calibrated_model(made(both), tmp_path)

    with pytest.raises(ScoreModelError):
        write_calibrated_model(replace(made(both), intercept=0.0), tmp_path)


def test_a_wrong_ranking_is_refused_and_nothing_follows() -> None:
    table = joined(60, slope=-1.0)
    rows = scored_rows(table, straddling(MODEL, table), Readout.TERMINAL)
    rule = label_rule("median", Readout.TERMINAL, rows.model, rows.values)

    found = calibrate(rows, rule, Recalibrated.BOTH, Drawing(1, 30))

    assert isinstance(found.fit, NotAssessable)
    assert found.after is None
    assert found.before["c_index"].value < 0.5


def test_the_ranking_stays_and_the_scale_is_mended(both: Calibrated) -> None:
    assert both.after is not None
    before, after = both.before, both.after.numbers

    assert after["c_index"].value == pytest.approx(before["c_index"].value)
    assert abs(np.log(after["calibration_slope"].value)) < abs(
        np.log(before["calibration_slope"].value)
    )


def test_the_domain_is_that_of_the_labels_where_the_table_says_it() -> None:
    base = Domain(
        tracers=("FDG",),
        species=("mouse",),
        routes=("intravenous",),
        minimum_diameter_mm=5.0,
        features={"glcm_Contrast": (0, 1)},
    )
    local = Domain(
        routes=("intraperitoneal",),
        minimum_diameter_mm=3.0,
        features={"glcm_Energy": (2, 3)},
    )

    found = calibration_domain(base, local)

    assert found.routes == ("intraperitoneal",)
    assert found.species == ("mouse",)
    assert found.minimum_diameter_mm == 5.0
    assert set(found.features) == {"glcm_Contrast", "glcm_Energy"}
