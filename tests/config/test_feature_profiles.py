"""Promises of `config.feature_profiles` and of the layout of the files."""

import hashlib
import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import BaseModel

from config.anatomy import table_of
from config.feature_profile_file import (
    FeatureProfileError,
    _Document,
    parse_feature_profile,
)
from config.feature_profiles import find_profile, shipped_profiles
from config.refusal import RefusalError
from config.score_model_file import ScoreModelError
from config.score_models import shipped_score_models, write_score_model
from model.features.definitions import FEATURE_BY_NAME
from model.features.ibsi.configuration import (
    Family,
    IbsiAggregation,
    IbsiConfiguration,
)
from model.features.preparation import (
    Aggregation,
    Dimension,
    Discretisation,
    Interpolation,
    Limits,
    Preparation,
    Resampling,
    Resegmentation,
)
from tests.model.features.regions import FINE
from tests.model.score.models import published
from tests.support.documents import ROOT, blocks_of

FOLDER = ROOT / "config" / "feature_profiles"
FILES = sorted(FOLDER.glob("*.toml"))
PAGE = (ROOT / "docs" / "profiles.md").read_text(encoding="utf-8")

CATALOGUE = """
schema = 1
name = "own"
title = "Our own"

[preparation]
discretisation = "ibsi_fixed_bin_size"
bin_size = 0.5
limits = "range"
low = 0.0
dimension = "3D"
aggregation = "averaged"
offset = 2
symmetric = true
kurtosis = "masked_values"

[preparation.resampling]
spacing_mm = ["keep", 2, 1.5]
interpolation = "cubic_spline"
round_values = true
mask_interpolation = "nearest"
mask_threshold = 0.25

[preparation.resegmentation]
low = -1.0
high = 20.0
outlier_sigmas = 3.0
"""
IBSI = (FOLDER / "ibsi-c.toml").read_text(encoding="utf-8")


def mistakes_of(text: str) -> tuple[str, ...]:
    with pytest.raises(FeatureProfileError) as refusal:
        parse_feature_profile(text, "own.toml")
    assert str(refusal.value).startswith("own.toml: ")
    assert refusal.value.remedy
    return refusal.value.mistakes


def changed(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new, 1)


def ibsi(name: str) -> IbsiConfiguration:
    configuration = find_profile(name).preparation
    assert isinstance(configuration, IbsiConfiguration)
    return configuration


def test_the_phantom_and_the_five_configurations_of_ibsi_are_shipped() -> None:
    assert set(shipped_profiles()) == {
        "ibex-ct",
        "ibsi",
        *(f"ibsi-{letter}" for letter in "abcde"),
    }


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_shipped_file_is_named_for_its_content(path: Path) -> None:
    profile = find_profile(path.stem)

    assert find_profile(str(path)) == profile
    assert profile.name == path.stem
    assert profile.sha256 == checksum_of(path.read_text(encoding="utf-8"))


