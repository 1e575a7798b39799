"""What a training shows on the terminal, the most important first."""

from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from model.score.score_model import ScoreModel
from node.learning.training.model import NoModel
from node.learning.training.run import Training
from node.learning.training.words import (
    CONTENDERS,
    SHOWN,
    counts_text,
    folds_text,
    notes_of,
    parameters_text,
    permutation_text,
    verdict_of,
    verdict_text,
)
from node.learning.validation.words import assessed_text


def print_training(
    page: Console, training: Training, model: ScoreModel | NoModel, out: Path
) -> None:
    """Print a training.

    Parameters
    ----------
    page : Console
    training : Training
    model : ScoreModel or NoModel
    out : Path
        Where its files are.
    """
    style = "bold green" if verdict_of(training) == SHOWN else "bold yellow"
    page.print(escape(verdict_text(training)), style=style)
    grid = Table(box=None)
    grid.add_column("cross-validated")
    grid.add_column("C-index (95 % interval)", overflow="fold")
    grid.add_column("Brier score", overflow="fold")
    for name, number in training.c_index.items():
        grid.add_row(
            CONTENDERS[name],
            escape(assessed_text(number)),
            escape(assessed_text(training.brier[name])),
        )
    page.print(grid)
    texts = (permutation_text(training.permutations), counts_text(training))
    for text in (*texts, parameters_text(training), folds_text(training)):
        page.print(escape(text))
    for note in notes_of(training):
        page.print(escape(note), style="dim")
    if isinstance(model, NoModel):
        page.print(escape(f"No model file: {model.detail}."), style="bold red")
    else:
        terms = " ".join(
            f"{value:+.6g} x {name}" for name, value in model.coefficients.items()
        )
        page.print(escape(f"score = {model.intercept:.6g} {terms}"))
        page.print(f"wrote {out / training.options.file_name}", soft_wrap=True)
    page.print(f"wrote {out / 'report.html'}", soft_wrap=True)
