"""Summary pages of an animal with a tumour, and of what is hard to draw."""

from dataclasses import replace

import numpy as np

from model.page.summary.page import (
    Figures,
    Heading,
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
from model.page.summary.views import EdgeLetters, View

PIXELS = 128
SPACING_MM = (0.8, 0.8)
CENTRE = (60.0, 76.0)
RADIUS = 6.0
"""Of the tumour, in pixels."""
LONG = "Tumour of the left flank after the second fraction, drawn by the second reader"


def circle(radius: float = RADIUS) -> np.ndarray:
    """Return the tumour's outline as (row, column)."""
    turn = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    return np.stack(
        [CENTRE[0] + radius * np.sin(turn), CENTRE[1] + radius * np.cos(turn)], axis=1
    )


def view(title: str = "Axial", *, ct: bool = True) -> View:
    """Return a plane through an animal, its tumour and its bladder."""
    row, column = np.mgrid[:PIXELS, :PIXELS].astype(float)
    noise = np.random.default_rng(3).normal(0, 0.08, row.shape)
    body = ((row - 64) / 18) ** 2 + ((column - 64) / 24) ** 2 < 1
    far = np.hypot(row - CENTRE[0], column - CENTRE[1])
    uptake = 0.5 * body + 2.4 * np.exp(-((far / 5.5) ** 2)) + noise * body
    uptake += 9.0 * (np.hypot(row - 70, column - 50) < 3)
    index = np.where(far < RADIUS, 3 * np.sin(column / 3) + row / 40 - 2, np.nan)
    fine = np.repeat(np.repeat(body, 2, axis=0), 2, axis=1).astype(float)
    bone = np.hypot(*(np.mgrid[:256, :256] - [[[150]], [[128]]])) < 5
    anatomy = -1000 + 1040 * fine + 900 * bone
    return View(
        title=title,
        position="slice 80 of 159, z \N{MINUS SIGN}12.4 mm",
        uptake=uptake,
        spacing_mm=SPACING_MM,
        contours=(circle(),),
        letters=EdgeLetters("R", "L", "A", "P"),
        anatomy=anatomy if ct else None,
        index=index,
    )


def summary_page(*, ct: bool = True) -> SummaryPage:
    """Return the page of a usual result."""
    views = tuple(view(title, ct=ct) for title in ("Axial", "Coronal", "Sagittal"))
    values = np.random.default_rng(5).normal(2.05, 0.48, 529)
    return SummaryPage(
        heading=Heading(
            "M-0417",
            "Tumor",
            "scanned 2026-03-02 10:00 UTC+8",
            ("mouse", "C57BL/6", "21.9 g", "group anti-PD-1"),
            "Region 1 of 2",
        ),
        headline=Headline(
            "texture index (published equation, uncalibrated)",
            0.5227,
            -0.0863,
            2.0864,
            "Uncalibrated on this scanner: no probability and no class.",
        ),
        views=views,
        projection=replace(
            views[0], title="Projection", position="maximum, coronal", anatomy=None
        ),
        scale=Scale(
            (
                Reading("zhang2023-64", -10.640, 0.0),
                Reading("zhang2023-ibex-example", 160.199, 0.0),
            ),
            0.0,
        ),
        uptake=Uptake(
            ("SUV (g/ml)", "%ID/g"),
            (
                Figures("Mean", (2.0459, 9.342)),
                Figures("Maximum", (3.1669, 14.46)),
                Figures("Minimum", (0.9037, 4.126)),
                Figures("Standard deviation", (0.4782, 2.183)),
                Figures("Peak, 2 mm sphere", (2.91, 13.3)),
                Figures("Volume", (0.26951,), "ml"),
                Figures("Metabolic volume, 41 % of max", (0.251,), "ml"),
                Figures("Total lesion glycolysis", (0.5514,), "g"),
            ),
        ),
        region_suv=values,
        trend=Trend(
            (
                TrendPoint(0, -0.8, -1.4, 0.2),
                TrendPoint(4, -0.2, -0.9, 0.8),
                TrendPoint(7, None),
                TrendPoint(9, 40.0, comparable=False),
                TrendPoint(11, 0.5227, -0.0863, 2.0864, current=True),
            ),
            "Days after the first scan",
            5.0,
        ),
        provenance=(
            ("model", "zhang2023-fine 1.1.0 (sha256 3f2a91c0)"),
            ("SUV", "BQML, START, decay reference = Series Time"),
            ("injected", "5.55 MBq FDG, 60 min before the scan"),
            ("weight", "21.9 g"),
            ("scanner", "Inveon MM Platform, OSEM3D/SP-MAP"),
            ("software", "exhaustion-node 0.1.0"),
            ("job", "9a1f03cd"),
            ("made", "2026-03-02"),
        ),
        warnings=(
            "The route of administration is not stated, so not compared.",
            f"The score is uncalibrated on this scanner. {LONG}, and once more: {LONG}",
            "The readings of the equation lie on both sides of their cut-off.",
        ),
        tracer="FDG",
    )


def hard_pages() -> dict[str, SummaryPage | OverviewPage]:
    """Return pages that are hard to draw, by what makes them so."""
    usual = summary_page()
    first = usual.views[0]
    empty = np.full((PIXELS, PIXELS), np.nan)
    huge = replace(
        usual,
        headline=replace(usual.headline, value=-1.234e12, low=-2e15, high=3.3e15),
        region_suv=usual.region_suv * 1e7,
        views=tuple(replace(v, uptake=v.uptake * 1e7) for v in usual.views),
        scale=Scale(tuple(Reading(f"reading-{n}", 10.0**n) for n in range(9)), 0.0),
        uptake=Uptake(
            ("SUV (g/ml)", "%ID/g"),
            tuple(Figures(f"{LONG} {n}", (10.0**n, -(10.0**-n))) for n in range(14)),
        ),
    )
    long = replace(
        usual,
        heading=Heading(LONG * 3, LONG * 2, LONG, (LONG, LONG), LONG),
        headline=replace(usual.headline, title=LONG * 4, verdict=LONG * 9),
        warnings=tuple(f"{n}. {LONG * (n % 6 + 1)}" for n in range(30)),
        provenance=tuple((LONG, LONG * 3) for _ in range(9)),
        views=tuple(replace(v, title=LONG, position=LONG) for v in usual.views),
        scale=Scale((Reading(LONG, 1.0), Reading(LONG, None))),
        trend=replace(usual.trend or Trend(()), axis=LONG * 2),
        tracer=LONG * 2,
    )
    voxel = np.array([[60, 60], [60, 61], [61, 61], [61, 60]]) - 0.5
    one = replace(
        usual,
        headline=Headline(usual.headline.title, None, verdict="1 voxel: too few."),
        region_suv=np.array([-0.2]),
        views=tuple(replace(v, contours=(voxel,), index=empty) for v in usual.views),
        scale=Scale((Reading("zhang2023-64", None),)),
        trend=None,
        warnings=(),
    )
    bare = SummaryPage(
        heading=Heading("", "", ""),
        headline=Headline("texture index", None),
        views=(),
        projection=None,
        scale=Scale(),
        uptake=Uptake((), ()),
        region_suv=np.empty(0),
    )
    flat = replace(
        usual,
        region_suv=np.full(40, 2.0),
        views=(
            replace(first, uptake=empty, spacing_mm=(3.0, 0.4), contours=()),
            replace(first, uptake=-first.uptake, index=np.where(empty, 1.0, 1.0)),
        ),
        trend=Trend((TrendPoint(0, 1.0, current=True),), "Days", -400.0),
        anatomy_window=(-200.0, 300.0),
    )
    foreign = replace(
        usual,
        heading=Heading("老鼠 №7", "Опухоль ßÅñ", "", ("\u202emouse", "a\0b", "الفأر")),
        warnings=("腫瘍の境界\nを確認する", "x" * 400),
    )
    rows = [
        OverviewRow(f"{n} {LONG}", n / 3 - 4.2, -8.1, 3e6, note=LONG) for n in range(40)
    ]
    overview = overview_pages(
        replace(usual.heading, region="2 further regions"), usual.headline.title, rows
    )
    return {
        "no CT": summary_page(ct=False),
        "huge": huge,
        "long": long,
        "one voxel": one,
        "bare": bare,
        "flat": flat,
        "foreign": foreign,
        "overview": overview[0],
        "rest of the overview": overview[1],
    }
