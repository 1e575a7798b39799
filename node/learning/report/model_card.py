"""A score model's card: what it is for, what not, from what, how well, within what.

Headings as in Mitchell M, Wu S, Zaldivar A, et al. Model Cards for Model Reporting.
FAT* 2019, doi 10.1145/3287560.3287596: details, intended use, factors, metrics,
evaluation data, training data, quantitative analyses, ethical considerations, caveats.

Design choice: a card says only what the model's file says. What the file leaves open is
told as not stated, so that a gap is seen.
"""

from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass
from enum import Enum

from model.page.document import (
    Block,
    Column,
    Notice,
    Paragraph,
    Points,
    Section,
    Table,
    Weight,
)
from model.score.domain import Domain, Span
from model.score.provenance import Performance, Provenance
from model.score.score_model import Calibration, ScoreModel

_NOT_STATED = "not stated"
_CALIBRATIONS = {
    Calibration.NONE: "none: the equation as published. It gives no probability and "
    "no class unless the configuration says that it may.",
    Calibration.SITE: "calibrated on this site's own labels",
    Calibration.TRAINED: "trained on this site's own data",
}
_NOT_FOR = (
    "Diagnosis, or any decision about a patient: for research use only.",
    "Decisions about a single animal: its score moves with noise and with the contour.",
    "Scanners, reconstructions, tracers, routes or species beyond the domain below.",
    "Causes: the score goes along with its label, and does not explain it.",
)
_FIELD, _VALUE = Column("Field"), Column("Value")


def model_card(model: ScoreModel) -> Section:
    """Return a model's card.

    Parameters
    ----------
    model : ScoreModel
        As it was read from its file, so that the checksum is the file's.
    """
    return Section(
        "Model card",
        [
            *_warnings(model),
            _details(model),
            _equation(model),
            Paragraph(
                "Intended use: to compare groups of animals and follow them over time. "
                "What it estimates from the texture of PET in contoured tumours: "
                f"{model.outcome}"
            ),
            Paragraph("Not for:"),
            Points(_NOT_FOR),
            *_training(model.provenance),
            *_performance(model.provenance),
            _domain(model),
            Paragraph("Limits:"),
            Points(list(_limits(model))),
            Paragraph("How to put it in service:"),
            Points(list(_service(model))),
        ],
    )


def _warnings(model: ScoreModel) -> list[Block]:
    if model.calibration is not Calibration.NONE:
        return []
    text = (
        "This model is uncalibrated on your scanner. Its score ranks at best; no "
        "probability and no class follow until it is calibrated on local labels."
    )
    return [Notice(text, Weight.WARNING)]


def _details(model: ScoreModel) -> Table:
    rows = [
        ("Name and version", f"{model.name} {model.version}"),
        ("Title", model.title),
        ("Type", "logistic model: probability = 1 / (1 + exp(-score))"),
        ("Calibration", _CALIBRATIONS[model.calibration]),
        ("Cut-off", f"class above a score of {_number(model.cut_off)}"),
        ("Reference", model.reference or _NOT_STATED),
        ("SHA-256 of its file", model.sha256 or _NOT_STATED),
    ]
    if model.provenance is not None:
        rows.extend(_method(model.provenance))
    return Table((_FIELD, _VALUE), rows, "Details")


def _method(made: Provenance) -> Iterator[tuple[str, str]]:
    yield "Made by", made.made_by
    yield "Method", made.method
    yield "Seed", "none" if made.seed is None else str(made.seed)
    if made.recalibration is not None:
        base = made.recalibration
        yield "Recalibrated from", f"{base.model} {base.version}, {base.sha256}"
        equation = f"{_number(base.intercept)} + {_number(base.slope)} x score"
        yield "Recalibration", equation


def _equation(model: ScoreModel) -> Table:
    rows = [("intercept", _number(model.intercept))]
    rows.extend((name, _number(value)) for name, value in model.coefficients.items())
    columns = (Column("Term"), Column("Coefficient, raw units", numeric=True))
    return Table(columns, rows, "Equation of the score")


