"""Tables of features, as ``features --table`` writes them or as somebody else does."""

from collections.abc import Mapping

from node.learning.tables.columns import Holds, Place
from node.learning.tables.feature_columns import (
    FEATURE_COLUMNS,
    NUMBERS,
    TEXTS,
    feature_named,
)
from node.learning.tables.mistake import TableError, TableMistake
from node.learning.tables.opening import (
    OpenTable,
    frame_of,
    mistakes_of,
    one_value_statement,
    opened,
    require_columns,
    source_of,
    unread_statement,
)
from node.learning.tables.read_table import ReadTable, completed
from node.learning.tables.reading import Wanted, read_columns
from node.learning.tables.text_file import TextFile

_HOLDS = {column.name: column.holds for column in FEATURE_COLUMNS}


def read_feature_table(file: TextFile, chosen: Mapping[str, str]) -> ReadTable:
    """Return a table of features, a row a region of a scan.

    Parameters
    ----------
    file : TextFile
    chosen : mapping of str to str
        Of ``--column``; a name may be that of a feature.

    Raises
    ------
    TableError
        When it is no table, names no animal, or has no feature.
    """
    mine = {
        name: header
        for name, header in chosen.items()
        if name in _HOLDS or feature_named(name)
    }
    table = opened(file, FEATURE_COLUMNS, mine)
    require_columns(
        table, [("animal", "study_instance_uid", "patient_id")], "animal_id"
    )
    features, unread = _features(table)
    wanted = [
        Wanted(name, place, _HOLDS.get(name, Holds.NUMBER))
        for name, place in {**table.places, **features}.items()
    ]
    read = read_columns(table.written, wanted)
    names = tuple(sorted(name for name in read.found if name not in _HOLDS))
    frame = completed(frame_of(table.written, read), TEXTS, (*NUMBERS, *names))
    return ReadTable(
        source=source_of(table.written, "features"),
        frame=frame,
        statements=(
            *read.statements,
            *unread_statement(table.written.name, unread),
            *one_value_statement(
                table.written.name,
                frame,
                {name: place.header for name, place in features.items()},
            ),
        ),
        mistakes=mistakes_of(table, read),
        columns=names,
        chosen=table.chosen,
    )


def _features(table: OpenTable) -> tuple[dict[str, Place], list[Place]]:
    """Return the columns that are features, and those that are nothing known."""
    found = {name: place for name, place in table.places.items() if name not in _HOLDS}
    unread: list[Place] = []
    twice: list[TableMistake] = []
    for place in table.found.unread:
        name = feature_named(place.header)
        if name is None:
            unread.append(place)
        elif name in found and name not in table.chosen:
            what = f"a second column is the feature {name}"
            remedy = "Remove or rename one of them"
            twice.append(
                TableMistake(table.written.name, None, place.header, what, remedy)
            )
        else:
            found.setdefault(name, place)
    if twice:
        raise TableError(twice)
    if not found and "score" not in table.places:
        fact = "it has no column of a feature"
        remedy = (
            "Name the columns as `features --table` does (glcm_InverseVariance), or "
            "give their headers by --column"
        )
        raise TableError.of(table.written.name, fact, remedy)
    return found, unread
