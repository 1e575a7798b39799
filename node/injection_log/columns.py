"""The columns of an injection log: names, synonyms, and what they hold.

Design choice: a unit stands in the column's name and nowhere else. A column that is
called ``weight`` or ``activity`` alone is not read, and said; whether 25 is grams, or
9.2 megabecquerel, is never guessed.

Design choice: capitals, spaces, underscores and brackets in names do not count, so that
``Weight (g)`` is ``weight_g``. There are few synonyms, since each is one more way to
mean two things.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from node.spreadsheets.headers import key_of

_PER_MBQ = "number in MBq"
_PER_MCI = "number in mCi"
_INSTANT = "date and time"


@dataclass(frozen=True)
class Column:
    """A column that the log knows.

    Attributes
    ----------
    name : str
    holds : str
        What stands in its cells.
    meaning : str
    synonyms : tuple of str
    """

    name: str
    holds: str
    meaning: str
    synonyms: tuple[str, ...] = ()


COLUMNS = (
    Column("animal", "text", "The animal, as results are to name it.", ("animal_id",)),
    Column(
        "patient_id",
        "text",
        "The DICOM PatientID, where it differs from the animal. Inveon writes the name "
        "of the data set there.",
    ),
    Column("study_date", "date", "The day of the scan.", ("date", "scan_date")),
    Column("accession", "text", "The study's Accession Number.", ("accession_number",)),
    Column("study_instance_uid", "UID", "The study itself.", ("study_uid",)),
    Column("weight_g", "number in g", "Body weight.", ("body_weight_g",)),
    Column(
        "activity_mbq",
        _PER_MBQ,
        "Activity in the syringe at `measured_at`; without `measured_at`, the "
        "activity that was injected, at the time of the injection.",
        ("dose_mbq",),
    ),
    Column("activity_mci", _PER_MCI, "The same in mCi.", ("dose_mci",)),
    Column("measured_at", _INSTANT, "When the syringe was measured.", ("assayed_at",)),
    Column(
        "residual_mbq",
        _PER_MBQ,
        "Activity left in the syringe. It needs `measured_at`.",
        ("residual_activity_mbq",),
    ),
    Column("residual_mci", _PER_MCI, "The same in mCi.", ("residual_activity_mci",)),
    Column(
        "residual_at",
        _INSTANT,
        "When the rest was measured; empty: at the time of the injection.",
        ("residual_measured_at",),
    ),
    Column("injected_at", _INSTANT, "When it was injected.", ("injection_time",)),
    Column(
        "bed_position",
        "text",
        "Where the animal lay, when several lay in the bed.",
        ("bed",),
    ),
    Column(
        "roi",
        "patterns",
        "Names of the animal's regions, when several animals lay in the bed: patterns "
        "with `*` and `?`, case ignored, with a bar (U+007C) between them.",
        ("region",),
    ),
    Column("route", "text", "Route of administration; carried along."),
    Column(
        "glucose_mg_dl",
        "number in mg/dl",
        "Blood glucose; carried along.",
        ("blood_glucose_mg_dl",),
    ),
    Column(
        "glucose_mmol_l",
        "number in mmol/l",
        "The same in mmol/l; carried along.",
        ("blood_glucose_mmol_l",),
    ),
    Column("fasting", "text", "Whether or how long; carried along.", ("fasted",)),
    Column(
        "anaesthesia",
        "text",
        "Agent and duration; carried along.",
        ("anesthesia", "anaesthetic", "anesthetic"),
    ),
    Column(
        "cross_calibration_factor",
        "number",
        "From the scanner's activity to the dose calibrator's: the image is multiplied "
        "by it. One beyond 0.5 to 2 holds the study.",
        ("cross_calibration",),
    ),
    Column(
        "cross_calibrated_on",
        "date",
        "When that factor was found.",
        ("cross_calibration_date",),
    ),
    Column(
        "irradiated_at",
        "date, or date and time",
        "When the animal was first irradiated; a date alone is its noon. Summary pages "
        "count days from it.",
        ("irradiated_on", "irradiation_date", "irradiation_time"),
    ),
)
"""What the log knows, in the order of the documentation."""

IDENTIFYING = ("animal", "patient_id", "study_date", "accession", "study_instance_uid")
"""Columns that say to which study a row belongs."""

NAMING = frozenset(IDENTIFYING) - {"study_date"}
"""Those of which a log must have one."""

_WITHOUT_UNIT = {
    "weight_g": ("weight", "body_weight", "weight_kg", "weight_mg"),
    "activity_mbq or activity_mci": (
        "activity",
        "dose",
        "injected_dose",
        "injected_activity",
        "activity_bq",
        "activity_kbq",
        "activity_uci",
        "dose_bq",
        "dose_kbq",
        "dose_uci",
    ),
    "residual_mbq or residual_mci": (
        "residual",
        "residual_activity",
        "residual_bq",
        "residual_kbq",
        "residual_uci",
    ),
    "glucose_mg_dl or glucose_mmol_l": ("glucose", "blood_glucose"),
}


def known_column(name: str) -> str | None:
    """Return the column that a name means, or None for a column of the site's own."""
    return _BY_KEY.get(key_of(name))


def meant_column(name: str) -> str | None:
    """Return what a name should be that lacks its unit, or has one the log lacks."""
    return _NEARLY.get(key_of(name))


def known_among(names: Sequence[str]) -> int:
    """Return how many names are those of columns that the log knows."""
    return sum(known_column(name) is not None for name in names)


_BY_KEY = {
    key_of(name): column.name
    for column in COLUMNS
    for name in (column.name, *column.synonyms)
}
_NEARLY = {
    key_of(name): meant for meant, names in _WITHOUT_UNIT.items() for name in names
}
