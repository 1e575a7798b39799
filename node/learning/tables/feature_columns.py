"""Columns of a table of features: what says which scan a row is of, and features.

Design choice: a feature is known by its name, which begins with a group of the
catalogue or a family of IBSI (``glcm_``, ``shape_``, ``stat_``, ...), with ``CT_``
before it for CT. Any other column of numbers may be a weight or an operator's number,
and is taken for a feature only where ``--column NAME=HEADER`` gives it such a name.
"""

import re

from model.features.catalogue import FEATURES
from model.features.feature import Group
from model.features.ibsi.configuration import Family
from node.learning.tables.columns import Holds, TableColumn

CT_PREFIX = "CT_"

_GROUPS = "|".join([*Group, *Family])
_FEATURE = re.compile(rf"({CT_PREFIX})?({_GROUPS})_\w+", re.IGNORECASE | re.ASCII)
_BY_CASE = {feature.name.casefold(): feature.name for feature in FEATURES}

FEATURE_COLUMNS = (
    TableColumn(
        "animal",
        Holds.NAME,
        "The animal.",
        ("animal_id", "mouse", "mouse_id", "subject", "subject_id"),
    ),
    TableColumn(
        "day",
        Holds.DAY,
        "Day of the study. Tables of the node have none; see how a scan finds its day.",
        ("study_day", "time_point", "timepoint"),
        "d",
    ),
    TableColumn("study_instance_uid", Holds.NAME, "The scan's study.", ("study_uid",)),
    TableColumn("patient_id", Holds.NAME, "The PET's PatientID."),
    TableColumn("roi", Holds.TEXT, "The region.", ("region",)),
    TableColumn(
        "modality", Holds.TEXT, "PET or CT; PET where there is no such column."
    ),
    TableColumn("voxels", Holds.NUMBER, "Voxels in the region."),
    TableColumn("profile", Holds.TEXT, "Feature profile or score model."),
    TableColumn("profile_sha256", Holds.TEXT, "Its checksum."),
    TableColumn("series", Holds.NAME, "Series Instance UID of the image, or its file."),
    TableColumn("scanned_on", Holds.DATE, "The day of the scan.", ("scan_date",)),
    TableColumn("scanned_at", Holds.TEXT, "When the scan began, with its offset."),
    TableColumn("tracer", Holds.TEXT, "As the image or the injection log states it."),
    TableColumn("radionuclide", Holds.TEXT, "The same."),
    TableColumn("route", Holds.TEXT, "Route of administration."),
    TableColumn("species", Holds.TEXT, "As stated, else the configured one."),
    TableColumn("uptake_min", Holds.NUMBER, "From injection to scan.", (), "min"),
    TableColumn(
        "scanner",
        Holds.TEXT,
        "Manufacturer, model, station and serial number, as far as they are stated.",
    ),
    TableColumn(
        "reconstruction",
        Holds.TEXT,
        "How the image was reconstructed, as far as it is stated.",
    ),
    TableColumn("voxel_mm", Holds.NUMBER, "In-plane spacing.", (), "mm"),
    TableColumn("slice_mm", Holds.NUMBER, "Between slices.", (), "mm"),
    TableColumn("volume_ml", Holds.NUMBER, "Of the region.", (), "ml"),
    TableColumn("suv_min", Holds.NUMBER, "SUVbw in the region.", ("suvmin",), "g/ml"),
    TableColumn("suv_mean", Holds.NUMBER, "The same.", ("suvmean",), "g/ml"),
    TableColumn("suv_max", Holds.NUMBER, "The same.", ("suvmax",), "g/ml"),
    TableColumn("suv_sd", Holds.NUMBER, "The same.", (), "g/ml"),
    TableColumn("score", Holds.NUMBER, "Of the score model.", ("texture_index",)),
    TableColumn("score_model", Holds.TEXT, "Which one."),
)
"""Beside the features; in the order of the documentation."""

TEXTS = tuple(
    column.name
    for column in FEATURE_COLUMNS
    if column.holds in (Holds.TEXT, Holds.NAME, Holds.DATE)
)
NUMBERS = tuple(
    column.name
    for column in FEATURE_COLUMNS
    if column.holds in (Holds.NUMBER, Holds.DAY)
)


def feature_named(header: str) -> str | None:
    """Return the feature that a header names, as the catalogue writes it, or None."""
    match = _FEATURE.fullmatch(header)
    if match is None:
        return None
    prefix = CT_PREFIX if match[1] else ""
    name = header[len(prefix) :]
    return prefix + _BY_CASE.get(name.casefold(), name)
