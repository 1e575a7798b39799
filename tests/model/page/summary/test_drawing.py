"""The two forms of a page: the same bytes each time, pixels and text where they are."""

import re
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from model.page.summary import OverviewPage, SummaryPage, page_pixels, pages_pdf
from model.page.summary.colouring import INDEX
from model.page.summary.marks import HEIGHT, WIDTH, Picture
from model.page.summary.palette import CONTOUR, table_of
from model.page.summary.sheet import sheet_of
from tests.support.summaries import hard_pages, summary_page
from tests.support.tools import require_tool

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def pdf_of(*pages: SummaryPage | OverviewPage) -> bytes:
    return pages_pdf(pages, title="Summary", made_by="exhaustion-node 1", made_at=NOON)


def text_of(pdf: bytes, folder: Path) -> str:
    program = require_tool("pdftotext")
    file = folder / "page.pdf"
    file.write_bytes(pdf)
    done = subprocess.run(
        [program, "-layout", str(file), "-"], capture_output=True, check=True
    )
    assert not done.stderr
    return done.stdout.decode()


@pytest.fixture(scope="module")
def pixels() -> NDArray[np.uint8]:
    return page_pixels(summary_page())


def test_a_page_is_a_colour_image_of_a_fixed_size(pixels: NDArray[np.uint8]) -> None:
    assert pixels.shape == (HEIGHT, WIDTH, 3)
    assert pixels.dtype == np.uint8


def test_the_same_page_gives_the_same_pixels_and_bytes(
    pixels: NDArray[np.uint8],
) -> None:
    again = summary_page()

    assert np.array_equal(page_pixels(again), pixels)
    assert pdf_of(summary_page()) == pdf_of(again)


@pytest.mark.parametrize("name", hard_pages())
def test_every_page_has_both_forms(name: str) -> None:
    page = hard_pages()[name]

    assert page_pixels(page).shape == (HEIGHT, WIDTH, 3)
    assert pdf_of(page).startswith(b"%PDF-")


def test_the_margin_is_white(pixels: NDArray[np.uint8]) -> None:
    for edge in (pixels[:20], pixels[-10:], pixels[:, :34], pixels[:, -34:]):
        assert (edge == 255).all()


def test_the_contour_is_drawn_between_inside_and_outside(
    pixels: NDArray[np.uint8],
) -> None:
    plane = next(m for m in sheet_of(summary_page()).marks if isinstance(m, Picture))
    size = plane.pixels.shape[0]
    drawn = pixels[plane.y : plane.y + size, plane.x : plane.x + size].astype(int)
    near = np.abs(drawn - CONTOUR).sum(axis=2) < 60

    rows, columns = np.nonzero(near)

    middle = size // 2
    assert rows.size > 100
    assert abs(rows.mean() - middle) < 4
    assert abs(columns.mean() - middle) < 4
    assert not near[middle, middle]


def test_a_scale_goes_from_the_first_to_the_last_colour() -> None:
    marks = sheet_of(summary_page()).marks
    scale = next(
        m for m in marks if isinstance(m, Picture) and m.name == "scale of viridis"
    )

    assert scale.pixels[0, 0].tolist() == table_of("viridis")[0].tolist()
    assert scale.pixels[0, -1].tolist() == table_of("viridis")[-1].tolist()


def test_the_pdf_holds_the_numbers_as_text(tmp_path: Path) -> None:
    shown = text_of(pdf_of(summary_page()), tmp_path)

    for words in ("M-0417", "0.523", "0.09 to 2.09", "160", "3.17", "14.5", "0.270"):
        assert words in shown
    assert "Texture index (published equation, uncalibrated)" in shown
    assert "Research use only." in shown
    assert "locates no cells" in shown


def test_letters_of_no_shape_are_spelt_in_the_pdf(tmp_path: Path) -> None:
    shown = text_of(pdf_of(hard_pages()["foreign"]), tmp_path)

    assert "[U+8001]" in shown
    assert "Опухоль" in shown
    assert "\u202e" not in shown


def test_each_page_is_one_of_the_pdf_and_its_pictures_are_in_it() -> None:
    pdf = pdf_of(summary_page(), hard_pages()["overview"])

    assert len(re.findall(rb"/Type /Page\b", pdf)) == 2
    assert len(re.findall(rb"/Subtype /Image\b", pdf)) >= 5


def test_a_page_takes_milliseconds(pixels: NDArray[np.uint8]) -> None:
    page = summary_page()
    assert pixels.size
    pdf_of(page)
    began = time.process_time()

    page_pixels(page)
    pdf_of(page)

    # Half of it on a free machine; a page by matplotlib takes seconds.
    assert time.process_time() - began < 0.5


def test_no_colour_of_the_index_looks_like_a_voxel_without_one() -> None:
    # Which shows the picture in grey below the map.
    table = table_of(INDEX).astype(int)

    assert np.ptp(table, axis=1).min() > 60


def test_the_pdf_says_when_it_was_made_and_names_no_typeface_that_it_lacks() -> None:
    pdf = pdf_of(summary_page())

    assert re.findall(rb"/CreationDate \((.*?)\)", pdf) == [b"D:20260302120000Z"]
    fonts = set(re.findall(rb"/BaseFont /(\S+)", pdf))
    assert fonts
    assert all(name.endswith((b"DejaVuSans", b"DejaVuSans-Bold")) for name in fonts)
