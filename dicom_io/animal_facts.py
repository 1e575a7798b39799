"""What a header says of the animal itself, for people to read.

Design choice: what cannot be read counts as not stated, since no number hangs on it.

Design choice: of a quadruped the ends of the axes have letters of their own: LE and RT,
D and V, CR and CD (PS3.3 C.7.6.1.1.1). The axes are the same: x to the left, y to the
back, which is dorsal, z to the head, which is cranial (PS3.3 C.7.6.2.1.1).
"""

from collections.abc import Callable
from dataclasses import dataclass

from pydicom.dataset import Dataset

from dicom_io.attributes import items, person_readable, text
from dicom_io.errors import DicomContentError
from model.display_planes import AxisLetters

_BIPED = AxisLetters()
_QUADRUPED = AxisLetters(x=("RT", "LE"), y=("V", "D"), z=("CD", "CR"))
_SEXES = {"M": "male", "F": "female"}
_LONGEST = 64


@dataclass(frozen=True)
class AnimalFacts:
    """What a header says of the animal; empty where it says nothing.

    Attributes
    ----------
    species, strain, sex : str
    group : str
        Of a trial: what its subjects are read by.
    letters : AxisLetters
    """

    species: str
    strain: str
    sex: str
    group: str
    letters: AxisLetters


def animal_facts(header: Dataset) -> AnimalFacts:
    """Return what a header says of the animal."""
    quadruped = _said(lambda: text(header, "AnatomicalOrientationType")) == "QUADRUPED"
    return AnimalFacts(
        species=_described(header, "PatientSpecies"),
        strain=_described(header, "Strain") or _described(header, "PatientBreed"),
        sex=_SEXES.get(_said(lambda: text(header, "PatientSex")), ""),
        group=_said(lambda: person_readable(header, "ClinicalTrialSubjectReadingID")),
        letters=_QUADRUPED if quadruped else _BIPED,
    )


def _described(header: Dataset, name: str) -> str:
    """Return the description of something, else the meaning of its code."""
    said = _said(lambda: person_readable(header, f"{name}Description"))
    if said:
        return said
    codes = _codes(header, f"{name}CodeSequence")
    return next(filter(None, codes), "")


def _codes(header: Dataset, keyword: str) -> list[str]:
    try:
        found = items(header, keyword)
    except DicomContentError:
        return []
    return [
        _said(lambda item=item: person_readable(item, "CodeMeaning"))  # type: ignore[misc]  # mypy cannot infer a lambda with a default
        for item in found
    ]


def _said(read: Callable[[], str]) -> str:
    try:
        return " ".join(read().split())[:_LONGEST]
    except DicomContentError:
        return ""
