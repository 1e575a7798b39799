"""Promises of `config.score_models` and of the layout of the files."""

import hashlib
import json
import subprocess
import sys
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from config.score_model_file import parse_score_model
from config.score_models import (
    ScoreModelError,
    find_score_model,
    load_score_model,
    shipped_score_models,
    write_score_model,
)
from model.features.definitions import FEATURE_BY_NAME
from model.features.preparation import (
    Discretisation,
    Interpolation,
    KurtosisKind,
    Limits,
    Resampling,
    Resegmentation,
)
from model.score.domain import Domain
from model.score.score_model import Calibration, ScoreModel
from tests.model.features.regions import FINE, IBEX_EXAMPLE
from tests.model.score.models import published

FOLDER = Path(__file__).resolve().parents[2] / "config" / "score_models"
FILES = sorted(FOLDER.glob("*.toml"))
DOMAIN = Domain(
    tracers=("FDG", "FLT"),
    uptake_min=(30.0, 60.5),
    voxel_mm=(0.4, 0.4),
    features={"glcm_Contrast": (0.0, 1e3), "direct_Kurtosis": (-1.5, 3.0)},
)
FINE_FILE = FOLDER / "zhang2023-fine-1.1.0.toml"


def changed(tmp_path: Path, old: str, new: str, *, checksum: bool = True) -> Path:
    """Write the default model with one change, under a checksum that fits it."""
    text = FINE_FILE.read_text(encoding="utf-8")
    assert old in text
    text = text.replace(old, new, 1)
    if checksum:
        content = tomllib.loads(text)
        stated = content.pop("checksum")
        text = text.replace(stated, checksum_of(content))
    path = tmp_path / "changed-1.0.0.toml"
    path.write_text(text, encoding="utf-8")
    return path


