"""The one table that the modelling reads: a row is one scan of one region.

Columns of `frame` (those that no file gave are there, and empty):

==================== ==================================================================
animal               str; with `day` the key of the join
day                  float; day of the study
study_instance_uid   str
roi                  str
scanned_on           str, ISO date
tumour_model, group  str, of the design
irradiation_day      float, of the design; NaN where the animal was not irradiated
ici_day              float, first immune checkpoint inhibition; NaN without
cage, batch          str, of the design
tracer, route        str, of the image or of the design
radionuclide         str
species              str
scanner              str
reconstruction       str
series               str, Series Instance UID of the PET
scanned_at           str, ISO instant
uptake_min           float
voxel_mm             float, in-plane spacing of the PET
slice_mm             float, between slices of the PET
voxels               float
volume_ml            float
suv_min, suv_mean, suv_max, suv_sd  float, g/ml
early, terminal, early_to_terminal, mfi  float, flow cytometry (`Readout`)
score                float, of results that have one
score_model          str
==================== ==================================================================

and one float column for each name in `features`, `fractions` and `readings`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import pandas as pd


class FindingKind(StrEnum):
    """What became of a row."""

    UNMATCHED = "unmatched"
    """It has no partner in another table; the fact says whether it was left out."""
    DUPLICATE = "duplicate"
    """It says again what another row says, and was counted once."""
    EXCLUDED = "excluded"
    """A rule left it out, as CIBERSORTx fractions with P of 0.05 or more."""
    DOUBTED = "doubted"
    """It was used, and something about it should be looked at."""


@dataclass(frozen=True)
class Finding:
    """A row of a table that was not simply used.

    Attributes
    ----------
    kind : FindingKind
    file : str
        Name of the file, without its folder.
    row : int or None
        As a spreadsheet counts it, the header being row 1.
    column : str
        Empty where it is not about one.
    fact : str
        A sentence.
    """

    kind: FindingKind
    file: str
    row: int | None
    column: str
    fact: str


@dataclass(frozen=True)
class SourceFile:
    """A file that was read.

    Attributes
    ----------
    name : str
        Without its folder.
    role : str
        ``features``, ``flow``, ``fractions``, ``design`` or ``ledger``.
    sha256 : str
        Of its bytes.
    rows, used : int
        Data rows in it, and how many of them the join uses.
    """

    name: str
    role: str
    sha256: str
    rows: int
    used: int


@dataclass(frozen=True, eq=False)
class JoinedTable:
    """What the tables say together.

    Attributes
    ----------
    frame : pandas.DataFrame
        As the module says; in the order of animal, day and roi.
    features : tuple of str
        Columns that are features: the catalogue's name for PET, for CT with ``CT_``
        before it.
    fractions : tuple of str
        Columns that are CIBERSORTx fractions.
    readings : tuple of str
        Columns that are scores under other readings.
    findings : tuple of Finding
    sources : tuple of SourceFile
    profiles : mapping of str to str
        Feature profile (or score model) of the PET features: name to checksum. Empty
        where the tables do not say.
    statements : tuple of str
        What must be said of the reading: units, encodings, columns that are not read.
    """

    frame: pd.DataFrame
    features: tuple[str, ...]
    fractions: tuple[str, ...] = ()
    readings: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    sources: tuple[SourceFile, ...] = ()
    profiles: Mapping[str, str] = field(default_factory=dict)
    statements: tuple[str, ...] = ()
