"""The repeatability of every feature as a table, and which are kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from model.features.feature import CT
from model.learning.estimate import Assessed, NotAssessable
from model.learning.repeatability.assessment import (
    Repeatability,
    assess_repeatability,
)
from model.learning.repeatability.bias import Agreement
from model.learning.repeatability.keeping import (
    CCC_CT,
    CCC_PET,
    DecidedOn,
    KeepRule,
    Verdict,
    verdict,
)
from node.learning.repeatability.pairing import Paired
from node.learning.repeatability.rows import full_name

KEPT, NOT_KEPT = "yes", "no"
COLUMNS: Mapping[str, str] = {
    "feature": "Name in the catalogue.",
    "modality": "PET or CT.",
    "pairs": "Subjects with the feature in all repeats.",
    "ccc": "Lin's concordance correlation coefficient; Barnhart's of more repeats.",
    "low": "Lower limit of its 95 % interval.",
    "high": "Upper limit.",
    "icc": "Intraclass correlation ICC(1,1).",
    "wcv_percent": "Within-subject coefficient of variation, per cent.",
    "repeatability_coefficient": "2.77 within-subject standard deviations.",
    "bias": "Mean of retest less test.",
    "kept": "yes or no.",
    "why": "What decided, or why nothing can be said.",
    "family": "Group of features.",
    "repeats": "Measurements of each subject.",
    "threshold": "Of the CCC.",
    "icc_low": "Limits of the ICC's interval.",
    "icc_high": "",
    "icc_a_1": "ICC(2,1) = ICC(A,1), absolute agreement, and its limits.",
    "icc_a_1_low": "",
    "icc_a_1_high": "",
    "within_sd": "Within-subject standard deviation, in the feature's unit.",
    "within_sd_low": "",
    "within_sd_high": "",
    "wcv_low": "Limits of wcv_percent.",
    "wcv_high": "",
    "repeatability_coefficient_low": "Limits of the repeatability coefficient.",
    "repeatability_coefficient_high": "",
    "bias_low": "Limits of the bias.",
    "bias_high": "",
    "agreement_low": "Limits of agreement.",
    "agreement_high": "",
}
"""Columns of repeatability.csv, and what they hold."""

_FAMILIES = {
    "direct": "Intensity direct",
    "histogram": "Intensity histogram",
    "shape": "Shape",
    "glcm": "GLCM",
    "glrlm": "GLRLM",
    "morph": "Morphology",
    "loc": "Local intensity",
    "stat": "Statistics",
    "ih": "Intensity histogram",
    "ivh": "Intensity-volume histogram",
    "cm": "GLCM",
    "rlm": "GLRLM",
}


@dataclass(frozen=True)
class Thresholds:
    """When features are kept.

    Attributes
    ----------
    pet, ct : float
    on : DecidedOn
    """

    pet: float = CCC_PET
    ct: float = CCC_CT
    on: DecidedOn = DecidedOn.ESTIMATE

    def rule(self, modality: str) -> KeepRule:
        """Return the rule of a modality."""
        return KeepRule(self.ct if modality == CT else self.pet, self.on)


def assessed(paired: Sequence[Paired], thresholds: Thresholds) -> pd.DataFrame:
    """Return a row for each feature of each modality, with `COLUMNS`.

    Parameters
    ----------
    paired : sequence of Paired
    thresholds : Thresholds
    """
    rows = [
        _row(each, feature, thresholds.rule(each.modality))
        for each in paired
        for feature in each.measurements
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def kept_rows(results: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that are kept, with the name that other tables give a feature."""
    kept = results[results["kept"] == KEPT]
    names = [
        full_name(feature, modality)
        for feature, modality in zip(kept["feature"], kept["modality"], strict=True)
    ]
    columns = [
        "feature",
        "modality",
        "pairs",
        "ccc",
        "low",
        "high",
        "repeatability_coefficient",
        "why",
    ]
    found = kept[columns].reset_index(drop=True)
    found.insert(0, "name", pd.Series(names, dtype=object))
    return found


def family_of(feature: str) -> str:
    """Return the group of features that a name begins with."""
    return _FAMILIES.get(feature.partition("_")[0], "Other")


def _row(paired: Paired, feature: str, rule: KeepRule) -> dict[str, Any]:
    found = assess_repeatability(paired.complete(feature))
    decided = verdict(found.concordance, rule)
    return {
        "feature": feature,
        "modality": paired.modality,
        "pairs": found.subjects,
        "repeats": len(paired.repeats),
        "family": family_of(feature),
        "threshold": rule.threshold,
        "kept": KEPT if decided.kept else NOT_KEPT,
        "why": _why(paired, found, decided),
        **_interval("ccc", found.concordance, ("low", "high")),
        **_interval("icc", found.icc_one_way),
        **_interval("icc_a_1", found.icc_agreement),
        **_interval("within_sd", found.within_deviation),
        **_interval("wcv_percent", found.variation_percent, ("wcv_low", "wcv_high")),
        **_interval("repeatability_coefficient", found.coefficient),
        **_agreement(found.agreement),
    }


def _why(paired: Paired, found: Repeatability, decided: Verdict) -> str:
    notes = [decided.why]
    undefined = len(paired.subjects) - found.subjects
    if undefined:
        notes.append(f"undefined in {undefined} of {len(paired.subjects)} subjects")
    variation = found.variation_percent
    if isinstance(variation, NotAssessable) and "undefined" in variation.why:
        notes.append("no CV, as the feature is not of one sign")
    return "; ".join(notes)


def _interval(
    name: str, found: Assessed, limits: tuple[str, str] | None = None
) -> dict[str, float | None]:
    low, high = limits or (f"{name}_low", f"{name}_high")
    if isinstance(found, NotAssessable):
        return {name: None, low: None, high: None}
    return {name: found.value, low: found.low, high: found.high}


def _agreement(found: Agreement | NotAssessable) -> dict[str, float | None]:
    if isinstance(found, NotAssessable):
        nothing = dict.fromkeys(("agreement_low", "agreement_high"))
        return {**_interval("bias", found), **nothing}
    return {
        **_interval("bias", found.bias),
        "agreement_low": found.low,
        "agreement_high": found.high,
    }
