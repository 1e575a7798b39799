"""Promises of the report of segments, and of what both reports name of a result."""

import dataclasses
import io
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.sr.coding import Code
from pydicom.uid import (
    EncapsulatedPDFStorage,
    ParametricMapStorage,
    PositronEmissionTomographyImageStorage,
    SegmentationStorage,
)

from dicom_io import codes
from dicom_io.part10 import encode_dataset
from dicom_io.pet.series import PetSeries
from dicom_io.results.group_subject import SourceGroupSubject
from dicom_io.results.report.measurement_report import (
    build_measurement_report,
    build_segment_report,
)
from dicom_io.results.report.report_content import (
    NoSegmentationError,
    RelatedObject,
    ReportContent,
)
from dicom_io.source_reference import SourceReference
from model.contours import Roi
from tests.support.pet import STUDY_UID, pet_datasets
from tests.support.result import (
    EQUIPMENT,
    assessment_of,
    block,
    content_of,
    identity,
    series_of,
)
from tests.support.tools import require_tool
from tests.support.verification import complaints

SEGMENTATION = SourceReference(SegmentationStorage, "1.2.3.4.1", STUDY_UID, "1.2.3.4")
MAP = SourceReference(ParametricMapStorage, "1.2.3.5.1", STUDY_UID, "1.2.3.5")
IMAGES = SourceReference(
    PositronEmissionTomographyImageStorage, "1.2.3.6.1", STUDY_UID, "1.2.3.6"
)
DOCUMENT = SourceReference(EncapsulatedPDFStorage, "1.2.3.7.1", "1.2.9.2", "1.2.3.7")


@pytest.fixture(scope="module")
def series(tmp_path_factory: pytest.TempPathFactory) -> PetSeries:
    return series_of(pet_datasets(), tmp_path_factory.mktemp("pet"))


def of_two_regions(series: PetSeries, **overrides: Any) -> ReportContent:
    grid = series.volume.grid
    second = assessment_of(
        series,
        np.roll(block(grid), 2, axis=0),
        roi=Roi(2, "Node", (), grid.frame_of_reference),
    )
    related = tuple(
        (
            RelatedObject(codes.SEGMENT_OF_REGION, SEGMENTATION, number),
            RelatedObject(codes.MAP_OF_REGION, MAP),
        )
        for number in (1, 2)
    )
    fields = {
        "of_regions": related,
        "of_case": (
            RelatedObject(codes.IMAGES_IN_SUV, IMAGES),
            RelatedObject(codes.SUMMARY_DOCUMENT, DOCUMENT),
        ),
        "segmentation": SEGMENTATION,
    }
    return content_of(assessment_of(series), second, **(fields | overrides))


@pytest.fixture(scope="module")
def outlined(series: PetSeries) -> Dataset:
    return read_back(
        build_measurement_report(series, of_two_regions(series), identity(), EQUIPMENT)
    )


@pytest.fixture(scope="module")
def segmented(series: PetSeries) -> Dataset:
    return read_back(
        build_segment_report(series, of_two_regions(series), identity(), EQUIPMENT)
    )


def read_back(built: Dataset) -> Dataset:
    return pydicom.dcmread(io.BytesIO(encode_dataset(built)))


def named(container: Dataset, concept: str) -> list[Dataset]:
    """Return the items of a concept, by its code, anywhere below."""
    return [
        item
        for item in items(container)
        if item.ConceptNameCodeSequence[0].CodeValue == concept
    ]


def items(container: Dataset) -> Iterator[Dataset]:
    for item in container.get("ContentSequence", []):
        yield item
        yield from items(item)


def groups(report: Dataset) -> list[Dataset]:
    return named(report, "125007")


def measured(group: Dataset) -> list[Dataset]:
    return [item for item in group.ContentSequence if item.ValueType == "NUM"]


def evidence(report: Dataset) -> dict[str, str]:
    """Return the study of each piece of evidence, by its UID."""
    found: dict[str, str] = {}
    for study in (
        *report.CurrentRequestedProcedureEvidenceSequence,
        *report.get("PertinentOtherEvidenceSequence", []),
    ):
        for listed in study.ReferencedSeriesSequence:
            for instance in listed.ReferencedSOPSequence:
                uid = str(instance.ReferencedSOPInstanceUID)
                assert uid not in found
                found[uid] = str(study.StudyInstanceUID)
    return found


def referenced(report: Dataset) -> set[str]:
    return {
        str(item.ReferencedSOPSequence[0].ReferencedSOPInstanceUID)
        for item in items(report)
        if item.ValueType in {"IMAGE", "COMPOSITE"}
    }