def _training(made: Provenance | None) -> list[Block]:
    if made is None:
        text = "Training data: those of the publication; they are not at hand."
        return [Paragraph(text)]
    label = (
        f"Training data: {made.animals} animals, {made.observations} observations, "
        f"{made.events} of them events. The label is {made.label_readout} above "
        f"{_number(made.label_cut_off)}, the median of the data that it was cut on."
    )
    files = [(file.role, file.name, file.sha256) for file in made.data]
    columns = (Column("Role"), Column("File"), Column("SHA-256"))
    return [Paragraph(label), Table(columns, files, "Files that it was made from")]


def _performance(made: Provenance | None) -> list[Block]:
    if made is None or not made.performance:
        text = (
            "The model's file states no performance on this site's data: not assessed "
            "when it was made. The command validate measures it."
        )
        return [Notice(text, Weight.WARNING)]
    columns = (
        Column("Quantity"),
        Column("Setting"),
        Column("Value", numeric=True),
        Column("Interval", numeric=True),
        Column("Note"),
    )
    rows = [_performance_row(each) for each in made.performance]
    return [Table(columns, rows, "Performance")]


def _performance_row(shown: Performance) -> tuple[str, str, str, str, str]:
    value = "not assessable" if shown.value is None else f"{shown.value:.3f}"
    interval = "none"
    if shown.low is not None and shown.high is not None:
        interval = f"{shown.low:.3f} to {shown.high:.3f}"
    return shown.quantity, shown.setting, value, interval, shown.note


def _domain(model: ScoreModel) -> Table:
    rows = [
        *_domain_rows(model.domain),
        ("least number of voxels", str(model.minimum_voxels)),
        *(
            (f"{name}, range", _span(span))
            for name, span in model.domain.features.items()
        ),
        *_preparation_rows(model.preparation),
    ]
    return Table((_FIELD, _VALUE), rows, "Domain and preparation")


def _domain_rows(domain: Domain) -> Iterator[tuple[str, str]]:
    yield "tracers", _listed(domain.tracers)
    yield "species", _listed(domain.species)
    yield "routes", _listed(domain.routes)
    yield "uptake, min", _span(domain.uptake_min)
    yield "units of the image", domain.units or _NOT_STATED
    yield "voxel spacing, mm", _span(domain.voxel_mm)
    diameter = domain.minimum_diameter_mm
    yield "least diameter, mm", _NOT_STATED if diameter is None else _number(diameter)


def _preparation_rows(part: object, of: str = "") -> Iterator[tuple[str, str]]:
    """Return each choice of a preparation, with the part that it belongs to."""
    if not is_dataclass(part):
        return
    for field in fields(part):
        value = getattr(part, field.name)
        name = f"{of} {field.name}".strip().replace("_", " ")
        if is_dataclass(value):
            yield from _preparation_rows(value, name)
        elif value is not None:
            yield name, _choice(value)


def _choice(value: object) -> str:
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return _number(value) if isinstance(value, float) else str(value)


def _limits(model: ScoreModel) -> Iterator[str]:
    yield (
        f"A region of fewer than {model.minimum_voxels} voxels gets no score; small "
        "regions score differently by their size alone."
    )
    yield (
        "Beyond the domain, and above all beyond the features' ranges, a score is an "
        "extrapolation: it is shown with a warning, without probability."
    )
    if model.provenance is not None:
        if model.provenance.recalibration is not None:
            yield "A recalibration moves and stretches scores; it mends no ranking."
        yield from model.provenance.remarks


def _service(model: ScoreModel) -> Iterator[str]:
    yield (
        f"Copy its file {model.name}-{model.version}.toml into the folder score_models "
        "of the node's data folder, or into a folder of score.model_folders."
    )
    yield (
        f'Set model = "{model.name}-{model.version}" in the table [score] of the '
        "configuration, and run check-config."
    )
    yield (
        "Score a study that you know with exhaustion-node score, compare, and start "
        "the node anew. Results name model, version and checksum. What was scored "
        "before stays until it is replayed."
    )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) or _NOT_STATED


def _span(span: Span | None) -> str:
    return _NOT_STATED if span is None else f"{_number(span[0])} to {_number(span[1])}"


def _number(value: float) -> str:
    return f"{value:.6g}"
