"""Promises of a dynamic phantom: it is read back as it was made."""

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset

from dicom_io.phantom.study import Encoder, StudyOptions, phantom_study
from model.phantom import Phantom, PhantomSpec, make_phantom
from model.phantom_frames import DYNAMIC_SCAN_S, DYNAMIC_UPTAKE_S
from tests.support.dynamic import read_averaged

AT = datetime(2026, 3, 2, 10, tzinfo=UTC)
SPEC = PhantomSpec(
    seed=4,
    slices=36,
    rows=56,
    columns=52,
    ct_matrix=64,
    uptake_s=DYNAMIC_UPTAKE_S,
    scan_s=DYNAMIC_SCAN_S,
)
INJECTED_AT = AT + timedelta(seconds=208)


@pytest.fixture(scope="module")
def phantom() -> Phantom:
    return make_phantom(SPEC)


def files_of(phantom: Phantom, frames: int) -> dict[str, list[bytes]]:
    """Return the files of a study by modality."""
    encoder = Encoder()
    files: dict[str, list[bytes]] = {}
    for dataset in phantom_study(phantom, StudyOptions(at=AT, time_frames=frames)):
        files.setdefault(dataset.Modality, []).append(encoder.encoded(dataset))
    return files


def read_back(files: list[bytes]) -> list[Dataset]:
    return [pydicom.dcmread(io.BytesIO(file)) for file in files]


@pytest.mark.parametrize("frames", [5, 7])
def test_a_dynamic_phantom_has_its_known_answer(
    phantom: Phantom, tmp_path: Path, frames: int
) -> None:
    paths = []
    for number, file in enumerate(files_of(phantom, frames)["PT"]):
        paths.append(tmp_path / f"{number:04d}.dcm")
        paths[-1].write_bytes(file)

    series = read_averaged(paths, injected_at=INJECTED_AT)

    assert len(paths) == 36 * frames
    dose_bq = 5.55e6 * 2.0 ** (208.0 / 6586.2)
    suv = series.volume.values[::-1] * 21.9 / dose_bq
    step = float(phantom.suv.values.max()) / 32767.0
    np.testing.assert_allclose(suv, phantom.suv.values, rtol=1e-5, atol=1.5 * step)


def test_a_dynamic_scan_began_before_the_injection(phantom: Phantom) -> None:
    files = files_of(phantom, 5)
    pet = read_back(files["PT"])

    assert [d.ImageIndex for d in pet] == list(range(1, 5 * SPEC.slices + 1))
    assert {(d.NumberOfSlices, d.NumberOfTimeSlices) for d in pet} == {(36, 5)}
    assert {d.NumberOfSeriesRelatedInstances for d in pet} == {len(pet)}
    assert {d.SeriesType[0] for d in pet} == {"DYNAMIC"}
    assert len({d.RescaleSlope for d in pet}) == 5
    assert len({d.SOPInstanceUID for d in pet}) == len(pet)
    item = pet[0].RadiopharmaceuticalInformationSequence[0]
    assert item.RadiopharmaceuticalStartDateTime == "20260302100328.000000+0000"
    assert {d.SeriesTime for d in pet} == {"100000.000000"}
    ends_s = 0.0
    for frame in pet[:: SPEC.slices]:
        moment = f"{frame.AcquisitionDate}{frame.AcquisitionTime}+0000"
        start = datetime.strptime(moment, "%Y%m%d%H%M%S.%f%z")
        start_s = (start - AT).total_seconds()
        length_s = float(frame.ActualFrameDuration) / 1000.0
        middle_s = float(frame.FrameReferenceTime) / 1000.0
        assert (start_s, middle_s) == (ends_s, start_s + length_s / 2.0)
        assert float(frame.DecayFactor) == pytest.approx(2.0 ** (middle_s / 6586.2))
        ends_s = start_s + length_s
    assert ends_s == DYNAMIC_SCAN_S
    (structures,) = read_back(files["RTSTRUCT"])
    named = structures.ROIContourSequence[0].ContourSequence[0].ContourImageSequence
    assert named[0].ReferencedSOPInstanceUID in {
        d.SOPInstanceUID for d in pet[-SPEC.slices :]
    }
