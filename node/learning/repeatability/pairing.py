"""Which measurements are of the same thing.

Design choice: what is paired is a region of a subject, of one modality. Regions go by
their names, case apart. Where a subject has exactly one region in each repeat, the two
are taken to be the same whatever their names, and that is said: contours of collections
such as RIDER are named after the scan that they were drawn on.

Design choice: only subjects with all repeats count. Of a table with three repeats of
some animals and two of others, ``--repeats 1,2`` takes the two that all have.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from model.learning.repeatability.measurements import MINIMUM_REPEATS, Measurements
from node.learning.repeatability.rows import RepeatedRows
from node.learning.tables.joined import Finding, FindingKind
from node.learning.tables.mistake import TableError


@dataclass(frozen=True, eq=False)
class Paired:
    """The measurements of one modality.

    Attributes
    ----------
    modality : str
    repeats : tuple of int
    subjects : tuple of (str, str)
        Subject and region, in order.
    measurements : mapping of str to ndarray, shape (subjects, repeats)
        By feature; NaN where it is undefined.
    places : frozenset of (str, str)
        File of what was used, and where in it that stood.
    """

    modality: str
    repeats: tuple[int, ...]
    subjects: tuple[tuple[str, str], ...]
    measurements: Mapping[str, Measurements]
    places: frozenset[tuple[str, str]] = frozenset()

    @property
    def animals(self) -> int:
        """How many subjects these regions are of."""
        return len({subject for subject, _ in self.subjects})

    def complete(self, feature: str) -> Measurements:
        """Return a feature's measurements of the subjects in which it is defined."""
        values = self.measurements[feature]
        return values[np.isfinite(values).all(axis=1)]


def paired(
    rows: RepeatedRows, chosen: Sequence[int] = ()
) -> tuple[tuple[Paired, ...], tuple[Finding, ...]]:
    """Return the pairs of each modality, and what was left out or is in doubt.

    Parameters
    ----------
    rows : RepeatedRows
    chosen : sequence of int
        Repeats that are compared; all without it.

    Raises
    ------
    TableError
        When there are not two repeats of anything.
    """
    frame = rows.frame
    repeats = tuple(sorted(set(chosen or frame["repeat"])))
    frame = frame[frame["repeat"].isin(repeats)]
    there = sorted({int(each) for each in frame["repeat"]})
    if len(there) < max(MINIMUM_REPEATS, len(repeats)):
        told = ", ".join(map(str, there)) or "none"
        file = rows.sources[0].name if rows.sources else ""
        fact = f"of the repeats that are compared there are only: {told}"
        remedy = "Test and retest are needed: repeats 1 and 2 of the same animals"
        raise TableError.of(file, fact, remedy)
    findings: list[Finding] = []
    found = tuple(
        _of_modality(str(modality), group, (repeats, rows.features), findings)
        for modality, group in frame.groupby("modality", sort=False)
    )
    return found, tuple(findings)


def _of_modality(
    modality: str,
    frame: pd.DataFrame,
    wanted: tuple[tuple[int, ...], tuple[str, ...]],
    findings: list[Finding],
) -> Paired:
    repeats, features = wanted
    named = [name for name in features if frame[name].notna().any()]
    subjects: list[tuple[str, str]] = []
    measured: list[pd.DataFrame] = []
    places: set[tuple[str, str]] = set()
    for subject, scans in frame.groupby("subject", sort=False):
        for roi, region in _regions(scans, repeats):
            by_repeat = region.set_index("repeat")
            reason = _unfit(by_repeat, repeats, modality)
            if reason is not None:
                findings.append(_finding(reason, region))
                continue
            ordered = by_repeat.loc[list(repeats)]
            findings += [
                _finding(doubt, region) for doubt in _doubts(ordered, named, modality)
            ]
            subjects.append((str(subject), roi))
            measured.append(ordered[named])
            places.update(_places(ordered))
    values = {
        name: np.array(
            [each[name].to_numpy(dtype=float) for each in measured], dtype=float
        ).reshape(len(measured), len(repeats))
        for name in named
    }
    return Paired(modality, repeats, tuple(subjects), values, frozenset(places))


def _places(rows: pd.DataFrame) -> Iterator[tuple[str, str]]:
    """Give where rows stand: by number in a table, by image and region in a folder."""
    columns = (rows[name] for name in ("file", "row", "image", "roi"))
    for file, row, image, roi in zip(*columns, strict=True):
        yield str(file), f"{image} {roi}" if pd.isna(row) else f"{row:.0f}"


def _regions(
    scans: pd.DataFrame, repeats: Sequence[int]
) -> Iterator[tuple[str, pd.DataFrame]]:
    """Give the rows that are of the same region of a subject."""
    counts = scans["repeat"].value_counts()
    if len(counts) == len(repeats) and (counts == 1).all():
        yield str(scans["roi"].iloc[0]), scans
        return
    for _, region in scans.groupby(scans["roi"].str.casefold(), sort=False):
        yield str(region["roi"].iloc[0]), region


_Fact = tuple[FindingKind, str]


def _unfit(
    by_repeat: pd.DataFrame, repeats: Sequence[int], modality: str
) -> _Fact | None:
    """Return why rows cannot be compared."""
    if by_repeat.index.has_duplicates:
        fact = f"{modality}: a repeat is there more than once, and none was taken"
        return FindingKind.DUPLICATE, fact
    missing = [each for each in repeats if each not in by_repeat.index]
    if missing:
        told = " and ".join(f"repeat {each}" for each in missing)
        return FindingKind.UNMATCHED, f"{modality}: there is no {told}"
    images = by_repeat["image"]
    if images.ne("").all() and images.duplicated().any():
        fact = f"{modality}: two repeats are of the same image"
        return FindingKind.EXCLUDED, fact
    return None


def _doubts(
    ordered: pd.DataFrame, features: Sequence[str], modality: str
) -> Iterator[_Fact]:
    names = list(dict.fromkeys(ordered["roi"]))
    if len({name.casefold() for name in names}) > 1:
        told = ", ".join(repr(name) for name in names)
        fact = f"{modality}: taken for one region, being the only one: {told}"
        yield FindingKind.DOUBTED, fact
    values = ordered[list(features)].to_numpy(dtype=float)
    defined = values[:, np.isfinite(values).all(axis=0)]
    if defined.size and (defined == defined[0]).all():
        fact = f"{modality}: all features are equal in all repeats, as of one scan"
        yield FindingKind.DOUBTED, fact


def _finding(found: _Fact, region: pd.DataFrame) -> Finding:
    kind, fact = found
    first = region.iloc[0]
    row = None if pd.isna(first["row"]) else int(first["row"])
    of = f"{first['subject']} {first['roi']}".strip()
    return Finding(kind, str(first["file"]), row, "", f"{of}, {fact}")
