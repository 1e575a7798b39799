"""Results of the node as rows of features: documents of ``score --json``, the ledger.

A row is a result, under the names of `node.learning.tables.feature_columns`.
"""

import json
import math
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import pandas as pd

from node.learning.tables.feature_columns import NUMBERS, TEXTS
from node.learning.tables.joined import SourceFile
from node.learning.tables.mistake import TableError
from node.learning.tables.read_table import ReadTable, completed
from node.learning.tables.text_file import TextFile

_STATISTICS = ("min", "mean", "max", "sd")
_REMEDY = "Write it again by `exhaustion-node score DIR --json`"
_TEXT_KEYS = (
    "study_instance_uid",
    "patient_id",
    "animal_id",
    "roi",
    "score_model",
    "score_model_version",
    "score_model_sha256",
)


def is_document(file: TextFile) -> bool:
    """Return whether a text is meant as JSON."""
    return file.text.lstrip()[:1] in {"{", "["}


def read_score_document(file: TextFile) -> ReadTable:
    """Return the results of a document of ``score --json``.

    Raises
    ------
    TableError
        When it is no such document, or has no result.
    """
    try:
        document = json.loads(file.text)
    except (ValueError, RecursionError) as error:
        where = f" (line {error.lineno})" if hasattr(error, "lineno") else ""
        fact = f"it is no JSON that can be read{where}"
        raise TableError.of(file.name, fact, _REMEDY) from error
    results = document.get("results") if isinstance(document, dict) else None
    if not isinstance(results, list):
        fact = "it is no document of `score --json`: it has no list `results`"
        remedy = "Of features alone, read the table that `features --table` writes"
        raise TableError.of(file.name, fact, remedy)
    if not results:
        raise TableError.of(file.name, "it holds no result", "Leave it out")
    source = SourceFile(file.name, "features", file.sha256, len(results), 0)
    return results_as_table(source, enumerate(results, 1))


def results_as_table(
    source: SourceFile, results: Iterable[tuple[int | None, Any]]
) -> ReadTable:
    """Return results as a table.

    Parameters
    ----------
    source : SourceFile
    results : iterable of (int or None, Any)
        Number of the result, and itself, as `node.case.report` writes it.

    Raises
    ------
    TableError
        When one is not as the node writes them.
    """
    rows: list[dict[str, Any]] = []
    features: set[str] = set()
    readings: set[str] = set()
    for number, result in results:
        try:
            row = _row(result)
            measured = _numbers(result.get("features", {}))
            read = _numbers(result.get("readings", {}))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            fact = "a result is not as `score --json` writes it"
            raise TableError.of(source.name, fact, _REMEDY, row=number) from error
        features |= set(measured)
        readings |= set(read)
        place = {"file": source.name, "row": number}
        rows.append({**place, **row, **measured, **read})
    frame = pd.DataFrame(rows, dtype=object)
    names, others = sorted(features), sorted(readings)
    return ReadTable(
        source=source,
        frame=completed(frame, TEXTS, (*NUMBERS, *names, *others)),
        columns=tuple(names),
        readings=tuple(others),
    )


def _row(result: Mapping[str, Any]) -> dict[str, Any]:
    texts = {key: _text(result.get(key)) for key in _TEXT_KEYS}
    around = dict(result.get("circumstances") or {})
    scan = dict(result.get("acquisition") or {})
    suv = dict(result.get("suv") or {})
    stated = {**around, **scan}
    if stated.get("scanned_on"):
        # A day that is none is found here, not where days are counted.
        date.fromisoformat(_text(stated["scanned_on"]))
    model = f"{texts['score_model']}-{texts['score_model_version']}"
    return {
        "animal": texts["animal_id"] or texts["patient_id"],
        "study_instance_uid": texts["study_instance_uid"],
        "patient_id": texts["patient_id"],
        "roi": texts["roi"],
        "modality": "PET",
        "voxels": _number(result["voxels"]),
        "profile": model,
        "profile_sha256": texts["score_model_sha256"],
        "score": _number(result.get("score")),
        "score_model": model,
        "volume_ml": _number(suv.get("volume_ml")),
        **{f"suv_{name}": _number(suv.get(name)) for name in _STATISTICS},
        **{name: _text(stated.get(name)) for name in TEXTS if name in stated},
        **{
            name: _number(stated.get(name))
            for name in ("uptake_min", "voxel_mm", "slice_mm")
        },
    }


def _numbers(found: Mapping[str, Any]) -> dict[str, float | None]:
    return {str(name): _number(value) for name, value in found.items()}


def _number(value: Any) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError
    if not math.isfinite(value):
        raise ValueError
    return float(value)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise TypeError
    return value
