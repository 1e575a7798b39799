"""Codes of SNOMED RT as the codes of SNOMED CT that took their place (PS3.16 8.1).

Design choice: what is carried over from a source keeps its meaning and its words, and
gets the code under which the concept is known today. A code without a successor, such
as one of somebody's own under a scheme of SNOMED, stays as it is.
"""

from pydicom.dataset import Dataset
from pydicom.sr import _snomed_dict

from dicom_io.lenient import attribute_text

SNOMED_CT = "SCT"
RETIRED_SCHEMES = frozenset({"SRT", "SNM3", "99SDM"})
"""SNOMED RT, under the names that it had in DICOM (PS3.16 section 8.1)."""


def successor_of(value: str, scheme: str) -> str | None:
    """Return the code of SNOMED CT for one of SNOMED RT; None where there is none."""
    if scheme not in RETIRED_SCHEMES:
        return None
    found: str | None = _snomed_dict.mapping["SRT"].get(value)
    return found


def renew_codes(dataset: Dataset) -> None:
    """Give every code in a data set and its items as its successor, in place."""
    value = successor_of(
        attribute_text(dataset, "CodeValue"),
        attribute_text(dataset, "CodingSchemeDesignator"),
    )
    if value is not None:
        dataset.CodeValue = value
        dataset.CodingSchemeDesignator = SNOMED_CT
        if "CodingSchemeVersion" in dataset:
            del dataset.CodingSchemeVersion
    for element in dataset:
        if element.VR == "SQ":
            for item in element.value:
                renew_codes(item)