def checksum_of(text: str) -> str:
    """As documented: JSON, sorted keys, no white space, UTF-8, SHA-256."""
    content = json.dumps(
        tomllib.loads(text), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    return hashlib.sha256(content.encode()).hexdigest()


def test_the_phantom_is_taken_as_it_is_in_every_family_and_aggregation() -> None:
    phantom = ibsi("ibsi")

    assert phantom.discretisation is Discretisation.NONE
    assert (phantom.resampling, phantom.resegmentation) == (None, None)
    assert set(phantom.families) == set(Family)
    assert set(phantom.aggregations) == set(IbsiAggregation)


def test_the_configurations_are_those_of_the_manual() -> None:
    """Section 5.2, tables of configurations A to E."""
    two = (None, 2.0, 2.0)
    three = (2.0, 2.0, 2.0)
    linear, spline = Interpolation.LINEAR, Interpolation.CUBIC_SPLINE
    nearest = Interpolation.NEAREST
    assert [ibsi(f"ibsi-{letter}").resampling for letter in "abcde"] == [
        # No interpolation; values are rounded, as the section asks for of NIfTI files.
        Resampling((None, None, None), nearest, True, nearest),  # noqa: FBT003 - as below
        *(
            Resampling(spacing, kind, True, linear, 0.5)  # noqa: FBT003 - the table's order
            for spacing, kind in (
                (two, linear),
                (three, linear),
                (three, linear),
                (three, spline),
            )
        ),
    ]
    assert [ibsi(f"ibsi-{letter}").resegmentation for letter in "abcde"] == [
        Resegmentation(-500.0, 400.0),
        Resegmentation(-500.0, 400.0),
        Resegmentation(-1000.0, 400.0),
        Resegmentation(outlier_sigmas=3.0),
        Resegmentation(-1000.0, 400.0, 3.0),
    ]


def test_the_bins_are_those_of_the_manual() -> None:
    """Section 5.2, tables of configurations A to E."""
    all_five = [ibsi(f"ibsi-{letter}") for letter in "abcde"]

    assert [(c.bin_size, c.bins, c.lowest) for c in all_five] == [
        (25.0, None, None),
        (None, 32, None),
        (25.0, None, None),
        (None, 32, None),
        (None, 32, None),
    ]
    assert [(c.ivh_bin_size, c.ivh_bins) for c in all_five] == [
        (None, None),
        (None, None),
        (2.5, None),
        (None, None),
        (None, 1000),
    ]
    for configuration, prefix in zip(all_five, ("2", "2", "3", "3", "3"), strict=True):
        assert set(configuration.families) == set(Family)
        assert set(configuration.aggregations) == {
            each for each in IbsiAggregation if each.startswith(prefix)
        }


def test_a_ct_of_ibex_has_eight_bits_over_a_fixed_range() -> None:
    """IBEX, BitDepthRescale_Range: RangeMin 0, RangeMax 4096, BitDepth 8."""
    profile = find_profile("ibex-ct")

    assert profile.preparation == replace(
        FINE, limits=Limits.FIXED, low=0.0, high=4096.0
    )
    assert profile.features is None


def test_a_score_model_is_a_profile_by_name_and_by_file(tmp_path: Path) -> None:
    model = write_score_model(
        published(FINE, name="site"), tmp_path / "site-1.0.0.toml"
    )

    by_name = find_profile("site", [tmp_path])
    by_file = find_profile(str(tmp_path / "site-1.0.0.toml"))

    assert by_name == by_file == find_profile("site-1.0.0", [tmp_path])
    assert (by_name.name, by_name.sha256) == ("site-1.0.0", model.sha256)
    assert (by_name.preparation, by_name.features) == (FINE, None)
    assert find_profile("zhang2023-64").preparation == replace(FINE, levels=64)


def test_a_file_says_all_that_a_preparation_can_hold() -> None:
    profile = parse_feature_profile(CATALOGUE, "own.toml")

    assert profile.preparation == Preparation(
        discretisation=Discretisation.IBSI_FIXED_BIN_SIZE,
        levels=None,
        limits=Limits.RANGE,
        dimension=Dimension.VOLUME,
        aggregation=Aggregation.AVERAGED,
        offset=2,
        symmetric=True,
        kurtosis=FINE.kurtosis,
        low=0.0,
        bin_size=0.5,
        resampling=Resampling(
            spacing_mm=(None, 2.0, 1.5),
            interpolation=Interpolation.CUBIC_SPLINE,
            round_values=True,
            mask_interpolation=Interpolation.NEAREST,
            mask_threshold=0.25,
        ),
        resegmentation=Resegmentation(-1.0, 20.0, 3.0),
    )
    assert (profile.name, profile.title) == ("own", "Our own")
    assert profile.sha256 == checksum_of(CATALOGUE)


def test_what_resampling_does_not_say_is_what_ibsi_advises() -> None:
    text = re.sub(r"round_values.*?\n\n", "\n", CATALOGUE, flags=re.DOTALL)

    preparation = parse_feature_profile(text, "own.toml").preparation

    assert preparation.resampling == Resampling(
        (None, 2.0, 1.5), Interpolation.CUBIC_SPLINE
    )


def test_features_are_the_named_ones_or_all_or_the_modality_s() -> None:
    def features(line: str) -> tuple[str, ...] | None:
        text = changed(CATALOGUE, "\n[preparation]", f"{line}\n[preparation]")
        return parse_feature_profile(text, "own.toml").features

    chosen = ["glcm_Contrast", "direct_GlobalMax"]
    everything = set(FEATURE_BY_NAME) - {"histogram_KurtosisOfBinProbabilities"}
    assert features("") is None
    assert features(f"features = {json.dumps(chosen)}\n") == tuple(chosen)
    assert set(features('features = "all"\n') or ()) == everything


@pytest.mark.parametrize(
    ("old", "new", "mistake"),
    [
        ("schema = 1", "schema = 1\nextra = 2", "extra:"),
        ("schema = 1\n", "", "schema:"),
        ("schema = 1", 'schema = "1"', "schema:"),
        ('name = "own"', 'name = "../own"', "name:"),
        ('title = "Our own"', "", "title:"),
        ("bin_size = 0.5", "", "bin_size goes with"),
        ("bin_size = 0.5", "bin_size = 0.0", "preparation.bin_size:"),
        ("bin_size = 0.5", "bin_size = inf", "preparation.bin_size:"),
        ("bin_size = 0.5", "bin_size = 0.5\nlevels = 8", "levels goes with"),
        ("offset = 2", "offset = 0", "preparation.offset:"),
        ("offset = 2", "offset = 2\nbin_width = 3", "preparation.bin_width:"),
        ('"averaged"', '"mean"', "preparation.aggregation:"),
        ('limits = "range"', 'limits = "fixed"', "high goes with limits fixed"),
        ("low = 0.0", "low = 0.0\nhigh = 9.0", "high goes with limits fixed"),
        (
            'limits = "range"\nlow = 0.0',
            'limits = "fixed"\nlow = 9.0\nhigh = 9.0',
            "low must lie below high",
        ),
        ('["keep", 2, 1.5]', '["keep", 2]', "preparation.resampling.spacing_mm:"),
        ('["keep", 2, 1.5]', "[1.0, 2.0, 0.0]", "preparation.resampling.spacing_mm:"),
        ('["keep", 2, 1.5]', "[1.0, 2.0, true]", "preparation.resampling.spacing_mm:"),
        ('["keep", 2, 1.5]', "[1.0, nan, 1.0]", "preparation.resampling.spacing_mm:"),
        ('["keep", 2, 1.5]', "2.0", "preparation.resampling.spacing_mm:"),
        ('["keep", 2, 1.5]', '["same", 1, 1]', "preparation.resampling.spacing_mm:"),
        ('["keep", 2, 1.5]', f"[1, 1, 1{'0' * 400}]", "spacing_mm"),
        ('"cubic_spline"', '"cubic"', "preparation.resampling.interpolation:"),
        ("mask_threshold = 0.25", "mask_threshold = 0", "mask_threshold:"),
        ("low = -1.0", "low = 20.0", "preparation.resegmentation: low must lie below"),
        ("outlier_sigmas = 3.0", "outlier_sigmas = -3.0", "outlier_sigmas:"),
        ("low = -1.0\nhigh = 20.0\noutlier_sigmas = 3.0\n", "", "says nothing"),
        ("[preparation]", 'features = "some"\n[preparation]', "features:"),
        ("[preparation]", "features = []\n[preparation]", "features:"),
        ("[preparation]", "features = [1]\n[preparation]", "features:"),
        ("[preparation]", 'features = ["glcm_Typo"]\n[preparation]', "glcm_Typo"),
        (
            "[preparation]",
            'features = ["glcm_Contrast", "glcm_Contrast"]\n[preparation]',
            "glcm_Contrast more than once",
        ),
        (
            "[preparation]",
            'features = ["histogram_KurtosisOfBinProbabilities"]\n[preparation]',
            "needs preparation.histogram",
        ),
    ],
)
def test_a_mistake_is_refused_with_its_key(old: str, new: str, mistake: str) -> None:
    mistakes = mistakes_of(changed(CATALOGUE, old, new))

    assert len(mistakes) == 1
    assert mistake in mistakes[0]


@pytest.mark.parametrize(
    ("old", "new", "mistake"),
    [
        ("bin_size = 25.0", "", "bin_size goes with"),
        ("bin_size = 25.0", "bin_size = 25.0\nbins = 4", "bins goes with"),
        ("ivh_bin_size = 2.5", "", "ivh_bin_size goes with"),
        ("ivh_bin_size = 2.5", "ivh_bin_size = 2.5\nivh_bins = 4", "ivh_bins goes"),
        ('"ivh", ', "", "ivh_discretisation goes with the family ivh"),
        ('"stat"', '"texture"', "ibsi.families"),
        ('"stat"', '"morph"', "ibsi.families: morph more than once"),
        ('"3D_avg"', '"4D_avg"', "ibsi.aggregations"),
        ('["3D_avg", "3D_comb"]', "[]", "aggregations goes with"),
        (', "cm", "rlm"', "", "aggregations goes with"),
        ('"ibsi_fixed_bin_size"', '"ibex_unit_step"', "ibsi.discretisation"),
        ("[ibsi]", 'features = "all"\n[ibsi]', "features goes with preparation"),
        ("[ibsi]", "[ibsi]\nlevels = 3", "ibsi.levels"),
    ],
)
def test_a_mistake_of_a_configuration_is_refused_with_its_key(
    old: str, new: str, mistake: str
) -> None:
    assert any(mistake in each for each in mistakes_of(changed(IBSI, old, new)))


def test_the_first_bin_begins_where_the_file_says() -> None:
    text = changed(IBSI, "bin_size = 25.0", "bin_size = 25.0\nlowest = 0")
    configuration = parse_feature_profile(text, "own.toml").preparation

    assert isinstance(configuration, IbsiConfiguration)
    assert configuration.lowest == 0.0
    numbered = (FOLDER / "ibsi-b.toml").read_text(encoding="utf-8")
    assert (
        "lowest goes with discretisation ibsi_fixed_bin_size, only"
        in mistakes_of(changed(numbered, "bins = 32", "bins = 32\nlowest = 0.0"))[0]
    )


def test_a_file_has_one_of_the_two_tables() -> None:
    head = CATALOGUE.split("[preparation]", maxsplit=1)[0]
    both = CATALOGUE + IBSI.split("[ibsi]", maxsplit=1)[1].join(["[ibsi]", ""])

    for text in (head, both):
        assert mistakes_of(text) == ("give one of the tables preparation and ibsi",)


def test_all_mistakes_are_reported_at_once() -> None:
    text = changed(CATALOGUE, "bin_size = 0.5", "bin_size = -1\nodd = 1")
    text = changed(text, "symmetric = true", "symmetric = 1")

    mistakes = mistakes_of(f'checksum = "0"\n{text}')

    assert {mistake.split(":")[0] for mistake in mistakes} == {
        "checksum",
        "preparation.bin_size",
        "preparation.odd",
        "preparation.symmetric",
    }


def test_a_checksum_may_be_missing_and_must_fit_if_it_is_there() -> None:
    stated = f'checksum = "{checksum_of(CATALOGUE)}"\n{CATALOGUE}'

    assert parse_feature_profile(stated, "a") == parse_feature_profile(CATALOGUE, "a")
    (mistake,) = mistakes_of(changed(stated, "offset = 2", "offset = 3"))
    assert mistake.startswith("checksum: does not fit")


def test_a_newer_layout_is_refused_with_the_way_out() -> None:
    with pytest.raises(FeatureProfileError, match="newer") as refusal:
        parse_feature_profile(changed(CATALOGUE, "schema = 1", "schema = 2"), "own")

    assert "Update" in refusal.value.remedy


@pytest.mark.parametrize("data", [b"", b"schema = ", b"\xff\xfe", b"#" * 1_000_001])
def test_what_is_no_profile_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "odd.toml"
    path.write_bytes(data)

    with pytest.raises(FeatureProfileError, match=re.escape(str(path))):
        find_profile(str(path))


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    (tmp_path / "folder.toml").mkdir()

    for name in ("none.toml", "folder.toml"):
        with pytest.raises(FeatureProfileError, match="cannot be read"):
            find_profile(str(tmp_path / name))


@pytest.mark.parametrize("name", ["nothing", "", "../ibsi", "IBSI", "ibsi-f", "ibsi-9"])
def test_a_name_without_a_profile_is_refused_with_those_that_exist(name: str) -> None:
    with pytest.raises(FeatureProfileError) as refusal:
        find_profile(name, [Path("/no/such/folder")])

    for known in (*shipped_profiles(), *shipped_score_models(), "/no/such/folder"):
        assert known in str(refusal.value)
    assert isinstance(refusal.value, RefusalError)


def test_a_faulty_score_model_is_reported_as_one(tmp_path: Path) -> None:
    (tmp_path / "site-1.0.0.toml").write_text("?", encoding="utf-8")

    with pytest.raises(ScoreModelError, match="not TOML"):
        find_profile("site", [tmp_path])


def test_the_examples_of_the_page_are_profiles(tmp_path: Path) -> None:
    blocks = [block for block in blocks_of(PAGE) if block.language == "ini"]

    for block in blocks:
        assert block.file_name
        path = tmp_path / block.file_name
        path.write_text(block.text, encoding="utf-8")
        assert f"{find_profile(str(path)).name}.toml" == block.file_name
    assert len(blocks) == 2


def test_the_page_explains_every_key_and_every_profile() -> None:
    named = set(re.findall(r"`\"?([\w.-]+)\"?`", PAGE))

    assert set(keys_of(_Document)) | {"checksum"} <= named
    assert set(shipped_profiles()) <= named
    choices = (Discretisation, Limits, Dimension, Interpolation, Family)
    assert {str(each) for kind in choices for each in kind} <= named
    assert {str(each) for each in IbsiAggregation} <= named


def keys_of(table: type[BaseModel]) -> Iterator[str]:
    for name, field in table.model_fields.items():
        inner = table_of(field)
        yield field.alias or name
        if inner is not None:
            yield from keys_of(inner)
