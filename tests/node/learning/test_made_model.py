"""Promises of models that a site makes: what they are called and what they are for."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from config.feature_profiles import shipped_profiles
from config.score_models import ScoreModelError, find_score_model, shipped_score_models
from model.features.ibsi.configuration import IbsiConfiguration
from model.features.profile import FeatureProfile
from model.learning.readout import Readout
from model.score.domain import Domain
from model.score.provenance import Recalibration
from model.score.score_model import Calibration
from node.learning.made_model import (
    Equation,
    MadeModelNames,
    UnscorableProfileError,
    calibrated_model,
    calibrated_names,
    cohort_of,
    domain_of,
    preparation_of,
    trained_model,
    trained_names,
    write_made_model,
)
from node.learning.tables.joined import JoinedTable
from tests.model.features.regions import FINE
from tests.model.score.models import PROVENANCE

NAMES = MadeModelNames("own", "1.0.0", "texture index", "exhausted")
TERMS = ("glcm_Homogeneity2", "glcm_Contrast")
NAN = float("nan")


def table(**columns: object) -> JoinedTable:
    """Return four scans of three animals; by keyword, columns that differ."""
    frame = pd.DataFrame(
        {
            "animal": ["M1", "M1", "M2", "M3"],
            "day": [0.0, 7.0, 0.0, 22.0],
            "tumour_model": ["LLC", "LLC", "B16", "LLC"],
            "group": ["ICI", "ICI", "ICI", "control"],
            "tracer": ["FDG", "FDG", None, " FDG "],
            "route": ["intraperitoneal", "", "intravenous", "intraperitoneal"],
            "uptake_min": [58.0, 61.0, NAN, 60.0],
            "voxel_mm": [0.8, 0.8, 0.8, NAN],
            "volume_ml": [0.2, 0.3, 0.1, 0.4],
            "glcm_Homogeneity2": [0.1, 0.4, 0.2, 0.3],
            "glcm_Contrast": [9.0, NAN, 7.0, 1.0 / 3.0],
        }
        | columns
    )
    return JoinedTable(frame, TERMS)


def test_the_domain_is_what_the_training_rows_were() -> None:
    domain = domain_of(table(species=["mouse"] * 4), TERMS)

    assert domain == Domain(
        tracers=("FDG",),
        species=("mouse",),
        routes=("intraperitoneal", "intravenous"),
        uptake_min=(45.0, 75.0),
        units="g/ml{SUVbw}",
        voxel_mm=(pytest.approx(0.7), pytest.approx(0.9)),
        minimum_diameter_mm=5.0,
        features={
            "glcm_Homogeneity2": (0.1, 0.4),
            "glcm_Contrast": (1.0 / 3.0, 9.0),
        },
    )


@pytest.mark.parametrize("rows", [[0, 2], np.array([True, False, True, False])])
def test_rows_that_were_not_trained_on_have_no_part(rows: object) -> None:
    domain = domain_of(table(), TERMS[:1], rows)  # type: ignore[arg-type]

    assert domain.features == {"glcm_Homogeneity2": (0.1, 0.2)}
    assert domain.routes == ("intraperitoneal", "intravenous")
    assert domain.uptake_min == (43.0, 73.0)


def test_what_no_row_says_is_not_in_the_domain() -> None:
    nothing = [None] * 4
    numbers = [NAN] * 4
    domain = domain_of(
        table(
            tracer=nothing,
            route=[""] * 4,
            uptake_min=numbers,
            voxel_mm=numbers,
            volume_ml=numbers,
            glcm_Contrast=numbers,
        ),
        TERMS,
    )

    assert domain == Domain(
        units="g/ml{SUVbw}",
        minimum_diameter_mm=5.0,
        features={"glcm_Homogeneity2": (0.1, 0.4)},
    )


def test_voxels_are_as_wide_and_as_thick_as_those_of_training() -> None:
    domain = domain_of(table(slice_mm=[1.6, NAN, 1.2, 1.2]), TERMS)

    assert domain.voxel_mm == pytest.approx((0.7, 1.8))


def test_a_wide_uptake_stays_as_wide_and_begins_with_the_injection() -> None:
    domain = domain_of(table(uptake_min=[5.0, 6.0, 7.0, 90.0]), TERMS)

    assert domain.uptake_min == (0.0, 90.0)


def test_a_model_that_saw_small_tumours_is_for_small_tumours() -> None:
    # A sphere of 4 mm has 33.51 mm3.
    domain = domain_of(table(volume_ml=[0.2, 0.03351, 0.5, 0.4]), TERMS)

    assert domain.minimum_diameter_mm == pytest.approx(4.0, abs=1e-3)


def test_a_cohort_is_told_in_words() -> None:
    assert cohort_of(table()) == (
        "3 animals in 4 scans; B16 and LLC; groups ICI and control; days 0 to 22"
    )
    assert cohort_of(table(), [0]) == "1 animal in 1 scan; LLC; group ICI; day 0"
    assert cohort_of(table(tumour_model=None, group=None, day=NAN)) == (
        "3 animals in 4 scans"
    )


def test_names_say_what_was_cut_where_and_in_whom() -> None:
    cohort = cohort_of(table())
    names = trained_names("own", "1.0.0", cohort, Readout.TERMINAL, 21.25)

    assert "CD8+ PD-1hi) above 21.25, the median of: 3 animals" in names.outcome
    assert "trained" in names.title
    assert "calibrated" in calibrated_names("o", "1.0.0", "c", Readout.MFI, 1.0).title
    for readout in Readout:
        made = trained_names("own", "1.0.0", cohort * 100, readout, 1 / 3)
        # Viewers show the title as a concept name, of 64 characters at most (PS3.5).
        assert len(made.title) <= 64
        assert len(made.outcome) <= 2000


def test_a_trained_model_is_written_and_found_by_name(tmp_path: Path) -> None:
    equation = Equation(0.25, {"glcm_Homogeneity2": -0.1 - 0.2})
    domain = domain_of(table(), tuple(equation.coefficients))
    model = trained_model(NAMES, equation, FINE, domain, PROVENANCE)

    written = write_made_model(model, tmp_path / "new" / "score_models")

    assert (tmp_path / "new" / "score_models" / "own-1.0.0.toml").is_file()
    assert find_score_model("own", [tmp_path / "new" / "score_models"]) == written
    assert replace(written, sha256="") == model
    assert written.calibration is Calibration.TRAINED
    with pytest.raises(ScoreModelError, match="cannot be written"):
        write_made_model(model, tmp_path / "new" / "score_models")


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    model = trained_model(
        NAMES, Equation(0.0, {TERMS[0]: 1.0}), FINE, Domain(), PROVENANCE
    )

    with pytest.raises(ScoreModelError, match="cannot be made"):
        write_made_model(model, tmp_path / "file" / "score_models")


def test_a_term_of_the_ct_has_no_place_in_a_score(tmp_path: Path) -> None:
    equation = Equation(0.0, {"CT_shape_SurfaceAreaDensity": 1.0})
    model = trained_model(NAMES, equation, FINE, Domain(), PROVENANCE)

    with pytest.raises(ScoreModelError, match="CT_shape_SurfaceAreaDensity: not in"):
        write_made_model(model, tmp_path)


def test_a_calibrated_model_scores_intercept_and_slope_of_the_others_score(
    tmp_path: Path,
) -> None:
    base = shipped_score_models()["zhang2023-fine"]
    done = Recalibration(base.name, base.version, base.sha256, -0.75, 0.5)

    model = calibrated_model(NAMES, base, replace(PROVENANCE, recalibration=done))

    written = write_made_model(model, tmp_path)
    features = dict(zip(base.coefficients, (0.01, 0.02, 3.0), strict=True))
    scores = [
        each.intercept + sum(each.coefficients[f] * features[f] for f in features)
        for each in (base, written)
    ]
    assert scores[1] == pytest.approx(-0.75 + 0.5 * scores[0], rel=1e-14)
    assert written.calibration is Calibration.SITE
    assert (written.preparation, written.domain) == (base.preparation, base.domain)
    assert written.cut_off == 0.0


@pytest.mark.parametrize(
    "done", [None, Recalibration("zhang2023-fine", "1.1.0", "0" * 64, 0.0, 1.0)]
)
def test_a_recalibration_of_another_model_is_refused(
    done: Recalibration | None,
) -> None:
    base = shipped_score_models()["zhang2023-fine"]

    with pytest.raises(ScoreModelError, match="not one of zhang2023-fine"):
        calibrated_model(NAMES, base, replace(PROVENANCE, recalibration=done))


def test_features_by_ibsi_or_of_distant_pairs_make_no_score_model() -> None:
    def profile(preparation: object) -> FeatureProfile:
        return FeatureProfile("tried", "t", preparation, None, "0" * 64)  # type: ignore[arg-type]

    ibsi = next(
        each
        for each in shipped_profiles().values()
        if isinstance(each.preparation, IbsiConfiguration)
    )
    assert preparation_of(profile(FINE)) == FINE
    with pytest.raises(UnscorableProfileError, match="IBSI"):
        preparation_of(ibsi)
    with pytest.raises(UnscorableProfileError, match="2 voxels apart"):
        preparation_of(profile(replace(FINE, offset=2)))
