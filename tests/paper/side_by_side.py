"""The paper's numbers and ours, beside each other.

Those of the paper are of mice and of an unknown reading of its texture; ours are of
phantoms. They stand side by side to show that the same things were done, and are not
to agree.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.paper.study import Study

NONE = "none"


@dataclass(frozen=True)
class Beside:
    """A quantity of the study.

    Attributes
    ----------
    quantity, paper, ours : str
    """

    quantity: str
    paper: str
    ours: str


_LASSO = {
    "early": "PET Contrast, Homogeneity2, two kurtoses; CT SurfaceAreaDensity",
    "terminal": "PET InverseVariance",
    "early_to_terminal": "PET Homogeneity2, two kurtoses",
    "mfi": "PET InverseVariance; CT Compactness2, ConvexHullVolume3D",
}
_EQUATION = (
    "1.485 - 297.597 InverseVariance + 178.689 Homogeneity2 + 1.088 Kurtosis(histogram)"
)


def side_by_side(study: Study) -> tuple[Beside, ...]:
    """Return what the paper found and what came of the phantoms."""
    return tuple(_rows(study))


def _rows(study: Study) -> Iterator[Beside]:
    kept = study.done["repeatability"].summary["modalities"]["PET"]
    yield Beside(
        "PET features kept (CCC above 0.65)",
        "9 of 61 (RIDER phantom)",
        f"{kept['kept']} of {kept['features']} (retested phantoms)",
    )
    selected = study.done["train"].summary["selected"]
    for readout, paper in _LASSO.items():
        ours = ", ".join(selected.get(readout, ())) or NONE
        yield Beside(f"LASSO, {readout}", paper, ours)
    yield Beside("Model", _EQUATION, _equation(study))
    yield from _training(study)
    yield from _performance(study)
    yield Beside(
        "Terminal exhaustion after 20 Gy",
        "flat to D3, 69-76 % on D7-D14, then lower",
        _course(study, "terminal"),
    )
    yield Beside(
        "CD8+ infiltration after 20 Gy",
        "up on D3-D14, below baseline on D21",
        _course(study, "T cells CD8"),
    )
    yield Beside("Window for ICI", "D3-D7 after irradiation", _window(study))


def _training(study: Study) -> Iterator[Beside]:
    first = study.done["train"].summary["more_than_volume_and_day"]
    for key, name, paper in (
        ("c_index", "C-index", "0.818"),
        ("brier_score", "Brier score", "0.156"),
    ):
        ours = f"{told(first[key]['texture'])}, selection inside cross-validation"
        yield Beside(f"{name}, training (ICI)", paper, ours)
    yield Beside("More than volume and day?", "not told", first["text"])


def _performance(study: Study) -> Iterator[Beside]:
    names = {"c_index": ("C-index", "0.776"), "brier_score": ("Brier score", "0.111")}
    for key, (name, paper) in names.items():
        for which, of in (("ours", "trained model"), ("published", "published model")):
            done = study.done.get(f"validate-{which}")
            ours = NONE if done is None else told(done.summary["performance"][key])
            yield Beside(
                f"{name}, validation (RT), {of}",
                paper if which == "ours" else "",
                ours,
            )
    refused = study.done["calibrate-published"].summary["refused"]
    yield Beside(
        "Published model on these labels", "", refused or "recalibrated; see its report"
    )


def _equation(study: Study) -> str:
    model = study.model
    if model is None:
        return NONE
    terms = [f"{value:+.4g} {name}" for name, value in model.coefficients.items()]
    return " ".join([f"{model.intercept:.4g}", *terms])


def _course(study: Study, measure: str) -> str:
    """Return the means of a measure by day, in per cent."""
    done = study.done.get("cohort")
    if done is None:
        return NONE
    means = {
        point["day"]: point["mean"]
        for found in done.summary["measures"]
        if found["name"] == measure
        for course in found["courses"].values()
        for point in course
    }
    return ", ".join(f"D{day:g} {100 * mean:.0f} %" for day, mean in means.items())


def _window(study: Study) -> str:
    done = study.done.get("cohort")
    if done is None:
        return NONE
    groups = done.summary["window"]["groups"]
    return "; ".join(group["sentence"] for group in groups) or NONE


def told(number: Mapping[str, Any]) -> str:
    """Return a number with its interval, or why there is none."""
    if number["value"] is None:
        return str(number["why"])
    text = f"{number['value']:.3f}"
    if number["low"] is None:
        return text
    return f"{text} ({number['low']:.3f} to {number['high']:.3f})"