def checksum_of(content: object) -> str:
    """As documented: JSON, sorted keys, no white space, UTF-8, SHA-256."""
    text = json.dumps(
        content, sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    return hashlib.sha256(text.encode()).hexdigest()


def mistakes_of(path: Path) -> tuple[str, ...]:
    with pytest.raises(ScoreModelError) as refusal:
        load_score_model(path)
    assert str(path) in str(refusal.value)
    assert refusal.value.remedy
    return refusal.value.mistakes


def test_the_published_equation_is_shipped_in_its_three_readings() -> None:
    models = shipped_score_models()

    assert set(models) == {"zhang2023-fine", "zhang2023-64", "zhang2023-ibex-example"}
    for model in models.values():
        assert list(model.coefficients.values()) == [-297.597, 178.689, 1.088]
        assert (model.intercept, model.cut_off) == (1.485, 0.0)
        assert model.calibration is Calibration.NONE
        assert "uncalibrated" in model.title
        assert model.version == "1.1.0"


def test_the_shipped_files_stay_in_their_layout_byte_for_byte() -> None:
    """A result that names one of these checksums can be made again."""
    assert {model.name: model.sha256 for model in shipped_score_models().values()} == {
        "zhang2023-64": (
            "2d251773ad4daff3e18f6c1400d0c59b8f1b0ec726db8c717d4f51c35e3c3a16"
        ),
        "zhang2023-fine": (
            "0eb6a04e8f957d510ef3028bd181af384ebece58730e2edb79181332887c4801"
        ),
        "zhang2023-ibex-example": (
            "9fab9da714fb57bec266771020c5888c46939fa762c289dcc6a4fa90e4849fe1"
        ),
    }


def test_the_readings_differ_in_levels_and_kurtosis_alone() -> None:
    models = shipped_score_models()
    fine = models["zhang2023-fine"].preparation
    example = models["zhang2023-ibex-example"].preparation

    assert fine == FINE
    assert models["zhang2023-64"].preparation == replace(FINE, levels=64)
    assert example == IBEX_EXAMPLE
    assert example.discretisation is Discretisation.IBEX_UNIT_STEP
    assert example.kurtosis is KurtosisKind.BIN_PROBABILITIES


def test_the_shipped_readings_say_what_the_publication_measured() -> None:
    for model in shipped_score_models().values():
        assert model.domain == Domain(
            tracers=("FDG",),
            species=("mouse",),
            routes=("intraperitoneal",),
            uptake_min=(45.0, 75.0),
            units="g/ml{SUVbw}",
            voxel_mm=(0.7, 0.9),
            minimum_diameter_mm=5.0,
        )


def test_a_file_without_a_domain_is_for_any_measurement(tmp_path: Path) -> None:
    path = tmp_path / "own-1.0.0.toml"
    write_score_model(published(FINE, name="own"), path)

    assert "domain" not in path.read_text(encoding="utf-8")
    assert load_score_model(path).domain == Domain()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_shipped_file_is_named_for_its_content_and_bears_its_checksum(
    path: Path,
) -> None:
    model = load_score_model(path)
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    stated = content.pop("checksum")

    assert path.name == f"{model.name}-{model.version}.toml"
    assert stated == model.sha256 == checksum_of(content)


def test_a_comment_may_change_and_a_number_may_not(tmp_path: Path) -> None:
    comment = changed(tmp_path, "# Do not edit", "# Never edit", checksum=False)
    assert load_score_model(comment) == load_score_model(FINE_FILE)

    altered = changed(tmp_path, "-297.597", "-297.596", checksum=False)
    assert mistakes_of(altered) == (
        "checksum: does not fit the content, which was altered",
    )


@pytest.mark.parametrize(
    ("old", "new", "mistake"),
    [
        ("schema = 1\n", "schema = 1\nextra = 2\n", "extra:"),
        ("offset = 1", "offset = 1\nbinwidth = 25", "preparation.binwidth:"),
        ("offset = 1", "offset = 2", "preparation.offset:"),
        ("levels = 256", "levels = 1", "preparation.levels:"),
        ("levels = 256", 'levels = "256"', "preparation.levels:"),
        ("levels = 256", "", "levels goes with"),
        ("levels = 256", "levels = 1e3", "preparation.levels:"),
        ('kurtosis = "masked_values"', 'kurtosis = "excess"', "preparation.kurtosis:"),
        ('kurtosis = "masked_values"', 'kurtosis = "bin_probabilities"', "histogram"),
        ('dimension = "2.5D"', 'dimension = "4D"', "preparation.dimension:"),
        ("intercept = 1.485", "", "intercept:"),
        ("intercept = 1.485", "intercept = nan", "intercept:"),
        ("cut_off = 0.0", "cut_off = inf", "cut_off:"),
        ("symmetric = true", "symmetric = 1", "preparation.symmetric:"),
        ('link = "logistic"', 'link = "probit"', "link:"),
        ('calibration = "none"', 'calibration = "ours"', "calibration:"),
        ('name = "zhang2023-fine"', 'name = "../../etc"', "name:"),
        ('version = "1.1.0"', 'version = "one"', "version:"),
        ("glcm_InverseVariance =", "glcm_Typo =", "coefficients.glcm_Typo"),
        (
            "histogram_Kurtosis =",
            "histogram_KurtosisOfBinProbabilities =",
            "coefficients.histogram_KurtosisOfBinProbabilities",
        ),
        ("minimum_voxels = 30", "minimum_voxels = 0", "minimum_voxels:"),
        ("map_radius_mm = 2.4", "map_radius_mm = 0.0", "map_radius_mm:"),
        ('tracers = ["FDG"]', 'tracer = ["FDG"]', "domain.tracer:"),
        ('tracers = ["FDG"]', 'tracers = "FDG"', "domain.tracers:"),
        ('species = ["mouse"]', 'species = [" "]', "domain.species.0:"),
        ("uptake_min = [45.0, 75.0]", "uptake_min = [75.0, 45.0]", "must not exceed"),
        ("uptake_min = [45.0, 75.0]", "uptake_min = [45.0]", "domain.uptake_min.1:"),
        ('units = "g/ml{SUVbw}"', 'units = "Bq/ml"', "domain.units:"),
        ("voxel_mm = [0.7, 0.9]", "voxel_mm = [0.0, 0.9]", "domain.voxel_mm.0:"),
        (
            "minimum_diameter_mm = 5.0",
            "minimum_diameter_mm = 5.0\nfeatures = {glcm_Typo = [0.0, 1.0]}",
            "glcm_Typo",
        ),
    ],
)
def test_a_mistake_is_refused_with_its_key(
    tmp_path: Path, old: str, new: str, mistake: str
) -> None:
    mistakes = mistakes_of(changed(tmp_path, old, new))

    assert any(mistake in each for each in mistakes), mistakes


def test_a_date_in_place_of_a_number_is_refused(tmp_path: Path) -> None:
    path = changed(
        tmp_path, "intercept = 1.485", "intercept = 2026-01-01", checksum=False
    )

    assert any(each.startswith("intercept:") for each in mistakes_of(path))


def test_all_mistakes_are_reported_at_once(tmp_path: Path) -> None:
    path = changed(tmp_path, "cut_off = 0.0", "odd = 1", checksum=False)

    mistakes = mistakes_of(path)

    keys = {mistake.split(":")[0] for mistake in mistakes}
    assert keys == {"checksum", "cut_off", "odd"}


def test_a_newer_layout_is_refused_with_the_way_out(tmp_path: Path) -> None:
    path = changed(tmp_path, "schema = 1", "schema = 3")

    with pytest.raises(ScoreModelError, match="newer") as refusal:
        load_score_model(path)

    assert "Update" in refusal.value.remedy


@pytest.mark.parametrize("old", ["schema = 1", 'checksum = "'])
def test_a_file_without_schema_or_checksum_is_refused(tmp_path: Path, old: str) -> None:
    path = changed(tmp_path, old, f"#{old}", checksum=False)

    assert any(each.startswith(old.split(maxsplit=1)[0]) for each in mistakes_of(path))


@pytest.mark.parametrize(
    "data",
    [b"", b"schema = ", b"\xff\xfe", b"schema = 1\n" * 2, b"#" * 1_000_001],
    ids=["empty", "malformed", "not text", "key twice", "huge"],
)
def test_what_is_no_score_model_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "odd-1.0.0.toml"
    path.write_bytes(data)

    assert mistakes_of(path)


def test_deep_nesting_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "odd-1.0.0.toml"
    path.write_text("a = " + "[" * 50_000, encoding="utf-8")

    assert mistakes_of(path)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    assert "cannot be read" in mistakes_of(tmp_path / "none.toml")[0]
    assert "cannot be read" in mistakes_of(tmp_path)[0]


@pytest.mark.parametrize(
    "model",
    [
        published(FINE, name="own", calibration=Calibration.TRAINED),
        published(IBEX_EXAMPLE, name="own", version="2.10.0"),
        published(FINE, name="own", domain=DOMAIN),
        published(
            replace(
                FINE,
                discretisation=Discretisation.IBSI_FIXED_BIN_SIZE,
                levels=None,
                limits=Limits.FIXED,
                low=-1.0,
                high=20.0,
                bin_size=0.25,
                resampling=Resampling(
                    (None, 0.8, 0.75), Interpolation.CUBIC_SPLINE, round_values=True
                ),
                resegmentation=Resegmentation(outlier_sigmas=3.0),
            ),
            name="own",
        ),
        published(
            FINE,
            name="own",
            title='quotes " and \\ and\nlines, \x7f, µ and 🐭',
            coefficients={"direct_GlobalMax": 1e-7, "glcm_Contrast": -1e22},
            intercept=0.1 + 0.2,
        ),
    ],
)
def test_a_written_model_reads_back_the_same(tmp_path: Path, model: ScoreModel) -> None:
    path = tmp_path / f"{model.name}-{model.version}.toml"

    written = write_score_model(model, path)

    assert load_score_model(path) == written
    assert replace(written, sha256=model.sha256) == model


def test_a_shipped_model_keeps_its_checksum_when_written(tmp_path: Path) -> None:
    for model in shipped_score_models().values():
        written = write_score_model(model, tmp_path / f"{model.name}.toml")

        assert written == model


def test_writing_over_a_file_is_refused_and_leaves_it(tmp_path: Path) -> None:
    path = tmp_path / "own-1.0.0.toml"
    path.write_text("kept", encoding="utf-8")

    with pytest.raises(ScoreModelError, match="cannot be written"):
        write_score_model(published(FINE, name="own"), path)

    assert path.read_text(encoding="utf-8") == "kept"


def test_a_model_that_breaks_the_rules_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "own-1.0.0.toml"

    with pytest.raises(ScoreModelError, match="intercept"):
        write_score_model(published(FINE, intercept=float("nan")), path)
    with pytest.raises(ScoreModelError, match="coefficients"):
        write_score_model(published(FINE, coefficients={"a\n]b": 1.0}), path)

    assert not path.exists()


def test_a_shipped_model_is_found_by_name_with_or_without_version() -> None:
    assert find_score_model("zhang2023-64") == find_score_model("zhang2023-64-1.1.0")
    assert find_score_model("zhang2023-64").preparation.levels == 64


def test_the_newest_version_of_a_site_model_is_found(tmp_path: Path) -> None:
    for version in ("1.9.0", "1.10.0", "1.2.0"):
        model = published(FINE, name="own", version=version)
        write_score_model(model, tmp_path / f"own-{version}.toml")

    assert find_score_model("own", [tmp_path]).version == "1.10.0"
    assert find_score_model("own-1.2.0", [tmp_path]).version == "1.2.0"


def test_a_faulty_file_stands_in_the_way_of_its_own_name_only(tmp_path: Path) -> None:
    write_score_model(published(FINE, name="own"), tmp_path / "own-1.0.0.toml")
    (tmp_path / "other-1.0.0.toml").write_text("?", encoding="utf-8")

    assert find_score_model("own", [tmp_path]).name == "own"
    with pytest.raises(ScoreModelError, match="not TOML"):
        find_score_model("other", [tmp_path])


def test_one_name_and_version_for_two_models_is_refused(tmp_path: Path) -> None:
    impostor = published(FINE, name="zhang2023-fine", version="1.1.0", intercept=0.0)
    write_score_model(impostor, tmp_path / "zhang2023-fine-1.1.0.toml")

    with pytest.raises(ScoreModelError, match="different models"):
        find_score_model("zhang2023-fine", [tmp_path])


def test_a_copy_of_a_shipped_model_is_that_model(tmp_path: Path) -> None:
    (tmp_path / FINE_FILE.name).write_bytes(FINE_FILE.read_bytes())

    assert find_score_model("zhang2023-fine", [tmp_path]).name == "zhang2023-fine"


@pytest.mark.parametrize("name", ["none", "", "../zhang2023-fine", "*", "own-9.9.9"])
def test_a_name_without_a_model_is_refused_with_the_known_ones(
    tmp_path: Path, name: str
) -> None:
    write_score_model(published(FINE, name="own"), tmp_path / "own-1.0.0.toml")

    with pytest.raises(ScoreModelError) as refusal:
        find_score_model(name, [tmp_path, tmp_path / "missing"])

    assert refusal.value.source == name
    assert refusal.value.remedy


def test_every_term_of_a_shipped_model_is_in_the_catalogue() -> None:
    for model in shipped_score_models().values():
        assert set(model.coefficients) <= FEATURE_BY_NAME.keys()


def test_messages_name_the_source_that_was_given() -> None:
    with pytest.raises(ScoreModelError, match=r"^upload: "):
        parse_score_model("?", "upload")


def test_checking_a_model_does_not_load_the_feature_engine() -> None:
    code = (
        "import sys, config.score_models as m; m.shipped_score_models(); "
        "sys.exit('radiomics' in sys.modules or 'SimpleITK' in sys.modules)"
    )
    root = Path(__file__).resolve().parents[2]

    assert (
        subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode
        == 0
    )
