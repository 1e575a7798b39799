"""Promises of `dicom_io.results.images.suv_series`, as pydicom reads it."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.tag import Tag

from dicom_io.part10 import encode_dataset
from dicom_io.pet.series import PetSeries, read_pet_series
from dicom_io.results.group_subject import SourceGroupSubject
from dicom_io.results.images.frame_instants import TIMES
from dicom_io.results.images.single_frames import EncodedInstance
from dicom_io.results.images.stored_values import NonFinitePixelsError
from dicom_io.results.images.suv_series import build_suv_series
from dicom_io.stamp import ObjectIdentity, is_own_result
from model.grid import GridMismatchError, Volume
from model.suv import SuvConversion, as_suv
from tests.support.dynamic import CHOSEN, FRAMES_S, read_averaged, write_dynamic
from tests.support.enhanced_pet import enhanced_dataset, legacy_converted_dataset
from tests.support.pet import FRAME_OF_REFERENCE_UID, STUDY_UID, pet_datasets
from tests.support.result import EQUIPMENT, identity, series_of
from tests.support.verification import complaints

FACTOR = 6.125e-6
CARRIED = (
    "ImagePositionPatient",
    "ImageOrientationPatient",
    "PixelSpacing",
    "SliceThickness",
    "SeriesDate",
    "SeriesTime",
    "AcquisitionDate",
    "AcquisitionTime",
    "FrameReferenceTime",
    "ActualFrameDuration",
    "DecayFactor",
    "DecayCorrection",
    "CorrectedImage",
    "RandomsCorrectionMethod",
    "CountsSource",
    "SeriesType",
)


def nth(number: int) -> ObjectIdentity:
    return identity(
        sop_instance_uid=f"1.2.3.{number}",
        instance_number=number,
        series_description="SUVbw (g/ml)",
    )


def conversion_of(factor: float = FACTOR) -> SuvConversion:
    return SuvConversion(
        "BQML, START, decay reference = Series Time",
        factor,
        {"weight_g": 22.0, "injected_activity_bq": 5.55e6},
    )


def encoded(
    series: PetSeries, conversion: SuvConversion | None = None, **how: Any
) -> list[EncodedInstance]:
    conversion = conversion or conversion_of()
    factors = conversion.slice_factors or (conversion.factor,)
    suv = as_suv(series.volume, factors), conversion
    return list(build_suv_series(series, suv, nth, EQUIPMENT, **how))


def written(series: PetSeries, **how: Any) -> list[Dataset]:
    return [
        pydicom.dcmread(io.BytesIO(instance.content))
        for instance in encoded(series, **how)
    ]


def values_of(datasets: list[Dataset]) -> NDArray[np.float64]:
    return np.stack([each.pixel_array * float(each.RescaleSlope) for each in datasets])


@pytest.fixture
def series(tmp_path: Path) -> PetSeries:
    return series_of(pet_datasets(), tmp_path)


def with_slope_per_slice(k: int) -> str:
    return f"{1.5 + k / 7:.9e}"


def negative(k: int) -> bytes:
    return np.arange(-144 + k, 144 + k, dtype="<i2").tobytes()


@pytest.mark.parametrize(
    "overrides",
    [{}, {"RescaleSlope": with_slope_per_slice}, {"PixelData": negative}],
    ids=["one slope", "slope per slice", "negative values"],
)
def test_what_is_read_back_is_what_was_computed(
    tmp_path: Path, overrides: dict[str, Any]
) -> None:
    series = series_of(pet_datasets(**overrides), tmp_path)
    datasets = written(series)

    expected = series.volume.values * FACTOR
    np.testing.assert_allclose(values_of(datasets), expected, rtol=1e-9)
    signed = {each.PixelRepresentation for each in datasets}
    assert signed == {int(bool((expected < 0).any()))}
    assert {float(each.RescaleIntercept) for each in datasets} == {0.0}


def test_the_scanner_s_stored_values_are_kept(series: PetSeries) -> None:
    stored = {
        tuple(map(float, each.ImagePositionPatient)): each.pixel_array
        for each in pet_datasets()
    }
    for dataset in written(series):
        place = tuple(map(float, dataset.ImagePositionPatient))
        np.testing.assert_array_equal(dataset.pixel_array, stored[place])


def test_factors_that_differ_between_slices_are_in_the_slopes(
    series: PetSeries,
) -> None:
    factors = tuple(1e-6 * (k + 1) for k in range(len(series.instances)))
    conversion = SuvConversion("NONE", factors[0], slice_factors=factors)

    datasets = written(series, conversion=conversion)

    expected = series.volume.values * np.array(factors)[:, None, None]
    np.testing.assert_allclose(values_of(datasets), expected, rtol=1e-9)


def test_slices_lie_where_the_pet_s_do_and_say_when_as_it_did(
    tmp_path: Path,
) -> None:
    # A value that was written in an odd form is carried over as it is.
    sources = pet_datasets(
        AcquisitionTime=lambda k: f"1110{k:02}.50",
        SliceThickness="0.79600",
        SliceLocation=lambda k: f"{k}.000",
    )
    series = series_of(sources, tmp_path)
    by_uid = {each.SOPInstanceUID: each for each in sources}

    for number, dataset in enumerate(written(series), start=1):
        [source] = dataset.SourceImageSequence
        original = by_uid[source.ReferencedSOPInstanceUID]
        for keyword in (*CARRIED, "SliceLocation"):
            assert str(dataset[keyword].value) == str(original[keyword].value)
        assert dataset.InstanceNumber == dataset.ImageIndex == number
        assert dataset.SOPInstanceUID == f"1.2.3.{number}"
        assert dataset.FrameOfReferenceUID == FRAME_OF_REFERENCE_UID


def test_the_series_says_that_it_is_suv_by_body_weight(series: PetSeries) -> None:
    for dataset in written(series):
        assert (dataset.Units, dataset.SUVType) == ("GML", "BW")
        assert list(dataset.ImageType) == ["DERIVED", "PRIMARY"]
        assert dataset.NumberOfSlices == 12
        assert dataset.SeriesDescription == "SUVbw (g/ml)"
        assert "Series Time; body weight 22 g" in dataset.DerivationDescription
        assert dataset.StudyInstanceUID == STUDY_UID
        assert is_own_result(dataset)


@pytest.mark.parametrize(("greatest", "upper"), [(14.0, 5.0), (2.5, 2.5), (0.0, 1.0)])
def test_the_window_shows_0_to_5_or_less_where_there_is_less(
    series: PetSeries, greatest: float, upper: float
) -> None:
    factor = greatest / float(series.volume.values.max())
    suv = as_suv(series.volume, [factor]), conversion_of(factor)

    dataset = next(build_suv_series(series, suv, nth, EQUIPMENT)).dataset

    assert dataset is not None
    # LINEAR (PS3.3 C.11.2.1.2.1).
    centre, width = float(dataset.WindowCenter), float(dataset.WindowWidth)
    assert centre - 0.5 - (width - 1) / 2 == pytest.approx(0.0, abs=1e-5)
    assert centre - 0.5 + (width - 1) / 2 == pytest.approx(upper, abs=1e-5)


def test_codes_that_were_retired_are_given_as_their_successors(
    series: PetSeries,
) -> None:
    dataset = written(series)[0]

    [injection] = dataset.RadiopharmaceuticalInformationSequence
    [nuclide] = injection.RadionuclideCodeSequence
    [lies] = dataset.PatientOrientationCodeSequence
    assert (nuclide.CodeValue, nuclide.CodingSchemeDesignator) == ("77004003", "SCT")
    assert nuclide.CodeMeaning == "^18^Fluorine"
    assert lies.CodingSchemeDesignator == "SCT"
    assert injection.RadionuclideTotalDose == 5.55e6


def test_our_own_reader_takes_it_for_a_pet_in_suv(
    series: PetSeries, tmp_path: Path
) -> None:
    paths = []
    for number, instance in enumerate(encoded(series)):
        paths.append(tmp_path / f"suv-{number}.dcm")
        paths[-1].write_bytes(instance.content)

    found = read_pet_series(paths)

    assert found.volume.grid == series.volume.grid
    np.testing.assert_allclose(
        found.volume.values, series.volume.values * FACTOR, rtol=1e-9
    )


def test_an_average_of_time_frames_is_one_static_series(tmp_path: Path) -> None:
    series = read_averaged(write_dynamic(tmp_path))
    datasets = written(series)

    expected = series.volume.values * FACTOR
    # Half a stored step of the slice.
    step = expected.max(axis=(1, 2), keepdims=True) / 65535
    assert (np.abs(values_of(datasets) - expected) <= 0.5001 * step).all()
    for dataset in datasets:
        assert list(dataset.SeriesType) == ["STATIC", "IMAGE"]
        assert "NumberOfTimeSlices" not in dataset
        assert len(dataset.SourceImageSequence) == len(CHOSEN)
        seconds = sum(FRAMES_S[number - 1] for number in CHOSEN)
        assert dataset.ActualFrameDuration == seconds * 1000
        assert "time frames 5 to 7" in dataset.DerivationDescription


def test_an_average_s_times_are_those_of_the_whole_window(tmp_path: Path) -> None:
    series = read_averaged(write_dynamic(tmp_path))
    first = series.headers[0]

    dataset = written(series)[0]

    start_s = sum(FRAMES_S[: CHOSEN[0] - 1])
    window_s = sum(FRAMES_S[number - 1] for number in CHOSEN)
    reference_s = float(dataset.FrameReferenceTime) / 1000
    # A little before the middle, since there is more activity early.
    assert start_s + 0.45 * window_s < reference_s < start_s + 0.5 * window_s
    assert float(dataset.DecayFactor) > float(first.DecayFactor)
    assert dataset.AcquisitionTime == first.AcquisitionTime


def test_frames_of_an_enhanced_pet_become_slices(tmp_path: Path) -> None:
    series = series_of([enhanced_dataset(pet_datasets())], tmp_path)
    datasets = written(series)

    np.testing.assert_allclose(
        values_of(datasets), series.volume.values * FACTOR, rtol=1e-6
    )
    for dataset, instance in zip(datasets, series.instances, strict=True):
        [source] = dataset.SourceImageSequence
        assert source.ReferencedFrameNumber == instance.frame
        assert dataset.AcquisitionTime.startswith("111000")
        assert dataset.ActualFrameDuration == 600000
        # From the decay reference to when activity equals its mean in the frame.
        assert float(dataset.FrameReferenceTime) == pytest.approx(298.4e3, rel=1e-3)
        assert "NumberOfFrames" not in dataset


@pytest.mark.parametrize("vr", ["LO", "DS", "UN"])
@pytest.mark.parametrize("value", [b"\x06 ", b"1\\2 ", b"1e400 "])
@pytest.mark.parametrize("keyword", TIMES)
def test_a_frame_s_time_that_cannot_be_read_is_not_said(
    tmp_path: Path, keyword: str, value: bytes, vr: str
) -> None:
    series = series_of([legacy_converted_dataset(pet_datasets())], tmp_path)
    tag = Tag(keyword)
    for header in series.headers:
        header[tag] = RawDataElement(
            tag, vr, len(value), value, 0, is_implicit_VR=False, is_little_endian=True
        )

    for dataset in written(series):
        found = dataset.get(keyword)
        assert value.decode().strip() not in str(found)
        # The reference time alone can be computed from the others.
        assert keyword == "FrameReferenceTime" or not found


def test_a_time_with_more_digits_than_have_room_is_rounded(tmp_path: Path) -> None:
    series = series_of([legacy_converted_dataset(pet_datasets())], tmp_path)
    tag, value = Tag("DecayFactor"), b"1.02345678901234567890"
    for header in series.headers:
        header[tag] = RawDataElement(
            tag, "DS", len(value), value, 0, is_implicit_VR=False, is_little_endian=True
        )

    assert {str(each.DecayFactor) for each in written(series)} == {"1.02345678901235"}


def test_of_a_group_s_animal_nothing_of_the_group_s_injection_is_said(
    series: PetSeries,
) -> None:
    dataset = written(series, subject=SourceGroupSubject("m07-a", 21.0))[0]

    [injection] = dataset.RadiopharmaceuticalInformationSequence
    assert dataset.PatientID == "m07-a"
    assert float(dataset.PatientWeight) == 0.021
    assert "RadionuclideTotalDose" not in injection
    assert injection.RadionuclideHalfLife == 6586.2


def test_each_file_is_what_encoding_its_data_set_gives(series: PetSeries) -> None:
    first = encoded(series)[0]

    assert first.dataset is not None
    assert encode_dataset(first.dataset) == first.content


def test_values_that_are_no_numbers_and_other_grids_are_refused(
    series: PetSeries,
) -> None:
    values = np.array(series.volume.values)
    values[0, 0, 0] = np.inf
    endless = Volume(series.volume.grid, values, "g/ml"), conversion_of()
    other = series_of_next_place(series), conversion_of()

    with pytest.raises(NonFinitePixelsError):
        build_suv_series(series, endless, nth, EQUIPMENT)
    with pytest.raises(GridMismatchError):
        build_suv_series(series, other, nth, EQUIPMENT)


def series_of_next_place(series: PetSeries) -> Volume:
    grid = series.volume.grid
    moved = type(grid)(
        grid.shape,
        (0.0, 0.0, 1e-9),
        grid.slice_step_mm,
        grid.row_step_mm,
        grid.column_step_mm,
        grid.frame_of_reference,
    )
    return Volume(moved, series.volume.values, "g/ml")


@pytest.mark.parametrize("kind", ["static", "averaged", "enhanced"])
def test_dciodvfy_finds_nothing(tmp_path: Path, kind: str) -> None:
    if kind == "averaged":
        series = read_averaged(write_dynamic(tmp_path))
    else:
        datasets = pet_datasets()
        enhanced = kind == "enhanced"
        series = series_of(
            [enhanced_dataset(datasets)] if enhanced else datasets, tmp_path
        )
    path = tmp_path / "suv.dcm"
    path.write_bytes(encoded(series)[3].content)

    assert complaints(path, "PETImage") == []
