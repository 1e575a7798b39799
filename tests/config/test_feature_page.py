"""The page of features says what the table says, all of it."""

import re
from pathlib import Path

from config.feature_page import feature_page
from model.features.definitions import FEATURES

PAGE = Path(__file__).resolve().parents[2] / "docs" / "features.md"


def rows() -> dict[str, list[str]]:
    cells = [
        re.split(r"(?<!\\) \| ", line.strip("| "))
        for line in PAGE.read_text("utf-8").splitlines()
        if line.startswith("| `")
    ]
    return {name.strip("`"): [name, *rest] for name, *rest in cells}


def test_the_page_of_features_is_up_to_date() -> None:
    assert PAGE.read_text("utf-8") == feature_page(), "python -m config.reference"


def test_every_feature_has_its_row_in_order() -> None:
    assert list(rows()) == [feature.name for feature in FEATURES]


def test_a_row_has_modality_unit_code_or_difference_definition_and_engine() -> None:
    for feature in FEATURES:
        name, taken, unit, code, definition, engine = rows()[feature.name]
        used = feature.pyradiomics or feature.equal_in_pyradiomics or "own code"
        assert taken == ", ".join(feature.modalities), name
        assert unit, name
        assert (feature.ibsi_code or feature.difference) in code.replace("\\|", "|")
        assert definition.replace("\\|", "|") == feature.definition, name
        assert used in engine, name
