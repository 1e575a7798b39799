"""Which PET series contours are applied to.

Where they were drawn on PET, that one; where they were drawn on a CT, the PET in its
frame of reference, or the one that a site's rule lets stand for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from node.records import StoredInstance
from node.references import (
    PET_MISSING,
    Drawn,
    Refused,
    Undecided,
    drawn_on_stacks,
    listed,
    references_of,
)
from node.stacks import Stack, shortfall

_NO_COMMON_FRAME = "PET in the CT's frame of reference missing"
_NOT_PREFERRED = "the preferred PET series is missing"


@dataclass(frozen=True)
class GantryRule:
    """A scanner whose PET and CT share coordinates under different UIDs.

    Attributes
    ----------
    model_name : str
        *Manufacturer's Model Name*.
    register : bool
        Whether the CT is registered to the PET all the same.
    maximum_motion_mm : float
        What the registration may find before a case is held.
    """

    model_name: str
    register: bool = False
    maximum_motion_mm: float = 2.0


@dataclass(frozen=True)
class MatchingRules:
    """What a site says about its scanners and series.

    Attributes
    ----------
    co_registered : tuple of GantryRule
    preferred_pet : tuple of str
        Shell patterns on *Series Description*, ignoring case, in order of preference,
        for when several PET series fit.
    """

    co_registered: tuple[GantryRule, ...]
    preferred_pet: tuple[str, ...]

    @property
    def co_registered_models(self) -> tuple[str, ...]:
        """The scanners' model names."""
        return tuple(rule.model_name for rule in self.co_registered)


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
    """

    pet: Stack
    accept_frames_of_reference: tuple[str, ...]
    statements: tuple[str, ...]


@dataclass(frozen=True)
class _Fitting:
    """PET series that those stand for."""

    pets: tuple[Stack, ...]
    accept: tuple[str, ...] = ()
    statements: tuple[str, ...] = ()
    indirect: bool = False


def match_contours(
    source: StoredInstance,
    stacks: Sequence[Stack],
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
    rules : MatchingRules
    settled : bool
        Whether references that nothing answers may be passed over.

    Raises
    ------
    Undecided, Refused
    """
    drawn = drawn_on_stacks(source, stacks, settled=settled)
    fitting = _fitting_pets(source, drawn, stacks, rules, settled=settled)
    pet = _chosen(fitting, rules, settled=settled)
    if pet.is_gated:
        raise Refused("gated", _gated(pet), [pet])
    lacks = shortfall(pet, settled=settled)
    if lacks is not None:
        raise Undecided(lacks, "incomplete_series", [pet])
    equal = [
        uid for uid in references_of(source).frames_of_reference if uid == pet.frame
    ]
    return PetMatch(
        pet=pet,
        accept_frames_of_reference=tuple(dict.fromkeys([*equal, *fitting.accept])),
        statements=(*drawn.statements, *fitting.statements, *_uncounted(pet)),
    )


def _fitting_pets(
    source: StoredInstance,
    drawn: Drawn,
    stacks: Sequence[Stack],
    rules: MatchingRules,
    *,
    settled: bool,
) -> _Fitting:
    direct = tuple(stack for stack in drawn.stacks if stack.is_pet)
    if direct:
        return _Fitting(direct)
    cts = drawn.stacks
    pets = [stack for stack in stacks if stack.is_pet]
    frames = {stack.frame for stack in cts} - {None}
    shared = [pet for pet in pets if pet.frame in frames]
    studies = {stack.study_uid for stack in cts}
    names = listed(stack.series_uid for stack in cts)
    if shared:
        own = [pet for pet in shared if pet.study_uid in studies] or shared
        statement = (
            f"The contours were drawn on CT series {names}; the PET series lies in "
            "its frame of reference."
        )
        return _Fitting(tuple(own), (), (statement,), indirect=True)
    beside = [pet for pet in pets if pet.study_uid in studies]
    if not beside:
        raise Undecided(PET_MISSING, "no_pet", cts)
    return _by_site_rule(source, cts, beside, rules, settled=settled)


def _by_site_rule(
    source: StoredInstance,
    cts: Sequence[Stack],
    pets: Sequence[Stack],
    rules: MatchingRules,
    *,
    settled: bool,
) -> _Fitting:
    models = {stack.model_name for stack in (*cts, *pets)}
    ruled = [pet for pet in pets if pet.model_name in rules.co_registered_models]
    if not all(ct.model_name in rules.co_registered_models for ct in cts):
        ruled = []
    theirs = [ct.frame for ct in cts if ct.frame is not None]
    drawn_in = listed([*theirs, *references_of(source).frames_of_reference])
    if ruled:
        names = listed(ct.series_uid for ct in cts)
        statement = (
            f"The contours were drawn on CT series {names} in frame of reference "
            f"{drawn_in}; by the site's rule for {listed(models)}, its coordinates "
            "are the PET's."
        )
        return _Fitting(tuple(ruled), tuple(theirs), (statement,), indirect=True)
    if not settled:
        raise Undecided(_NO_COMMON_FRAME, "no_pet", pets)
    keys = "; ".join(
        f'[[matching.co_registered]] model_name = "{name}"' for name in sorted(models)
    )
    detail = (
        f"The contours were drawn on a CT in frame of reference {drawn_in}; the PET "
        f"lies in {listed(pet.frame or 'none' for pet in pets)}. If PET and CT of "
        f"this scanner share their coordinates, say so in the configuration: {keys}."
    )
    raise Refused("frame_of_reference", detail, [*pets, *cts])


def _chosen(fitting: _Fitting, rules: MatchingRules, *, settled: bool) -> Stack:
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
