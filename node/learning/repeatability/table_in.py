"""Test and retest from tables of features, one row a region and scan.

Design choice: a column is a feature by the rule of `node.learning.tables`
(`feature_columns`): its name begins with a group of the catalogue or a family of IBSI,
or ``--column FEATURE=HEADER`` gives it such a name.
Whoever has others names each with ``--feature NAME``.

Design choice: a subject that has one repeat twice is refused. Which of the two rows is
meant is not guessed, and both would count twice.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from model.features.feature import CT, PET
from node.learning.repeatability.rows import (
    KEYS,
    MODALITIES,
    RepeatedRows,
    with_one_spelling,
)
from node.learning.tables.columns import (
    FoundColumns,
    Holds,
    Place,
    TableColumn,
    exact_key,
    find_columns,
    known_column,
)
from node.learning.tables.feature_columns import (
    CT_PREFIX,
    FEATURE_COLUMNS,
    feature_named,
)
from node.learning.tables.joined import SourceFile
from node.learning.tables.mistake import TableError, TableMistake
from node.learning.tables.reading import Value, Wanted, read_columns
from node.learning.tables.text_file import read_text_file
from node.learning.tables.written import WrittenTable, written_table

REPEAT = TableColumn(
    "repeat",
    Holds.TEXT,
    "Which scan of the subject: 1, 2, ..., or test and retest.",
    ("scan", "replicate", "repetition", "test_retest", "session"),
)
RETEST_COLUMNS = (REPEAT, *FEATURE_COLUMNS)
"""What a table of test and retest may have beside its features."""

_NAMES = {"test": 1, "retest": 2}
_MOST_REPEATS = 1000
_NO_VALUE = ("no feature has a value in any row", "Export the features again")
_NO_FEATURE = (
    "no column is named as a feature, such as glcm_Contrast or CT_shape_Volume",
    "Name each column that is one with --feature NAME",
)
_KNOWN = frozenset(column.name for column in RETEST_COLUMNS)
_USED = ("animal", "patient_id", "roi", "modality", "profile", "profile_sha256")


@dataclass(frozen=True)
class TableOptions:
    """How tables of test and retest are read.

    Attributes
    ----------
    columns : mapping of str to str
        Name of a column: the header under which it stands.
    features : tuple of str
        Further columns that are features.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    features: tuple[str, ...] = ()


def read_retest_tables(paths: Sequence[Path], options: TableOptions) -> RepeatedRows:
    """Return the rows of tables.

    Parameters
    ----------
    paths : sequence of Path
        At least one.
    options : TableOptions

    Raises
    ------
    TableError
        With everything that is wrong, by file, row and column.
    """
    read = [_read(path, options) for path in paths]
    mistakes = [mistake for each in read for mistake in each.mistakes]
    if mistakes:
        raise TableError(mistakes)
    frames = [each.frame for each in read]
    rows = with_one_spelling(pd.concat(frames, ignore_index=True))
    features = tuple(dict.fromkeys(name for each in read for name in each.features))
    mistakes = [*_twice(rows), *_several_profiles(rows)]
    if rows[[*features]].isna().all(axis=None):
        mistakes = [TableMistake(read[0].source.name, None, "", *_NO_VALUE)]
    if mistakes:
        raise TableError(mistakes)
    return RepeatedRows(
        frame=rows[[*KEYS, *features]],
        features=features,
        sources=tuple(each.source for each in read),
        statements=tuple(text for each in read for text in each.statements),
        profiles=dict(sorted(zip(rows["profile"], rows["sha256"], strict=True)))
        if rows["profile"].any()
        else {},
    )


@dataclass(frozen=True, eq=False)
class _Read:
    frame: pd.DataFrame
    features: tuple[str, ...]
    source: SourceFile
    statements: tuple[str, ...]
    mistakes: tuple[TableMistake, ...]


