"""The pages of a result say what was found, where it lies, and what it hangs on."""

from collections.abc import Callable, Sequence
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import RLELossless

from config.load import load_settings
from model.page.summary.page import OverviewPage, SummaryPage
from node.case.objects import pages as pages_module
from node.case.objects.summary.composing import Page, compose_pages
from node.folder import read_folder
from node.options.case import case_options, matching_rules, subject_rules
from node.records.kinds import ResultKind
from node.scoring import FolderScore, score_folder
from tests.support.bed import bed_study
from tests.support.pet import (
    square_mm,
    structure_set_dataset,
    write_all,
)
from tests.support.planes import image_datasets, multi_frame_dataset
from tests.support.registration import (
    OTHER_FRAME,
    registration_dataset,
    source,
    turned_z,
)
from tests.support.studies import as_study, contours_on, small_study

AT = datetime(2026, 3, 3, 12, tzinfo=UTC)
PET, CONTOURS = small_study()
CT = image_datasets("CT", np.full((12, 16, 18), 40))
FEW = '[results]\nobjects = ["sr", "summary", "pdf"]\n'

Scored = tuple[list[Page], FolderScore]
Scoring = Callable[..., Scored]


@pytest.fixture(name="scored")
def _scored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scoring:
    """Return what scores objects, and gives the pages as they were composed."""
    composed: list[Page] = []

    def composing(*args: Any) -> tuple[Page, ...]:
        pages = compose_pages(*args)
        composed.extend(pages)
        return pages

    monkeypatch.setattr(pages_module, "compose_pages", composing)

    def score(*datasets: Dataset, extra: str = "") -> Scored:
        composed.clear()
        config = tmp_path / "node.toml"
        config.write_text(FEW + extra)
        settings = load_settings(config)
        files = write_all(datasets, tmp_path / "study")
        found = score_folder(
            read_folder(files, AT),
            matching_rules(settings),
            case_options(settings),
            tmp_path / "out",
            AT,
            subjects=subject_rules(settings),
        )
        return list(composed), found

    return score


def only(pages: Sequence[Page]) -> SummaryPage:
    (page,) = pages
    assert isinstance(page, SummaryPage)
    return page


def said_of_pictures(page: SummaryPage) -> list[str]:
    return [said for name, said in page.provenance if name == "Pictures"]


def test_a_page_shows_the_region_that_was_used_and_its_numbers(
    scored: Scoring,
) -> None:
    pages, found = scored(*PET, CONTOURS)

    page, (result,) = only(pages), found.results
    assert page.heading.animal_id == result.animal_id
    assert page.heading.region == result.roi == "Tumor"
    assert page.heading.scanned == "2026-03-02 11:10 +0000"
    assert page.headline.value == result.score
    assert page.headline.title == result.score_title
    assert page.region_suv.size == result.voxels
    assert float(np.mean(page.region_suv)) == pytest.approx(result.suv["mean"])
    figures = {row.name: row.values[0] for row in page.uptake.rows}
    assert figures["Maximum"] == result.suv["max"]
    assert figures["Volume, 210 voxels"] == result.suv["volume_ml"]
    assert [view.title for view in page.views] == ["Axial", "Coronal", "Sagittal"]
    for view, voxels in zip(page.views, (6 * 7, 7 * 5, 6 * 5), strict=True):
        assert view.index is not None
        assert view.index.shape == view.uptake.shape
        # The outline is a rectangle of so many pixels.
        (outline,) = view.contours
        assert np.prod(np.ptp(outline, axis=0)) == voxels


def test_no_probability_is_stated_that_the_model_may_not_state(
    scored: Scoring,
) -> None:
    silent, _ = scored(*PET, CONTOURS)
    entitled = "[score]\nclass_when_uncalibrated = true\n"
    pages, found = scored(*PET, CONTOURS, extra=entitled)

    assert only(silent).headline.verdict.startswith("No probability and no class")
    assert only(silent).scale.cut_off is None
    (result,) = found.results
    # Which one it is stands before all that could be cut off.
    told = only(pages).headline.verdict.startswith("Uncalibrated probability")
    assert told == (result.probability is not None)


def test_the_ct_of_the_pets_frame_of_reference_lies_behind_it(
    scored: Scoring,
) -> None:
    page = only(scored(*PET, *CT, CONTOURS)[0])

    for view in page.views:
        assert view.anatomy is not None
        assert np.unique(view.anatomy).tolist() == [40.0]
        # The edges are the same: each pixel of the PET is so many of the CT.
        assert view.anatomy.shape[0] % view.uptake.shape[0] == 0
        assert view.anatomy.shape[1] % view.uptake.shape[1] == 0
    assert said_of_pictures(page) == []


