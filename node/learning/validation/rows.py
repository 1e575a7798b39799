"""The rows of a joined table that a score model scores and flow cytometry labels.

Scores are made of a table's features exactly as the node makes them of a region's:
``intercept + sum of coefficient x feature``, refused below the model's least number of
voxels, with another tracer, and where a feature has no value.
"""

import math
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from config.refusal import RefusalError
from config.schema import Settings
from config.score_models import find_score_model, load_score_model
from model.learning.performance.observed import Observed, observed
from model.learning.readout import Readout
from model.score.domain import Circumstances
from model.score.domain_check import DomainFindings, Extent, check_stated
from model.score.score_model import ScoreModel
from node.learning.tables.joined import Finding, FindingKind, JoinedTable
from node.learning.tables.profile import profile_of
from node.learning.validation.groupings import ANIMAL


class ScoringError(RefusalError):
    """A table's rows cannot be scored by a model."""

    def __init__(self, fact: str, remedy: str) -> None:
        super().__init__(f"{fact}. {remedy}")


@dataclass(frozen=True, eq=False)
class ScoredRows:
    """Rows that have a score and a readout.

    Attributes
    ----------
    model : ScoreModel
    table : JoinedTable
    positions : ndarray of int
        Of the rows in the table's frame.
    scores : ndarray of float
    values : ndarray of float
        The readout.
    groups : ndarray of str
        What is not independent: animals, cages or batches.
    domain : tuple of DomainFindings
        How each row lies to the model's domain.
    left_out : tuple of Finding
        Rows without a score or a readout, and why.
    """

    model: ScoreModel
    table: JoinedTable
    positions: NDArray[np.intp]
    scores: NDArray[np.float64]
    values: NDArray[np.float64]
    groups: NDArray[np.object_]
    domain: tuple[DomainFindings, ...]
    left_out: tuple[Finding, ...]

    @property
    def frame(self) -> pd.DataFrame:
        """Return the rows, in the order of the scores."""
        return self.table.frame.iloc[self.positions]

    @property
    def features(self) -> NDArray[np.float64]:
        """Return the model's features, shape (rows, terms)."""
        columns = list(self.model.coefficients)
        return np.asarray(self.frame[columns].to_numpy(np.float64))

    @property
    def animals(self) -> int:
        """Return how many animals there are."""
        return int(self.frame["animal"].nunique())

    def labelled(self, labels: NDArray[np.bool_]) -> Observed:
        """Return the scores with labels and groups."""
        return observed(self.scores, labels, self.groups.astype(str))


def model_of(name: str, settings: Settings) -> ScoreModel:
    """Return the score model of ``--model``: a file, or a name.

    Raises
    ------
    config.score_models.ScoreModelError
    """
    path = Path(name)
    if path.suffix == ".toml" or path.is_file():
        return load_score_model(path)
    return find_score_model(name, settings.score_model_folders)


def require_preparation(
    table: JoinedTable, model: ScoreModel, settings: Settings
) -> None:
    """Refuse features that were not prepared as the model's are.

    Raises
    ------
    ScoringError
    node.learning.tables.mistake.TableError
        When the table does not say how its features were prepared.
    """
    missing = [name for name in model.coefficients if name not in table.features]
    if missing:
        named = ", ".join(missing)
        files = ", ".join(
            each.name for each in table.sources if each.role in ("features", "ledger")
        )
        fact = (
            f"{files or 'the tables'}: no column for {named}, which {model.name} is "
            f"made of, or no value in it"
        )
        raise ScoringError(fact, _remedy(model))
    # A profile of one's own may be the model's file itself, which no folder holds.
    if model.sha256 in table.profiles.values():
        return
    profile = profile_of(table, settings.score_model_folders)
    if profile.preparation != model.preparation:
        fact = (
            f"the features were prepared by profile {profile.name}, and those of "
            f"{model.name} {model.version} are prepared otherwise"
        )
        raise ScoringError(fact, _remedy(model))


def scored_rows(
    table: JoinedTable, model: ScoreModel, readout: Readout, grouping: str = ANIMAL
) -> ScoredRows:
    """Return the rows that have a score and a readout.

    Parameters
    ----------
    table : JoinedTable
        With the model's features, prepared as its are (`require_preparation`).
    model : ScoreModel
    readout : Readout
        Whose rows are labelled.
    grouping : str
        Of `GROUPINGS`.

    Raises
    ------
    ScoringError
        When a row does not say its cage or batch, or no row is left.
    """
    kept: list[int] = []
    scores: list[float] = []
    domain: list[DomainFindings] = []
    left_out: list[Finding] = []
    for position, row in enumerate(table.frame.to_dict("records")):
        found = _domain_of(row, model)
        why = found.refused or _why_not(row, model, readout)
        if why:
            left_out.append(_left_out(table, row, why))
            continue
        kept.append(position)
        scores.append(score_of(model, row))
        domain.append(found)
    positions = np.asarray(kept, np.intp)
    rows = table.frame.iloc[positions]
    _require_groups(table, rows, grouping, readout)
    return ScoredRows(
        model=model,
        table=table,
        positions=positions,
        scores=np.asarray(scores, np.float64),
        values=rows[str(readout)].to_numpy(np.float64),
        groups=rows[grouping].to_numpy(object),
        domain=tuple(domain),
        left_out=tuple(left_out),
    )


