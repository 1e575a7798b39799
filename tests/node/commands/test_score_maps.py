"""Promises of the maps that `score` writes, by configuration."""

import json
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import ParametricMapStorage

from tests.support.service import command
from tests.support.studies import write_study

NO_CELLS = "locates no cells"


def maps_of(folder: Path, config: str = "") -> list[Dataset]:
    """Return the maps of a small study."""
    write_study(folder / "study")
    settings = folder / "settings.toml"
    settings.write_text(config)
    code, printed, error = command(
        *("score", str(folder / "study"), "--out", str(folder / "out"), "--json"),
        *("--config", str(settings)),
    )
    assert code == 0, error
    return [
        pydicom.dcmread(folder / "out" / each["path"])
        for each in json.loads(printed)["objects"]
        if each["sop_class"] == ParametricMapStorage
    ]


def values_of(built: Dataset) -> np.ndarray:
    keyword = "FloatPixelData" if "FloatPixelData" in built else "DoubleFloatPixelData"
    kind = "<f4" if keyword == "FloatPixelData" else "<f8"
    return np.frombuffer(built[keyword].value, kind).astype(np.float64)


def test_only_the_index_has_a_map_unless_more_are_asked_for(tmp_path: Path) -> None:
    (built,) = maps_of(tmp_path)

    assert built.SeriesNumber == 9101
    # Some viewers show nothing else.
    assert NO_CELLS in built.SeriesDescription
    assert NO_CELLS in built.ContentDescription


def test_the_index_follows_from_the_maps_of_the_features(tmp_path: Path) -> None:
    index, variance, homogeneity, kurtosis = maps_of(
        tmp_path, "[results]\nfeature_maps = true\n"
    )

    expected = (
        1.485
        - 297.597 * values_of(variance)
        + 178.689 * values_of(homogeneity)
        + 1.088 * values_of(kurtosis)
    )
    found = values_of(index)
    known = np.isfinite(found)
    assert known.sum() == 210
    assert found[known] == pytest.approx(expected[known], rel=1e-4, abs=1e-4)
    every = (index, variance, homogeneity, kurtosis)
    assert len({each.SeriesNumber for each in every}) == 4
    assert len({each.SeriesInstanceUID for each in every}) == 4
    assert len({each.SeriesDescription for each in every}) == 4
    assert all(NO_CELLS in each.ContentDescription for each in every)


def test_the_index_has_a_probability_where_the_site_asks_for_both(
    tmp_path: Path,
) -> None:
    index, probability = maps_of(
        tmp_path,
        "[results]\nprobability_maps = true\n[score]\nclass_when_uncalibrated = true\n",
    )

    found, scores = values_of(probability), values_of(index)
    known = np.isfinite(scores)
    expected = 1 / (1 + np.exp(-scores[known]))
    assert found[known] == pytest.approx(expected, rel=1e-4, abs=1e-6)
    assert np.isnan(found[~known]).all()
    assert (index.SeriesNumber, probability.SeriesNumber) == (9101, 9151)
    assert NO_CELLS in probability.SeriesDescription
    assert NO_CELLS in probability.ContentDescription


def test_an_uncalibrated_index_has_no_probability(tmp_path: Path) -> None:
    (built,) = maps_of(tmp_path, "[results]\nprobability_maps = true\n")

    assert built.SeriesNumber == 9101
