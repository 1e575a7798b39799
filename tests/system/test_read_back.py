"""What is computed is what an independent reader finds in the objects.

The reader is pydicom and numpy; of ours it only runs the command. Numbers are compared
with those of ``score --json``, voxels by their place in the patient.
"""

import re
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset

from tests.support import reading
from tests.support.read_case import (
    PARAMETRIC_MAP,
    PDF,
    SEG,
    SR,
    ReadCase,
    numbers_in,
    scored,
)
from tests.support.read_studies import STUDIES
from tests.support.service import command
from tests.support.shared import SHARED_DATA, SHARED_DATA_MARKS
from tests.support.tools import require_tool
from tests.support.verification import complaints

pytestmark = pytest.mark.system

PHANTOM = ("--slices", "40", "--matrix", "64", "--ct-matrix", "64", "--more-rois")
CASES = {
    "STS_025": ("sts-petct/STS_025", "human"),
    "STS_002": ("sts-petct/STS_002", "human"),
    "DRO_1_0": ("suv-reference-objects/DRO_1_0", "human"),
}
LABELS = {
    "score": "index",
    "suv.mean": "SUVbw.* mean",
    "suv.max": "SUVbw.* max",
    "suv.min": "SUVbw.* min",
    "suv.median": "SUVbw.* median",
    "suv.sd": "SUVbw.* standard deviation",
    "percent_injected_dose_per_gram.mean": "mean",
    "percent_injected_dose_per_gram.max": "max",
    "percent_injected_dose_per_gram.median": "median",
    "suv.volume_ml": "[Vv]olume",
    "sensitivity.low": "sensitivity.* low",
    "sensitivity.high": "sensitivity.* high",
    "sensitivity.shift": "sensitivity.* shift",
    "shuffled.mean": "shuffled.* mean",
    "shuffled.sd": "shuffled.* standard deviation",
}
"""What the name of a measurement says, by the name of its number."""
TOLD = {
    "score",
    "suv",
    "percent_injected_dose_per_gram",
    "features",
    "readings",
    "sensitivity.low",
    "sensitivity.high",
    "sensitivity.shift",
    "shuffled.mean",
    "shuffled.sd",
}
"""The numbers of a region, by name, that its report has to say as measurements."""
INFORMATION_OBJECTS = {
    "1.2.840.10008.5.1.4.1.1.88.34": "Comprehensive3DSR",
    "1.2.840.10008.5.1.4.1.1.66.4": "Segmentation",
    "1.2.840.10008.5.1.4.1.1.30": "ParametricMap",
    "1.2.840.10008.5.1.4.1.1.128": "PETImage",
    "1.2.840.10008.5.1.4.1.1.7": "SCImage",
    "1.2.840.10008.5.1.4.1.1.104.1": "EncapsulatedPDF",
    "1.2.840.10008.5.1.4.1.1.88.59": "KeyObjectSelectionDocument",
    "1.2.840.10008.5.1.4.1.1.11.8": "AdvancedBlendingPresentationState",
}
"""What dciodvfy calls each SOP Class."""
SOURCES = {
    "1.2.840.10008.5.1.4.1.1.128": "PETImage",
    "1.2.840.10008.5.1.4.1.1.130": "EnhancedPETImage",
}
LEFT_OUT = {"suv.peak_diameter_mm", "suv.mtv_threshold_percent"}
"""Of these numbers what stands in the names of others."""
PATIENT_AND_STUDY = {
    "PatientName",
    "PatientID",
    "IssuerOfPatientID",
    "PatientBirthDate",
    "PatientSex",
    "PatientAge",
    "PatientSize",
    "PatientWeight",
    "PatientSpeciesDescription",
    "PatientBreedDescription",
    "ResponsiblePerson",
    "StudyInstanceUID",
    "StudyID",
    "StudyDate",
    "StudyTime",
    "StudyDescription",
    "AccessionNumber",
    "ReferringPhysicianName",
}


OF_THE_ANIMAL = {"PatientName", "PatientID", "PatientWeight", "StudyInstanceUID"}
"""Of these what is not the PET's where it shows several animals."""


