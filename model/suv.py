"""From activity concentration to the standardised uptake value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar, Literal

import numpy as np

from model.errors import ModelError
from model.grid import Volume

SUV_UNIT = "g/ml"
_PER_CENT = 100.0
_GRAMS_PER_KG = 1000.0


@dataclass(frozen=True)
class DoseShare:
    """Per cent of the injected dose in a mass of tissue.

    Attributes
    ----------
    percent : float or None
        For an SUVbw of 1 g/ml; None where the body weight is not known.
    mass : str
        ``g`` or ``kg``; two decimals of it say something, whatever the species.
    """

    percent: float | None
    mass: Literal["g", "kg"]

    @property
    def name(self) -> str:
        """What people call it."""
        return f"%ID/{self.mass}"

    def of(self, suv: float | None) -> float | None:
        """Return what an SUVbw is of it; None where either does not exist."""
        if self.percent is None or suv is None:
            return None
        return self.percent * suv


@dataclass(frozen=True)
class SuvConversion:
    """How stored values become SUVbw, and with which numbers.

    Attributes
    ----------
    rule : str
        Name of the rule that fired, for example ``BQML, START, decay reference =
        Series Time``; the `suv_rule` of a result.
    factor : float
        g/ml per unit of the stored image; 1 where the image is SUVbw already. Where it
        differs between slices (`slice_factors`), that of the first one.
    numbers : mapping of str to float
        What the factor was made of, with units in the names (`weight_g`,
        `injected_activity_bq`, `half_life_s`, `decay_s`, ...).
    statements : tuple of str
        What a reader of the result must know: conversions applied, doubts.
    slice_factors : tuple of float
        By slice index, where the factor differs between slices; else empty.
    by_kilogram : bool
        Whether shares of the injected dose are told by the kilogram of tissue, as they
        are of large species (`model.plausibility.AnimalLimits.is_large`).
    """

    rule: str
    factor: float
    numbers: Mapping[str, float] = field(default_factory=dict)
    statements: tuple[str, ...] = ()
    slice_factors: tuple[float, ...] = ()
    by_kilogram: bool = False

    def scaled(self, factors: Sequence[float]) -> "SuvConversion":
        """Return the conversion of an image whose values are multiplied before it.

        Parameters
        ----------
        factors : sequence of float
            One for all slices, or one for each.
        """
        own = self.slice_factors or (self.factor,)
        count = max(len(own), len(factors))
        pairs = zip(_spread(own, count), _spread(factors, count), strict=True)
        found = tuple(one * other for one, other in pairs)
        several = found if len(set(found)) > 1 else ()
        return replace(self, factor=found[0], slice_factors=several)

    @property
    def percent_injected_dose_per_gram(self) -> float | None:
        """%ID/g for an SUVbw of 1 g/ml; None where the weight did not enter.

        Both divide by the activity of the same instant, so that only the body weight
        lies between them. A millilitre of tissue is taken as a gram.
        """
        weight_g = self.numbers.get("weight_g")
        return None if weight_g is None else _PER_CENT / weight_g

    @property
    def dose_share(self) -> DoseShare:
        """The same in the unit in which people are told it."""
        per_gram = self.percent_injected_dose_per_gram
        if not self.by_kilogram:
            return DoseShare(per_gram, "g")
        return DoseShare(None if per_gram is None else _GRAMS_PER_KG * per_gram, "kg")


def _spread(factors: Sequence[float], count: int) -> tuple[float, ...]:
    return tuple(factors) * count if len(factors) == 1 else tuple(factors)


def require_possible(suv: Volume, weight_g: float) -> None:
    """Refuse SUV with which a voxel would hold more activity than was injected.

    Parameters
    ----------
    suv : Volume
        g/ml.
    weight_g : float
        The greatest body weight that is plausible; SUV in a voxel cannot exceed it over
        the voxel's volume.

    Raises
    ------
    ImpossibleSuvError
    """
    highest = weight_g / suv.grid.voxel_volume_ml
    found = max(float(suv.values.max()), -float(suv.values.min()))
    if not found <= highest:
        raise ImpossibleSuvError(found, highest)


def suv_factor(*, weight_g: float, activity_bq: float) -> float:
    """Return SUVbw per activity concentration, (g/ml)/(Bq/ml).

    Parameters
    ----------
    weight_g : float
        Of the body.
    activity_bq : float
        The injected activity, decayed to the instant for which the image holds.
    """
    return weight_g / activity_bq


def as_suv(volume: Volume, factors: Sequence[float]) -> Volume:
    """Return the image in g/ml.

    Parameters
    ----------
    volume : Volume
    factors : sequence of float
        One for all slices, or one for each.
    """
    if len(factors) == 1 and factors[0] == 1.0:
        return Volume(volume.grid, volume.values, SUV_UNIT)
    scale = np.asarray(factors, np.float64)[:, np.newaxis, np.newaxis]
    return Volume(volume.grid, volume.values * scale, SUV_UNIT)


class ImpossibleSuvError(ModelError):
    """A voxel would hold more than the whole injected activity."""

    reason: ClassVar[str] = "activity_balance"
    remedy: ClassVar[str] = (
        "Check Rescale Slope and units of the PET at its source and send again."
    )

    def __init__(self, found: float, highest: float) -> None:
        super().__init__(
            f"SUV reach {found:.3g} g/ml, and a voxel that holds all of the injected"
            f" activity would have {highest:.3g} g/ml at most"
        )
        self.found = found
