"""A case's findings as pages: one for each region, and a table of further ones.

Design choice: what is told of the picture alone (why the CT is not behind the PET)
stands with the provenance and not among the warnings: no number hangs on it.
"""

from collections.abc import Iterator, Sequence

from dicom_io.scan_facts import ScanFacts, scan_facts
from model.page.summary.page import (
    OverviewPage,
    OverviewRow,
    SummaryPage,
    overview_pages,
)
from model.score.assessment import RoiAssessment
from node.case.objects.findings import Findings
from node.case.objects.planned import Plan
from node.case.objects.summary.pictures import Pictures, RegionPictures, make_pictures
from node.case.objects.summary.trend import trend_of
from node.case.objects.summary.words import (
    heading_of,
    headline_of,
    provenance_of,
    scale_of,
    uptake_of,
    warnings_of,
)

Page = SummaryPage | OverviewPage


def compose_pages(findings: Findings, plan: Plan) -> tuple[Page, ...]:
    """Return the pages of a result, those of regions first.

    As many as `node.case.objects.pages` plans.
    """
    image = findings.image
    facts = scan_facts(
        image.series.headers, plan.options.suv.zone, image.series.scan_began_at
    )
    most = plan.options.objects.pages
    shown = findings.assessments[:most]
    pictures = make_pictures(image, shown, findings.behind)
    pages = tuple(
        _page(findings, plan, facts, number, pictures) for number in range(len(shown))
    )
    return (*pages, *_overview(findings, plan, facts, most))


def _page(
    findings: Findings, plan: Plan, facts: ScanFacts, number: int, pictures: Pictures
) -> SummaryPage:
    found, seen = findings.assessments[number], pictures.regions[number]
    count = len(findings.assessments)
    place = f"Region {number + 1} of {count}" if count > 1 else ""
    return SummaryPage(
        heading=heading_of(findings, facts, found.roi.name, place),
        headline=headline_of(found),
        views=seen.planes,
        projection=seen.projection,
        scale=scale_of(found),
        uptake=uptake_of(found, findings.image.conversion.dose_share),
        region_suv=findings.image.suv.inside(found.mask),
        trend=trend_of(
            found, facts.scanned_at, findings.history, findings.irradiated_at
        ),
        provenance=tuple(_provenance(findings, plan, found, seen, pictures)),
        warnings=warnings_of(findings, found),
        tracer=found.circumstances.tracer or "",
    )


def _provenance(
    findings: Findings,
    plan: Plan,
    found: RoiAssessment,
    seen: RegionPictures,
    pictures: Pictures,
) -> Iterator[tuple[str, str]]:
    yield from provenance_of(findings, plan, found)
    for said in pictures.statements:
        yield "Pictures", said
    if not pictures.statements and seen.planes[0].anatomy is None:
        yield "Pictures", "PET alone; the study has no CT that is whole"


def _overview(
    findings: Findings, plan: Plan, facts: ScanFacts, most: int
) -> tuple[OverviewPage, ...]:
    """Return the tables of regions that have no page."""
    further = findings.assessments[most:]
    if not further:
        return ()
    count = len(findings.assessments)
    title = f"Regions {most + 1} to {count} of {count}"
    return overview_pages(
        heading_of(findings, facts, title),
        further[0].score_model.title,
        tuple(_row(found, _shared(findings.assessments)) for found in further),
        tuple(provenance_of(findings, plan, None)),
    )


def _shared(assessments: Sequence[RoiAssessment]) -> frozenset[str]:
    """Return the warnings of all of several regions, which the pages tell."""
    if len(assessments) == 1:
        return frozenset()
    return frozenset.intersection(*(frozenset(each.warnings) for each in assessments))


def _row(found: RoiAssessment, shared: frozenset[str]) -> OverviewRow:
    moves = found.sensitivity
    return OverviewRow(
        region=found.roi.name,
        score=found.score,
        low=moves.low if moves else None,
        high=moves.high if moves else None,
        suv_mean=found.suv.mean,
        suv_max=found.suv.maximum,
        volume_ml=found.suv.volume_ml,
        note=next((said for said in found.warnings if said not in shared), ""),
    )
