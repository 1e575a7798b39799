"""A report as the plain data that `score --json` gives of a result.

Design choice: what a report does not hold is None or empty, as in a result that never
had it: why a feature is undefined, the domain's verdict, how the image was made.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import fields
from functools import cache
from itertools import chain
from typing import Any

from pydicom.sr.coding import Code

from dicom_io import codes
from dicom_io.feature_codes import feature_concept, feature_unit
from dicom_io.results.report.report_reading import (
    ReadReport,
    ReportedNumber,
    ReportedRegion,
)
from model.features.definitions import FEATURE_BY_NAME
from model.score.domain import Circumstances

_MM3_PER_ML = 1000.0
_MG_PER_G = 1000.0
_GRAMS_PER_KG = 1000.0
_PER_CENT = 100.0
_STATISTICS = {
    "min": codes.MINIMUM,
    "median": codes.MEDIAN,
    "mean": codes.MEAN,
    "max": codes.MAXIMUM,
    "sd": codes.STANDARD_DEVIATION,
}
_COEFFICIENT = "coefficient of "
_READING = "reading "
_SENSITIVITY = "sensitivity "
_CIRCUMSTANCES = "circumstances "
_CHECKSUM = ", sha256 "


def results_of_report(report: ReadReport) -> tuple[dict[str, Any], ...]:
    """Return what a report says, a result for each of its regions.

    Returns
    -------
    tuple of dict
        With the keys of `node.case.report.RoiResult.as_data`.
    """
    return tuple(_result(report, region) for region in report.regions)


def _result(report: ReadReport, region: ReportedRegion) -> dict[str, Any]:
    parameters, found = region.parameters, _Numbers(region)
    volume = found.value(codes.VOLUME)
    voxels = found.value(codes.VOXEL_COUNT)
    probability = found.value(codes.EXHAUSTION_PROBABILITY)
    doses = found.doses_per_gram()
    return {
        "study_instance_uid": report.study_instance_uid,
        "patient_id": report.patient_id,
        "animal_id": report.patient_id,
        "roi": region.name,
        "voxels": None if voxels is None else int(voxels),
        "suv": {
            **found.statistics(codes.SUV_BODY_WEIGHT),
            "volume_ml": None if volume is None else volume / _MM3_PER_ML,
            **_uptake(found, parameters),
        },
        "percent_injected_dose_per_gram": (
            None if all(each is None for each in doses.values()) else doses
        ),
        "suv_rule": report.suv_rule,
        "suv_numbers": _suv_numbers(report),
        "context": dict(report.context),
        "circumstances": _circumstances(parameters),
        "features": found.features(),
        "undefined": {},
        "score": found.value(codes.TEXTURE_INDEX),
        "score_title": parameters.get("title", ""),
        "score_model": region.model,
        "score_model_version": region.model_version,
        "score_model_sha256": parameters.get("sha256", ""),
        "calibration": parameters.get("calibration", ""),
        "intercept": _number(parameters.get("intercept", "")),
        "terms": found.terms(),
        "readings": found.readings(region.model),
        "reading_models": _reading_models(region),
        "shuffled": found.shuffled(),
        "sensitivity": found.sensitivity(),
        "inside_domain": None,
        "probability": None if probability is None else probability / _PER_CENT,
        "exhausted": region.exhausted,
        "warnings": [*report.statements, *region.warnings],
        "acquisition": {},
    }


class _Numbers:
    """The numbers of a region, by what they measure.

    Parameters
    ----------
    region : ReportedRegion
    """

    def __init__(self, region: ReportedRegion) -> None:
        self._numbers = region.numbers
        self._parameters = region.parameters

    def value(self, code: Code, derivation: Code | None = None) -> float | None:
        """Return the first number of a concept."""
        found = (
            number.value for number in self._numbers if number.is_of(code, derivation)
        )
        return next(found, None)

    def statistics(self, code: Code) -> dict[str, float | None]:
        """Return a quantity's statistics by their names in a result."""
        return {name: self.value(code, each) for name, each in _STATISTICS.items()}

    def doses_per_gram(self) -> dict[str, float | None]:
        """Return %ID/g, also where it is told by the kilogram."""
        per_gram = self.statistics(codes.INJECTED_DOSE_PER_GRAM)
        per_kilogram = self.statistics(codes.INJECTED_DOSE_PER_KILOGRAM)
        return {
            name: value if large is None else large / _GRAMS_PER_KG
            for (name, value), large in zip(
                per_gram.items(), per_kilogram.values(), strict=True
            )
        }

    def features(self) -> dict[str, float | None]:
        """Return features by their names in the catalogue."""
        found = {}
        for number in self._numbers:
            name = _feature_of(number)
            if name is not None:
                _, factor = feature_unit(name)
                found[name] = None if number.value is None else number.value / factor
        return found

    def readings(self, model: str) -> dict[str, float | None]:
        """Return the score of each reading of the equation, the model's own first."""
        others = {
            number.method[0]: number.value
            for number in self._numbers
            if number.is_of(codes.TEXTURE_INDEX_READING) and number.method
        }
        return {model: self.value(codes.TEXTURE_INDEX), **others}

    def terms(self) -> list[dict[str, Any]]:
        """Return what the score is made of beside its intercept."""
        features = self.features()
        contributions = [
            number.value
            for number in self._numbers
            if number.is_of(codes.TEXTURE_INDEX_TERM)
        ]
        coefficients = {
            name.removeprefix(_COEFFICIENT): _number(value)
            for name, value in self._parameters.items()
            if name.startswith(_COEFFICIENT)
        }
        return [
            {
                "feature": name,
                "value": features.get(name),
                "coefficient": coefficient,
                "contribution": contribution,
            }
            for (name, coefficient), contribution in zip(
                coefficients.items(), contributions, strict=False
            )
        ]

    def shuffled(self) -> dict[str, Any] | None:
        """Return the score of the shuffled region; None where there is none."""
        mean = self.value(codes.TEXTURE_INDEX_SHUFFLED, codes.MEAN)
        spread = self.value(codes.TEXTURE_INDEX_SHUFFLED, codes.STANDARD_DEVIATION)
        said = [
            _number(self._parameters.get(f"shuffled {name}", "")) for name in _DRAWN
        ]
        if mean is None and said[0] is None:
            return None
        return {"mean": mean, "sd": spread, **dict(zip(_DRAWN, said, strict=True))}

    def sensitivity(self) -> dict[str, Any]:
        """Return the sensitivity range, and what it was made of."""
        parts = {
            name.removeprefix(_SENSITIVITY): value
            for name, value in self._parameters.items()
            if name.startswith(_SENSITIVITY)
        }
        basis = parts.pop("basis", None)
        return {
            "low": self.value(codes.SENSITIVITY_LOW),
            "high": self.value(codes.SENSITIVITY_HIGH),
            "shift": self.value(codes.SENSITIVITY_SHIFT),
            "basis": basis,
            "parts": {name: _number(value) for name, value in parts.items()},
        }


