"""The report of a training: whether it is more than volume and day, first."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import numpy as np

from model.learning.estimate import Assessed, NotAssessable
from model.learning.training.left_out import LeftOut
from model.page.charts.training import (
    Contender,
    Path,
    comparison_picture,
    frequency_picture,
    path_picture,
    permutation_picture,
)
from model.page.document import (
    Block,
    Column,
    Document,
    Figure,
    Notice,
    Paragraph,
    Points,
    Section,
    Table,
    Weight,
)
from model.score.score_model import ScoreModel
from node.learning.report.model_card import model_card
from node.learning.report.reporting_items import items_for
from node.learning.report.writing import data_section, settings_section, software
from node.learning.training.model import NoModel
from node.learning.training.run import Training
from node.learning.training.tables import (
    frequencies_frame,
    selection_of,
    standardised_path,
)
from node.learning.training.words import (
    CONTENDERS,
    INTERVAL,
    LEFT_OUT,
    QUESTION,
    SHOWN,
    counts_text,
    estimate_of,
    folds_text,
    notes_of,
    parameters_text,
    permutation_text,
    verdict_of,
    verdict_text,
)
from node.learning.validation.words import (
    assessed_text,
    number_text,
    numbers_table,
)

_MOST_SHOWN = 25
"""Features in the figure of frequencies; the table beside the report has all."""


def training_document(
    training: Training,
    model: ScoreModel | NoModel,
    options: Mapping[str, Any],
    made_at: datetime,
) -> Document:
    """Return the report.

    Parameters
    ----------
    training : Training
    model : ScoreModel or NoModel
        As it was written, with its checksum.
    options : mapping of str to Any
        As they were typed.
    made_at : datetime
        Timezone-aware.
    """
    asked = training.options
    card = [] if isinstance(model, NoModel) else [model_card(model)]
    return Document(
        title=f"Training of {asked.name} {asked.version}",
        subtitle=f"label: {asked.label} above {training.final.cut_off:.6g}, its median",
        summary=list(_summary(training, model)),
        sections=[
            _more_than_volume(training),
            _performance(training),
            _selection(training),
            _fit(training),
            data_section(training.rows.table),
            _candidates(training),
            *card,
            settings_section(options, asked.seed),
            items_for("train"),
        ],
        made_by=software(),
        made_at=made_at.isoformat(timespec="seconds"),
        keywords=("training", "LASSO", "Firth", "cross-validation"),
    )


def _summary(training: Training, model: ScoreModel | NoModel) -> Iterator[Block]:
    certain = verdict_of(training) == SHOWN
    yield Notice(verdict_text(training), Weight.NOTE if certain else Weight.WARNING)
    if isinstance(model, NoModel):
        yield Notice(f"No model file was written: {model.detail}.")
    else:
        terms = ", ".join(training.chosen)
        yield Paragraph(
            f"The model {model.name} {model.version} scores {terms}; its file is "
            f"{training.options.file_name}."
        )
    yield Points(
        [
            permutation_text(training.permutations),
            counts_text(training),
            parameters_text(training),
            folds_text(training),
            *notes_of(training),
        ]
    )


def _more_than_volume(training: Training) -> Section:
    increment = training.increment
    shown = [
        (CONTENDERS.get(name, name), number)
        for name, number in training.c_index.items()
    ]
    rows = [
        [
            CONTENDERS.get(name, name),
            assessed_text(training.c_index[name]),
            assessed_text(training.brier[name]),
        ]
        for name in training.c_index
    ]
    rows.append(
        [
            "gained by texture over the baseline",
            assessed_text(increment.c_index),
            assessed_text(increment.brier),
        ]
    )
    head = [Column("Model"), Column("C-index"), Column("Brier score")]
    blocks: list[Block] = [
        Paragraph(
            "All models were fitted and tested on the same folds. The baseline is "
            "Firth's logistic regression on the logarithm of the volume, SUVmean, day "
            "and tumour model, as far as the tables state them."
        ),
        *_comparison(shown),
        Table(head, rows, "Cross-validated, 95 % interval"),
        Points(list(_tests(training))),
    ]
    for column, title in LEFT_OUT.items():
        blocks += _left_out(title, training.left_out[column])
    return Section(QUESTION, blocks)


def _comparison(shown: list[tuple[str, Assessed]]) -> Iterator[Block]:
    contenders = [
        Contender(name, found.value, found.low, found.high)
        for name, number in shown
        for found in [estimate_of(number)]
        if found is not None
    ]
    if not contenders:
        return
    told = "; ".join(f"{each.name} {each.value:.2f}" for each in contenders)
    yield Figure(
        comparison_picture(contenders),
        "C-index of texture, of plain knowledge, and of both, with 95 % intervals.",
        f"C-indices in cross-validation: {told}.",
    )


def _tests(training: Training) -> Iterator[str]:
    increment = training.increment
    yield (
        f"Penalised likelihood ratio test of the cross-validated texture score beside "
        f"the baseline: {_p(increment.p_cross_validated)}. The score of a scan is by "
        f"fits that had not seen it; the test is still a little too confident "
        f"(Hoefling and Tibshirani 2008)."
    )
    yield (
        f"The same test of the selected features on the rows that selected them: "
        f"{_p(increment.p_after_selection)}. It is too small by the selection, and is "
        f"told for comparison only."
    )
    yield INTERVAL


def _p(value: float | None) -> str:
    return "not assessable" if value is None else f"P = {value:.3g}"


def _left_out(title: str, found: tuple[LeftOut, ...] | NotAssessable) -> list[Block]:
    opening = f"Leave-one-{title.replace(' ', '-')}-out"
    if isinstance(found, NotAssessable):
        return [Paragraph(f"{opening}: {found.why}.")]
    rows = [
        [
            each.name,
            str(each.tested),
            assessed_text(each.texture),
            assessed_text(each.baseline),
        ]
        for each in found
    ]
    head = [
        Column(title.capitalize()),
        Column("Scans", numeric=True),
        Column("C-index of texture"),
        Column("of the baseline"),
    ]
    caption = f"{opening}: each is foretold by the others"
    return [Table(head, rows, caption)]


def _performance(training: Training) -> Section:
    corrected = numbers_table(
        training.corrected,
        "Optimism-corrected: the whole recipe on bootstrap samples of groups",
    )
    apparent = "; ".join(
        f"{name.replace('_', ' ')} {number_text(value)}"
        for name, value in training.apparent.items()
        if np.isfinite(value)
    )
    blocks: list[Block] = [
        Paragraph(folds_text(training)),
        corrected,
        Paragraph(
            f"Apparent, on the rows of the fit, and therefore too good: {apparent}."
        ),
        Paragraph(permutation_text(training.permutations)),
    ]
    found = training.permutations
    if not isinstance(found, NotAssessable):
        drawn = [each.c_index for each in found.drawn]
        blocks.append(
            Figure(
                permutation_picture(drawn, found.observed.c_index),
                "The whole recipe, cross-validated with the readouts of whole groups "
                "exchanged.",
                f"Histogram of {len(drawn)} C-indices with permuted readouts; the "
                f"observed one is {found.observed.c_index:.2f}.",
            )
        )
    return Section("What it is worth on animals that it has not seen", blocks)


def _selection(training: Training) -> Section:
    blocks: list[Block] = []
    for readout in training.rows.data.readouts:
        found = selection_of(training, readout)
        if found is None:
            continue
        selection, names = found
        path = Path(
            title=f"LASSO of {readout}",
            names=names,
            penalties=selection.penalties,
            coefficients=standardised_path(training, readout),
            errors=selection.errors,
            standard_errors=selection.standard_errors,
            penalty=selection.penalty,
        )
        chosen = ", ".join(names[at] for at in selection.selected) or "no feature"
        caption = f"LASSO of {readout}: it selects {chosen}."
        blocks.append(Figure(path_picture(path), caption, caption))
    return Section("Selection", [*blocks, *_frequencies(training)])


def _frequencies(training: Training) -> Iterator[Block]:
    frame = frequencies_frame(training).head(_MOST_SHOWN)
    series = [str(name) for name in training.frequency]
    if not series:
        return
    values = {name: frame[name].tolist() for name in [*series, "model"]}
    names = frame["feature"].tolist()
    yield Figure(
        frequency_picture(names, values),
        "How often features are selected: by each readout's LASSO on subsamples of "
        "groups, and into the model on bootstrap samples.",
        f"Most often in the model: {', '.join(names[:5])}.",
    )


def _fit(training: Training) -> Section:
    fit = training.final.fit
    if fit is None:
        text = "The model is empty: it foretells the share of label 1 for every scan."
        return Section("The model", [Notice(text, Weight.NOTE)])
    numbers = (fit.intercept, *fit.coefficients)
    rows = [
        [term, f"{number:.6g}", f"{error:.3g}"]
        for term, number, error in zip(
            ("intercept", *training.chosen), numbers, fit.standard_errors, strict=True
        )
    ]
    head = [
        Column("Term"),
        Column("Coefficient, raw units", numeric=True),
        Column("Standard error", numeric=True),
    ]
    caption = "Standard errors know nothing of the selection, and are too small"
    return Section(
        "The model", [Paragraph(parameters_text(training)), Table(head, rows, caption)]
    )


def _candidates(training: Training) -> Section:
    out = [each for each in training.rows.candidates if each.why_not]
    text = (
        f"{len(training.rows.names)} of {len(training.rows.candidates)} features took "
        f"part. None of the reasons looks at a readout."
    )
    blocks: list[Block] = [Paragraph(text)]
    if out:
        head = [Column("Feature"), Column("Why it did not take part")]
        blocks.append(Table(head, [[each.name, each.why_not] for each in out]))
    return Section("Candidates", blocks)
