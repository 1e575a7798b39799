"""Body sizes that SUV can be normalised to, and the way back to body weight.

Design choice: a normalisation is undone only where its formula is known. *SUV Type* LBM
is not for men: "implementations differ in whether they have used 120 or 128" (PS3.16
CID 85), which is 2 per cent of SUV. For women both are the same formula.

Design choice: where *Patient's Sex* is O, the mean of both sexes' sizes was used (IBSI
SUV manual, *Standardizing SUV Computation*).

Design choice: all of these formulas were fitted to people. They are never applied to an
animal.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import ClassVar

from model.errors import ModelError

_CM_PER_M = 100.0
_CM2_PER_M2 = 1e4
_GRAMS_PER_KG = 1e3


class SuvType(StrEnum):
    """*SUV Type* (0054,1006) other than body weight (PS3.3 C.8.9.1)."""

    BSA = "BSA"
    """Body surface area, DuBois 1916."""
    LBM = "LBM"
    """Lean body mass, James 1976 with an unknown constant for men."""
    LBMJAMES128 = "LBMJAMES128"
    """Lean body mass, James 1976."""
    LBMJANMA = "LBMJANMA"
    """Lean body mass, Janmahasatian 2005."""
    IBW = "IBW"
    """Ideal body weight, Sugawara 1999."""


_Size = Callable[[float, float], float]
"""Body size in kg, or m2, of weight in kg and height in cm."""


def _james_male(weight_kg: float, height_cm: float) -> float:
    return 1.10 * weight_kg - 128.0 * (weight_kg / height_cm) ** 2


def _james_female(weight_kg: float, height_cm: float) -> float:
    return 1.07 * weight_kg - 148.0 * (weight_kg / height_cm) ** 2


def _janmahasatian_male(weight_kg: float, height_cm: float) -> float:
    index = weight_kg / (height_cm / _CM_PER_M) ** 2
    return 9270.0 * weight_kg / (6680.0 + 216.0 * index)


def _janmahasatian_female(weight_kg: float, height_cm: float) -> float:
    index = weight_kg / (height_cm / _CM_PER_M) ** 2
    return 9270.0 * weight_kg / (8780.0 + 244.0 * index)


def _ideal_male(_weight_kg: float, height_cm: float) -> float:
    return 48.0 + 1.06 * (height_cm - 152.0)


def _ideal_female(_weight_kg: float, height_cm: float) -> float:
    return 45.5 + 0.91 * (height_cm - 152.0)


def _dubois(weight_kg: float, height_cm: float) -> float:
    return float(0.007184 * weight_kg**0.425 * height_cm**0.725)


_FORMULAS: dict[SuvType, dict[str, _Size]] = {
    SuvType.BSA: {"M": _dubois, "F": _dubois},
    SuvType.LBM: {"F": _james_female},
    SuvType.LBMJAMES128: {"M": _james_male, "F": _james_female},
    SuvType.LBMJANMA: {"M": _janmahasatian_male, "F": _janmahasatian_female},
    SuvType.IBW: {"M": _ideal_male, "F": _ideal_female},
}
_PLAUSIBLE_HEIGHT_M = (0.3, 2.6)


def to_body_weight(
    suv_type: SuvType, *, weight_kg: float, height_m: float, sex: str
) -> float:
    """Return SUVbw per SUV of another type: body weight over body size.

    Parameters
    ----------
    suv_type : SuvType
    weight_kg, height_m : float
        Of a human being, as the SUV was made with.
    sex : str
        M, F or O; of no account for the body surface area.

    Returns
    -------
    float
        (g/ml)/(g/ml), or (g/ml)/(cm2/ml) for the body surface area.

    Raises
    ------
    NormalisationError
        When the formula is not known, or gives no size.

    References
    ----------
    * DICOM PS3.16 CID 85, *SUV Units*, and its definitions of 126401 to 126406.
    """
    low, high = _PLAUSIBLE_HEIGHT_M
    if not low <= height_m <= high:
        fact = f"a height of {height_m:g} m is implausible ({low:g} to {high:g} m)"
        raise NormalisationError(fact)
    size = _mean_size(suv_type, weight_kg, height_m * _CM_PER_M, sex)
    if not size > 0:
        fact = f"{weight_kg:g} kg and {height_m:g} m give no {suv_type}"
        raise NormalisationError(fact)
    unit = _CM2_PER_M2 if suv_type is SuvType.BSA else _GRAMS_PER_KG
    return weight_kg * _GRAMS_PER_KG / (size * unit)


def _mean_size(
    suv_type: SuvType, weight_kg: float, height_cm: float, sex: str
) -> float:
    formulas = _FORMULAS[suv_type]
    if suv_type is SuvType.BSA:
        sexes: tuple[str, ...] = ("M",)
    else:
        sexes = ("M", "F") if sex == "O" else (sex,)
    if not all(each in formulas for each in sexes):
        fact = f"SUV Type {suv_type} has no one formula for the sex {sex!r}"
        raise NormalisationError(fact)
    return sum(formulas[each](weight_kg, height_cm) for each in sexes) / len(sexes)


class NormalisationError(ModelError):
    """A normalisation to another body size than weight cannot be undone."""

    reason: ClassVar[str] = "unsupported_units"
    remedy: ClassVar[str] = "Export the PET in BQML, or as SUVbw in GML."
