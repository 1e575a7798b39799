"""Promises of `dicom_io.results.presentation.blending`, as pydicom reads it."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pydicom
import pytest
from PIL import Image, ImageCms
from pydicom.dataset import Dataset

from dicom_io.part10 import encode_dataset
from dicom_io.pet.series import PetSeries
from dicom_io.results.gate.fault import Origin
from dicom_io.results.gate.judging import faults_of
from dicom_io.results.group_subject import SourceGroupSubject
from dicom_io.results.presentation.blending import (
    BlendedSeries,
    BlendingContent,
    build_blending,
)
from dicom_io.results.presentation.srgb_profile import srgb_profile
from dicom_io.source_reference import SourceReference
from model.page.summary.palette import table_of
from tests.support.pet import FRAME_OF_REFERENCE_UID, STUDY_UID, pet_datasets
from tests.support.result import EQUIPMENT, identity, series_of
from tests.support.verification import complaints

UNKNOWN_TO_DCIODVFY = {
    "0x0020,0x0052",
    "0x0020,0x1040",
    "0x0028,0x1050",
    "0x0028,0x1051",
    "0x0028,0x1056",
    "0x0028,0x1101",
    "0x0028,0x1102",
    "0x0028,0x1103",
    "0x0028,0x1201",
    "0x0028,0x1202",
    "0x0028,0x1203",
    "0x0028,0x3110",
    "0x0048,0x0120",
}


def images(sop_class: str, series: str, study: str) -> tuple[SourceReference, ...]:
    return tuple(
        SourceReference(sop_class, f"{series}.{number}", study, series)
        for number in (1, 2, 3)
    )


CONTENT = BlendingContent(
    above=BlendedSeries(
        images("1.2.840.10008.5.1.4.1.1.128", "2.25.4", STUDY_UID),
        (-8.5, 3.25),
        "cividis",
        (-8.5, 3.25),
    ),
    below=BlendedSeries(
        images("1.2.840.10008.5.1.4.1.1.2", "2.25.5", STUDY_UID),
        (-160.0, 240.0),
        "gray",
    ),
    label="INDEX_OVER_CT",
    description="Local texture index; locates no cells. Over CT",
)


@pytest.fixture(scope="module")
def series(tmp_path_factory: pytest.TempPathFactory) -> PetSeries:
    return series_of(pet_datasets(slices=2), tmp_path_factory.mktemp("pet"))


def written(series: PetSeries, subject: SourceGroupSubject | None = None) -> bytes:
    """Build a presentation state and return its file."""
    return encode_dataset(
        build_blending(series, CONTENT, identity(), EQUIPMENT, subject)
    )


def read(content: bytes) -> Dataset:
    return pydicom.dcmread(io.BytesIO(content))


def test_dciodvfy_finds_nothing_but_what_it_does_not_know_of_the_class(
    series: PetSeries, tmp_path: Path
) -> None:
    path = tmp_path / "blending.dcm"
    path.write_bytes(written(series))

    found = complaints(path, "AdvancedBlendingSoftcopyPresentationState")

    # Of 2022, it knows no colours, windows and frame of reference in it (PS3.3 table
    # A.33.7-1, C.11.33) and looks for no references in it; that is all it has.
    unknown = "Attribute is not present in standard DICOM IOD - ("
    tags = {line.partition(unknown)[2][:13] for line in found if unknown in line}
    others = [line for line in found if unknown not in line]
    assert tags == UNKNOWN_TO_DCIODVFY
    assert len(others) == 2
    assert "Instance does not reference Instances" in others[0]
    assert "this is a Standard Extended SOP Class" in others[1]


def test_each_series_has_its_window_and_its_colours(series: PetSeries) -> None:
    above, below = read(written(series)).AdvancedBlendingSequence

    assert [each.BlendingInputNumber for each in (above, below)] == [1, 2]
    assert [each.SeriesInstanceUID for each in (above, below)] == ["2.25.4", "2.25.5"]
    assert [each.GeometryForDisplay for each in (above, below)] == ["FALSE", "TRUE"]
    window = above.SoftcopyVOILUTSequence[0]
    assert (window.WindowCenter, window.WindowWidth) == (-2.625, 11.75)
    palette = above.PaletteColorLookupTableSequence[0]
    for place, colour in enumerate(("Red", "Green", "Blue")):
        name = f"{colour}PaletteColorLookupTable"
        entries = np.frombuffer(palette[f"{name}Data"].value, "<u2")
        assert palette[f"{name}Descriptor"].value == [256, 0, 16]
        np.testing.assert_array_equal(entries >> 8, table_of("cividis")[:, place])


def test_what_has_no_index_is_not_mixed_in(series: PetSeries) -> None:
    above, below = read(written(series)).AdvancedBlendingSequence
    [threshold] = above.ThresholdSequence
    values = [each.ThresholdValue for each in threshold.ThresholdValueSequence]

    assert (threshold.ThresholdType, values) == ("RANGE_INCL", [-8.5, 3.25])
    assert "ThresholdSequence" not in below


def test_which_is_the_foreground_does_not_matter(series: PetSeries) -> None:
    [mixed] = read(written(series)).BlendingDisplaySequence

    assert mixed.BlendingMode == "FOREGROUND"
    assert mixed.RelativeOpacity == 0.5
    assert [i.BlendingInputNumber for i in mixed.BlendingDisplayInputSequence] == [1, 2]


def test_it_joins_the_study_and_names_all_images(series: PetSeries) -> None:
    dataset = read(written(series))
    named = {
        each.SeriesInstanceUID: len(each.ReferencedInstanceSequence)
        for each in dataset.ReferencedSeriesSequence
    }

    assert dataset.StudyInstanceUID == STUDY_UID
    assert dataset.FrameOfReferenceUID == FRAME_OF_REFERENCE_UID
    assert named == {"2.25.4": 3, "2.25.5": 3}
    assert dataset.ContentLabel == "INDEX_OVER_CT"
    assert "locates no cells" in dataset.ContentDescription
    assert dataset.PresentationCreationDate == "20260302"


def faulty(
    series: PetSeries,
    change: Callable[[Dataset], object] = lambda _: None,
    subject: SourceGroupSubject | None = None,
) -> list[str]:
    """Return where the gate finds a fault with a state once it is changed."""
    images = frozenset(each.sop_instance_uid for each in series.instances)
    grid = series.volume.grid
    origin = Origin(series.headers[0], images, grid.shape, subject=subject)
    dataset = read(written(series, subject))
    change(dataset)
    return [fault.place for fault in faults_of(dataset, origin)]


def without(*path: str) -> Callable[[Dataset], None]:
    """Return what takes an attribute out, in the first items of sequences."""

    def change(dataset: Dataset) -> None:
        *sequences, keyword = path
        for sequence in sequences:
            dataset = dataset[sequence][0]
        del dataset[keyword]

    return change


def _no_opacity(dataset: Dataset) -> None:
    dataset.BlendingDisplaySequence[0].RelativeOpacity = 2.0


def _other_mode(dataset: Dataset) -> None:
    dataset.BlendingDisplaySequence[0].BlendingMode = "ADD"


def _third_input(dataset: Dataset) -> None:
    [mix] = dataset.BlendingDisplaySequence
    mix.BlendingDisplayInputSequence[1].BlendingInputNumber = 3


def _two_shapes(dataset: Dataset) -> None:
    dataset.AdvancedBlendingSequence[0].GeometryForDisplay = "TRUE"


def _counted_from_two(dataset: Dataset) -> None:
    dataset.AdvancedBlendingSequence[0].BlendingInputNumber = 2


def _in_grey(dataset: Dataset) -> None:
    dataset.PixelPresentation = "MONOCHROME"


def _unlisted(dataset: Dataset) -> None:
    del dataset.ReferencedSeriesSequence[0].ReferencedInstanceSequence[0]


@pytest.mark.parametrize("subject", [None, SourceGroupSubject("m07")])
def test_the_gate_finds_nothing_in_a_state_that_is_whole(
    series: PetSeries, subject: SourceGroupSubject | None
) -> None:
    assert faulty(series, subject=subject) == []


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (without("FrameOfReferenceUID"), "FrameOfReferenceUID"),
        (without("PositionReferenceIndicator"), "PositionReferenceIndicator"),
        (without("PresentationCreationDate"), "PresentationCreationDate"),
        (without("ContentLabel"), "ContentLabel"),
        (without("ICCProfile"), "ICCProfile"),
        (_in_grey, "PixelPresentation"),
        (
            without("AdvancedBlendingSequence", "StudyInstanceUID"),
            "StudyInstanceUID",
        ),
        (
            without("AdvancedBlendingSequence", "SoftcopyVOILUTSequence"),
            "WindowWidth",
        ),
        (
            without(
                "AdvancedBlendingSequence",
                "PaletteColorLookupTableSequence",
                "RedPaletteColorLookupTableData",
            ),
            "RedPaletteColorLookupTableData",
        ),
        (_two_shapes, "GeometryForDisplay"),
        (_counted_from_two, "BlendingInputNumber"),
        (_other_mode, "BlendingMode"),
        (_no_opacity, "RelativeOpacity"),
        (_third_input, "BlendingDisplayInputSequence"),
        (_unlisted, "ReferencedSeriesSequence"),
    ],
)
def test_the_gate_finds_what_a_state_lacks(
    series: PetSeries, change: Callable[[Dataset], None], place: str
) -> None:
    assert place in faulty(series, change)


def test_that_of_one_animal_of_a_bed_is_in_its_study(series: PetSeries) -> None:
    subject = SourceGroupSubject("m07")
    dataset = read(written(series, subject))

    assert dataset.StudyInstanceUID == subject.study_of(STUDY_UID, "2.25.")
    [other] = dataset.StudiesContainingOtherReferencedInstancesSequence
    assert other.StudyInstanceUID == STUDY_UID


def test_the_same_is_the_same_bytes(series: PetSeries) -> None:
    assert written(series) == written(series)


def test_the_profile_is_that_of_srgb() -> None:
    profile = ImageCms.ImageCmsProfile(io.BytesIO(srgb_profile()))
    colours = np.random.default_rng(1).integers(0, 256, (16, 16, 3), np.uint8)
    known = ImageCms.createProfile("sRGB")

    shown = ImageCms.profileToProfile(Image.fromarray(colours), profile, known)

    assert profile.profile.device_class.strip() == "scnr"
    assert profile.profile.xcolor_space.strip() == "RGB"
    assert shown is not None
    assert np.abs(np.asarray(shown, int) - colours).max() <= 1
