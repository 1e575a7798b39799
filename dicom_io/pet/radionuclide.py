"""Which radionuclide an image shows (PS3.3 C.8.9.2, PS3.16 CID 4020).

Design choice: a code beside whose meaning another radionuclide stands says nothing, as
for the half-life. Then, and where there is no code, the half-life tells it if it is
within 2 % of one and of no other.
"""

import re
from collections.abc import Iterator

from pydicom.dataset import Dataset
from pydicom.sr.codedict import Collection

from dicom_io.attributes import items, number, person_readable
from dicom_io.context.content_tree import Concept, concept_of

_TOLERANCE = 0.02
_HALF_LIVES_S = {
    "C-11": 1221.7,
    "N-13": 597.9,
    "O-15": 122.2,
    "F-18": 6586.2,
    "Sc-43": 14008.0,
    "Sc-44": 14551.0,
    "Mn-52": 483062.0,
    "Cu-61": 12020.0,
    "Cu-62": 580.2,
    "Cu-64": 45721.0,
    "Ga-66": 34164.0,
    "Ga-68": 4062.6,
    "Br-76": 58320.0,
    "Rb-82": 75.5,
    "Y-86": 53064.0,
    "Zr-89": 282276.0,
    "I-124": 360806.0,
    "Tb-152": 63000.0,
}
"""ENSDF and DDEP evaluations."""

_KNOWN = frozenset(_HALF_LIVES_S) | {
    *("C-14", "O-14", "Na-22", "K-38", "Ti-45", "Mn-51", "Mn-52m", "Fe-52", "Cu-60"),
    *("Zn-62", "Cu-67", "Ga-67", "Ge-68", "As-70", "As-72", "Se-73", "Br-75", "Br-77"),
    *("Nb-90", "Y-90", "Tc-94m", "Tc-99m", "In-111", "I-123", "I-125", "I-131"),
    *("Lu-177", "Tl-201"),
}
"""Those of CID 4020, and others that tracers are labelled with: a strain like C57 is no
carbon."""

_SYMBOLS = {
    "carbon": "C",
    "nitrogen": "N",
    "oxygen": "O",
    "fluorine": "F",
    "sodium": "Na",
    "potassium": "K",
    "scandium": "Sc",
    "titanium": "Ti",
    "manganese": "Mn",
    "iron": "Fe",
    "copper": "Cu",
    "zinc": "Zn",
    "gallium": "Ga",
    "germanium": "Ge",
    "arsenic": "As",
    "selenium": "Se",
    "bromine": "Br",
    "rubidium": "Rb",
    "yttrium": "Y",
    "zirconium": "Zr",
    "niobium": "Nb",
    "technetium": "Tc",
    "indium": "In",
    "iodine": "I",
    "terbium": "Tb",
    "lutetium": "Lu",
    "thallium": "Tl",
}
_ELEMENTS = "|".join(
    [
        *_SYMBOLS,
        *sorted({*_SYMBOLS.values()}, key=lambda symbol: (-len(symbol), symbol)),
    ]
)
_BETWEEN = r"[\s^\-\[\](){}_]*"
# A mass number with or after an element, neither of them a part of a longer word.
_MASS_FIRST = re.compile(
    rf"(?<![^\W_])(\d{{2,3}}m?){_BETWEEN}({_ELEMENTS})(?![^\W\d_])", re.IGNORECASE
)
_ELEMENT_FIRST = re.compile(
    rf"(?<![^\W_])({_ELEMENTS}){_BETWEEN}(\d{{2,3}}m?)(?![^\W_])", re.IGNORECASE
)


def radionuclide_of(item: Dataset) -> str | None:
    """Return the radionuclide as symbol and mass number, for example ``F-18``.

    Parameters
    ----------
    item : Dataset
        Of *Radiopharmaceutical Information Sequence*.

    Returns
    -------
    str or None
        None where neither code nor half-life says it.

    Raises
    ------
    DicomContentError
        When an attribute cannot be read.
    """
    for code in items(item, "RadionuclideCodeSequence"):
        known = _BY_CODE.get(concept_of(code))
        meant = [nuclide for nuclide, _ in nuclides_in(_meaning(code))]
        if known is None and meant:
            return meant[0]
        if known is not None and meant in ([], [known]):
            return known
    return _by_half_life(number(item, "RadionuclideHalfLife"))


def nuclides_in(words: str) -> Iterator[tuple[str, tuple[int, int]]]:
    """Give the radionuclides that a text names, and from where to where.

    Parameters
    ----------
    words : str
        For example ``[18F]FDG`` or ``Fluorodeoxyglucose F^18^``.
    """
    found = [
        *((each[2], each[1], each.span()) for each in _MASS_FIRST.finditer(words)),
        *((each[1], each[2], each.span()) for each in _ELEMENT_FIRST.finditer(words)),
    ]
    for element, mass, span in found:
        symbol = _SYMBOLS.get(element.lower(), element.capitalize())
        nuclide = f"{symbol}-{mass.lower()}"
        if nuclide in _KNOWN:
            yield nuclide, span


def _meaning(code: Dataset) -> str:
    return person_readable(code, "CodeMeaning")


def _by_half_life(half_life_s: float | None) -> str | None:
    if not half_life_s:
        return None
    found = [
        nuclide
        for nuclide, known_s in _HALF_LIVES_S.items()
        if abs(half_life_s - known_s) <= _TOLERANCE * known_s
    ]
    return found[0] if len(found) == 1 else None


def _by_code() -> dict[Concept, str]:
    """Return the radionuclides of CID 4020, by meanings like ``^18^Fluorine``."""
    return {
        (code.value, code.scheme_designator): nuclide
        for code in Collection("CID4020").concepts.values()
        for nuclide, _ in nuclides_in(code.meaning)
    }


_BY_CODE = _by_code()