def score_of(model: ScoreModel, row: Mapping[Hashable, object]) -> float:
    """Return the score of a row, as `model.score.reading` makes it of a region."""
    terms = (
        coefficient * _number(row, name)
        for name, coefficient in model.coefficients.items()
    )
    return model.intercept + math.fsum(terms)


def left_out_of(rows: ScoredRows) -> dict[str, list[str]]:
    """Return why rows are left out, with whose they are."""
    reasons: dict[str, list[str]] = {}
    for finding in rows.left_out:
        who, _, why = finding.fact.partition(": ")
        reasons.setdefault(why, []).append(who)
    return reasons


def outside_of(rows: ScoredRows) -> dict[str, int]:
    """Return what of the rows lies outside the model's domain, with counts."""
    facts: dict[str, int] = {}
    for found in rows.domain:
        for what in _kinds(found):
            facts[what] = facts.get(what, 0) + 1
    return dict(sorted(facts.items(), key=lambda item: (-item[1], item[0])))


def _kinds(found: DomainFindings) -> Iterator[str]:
    """Return what differs, without each row's own number."""
    for fact in found.outside:
        subject, _, rest = fact.partition(" is ")
        _, _, accepted = rest.partition(", not ")
        yield f"{subject}: not {accepted}" if accepted else fact
    if found.small_mm is not None:
        yield "region: smaller than the least diameter of the model's domain"


def _domain_of(row: Mapping[Hashable, object], model: ScoreModel) -> DomainFindings:
    spacing_mm, volume_ml = _number(row, "voxel_mm"), _number(row, "volume_ml")
    uptake_min = _number(row, "uptake_min")
    stated = Circumstances(
        tracer=_text(row, "tracer"),
        route=_text(row, "route"),
        uptake_min=uptake_min if math.isfinite(uptake_min) else None,
    )
    extent = Extent(
        (spacing_mm,) if math.isfinite(spacing_mm) else (),
        volume_ml if math.isfinite(volume_ml) else None,
    )
    features = {name: _number(row, name) for name in model.domain.features}
    return check_stated(model.domain, stated, extent, features)


def _why_not(
    row: Mapping[Hashable, object], model: ScoreModel, readout: Readout
) -> str:
    """Return why a row is not used; empty where it is."""
    without = [n for n in model.coefficients if not math.isfinite(_number(row, n))]
    if without:
        return f"no value of {', '.join(without)}, and so no score"
    voxels = _number(row, "voxels")
    if voxels < model.minimum_voxels:
        return (
            f"{voxels:.0f} voxels; {model.name} scores {model.minimum_voxels} or more"
        )
    if not math.isfinite(_number(row, str(readout))):
        return f"no value of {readout}, and so no label"
    return ""


def _left_out(table: JoinedTable, row: Mapping[Hashable, object], why: str) -> Finding:
    roles = ("features", "ledger")
    files = [source.name for source in table.sources if source.role in roles]
    day = _number(row, "day")
    who = f"animal {row['animal']}"
    when = f", day {day:g}" if math.isfinite(day) else ""
    return Finding(
        FindingKind.EXCLUDED, ", ".join(files), None, "", f"{who}{when}: {why}"
    )


def _require_groups(
    table: JoinedTable, rows: pd.DataFrame, grouping: str, readout: Readout
) -> None:
    if rows.empty:
        fact = f"none of {len(table.frame)} rows has a score and a value of {readout}"
        remedy = (
            f"Add the flow cytometry of these animals and days (--flow), with the "
            f"column {readout}."
        )
        raise ScoringError(fact, remedy)
    names = rows[grouping]
    unnamed = rows[names.isna() | (names.astype(str).str.strip() == "")]
    if not unnamed.empty:
        animals: Sequence[str] = sorted(set(unnamed["animal"].astype(str)))
        fact = f"column {grouping} is empty for {', '.join(animals[:5])}"
        remedy = "Fill it in the design table, or group by animal."
        raise ScoringError(fact, remedy)


def _remedy(model: ScoreModel) -> str:
    return (
        f"Make the table again with `exhaustion-node features DIR --profile "
        f"{model.name} --table FILE`."
    )


def _number(row: Mapping[Hashable, object], column: str) -> float:
    value = row.get(column)
    return float(value) if isinstance(value, int | float | np.number) else math.nan


def _text(row: Mapping[Hashable, object], column: str) -> str | None:
    value = row.get(column)
    return value.strip() or None if isinstance(value, str) else None
