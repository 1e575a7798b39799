"""SUV of the OncoRay SUV computation objects, inside their RTSTRUCT.

Source: https://github.com/oncoray/suv_computation, CC BY 4.0.

What of that family is not at hand is made here: a person of 70 kg and 1.75 m, given
368.08 MBq of F-18 at 10:00 and scanned from 11:00 for five minutes a frame, whose image
is computed forwards from SUV of 0.2, 1 and 4.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset

from dicom_io.pet.series import read_pet_series
from dicom_io.regions.rtstruct import read_structure_set
from dicom_io.suv.rule import SuvRules, convert_to_suv
from model.contours import rasterise
from model.plausibility import AnimalLimits, UnitsInDoubt, UnitsInDoubtError
from model.suv import SuvConversion
from tests.support.pet import pet_datasets, write_all
from tests.support.shared import SHARED_DATA, needs_shared_data

pytestmark = pytest.mark.reference

HUMAN = AnimalLimits("human", (2_000.0, 300_000.0), (10e6, 2e9))
COMPUTED_BACK = "Acquisition Time + average-decay time - Frame Reference Time"


def folder(name: str) -> Path:
    return SHARED_DATA / "suv-reference-objects" / name


def suv_inside(
    name: str, in_doubt: UnitsInDoubt = UnitsInDoubt.HOLD
) -> tuple[np.ndarray, SuvConversion]:
    series = read_pet_series(list((folder(name) / "PT").iterdir()))
    suv, conversion = convert_to_suv(series, SuvRules(HUMAN, in_doubt, UTC))
    structure_set = read_structure_set(next((folder(name) / "RS").iterdir()))
    return suv.inside(rasterise(structure_set.rois[0], suv.grid)), conversion


@needs_shared_data
@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("DRO_0_0", "BQML, START, decay reference = Series Time"),
        ("DRO_1_0", "BQML, START, decay reference = Series Time"),
        ("DRO_2_0", "GML, SUV Type = BW, values are SUVbw"),
        ("DRO_2_4", "CNTS, values x Philips SUV scale factor (7053,1000) are SUVbw"),
        ("DRO_3_1", "BQML, ADMIN, decay reference = injection"),
        ("DRO_3_2", f"BQML, START, decay reference = {COMPUTED_BACK}"),
        ("DRO_4_0", "BQML, START, decay reference = Series Time"),
        ("DRO_5_0", "BQML, START, decay reference = Series Time"),
    ],
)
def test_suv_of_a_reference_object_is_as_published(name: str, rule: str) -> None:
    suv, conversion = suv_inside(name)

    assert [suv.min(), np.median(suv), suv.max()] == pytest.approx(
        [0.2, 1.0, 4.0], abs=0.005
    )
    assert conversion.rule == rule


@needs_shared_data
def test_a_dose_in_megabecquerel_is_held_and_converted_only_on_request() -> None:
    with pytest.raises(UnitsInDoubtError, match=r"368\.08 Bq .* MBq"):
        suv_inside("DRO_3_0")

    suv, conversion = suv_inside("DRO_3_0", UnitsInDoubt.CONVERT)

    assert [suv.min(), np.median(suv), suv.max()] == pytest.approx(
        [0.2, 1.0, 4.0], abs=0.005
    )
    assert any("MBq" in statement for statement in conversion.statements)


WEIGHT_G, DOSE_BQ, HALF_LIFE_S, FRAME_S = 70_000.0, 368.08e6, 6586.2, 300.0
MEAN_S = (
    math.log(
        math.log(2)
        * FRAME_S
        / HALF_LIFE_S
        / (1 - math.exp(-math.log(2) * FRAME_S / HALF_LIFE_S))
    )
    * HALF_LIFE_S
    / math.log(2)
)
"""When, in a frame, activity equals its mean."""
SUV = np.repeat(np.array([4.0, 1.0, 0.2]), 3)[:, np.newaxis].repeat(9, axis=1)
PERSON: dict[str, Any] = {
    "PatientWeight": "70",
    "PatientSize": "1.75",
    "PatientSex": "O",
    "RadionuclideTotalDose": "368080000",
    "RadiopharmaceuticalStartTime": "100000",
    "RadiopharmaceuticalStartDateTime": "20260302100000",
    "SeriesTime": "110000",
    "AcquisitionTime": "110000",
    "ActualFrameDuration": "300000",
    "FrameReferenceTime": f"{MEAN_S * 1e3:.3f}",
    "DecayFactor": None,
}


@dataclass(frozen=True)
class Made:
    """An object: what it says, and what its values are.

    Attributes
    ----------
    says : dict
    decay_s : float or None
        From the injection to the instant for which the first slice holds; None where
        the values do not depend on a dose.
    size : float
        Body size that SUV were made with, grams or cm2.
    later_s : float
        By how much each slice holds for later than the one before.
    private : dict
        Dates and times by tag.
    """

    says: dict[str, Any]
    decay_s: float | None = None
    size: float = WEIGHT_G
    later_s: float = 0.0
    private: dict[int, str] = field(default_factory=dict)

    def datasets(self) -> list[Dataset]:
        values = np.stack([SUV * self._per_suv(k) for k in range(3)])
        return [self._with_private(d) for d in pet_datasets(values=values, **self.says)]

    def _per_suv(self, k: int) -> float:
        if self.decay_s is None:
            return self.size / WEIGHT_G
        elapsed = self.decay_s + k * self.later_s
        return DOSE_BQ * math.exp2(-elapsed / HALF_LIFE_S) / WEIGHT_G

    def _with_private(self, dataset: Dataset) -> Dataset:
        for tag, value in self.private.items():
            dataset.add_new(tag, "DT", value)
        return dataset


def started(*minutes_past_eleven: int) -> Callable[[int], str]:
    return lambda k: f"11{minutes_past_eleven[k]:02}00"


LATE = {"SeriesTime": "113000", "AcquisitionTime": "110500"}
MIDDLE_MS = f"{(300.0 + MEAN_S) * 1e3:.3f}"
UNCORRECTED: dict[str, Any] = {
    "DecayCorrection": "NONE",
    "CorrectedImage": ["NORM", "ATTN"],
    "AcquisitionTime": started(0, 5, 10),
}
MIDNIGHT = {
    "SeriesDate": "20260303",
    "SeriesTime": "003000",
    "AcquisitionDate": "20260303",
    "AcquisitionTime": "003000",
    "RadiopharmaceuticalStartTime": "233000",
}
MADE: dict[str, Made] = {
    "SUVlbm of a man": Made(
        {"Units": "GML", "SUVType": "LBMJAMES128", "PatientSex": "M"}, size=56_520.0
    ),
    "SUVlbm of a woman": Made(
        {"Units": "GML", "SUVType": "LBMJAMES128", "PatientSex": "F"}, size=51_220.0
    ),
    "SUVlbm of another sex": Made(
        {"Units": "GML", "SUVType": "LBMJAMES128"}, size=53_870.0
    ),
    "SUVlbm by Janmahasatian": Made(
        {"Units": "GML", "SUVType": "LBMJANMA", "PatientSex": "M"},
        size=1e3 * 9270 * 70 / (6680 + 216 * 70 / 1.75**2),
    ),
    "SUVibw of another sex": Made({"Units": "GML", "SUVType": "IBW"}, size=69_405.0),
    "SUVbsa": Made(
        {"Units": "CM2ML", "SUVType": "BSA"},
        size=71.84 * 70**0.425 * 175**0.725,
    ),
    "ADMIN": Made({"DecayCorrection": "ADMIN"}, 0.0),
    "START": Made({}, 3600.0),
    "series after acquisition": Made({**LATE, "FrameReferenceTime": MIDDLE_MS}, 3600.0),
    "series after acquisition, GE": Made(
        {**LATE, "FrameReferenceTime": "300000", "Manufacturer": "GE MEDICAL SYSTEMS"},
        3600.0,
    ),
    "scan date and time of GE": Made(
        {**LATE, "FrameReferenceTime": "1", "Manufacturer": "GE MEDICAL SYSTEMS"},
        3600.0,
        private={0x0009100D: "20260302110000.00"},
    ),
    "decay correction date and time of Siemens": Made(
        {**LATE, "FrameReferenceTime": "1", "Manufacturer": "SIEMENS"},
        3600.0,
        private={0x00711022: "20260302110000"},
    ),
    "several frames, not corrected": Made(UNCORRECTED, 3600.0 + MEAN_S, later_s=300.0),
    "only a date and time": Made({"RadiopharmaceuticalStartTime": None}, 3600.0),
    "only a time": Made({"RadiopharmaceuticalStartDateTime": None}, 3600.0),
    "midnight, only a time": Made(
        {**MIDNIGHT, "RadiopharmaceuticalStartDateTime": None}, 3600.0
    ),
    "midnight": Made(
        {**MIDNIGHT, "RadiopharmaceuticalStartDateTime": "20260302233000"}, 3600.0
    ),
}


@pytest.mark.parametrize("name", MADE)
def test_suv_of_an_object_computed_forwards_come_back(
    tmp_path: Path, name: str
) -> None:
    made = MADE[name]
    datasets = replace(made, says={**PERSON, **made.says}).datasets()
    series = read_pet_series(write_all(datasets, tmp_path))

    suv, _ = convert_to_suv(series, SuvRules(HUMAN, UnitsInDoubt.HOLD, UTC))

    assert [suv.values.min(), np.median(suv.values), suv.values.max()] == (
        pytest.approx([0.2, 1.0, 4.0], abs=0.005)
    )
    np.testing.assert_allclose(suv.values, SUV[np.newaxis].repeat(3, 0), rtol=1e-3)
