"""Whether sources of one value agree, and which of them is believed.

Design choice: the most trusted source that says a value is believed, and every other
one is compared with it. A disagreement beyond the tolerance is refused, since one of
the two is wrong and nobody knows which; values of a person who looked and decided
(`Source.RELEASE`) override the others, with a statement.

Design choice: a value that is impossible for the species as it stands, and that agrees
with the believed one when it is read in another unit (g for kg, MBq for Bq), is no
disagreement: the believed source shows which unit was meant. It is said.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from model.administration import Administration, Source, SourceRules
from model.errors import ModelError
from model.plausibility import Checked

_ROUNDING = 1e-9


@dataclass(frozen=True)
class Believed:
    """A number that is believed.

    Attributes
    ----------
    value : float
        In grams or becquerel; of a factor, without unit.
    source : Source
    statements : tuple of str
        Where it came from and what other sources say; empty where the PET itself is
        the only one.
    numbers : mapping of str to float
        What it was made of.
    """

    value: float
    source: Source
    statements: tuple[str, ...] = ()
    numbers: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Stated:
    """What one source says, in the unit of the quantity."""

    value: float
    by: Administration


@dataclass(frozen=True)
class Quantity:
    """How a quantity is named, shown and mistaken.

    Attributes
    ----------
    name : str
    text : callable
        Of a value, with its unit.
    mistaken : tuple of (str, float)
        Units that a value may have been entered in, and their factors.
    """

    name: str
    text: Callable[[float], str]
    mistaken: tuple[tuple[str, float], ...]


def ranked(
    sources: Sequence[Administration], rules: SourceRules
) -> tuple[Administration, ...]:
    """Return the sources that are asked, the most trusted first.

    What a person released comes before all; a source that is left out of the
    precedence is not asked.
    """
    order = (Source.RELEASE, *rules.precedence)
    asked = [source for source in sources if source.source in order]
    return tuple(sorted(asked, key=lambda source: order.index(source.source)))


@dataclass(frozen=True)
class Agreement:
    """When two values of a quantity agree.

    Attributes
    ----------
    quantity : Quantity
    tolerance : float
        Relative to the believed value.
    plausible : tuple of float
        Least and greatest value; what lies outside may be in another unit.
    """

    quantity: Quantity
    tolerance: float
    plausible: tuple[float, float]

    def between(self, believed: float, other: float) -> bool:
        """Return whether another value lies within the tolerance of the believed."""
        tolerated = (self.tolerance + _ROUNDING) * abs(believed)
        return abs(other - believed) <= tolerated

    def unit_of(self, believed: float, other: float) -> str | None:
        """Return the unit in which an impossible value agrees; None where in none."""
        if self.plausible[0] <= other <= self.plausible[1]:
            return None
        for unit, factor in self.quantity.mistaken:
            if self.between(believed, other * factor):
                return unit
        return None


def settle(
    checked: Checked, stated: Sequence[Stated], agreement: Agreement
) -> Believed:
    """Return the believed value, with what every source says of it.

    Parameters
    ----------
    checked : Checked
        The believed value.
    stated : sequence of Stated
        By all sources, the believed one first.
    agreement : Agreement

    Raises
    ------
    ConflictingSourcesError
        When another source disagrees and no person decided.
    """
    best, *others = stated
    quantity, value = agreement.quantity, checked.value
    name = quantity.name[0].upper() + quantity.name[1:]
    heard = [f"{name} {quantity.text(value)} from {best.by.origin}"]
    heard += [_heard(value, best, other, agreement) for other in others]
    said = [checked.statement] if checked.statement else []
    if others or best.by.source is not Source.HEADER:
        said.insert(0, "; ".join(heard))
    return Believed(value, best.by.source, tuple(said))


def _heard(believed: float, best: Stated, other: Stated, agreement: Agreement) -> str:
    """Return what another source says, in words; refuse what disagrees."""
    quantity = agreement.quantity
    said = f"{other.by.origin}: {quantity.text(other.value)}"
    if agreement.between(believed, other.value):
        return said
    unit = agreement.unit_of(believed, other.value)
    if unit is not None:
        return f"{said} (the number agrees if it was entered in {unit})"
    if best.by.source is Source.RELEASE:
        return f"{said} (overridden)"
    facts = (quantity.text(believed), best.by, quantity.text(other.value), other.by)
    apart = f"{abs(other.value - believed) / abs(believed):.0%}"
    tolerated = f"{agreement.tolerance:.0%}"
    raise ConflictingSourcesError(quantity.name, facts, apart, tolerated)


class ConflictingSourcesError(ModelError):
    """Two sources say different things of one value."""

    reason: ClassVar[str] = "conflicting_sources"
    remedy: ClassVar[str] = (
        "Correct the wrong one at its source, or decide with `exhaustion-node release"
        " UID` and --weight-g, --activity-mbq or --injected-at."
    )

    def __init__(
        self,
        name: str,
        facts: tuple[str, Administration, str, Administration],
        apart: str,
        tolerated: str,
    ) -> None:
        believed, best, said, other = facts
        super().__init__(
            f"the {name} is {believed} by {best.origin}, and {said} by {other.origin}:"
            f" they differ by {apart}, and {tolerated} is tolerated"
        )
        self.origins = (best.origin, other.origin)
