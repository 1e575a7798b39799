"""The summary of a training, for programs."""

from collections.abc import Iterator, Sequence
from typing import Any

from model.learning.estimate import Assessed, NotAssessable
from model.learning.training.left_out import LeftOut
from model.score.score_model import ScoreModel
from node.learning.training.model import NoModel
from node.learning.training.run import Training
from node.learning.training.words import (
    QUESTION,
    events_of,
    events_per_parameter,
    verdict_of,
    verdict_text,
)
from node.learning.validation.words import assessed_data


def training_summary(training: Training, model: ScoreModel | NoModel) -> dict[str, Any]:
    """Return what the report says; the most important first."""
    return {
        "more_than_volume_and_day": _answer(training),
        "model": _model(training, model),
        "refused": [vars(model)] if isinstance(model, NoModel) else [],
        "permutation": _permutation(training),
        "cross_validation": _cross_validation(training),
        "optimism_corrected": {
            name: {
                "apparent": training.apparent[name],
                "corrected": assessed_data(number),
            }
            for name, number in training.corrected.items()
        },
        "label": str(training.options.label),
        "cut_off": training.final.cut_off,
        **_made_from(training),
        **_chosen(training),
        "seed": training.options.seed,
        "findings": len(training.rows.table.findings) + len(training.rows.left_out),
    }


def _answer(training: Training) -> dict[str, Any]:
    """Return whether texture is more than volume and day."""
    rows, increment = training.rows, training.increment
    return {
        "question": QUESTION,
        "verdict": verdict_of(training),
        "text": verdict_text(training),
        "baseline": list(rows.data.parts),
        "missing": dict(rows.baseline.missing),
        "c_index": _assessed(training.c_index),
        "brier_score": _assessed(training.brier),
        "increment": {
            "c_index": assessed_data(increment.c_index),
            "brier_score": assessed_data(increment.brier),
            "p_cross_validated": increment.p_cross_validated,
            "p_after_selection": increment.p_after_selection,
        },
        **{
            f"leave_one_{column}_out": _left_out(found)
            for column, found in training.left_out.items()
        },
    }


def _made_from(training: Training) -> dict[str, Any]:
    """Return how much there was to learn from."""
    rows = training.rows
    return {
        "animals": rows.animals,
        "groups": rows.data.group_count,
        "observations": rows.data.count,
        "events": events_of(training),
        "events_per_parameter": events_per_parameter(training),
        "readouts": [str(each) for each in rows.data.readouts],
        "candidates": len(rows.names),
    }


def _chosen(training: Training) -> dict[str, Any]:
    """Return which features were selected, by readout and in all."""
    rows, final = training.rows, training.final
    return {
        "selected": {
            str(readout): [rows.names[column] for column in final.selected(readout)]
            for readout in rows.data.readouts
        },
        "chosen": list(training.chosen),
        "crowded_out": [rows.names[column] for column in final.crowded_out],
    }


def _assessed(numbers: Any) -> dict[str, Any]:
    return {name: assessed_data(number) for name, number in numbers.items()}


def _left_out(found: Sequence[LeftOut] | NotAssessable) -> Any:
    if isinstance(found, NotAssessable):
        return {"why": found.why}
    return list(_each_left_out(found))


def _each_left_out(found: Sequence[LeftOut]) -> Iterator[dict[str, Any]]:
    for each in found:
        yield {
            "name": each.name,
            "fitted": each.fitted,
            "tested": each.tested,
            "texture": assessed_data(each.texture),
            "baseline": assessed_data(each.baseline),
        }


def _model(training: Training, model: ScoreModel | NoModel) -> dict[str, Any] | None:
    if isinstance(model, NoModel):
        return None
    return {
        "file": training.options.file_name,
        "name": model.name,
        "version": model.version,
        "sha256": model.sha256,
        "intercept": model.intercept,
        "coefficients": dict(model.coefficients),
    }


def _permutation(training: Training) -> dict[str, Any]:
    found = training.permutations
    if isinstance(found, NotAssessable):
        return {"p_value": None, "why": found.why}
    return {
        "p_value": found.p_value,
        "c_index": found.observed.c_index,
        "permutations": len(found.drawn),
        "rounds": training.options.judgement.permutation_repeats,
        "why": "",
    }


def _cross_validation(training: Training) -> dict[str, Any]:
    texture: dict[str, Assessed] = {
        "c_index": training.c_index["texture"],
        "brier_score": training.brier["texture"],
    }
    folds = training.folds
    return {
        **_assessed(texture),
        "rounds": len(training.rounds),
        "folds": len(folds),
        "folds_of_one_class": sum(not each.has_both_classes for each in folds),
        "folds_not_fitted": sum(each.unfitted for each in training.rounds),
        "empty_models": sum(not each.chosen for each in folds),
        "firth_instead": sum(each.fell_back for each in folds),
    }
