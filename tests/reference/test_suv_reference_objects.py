"""SUV of the OncoRay SUV computation objects, inside their RTSTRUCT.

Source: https://github.com/oncoray/suv_computation, CC BY 4.0.
"""

from datetime import UTC
from pathlib import Path

import numpy as np
import pytest

from dicom_io.pet_series import read_pet_series
from dicom_io.rtstruct import read_structure_set
from dicom_io.suv_rule import SuvRules, convert_to_suv
from model.contours import rasterise
from model.plausibility import AnimalLimits, UnitsInDoubt, UnitsInDoubtError
from model.suv import SuvConversion
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
