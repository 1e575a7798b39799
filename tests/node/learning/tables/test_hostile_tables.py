"""Whatever a file holds, it is read or refused in words; nothing else happens."""

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from node.learning.tables.mistake import TableError, TableMistake
from tests.support.tables import EXAMPLE, EXAMPLES, FEATURES, Tables

HEADERS = [
    "animal",
    "day",
    "roi",
    "modality",
    "study_instance_uid",
    "sample",
    "Mixture",
    "early",
    "terminal",
    "E/T",
    "mfi",
    "P-value",
    "group",
    "day_0",
    "scan_date",
    "irradiation_day",
    "glcm_Contrast",
    "CT_shape_Volume",
    "score",
    "profile",
    "profile_sha256",
    "scanned_on",
    "voxels",
    "B_cells",
]
CELLS = st.one_of(
    st.sampled_from(
        [
            "M1",
            "M2",
            "m1",
            "M1_D7",
            "0",
            "7",
            "D7",
            "1,5",
            "1.5",
            "45%",
            "12,345",
            "inf",
            "nan",
            "NA",
            "2026-03-02",
            "PET",
            "CT",
            "9999",
            "-1",
            "1e308",
            "#DIV/0!",
            "=1+1",
            "Tumor",
            "1e-320",
            "٣",
        ]
    ),
    st.text(st.characters(exclude_characters='\r\n"'), max_size=6),
    st.just(""),
)


@st.composite
def written(draw: st.DrawFn) -> str:
    """Return a table with columns that mean something and cells that need not."""
    headers = draw(st.lists(st.sampled_from(HEADERS), min_size=1, max_size=6))
    row = st.lists(CELLS, min_size=len(headers), max_size=len(headers))
    rows = draw(st.lists(row, max_size=5))
    separator = draw(st.sampled_from(",;\t"))
    return "\n".join(separator.join(cells) for cells in (headers, *rows))


def read(*features: str | bytes, **rest: str | bytes) -> None:
    """Read tables; a refusal says what is so and what to do."""
    mistakes: tuple[TableMistake, ...] | None = None
    with tempfile.TemporaryDirectory() as folder:
        try:
            Tables(Path(folder)).joined(*features, **rest)
        except TableError as error:
            mistakes = error.mistakes
    assert mistakes is None or mistakes
    assert all(each.what and each.remedy for each in mistakes or ())


@settings(max_examples=8, deadline=None)
@given(written(), written(), written(), written())
def test_any_four_tables_are_read_or_refused(
    features: str, flow: str, fractions: str, design: str
) -> None:
    read(FEATURES, features)
    read(features, flow=flow)
    read(FEATURES, flow=flow, fractions=fractions, design=design)


@settings(max_examples=8, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    read(content)
    read(b'{"results": [' + content)
    read(b"animal,day,glcm_Contrast\n" + content)


@settings(max_examples=8, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=4),
        lambda each: (
            st.lists(each, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["features", "suv", "voxels", "acquisition", "animal_id"]
                ),
                each,
                max_size=5,
            )
        ),
    )
)
def test_any_result_is_read_or_refused(result: object) -> None:
    read(json.dumps({"results": [result]}))


@pytest.mark.parametrize("name", ["features", "flow", "fractions", "design"])
def test_an_example_that_ends_early_is_read_or_refused(name: str) -> None:
    content = (EXAMPLES / f"{name}.csv").read_bytes()
    for length in (1, 40, len(content) // 2 + 1, len(content) - 3):
        parts = {"design": EXAMPLE.design, "flow": EXAMPLE.flow}
        rest = {key: path.read_bytes() for key, path in parts.items() if path}
        if name == "features":
            read(content[:length], **rest)
        else:
            read(EXAMPLE.features[0].read_bytes(), **{**rest, name: content[:length]})
