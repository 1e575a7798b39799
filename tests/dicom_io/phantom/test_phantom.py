"""Promises of `phantom.study`: an Inveon-like study, read back by other means."""

import io
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.uid import ImplicitVRLittleEndian
from skimage.draw import polygon2mask

from dicom_io.phantom.inveon import scientific
from dicom_io.phantom.study import (
    Encoder,
    NaiveInstantError,
    StudyOptions,
    phantom_study,
)
from model.phantom import Canvas, Phantom, PhantomSpec, make_phantom
from tests.support.tools import require_tool

AT = datetime(2026, 3, 2, 10, 0, tzinfo=timezone(timedelta(hours=8)))
OPTIONS = StudyOptions(at=AT)
SPEC = PhantomSpec(seed=5, slices=36, rows=56, columns=52, ct_matrix=128)


@pytest.fixture(scope="module")
def phantom() -> Phantom:
    return make_phantom(SPEC)


@pytest.fixture(scope="module")
def study(phantom: Phantom) -> list[Dataset]:
    return read_back(phantom, OPTIONS)


@pytest.fixture(scope="module")
def files(phantom: Phantom) -> dict[str, bytes]:
    """Return the encoded study by SOP Instance UID."""
    encoder = Encoder()
    return {
        dataset.SOPInstanceUID: encoder.encoded(dataset)
        for dataset in phantom_study(phantom, OPTIONS)
    }


def read_back(phantom: Phantom, options: StudyOptions) -> list[Dataset]:
    encoder = Encoder()
    files = [encoder.encoded(dataset) for dataset in phantom_study(phantom, options)]
    return [pydicom.dcmread(io.BytesIO(file)) for file in files]


def of_modality(study: list[Dataset], modality: str) -> list[Dataset]:
    return [dataset for dataset in study if dataset.Modality == modality]


def suv_as_the_standard_says(pet: list[Dataset]) -> NDArray[np.float64]:
    """Return SUVbw of Bq/ml decay-corrected to the series' start, by instance."""
    slices = []
    for dataset in pet:
        item = dataset.RadiopharmaceuticalInformationSequence[0]
        injected = datetime.strptime(
            item.RadiopharmaceuticalStartDateTime, "%Y%m%d%H%M%S.%f%z"
        )
        started = datetime.strptime(
            dataset.SeriesDate + dataset.SeriesTime, "%Y%m%d%H%M%S.%f"
        ).replace(tzinfo=injected.tzinfo)
        waited_s = (started - injected).total_seconds()
        dose_bq = float(item.RadionuclideTotalDose) * 2.0 ** (
            -waited_s / float(item.RadionuclideHalfLife)
        )
        factor = float(dataset.PatientWeight) * 1000.0 / dose_bq
        slices.append(dataset.pixel_array * float(dataset.RescaleSlope) * factor)
    return np.array(slices)


def outlined(structures: Dataset, image: list[Dataset]) -> NDArray[np.bool_]:
    """Return the voxels of the image inside the first region's outlines."""
    inside = np.zeros((len(image), image[0].Rows, image[0].Columns), np.bool_)
    planes = np.array([float(dataset.ImagePositionPatient[2]) for dataset in image])
    for contour in structures.ROIContourSequence[0].ContourSequence:
        points = np.array(contour.ContourData, np.float64).reshape(-1, 3)
        index = int(np.argmin(np.abs(planes - points[0, 2])))
        dataset = image[index]
        column = (dataset.ImagePositionPatient[0] - points[:, 0]) / float(
            dataset.PixelSpacing[1]
        )
        row = (points[:, 1] - dataset.ImagePositionPatient[1]) / float(
            dataset.PixelSpacing[0]
        )
        inside[index] ^= polygon2mask(inside.shape[1:], np.stack([row, column], axis=1))
    return inside


