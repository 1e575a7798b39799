"""How fast the radionuclide decays (PS3.3 C.8.9.2).

Design choice: the half-life of the object is what the scanner corrected decay with, so
it wins over the radionuclide's code, with a statement where they disagree by more than
2 %; a unit's factor between them (minutes, hours, days, milliseconds) is refused. So is
a half-life of no known radionuclide that is fluorine's in minutes, where no code is
there. An absent, empty or zero half-life was never entered; the code then says it, or
nobody does. A code beside whose meaning another mass number stands says nothing: public
reference objects call the code of gallium 66 gallium 68.
"""

import re
from datetime import timedelta

from pydicom.dataset import Dataset

from dicom_io.attributes import items, name_of, number, text
from dicom_io.errors import DicomContentError
from dicom_io.pet.radiopharmaceutical import injection_of

_TOLERANCE = 0.02
_OTHER_UNITS = {
    "minutes": 60.0,
    "hours": 3600.0,
    "days": 86400.0,
    "milliseconds": 1e-3,
}
_FLUORINE_18 = "77004003"
# Three years: sodium 22, of calibration sources, is the positron emitter that lives
# longest.
_LONGEST_HALF_LIFE_S = 1e8

# Mass number and seconds, by code of CID 4020 (SNOMED CT, DCM, and the SNOMED-RT codes
# that older systems write under SRT, SNM3 or 99SDM). Half-lives: ENSDF and DDEP
# evaluations.
_RADIONUCLIDES = {
    ("40565003", "C-105A1"): (11, 1221.7),  # carbon 11
    ("21576001", "C-107A1"): (13, 597.9),  # nitrogen 13
    ("129504001", "C-B1038"): (15, 122.2),  # oxygen 15
    ("77004003", "C-111A1"): (18, 6586.2),  # fluorine 18
    ("126605", "126605"): (43, 14008.0),  # scandium 43
    ("126600", "126600"): (44, 14551.0),  # scandium 44
    ("37225000", "C-149A1"): (52, 483062.0),  # manganese 52
    ("71425003", "C-127A1"): (61, 12020.0),  # copper 61
    ("422934004", "C-127A5"): (62, 580.2),  # copper 62
    ("3932008", "C-127A2"): (64, 45721.0),  # copper 64
    ("79477007", "C-131A1"): (66, 34164.0),  # gallium 66
    ("35337001", "C-131A3"): (68, 4062.6),  # gallium 68
    ("79523006", "C-113A2"): (76, 58320.0),  # bromine 76
    ("79197006", "C-159A2"): (82, 75.5),  # rubidium 82
    ("10738001", "C-162A3"): (86, 53064.0),  # yttrium 86
    ("63360001", "C-168A4"): (89, 282276.0),  # zirconium 89
    ("40937006", "C-114A5"): (124, 360806.0),  # iodine 124
    ("126606", "126606"): (152, 63000.0),  # terbium 152
}
_BY_CODE = {code: found for codes, found in _RADIONUCLIDES.items() for code in codes}


def half_life_of(header: Dataset) -> tuple[timedelta, tuple[str, ...]]:
    """Return the half-life, and what must be said about it.

    Raises
    ------
    MissingHalfLifeError
        When it was not entered and the radionuclide's code is unknown.
    HalfLifeUnitError
        When it seems to be in minutes.
    """
    item = injection_of(header) or Dataset()
    stated = number(item, "RadionuclideHalfLife")
    codes = items(item, "RadionuclideCodeSequence")
    code = text(codes[0], "CodeValue") if codes else ""
    mass, known = _BY_CODE.get(code, (0, None))
    if not stated:
        if known is None:
            fact = (
                "there is no half-life, and no known radionuclide code"
                f" ({code or 'none is there'})"
            )
            raise MissingHalfLifeError(header, fact)
        _require_same_nuclide(header, text(codes[0], "CodeMeaning"), code, mass)
        said = f"The half-life {known:g} s was taken from the radionuclide code {code}"
        return timedelta(seconds=known), (said,)
    if not 0.0 < stated < _LONGEST_HALF_LIFE_S:
        fact = f"a half-life of {stated:g} s is impossible"
        raise MissingHalfLifeError(header, fact)
    if known is None:
        _require_no_minutes(header, stated)
    return timedelta(seconds=stated), _compared(header, stated, known, code)


def _compared(
    header: Dataset, stated: float, known: float | None, code: str
) -> tuple[str, ...]:
    if known is None or _alike(stated, known):
        return ()
    for unit, seconds in _OTHER_UNITS.items():
        if _alike(stated * seconds, known):
            raise HalfLifeUnitError(header, stated, known, unit)
    said = (
        f"The stated half-life of {stated:g} s was used; radionuclide code {code} has"
        f" {known:g} s"
    )
    return (said,)


def _require_same_nuclide(header: Dataset, meaning: str, code: str, mass: int) -> None:
    """Refuse a code beside which another radionuclide is written."""
    written = re.findall(r"\d+", meaning)
    if written and str(mass) not in written:
        fact = (
            f"there is no half-life, and radionuclide code {code} has mass number"
            f" {mass}, where its meaning has {' '.join(written)}"
        )
        raise MissingHalfLifeError(header, fact)


def _require_no_minutes(header: Dataset, stated: float) -> None:
    _, fluorine = _BY_CODE[_FLUORINE_18]
    if _alike(stated * _OTHER_UNITS["minutes"], fluorine):
        raise HalfLifeUnitError(header, stated, fluorine, "minutes")


def _alike(first: float, second: float) -> bool:
    return abs(first - second) <= _TOLERANCE * second


class MissingHalfLifeError(DicomContentError):
    """Neither a half-life nor a known radionuclide is stated."""

    reason = "missing_half_life"
    remedy = "Enter the radionuclide at the scanner's workstation and send again."

    def __init__(self, header: Dataset, fact: str) -> None:
        super().__init__(
            fact,
            attribute=name_of("RadionuclideHalfLife"),
            uid=text(header, "SeriesInstanceUID"),
        )


class HalfLifeUnitError(DicomContentError):
    """A half-life is in minutes, hours, days or milliseconds."""

    reason = "units_in_doubt"
    remedy = "Correct the half-life, which DICOM wants in seconds, and send again."

    def __init__(self, header: Dataset, stated: float, known: float, unit: str) -> None:
        super().__init__(
            f"the half-life of {stated:g} s seems to be in {unit}: the radionuclide's"
            f" is {known:g} s",
            attribute=name_of("RadionuclideHalfLife"),
            uid=text(header, "SeriesInstanceUID"),
        )
