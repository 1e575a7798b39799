"""The summary pages of a result: an image for each, and all of them as a PDF.

Design choice: both show the same pages, which are composed once for a result.
"""

from collections.abc import Callable, Iterator
from functools import cached_property

import numpy as np

from dicom_io.results.presentation.report_pdf import build_report_pdf
from dicom_io.results.presentation.summary_image import build_summary_image
from dicom_io.source_reference import SourceReference
from model.page.summary import sheet_of, sheet_pixels, sheets_pdf
from model.page.summary.marks import Sheet
from model.page.summary.page import OVERVIEW_ROWS
from model.score.assessment import RoiAssessment
from node.case.objects.findings import Findings
from node.case.objects.made import Made, made_of
from node.case.objects.planned import SERIES_NUMBERS, Plan, Planned
from node.case.objects.summary.composing import compose_pages
from node.records.kinds import ResultKind

Maker = Callable[[Planned, Plan, Findings], Iterator[Made]]

PAGE_KINDS = (ResultKind.SUMMARY, ResultKind.PDF)
TITLE = "T-cell exhaustion texture summary"


def plan_summary(findings: Findings, plan: Plan) -> Iterator[Planned]:
    """Give the series of the pages as images, an instance for each page."""
    regions, most = len(findings.assessments), plan.options.objects.pages
    further = max(0, regions - most)
    yield Planned(
        ResultKind.SUMMARY,
        "summary",
        "summary",
        SERIES_NUMBERS[ResultKind.SUMMARY],
        TITLE,
        instances=min(regions, most) + -(-further // OVERVIEW_ROWS),
    )


def plan_pdf(_findings: Findings, _plan: Plan) -> Iterator[Planned]:
    """Give the document of all pages."""
    yield Planned(
        ResultKind.PDF, "pdf", "summary-pdf", SERIES_NUMBERS[ResultKind.PDF], TITLE
    )


class Pages:
    """The pages of a result, as the objects that show them.

    Parameters
    ----------
    findings : Findings
    plan : Plan
    """

    def __init__(self, findings: Findings, plan: Plan) -> None:
        self._findings = findings
        self._plan = plan

    @property
    def makers(self) -> dict[ResultKind, Maker]:
        """What makes each kind."""
        return {ResultKind.SUMMARY: self._images, ResultKind.PDF: self._document}

    def _images(
        self, planned: Planned, plan: Plan, findings: Findings
    ) -> Iterator[Made]:
        """Give each page as an image."""
        for number, sheet in enumerate(self._sheets, start=1):
            built = build_summary_image(
                findings.image.series,
                sheet_pixels(sheet),
                plan.identity(planned, number),
                plan.options.equipment,
                findings.subject,
                self._sources(number - 1),
            )
            further = "" if number == 1 else f"-{number}"
            yield made_of(planned.kind, f"{planned.name}{further}", built)

    def _document(
        self, planned: Planned, plan: Plan, findings: Findings
    ) -> Iterator[Made]:
        """Give all pages as one document."""
        built = build_report_pdf(
            findings.image.series,
            self._pdf(),
            TITLE,
            plan.identity(planned),
            plan.options.equipment,
            findings.subject,
            self._sources(None),
        )
        yield made_of(planned.kind, planned.name, built)

    def _pdf(self) -> bytes:
        equipment = self._plan.options.equipment
        return sheets_pdf(
            self._sheets,
            title=TITLE,
            made_by=f"{equipment.model_name} {equipment.software_version}",
            made_at=self._plan.job.created_at,
        )

    @cached_property
    def _sheets(self) -> tuple[Sheet, ...]:
        pages = compose_pages(self._findings, self._plan)
        return tuple(sheet_of(page) for page in pages)

    def _sources(self, number: int | None) -> list[SourceReference]:
        """Return what a page was drawn from, or all: PET, contours, report."""
        findings = self._findings
        most = self._plan.options.objects.pages
        shown = findings.assessments
        if number is not None:
            alone = slice(number, number + 1) if number < most else slice(most, None)
            shown = shown[alone]
        return [
            *_slices(findings, shown),
            findings.contour_source,
            *self._plan.references(ResultKind.REPORT),
        ]


def _slices(
    findings: Findings, shown: tuple[RoiAssessment, ...]
) -> Iterator[SourceReference]:
    """Give the PET slices that regions lie on, each object once."""
    series = findings.image.series
    used = np.any([found.mask.inside.any(axis=(1, 2)) for found in shown], axis=0)
    for number in np.flatnonzero(used).tolist():
        image = series.instances[number]
        yield SourceReference(
            image.sop_class_uid,
            image.sop_instance_uid,
            series.study_instance_uid,
            series.series_instance_uid,
        )
