"""Images that are SUV already, by body weight or by another body size.

Design choice: SUV that a scanner made were made with the weight and dose of its own
header, and are not made again: neither is asked for, and nothing is held for them. A
weight of another source serves for numbers per gram alone, and a disagreement is said.

Design choice: SUV by another body size than weight are brought back to body weight with
the weight, height and sex of the header, since they were made with these.
"""

from collections.abc import Sequence

from pydicom.dataset import Dataset

from dicom_io.attributes import number, text
from dicom_io.errors import DicomContentError
from dicom_io.pet.radiopharmaceutical import stated_weight_kg
from dicom_io.pet.units import Units, UnsupportedUnitsError
from dicom_io.suv.injected import PET_HEADER
from dicom_io.suv.numeric_faults import numbers_of
from dicom_io.suv.rules import SuvRules
from dicom_io.suv.scan import Scan
from model.administration import Administration, Source
from model.agreement import ranked
from model.body_size import SuvType, to_body_weight
from model.errors import ModelError
from model.plausibility import plausible_weight
from model.suv import SuvConversion

_SUV_BY_BODY_WEIGHT = frozenset({"", "BW"})
_GRAMS_PER_KG = 1e3


def already_suv(
    scan: Scan, units: Units, rules: SuvRules, supplied: Sequence[Administration]
) -> SuvConversion:
    """Return how an image in GML or CM2ML becomes SUVbw.

    Parameters
    ----------
    scan : Scan
    units : Units
    rules : SuvRules
    supplied : sequence of Administration
        What sources beside the PET say.

    Raises
    ------
    UnsupportedUnitsError, NormalisationError
        When a normalisation to another body size cannot be undone.
    ModelError
        When the weight that it was made with is missing or implausible.
    """
    header = scan.header
    suv_type = text(header, "SUVType")
    if units is Units.GML and suv_type in _SUV_BY_BODY_WEIGHT:
        return by_body_weight(_body_weight_rule(suv_type), scan, rules, supplied)
    kind = _kind(header, units, suv_type)
    if not rules.of_people:
        fact = f"{units} with SUV Type {kind}, a formula of human body size"
        raise UnsupportedUnitsError(header, fact, "SUVType")
    return _undone(header, units, kind, rules)


def by_body_weight(
    rule: tuple[str, tuple[str, ...]],
    scan: Scan,
    rules: SuvRules,
    supplied: Sequence[Administration],
) -> SuvConversion:
    """Return how an image that is SUVbw is taken: as it is.

    Parameters
    ----------
    rule : tuple of (str, tuple of str)
        Name of the rule and what must be said of it.
    scan : Scan
    rules : SuvRules
    supplied : sequence of Administration
    """
    name, said = rule
    numbers, told = weight_beside(scan, rules, supplied)
    return SuvConversion(name, 1.0, numbers, (*said, *told))


def _body_weight_rule(suv_type: str) -> tuple[str, tuple[str, ...]]:
    if suv_type:
        return "GML, SUV Type = BW, values are SUVbw", ()
    said = "SUV Type is empty and was taken as BW, its default (PS3.3 C.8.9.1)"
    return "GML, values are SUVbw", (said,)


def _kind(header: Dataset, units: Units, suv_type: str) -> SuvType:
    """Return the body size that values were normalised to."""
    by_surface = units is Units.CM2ML
    try:
        kind = SuvType(suv_type or SuvType.BSA)
    except ValueError as error:
        fact = f"{units} with SUV Type {suv_type}"
        raise UnsupportedUnitsError(header, fact, "SUVType") from error
    if by_surface is not (kind is SuvType.BSA):
        fact = f"{units} with SUV Type {suv_type}, which contradict each other"
        raise UnsupportedUnitsError(header, fact, "SUVType")
    return kind


def _undone(
    header: Dataset, units: Units, kind: SuvType, rules: SuvRules
) -> SuvConversion:
    sex = text(header, "PatientSex").upper()
    height_m = number(header, "PatientSize")
    kilograms = stated_weight_kg(header)
    for value, keyword in ((kilograms, "PatientWeight"), (height_m, "PatientSize")):
        if not value:
            fact = f"{units} with SUV Type {kind} and without {keyword}"
            raise UnsupportedUnitsError(header, fact, keyword)
    with numbers_of(header, "PatientWeight"):
        checked = plausible_weight(kilograms or 0.0, rules.limits, rules.units_in_doubt)
    with numbers_of(header, "SUVType", "PatientSex", "PatientSize"):
        factor = to_body_weight(
            kind,
            weight_kg=checked.value / _GRAMS_PER_KG,
            height_m=height_m or 0.0,
            sex=sex,
        )
    said = [f"SUV by {_FORMULAS[kind]} was brought back to body weight"]
    if sex == "O" and kind is not SuvType.BSA:
        said.append("Patient's Sex is O: the mean of both sexes' formulas was undone")
    return SuvConversion(
        f"{units}, SUV Type = {kind}, undone with the header's weight, height and sex",
        factor,
        {"weight_g": checked.value, "height_m": height_m or 0.0},
        (*said, *((checked.statement,) if checked.statement else ())),
    )


_FORMULAS = {
    SuvType.BSA: "body surface area (DuBois 1916)",
    SuvType.LBM: "lean body mass (James 1976, women)",
    SuvType.LBMJAMES128: "lean body mass (James 1976)",
    SuvType.LBMJANMA: "lean body mass (Janmahasatian 2005)",
    SuvType.IBW: "ideal body weight (Sugawara 1999)",
}


def weight_beside(
    scan: Scan, rules: SuvRules, supplied: Sequence[Administration]
) -> tuple[dict[str, float], tuple[str, ...]]:
    """Return a plausible weight for numbers per gram, where anybody says one.

    The SUV itself was made with the header's, so that nothing is held for it.

    Returns
    -------
    numbers : dict of str to float
    statements : tuple of str
    """
    header = Administration(Source.HEADER, PET_HEADER)
    try:
        kilograms = stated_weight_kg(scan.header)
    except DicomContentError:
        kilograms = None
    if kilograms is not None and not scan.of_several_animals:
        weight_g = kilograms * _GRAMS_PER_KG
        header = Administration(Source.HEADER, PET_HEADER, weight_g=weight_g)
    for source in ranked([*supplied, header], rules.sources):
        if source.weight_g is None:
            continue
        try:
            found = plausible_weight(
                source.weight_g / _GRAMS_PER_KG, rules.limits, rules.units_in_doubt
            )
        except ModelError:
            continue
        said = [found.statement] if found.statement else []
        if source.source is not Source.HEADER:
            said.append(_weight_in_words(found.value, source, header, rules))
        return {"weight_g": found.value}, tuple(said)
    return {}, ()


def _weight_in_words(
    weight_g: float, source: Administration, header: Administration, rules: SuvRules
) -> str:
    said = f"Weight {weight_g:.6g} g from {source.origin}"
    stated = header.weight_g
    if stated is None:
        return said
    said += f"; {PET_HEADER}: {stated:.6g} g"
    if abs(stated - weight_g) > rules.sources.weight_tolerance * weight_g:
        said += ", with which the SUV of the image were made"
    return said