def test_a_registration_brings_the_ct_behind_the_pet(scored: Scoring) -> None:
    numbers = np.broadcast_to(np.arange(12)[:, np.newaxis, np.newaxis], (12, 16, 18))
    steps = [float(each.ImagePositionPatient[2]) for each in PET[:2]]
    up = (0.0, 0.0, steps[1] - steps[0])
    joined = registration_dataset(
        PET[0].FrameOfReferenceUID, source(OTHER_FRAME, turned_z(0.0, up))
    )

    def axial(*others: Dataset, frame: str) -> float:
        ct = image_datasets("CT", numbers, FrameOfReferenceUID=frame)
        anatomy = only(scored(*PET, *ct, *others, CONTOURS)[0]).views[0].anatomy
        assert anatomy is not None
        return float(np.median(anatomy))

    # The CT moves up by a slice, so that the slice below it is seen.
    here = axial(frame=PET[0].FrameOfReferenceUID)
    assert axial(joined, frame=OTHER_FRAME) == pytest.approx(here - 1.0, abs=1e-3)


def test_a_ct_that_nothing_brings_to_the_pet_is_not_shown_and_that_is_said(
    scored: Scoring,
) -> None:
    ct = image_datasets(
        "CT", np.full((12, 16, 18), 40), FrameOfReferenceUID=OTHER_FRAME
    )

    pages, found = scored(*PET, *ct, CONTOURS)

    assert only(pages).views[0].anatomy is None
    (said,) = said_of_pictures(only(pages))
    assert "frame of reference" in said
    # No number hangs on it.
    assert found.held == ()
    assert not any("CT" in warning for warning in found.results[0].warnings)


def test_a_site_s_rule_brings_the_ct_of_its_scanner_behind_the_pet(
    scored: Scoring,
) -> None:
    ct = image_datasets(
        "CT",
        np.full((12, 16, 18), 40),
        FrameOfReferenceUID=OTHER_FRAME,
        ManufacturerModelName=PET[0].ManufacturerModelName,
    )
    rule = "[[matching.co_registered]]\nmodel_name = "

    page = only(
        scored(*PET, *ct, CONTOURS, extra=f'{rule}"{PET[0].ManufacturerModelName}"\n')[
            0
        ]
    )

    assert page.views[0].anatomy is not None


def _truncated(images: list[Dataset]) -> list[Dataset]:
    for image in images:
        image.PixelData = image.PixelData[:-64]
    return images


def _without_slope(images: list[Dataset]) -> list[Dataset]:
    del images[6].RescaleSlope
    return images


@pytest.mark.parametrize(
    "spoilt",
    [
        _truncated,
        _without_slope,
        lambda images: [multi_frame_dataset(images, "1.2.840.10008.5.1.4.1.1.2.1")],
    ],
    ids=["truncated", "without slope", "multi-frame"],
)
def test_a_ct_that_cannot_be_read_costs_the_background_and_no_result(
    scored: Scoring, spoilt: Callable[[list[Dataset]], list[Dataset]]
) -> None:
    ct = spoilt(image_datasets("CT", np.full((12, 16, 18), 40)))

    pages, found = scored(*PET, *ct, CONTOURS)

    assert only(pages).views[0].anatomy is None
    assert len(said_of_pictures(only(pages))) == 1
    assert len(found.results) == 1


def test_regions_beyond_those_with_pages_are_listed_on_the_last(
    scored: Scoring,
) -> None:
    regions = {
        f"Tumor {number}": [
            square_mm(PET, k, rows=slice(4, 10), columns=slice(5, 12 - number))
            for k in range(3, 8)
        ]
        for number in range(3)
    }
    contours = structure_set_dataset(PET, regions)

    pages, found = scored(*PET, contours, extra="pages = 1\n")

    first, last = pages
    assert isinstance(first, SummaryPage)
    assert first.heading.place == "Region 1 of 3"
    assert isinstance(last, OverviewPage)
    assert [row.region for row in last.rows] == ["Tumor 1", "Tumor 2"]
    # What holds for all regions would fill the column and tell them apart in nothing.
    assert [row.note.partition("'")[0] for row in last.rows] == [
        "180 voxels belong to ",
        "150 voxels belong to ",
    ]
    kinds = [written.kind for written in found.objects]
    assert kinds.count(ResultKind.SUMMARY) == 2
    assert kinds.count(ResultKind.PDF) == 1
    uids = [written.sop_instance_uid for written in found.objects]
    assert len(set(uids)) == len(uids)


def test_each_animal_of_a_bed_has_pages_of_its_own(
    scored: Scoring, tmp_path: Path
) -> None:
    pet, contours = bed_study(names=("Tumor", "Tumor."))
    log = tmp_path / "log.csv"
    head = "animal,patient_id,study_date,weight_g,activity_mbq,injected_at,bed_position"
    rows = [
        "Ärmel-1,bed7,2026-03-02,24.8,9.0,10:00,1/1/1",
        "M2,bed7,2026-03-02,22.1,8.9,10:00,2/1/1",
    ]
    log.write_text("\n".join([head, *rows, ""]), encoding="utf-8")

    pages, found = scored(*pet, contours, extra=f'[injection_log]\npath = "{log}"\n')

    assert found.held == ()
    assert [page.heading.animal_id for page in pages] == ["Ärmel-1", "M2"]
    details = [page.heading.details for page in pages]
    assert "24.8 g" in details[0]
    assert "22.1 g" in details[1]


