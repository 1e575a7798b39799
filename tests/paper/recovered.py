"""What of the truth was found; ``docs/paper.md`` says what counts."""

import csv
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from model.features.definitions import FEATURE_BY_NAME
from model.features.feature import Group
from tests.paper.scans import Scanned
from tests.paper.study import Study
from tests.paper.truth import Tumour

FOLLOWS = 0.5
"""Spearman's rho from which a quantity follows another."""
REPEATS = math.sqrt(0.65)
"""Rho with the truth from which a feature must repeat: no correlation exceeds the root
of a measurement's reliability, and 0.65 is the threshold of what is kept."""
OPEN_DAYS, SHUT_DAYS = frozenset({3.0}), frozenset({7.0, 14.0})


@dataclass(frozen=True)
class Finding:
    """A truth that was put in, and whether it was found.

    Attributes
    ----------
    truth : str
    found : bool
    evidence : str
    """

    truth: str
    found: bool
    evidence: str


def recovered(study: Study) -> tuple[Finding, ...]:
    """Return what of the truth was found."""
    return tuple(_findings(study))


def _findings(study: Study) -> Iterator[Finding]:
    yield _terms(study)
    yield _repeats(study)
    yield _increment(study)
    yield _score(study)
    yield _window(study)


def _terms(study: Study) -> Finding:
    truth = "texture follows exhaustion, shape does not"
    if study.model is None:
        return Finding(truth, found=False, evidence="no model was trained")
    table, tumours = features_of(study.groups["ici"])
    heterogeneity = [tumour.heterogeneity for tumour in tumours]
    follows = {
        name: _rho(table[name], heterogeneity) for name in study.model.coefficients
    }
    shapes = [name for name in follows if FEATURE_BY_NAME[name].group is Group.SHAPE]
    told = ", ".join(f"{name} {rho:+.2f}" for name, rho in follows.items())
    found = not shapes and all(abs(rho) >= FOLLOWS for rho in follows.values())
    return Finding(truth, found, f"rho with the heterogeneity put in: {told}")


def _repeats(study: Study) -> Finding:
    """Say whether what follows heterogeneity was kept, and noise was not."""
    kept = set(study.done["repeatability"].summary["kept"])
    table, tumours = features_of(study.groups["ici"])
    heterogeneity = [tumour.heterogeneity for tumour in tumours]
    follows = {
        name
        for name, values in table.items()
        if np.ptp(values) > 0 and abs(_rho(values, heterogeneity)) >= REPEATS
    }
    lost = sorted(follows - kept)
    evidence = (
        f"kept were {len(follows & kept)} of {len(follows)} features whose rho with "
        f"the heterogeneity put in is {REPEATS:.2f} or more"
    )
    if lost:
        evidence += f"; not {', '.join(lost)}"
    truth = "what follows the tumour repeats in a second scan"
    return Finding(truth, not lost, evidence)


def _increment(study: Study) -> Finding:
    """Say whether ``train`` itself found that it is more than volume and day."""
    first = study.done["train"].summary["more_than_volume_and_day"]
    gain = first["increment"]["c_index"]
    shown = gain["low"] is not None and gain["low"] > 0
    return Finding("more than volume and day", shown, str(first["text"]))


def _score(study: Study) -> Finding:
    truth = "the score means exhaustion, in animals that were not seen"
    truths = {
        scan.study_instance_uid: scan.tumour.terminal
        for scan in study.groups["rt"].scans
    }
    pairs = [
        (each["score"], truths[each["study_instance_uid"]])
        for each in study.scored
        if each["score"] is not None
    ]
    if not pairs:
        return Finding(truth, found=False, evidence="nothing was scored")
    scores, terminal = np.array(pairs).T
    rho = _rho(scores, terminal)
    evidence = f"rho with the true proportion {rho:+.2f} in {len(pairs)} scans"
    return Finding(truth, rho >= FOLLOWS, evidence)


def _window(study: Study) -> Finding:
    truth = "infiltration is up on day 3, before exhaustion"
    done = study.done.get("cohort")
    if done is None:
        return Finding(truth, found=False, evidence="no cohort was made")
    groups = done.summary["window"]["groups"]
    days = {
        day["day"]
        for group in groups
        for day in group.get("days", ())
        if day["in_window"]
    }
    told = "; ".join(str(group["sentence"]) for group in groups)
    found = days >= OPEN_DAYS and not days & SHUT_DAYS
    return Finding(truth, found, told or done.summary["window"]["why_none"])


def features_of(
    group: Scanned,
) -> tuple[Mapping[str, NDArray[np.float64]], Sequence[Tumour]]:
    """Return the features of a group's scans, and the tumour of each."""
    by_study = {scan.study_instance_uid: scan.tumour for scan in group.scans}
    rows = []
    for path in group.features:
        with path.open(encoding="utf-8", newline="") as file:
            rows += list(csv.DictReader(file))
    names = [name for name in rows[0] if name in FEATURE_BY_NAME]
    table = {
        name: np.array([float(row[name] or "nan") for row in rows]) for name in names
    }
    whole = {name: each for name, each in table.items() if np.isfinite(each).all()}
    return whole, [by_study[row["study_instance_uid"]] for row in rows]


def _rho(values: Sequence[float] | NDArray[np.float64], truth: object) -> float:
    return float(spearmanr(values, truth).statistic)
