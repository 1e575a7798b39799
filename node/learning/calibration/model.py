"""The score model that a calibration gives, with where it comes from."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from config.score_model_file import format_score_model
from config.score_models import load_score_model
from model.learning.recalibrated import Recalibrated
from model.learning.recalibration import RECOMMENDED_OF_EACH, RecalibrationFit
from model.score.provenance import EARLIER, DataFile, Provenance, Recalibration
from model.score.score_model import ScoreModel
from node.learning.calibration.domain import calibration_domain
from node.learning.calibration.run import After, Calibrated
from node.learning.made_model import (
    MadeModelNames,
    calibrated_model,
    calibrated_names,
    cohort_of,
    domain_of,
    write_made_model,
)
from node.learning.report.sections import software
from node.learning.validation.labels import MEDIAN_ORIGIN
from node.learning.validation.words import assessed_text, performance_of

BEFORE = "before calibration, on these rows"
AFTER = "after calibration, corrected for optimism by bootstrap"
_OF_MEDIAN = "the median of"
_LONGEST_NAME = 64
_SUFFIX = "-calibrated"


@dataclass(frozen=True)
class CalibratedNames:
    """What the calibrated model is called.

    Attributes
    ----------
    name : str or None
        That of the model with ``-calibrated`` behind it, without it.
    version : str
    """

    name: str | None
    version: str

    def name_of(self, base: ScoreModel) -> str:
        """Return the name, given the model that is calibrated."""
        return self.name or f"{base.name[: _LONGEST_NAME - len(_SUFFIX)]}{_SUFFIX}"


def model_of_calibration(
    found: Calibrated, fit: RecalibrationFit, after: After, names: CalibratedNames
) -> ScoreModel:
    """Return the calibrated model; it has a checksum once it is written.

    Parameters
    ----------
    found : Calibrated
    fit : RecalibrationFit
        Its.
    after : After
        Its.
    names : CalibratedNames
    """
    rows, base = found.rows, found.rows.model
    local = domain_of(rows.table, tuple(base.coefficients), rows.positions)
    model = calibrated_model(_names(found, names), base, _provenance(found, fit, after))
    return replace(model, domain=calibration_domain(base.domain, local))


def write_calibrated_model(model: ScoreModel, folder: Path) -> ScoreModel:
    """Write a model into a folder, unless it is there already; return it.

    Raises
    ------
    config.score_models.ScoreModelError
        When another model is there under its name, or it cannot be written.
    """
    path = folder / f"{model.name}-{model.version}.toml"
    if path.is_file() and path.read_bytes() == _bytes_of(model, path):
        return load_score_model(path)
    return write_made_model(model, folder)


def remarks_on(found: Calibrated, fit: RecalibrationFit) -> tuple[str, ...]:
    """Return what a user of the calibrated model should know."""
    return tuple(_remarks(found, fit))


def _bytes_of(model: ScoreModel, path: Path) -> bytes:
    return format_score_model(model, str(path)).encode()


def _names(found: Calibrated, names: CalibratedNames) -> MadeModelNames:
    rule, rows = found.rule, found.rows
    made = calibrated_names(
        names.name_of(rows.model),
        names.version,
        cohort_of(rows.table, rows.positions),
        rule.readout,
        rule.cut_off,
    )
    if rule.origin == MEDIAN_ORIGIN:
        return made
    origin = f"{rule.origin}; calibrated on"
    return replace(made, outcome=made.outcome.replace(_OF_MEDIAN, origin, 1))


def _provenance(found: Calibrated, fit: RecalibrationFit, after: After) -> Provenance:
    rows, base = found.rows, found.rows.model
    what = "intercept" if fit.what is Recalibrated.INTERCEPT else "intercept and slope"
    return Provenance(
        made_by=software(),
        method=f"recalibration of {what} by {_likelihood(fit)}",
        seed=found.seed,
        animals=rows.animals,
        observations=len(rows.scores),
        events=int(found.labels.sum()),
        label_readout=str(found.rule.readout),
        label_cut_off=found.rule.cut_off,
        data=(
            *(
                DataFile(each.role, each.name, each.sha256)
                for each in rows.table.sources
            ),
            *_earlier_data(base),
        ),
        performance=(
            *performance_of(found.before, BEFORE),
            *performance_of(after.numbers, AFTER),
        ),
        recalibration=Recalibration(
            base.name,
            base.version,
            base.sha256,
            fit.intercept.value,
            fit.slope.value,
        ),
        remarks=remarks_on(found, fit),
    )


def _earlier_data(base: ScoreModel) -> Iterator[DataFile]:
    """Return the scans that a model was made from, as those of its calibration."""
    for file in () if base.provenance is None else base.provenance.data:
        if file.role in {"features", "ledger"}:
            yield replace(file, role=f"{EARLIER}{file.role}")
        elif file.role.startswith(EARLIER):
            yield file


def _likelihood(fit: RecalibrationFit) -> str:
    return "Firth's penalised likelihood" if fit.penalised else "maximum likelihood"


def _remarks(found: Calibrated, fit: RecalibrationFit) -> Sequence[str]:
    remarks = [
        f"Label: {found.rule.text}.",
        f"Intercept {assessed_text(fit.intercept)}.",
        f"Slope that the labels show: {assessed_text(fit.shown_slope)}.",
        "The ranking is that of the model before; no calibration repairs it.",
    ]
    if fit.penalised:
        remarks.append(
            "A threshold of the score separates the labels, so that maximum likelihood "
            "has no slope; Firth's penalty shrinks it to a finite one."
        )
    if fit.what is Recalibrated.INTERCEPT and not _includes_one(fit):
        remarks.append(
            "The slope that the labels show is not 1, so that probabilities stay too "
            "extreme or too flat: an intercept alone does not repair that."
        )
    seen = found.rows.labelled(found.labels)
    if min(seen.cases, seen.controls) < RECOMMENDED_OF_EACH:
        wanted = fit.wanted_labels
        more = "" if wanted is None else f"; about {wanted} labels like these would do"
        remarks.append(
            f"{seen.cases} and {seen.controls} of the two labels are fewer than the "
            f"{RECOMMENDED_OF_EACH} of each that are recommended{more}."
        )
    return remarks


def _includes_one(fit: RecalibrationFit) -> bool:
    low, high = fit.shown_slope.low, fit.shown_slope.high
    return (low is None or low <= 1) and (high is None or high >= 1)
