"""Measurements of the same subjects again and again, from whatever source.

A row is one region of one subject on one image. Columns of `RepeatedRows.frame`:

============ ==========================================================================
subject      str; an animal, a patient, a phantom
roi          str; empty where there is none
modality     str; ``PET`` or ``CT``
repeat       int; 1 is the test, 2 the retest, and so on
file         str; the table or folder that it comes from
row          float; as a spreadsheet counts it, NaN of a study
image        str; what was measured, where that is known
============ ==========================================================================

and a float column for each feature, by its name in the catalogue without ``CT_``; NaN
where it is undefined.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from model.features.feature import CT, PET
from node.learning.tables.design import key_of_animal
from node.learning.tables.feature_columns import CT_PREFIX
from node.learning.tables.joined import Finding, SourceFile

MODALITIES = (PET, CT)
_SPELT = ("subject", "roi")
KEYS = ("subject", "roi", "modality", "repeat", "file", "row", "image")


@dataclass(frozen=True, eq=False)
class RepeatedRows:
    """Rows, and what is to be said of where they come from.

    Attributes
    ----------
    frame : pandas.DataFrame
        As the module says.
    features : tuple of str
        Its columns that are features, in the order of the source.
    findings : tuple of Finding
    sources : tuple of SourceFile
    statements : tuple of str
        What must be said of the reading.
    profiles : mapping of str to str
        How the features were prepared: name to checksum.
    held : tuple of dict
        Studies that could not be measured, as `node.records.cases.Held` has it.
    """

    frame: pd.DataFrame
    features: tuple[str, ...]
    findings: tuple[Finding, ...] = ()
    sources: tuple[SourceFile, ...] = ()
    statements: tuple[str, ...] = ()
    profiles: Mapping[str, str] = field(default_factory=dict)
    held: tuple[Mapping[str, str | None], ...] = ()


def with_one_spelling(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows whose subjects and regions are written as they first were.

    Case makes no other animal, here as in all tables.

    Parameters
    ----------
    rows : pandas.DataFrame
        With `subject` and `roi`.
    """
    return rows.assign(**{name: _one_spelling(rows[name]) for name in _SPELT})


def _one_spelling(names: pd.Series) -> pd.Series:
    first: dict[str, str] = {}
    return names.map(lambda name: first.setdefault(key_of_animal(name), name))


def full_name(feature: str, modality: str) -> str:
    """Return a feature's name in tables of both modalities: ``CT_`` before CT's."""
    return f"{CT_PREFIX}{feature}" if modality == CT else feature