_DRAWN = ("repetitions", "seed")


def _uptake(
    found: _Numbers, parameters: Mapping[str, str]
) -> dict[str, float | int | None]:
    """Return peak and metabolic volume; nothing of a report that has neither."""
    diameter = _number(parameters.get("uptake peak_diameter_mm", ""))
    threshold = _number(parameters.get("uptake mtv_threshold_percent", ""))
    if diameter is None or threshold is None:
        return {}
    volume = found.value(codes.METABOLIC_VOLUME)
    glycolysis = found.value(codes.TOTAL_LESION_GLYCOLYSIS)
    of_sphere = found.value(codes.SUV_BODY_WEIGHT, codes.PEAK_OF_SPHERE)
    of_one_ml = found.value(codes.SUV_BODY_WEIGHT, codes.PEAK)
    return {
        "peak": of_one_ml if of_sphere is None else of_sphere,
        "peak_diameter_mm": diameter,
        "mtv_ml": None if volume is None else volume / _MM3_PER_ML,
        "tlg_g": None if glycolysis is None else glycolysis / _MG_PER_G,
        "mtv_threshold_percent": threshold,
    }


def _suv_numbers(report: ReadReport) -> dict[str, float | None]:
    factors = ("factor", "factor by slice")
    return {
        name: _number(value)
        for name, value in report.suv_inputs.items()
        if name not in factors
    }


def _circumstances(parameters: Mapping[str, str]) -> dict[str, str | float | None]:
    found: dict[str, str | float | None] = {
        field.name: parameters.get(f"{_CIRCUMSTANCES}{field.name}")
        for field in fields(Circumstances)
    }
    uptake = found.get("uptake_min")
    return found | {"uptake_min": _number(str(uptake or ""))}


def _reading_models(region: ReportedRegion) -> dict[str, dict[str, str]]:
    """Return version and checksum of each reading's model, the region's own first."""
    own = {
        "version": region.model_version,
        "sha256": region.parameters.get("sha256", ""),
    }
    found = {region.model: own}
    for name, value in region.parameters.items():
        if name.startswith(_READING):
            version, _, checksum = value.partition(_CHECKSUM)
            others = {"version": version, "sha256": checksum}
            found[name.removeprefix(_READING)] = others
    return found


def _number(text: str) -> float | int | None:
    """Return a number as it was written; None where none was."""
    with suppress(ValueError):
        return int(text)
    with suppress(ValueError):
        return float(text)
    return None


def _feature_of(number: ReportedNumber) -> str | None:
    exact, by_code = _features()
    named = exact.get((*number.concept, number.meaning))
    return named or by_code.get(number.concept)


@cache
def _features() -> tuple[dict[tuple[str, str, str], str], dict[tuple[str, str], str]]:
    """Return features by code and meaning, and by code where it names only one."""
    coded = {name: feature_concept(name) for name in FEATURE_BY_NAME}
    exact = {
        (code.value, code.scheme_designator, code.meaning): name
        for name, code in coded.items()
    }
    several: dict[tuple[str, str], list[str]] = {}
    for name, code in coded.items():
        several.setdefault((code.value, code.scheme_designator), []).append(name)
    single = {key: names for key, names in several.items() if len(names) == 1}
    return exact, {key: next(chain(names)) for key, names in single.items()}
