"""Figures look the same everywhere, and a text in them is only a text."""

import io
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import pytest
from PIL import Image

from model.page.document import Picture
from model.page.drawing import COLOURS, MARKERS, new_figure, picture_of
from model.page.matplotlib_home import fonts_known

ROOT = Path(__file__).resolve().parents[3]


def bars(names: Sequence[str], *, log: bool = False) -> Picture:
    figure = new_figure(80, 50)
    axes = figure.subplots()
    axes.bar(names, range(1, len(names) + 1), color=COLOURS[0])
    axes.set_title("Days")
    axes.annotate("note $1 and $2", (0, 1))
    if log:
        axes.set_yscale("log")
        axes.set_ylim(1e-3, 1e5)
    return picture_of(figure)


def test_the_same_figure_gives_the_same_bytes() -> None:
    assert bars(["LLC", "B16"]) == bars(["LLC", "B16"])


def test_a_picture_has_the_size_that_was_asked_for_at_200_dots_per_inch() -> None:
    picture = bars(["LLC"])
    image = Image.open(io.BytesIO(picture.png))

    assert (picture.width_mm, picture.height_mm) == pytest.approx((80, 50))
    assert image.size == pytest.approx((80 / 25.4 * 200, 50 / 25.4 * 200), abs=1)
    assert image.info["dpi"] == pytest.approx((200, 200), abs=0.1)


def test_a_picture_holds_no_text_of_its_labels_and_no_script() -> None:
    svg = bars(["--><script>alert(1)</script>", "天地", "a\0b"]).svg

    assert svg.startswith("<svg ")
    assert svg.endswith("</svg>")
    for forbidden in ("script", "alert", "<!--", "<!DOCTYPE", "<style", "<text"):
        assert forbidden not in svg


def test_two_names_that_the_typeface_lacks_still_look_different() -> None:
    """Warnings are errors here: a letter without a shape would be one."""
    assert bars(["天"]).png != bars(["地"]).png


def test_a_dollar_is_no_mathematics() -> None:
    assert bars(["$x$"]).png != bars(["x"]).png
    assert bars(["unbalanced $\\frac{"]).png


def test_a_logarithmic_axis_has_numbers() -> None:
    assert bars(["a"], log=True).svg != bars(["a"]).svg


def test_drawing_leaves_the_parameters_of_the_process_alone() -> None:
    before = dict(mpl.rcParams)
    bars(["a"])

    assert dict(mpl.rcParams) == before


def test_what_others_set_for_the_process_does_not_change_a_figure() -> None:
    usual = bars(["a"])
    with mpl.rc_context({"font.size": 30, "axes.grid": False, "lines.linewidth": 9}):
        strange = bars(["a"])

    assert strange == usual


def test_no_more_series_than_markers_are_told_apart_by_colour() -> None:
    assert len(COLOURS) == len(set(COLOURS)) == len(MARKERS)


def test_figures_are_set_in_the_typeface_that_matplotlib_brings() -> None:
    assert "DejaVuSans.ttf" in fonts_known()
    assert len(fonts_known()) == 6


def test_import_needs_no_home_says_nothing_and_searches_no_fonts(
    tmp_path: Path,
) -> None:
    program = (
        "import os, sys; before = dict(os.environ)\n"
        "from model.page.drawing import new_figure, picture_of\n"
        "figure = new_figure(); figure.subplots().plot([1, 2])\n"
        "picture_of(figure)\n"
        "from model.page.matplotlib_home import fonts_known\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
        "assert dict(os.environ) == before\n"
        "assert len(fonts_known()) == 6, fonts_known()\n"
    )
    nowhere = tmp_path / "nowhere"
    nowhere.write_text("a file where a folder should be")
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(nowhere),
        "XDG_CONFIG_HOME": str(nowhere),
        "XDG_CACHE_HOME": str(nowhere),
        "MPLCONFIGDIR": str(nowhere),
        "PYTHONPATH": str(ROOT),
        "TMPDIR": str(tmp_path),
    }
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert list(tmp_path.iterdir()) == [nowhere]
