"""In which units the frames of a multi-frame PET are (PS3.3 C.7.6.16.2.11, CID 84).

Design choice: of several mappings of a frame, the one to activity is used, since SUV
made of it says with which weight and dose; else the one to SUV. Two mappings to one
unit hold for parts of the stored values, and are refused.

Design choice: UCUM writes the same unit in many ways. Multiples of becquerel and of
millilitre are the same unit with another factor, which the unit itself states.
"""

import math
import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from dicom_io.attributes import (
    UnreadableValueError,
    items,
    name_of,
    number,
    required_number,
    text,
    uid_of,
    whole,
)
from dicom_io.errors import DicomContentError
from dicom_io.pet.units import Units, UnsupportedUnitsError

MAPPING = "RealWorldValueMappingSequence"
_FIRST = "DoubleFloatRealWorldValueFirstValueMapped"
_LAST = "DoubleFloatRealWorldValueLastValueMapped"
_HALF_A_STEP = 0.5
_UNITS = "MeasurementUnitsCodeSequence"
_ANNOTATION = re.compile(r"\{([^}]*)\}")
_PREFIXES = {"": 1.0, "k": 1e3, "M": 1e6}
_VOLUMES = {"ml": 1.0, "mL": 1.0, "cm3": 1.0, "l": 1e-3, "L": 1e-3}
_ACTIVITY = {
    f"{prefix}Bq/{volume}": factor * per_ml
    for prefix, factor in _PREFIXES.items()
    for volume, per_ml in _VOLUMES.items()
}
_SUV_TYPES = {
    "SUVbw": "BW",
    "SUVlbm": "LBM",
    "SUVlbm(James128)": "LBMJAMES128",
    "SUVlbm(Janma)": "LBMJANMA",
    "SUVibw": "IBW",
    "SUVbsa": "BSA",
}
_SUV_UNITS = {"g/ml": Units.GML, "g/mL": Units.GML, "cm2/ml": Units.CM2ML}


@dataclass(frozen=True)
class RealWorldMapping:
    """How stored values become values in a unit.

    Attributes
    ----------
    units : Units
    suv_type : str
        *SUV Type* (0054,1006); empty where the values are no SUV.
    slope, intercept : float
        To Bq/ml, g/ml or cm2/ml.
    first, last : float or None
        The stored values for which it holds; None for all.
    """

    units: Units
    suv_type: str
    slope: float
    intercept: float
    first: float | None
    last: float | None

    def write_into(self, header: Dataset) -> None:
        """Leave the mapping in the header of a frame, where rescaling finds it."""
        header.RealWorldValueSlope = self.slope
        header.RealWorldValueIntercept = self.intercept
        if self.first is not None:
            header.DoubleFloatRealWorldValueFirstValueMapped = self.first
        if self.last is not None:
            header.DoubleFloatRealWorldValueLastValueMapped = self.last


def written_mapping(header: Dataset) -> tuple[float, float] | None:
    """Return slope and intercept of a frame; None where no mapping was left in it."""
    slope = number(header, "RealWorldValueSlope")
    if slope is None:
        return None
    return slope, required_number(header, "RealWorldValueIntercept")


def require_mapped(header: Dataset, values: NDArray[np.float64]) -> None:
    """Refuse values of a frame for which its mapping does not hold.

    Parameters
    ----------
    header : Dataset
        Of a frame, with the mapping left in it.
    values : ndarray
        As the mapping made them.

    Raises
    ------
    UnmappedValuesError
    """
    mapping = written_mapping(header)
    if mapping is None:
        return
    slope, intercept = mapping
    with np.errstate(all="ignore"):
        least, greatest = (
            (extreme - intercept) / slope for extreme in (values.min(), values.max())
        )
    first = number(header, _FIRST)
    last = number(header, _LAST)
    below = first is not None and least < first - _HALF_A_STEP
    above = last is not None and greatest > last + _HALF_A_STEP
    if below or above:
        raise UnmappedValuesError(header, (float(least), float(greatest)))


