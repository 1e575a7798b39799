"""Which tracer was injected (PS3.3 C.8.9.2, C.8.22.4; PS3.16 CID 25, 4021).

Design choice: every statement is heard: the code of *Radiopharmaceutical Code
Sequence*, its meaning, and the free text *Radiopharmaceutical*. Workstations keep the
code of FDG in a protocol while the operator types another tracer, so that a statement
of another tracer is never overruled by one of FDG; the name then holds both. A text
that is no tracer that is known here stands only where nothing else says one.

Design choice: FDG is recognised in any spelling, other tracers by the words of PS3.16
and those of the field, so that ``FDOPA``, ``FLT`` or ``NaF`` is never taken for FDG. A
name that holds another radionuclide than fluorine 18 is of another tracer.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

from pydicom.dataset import Dataset
from pydicom.sr.codedict import Collection

from dicom_io.attributes import items, person_readable
from dicom_io.context.content_tree import Concept, concept_of
from dicom_io.pet.radionuclide import nuclides_in, radionuclide_of

FDG = "FDG"
_CODE_OF_FDG: Concept = ("35321007", "SCT")
_FLUORINE_18 = "F-18"
_LONGEST_NAME = 64
_LONGEST_TEXT = 256
"""What is read of a text that may be of any length; an LO has 64 characters."""

_FDG_WORD = re.compile(r"(?:18f?|f18)?2?fdg(?:18f|f18)?\d*|f18dg|fdglucose")
_DEOXY = re.compile(r"des?o(?:x|ks|ss)[yi]")
_FLUORO = re.compile(r"fl(?:u|ou)o?r?")
_GLUCOSE = re.compile(r"glu[ck]os")
_WORD = re.compile(r"[^\W_]+")


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_SAY_NOTHING = _words(
    """
    18f f18 f fluor fluorine radiopharmaceutical radiotracer tracer pet spect probe
    injection injected solution saline dose mouse mice rat animal mbq mci ml unknown
    unspecified undefined other none not specified stated applicable na n a standard
    default nuclide isotope activity
    """
)
"""Words of a free text that name no tracer."""
_OTHER_WORDS = _words(
    """
    dopa fdopa ldopa flt fmiso miso faza hx4 naf na18f fluoride choline fch fec fmc
    fet fes fdht fpsma psma dcfpyl pylarify facbc acbc rgd fapi dotatate dotatoc
    dotanoc dota nota nodaga dfo pib dpa tspo ge180 pbr28 pbr111 pbr06 fhbg fiau
    feau fmau fac fara cfa fspg fpia mfbg mibg fbg annexin exendin atsm ptsm hed nh3
    h2o antibody nanobody minibody diabody affibody granzyme wbc leukocytes liposome
    nanoparticle fluc ffnp fddnp fp cit cft altanserin setoperone mppf fdgal fdm fds
    mefdg fmt fthp ftha fbem fba tyrosine galactose maltose sorbitol non cell cells
    """
)
"""Words of other tracers, whatever stands beside them."""
_OTHER_ENDINGS = ("mab", "choline", "dopa", "thymidine", "misonidazole", "estradiol")
_OF_NO_TRACER = _words(
    """
    acid blood carbon cell cells chloride colloid diagnostic fluorine fluoro gas
    human iron label labeled phosphate potassium radioisotope red serum sodium
    tagged therapeutic white fluorodeoxyglucose
    """
)
"""Words of the meanings in PS3.16 that tell no tracer from another."""
_SHORTEST_WORD = 3


class _Says(Enum):
    NOTHING = 0
    SOMETHING = 1
    FDG = 2
    OTHER = 3


@dataclass(frozen=True)
class StatedTracer:
    """What an image says of what was injected.

    Attributes
    ----------
    name : str or None
        ``FDG``, or a name as it is stated; without fluorine 18 and signs around it.
    radionuclide : str or None
        For example ``F-18``.
    """

    name: str | None
    radionuclide: str | None


def tracer_of(header: Dataset, beside: Iterable[str] = ()) -> StatedTracer:
    """Return the tracer and its radionuclide, as far as they are stated.

    Parameters
    ----------
    header : Dataset
        Of a slice, or of a frame of Enhanced PET.
    beside : iterable of str
        What other sources call the tracer.

    Raises
    ------
    DicomContentError
        When an attribute cannot be read.
    """
    injections = items(header, "RadiopharmaceuticalInformationSequence")
    stated_names = (name for item in injections for name in _names(item))
    names = [name[:_LONGEST_TEXT] for name in (*stated_names, *beside)]
    stated = [_heard(name) for name in names]
    stated += [
        verdict
        for item in injections
        for code in items(item, "RadiopharmaceuticalCodeSequence")
        for verdict in _coded(code)
    ]
    nuclides = [found for item in injections if (found := radionuclide_of(item))]
    nuclides += [nuclide for name in names for nuclide, _ in nuclides_in(name)]
    return StatedTracer(_decided(stated), next(iter(nuclides), None))


def _names(item: Dataset) -> Iterator[str]:
    name = person_readable(item, "Radiopharmaceutical")
    if name:
        yield name


def _coded(code: Dataset) -> Iterator[tuple[_Says, str]]:
    concept, meaning = concept_of(code), person_readable(code, "CodeMeaning")
    if concept == _CODE_OF_FDG:
        yield _Says.FDG, FDG
        yield _heard(meaning)
    elif concept in _OTHER_CODES:
        yield _Says.OTHER, _OTHER_CODES[concept]
    else:
        yield _heard(meaning)


def _heard(text: str) -> tuple[_Says, str]:
    """Return what a text says, and the name in it."""
    text = text[:_LONGEST_TEXT]
    if {nuclide for nuclide, _ in nuclides_in(text)} - {_FLUORINE_18}:
        return _Says.OTHER, text[:_LONGEST_NAME]
    bare = _without_nuclide(text)
    found = [word.casefold() for word in _WORD.findall(_without_accents(bare))]
    return _said_by(found), bare


def _said_by(found: list[str]) -> _Says:
    if any(w in _OTHER_WORDS or w.endswith(_OTHER_ENDINGS) for w in found):
        return _Says.OTHER
    if any(map(_FDG_WORD.fullmatch, found)) or _is_deoxyglucose("".join(found)):
        return _Says.FDG
    # Beside FDG such a word may be of what it is dissolved in, as citrate.
    if not _WORDS_OF_PS3_16.isdisjoint(found):
        return _Says.OTHER
    telling = any(w not in _SAY_NOTHING and not w.isdigit() for w in found)
    return _Says.SOMETHING if telling else _Says.NOTHING


def _is_deoxyglucose(letters: str) -> bool:
    """Return whether this is 2-deoxy-2-fluoro-D-glucose, in whatever order.

    In the spellings of several languages, and with ``fluoro`` misspelt.
    """
    return all(part.search(letters) for part in (_DEOXY, _FLUORO, _GLUCOSE))


def _without_accents(words: str) -> str:
    letters = unicodedata.normalize("NFKD", words)
    return "".join(each for each in letters if not unicodedata.combining(each))


def _without_nuclide(words: str) -> str:
    """Return a name without its radionuclide and the signs around it."""
    letters = list(words)
    for _, (start, end) in nuclides_in(words):
        letters[start:end] = " " * (end - start)
    bare = re.sub(r"[\[\](){}^]+", " ", "".join(letters))
    return " ".join(bare.split()).strip(" -_,;:")[:_LONGEST_NAME]


def _decided(stated: list[tuple[_Says, str]]) -> str | None:
    others = [name for says, name in stated if says is _Says.OTHER]
    is_fdg = any(says is _Says.FDG for says, _ in stated)
    if others:
        return f"{others[0]} (elsewhere {FDG})" if is_fdg else others[0]
    if is_fdg:
        return FDG
    return next((name for says, name in stated if says is _Says.SOMETHING), None)


def _other_codes() -> dict[Concept, str]:
    return {
        (code.value, code.scheme_designator): code.meaning
        for group in ("CID25", "CID4021")
        for code in Collection(group).concepts.values()
        if (code.value, code.scheme_designator) != _CODE_OF_FDG
    }


_OTHER_CODES = _other_codes()
_WORDS_OF_PS3_16 = frozenset(
    word
    for meaning in _OTHER_CODES.values()
    for word in map(str.casefold, _WORD.findall(_without_nuclide(meaning)))
    if len(word) >= _SHORTEST_WORD and not word.isdigit() and word not in _OF_NO_TRACER
)
