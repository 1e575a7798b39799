"""From the cells of a row of an injection log to a value.

Design choice: a cell that cannot be read costs its own value and no other, with one
exception: an activity is not used while the instant for which it holds, or what was
left in the syringe, cannot be read. Used alone it would be wrong and look right.

Design choice: a rest in the syringe of 0 is the same as none.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo
from typing import TypeVar

from model.administration import Administration, Assay, Source
from node.injection_log.columns import IDENTIFYING
from node.injection_log.row import LogMistake, LogRow
from node.spreadsheets.cells import (
    CellError,
    date_of,
    day_or_instant_of,
    identifier_of,
    instant_of,
    is_empty,
    number_of,
    positive_of,
    text_of,
)

_BQ = {"mbq": ("MBq", 1e6), "mci": ("mCi", 3.7e7)}
_SAME_ACTIVITY = 1e-3
_MOST_PATTERNS = 32
_CONTEXT = ("route", "glucose_mg_dl", "glucose_mmol_l", "fasting", "anaesthesia")
_GLUCOSE_UNITS = {"glucose_mg_dl": "mg/dl", "glucose_mmol_l": "mmol/l"}
_REST_ALONE = (
    "it is not used: a rest is given, and not when the syringe was measured",
    "Fill measured_at; or empty the rest, if it is already subtracted",
)
_NO_PATTERNS = (
    f"a pattern is empty, or there are more than {_MOST_PATTERNS}",
    "Write names of regions with a bar between them",
)

T = TypeVar("T")


@dataclass(frozen=True)
class CellRules:
    """How the cells of one log are read.

    Attributes
    ----------
    zone : tzinfo
        Of dates and times without an offset.
    decimal_comma : bool
    """

    zone: tzinfo
    decimal_comma: bool


@dataclass(frozen=True)
class WrittenRow:
    """A row as it is written.

    Attributes
    ----------
    number : int
    cells : mapping of str to str
        By the columns that the log knows.
    free : tuple of (str, str)
        Columns of the site's own and their cells.
    surplus : bool
        Whether something stands behind the last column.
    """

    number: int
    cells: Mapping[str, str]
    free: tuple[tuple[str, str], ...] = ()
    surplus: bool = False


def read_row(written: WrittenRow, rules: CellRules) -> LogRow:
    """Return a row as a value, with what could not be read of it."""
    cells = _Cells(written)
    if written.surplus:
        cells.note(
            "",
            "it has more cells than the header, so that no value of it is used",
            "Put cells in which the separator stands into quotes",
        )
    day = cells.read("study_date", date_of)
    row = LogRow(
        number=written.number,
        study_instance_uid=cells.name("study_instance_uid"),
        accession=cells.name("accession"),
        animal=cells.name("animal"),
        patient_id=cells.name("patient_id"),
        study_date=day,
        said=_said(cells, day, rules),
        bed_position=cells.read("bed_position", text_of) or "",
        roi_patterns=cells.read("roi", _patterns) or (),
        irradiated_at=_irradiated_at(cells, rules),
    )
    unread = frozenset(cells.bad & {*IDENTIFYING, "bed_position", "roi"})
    return _with_mistakes(replace(row, unread=unread), cells)


def _with_mistakes(row: LogRow, cells: "_Cells") -> LogRow:
    if not row.unread and not row.usable:
        cells.note(
            "study_date" if row.animal or row.patient_id else "animal",
            "the row does not say to which study it belongs",
            "Fill animal and study_date, or accession, or study_instance_uid",
        )
    return replace(row, mistakes=tuple(cells.mistakes))


def _said(cells: "_Cells", day: date | None, rules: CellRules) -> Administration:
    origin = f"row {cells.number} of the injection log"
    if cells.surplus:
        return Administration(Source.LOG, origin)
    activity, residual = _assays(cells, day, rules)
    return Administration(
        source=Source.LOG,
        origin=origin,
        weight_g=cells.read("weight_g", _positive("g", rules)),
        activity=activity,
        residual=residual,
        injected_at=cells.read("injected_at", _instant(day, rules)),
        cross_calibration=cells.read("cross_calibration_factor", _positive("", rules)),
        cross_calibrated_on=cells.read("cross_calibrated_on", date_of),
        context=_context(cells, rules),
    )


def _assays(
    cells: "_Cells", day: date | None, rules: CellRules
) -> tuple[Assay | None, Assay | None]:
    """Return activity and rest of the syringe; neither where one cannot be trusted."""
    activity = _activity(cells, "activity", _positive, rules)
    residual = _activity(cells, "residual", _number, rules)
    measured_at = cells.read("measured_at", _instant(day, rules))
    residual_at = cells.read("residual_at", _instant(day, rules))
    if activity is None:
        return None, None
    fault = _fault_of_assays(cells, residual, measured_at)
    if fault is not None:
        cells.note(*fault)
        return None, None
    if not residual:
        return Assay(activity, measured_at), None
    return Assay(activity, measured_at), Assay(residual, residual_at)


def _fault_of_assays(
    cells: "_Cells", residual: float | None, measured_at: datetime | None
) -> tuple[str, str, str] | None:
    """Return column, fact and remedy where a good activity is not to be used."""
    written = cells.filled("activity_mbq", "activity_mci")
    unread = cells.bad & {"measured_at", "residual_mbq", "residual_mci", "residual_at"}
    if unread:
        what = f"it is not used, since {', '.join(sorted(unread))} cannot be read"
        return written, what, "Correct that cell, or empty it"
    if residual and measured_at is None:
        return written, *_REST_ALONE
    return None


def _activity(
    cells: "_Cells",
    name: str,
    reader: "Callable[[str, CellRules], Callable[[str], float]]",
    rules: CellRules,
) -> float | None:
    """Return an activity in Bq from one of its two columns."""
    found = {}
    for suffix, (unit, factor) in _BQ.items():
        value = cells.read(f"{name}_{suffix}", reader(unit, rules))
        if value is not None:
            found[f"{name}_{suffix}"] = value * factor
    values = list(found.values())
    if values and max(values) - min(values) > _SAME_ACTIVITY * max(values):
        column = f"{name}_mci"
        cells.note(column, "it differs from the same in MBq", "Correct or empty one")
        cells.bad.add(column)
        return None
    return values[0] if values else None


def _context(cells: "_Cells", rules: CellRules) -> tuple[tuple[str, str], ...]:
    """Return what is carried along, its names once each."""
    found: list[tuple[str, str]] = []
    for name in _CONTEXT:
        unit = _GLUCOSE_UNITS.get(name)
        if unit is None:
            text = cells.read(name, text_of)
        else:
            value = cells.read(name, _positive(unit, rules))
            text = None if value is None else f"{value:g}"
        if text is not None:
            found.append((name, text))
    return (*found, *cells.free())


def _irradiated_at(cells: "_Cells", rules: CellRules) -> datetime | None:
    if cells.surplus:
        return None
    return cells.read("irradiated_at", lambda cell: day_or_instant_of(cell, rules.zone))


def _patterns(cell: str) -> tuple[str, ...]:
    patterns = tuple(part.strip() for part in text_of(cell).split("|"))
    if not all(patterns) or len(patterns) > _MOST_PATTERNS:
        raise CellError(*_NO_PATTERNS)
    return patterns


def _positive(unit: str, rules: CellRules) -> Callable[[str], float]:
    return lambda cell: positive_of(cell, unit, decimal_comma=rules.decimal_comma)


def _number(unit: str, rules: CellRules) -> Callable[[str], float]:
    return lambda cell: number_of(cell, unit, decimal_comma=rules.decimal_comma)


def _instant(day: date | None, rules: CellRules) -> Callable[[str], datetime]:
    return lambda cell: instant_of(cell, day, rules.zone)


class _Cells:
    """The cells of a row while they are read, and what was wrong with them."""

    def __init__(self, written: WrittenRow) -> None:
        self.number = written.number
        self.surplus = written.surplus
        self.mistakes: list[LogMistake] = []
        self.bad: set[str] = set()
        self._cells = written.cells
        self._free = written.free

    def read(self, column: str, reader: Callable[[str], T]) -> T | None:
        """Return what stands in a column; None where nothing does, or nothing good."""
        return self._read(column, self._cells.get(column, ""), reader)

    def name(self, column: str) -> str:
        """Return the name of an animal or a study; empty where none can be read."""
        return self.read(column, identifier_of) or ""

    def free(self) -> tuple[tuple[str, str], ...]:
        """Return columns of the site's own that are filled, and what they hold."""
        read = [(name, self._read(name, cell, text_of)) for name, cell in self._free]
        return tuple((name, text) for name, text in read if text is not None)

    def filled(self, *columns: str) -> str:
        """Return the first of some columns in which something stands."""
        return next(each for each in columns if self._cells.get(each, "").strip())

    def note(self, column: str, what: str, remedy: str) -> None:
        """Note a mistake."""
        self.mistakes.append(LogMistake(self.number, column, what, remedy))

    def _read(self, column: str, cell: str, reader: Callable[[str], T]) -> T | None:
        if is_empty(cell):
            return None
        try:
            return reader(cell)
        except CellError as error:
            self.note(column, error.what, error.remedy)
            self.bad.add(column)
            return None
