"""The page on tables says what is read, and its examples are."""

import pytest

from node.features.table import COLUMNS
from node.learning.tables.columns import TableColumn
from node.learning.tables.design import DESIGN_COLUMNS
from node.learning.tables.feature_columns import FEATURE_COLUMNS
from node.learning.tables.flow import FLOW_COLUMNS
from node.learning.tables.fractions import FRACTION_COLUMNS
from node.learning.tables.joined import FindingKind
from tests.support.documents import ROOT, blocks_of
from tests.support.tables import EXAMPLES

PAGE = (ROOT / "docs" / "tables.md").read_text()
KINDS = {
    "Features": FEATURE_COLUMNS,
    "Flow cytometry": FLOW_COLUMNS,
    "CIBERSORTx": FRACTION_COLUMNS,
    "Design": DESIGN_COLUMNS,
}


@pytest.mark.parametrize(
    ("section", "column"),
    [(section, column) for section, kind in KINDS.items() for column in kind],
    ids=lambda each: each if isinstance(each, str) else each.name,
)
def test_every_column_is_documented_as_it_is(section: str, column: TableColumn) -> None:
    also = ", ".join(f"`{name}`" for name in column.synonyms)
    told = f"| {also} | {column.holds} | {column.unit} | {column.meaning} |"
    text = PAGE.split(f"\n## {section}\n")[1].split("\n## ")[0]

    assert f"| `{column.name}` {told}" in text


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_no_header_means_two_columns(kind: tuple[TableColumn, ...]) -> None:
    keys = [key for column in kind for key in column.keys]

    assert len(keys) == len(set(keys))


def test_every_column_that_features_writes_is_read() -> None:
    keys = {key for column in FEATURE_COLUMNS for key in column.keys}

    assert {name.replace("_", "") for name in COLUMNS} <= keys


@pytest.mark.parametrize("kind", FindingKind)
def test_every_kind_of_finding_is_documented(kind: FindingKind) -> None:
    assert f"\n| `{kind}` |" in PAGE


def test_what_the_page_shows_is_the_beginning_of_the_examples() -> None:
    shown = [block.text for block in blocks_of(PAGE) if block.language == "text"]
    files = [EXAMPLES / f"{name}.csv" for name in ("flow", "fractions", "design")]

    assert len(shown) == len(files)
    for text, file in zip(shown, files, strict=True):
        assert file.read_text().startswith(text)
