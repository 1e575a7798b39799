"""A page laid out: nothing overlaps, nothing leaves the sheet, nothing is too small."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from model.page.summary.marks import HEIGHT, WIDTH, Box, Picture, Sheet, Stroke, Text
from model.page.summary.page import (
    FOOTER,
    OVERVIEW_ROWS,
    Figures,
    Headline,
    OverviewPage,
    OverviewRow,
    Reading,
    Scale,
    SummaryPage,
    Trend,
    TrendPoint,
    Uptake,
    overview_pages,
)
from model.page.summary.palette import SMALL_SIZE
from model.page.summary.pictures import PANEL
from model.page.summary.sheet import sheet_of
from model.page.summary.wording import box_of
from tests.support.summaries import LONG, hard_pages, summary_page

PAGES: dict[str, SummaryPage | OverviewPage] = {"usual": summary_page(), **hard_pages()}
DISCLAIMER = "no unit; locates no cells; grey: no value"


def texts_of(sheet: Sheet) -> list[Text]:
    return [mark for mark in sheet.marks if isinstance(mark, Text)]


def words_of(page: SummaryPage | OverviewPage) -> list[str]:
    return [text.words for text in texts_of(sheet_of(page))]


def meet(first: Box, second: Box) -> bool:
    across = min(first.right, second.right) - max(first.x, second.x)
    down = min(first.bottom, second.bottom) - max(first.y, second.y)
    return across > 0.5 and down > 0.5


@pytest.mark.parametrize("name", PAGES)
def test_no_text_overlaps_another(name: str) -> None:
    boxes = [(text.words, box_of(text)) for text in texts_of(sheet_of(PAGES[name]))]

    overlaps = [
        (first, second)
        for (first, one), (second, other) in combinations(boxes, 2)
        if meet(one, other)
    ]

    assert overlaps == []


@pytest.mark.parametrize("name", PAGES)
def test_everything_stays_on_the_sheet(name: str) -> None:
    sheet = sheet_of(PAGES[name])

    for text in texts_of(sheet):
        box = box_of(text)
        assert box.x >= 36, text.words
        assert box.right <= WIDTH - 36, text.words
        assert box.y >= 20, text.words
        assert box.bottom <= HEIGHT - 12, text.words
    for mark in sheet.marks:
        if isinstance(mark, Picture):
            rows, columns, _ = mark.pixels.shape
            assert 0 <= mark.x <= WIDTH - columns
            assert 0 <= mark.y <= HEIGHT - rows


@pytest.mark.parametrize("name", PAGES)
def test_no_text_is_small_and_every_page_says_what_it_is_not_for(name: str) -> None:
    texts = texts_of(sheet_of(PAGES[name]))

    assert min(text.look.size for text in texts) >= SMALL_SIZE >= 15
    assert FOOTER in [text.words for text in texts]


def test_the_index_is_named_in_the_models_words_with_its_range() -> None:
    words = words_of(summary_page())

    assert "Texture index (published equation, uncalibrated)" in words
    assert {"0.523", "\N{MINUS SIGN}0.09 to 2.09"} <= set(words)
    assert "sensitivity range, no confidence interval" in words


def test_a_map_says_that_it_locates_no_cells() -> None:
    assert DISCLAIMER in words_of(summary_page())


def test_a_map_without_a_value_says_so_and_has_no_scale() -> None:
    words = words_of(PAGES["one voxel"])

    assert "The local index is undefined in these planes." in words
    assert DISCLAIMER not in words


def test_a_refused_score_is_said_in_words() -> None:
    words = words_of(PAGES["one voxel"])

    assert "no score" in words
    assert "No reading has a score." in words


def test_a_reading_without_a_score_is_listed_as_such() -> None:
    page = replace(summary_page(), scale=Scale((Reading("other", None),)))

    assert {"other", "no score"} <= set(words_of(page))


def test_a_reading_far_away_is_an_arrow_with_its_number() -> None:
    words = words_of(summary_page())

    assert {"▶", "160"} <= set(words)
    assert "◀" not in words


def test_ends_of_the_maps_scale_are_its_least_and_greatest_value() -> None:
    page = summary_page()
    indices = [view.index for view in page.views[:2] if view.index is not None]
    words = words_of(page)

    assert f"{np.nanmin(indices):.2f}".replace("-", "\N{MINUS SIGN}") in words
    assert f"{np.nanmax(indices):.2f}" in words


def test_uptake_beyond_the_scale_is_said_at_its_end() -> None:
    page = summary_page()
    within = replace(
        page,
        projection=None,
        views=tuple(replace(v, uptake=np.minimum(v.uptake, 4.0)) for v in page.views),
    )

    assert "≥ 4 g/ml" in words_of(page)
    assert "≥ 4 g/ml" not in words_of(within)
    assert "4 g/ml" in words_of(within)


def test_warnings_that_do_not_fit_are_counted() -> None:
    warnings = tuple(f"warning {n}: {LONG}" for n in range(50))
    words = words_of(replace(summary_page(), warnings=warnings))

    shown = sum(each.startswith("warning ") for each in words)
    assert 0 < shown < 50
    assert f"and {50 - shown} more, in the report" in words


def test_warnings_that_fit_are_all_shown() -> None:
    words = words_of(summary_page())

    assert any(each.startswith("The readings of the equation") for each in words)
    assert not any("in the report" in each for each in words)


def test_a_long_warning_is_cut_only_where_there_is_no_room_for_all() -> None:
    long = " ".join(f"word{n}" for n in range(40))

    alone = " ".join(words_of(replace(summary_page(), warnings=(long,))))
    many = " ".join(words_of(replace(summary_page(), warnings=(long,) * 9)))

    assert "word39" in alone
    assert "word39" not in many
    assert "word5 " in many


def test_of_long_items_at_the_foot_the_first_are_shown() -> None:
    items = tuple((f"name {n}", f"value {n} " + "x" * 400) for n in range(9))

    words = words_of(replace(summary_page(), provenance=items))

    assert sum(1 for each in words if each.startswith("value ")) == 3
    assert "and 6 more, in the report" in words


def test_the_first_time_point_is_said_to_be_one() -> None:
    page = replace(summary_page(), trend=None)

    assert "No earlier scan of this region is known." in words_of(page)


def test_no_word_lies_in_the_trend() -> None:
    ranges = tuple(TrendPoint(day, 1.0, -9.0, 9.0) for day in range(12))
    trend = Trend(ranges, "Days after irradiation", 0.0)
    sheet = sheet_of(replace(summary_page(), trend=trend))
    bars = [
        mark
        for mark in sheet.marks
        if isinstance(mark, Stroke) and len(mark.points) == 2 and mark.width == 2.0
    ]
    upright = [mark for mark in bars if np.ptp(mark.points[:, 0]) == 0]

    assert "dashed: irradiation" in words_of(replace(summary_page(), trend=trend))
    assert len(upright) > len(ranges)
    for text in texts_of(sheet):
        box = box_of(text)
        for mark in upright:
            x, (top, bottom) = mark.points[0, 0], np.sort(mark.points[:, 1])
            across = box.x < x < box.right
            assert not (across and top < box.bottom and box.y < bottom), text.words


def test_scores_of_another_model_have_no_height_on_the_trend() -> None:
    own = TrendPoint(3, 0.5, current=True)
    other = TrendPoint(1, 1e6, comparable=False)
    page = replace(summary_page(), trend=Trend((other, own)))

    words = words_of(page)

    assert "on the axis: not comparable" in words
    assert not any("10⁵" in each or "1000000" in each for each in words)


def test_a_contour_surrounds_its_region_where_the_picture_shows_it() -> None:
    sheet = sheet_of(summary_page())
    picture = next(mark for mark in sheet.marks if isinstance(mark, Picture))
    contour = next(
        mark for mark in sheet.marks if isinstance(mark, Stroke) and mark.closed
    )

    middle = contour.points.mean(axis=0) - (picture.x, picture.y)
    inner = picture.pixels[round(middle[1]), round(middle[0])].astype(int)
    edge = contour.points[0] - (picture.x, picture.y)
    outer = picture.pixels[round(edge[1]), round(edge[0]) + 30].astype(int)

    # The tumour's heart is hot: red outweighs blue; beyond the animal it is black.
    assert inner[0] > inner[2] + 40
    assert outer.max() < 40


@pytest.mark.parametrize(("rows_mm", "columns_mm"), [(0.8, 0.4), (3.0, 0.5)])
def test_a_picture_has_the_shape_of_its_millimetres(
    rows_mm: float, columns_mm: float
) -> None:
    page = summary_page()
    planes = tuple(
        replace(view, spacing_mm=(rows_mm, columns_mm), contours=(), index=None)
        for view in page.views
    )
    whole = replace(page, views=planes, projection=None)
    contour = summary_page().views[0].contours[0]
    drawn = replace(planes[0], contours=(contour,))
    sheet = sheet_of(replace(whole, views=(drawn,)))

    points = next(m for m in sheet.marks if isinstance(m, Stroke) and m.closed).points
    width, height = np.ptp(points, axis=0)

    assert height / width == pytest.approx(rows_mm / columns_mm, rel=0.05)
    assert max(width, height) <= PANEL


def test_the_overview_goes_on_where_a_page_ends() -> None:
    heading = summary_page().heading
    rows = [OverviewRow(f"region {n}", n) for n in range(2 * OVERVIEW_ROWS + 1)]

    pages = overview_pages(heading, "texture index", rows)

    assert [len(page.rows) for page in pages] == [OVERVIEW_ROWS, OVERVIEW_ROWS, 1]
    assert overview_pages(heading, "texture index", []) == ()
    assert f"region {OVERVIEW_ROWS}" in words_of(pages[1])


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e300, -1e-300, 0.0])
def test_no_number_is_too_strange_to_be_drawn(value: float) -> None:
    page = replace(
        summary_page(),
        headline=Headline("texture index", value, value, value),
        scale=Scale((Reading("other", value, value),), value),
        region_suv=np.array([value, 1.0]),
        trend=Trend((TrendPoint(0, value, value, value, current=True),)),
    )

    assert FOOTER in words_of(page)


def test_what_has_no_room_at_the_foot_is_counted() -> None:
    items = tuple((f"name {n}", f"value {n} of some length") for n in range(40))

    words = words_of(replace(summary_page(), provenance=items))

    shown = sum(1 for each in words if each.startswith("value "))
    assert shown >= 12
    assert f"and {40 - shown} more, in the report" in words
    few = words_of(replace(summary_page(), provenance=items[:12]))
    assert sum(1 for each in few if each.startswith("value ")) == 12
    assert not any(each.startswith("and ") for each in few)


def test_rows_that_the_table_has_no_room_for_are_counted() -> None:
    rows = tuple(Figures(f"row {n}", (float(n),)) for n in range(12))

    words = words_of(replace(summary_page(), uptake=Uptake(("SUV",), rows)))

    assert [f"row {n}" in words for n in (8, 9)] == [True, False]
    assert "and 3 more, in the report" in words


def test_viewers_may_write_over_the_upper_left_corner() -> None:
    sheet = sheet_of(summary_page())

    assert min(box_of(text).y for text in texts_of(sheet)) >= 50
