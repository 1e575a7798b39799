"""The page on the injection log says what the node does."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from dicom_io.context import concepts as context_concepts
from dicom_io.context.content_tree import Concept
from model.administration import Assay
from node.injection_log.columns import COLUMNS, Column
from node.injection_log.file import LARGEST_BYTES
from node.injection_log.log import InjectionLog, LoggedStudy, read_injection_log
from tests.support.documents import ROOT, blocks_of

PAGE = (ROOT / "docs" / "injection-log.md").read_text()
STUDY = LoggedStudy("1.2.3", "", date(2026, 3, 2), "M01_fdg_d0.pet", "M01_fdg_d0.pet")


@pytest.fixture
def example(tmp_path: Path) -> InjectionLog:
    (text,) = [block.text for block in blocks_of(PAGE) if block.language == "text"]
    path = tmp_path / "injections.csv"
    path.write_text(text)
    return read_injection_log(path, ZoneInfo("Europe/Berlin"))


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: column.name)
def test_every_column_is_documented_as_it_is(column: Column) -> None:
    also = ", ".join(f"`{name}`" for name in column.synonyms)

    assert f"| `{column.name}` | {also} | {column.holds} | {column.meaning} |" in PAGE


def test_the_example_has_no_mistakes(example: InjectionLog) -> None:
    assert len(example.rows) == 4
    assert not example.mistakes
    assert not [row for row in example.rows if row.mistakes or not row.usable]


def test_the_example_s_first_row_says_what_it_says(example: InjectionLog) -> None:
    (subject,) = example.subjects(STUDY)
    (said,) = subject.supplied

    assert subject.animal_id == "M01"
    assert said.weight_g == 24.8
    assert said.activity == Assay(9.21e6, datetime(2026, 3, 2, 8, 58, tzinfo=UTC))
    assert said.residual == Assay(
        pytest.approx(0.31e6), datetime(2026, 3, 2, 9, 7, tzinfo=UTC)
    )
    assert said.injected_at == datetime(2026, 3, 2, 9, 5, tzinfo=UTC)
    assert dict(said.context)["diet"] == "chow"


def test_the_example_s_bed_holds_two_animals(example: InjectionLog) -> None:
    bed = replace(STUDY, patient_id="bed7.pet", animal_id="bed7.pet")

    left, right = example.subjects(bed)

    assert (left.animal_id, left.bed_position) == ("M03", "left")
    assert (right.animal_id, right.bed_position) == ("M04", "right")


def test_the_limit_of_the_file_is_the_documented_one() -> None:
    assert f"larger than {LARGEST_BYTES >> 20} MB" in PAGE


@pytest.mark.parametrize(
    "concept",
    [
        *sorted(context_concepts.BODY_WEIGHT),
        *sorted(context_concepts.ACTIVITIES),
        context_concepts.RADIOPHARMACEUTICAL_START,
        context_concepts.STARTED,
        context_concepts.ROUTE,
    ],
)
def test_concepts_of_the_acquisition_context_are_documented(concept: Concept) -> None:
    assert concept[0] in PAGE


@pytest.mark.parametrize("unit", context_concepts.GRAMS)
def test_units_of_mass_are_documented(unit: str) -> None:
    assert f" {unit}" in PAGE
