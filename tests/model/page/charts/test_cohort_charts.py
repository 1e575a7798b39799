"""Charts of a cohort: whatever the numbers are, there is a picture."""

from math import nan

import pytest

from model.page.charts import cohort_animals
from model.page.charts.cohort import (
    CoursePanel,
    GroupSeries,
    IntervalPanel,
    draw_courses,
    draw_window,
)
from model.page.charts.cohort_animals import AnimalLine, draw_animals, draw_each_animal
from model.page.document import Picture


def series(group: str, mark: str = "") -> GroupSeries:
    return GroupSeries(
        group,
        [0.0, 3.0],
        [1.0, 2.0],
        [0.5, None],
        [0.2, None],
        ["", mark],
        [(0.0, 0.8), (0.0, 1.2), (3.0, 2.0)],
    )


def test_more_measures_make_a_taller_picture() -> None:
    one = draw_courses([CoursePanel("score", [series("RT")])], "Day")
    six = draw_courses([CoursePanel("score", [series("RT")])] * 6, "Day")

    assert isinstance(one, Picture)
    assert one.width_mm == six.width_mm
    assert six.height_mm > one.height_mm


def test_a_symbol_is_drawn() -> None:
    plain = draw_courses([CoursePanel("score", [series("RT")])], "Day")
    marked = draw_courses([CoursePanel("score", [series("RT", "***")])], "Day")

    assert plain.png != marked.png


@pytest.mark.parametrize("groups", [1, 2, 9])
def test_a_group_without_values_is_a_panel_without_its_line(groups: int) -> None:
    empty = GroupSeries("control", [], [], [], [], [], [])
    panel = CoursePanel("terminal", [empty] * groups)

    assert draw_courses([panel], "Day").svg.startswith("<svg")


def test_an_arrow_changes_the_picture_and_its_absence_does_not() -> None:
    still = AnimalLine("m1", 0, [0.0, 7.0], [1.0, 5.0])
    moved = AnimalLine("m1", 0, [0.0, 7.0], [1.0, 5.0], [0])
    titles = ("Day", "score")

    again = draw_animals([still], ["RT"], titles)
    assert draw_animals([still], ["RT"], titles).png == again.png
    assert draw_animals([moved], ["RT"], titles).png != again.png


def test_many_animals_go_on_several_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cohort_animals, "_PER_PICTURE", 6)
    lines = [AnimalLine(f"m{n}", 0, [0.0, 7.0], [1.0, 1.0]) for n in range(7)]

    pages = draw_each_animal(lines, ["RT"], ("Day", "score"))

    assert len(pages) == 2
    assert pages[0].height_mm > pages[1].height_mm


def test_limits_that_do_not_exist_are_not_drawn() -> None:
    panel = IntervalPanel("T cells CD8", "in: above 0", [3.0], [0.1], [nan], [nan])

    assert draw_window([panel, panel], [(3.0, 3.0)]).svg.startswith("<svg")
