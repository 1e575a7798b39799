"""The result of one region as plain data: what `score --json` prints and people read.

The keys are a contract with scripts of the sites; a number that does not exist is None.
"""

import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from dicom_io.pet.series import PetSeries
from model.score.assessment import (
    RoiAssessment,
    Sensitivity,
    Shuffled,
    SuvStatistics,
    Term,
)
from model.score.domain import Circumstances
from model.score.uptake import Uptake
from model.suv import SuvConversion
from node.case.acquisition import Acquisition


@dataclass(frozen=True)
class RoiResult:
    """One region's numbers.

    Attributes
    ----------
    study_instance_uid, patient_id, animal_id, roi : str
    voxels : int
    suv : dict of str to float
        Statistics of SUVbw, g/ml, and the volume in ml; `peak`, the greatest mean of a
        sphere of `peak_diameter_mm`; `mtv_ml` and `tlg_g`, volume and glycolysis of the
        voxels at and above `mtv_threshold_percent` of the maximum.
    percent_injected_dose_per_gram : dict of str to float, or None
        Statistics of %ID/g, tissue taken as 1 g/ml; None where the weight did not
        enter, as in an image that came as SUV.
    suv_rule : str
    suv_numbers : dict of str to float
    context : dict of str to str
        What was recorded around injection and scan: route, glucose, ...
    circumstances : dict of str to (str, float or None)
        What is stated of tracer, radionuclide, species, route and uptake, and was
        compared with the model's domain.
    features : dict of str to (float or None)
    undefined : dict of str to str
        For each feature without a value, why.
    score : float or None
    score_title, score_model, score_model_version, score_model_sha256 : str
    calibration : str
    intercept : float
    terms : list of dict
        Of the score beside the intercept: `feature`, `value`, `coefficient`,
        `contribution`; empty without a score.
    readings : dict of str to (float or None)
    reading_models : dict of str to dict of str to str
        `version` and `sha256` of each reading, by its name.
    shuffled : dict of str to (float, int or None), or None
        `mean`, `sd`, `repetitions`, `seed`.
    sensitivity : dict of str to (float, str, dict or None)
        `low`, `high`, `shift`, `basis`, and `parts`, what they were made of.
    inside_domain : bool
        Whether the measurement is one that the model was made for, as far as stated.
    probability : float or None
    exhausted : bool or None
    warnings : tuple of str
    acquisition : dict of str to (str, float or None)
        When, on what and how the image was made; see `node.case.acquisition`.
    """

    study_instance_uid: str
    patient_id: str
    animal_id: str
    roi: str
    voxels: int
    suv: dict[str, float | None]
    percent_injected_dose_per_gram: dict[str, float | None] | None
    suv_rule: str
    suv_numbers: dict[str, float | None]
    context: dict[str, str]
    circumstances: dict[str, str | float | None]
    features: dict[str, float | None]
    undefined: dict[str, str]
    score: float | None
    score_title: str
    score_model: str
    score_model_version: str
    score_model_sha256: str
    calibration: str
    intercept: float
    terms: list[dict[str, str | float | None]]
    readings: dict[str, float | None]
    reading_models: dict[str, dict[str, str]]
    shuffled: dict[str, float | int | None] | None
    sensitivity: dict[str, Any]
    inside_domain: bool
    probability: float | None
    exhausted: bool | None
    warnings: tuple[str, ...]
    acquisition: Acquisition = field(default_factory=dict)

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
    animal_id: str | None = None,
    context: Iterable[tuple[str, str]] = (),
) -> RoiResult:
    """Return the numbers of an assessment.

    Parameters
    ----------
    found : RoiAssessment
    series : PetSeries
    conversion : SuvConversion
    statements : tuple of str
        What holds for the whole case; they come before the region's own warnings.
    animal_id : str or None
        What ties the animal's time points together; the PET's patient ID if None.
    context : iterable of (str, str)
        What was recorded around injection and scan, by name.
    """
    model = found.score_model
    return RoiResult(
        study_instance_uid=series.study_instance_uid,
        patient_id=series.patient_id,
        animal_id=series.patient_id if animal_id is None else animal_id,
        roi=found.roi.name,
        voxels=found.mask.voxels,
        suv={
            **_statistics(found.suv),
            "volume_ml": finite(found.suv.volume_ml),
            **_uptake(found.uptake),
        },
        percent_injected_dose_per_gram=_injected_dose(found.suv, conversion),
        suv_rule=conversion.rule,
        suv_numbers={name: finite(v) for name, v in conversion.numbers.items()},
        context=dict(context),
        circumstances=circumstances_data(found.circumstances),
        features={name: finite(v) for name, v in found.features.items()},
        undefined=dict(found.undefined),
        score=finite(found.score),
        score_title=model.title,
        score_model=model.name,
        score_model_version=model.version,
        score_model_sha256=model.sha256,
        calibration=str(model.calibration),
        intercept=model.intercept,
        terms=[_term(term) for term in found.terms],
        readings={name: finite(v) for name, v in found.readings.items()},
        reading_models={
            each.name: {"version": each.version, "sha256": each.sha256}
            for each in found.reading_models
        },
        shuffled=_shuffled(found.shuffled),
        sensitivity=_sensitivity(found.sensitivity),
        inside_domain=found.inside_domain,
        probability=finite(found.probability),
        exhausted=found.exhausted,
        warnings=(*statements, *found.warnings),
    )


def _statistics(suv: SuvStatistics, factor: float = 1.0) -> dict[str, float | None]:
    return {
        "min": finite(factor * suv.minimum),
        "median": finite(factor * suv.median),
        "mean": finite(factor * suv.mean),
        "max": finite(factor * suv.maximum),
        "sd": finite(factor * suv.standard_deviation),
    }


def _uptake(uptake: Uptake) -> dict[str, float | None]:
    return {
        "peak": finite(uptake.peak),
        "peak_diameter_mm": uptake.peak_diameter_mm,
        "mtv_ml": finite(uptake.mtv_ml),
        "tlg_g": finite(uptake.tlg_g),
        "mtv_threshold_percent": uptake.mtv_threshold_percent,
    }


def _injected_dose(
    suv: SuvStatistics, conversion: SuvConversion
) -> dict[str, float | None] | None:
    factor = conversion.percent_injected_dose_per_gram
    return None if factor is None else _statistics(suv, factor)


def circumstances_data(found: Circumstances) -> dict[str, str | float | None]:
    """Return circumstances by name, None where one is not stated."""
    # A species that nobody states is an empty text.
    return {name: value or None for name, value in asdict(found).items()} | {
        "uptake_min": finite(found.uptake_min)
    }


def _term(term: Term) -> dict[str, str | float | None]:
    return {
        "feature": term.feature,
        "value": finite(term.value),
        "coefficient": term.coefficient,
        "contribution": finite(term.contribution),
    }


def _shuffled(found: Shuffled | None) -> dict[str, float | int | None] | None:
    if found is None:
        return None
    return {
        "mean": finite(found.mean),
        "sd": finite(found.standard_deviation),
        "repetitions": found.repetitions,
        "seed": found.seed,
    }


def _sensitivity(found: Sensitivity | None) -> dict[str, Any]:
    if found is None:
        return {"low": None, "high": None, "shift": None, "basis": None, "parts": {}}
    return {
        "low": finite(found.low),
        "high": finite(found.high),
        "shift": finite(found.shift),
        "basis": str(found.basis),
        "parts": {name: finite(value) for name, value in found.parts.items()},
    }


def finite(value: float | None) -> float | None:
    """Return what JSON can hold: a finite number, or None."""
    return value if value is not None and math.isfinite(value) else None