def test_the_same_study_gives_the_same_pages_to_the_byte(
    scored: Scoring, tmp_path: Path
) -> None:
    def content() -> dict[str, bytes]:
        _, found = scored(*PET, *CT, CONTOURS)
        return {
            written.sop_instance_uid: (tmp_path / "out" / written.path).read_bytes()
            for written in found.objects
        }

    assert content() == content()


def test_a_compressed_ct_is_shown_like_any_other(scored: Scoring) -> None:
    ct = image_datasets("CT", np.full((12, 16, 18), 40))
    for image in ct:
        image.compress(RLELossless)

    page = only(scored(*PET, *ct, CONTOURS)[0])

    assert page.views[1].anatomy is not None
    assert np.unique(page.views[1].anatomy).tolist() == [40.0]


def at_day(number: int, day: int) -> list[Dataset]:
    """Return the small study as another one of the same animal, some days later."""
    pet, contours = small_study(peak=3e5 + 1e4 * number)
    date = (datetime(2026, 3, 2, tzinfo=UTC) + timedelta(days=day)).strftime("%Y%m%d")
    moved = as_study(number, [*pet, contours])
    for image in moved[:-1]:
        image.StudyDate = image.SeriesDate = image.AcquisitionDate = date
        item = image.RadiopharmaceuticalInformationSequence[0]
        item.RadiopharmaceuticalStartDateTime = f"{date}100000"
    return moved


def test_of_several_studies_of_an_animal_each_shows_those_before_it(
    scored: Scoring,
) -> None:
    # The files' names put the latest first.
    pages, found = scored(*at_day(1, 7), *at_day(2, 3), *PET, CONTOURS)

    days = {}
    for page in pages:
        assert isinstance(page, SummaryPage)
        trend = page.trend
        days[page.heading.scanned[:10]] = (
            None if trend is None else [point.day for point in trend.points]
        )
    assert days["2026-03-02"] is None
    assert days["2026-03-05"] == pytest.approx([0.0, 3.0])
    assert days["2026-03-09"] == pytest.approx([0.0, 3.0, 7.0])
    last = next(page for page in pages if page.heading.scanned[:10] == "2026-03-09")
    assert isinstance(last, SummaryPage)
    assert last.trend is not None
    scores = {r.study_instance_uid: r.score for r in found.results}
    assert {point.score for point in last.trend.points} == set(scores.values())
    assert [point.current for point in last.trend.points] == [False, False, True]


def test_days_are_counted_from_the_irradiation_where_it_is_known(
    scored: Scoring, tmp_path: Path
) -> None:
    log = tmp_path / "log.csv"
    rows = [
        f"{PET[0].PatientID},{day},2026-03-01T11:10"
        for day in ("2026-03-02", "2026-03-05")
    ]
    log.write_text("\n".join(["animal,study_date,irradiated_at", *rows, ""]))

    pages, found = scored(
        *PET,
        CONTOURS,
        *at_day(2, 3),
        extra=f'[injection_log]\npath = "{log}"\n',
    )

    last = pages[-1]
    assert isinstance(last, SummaryPage)
    assert last.trend is not None
    assert last.trend.axis == "Days after irradiation"
    assert last.trend.irradiation_day == 0.0
    assert [point.day for point in last.trend.points] == pytest.approx([1.0, 4.0])
    assert found.results[0].context["irradiated_at"] == "2026-03-01T11:10+00:00"


def test_the_weightiest_warnings_come_first_and_uids_leave_room_for_words(
    scored: Scoring,
) -> None:
    others = deepcopy(PET)
    for number, image in enumerate(others):
        image.SOPInstanceUID = f"{image.SeriesInstanceUID}.777.{number}"

    found = only(scored(*PET, contours_on(others))[0]).warnings

    begun = ("The score of", "Not stated", "None of the")
    at = [next(n for n, s in enumerate(found) if s.startswith(each)) for each in begun]
    assert at == sorted(at)
    # The end of a UID tells one series from another; the report has all of it.
    assert f"…{PET[0].SeriesInstanceUID[-12:]}" in found[at[-1]]
    assert PET[0].SeriesInstanceUID not in found[at[-1]]


def test_a_species_that_only_the_configuration_says_is_told_as_such(
    scored: Scoring,
) -> None:
    unsaid = only(scored(*PET, CONTOURS)[0]).heading.details[0]
    said = deepcopy(PET)
    for image in said:
        image.PatientSpeciesDescription = "Mus musculus"

    stated = only(scored(*said, CONTOURS)[0]).heading.details[0]

    assert (unsaid, stated) == ("mouse (configured)", "Mus musculus")
