"""By which route a tracer was administered (PS3.3 C.8.9.2, PS3.16 CID 11)."""

import re

from pydicom.dataset import Dataset
from pydicom.sr.codedict import Collection

from dicom_io.attributes import items, person_readable
from dicom_io.context.content_tree import concept_of

_NO_LETTERS = re.compile(r"[\W\d_]+")
_BETWEEN_WORDS = re.compile(r"[\s,;:/()+&\[\]\-]+")
_AROUND = re.compile(r"\b(?:route|injection|injected|administration|bolus|of|via|by)\b")
_KINDS = (
    ("intraperitoneal", ("ip", "ipi"), ("peritone",)),
    ("intravenous", ("iv", "tv"), ("venous", "vein")),
    ("subcutaneous", ("sc", "sq", "subq"), ("subcut",)),
    ("intramuscular", ("im",), ("muscular",)),
    ("intratumor", ("it",), ("intratumo",)),
    ("retro-orbital", ("ro",), ("retroorbital", "retrobulbar")),
    ("oral", ("po", "peros", "oral", "orally", "peroral"), ("gavage",)),
)
"""Names of routes, their abbreviations, and what is a part of their spellings."""
_CLEAR_IN_A_TEXT = frozenset({"ip", "iv", "sc", "oral", "orally"})
"""Abbreviations that mean the same with other words around them, as ``it`` does not."""
_DENIALS = frozenset({"no", "not", "non", "without"})
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
    kinds = [kind[0] for kind in _KINDS if _is_named(kind, letters, bare)]
    # Two routes are neither of them.
    return kinds[0] if len(kinds) == 1 else " ".join(bare.split())[:_LONGEST]


def _is_named(
    kind: tuple[str, tuple[str, ...], tuple[str, ...]], letters: str, bare: str
) -> bool:
    _, abbreviations, parts = kind
    words = {_NO_LETTERS.sub("", word) for word in _BETWEEN_WORDS.split(bare)}
    if not words.isdisjoint(_DENIALS):
        return False
    if letters in abbreviations or any(part in letters for part in parts):
        return True
    return not words.isdisjoint(_CLEAR_IN_A_TEXT.intersection(abbreviations))


_ROUTES = {
    (code.value, code.scheme_designator): code.meaning
    for code in Collection("CID11").concepts.values()
}