def mapping_of(mappings: Sequence[Dataset], image: Dataset) -> RealWorldMapping:
    """Return how the stored values of a frame become activity, or else SUV.

    Parameters
    ----------
    mappings : sequence of Dataset
        Items of *Real World Value Mapping Sequence* (0040,9096) of the frame.
    image : Dataset
        For its *Pixel Representation*, and for errors to name it.

    Raises
    ------
    UnsupportedUnitsError
        When there is no mapping, or none to activity or SUV.
    DicomContentError
        When the mapping is by a table, or cannot be read.
    """
    if not mappings:
        raise UnsupportedUnitsError(image, "missing", MAPPING)
    codes = [_code(item) for item in mappings]
    wanted = [code for code in codes if code in _ACTIVITY]
    wanted = wanted or [code for code in codes if _suv(code) is not None]
    if not wanted:
        stated = ", ".join(code or "missing" for code in codes)
        raise UnsupportedUnitsError(image, stated, _UNITS)
    if len(wanted) > 1:
        fact = f"mapped more than once ({', '.join(wanted)})"
        raise UnsupportedUnitsError(image, fact, MAPPING)
    return _mapping(mappings[codes.index(wanted[0])], wanted[0], image)


def _code(mapping: Dataset) -> str:
    codes = items(mapping, _UNITS)
    return text(codes[0], "CodeValue") if codes else ""


def _suv(code: str) -> tuple[Units, str] | None:
    """Return units and *SUV Type* of a unit of SUV; None of any other."""
    unit = _SUV_UNITS.get(_ANNOTATION.sub("", code))
    suv_type = _SUV_TYPES.get("".join(_ANNOTATION.findall(code)))
    if unit is None or suv_type is None:
        return None
    # Only the body's surface is an area.
    return (unit, suv_type) if (unit is Units.CM2ML) == (suv_type == "BSA") else None


def _mapping(item: Dataset, code: str, image: Dataset) -> RealWorldMapping:
    if number(item, "RealWorldValueSlope") is None and "RealWorldValueLUTData" in item:
        raise UnsupportedUnitsError(image, "mapped by a table", "RealWorldValueLUTData")
    slope = required_number(item, "RealWorldValueSlope")
    intercept = required_number(item, "RealWorldValueIntercept")
    units, suv_type = _suv(code) or (Units.BQML, "")
    factor = _ACTIVITY.get(code, 1.0)
    if not 0.0 < slope * factor < math.inf or not math.isfinite(intercept * factor):
        raise UnreadableValueError(image, "RealWorldValueSlope", "a positive number")
    return RealWorldMapping(
        units=units,
        suv_type=suv_type,
        slope=slope * factor,
        intercept=intercept * factor,
        first=_limit(item, "First", image),
        last=_limit(item, "Last", image),
    )


def _limit(item: Dataset, which: str, image: Dataset) -> float | None:
    """Return the first or last stored value that is mapped; None without one."""
    wide = number(item, f"DoubleFloatRealWorldValue{which}ValueMapped")
    keyword = f"RealWorldValue{which}ValueMapped"
    if wide is not None or keyword not in item:
        return wide
    element = item.get_item(keyword)
    value: object = element.value
    if isinstance(value, bytes):
        # Where no VR is written, the pixels decide (PS3.5 A.1).
        signed = element.VR == "SS" or (
            element.VR != "US" and whole(image, "PixelRepresentation") == 1
        )
        value = _short(value, "h" if signed else "H")
    if not isinstance(value, int):
        raise UnreadableValueError(image, keyword, "a whole number")
    return float(value)


def _short(content: bytes, letter: str) -> int | None:
    if len(content) != struct.calcsize(letter):
        return None
    (value,) = struct.unpack(f"<{letter}", content)
    return int(value)


class UnmappedValuesError(DicomContentError):
    """Stored values lie outside those that have a meaning."""

    reason = "unsupported_units"
    remedy = "Export the PET again; its Real World Value Mapping must cover all pixels."

    def __init__(self, header: Dataset, stored: tuple[float, float]) -> None:
        mapped = [text(header, keyword) or "any" for keyword in (_FIRST, _LAST)]
        super().__init__(
            f"stored values from {stored[0]:g} to {stored[1]:g} are there, and values"
            f" from {mapped[0]} to {mapped[1]} have a meaning",
            attribute=name_of(MAPPING),
            uid=uid_of(header),
        )
