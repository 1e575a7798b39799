"""The PDF: complete, readable, the same bytes each time."""

import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from model.page.document import (
    Column,
    Document,
    Figure,
    Notice,
    Paragraph,
    Picture,
    Points,
    Table,
)
from model.page.pdf import as_pdf
from tests.support.documents_of_pages import (
    HOSTILE,
    document_of,
    full_document,
    small_picture,
)
from tests.support.tools import require_tool


@pytest.fixture(scope="module")
def picture() -> Picture:
    return small_picture()


def text_of(document: Document, folder: Path) -> str:
    program = require_tool("pdftotext")
    file = folder / "report.pdf"
    file.write_bytes(as_pdf(document))
    done = subprocess.run(
        [program, "-layout", str(file), "-"], capture_output=True, check=True
    )
    assert not done.stderr
    return done.stdout.decode()


def pages_of(pdf: bytes) -> int:
    return len(re.findall(rb"/Type /Page\b", pdf))


def features_table(columns: int, rows: int) -> Table:
    titles = [
        Column("feature"),
        *[Column(f"n_{i}", numeric=True) for i in range(columns)],
    ]
    cells = [[f"row_{i}", *["12.3456"] * columns] for i in range(rows)]
    return Table(titles, cells, "Numbers")


def test_the_same_document_gives_the_same_bytes(picture: Picture) -> None:
    document = full_document("αβ ± ≥", picture)

    assert as_pdf(document) == as_pdf(document)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_is_shown_and_read_as_nothing_else(
    text: str, picture: Picture, tmp_path: Path
) -> None:
    shown = text_of(full_document(text, picture), tmp_path)

    visible = re.match(r"[ -~]*", text)
    assert visible
    assert visible[0].split()[0] in shown if visible[0].split() else "[U+" in shown


def test_letters_of_no_shape_are_spelt_and_greek_is_printed(tmp_path: Path) -> None:
    shown = text_of(document_of(Paragraph("天 αβ ± ≥ a\0b")), tmp_path)

    assert "[U+5929] αβ ± ≥ a[U+0000]b" in shown


def test_a_long_table_repeats_its_head_on_every_page(tmp_path: Path) -> None:
    shown = text_of(document_of(features_table(3, 150)), tmp_path)
    pages = [page for page in shown.split("\f") if "row_" in page]

    assert len(pages) >= 3
    assert all("n_2" in page for page in pages)
    assert len(set(re.findall(r"row_\d+", shown))) == 150


def test_pages_are_counted_and_named(tmp_path: Path) -> None:
    shown = text_of(document_of(features_table(3, 150)), tmp_path)
    pages = shown.split("\f")[:-1]

    for number, page in enumerate(pages, start=1):
        assert re.search(rf"{number} ?/ ?{len(pages)}\b", page)
        assert "For research use only" in page
        assert "exhaustion-node 0.0.0" in page
        assert "A report" in page


@pytest.mark.parametrize("columns", [3, 14, 60])
def test_no_column_is_lost_however_wide_a_table_is(
    columns: int, tmp_path: Path
) -> None:
    shown = text_of(document_of(features_table(columns, 2)), tmp_path)

    assert set(re.findall(r"\bn_\d+\b", shown)) == {f"n_{i}" for i in range(columns)}
    assert shown.count("12.3456") == 2 * columns


def test_a_wide_table_lies_on_its_side_and_the_rest_stands() -> None:
    pdf = as_pdf(document_of(features_table(14, 2)))
    boxes = re.findall(rb"/MediaBox \[ 0 0 (\d+)\.?\d* (\d+)", pdf)
    upright = [int(width) < int(height) for width, height in boxes]

    assert upright == [True, False, True]


def test_words_and_cells_longer_than_a_page_do_not_stop_it(tmp_path: Path) -> None:
    long = "x" * 9000
    table = Table([Column("a"), Column("b")], [["1", "word " * 3000], ["2", long]])
    document = document_of(
        table, Notice("word " * 2000), Points(["word " * 2000]), Paragraph(long)
    )

    assert text_of(document, tmp_path).count("word") == 7000


def test_a_figure_larger_than_the_page_is_made_to_fit(picture: Picture) -> None:
    large = Picture(picture.svg, picture.png, 900, 1400)
    caption = "words " * 40

    assert pages_of(as_pdf(document_of(Figure(large, caption, "large")))) <= 3


def test_headings_stand_in_the_outline_and_the_title_in_the_metadata() -> None:
    pdf = as_pdf(document_of(Paragraph("text"), title="Training of a model"))

    assert pdf.count(b"/Title (") == 4
    assert b"/Title (Training of a model)" in pdf
    assert b"/Lang (en)" in pdf


def test_the_typeface_is_in_the_file() -> None:
    pdf = as_pdf(document_of(Paragraph("text")))

    assert b"/FontFile2" in pdf
    assert b"DejaVuSans-Bold" in pdf


def test_a_summary_may_be_longer_than_a_page(picture: Picture, tmp_path: Path) -> None:
    figure = Figure(picture, "drawn", "drawn")
    blocks = [features_table(3, 90), figure, Points(["word " * 900]), figure]
    document = replace(document_of(), summary=blocks)
    shown = text_of(document, tmp_path)

    assert len(set(re.findall(r"row_\d+", shown))) == 90
    assert shown.count("word") == 900
    assert "Figure 2." in shown


def test_a_table_without_rows_is_still_a_table(tmp_path: Path) -> None:
    assert "nothing" in text_of(
        document_of(Table([Column("nothing")], [], "Empty")), tmp_path
    )


def test_a_number_with_its_interval_stays_in_one_line_beside_long_texts(
    tmp_path: Path,
) -> None:
    interval = "-0.491 (-1.383 to 0.399)"
    table = Table(
        [Column("Quantity"), Column("Value (95 % interval)"), Column("How to read")],
        [["calibration in the large", interval, "a long explanation " * 8]],
    )

    assert interval in text_of(document_of(table), tmp_path)
