"""In which units a PET image's values are (PS3.3 C.8.9.1.1.3).

Design choice: a series is read in every unit that some rule turns into SUV; whether the
rule's inputs are there is asked when it is converted (`dicom_io.suv.rule`). Units that
no rule knows are refused while the series is read.
"""

from enum import StrEnum

from pydicom.dataset import Dataset

from dicom_io.attributes import name_of, text, uid_of
from dicom_io.errors import DicomContentError


class Units(StrEnum):
    """*Units* (0054,1001) that can be turned into SUV."""

    BQML = "BQML"
    """Becquerel per millilitre."""
    GML = "GML"
    """Grams per millilitre: SUV already."""
    CM2ML = "CM2ML"
    """Square centimetres per millilitre: SUV by body surface area."""
    CNTS = "CNTS"
    """Counts, for which Philips states private factors."""

    @property
    def ucum(self) -> str:
        """The unit of a volume of such values."""
        return _UCUM[self]


_UCUM = {
    Units.BQML: "Bq/ml",
    Units.GML: "g/ml",
    Units.CM2ML: "cm2/ml",
    Units.CNTS: "{counts}",
}


def units_of(header: Dataset) -> Units:
    """Return the units of the stored values after rescaling.

    Raises
    ------
    UnsupportedUnitsError
        When they are missing, or no rule turns them into SUV.
    """
    value = text(header, "Units")
    try:
        return Units(value)
    except ValueError as error:
        raise UnsupportedUnitsError(header, value or "missing") from error


class UnsupportedUnitsError(DicomContentError):
    """Stored values are in units that no rule of this version turns into SUV."""

    reason = "unsupported_units"
    remedy = "Export the PET in BQML, or as SUVbw in GML."

    def __init__(self, header: Dataset, units: str, keyword: str = "Units") -> None:
        super().__init__(
            f"the units of the PET are {units}",
            attribute=name_of(keyword),
            uid=uid_of(header),
        )
        self.units = units