def _read(path: Path, options: TableOptions) -> _Read:
    file = read_text_file(path)
    table = written_table(
        file,
        lambda headers: sum(
            known_column(h, RETEST_COLUMNS) is not None for h in headers
        ),
    )
    found = find_columns(table.name, table.headers, RETEST_COLUMNS, options.columns)
    features, missing = _features(table.name, found, options.features)
    mistakes = [*table.mistakes, *found.mistakes, *missing]
    mistakes += _absent(table.name, found, options.columns)
    if not features:
        mistakes.append(TableMistake(table.name, None, "", *_NO_FEATURE))
    if mistakes:
        raise TableError(mistakes)
    columns = read_columns(table, [*_wanted(found), *features])
    frame, faults = _frame(
        table, found, columns.found, [each.name for each in features]
    )
    return _Read(
        frame=frame,
        features=tuple(dict.fromkeys(_bare(each.name) for each in features)),
        source=SourceFile(
            table.name, "features", table.sha256, len(table.rows), len(table.rows)
        ),
        statements=(*columns.statements, *_unread(table.name, found, features)),
        mistakes=(*columns.mistakes, *faults),
    )


def _features(
    file: str, found: FoundColumns, named: Sequence[str]
) -> tuple[list[Wanted], list[TableMistake]]:
    """Return the columns that are features, by the names that the catalogue writes."""
    wanted = {exact_key(name): name for name in named}
    places = [
        (name, place) for name, place in found.places.items() if name not in _KNOWN
    ]
    for place in found.unread:
        name = feature_named(place.header)
        if name is None and exact_key(place.header) in wanted:
            name = place.header
        if name is not None:
            places.append((name, place))
    there = {exact_key(place.header) for _, place in places}
    mistakes = [
        TableMistake(
            file, None, name, "there is no such column", "Name a header of the table"
        )
        for key, name in wanted.items()
        if key not in there
    ]
    first: dict[str, Place] = {}
    for name, place in places:
        if first.setdefault(name, place) is not place:
            fact = f"a second column is the feature {name}"
            remedy = "Remove or rename one of them"
            mistakes.append(TableMistake(file, None, place.header, fact, remedy))
    return [
        Wanted(name, place, Holds.NUMBER) for name, place in first.items()
    ], mistakes


def _bare(name: str) -> str:
    return name.removeprefix(CT_PREFIX)


def _absent(
    file: str, found: FoundColumns, chosen: Mapping[str, str]
) -> Iterator[TableMistake]:
    """Give the columns that are not there, of those that are needed or were named."""
    for name, header in sorted(chosen.items()):
        if name not in _KNOWN and feature_named(name) is None:
            fact = f"{name} is neither a column that is read nor a feature"
            remedy = f"Name one of {', '.join(sorted(_KNOWN))}, or a feature"
            yield TableMistake(file, None, header, fact, remedy)
        elif not _stands_under(found.places.get(name), header):
            fact = f"there is no column of this header for {name}"
            yield TableMistake(file, None, header, fact, "Copy it from the file")
    if "animal" not in found.places and "patient_id" not in found.places:
        fact = "the column animal is missing, which says whose scans belong together"
        yield TableMistake(
            file, None, "", fact, 'Add it, or name it by --column animal="HEADER"'
        )
    if REPEAT.name not in found.places:
        fact = "the column repeat is missing, which tells test from retest"
        remedy = 'Add it with 1 and 2, or name it by --column repeat="HEADER"'
        yield TableMistake(file, None, "", fact, remedy)


def _stands_under(place: Place | None, header: str) -> bool:
    return place is not None and exact_key(place.header) == exact_key(header)


def _wanted(found: FoundColumns) -> list[Wanted]:
    holds = {column.name: column.holds for column in RETEST_COLUMNS}
    required = {REPEAT.name, "animal" if "animal" in found.places else "patient_id"}
    return [
        Wanted(name, found.places[name], holds[name], required=name in required)
        for name in (REPEAT.name, *_USED)
        if name in found.places
    ]


