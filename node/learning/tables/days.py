"""How a scan finds its animal and its day, and how a sample does.

A scan's day is, in this order,

1. that of its own row, if the table of features has a column `day`;
2. that of the design's row that names its `study_instance_uid` (or else its
   `patient_id`); the scan is then of that row's animal;
3. that of the animal's row whose `scan_date` is the date of the scan;
4. the date of the scan less the animal's `day_0`;
5. that of the animal's only row, where the animal has a single scan.

A sample (of flow cytometry or CIBERSORTx) is of its own row's animal and day; else of
the design's row that names it in `sample`; else its name is an animal's, with the day
behind it as in ``M07_D7`` or ``M07 day 7``. Without a day it is of the animal's only
day.

Design choice: what none of these gives stays open. A day that is guessed pairs a scan
with the cells of another time.
"""

import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from node.learning.tables.design import Design, Row, alike, key_of_animal

_SUFFIX = re.compile(
    r"(?P<animal>.+?)[ _.-]+d(?:ay)?[ _-]?(?P<day>\d+(?:\.\d+)?)",
    re.IGNORECASE | re.ASCII,
)
_FILE = re.compile(r"\.fcs$", re.IGNORECASE)


@dataclass(frozen=True)
class Scan:
    """What a row says of which scan it is.

    Attributes
    ----------
    animal, study_instance_uid, patient_id, scanned_on : str
        Empty where the row does not say.
    day : float or None
    scans_of_animal : int
        How many scans the tables have of the animal.
    """

    animal: str
    study_instance_uid: str
    patient_id: str
    scanned_on: str
    day: float | None
    scans_of_animal: int


@dataclass(frozen=True)
class Placed:
    """The animal and the day of a scan or a sample.

    Attributes
    ----------
    animal : str
    day : float
    doubt : str
        What should be looked at; empty if nothing.
    """

    animal: str
    day: float
    doubt: str = ""


@dataclass(frozen=True)
class Open:
    """Why an animal or a day stays open."""

    why: str


def animal_of_scan(scan: Scan, design: Design) -> str:
    """Return the animal of a scan: that of the design's row that names it, or its own.

    Empty where neither says.
    """
    row = _naming_row(scan, design)
    return scan.animal if row is None else str(row["animal"])


def place_of_scan(scan: Scan, design: Design) -> Placed | Open:
    """Return animal and day of a scan, or why they stay open.

    Parameters
    ----------
    scan : Scan
    design : Design
    """
    animal = animal_of_scan(scan, design)
    if not animal:
        return Open("no animal is named, and no row of a design names the scan")
    named = _naming_row(scan, design)
    told = None if named is None else _day(named)
    if scan.day is not None:
        return Placed(animal, scan.day, _other_day(scan.day, told, design))
    day = _day_of_animal(scan, animal, design) if told is None else told
    return day if isinstance(day, Open) else Placed(animal, day)


def place_of_sample(
    row: Row, design: Design, days: Mapping[str, Collection[float]]
) -> Placed | Open:
    """Return animal and day of a sample, or why they stay open.

    Parameters
    ----------
    row : mapping of str to Any
        With `animal`, `sample` and `day`.
    design : Design
    days : mapping of str to collection of float
        The days that tables know of each animal, by `key_of_animal`.
    """
    animal, day = str(row["animal"]), _day(row)
    if not animal:
        animal, told = _of_sample(str(row["sample"]), design, days)
        day = told if day is None else day
    if not animal:
        sample = row["sample"]
        return Open(f"{sample!r} is neither a sample of the design nor an animal")
    known = days.get(key_of_animal(animal), ())
    if day is None and len(known) == 1:
        day = next(iter(known))
    return _which_day(animal, known) if day is None else Placed(animal, day)


def _which_day(animal: str, known: Collection[float]) -> Open:
    listed = ", ".join(f"{each:g}" for each in sorted(known))
    why = f"it has days {listed}" if known else "no table knows a day of it"
    return Open(f"the row has no day, and animal {animal} is of no single one: {why}")


def _day_of_animal(scan: Scan, animal: str, design: Design) -> float | Open:
    """Return the day of a scan that no row of the design names."""
    rows = design.by_animal.get(key_of_animal(animal), ())
    if not rows:
        return Open(_unknown(animal, design))
    day = _by_date(scan, rows)
    if day is None and len(rows) == 1 and scan.scans_of_animal == 1:
        day = _day(rows[0])
    return Open(_why_open(scan, rows, design)) if day is None else day


def _of_sample(
    sample: str, design: Design, days: Mapping[str, Collection[float]]
) -> tuple[str, float | None]:
    row = design.naming("sample", sample)
    if row is not None:
        return str(row["animal"]), _day(row)
    name = _FILE.sub("", sample)
    if _is_known(name, design, days):
        return name, None
    match = _SUFFIX.fullmatch(name)
    if match and _is_known(match["animal"], design, days):
        return match["animal"], float(match["day"])
    return "", None


def _is_known(
    animal: str, design: Design, days: Mapping[str, Collection[float]]
) -> bool:
    key = key_of_animal(animal)
    return key in days or key in design.by_animal


def _naming_row(scan: Scan, design: Design) -> Row | None:
    by_study = design.naming("study_instance_uid", scan.study_instance_uid)
    return by_study or design.naming("patient_id", scan.patient_id)


def _day(row: Row) -> float | None:
    day = float(row["day"])
    return None if math.isnan(day) else day


def _by_date(scan: Scan, rows: Sequence[Row]) -> float | None:
    if not scan.scanned_on:
        return None
    dated = [row for row in rows if row["scan_date"] == scan.scanned_on]
    on = [day for day in map(_day, dated) if day is not None]
    if len(on) == 1:
        return on[0]
    beginnings = {row["day_0"] for row in rows if row["day_0"]}
    if on or len(beginnings) != 1:
        return None
    began = date.fromisoformat(beginnings.pop())
    return float((date.fromisoformat(scan.scanned_on) - began).days)


def _other_day(day: float, told: float | None, design: Design) -> str:
    if told is None or told == day:
        return ""
    return f"its row says day {day:g}, and {design.name} says day {told:g} of this scan"


def _unknown(animal: str, design: Design) -> str:
    if design.table is None:
        return "the day of the scan is open: its row has no day, and there is no design"
    hint = alike(animal, design.frame["animal"])
    return f"the day of the scan is open: {design.name} has no animal {animal}{hint}"


def _why_open(scan: Scan, rows: Sequence[Row], design: Design) -> str:
    numbers = [int(row["row"]) for row in rows]
    where = f"row{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers[:4]))}"
    told = f"{where} of {design.name} of the animal"
    if scan.scanned_on:
        return f"the day of the scan is open: none of {told} fits {scan.scanned_on}"
    return (
        f"the day of the scan is open: its row has no date, and {told} "
        "cannot be told apart by anything else"
    )