def test_suv_is_read_back_to_within_half_a_stored_step(
    phantom: Phantom, study: list[Dataset]
) -> None:
    pet = of_modality(study, "PT")
    suv = suv_as_the_standard_says(pet)
    step = phantom.suv.values.max() / 32767.0

    np.testing.assert_allclose(suv, phantom.suv.values, rtol=1e-6, atol=0.5001 * step)


@pytest.mark.parametrize("per_slice", [False, True])
def test_the_tumour_is_read_back_as_the_truth_says(
    phantom: Phantom, *, per_slice: bool
) -> None:
    study = read_back(phantom, replace(OPTIONS, slope_per_slice=per_slice))
    pet = of_modality(study, "PT")
    mask = outlined(of_modality(study, "RTSTRUCT")[0], pet)
    values = suv_as_the_standard_says(pet)[mask]

    truth = phantom.truth(Canvas.PET)
    assert values.size == truth.voxels
    assert values.mean() == pytest.approx(truth.suv_mean, rel=1e-4)
    assert values.max() == pytest.approx(truth.suv_max, rel=1e-3)
    slopes = {dataset.RescaleSlope for dataset in pet}
    assert len(slopes) == (len(pet) if per_slice else 1)


@pytest.mark.parametrize("ct_matrix", [128, 512])
def test_an_outline_on_the_ct_encloses_the_pet_voxels_that_the_truth_counts(
    ct_matrix: int,
) -> None:
    phantom = make_phantom(replace(SPEC, ct_matrix=ct_matrix))
    study = read_back(phantom, replace(OPTIONS, drawn_on=Canvas.CT))
    pet = of_modality(study, "PT")
    mask = outlined(of_modality(study, "RTSTRUCT")[0], pet)

    assert np.array_equal(mask, phantom.mask_drawn_on(Canvas.CT).inside)
    assert np.count_nonzero(mask) == phantom.truth(Canvas.CT).voxels


@pytest.mark.parametrize(("canvas", "modality"), [("pet", "PT"), ("ct", "CT")])
def test_contours_lie_in_the_frame_and_planes_of_the_image_drawn_on(
    phantom: Phantom, canvas: str, modality: str
) -> None:
    study = read_back(phantom, replace(OPTIONS, drawn_on=Canvas(canvas)))
    image = {d.SOPInstanceUID: d for d in of_modality(study, modality)}
    (structures,) = of_modality(study, "RTSTRUCT")
    (frame,) = {d.FrameOfReferenceUID for d in image.values()}

    assert structures.file_meta.TransferSyntaxUID == ImplicitVRLittleEndian
    assert structures.FrameOfReferenceUID == frame
    (region,) = structures.StructureSetROISequence
    assert (region.ROIName, region.ReferencedFrameOfReferenceUID) == ("Tumor", frame)
    for contour in structures.ROIContourSequence[0].ContourSequence:
        assert contour.ContourGeometricType == "CLOSED_PLANAR"
        named = image[contour.ContourImageSequence[0].ReferencedSOPInstanceUID]
        z = [float(value) for value in contour.ContourData[2::3]]
        np.testing.assert_allclose(z, named.ImagePositionPatient[2], atol=1e-4)
    series = structures.ReferencedFrameOfReferenceSequence[0]
    series = series.RTReferencedStudySequence[0].RTReferencedSeriesSequence[0]
    listed = [i.ReferencedSOPInstanceUID for i in series.ContourImageSequence]
    assert listed == list(image)


def test_more_regions_are_nested_in_each_other(phantom: Phantom) -> None:
    study = read_back(phantom, replace(OPTIONS, more_rois=True))
    names = [
        i.ROIName for i in of_modality(study, "RTSTRUCT")[0].StructureSetROISequence
    ]
    regions = phantom.regions_on(Canvas.PET)

    assert names == ["Tumor", "Tumor core", "Body"]
    core, tumour = regions["Tumor core"].inside, regions["Tumor"].inside
    assert 0 < np.count_nonzero(core) < np.count_nonzero(core | tumour)
    assert np.array_equal(core & tumour, core)


