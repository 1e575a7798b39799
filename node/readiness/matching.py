"""Which PET series contours are applied to, and how they come there.

Where several fit, the site's patterns choose; see `node.readiness.fitting` for which
ones fit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from node.readiness.bridges import Bridges, Chain, joined
from node.readiness.fitting import Fitting, Stored, fitting_pets
from node.readiness.matching_rules import GantryRule, MatchingRules
from node.readiness.references import (
    Refused,
    Undecided,
    drawn_on_stacks,
    listed,
    references_of,
)
from node.readiness.stacks import Stack, shortfall
from node.records.cases import Registering
from node.records.objects import StoredInstance

__all__ = ["GantryRule", "MatchingRules", "PetMatch", "match_contours"]

_NOT_PREFERRED = "the preferred PET series is missing"

_BY_RULE = "By the site's rule, the CT's coordinates are the PET's."
_NO_CHAIN = Chain(())


@dataclass(frozen=True)
class PetMatch:
    """The PET series to which contours are applied.

    Attributes
    ----------
    pet : Stack
        Whole.
    accept_frames_of_reference : tuple of str
        Of the contours; see `Case`.
    statements : tuple of str
        How the match was made, where it was not by instance.
    chain : Chain
        Registrations from the contours' frames of reference to the PET's.
    registering : Registering or None
        Where a site's rule asks for a registration of the images.
    """

    pet: Stack
    accept_frames_of_reference: tuple[str, ...]
    statements: tuple[str, ...]
    chain: Chain = _NO_CHAIN
    registering: Registering | None = None


def match_contours(
    source: StoredInstance,
    stacks: Sequence[Stack],
    bridges: Bridges,
    rules: MatchingRules,
    *,
    settled: bool,
) -> PetMatch:
    """Return the whole PET series that contours are to be applied to.

    Parameters
    ----------
    source : StoredInstance
        Structure set or segmentation.
    stacks : sequence of Stack
        All image series among which it may have been drawn.
    bridges : Bridges
        The registrations that are stored.
    rules : MatchingRules
    settled : bool
        Whether references that nothing answers may be passed over.

    Raises
    ------
    Undecided, Refused
    """
    drawn = drawn_on_stacks(source, stacks, bridges, settled=settled)
    within = Stored(stacks, bridges)
    fitting = fitting_pets(source, drawn, within, rules, settled=settled)
    pet = _chosen(fitting, rules, settled=settled)
    if pet.is_gated:
        raise Refused("gated", _gated(pet), [pet])
    lacks = shortfall(pet, settled=settled)
    if lacks is not None:
        raise Undecided(lacks, "incomplete_series", [pet])
    registering = _registering(fitting, pet, rules, settled=settled)
    frames = references_of(source).frames_of_reference
    accept = [uid for uid in frames if uid == pet.frame]
    ruled = [ct.frame for ct in fitting.ruled_cts if ct.frame is not None]
    statements = [*drawn.statements, *fitting.statements]
    if ruled and registering is None:
        accept += ruled
        statements.append(_BY_RULE)
    chains = [bridges.between(uid, pet.frame) for uid in frames if uid not in ruled]
    return PetMatch(
        pet=pet,
        accept_frames_of_reference=tuple(dict.fromkeys(accept)),
        statements=(*statements, *_uncounted(pet)),
        chain=joined(chain for chain in chains if chain is not None),
        registering=registering,
    )


def _registering(
    fitting: Fitting, pet: Stack, rules: MatchingRules, *, settled: bool
) -> Registering | None:
    """Return the CT that is to be registered, whole, where a rule asks for it."""
    if not fitting.ruled_cts:
        return None
    rule = rules.rule_for(pet.model_name)
    if not rule.register:
        return None
    if len(fitting.ruled_cts) > 1:
        names = listed(ct.series_uid for ct in fitting.ruled_cts)
        detail = (
            f"The contours were drawn on several CT series ({names}), and the site's "
            f"rule for {pet.model_name} has the CT registered. Draw them on one."
        )
        raise Refused("registration_failed", detail, [pet, *fitting.ruled_cts])
    [ct] = fitting.ruled_cts
    lacks = shortfall(ct, settled=settled)
    if lacks is not None:
        raise Undecided(lacks, "incomplete_series", [pet, ct])
    return Registering(ct.instances, rule.maximum_motion_mm)


def _chosen(fitting: Fitting, rules: MatchingRules, *, settled: bool) -> Stack:
    pets = [pet for pet in fitting.pets if not pet.is_gated] or list(fitting.pets)
    for pattern in rules.preferred_pet:
        preferred = [pet for pet in pets if _matches(pet, pattern)]
        if len(preferred) == 1:
            return preferred[0]
        if preferred:
            raise _several(preferred)
    if len(pets) > 1:
        raise _several(pets)
    if fitting.indirect and rules.preferred_pet and not settled:
        # The contours do not name this PET, and the preferred one may be on its way.
        raise Undecided(_NOT_PREFERRED, "no_pet", pets)
    return pets[0]


def _matches(pet: Stack, pattern: str) -> bool:
    return fnmatchcase(pet.description.casefold(), pattern.casefold())


def _several(pets: Sequence[Stack]) -> Refused:
    names = "; ".join(f"{pet.series_uid} ({pet.description})" for pet in pets)
    detail = (
        f"{len(pets)} PET series fit the contours: {names}. Say in the configuration "
        "which one is meant (matching.preferred_pet, a pattern of its description)."
    )
    return Refused("several_pet", detail, pets)


def _gated(pet: Stack) -> str:
    return (
        f"PET series {pet.series_uid} is GATED, and gated series are not scored. "
        "Send the ungated reconstruction, and contours that name it."
    )


def _uncounted(pet: Stack) -> tuple[str, ...]:
    if pet.declared is not None or pet.is_enhanced:
        return ()
    statement = (
        f"The PET series does not declare its size; the {len(pet.instances)} slices "
        "that are stored follow each other without a gap."
    )
    return (statement,)