def _frame(
    table: WrittenTable,
    found: FoundColumns,
    read: Mapping[str, Sequence[Value]],
    names: Sequence[str],
) -> tuple[pd.DataFrame, list[TableMistake]]:
    """Return a row for each row and modality that it has features of."""
    mistakes: list[TableMistake] = []
    rows: list[dict[str, Any]] = []
    subject = "animal" if "animal" in found.places else "patient_id"
    for index, written in enumerate(table.rows):
        cells = {name: column[index] for name, column in read.items()}
        repeat, modality = _repeat_of(cells), _modality_of(cells)
        for value, name, fact, remedy in (
            (repeat, "repeat", "it is no repeat", "Write 1, 2, ..., test or retest"),
            (modality, "modality", "it is neither PET nor CT", "Leave the row out"),
        ):
            if value is None and cells.get(name) is not None:
                place = found.places[name].header
                mistakes.append(
                    TableMistake(table.name, written.number, place, fact, remedy)
                )
        keys = {
            "subject": cells[subject],
            "roi": cells.get("roi") or "",
            "repeat": repeat,
            "file": table.name,
            "row": float(written.number),
            "image": "",
            "profile": cells.get("profile") or "",
            "sha256": cells.get("profile_sha256") or "",
        }
        for each, values in _by_modality(cells, modality or PET, names):
            rows.append({**keys, "modality": each, **values})
    return pd.DataFrame(rows), mistakes


def _by_modality(
    cells: Mapping[str, Value], modality: str, names: Sequence[str]
) -> Iterator[tuple[str, dict[str, float]]]:
    """Give the features of each modality of a row that has any column of it."""
    of_ct = [name for name in names if name.startswith(CT_PREFIX)]
    others = [name for name in names if not name.startswith(CT_PREFIX)]
    parted: dict[str, dict[str, float]] = {}
    for each, group in ((modality, others), (CT, of_ct)):
        values = {_bare(name): _number(cells[name]) for name in group}
        if group and (each not in parted or not _all_missing(values)):
            parted[each] = {**parted.get(each, {}), **values}
    for each, values in parted.items():
        if not _all_missing(values) or len(parted) == 1:
            yield each, values


def _all_missing(values: Mapping[str, float]) -> bool:
    return all(value != value for value in values.values())  # noqa: PLR0124 (NaN)


def _number(value: Value) -> float:
    return value if isinstance(value, float) else float("nan")


def _repeat_of(cells: Mapping[str, Value]) -> int | None:
    text = str(cells.get("repeat") or "").casefold().removesuffix(".0")
    if text in _NAMES:
        return _NAMES[text]
    if text.isascii() and text.isdigit() and 1 <= int(text[:5]) <= _MOST_REPEATS:
        return int(text)
    return None


def _modality_of(cells: Mapping[str, Value]) -> str | None:
    text = str(cells.get("modality") or PET).upper()
    text = PET if text == "PT" else text
    return text if text in MODALITIES else None


def _twice(rows: pd.DataFrame) -> Iterator[TableMistake]:
    keys = ["subject", "roi", "modality", "repeat"]
    for _, group in rows.groupby(keys, sort=False):
        places = list(zip(group["file"], group["row"], strict=True))
        first_file, first_row = places[0]
        for file, row in places[1:]:
            fact = (
                "this modality and repeat of the animal's region is in row "
                f"{first_row:.0f} of {first_file} already"
            )
            remedy = "Leave one out, or give it a repeat of its own"
            yield TableMistake(str(file), int(row), "", fact, remedy)


def _several_profiles(rows: pd.DataFrame) -> Iterator[TableMistake]:
    for modality, group in rows.groupby("modality", sort=False):
        if len(group.groupby(["profile", "sha256"])) > 1:
            told = ", ".join(sorted({name or "none" for name in group["profile"]}))
            fact = f"its {modality} features are of several profiles: {told}"
            remedy = "Compute all features with one profile"
            yield TableMistake(str(group["file"].iloc[0]), None, "", fact, remedy)


def _unread(
    file: str, found: FoundColumns, features: Sequence[Wanted]
) -> Iterator[str]:
    used = {each.place.index for each in features}
    left = [place.header for place in found.unread if place.index not in used]
    named = [repr(header) for header in left if header]
    if named:
        yield f"{file}: not read, being no names of features: {', '.join(named)}"