def test_pet_has_the_traits_of_an_inveon_export(study: list[Dataset]) -> None:
    pet = of_modality(study, "PT")
    first = pet[0]

    assert (first.Manufacturer, first.ManufacturerModelName) == (
        "",
        "Inveon MM Platform",
    )
    makers = {i.Manufacturer for i in first.ContributingEquipmentSequence}
    assert makers == {"Siemens Molecular Imaging"}
    assert (first.Units, first.DecayCorrection) == ("BQML", "START")
    assert first.CorrectedImage == ["NORM", "ATTN", "SCAT", "DECY", "DTIM"]
    assert (first.BitsAllocated, first.PixelRepresentation) == (16, 1)
    assert str(first.PatientWeight) == "2.19E-2"
    item = first.RadiopharmaceuticalInformationSequence[0]
    assert str(item.RadionuclideTotalDose) == "5.55E6"
    assert float(item.RadionuclideHalfLife) == 6586.2
    assert item.RadiopharmaceuticalStartDateTime == "20260302090000.000000+0800"
    assert item.RadionuclideCodeSequence[0].CodingSchemeDesignator == "SNM3"
    gantry = first.PatientGantryRelationshipCodeSequence[0]
    assert gantry.CodingSchemeDesignator == "99SDM"
    assert first[0x0079, 0x0010].value == "SMIL_PB79"
    assert [float(d.RescaleIntercept) for d in pet] == [0.0] * len(pet)
    assert {d.NumberOfSlices for d in pet} == {len(pet)}
    assert {d.NumberOfSeriesRelatedInstances for d in pet} == {len(pet)}


def test_image_index_runs_to_the_head_while_the_normal_points_to_the_feet(
    study: list[Dataset],
) -> None:
    pet = of_modality(study, "PT")
    z = [float(dataset.ImagePositionPatient[2]) for dataset in pet]
    across, down = np.array(pet[0].ImageOrientationPatient, float).reshape(2, 3)

    assert [d.ImageIndex for d in pet] == list(range(1, len(pet) + 1))
    np.testing.assert_allclose(np.diff(z), 0.796, atol=1e-9)
    assert np.cross(across, down).tolist() == [0.0, 0.0, -1.0]
    assert [float(s) for s in pet[0].PixelSpacing] == [0.800024, 0.800024]


def test_decay_factor_belongs_to_the_middle_of_the_frame(study: list[Dataset]) -> None:
    first = of_modality(study, "PT")[0]
    middle_s = float(first.FrameReferenceTime) / 1000.0

    assert middle_s * 2000.0 == float(first.ActualFrameDuration)
    expected = 2.0 ** (middle_s / 6586.2)
    assert float(first.DecayFactor) == pytest.approx(expected, rel=1e-8)


def test_one_study_has_two_patient_ids_and_two_frames_of_reference(
    study: list[Dataset],
) -> None:
    assert len({d.StudyInstanceUID for d in study}) == 1
    for keyword in ("PatientID", "FrameOfReferenceUID", "SeriesInstanceUID"):
        pet = {d[keyword].value for d in of_modality(study, "PT")}
        ct = {d[keyword].value for d in of_modality(study, "CT")}
        assert len(pet) == len(ct) == len(pet - ct) == 1
    assert len({d.SOPInstanceUID for d in study}) == len(study)


def test_ct_is_read_back_in_hounsfield_units(
    phantom: Phantom, study: list[Dataset]
) -> None:
    ct = of_modality(study, "CT")
    read = np.array(
        [d.pixel_array * float(d.RescaleSlope) + float(d.RescaleIntercept) for d in ct]
    )

    # The least stored value is about -999 HU; colder noise is clipped there.
    expected = np.maximum(phantom.hounsfield.values, -999.01)
    np.testing.assert_allclose(read, expected, atol=0.15)