def test_each_region_is_the_segment_of_its_place(
    series: PetSeries, segmented: Dataset
) -> None:
    for number, group in enumerate(groups(segmented), start=1):
        (segment,) = named(group, "121191")
        reference = segment.ReferencedSOPSequence[0]
        assert reference.ReferencedSOPInstanceUID == SEGMENTATION.sop_instance_uid
        assert reference.ReferencedSegmentNumber == number
        (source,) = named(group, "121232")
        assert series.series_instance_uid == source.UID


def test_no_group_says_twice_where_its_region_is(
    outlined: Dataset, segmented: Dataset
) -> None:
    assert not named(segmented, "111030")
    assert not named(outlined, "121191")
    assert not named(outlined, "121232")


def test_both_reports_measure_the_same_in_the_same_regions(
    outlined: Dataset, segmented: Dataset
) -> None:
    assert len(groups(outlined)) == 2
    for one, other in zip(groups(outlined), groups(segmented), strict=True):
        assert named(one, "112040")[0].UID == named(other, "112040")[0].UID
        assert measured(one) == measured(other)


def test_a_report_of_segments_without_a_segmentation_is_refused(
    series: PetSeries,
) -> None:
    content = content_of(assessment_of(series))

    with pytest.raises(NoSegmentationError):
        build_segment_report(series, content, identity(), EQUIPMENT)


@pytest.mark.parametrize("report", ["outlined", "segmented"])
def test_every_reference_of_the_tree_is_evidence_and_nothing_else_is(
    report: str, request: pytest.FixtureRequest
) -> None:
    built: Dataset = request.getfixturevalue(report)

    found = evidence(built)

    assert set(found) == referenced(built)
    assert found[DOCUMENT.sop_instance_uid] == "1.2.9.2"
    assert found[SEGMENTATION.sop_instance_uid] == STUDY_UID


def test_images_are_named_as_images_and_documents_as_what_is_none(
    outlined: Dataset,
) -> None:
    (images,) = named(outlined, codes.IMAGES_IN_SUV.value)
    (document,) = named(outlined, codes.SUMMARY_DOCUMENT.value)

    assert (images.ValueType, document.ValueType) == ("IMAGE", "COMPOSITE")


def test_a_report_on_an_animal_of_a_group_lists_what_lies_in_its_own_study(
    series: PetSeries,
) -> None:
    subject = SourceGroupSubject("m07", 21.0)
    study = subject.study_of(STUDY_UID, identity().uid_root)
    own = dataclasses.replace(SEGMENTATION, study_instance_uid=study)
    content = of_two_regions(
        series, subject=subject, segmentation=own, of_regions=((), ())
    )

    report = read_back(build_segment_report(series, content, identity(), EQUIPMENT))

    assert report.StudyInstanceUID == study
    assert evidence(report)[own.sop_instance_uid] == study
    assert set(evidence(report)) == referenced(report)


def site_of(report: Dataset) -> tuple[str, str | None]:
    """Return finding site and side of a report's first region, by their codes."""
    site = named(groups(report)[0], "363698007")[0]
    sides = named(site, "272741003")
    return (
        str(site.ConceptCodeSequence[0].CodeValue),
        str(sides[0].ConceptCodeSequence[0].CodeValue) if sides else None,
    )


def test_the_configured_site_holds_where_the_pet_says_none(series: PetSeries) -> None:
    content = content_of(
        assessment_of(series), finding_site=Code("58602004", "SCT", "Flank")
    )

    report = build_measurement_report(series, content, identity(), EQUIPMENT)

    assert site_of(read_back(report)) == ("58602004", None)


def test_site_and_side_are_those_that_the_pet_says(tmp_path: Path) -> None:
    series = series_of(
        pet_datasets(BodyPartExamined="KIDNEY", Laterality="L"), tmp_path
    )
    content = content_of(assessment_of(series))

    report = build_measurement_report(series, content, identity(), EQUIPMENT)

    assert site_of(read_back(report)) == ("64033007", "7771000")


def test_dciodvfy_and_dsrdump_accept_the_report_of_segments(
    series: PetSeries, tmp_path: Path
) -> None:
    path = tmp_path / "report.dcm"
    built = build_segment_report(series, of_two_regions(series), identity(), EQUIPMENT)
    path.write_bytes(encode_dataset(built))

    assert complaints(path, "Comprehensive3DSR") == []
    dump = subprocess.run(
        [require_tool("dsrdump"), path], capture_output=True, text=True, check=False
    )
    assert dump.returncode == 0
    assert dump.stdout.count('"Referenced Segment")=(SG image') == 2
