"""By which route a tracer was administered (PS3.3 C.8.9.2, PS3.16 CID 11)."""

import re

from pydicom.dataset import Dataset
from pydicom.sr.codedict import Collection

from dicom_io.attributes import items, person_readable
from dicom_io.context.content_tree import concept_of

_NO_LETTERS = re.compile(r"[\W\d_]+")
_AROUND = re.compile(r"\b(?:route|injection|injected|administration|bolus|of|via|by)\b")
_KINDS = (
    ("intraperitoneal", ("ip", "ipi"), ("peritone",)),
    ("intravenous", ("iv", "tv"), ("venous", "vein")),
    ("subcutaneous", ("sc", "sq", "subq"), ("subcut",)),
    ("intramuscular", ("im",), ("muscular",)),
    ("intratumor", ("it",), ("intratumo",)),
    ("retro-orbital", ("ro",), ("retroorbital", "retrobulbar")),
    ("oral", ("po", "pernos"), ("oral", "gavage")),
)
"""Names of routes, their abbreviations, and what is a part of their spellings."""
_SAY_NOTHING = frozenset(
    {"", "unknown", "other", "none", "na", "notstated", "undefined"}
)
_LONGEST = 64


def route_of(header: Dataset) -> str | None:
    """Return the route, for example ``intraperitoneal``; None where none is stated.

    Parameters
    ----------
    header : Dataset
        Of a slice, or of a frame of Enhanced PET.

    Raises
    ------
    DicomContentError
        When an attribute cannot be read.
    """
    stated = []
    for item in items(header, "RadiopharmaceuticalInformationSequence"):
        for code in items(item, "AdministrationRouteCodeSequence"):
            meaning = person_readable(code, "CodeMeaning")
            stated.append(_ROUTES.get(concept_of(code), meaning))
        stated.append(person_readable(item, "RadiopharmaceuticalRoute"))
    return next((route for each in stated if (route := route_named(each))), None)


def route_named(words: str) -> str | None:
    """Return the route that a text names: one that is known, or as it is stated.

    Parameters
    ----------
    words : str
        For example ``i.p.`` or ``Intraperitoneal route``.
    """
    bare = _AROUND.sub(" ", words.casefold())
    letters = _NO_LETTERS.sub("", bare)
    if letters in _SAY_NOTHING:
        return None
    for name, abbreviations, parts in _KINDS:
        if letters in abbreviations or any(part in letters for part in parts):
            return name
    return " ".join(bare.split())[:_LONGEST]


_ROUTES = {
    (code.value, code.scheme_designator): code.meaning
    for code in Collection("CID11").concepts.values()
}