def test_images_carry_true_group_lengths_and_structures_none(phantom: Phantom) -> None:
    encoder = Encoder()
    datasets = list(phantom_study(phantom, OPTIONS))
    image = pydicom.dcmread(io.BytesIO(encoder.encoded(datasets[0])))
    last = pydicom.dcmread(io.BytesIO(encoder.encoded(datasets[-1])))

    assert {e.tag.group for e in image} == {
        e.tag.group for e in image if e.tag.element == 0
    }
    pixels = image.Rows * image.Columns * 2
    # Tag, VR, reserved and length of Pixel Data are 12 bytes.
    assert image[0x7FE0, 0x0000].value == pixels + 12
    assert not [e for e in last if e.tag.element == 0]


def test_the_same_phantom_is_the_same_bytes(phantom: Phantom) -> None:
    first, second = Encoder(), Encoder()
    again = make_phantom(SPEC)

    for one, other in zip(
        phantom_study(phantom, OPTIONS), phantom_study(again, OPTIONS), strict=True
    ):
        assert first.encoded(one) == second.encoded(other)


@pytest.mark.parametrize(
    "options",
    [
        replace(OPTIONS, at=AT + timedelta(seconds=1)),
        replace(OPTIONS, drawn_on=Canvas.CT),
        replace(OPTIONS, slope_per_slice=True),
        replace(OPTIONS, more_rois=True),
        replace(OPTIONS, time_frames=5),
    ],
)
def test_no_uid_names_two_contents(
    phantom: Phantom, files: dict[str, bytes], options: StudyOptions
) -> None:
    encoder = Encoder()
    for dataset in phantom_study(phantom, options):
        known = files.get(dataset.SOPInstanceUID)
        assert known is None or known == encoder.encoded(dataset)


def test_dates_follow_the_instant_over_midnight(phantom: Phantom) -> None:
    early = datetime(2026, 3, 2, 0, 5, tzinfo=UTC)
    first = next(iter(phantom_study(phantom, replace(OPTIONS, at=early))))
    item = first.RadiopharmaceuticalInformationSequence[0]

    assert (first.SeriesDate, first.StudyDate) == ("20260302", "20260301")
    assert item.RadiopharmaceuticalStartDateTime == "20260301230500.000000+0000"


def test_an_instant_without_a_time_zone_is_refused() -> None:
    with pytest.raises(NaiveInstantError):
        StudyOptions(at=AT.replace(tzinfo=None))


@pytest.mark.parametrize(
    ("number", "text"),
    [(0.0219, "2.19E-2"), (5.55e6, "5.55E6"), (3e-11, "3.0E-11"), (1.0, "1.0E0")],
)
def test_numbers_are_written_as_the_scanner_writes_them(
    number: float, text: str
) -> None:
    assert scientific(number) == text


def test_scientific_numbers_fit_a_decimal_string() -> None:
    written = scientific(1.23456789012345e-200)

    assert len(written) <= 16
    assert float(written) == pytest.approx(1.23456789012345e-200, rel=1e-9)


@pytest.mark.parametrize("drawn_on", list(Canvas))
def test_dciodvfy_finds_no_error(
    phantom: Phantom, tmp_path: Path, drawn_on: Canvas
) -> None:
    verifier = require_tool("dciodvfy")
    encoder = Encoder()
    options = replace(OPTIONS, drawn_on=drawn_on, more_rois=True)
    study = list(phantom_study(phantom, options))
    for dataset in (study[0], study[SPEC.slices], study[-1]):
        file = tmp_path / f"{dataset.Modality}.dcm"
        file.write_bytes(encoder.encoded(dataset))
        run = subprocess.run(
            [verifier, file], capture_output=True, text=True, check=False
        )
        report = run.stdout + run.stderr
        assert "Error" not in report, report
        kinds = {"PT": "PETImage", "CT": "CTImage", "RTSTRUCT": "RTStructureSet"}
        assert kinds[dataset.Modality] in report
