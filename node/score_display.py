"""A score as people read it in a terminal, with all that it hangs on beside it."""

from collections.abc import Iterator, Mapping
from typing import Any

from rich.text import Text

_NO_INTERVAL = "sensitivity range, no confidence interval"
_BASES = {
    "perturbation": "contour moved by half a voxel, noise added",
    "replicates": "other reconstructions of the scan",
}


def score_rows(result: Mapping[str, Any]) -> Iterator[tuple[str, Text]]:
    """Give the name and the text of each line about the score.

    Parameters
    ----------
    result : mapping
        As `node.case.report.RoiResult.as_data` gives it; results of earlier versions
        lack some of it.
    """
    yield (
        "score",
        Text.assemble(
            (shown_number(result["score"], 4), "bold"),
            f"  {result['score_title']}, {result['score_model']}",
        ),
    )
    if result.get("terms"):
        yield "  made of", Text(_terms(result))
    sensitivity = result.get("sensitivity") or {}
    if sensitivity.get("low") is not None:
        yield "  between", Text(_range(sensitivity))
    if result.get("shuffled"):
        yield "  shuffled", Text(_shuffled(result["shuffled"]))
    yield "  readings", Text(_readings(result))
    if result["probability"] is not None:
        yield "probability", Text(shown_number(result["probability"], 3))


def _terms(result: Mapping[str, Any]) -> str:
    parts = [f"intercept {result['intercept']:+.4g}"]
    parts += [
        f"{term['feature']} {term['contribution']:+.4g}" for term in result["terms"]
    ]
    return "  ".join(parts)


def _range(sensitivity: Mapping[str, Any]) -> str:
    basis = _BASES.get(str(sensitivity.get("basis")), "")
    return (
        f"{shown_number(sensitivity['low'], 4)} and "
        f"{shown_number(sensitivity['high'], 4)}, shift "
        f"{shown_number(sensitivity['shift'], 3)}  ({_NO_INTERVAL}; {basis})"
    )


def _shuffled(shuffled: Mapping[str, Any]) -> str:
    return (
        f"{shown_number(shuffled['mean'], 4)} SD {shown_number(shuffled['sd'], 3)}"
        f"  (the same voxel values in {shuffled['repetitions']} random orders)"
    )


def _readings(result: Mapping[str, Any]) -> str:
    return "  ".join(
        f"{name} {shown_number(value, 4)}" for name, value in result["readings"].items()
    )


def shown_number(value: float | None, digits: int = 3) -> str:
    """Return a number with so many significant digits, or ``none``."""
    return "none" if value is None else f"{value:.{digits}g}"
