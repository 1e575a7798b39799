"""What the design says, put beside each scan.

Design choice: tracer, route, scanner and reconstruction are the image's where it states
them. Where the design says something else, that is doubted and not used.
"""

import pandas as pd

from dicom_io.pet.route import route_named
from node.learning.tables.design import OF_ANIMAL, OF_DAY, Design, alike
from node.learning.tables.joined import Finding, FindingKind
from node.learning.tables.once import finding_of
from node.learning.tables.read_table import records_of

DESIGN_TEXTS = ("tumour_model", "group", "cage", "batch")
DESIGN_NUMBERS = ("irradiation_day", "ici_day")
IMAGE_TEXTS = ("tracer", "route", "scanner", "reconstruction")
KEY = ["animal_key", "day"]
_SEVERAL = 2


def with_design(
    frame: pd.DataFrame, design: Design
) -> tuple[pd.DataFrame, list[Finding], int]:
    """Return scans with what the design says, findings, and how many rows it used.

    Parameters
    ----------
    frame : pandas.DataFrame
        With `animal_key`, `day`, and the columns of design and image.
    design : Design
    """
    if design.table is None:
        return frame, [], 0
    told = _told_of(frame, design.frame)
    result = frame.copy()
    for name in (*DESIGN_TEXTS, *DESIGN_NUMBERS):
        result[name] = told[name]
    findings = _unknown(frame, design)
    for name in IMAGE_TEXTS:
        findings += _doubts(result, told, name, design.name)
        result[name] = result[name].where(result[name] != "", told[name])
    used = _used(frame, design.frame)
    findings += _unused(design.frame[~used], frame)
    return result, findings, int(used.sum())


def _unknown(frame: pd.DataFrame, design: Design) -> list[Finding]:
    lacking = frame[~frame["animal_key"].isin(design.frame["animal_key"])]
    return [
        finding_of(
            FindingKind.UNMATCHED,
            row,
            f"{design.name} has no animal {row['animal']}; it has no group"
            f"{alike(row['animal'], design.frame['animal'])}",
        )
        for row in records_of(lacking)
    ]


def _told_of(frame: pd.DataFrame, design: pd.DataFrame) -> pd.DataFrame:
    """Return what the design says of each row, by its day or of its animal."""
    names = [*OF_ANIMAL, *OF_DAY]
    by_day = frame[KEY].merge(
        design.loc[design["day"].notna(), [*KEY, *names]], on=KEY, how="left"
    )
    of_animal = frame[["animal_key"]].merge(
        _of_animals(design).reset_index(), on="animal_key", how="left"
    )
    told = by_day[names].where(_filled(by_day[names]), of_animal[names])
    told.index = frame.index
    told["route"] = told["route"].map(_route)
    for name in (*DESIGN_TEXTS, *IMAGE_TEXTS):
        told[name] = told[name].where(told[name].notna(), "").astype(object)
    for name in DESIGN_NUMBERS:
        told[name] = pd.to_numeric(told[name])
    return told


def _of_animals(design: pd.DataFrame) -> pd.DataFrame:
    """Return what all rows of an animal say alike, a row an animal."""
    names = [*OF_ANIMAL, *OF_DAY]
    rows = design[["animal_key", *names]]
    said = rows.where(_filled(rows), None)
    groups = said.groupby("animal_key")[names]
    # None counts as no value: two values are a change from day to day.
    return groups.first().where(groups.nunique() < _SEVERAL, None)


def _filled(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.notna() & (frame != "")


def _route(text: object) -> object:
    """Return a route as images state it, where it is one that is known."""
    return (route_named(text) or text) if isinstance(text, str) and text else text


def _doubts(
    frame: pd.DataFrame, told: pd.DataFrame, name: str, file: str
) -> list[Finding]:
    image, said = frame[name], told[name]
    differ = (image != "") & (said != "")
    differ &= image.str.casefold() != said.str.casefold()
    return [
        finding_of(
            FindingKind.DOUBTED,
            row,
            f"{name} is {row[name]!r}, and {file} says {other!r}",
        )
        for row, other in zip(records_of(frame[differ]), said[differ], strict=True)
    ]


def _used(frame: pd.DataFrame, design: pd.DataFrame) -> pd.Series:
    known = design["animal_key"].isin(frame["animal_key"])
    on_day = pd.MultiIndex.from_frame(design[KEY]).isin(
        pd.MultiIndex.from_frame(frame[KEY])
    )
    return known & (design["day"].isna() | on_day)


def _unused(rows: pd.DataFrame, frame: pd.DataFrame) -> list[Finding]:
    known = set(frame["animal_key"])
    return [
        finding_of(
            FindingKind.UNMATCHED,
            row,
            f"nothing is of animal {row['animal']} on day {row['day']:g}"
            if row["animal_key"] in known
            else f"nothing is of animal {row['animal']}",
        )
        for row in records_of(rows)
    ]
