"""Of which species the subject of an image is (PS3.3 C.7.1.1, PS3.16 CID 7454)."""

import re

from pydicom.dataset import Dataset
from pydicom.sr.codedict import Collection

from dicom_io.attributes import items, person_readable
from dicom_io.context.content_tree import concept_of

_COMMON_NAMES = {
    "mouse": ("mus musculus", "mus genus", "mus", "mouse", "mice", "murine"),
    "rat": ("rattus norvegicus", "rattus rattus", "rattus", "rat", "rats"),
    "human": ("homo sapiens", "human", "human being", "patient"),
    "rabbit": ("oryctolagus cuniculus", "rabbit"),
    "dog": ("canis lupus familiaris", "dog"),
    "cat": ("felis catus", "cat"),
    "pig": ("sus scrofa", "sus scrofa domesticus", "pig", "swine"),
    "guinea pig": ("cavia porcellus", "guinea pig"),
}
_COMMON_NAME = {name: common for common, all_ in _COMMON_NAMES.items() for name in all_}
_LONGEST = 64


def species_of(header: Dataset) -> str:
    """Return the species by its common name; empty where it is not stated.

    Parameters
    ----------
    header : Dataset

    Returns
    -------
    str
        ``mouse``, ``rat``, ``human``, ...; a species without a common name here, and
        a text that names several, as it is stated, in lower case.

    Raises
    ------
    DicomContentError
        When an attribute cannot be read.
    """
    for code in items(header, "PatientSpeciesCodeSequence"):
        stated = _SPECIES.get(concept_of(code)) or person_readable(code, "CodeMeaning")
        if stated:
            return _named(stated)
    return _named(person_readable(header, "PatientSpeciesDescription"))


def _named(stated: str) -> str:
    words = " ".join(stated.casefold().split())[:_LONGEST]
    if words in _COMMON_NAME:
        return _COMMON_NAME[words]
    # A strain stands beside the species, as in "Mus musculus C57BL/6".
    named = {
        common
        for name, common in _COMMON_NAME.items()
        if re.search(rf"\b{name}\b", words)
    }
    return named.pop() if len(named) == 1 else words


_SPECIES = {
    (code.value, code.scheme_designator): code.meaning
    for code in Collection("CID7454").concepts.values()
}
