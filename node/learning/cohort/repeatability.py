"""How far a measure of an unchanged animal moves: where the coefficient is from.

Design choice: the coefficient of a score is derived from those of its features when it
was not given. How the features' errors go together is not in the table, so the sum of
weighted coefficients is taken, which is the largest that it could be (the standard
deviation of a sum is at most the sum of standard deviations). An arrow that is drawn
with it would be drawn with the true one, too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from config.score_model_file import ScoreModelError
from config.score_models import find_score_model
from node.learning.cohort.options import CohortError
from node.learning.repeatability.table import RepeatabilityTable, read_repeatability
from node.learning.tables.joined import JoinedTable


@dataclass(frozen=True)
class Coefficients:
    """Repeatability coefficients by measure, and where each is from, in words.

    Attributes
    ----------
    by_measure : mapping of str to float
    sources : mapping of str to str
        Also of scores that have none: why.
    """

    by_measure: Mapping[str, float] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)


def coefficients_of(
    table: JoinedTable,
    file: Path | None,
    given: Mapping[str, float],
    folders: Sequence[Path],
) -> Coefficients:
    """Return the coefficients that are known; those that were given come first.

    Parameters
    ----------
    table : JoinedTable
    file : Path or None
        repeatability.csv of ``repeatability``.
    given : mapping of str to float
        By measure, as typed.
    folders : sequence of Path
        With a site's own score models.

    Raises
    ------
    CohortError
        When a coefficient was given for a measure that the tables do not hold.
    node.learning.tables.mistake.TableError
        With everything that is wrong with the file.
    """
    strange = [name for name in given if name not in table.frame.columns]
    if strange:
        fact = (
            f"--repeatability-coefficient names {', '.join(strange)}, which the tables "
            f"do not hold"
        )
        raise CohortError(fact)
    by_measure = dict(given)
    sources = dict.fromkeys(given, "given by --repeatability-coefficient")
    if file is None:
        return Coefficients(by_measure, sources)
    read = read_repeatability(file)
    for name, value in read.coefficient.items():
        if name not in by_measure and name in table.frame.columns:
            by_measure[name], sources[name] = value, read.source.name
    for name, model in _score_models(table).items():
        if name not in by_measure:
            derived, source = _derived(model, read, folders)
            sources[name] = source
            if derived is not None:
                by_measure[name] = derived
    return Coefficients(by_measure, sources)


def _score_models(table: JoinedTable) -> dict[str, str]:
    """Return the model of each score: of `score` as its rows say, of a reading itself.

    A score of several models has no entry.
    """
    models = {name: name for name in table.readings}
    if "score_model" in table.frame and "score" in table.frame:
        column = table.frame.loc[table.frame["score"].notna(), "score_model"]
        named = column.replace("", None).dropna().unique()
        if len(named) == 1:
            models["score"] = str(named[0])
    return models


def _derived(
    name: str, read: RepeatabilityTable, folders: Sequence[Path]
) -> tuple[float | None, str]:
    try:
        model = find_score_model(name, folders)
    except ScoreModelError:
        return None, f"none: the score model {name} is not known here"
    missing = [each for each in model.coefficients if each not in read.coefficient]
    if missing:
        lacks = ", ".join(missing)
        return None, f"none: {read.source.name} has no coefficient of {lacks}"
    bound = sum(
        abs(weight) * read.coefficient[each]
        for each, weight in model.coefficients.items()
    )
    return bound, (
        f"upper bound from the features of {model.name} in {read.source.name}, which "
        f"must have been prepared as the model asks"
    )
