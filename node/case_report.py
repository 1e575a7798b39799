"""The result of one region as plain data: what `score --json` prints and people read.

The keys are a contract with scripts of the sites; a number that does not exist is None.
"""

import math
from dataclasses import dataclass
from typing import Any

from dicom_io.pet_series import PetSeries
from model.score.assessment import RoiAssessment
from model.suv import SuvConversion

RESULT_FILE = "result.json"
"""Beside the objects of a job: the numbers, for people and commands."""


@dataclass(frozen=True)
class RoiResult:
    """One region's numbers.

    Attributes
    ----------
    study_instance_uid, patient_id, animal_id, roi : str
    voxels : int
    suv : dict of str to float
        Statistics of SUVbw, g/ml, and the volume in ml.
    suv_rule : str
    suv_numbers : dict of str to float
    features : dict of str to (float or None)
    score : float or None
    score_title, score_model, score_model_sha256, calibration : str
    readings : dict of str to (float or None)
    sensitivity : dict of str to (float or None)
    probability : float or None
    exhausted : bool or None
    warnings : tuple of str
    """

    study_instance_uid: str
    patient_id: str
    animal_id: str
    roi: str
    voxels: int
    suv: dict[str, float | None]
    suv_rule: str
    suv_numbers: dict[str, float | None]
    features: dict[str, float | None]
    score: float | None
    score_title: str
    score_model: str
    score_model_version: str
    score_model_sha256: str
    calibration: str
    readings: dict[str, float | None]
    sensitivity: dict[str, float | None]
    probability: float | None
    exhausted: bool | None
    warnings: tuple[str, ...]

    def as_data(self) -> dict[str, Any]:
        """Return the result for `json.dumps`; the keys of the contract."""
        data = dict(self.__dict__)
        data["warnings"] = list(self.warnings)
        return data


def roi_result(
    found: RoiAssessment,
    series: PetSeries,
    conversion: SuvConversion,
    statements: tuple[str, ...],
) -> RoiResult:
    """Return the numbers of an assessment.

    Parameters
    ----------
    found : RoiAssessment
    series : PetSeries
    conversion : SuvConversion
    statements : tuple of str
        What holds for the whole case; they come before the region's own warnings.
    """
    model = found.score_model
    return RoiResult(
        study_instance_uid=series.study_instance_uid,
        patient_id=series.patient_id,
        animal_id=series.patient_id,
        roi=found.roi.name,
        voxels=found.mask.voxels,
        suv={
            "min": finite(found.suv.minimum),
            "median": finite(found.suv.median),
            "mean": finite(found.suv.mean),
            "max": finite(found.suv.maximum),
            "sd": finite(found.suv.standard_deviation),
            "volume_ml": finite(found.suv.volume_ml),
        },
        suv_rule=conversion.rule,
        suv_numbers={name: finite(v) for name, v in conversion.numbers.items()},
        features={name: finite(v) for name, v in found.features.items()},
        score=finite(found.score),
        score_title=model.title,
        score_model=model.name,
        score_model_version=model.version,
        score_model_sha256=model.sha256,
        calibration=str(model.calibration),
        readings={name: finite(v) for name, v in found.readings.items()},
        sensitivity={"low": None, "high": None, "shift": None},
        probability=finite(found.probability),
        exhausted=found.exhausted,
        warnings=(*statements, *found.warnings),
    )


def finite(value: float | None) -> float | None:
    """Return what JSON can hold: a finite number, or None."""
    return value if value is not None and math.isfinite(value) else None
