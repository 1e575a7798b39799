"""The score model as an algorithm, with every choice in it (PS3.16 TID 4019)."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from enum import Enum
from typing import Any

from dicom_io.results.report import report_concepts as concepts
from dicom_io.results.report.content_items import HAS_CONCEPT_MOD, ContentItems
from model.score.assessment import RoiAssessment
from model.score.score_model import ScoreModel


def algorithm_items(items: ContentItems, assessment: RoiAssessment) -> Iterator[bytes]:
    """Give the model, what its domain met, and what was drawn at random.

    Parameters
    ----------
    items : ContentItems
    assessment : RoiAssessment
    """
    model = assessment.score_model
    for name, text in (
        (concepts.ALGORITHM_NAME, model.name),
        (concepts.ALGORITHM_VERSION, model.version),
        *((concepts.ALGORITHM_PARAMETERS, each) for each in parameters_of(assessment)),
    ):
        yield items.text(name, text, HAS_CONCEPT_MOD)


def parameters_of(assessment: RoiAssessment) -> list[str]:
    """Return each parameter as ``name=value``, for people."""
    stated = _flat(asdict(assessment.circumstances))
    parameters = (
        *_of_model(assessment.score_model),
        *((f"circumstances {name}", value) for name, value in stated),
        *_of_readings(assessment),
        *_of_repetitions(assessment),
        ("uptake peak_diameter_mm", assessment.uptake.peak_diameter_mm),
        ("uptake mtv_threshold_percent", assessment.uptake.mtv_threshold_percent),
    )
    return [f"{name}={_plain(value)}" for name, value in parameters]


def _of_model(model: ScoreModel) -> Iterator[tuple[str, Any]]:
    yield "title", model.title
    yield "sha256", model.sha256
    yield "calibration", model.calibration
    yield "reference", model.reference
    yield "outcome", model.outcome
    yield "intercept", model.intercept
    for feature, coefficient in model.coefficients.items():
        yield f"coefficient of {feature}", coefficient
    yield "cut_off", model.cut_off
    yield "minimum_voxels", model.minimum_voxels
    yield "map_radius_mm", model.map_radius_mm
    yield from _flat(asdict(model.preparation))
    for name, value in _flat(asdict(model.domain)):
        yield f"domain {name}", value


def _of_readings(assessment: RoiAssessment) -> Iterator[tuple[str, Any]]:
    """Give the version and checksum of the models whose scores stand beside."""
    for model in assessment.reading_models:
        if model.name != assessment.score_model.name:
            yield f"reading {model.name}", f"{model.version}, sha256 {model.sha256}"


def _of_repetitions(assessment: RoiAssessment) -> Iterator[tuple[str, Any]]:
    shuffled, sensitivity = assessment.shuffled, assessment.sensitivity
    if shuffled is not None:
        yield "shuffled repetitions", shuffled.repetitions
        yield "shuffled seed", shuffled.seed
    if sensitivity is not None:
        yield "sensitivity basis", sensitivity.basis
        for name, value in sensitivity.parts.items():
            yield f"sensitivity {name}", "none" if value is None else value


def _flat(choices: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Give what is chosen; None and what is empty are no choice."""
    for name, value in choices.items():
        if isinstance(value, Mapping):
            yield from ((f"{name} {inner}", found) for inner, found in _flat(value))
        elif value is not None and value not in ("", ()):
            yield name, value


def _plain(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(_plain(each) for each in value)
    return str(value.value if isinstance(value, Enum) else value)