@pytest.fixture(scope="module")
def phantom(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a phantom with regions that overlap."""
    study = tmp_path_factory.mktemp("read-back") / "study"
    code, _, err = command("phantom", "--out", str(study), *PHANTOM)
    assert code == 0, err
    return study


@pytest.fixture(
    scope="module",
    params=[
        "phantom",
        *STUDIES,
        *(pytest.param(name, marks=SHARED_DATA_MARKS) for name in CASES),
    ],
)
def case(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> ReadCase:
    """Return a study that was scored, as an independent reader reads it."""
    out = tmp_path_factory.mktemp("out")
    if request.param == "phantom":
        return scored(request.getfixturevalue("phantom"), out)
    if request.param in STUDIES:
        written = STUDIES[request.param](out.with_name(f"{out.name}-in") / "study")
        return scored(written.folder, out, *written.options, written=written)
    folder, species = CASES[request.param]
    return scored(SHARED_DATA / folder, out, "--species", species)


def test_the_report_says_every_number_under_its_name(case: ReadCase) -> None:
    for result, group in regions(case):
        said = {
            (number.meaning, in_base_unit(number))
            for number in group.numbers
            if number.value is not None
        }
        for name, value in named_numbers(result):
            if name not in LEFT_OUT and {name, name.split(".")[0]} & TOLD:
                labels = [label for label, number in said if equal(number, value)]
                assert labels, (name, value)
                wanted = re.compile(LABELS.get(name, ""))
                assert any(wanted.search(label) for label in labels), (name, labels)


def test_the_report_says_no_number_that_was_not_computed(case: ReadCase) -> None:
    for result, group in regions(case):
        computed = list(numbers_in(result))
        for number in group.numbers:
            if number.value is None:
                assert number.qualifier, number
            else:
                value = in_base_unit(number)
                assert any(equal(value, each) for each in computed), number


def test_the_mask_is_what_was_drawn(case: ReadCase) -> None:
    for outcome in case.outcomes:
        (segmentation,) = outcome.objects[SEG]
        for number, result in enumerate(outcome.results, start=1):
            drawn = reading.contoured(case.region(result["roi"]), case.pet)
            masked = reading.segment(segmentation, number)

            assert len(masked.points) == result["voxels"]
            assert reading.same_points(masked, drawn)


def test_the_outlines_of_the_report_enclose_the_mask(case: ReadCase) -> None:
    for outcome in case.outcomes:
        (segmentation,) = outcome.objects[SEG]
        report, *_ = sorted(outcome.objects[SR], key=lambda item: item.SeriesNumber)
        for number, group in enumerate(reading.groups(report), start=1):
            masked = reading.segment(segmentation, number)

            assert reading.same_points(reading.outlined(group, case.plane), masked)


def test_the_report_tracks_the_segments(case: ReadCase) -> None:
    for outcome in case.outcomes:
        (segmentation,) = outcome.objects[SEG]
        segments = [
            (item.TrackingID, item.TrackingUID) for item in segmentation.SegmentSequence
        ]
        for report in outcome.objects[SR]:
            groups = reading.groups(report)
            assert segments == [
                (group.tracking_identifier, group.tracking_uid) for group in groups
            ]


def test_maps_have_their_values_in_the_mask(case: ReadCase) -> None:
    for outcome in case.outcomes:
        (segmentation,) = outcome.objects[SEG]
        maps = outcome.objects[PARAMETRIC_MAP]
        assert len(maps) == len(outcome.results)
        for number, built in enumerate(maps, start=1):
            masked = reading.segment(segmentation, number)
            mapped = reading.mapped(built)

            # A voxel without neighbours, or in a flat window, has no local index.
            assert 0 < len(mapped.points) <= len(masked.points)
            reading.nearest(masked.points, mapped.points)


def test_the_score_series_are_the_maps_as_images(case: ReadCase) -> None:
    for outcome in case.outcomes:
        maps = [reading.mapped(built) for built in outcome.objects[PARAMETRIC_MAP]]
        shown = [
            (reading.single_frames(series), half_step(series))
            for series in outcome.score_series()
        ]

        # Regions that do not overlap share a series.
        assert sum(len(image.points) for image, _ in shown) == sum(
            len(mapped.points) for mapped in maps
        )
        for mapped in maps:
            # The Parametric Map's numbers are of single precision.
            single = np.abs(mapped.values).max() * np.finfo(np.float32).eps
            there = [
                np.abs(differences).max() <= step + single
                for image, step in shown
                if (differences := reading.difference(image, mapped)) is not None
            ]
            assert there.count(True) == 1


def test_the_suv_series_is_the_pet_in_suv(case: ReadCase) -> None:
    for outcome in case.outcomes:
        factor = 1.0
        if case.pet[0].Units == "BQML":
            numbers = outcome.results[0]["suv_numbers"]
            factor = numbers["weight_g"] / numbers["activity_at_decay_reference_bq"]
        series = outcome.suv_series()
        shown = reading.single_frames(series)
        activity = case.activity

        assert reading.same_points(shown, activity)
        difference = reading.values_at(shown, activity.points)
        difference -= factor * activity.values
        assert np.abs(difference).max() <= half_step(series)


def test_the_suv_series_has_the_statistics_of_the_mask(case: ReadCase) -> None:
    for outcome in case.outcomes:
        (segmentation,) = outcome.objects[SEG]
        series = outcome.suv_series()
        image = reading.single_frames(series)
        for number, result in enumerate(outcome.results, start=1):
            inside = reading.segment(segmentation, number)
            values = reading.values_at(image, inside.points)
            suv = result["suv"]

            assert values.min() == pytest.approx(suv["min"], abs=half_step(series))
            assert values.max() == pytest.approx(suv["max"], abs=half_step(series))
            assert values.mean() == pytest.approx(suv["mean"], abs=half_step(series))
            assert np.median(values) == pytest.approx(
                suv["median"], abs=half_step(series)
            )
            assert values.std() == pytest.approx(suv["sd"], abs=2 * half_step(series))


def test_the_document_says_the_numbers_of_each_region(
    case: ReadCase, tmp_path: Path
) -> None:
    tool = require_tool("pdftotext")
    for outcome in case.outcomes:
        (document,) = outcome.objects[PDF]
        (tmp_path / "page.pdf").write_bytes(document.EncapsulatedDocument)
        text = subprocess.run(
            [tool, "-layout", tmp_path / "page.pdf", "-"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for result in outcome.results:
            assert result["roi"] in text
            for value in (result["score"], result["suv"]["mean"], result["suv"]["max"]):
                # Three digits, with a minus of typography.
                assert f"{value:#.3g}".rstrip(".") in text.replace(
                    "\N{MINUS SIGN}", "-"
                )


@pytest.mark.filterwarnings("ignore:The value length")  # the source's own
def test_references_lead_to_objects_of_the_study_or_of_the_result(
    case: ReadCase,
) -> None:
    for outcome in case.outcomes:
        known = {
            (str(item.SOPClassUID), str(item.SOPInstanceUID))
            for item in (*case.sources, *outcome.all())
        }
        for built in outcome.all():
            assert set(reading.all_references(built)) <= known, built.SOPClassUID.name


@pytest.mark.filterwarnings("ignore:The value length")  # the source's own
def test_patient_and_study_are_the_pets(case: ReadCase) -> None:
    source = case.pet[0]
    carried_over = PATIENT_AND_STUDY - (OF_THE_ANIMAL if case.animals else set())
    for number, outcome in enumerate(case.outcomes):
        for built in outcome.all():
            if case.animals:
                assert built.PatientID == case.animals[number]
            for keyword in carried_over:
                assert built.get(keyword) == source.get(keyword) or (
                    not built.get(keyword) and not source.get(keyword)
                ), (built.SOPClassUID.name, keyword)


def test_every_object_has_uids_of_its_own(case: ReadCase) -> None:
    built = [item for outcome in case.outcomes for item in outcome.all()]
    instances = [item.SOPInstanceUID for item in (*built, *case.sources)]
    numbers = {(item.SeriesInstanceUID, item.SeriesNumber) for item in built}

    assert len(set(instances)) == len(instances)
    assert len({uid for uid, _ in numbers}) == len(numbers)


def test_dciodvfy_finds_nothing_that_it_does_not_find_in_the_source(
    case: ReadCase,
) -> None:
    source = next(item for item in case.sources if item.Modality == "PT")
    of_source = set(complaints(Path(source.filename), SOURCES[source.SOPClassUID]))
    for outcome in case.outcomes:
        for sop_class in outcome.objects:
            for first, *_ in outcome.series(sop_class):
                name = INFORMATION_OBJECTS[sop_class]
                found = set(complaints(Path(first.filename), name))
                assert found <= of_source, (name, found - of_source)


def test_the_same_input_gives_the_same_bytes(phantom: Path, tmp_path: Path) -> None:
    for name in ("one", "other"):
        scored(phantom, tmp_path / name)
    one, other = (
        {
            path.relative_to(tmp_path / name): path.read_bytes()
            for path in (tmp_path / name).rglob("*.dcm")
        }
        for name in ("one", "other")
    )

    assert one == other
    assert one


def half_step(instances: Sequence[Dataset]) -> float:
    """Return half of what two stored values of a series differ by, at most."""
    return max(float(item.RescaleSlope) for item in instances) * (0.5 + 1e-6)


def regions(case: ReadCase) -> Iterator[tuple[dict[str, Any], reading.Group]]:
    """Give what is said of each region, and its group in the report."""
    for outcome in case.outcomes:
        report, *_ = sorted(outcome.objects[SR], key=lambda item: item.SeriesNumber)
        yield from zip(outcome.results, reading.groups(report), strict=True)


def named_numbers(value: Any, name: str = "") -> Iterator[tuple[str, float]]:
    """Give the numbers of a JSON document by name."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from named_numbers(item, f"{name}.{key}" if name else key)
    elif isinstance(value, int | float):
        yield name, float(value)


def in_base_unit(number: reading.Number) -> float:
    """Return a measured value, dimensionless ones as such and volumes in ml."""
    assert number.value is not None
    return number.value * reading.BASE_UNITS.get(number.unit, 1.0)


def equal(one: float, other: float) -> bool:
    """Return whether numbers are equal, to the 14 digits of a decimal string."""
    return bool(np.isclose(one, other, rtol=1e-11, atol=1e-14))
