"""Which PET series fit contours, by what they were drawn on.

Where they were drawn on PET, that one; where they were drawn on a CT, the PET in its
frame of reference, else the one that stored registrations join to it, else the one that
a site's rule lets stand for it.

Design choice: a site's rule for the PET beside the CT comes before a registration with
the PET of another study. Such a one compares time points; the contours are not its.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from node.readiness.bridges import Bridges
from node.readiness.matching_rules import MatchingRules
from node.readiness.references import (
    PET_MISSING,
    Drawn,
    Refused,
    Undecided,
    deformable_only,
    listed,
    references_of,
)
from node.readiness.stacks import Stack
from node.records.objects import StoredInstance

_NO_COMMON_FRAME = "PET in the CT's frame of reference missing"


@dataclass(frozen=True, eq=False)
class Stored:
    """What is stored beside contours.

    Attributes
    ----------
    stacks : sequence of Stack
        All image series.
    bridges : Bridges
        All registrations.
    """

    stacks: Sequence[Stack]
    bridges: Bridges

    @property
    def pets(self) -> list[Stack]:
        """All PET series."""
        return [stack for stack in self.stacks if stack.is_pet]

    def pets_sharing_frame(self, cts: Sequence[Stack]) -> list[Stack]:
        """Return the PET series in the frame of reference of one of some CTs."""
        frames = {ct.frame for ct in cts} - {None}
        return [pet for pet in self.pets if pet.frame in frames]

    def pets_joined_to(self, cts: Sequence[Stack]) -> list[Stack]:
        """Return the PET series that registrations join to one of some CTs."""
        frames = {ct.frame for ct in cts}
        return [
            pet
            for pet in self.pets
            if any(self.bridges.between(frame, pet.frame) for frame in frames)
        ]


@dataclass(frozen=True)
class Fitting:
    """PET series among which one is to be chosen.

    Attributes
    ----------
    pets : tuple of Stack
        At least one.
    statements : tuple of str
        Why these.
    indirect : bool
        Whether the contours do not name them.
    ruled_cts : tuple of Stack
        What the contours were drawn on, where a site's rule brings them to the PET.
    """

    pets: tuple[Stack, ...]
    statements: tuple[str, ...] = ()
    indirect: bool = False
    ruled_cts: tuple[Stack, ...] = ()


def fitting_pets(
    source: StoredInstance,
    drawn: Drawn,
    stored: Stored,
    rules: MatchingRules,
    *,
    settled: bool,
) -> Fitting:
    """Return the PET series that contours may be applied to.

    Parameters
    ----------
    source : StoredInstance
        Structure set or segmentation.
    drawn : Drawn
        What it was drawn on.
    stored : Stored
    rules : MatchingRules
    settled : bool
        Whether a PET series in the CT's frame of reference is no longer waited for.

    Raises
    ------
    Undecided, Refused
    """
    direct = tuple(stack for stack in drawn.stacks if stack.is_pet)
    if direct:
        return Fitting(direct)
    cts = drawn.stacks
    studies = {stack.study_uid for stack in cts}
    sharing = stored.pets_sharing_frame(cts)
    if sharing:
        return Fitting(_nearer(sharing, studies), (_shares(cts),), indirect=True)
    joined = stored.pets_joined_to(cts)
    by_registration = Fitting(
        _nearer(joined, studies), (_is_joined(cts),), indirect=True
    )
    beside = [pet for pet in stored.pets if pet.study_uid in studies]
    ruled = _by_site_rule(source, cts, beside, rules)
    if ruled is not None and not any(pet.study_uid in studies for pet in joined):
        return ruled
    if joined and (settled or any(pet.study_uid in studies for pet in joined)):
        return by_registration
    if settled and beside:
        raise _apart(source, cts, beside, stored.bridges)
    lacks = _NO_COMMON_FRAME if beside or joined else PET_MISSING
    raise Undecided(lacks, "no_pet", [*beside, *joined] or cts)


def _nearer(pets: Sequence[Stack], studies: set[str]) -> tuple[Stack, ...]:
    """Return the PET series of some studies if there are any, else all."""
    return tuple(pet for pet in pets if pet.study_uid in studies) or tuple(pets)


def _shares(cts: Sequence[Stack]) -> str:
    names = listed(stack.series_uid for stack in cts)
    return (
        f"The contours were drawn on CT series {names}; the PET series lies in its "
        "frame of reference."
    )


def _is_joined(cts: Sequence[Stack]) -> str:
    names = listed(stack.series_uid for stack in cts)
    return (
        f"The contours were drawn on CT series {names}; registrations join its frame "
        "of reference to that of the PET series."
    )


def _by_site_rule(
    source: StoredInstance,
    cts: Sequence[Stack],
    pets: Sequence[Stack],
    rules: MatchingRules,
) -> Fitting | None:
    named = rules.co_registered_models
    ruled = [pet for pet in pets if pet.model_name in named]
    if not ruled or not all(ct.model_name in named for ct in cts):
        return None
    names = listed(ct.series_uid for ct in cts)
    models = listed(stack.model_name for stack in (*cts, *ruled))
    statement = (
        f"The contours were drawn on CT series {names} in frame of reference "
        f"{_drawn_in(source, cts)}; the site has a rule for {models}."
    )
    return Fitting(tuple(ruled), (statement,), indirect=True, ruled_cts=tuple(cts))


def _apart(
    source: StoredInstance,
    cts: Sequence[Stack],
    pets: Sequence[Stack],
    bridges: Bridges,
) -> Refused:
    keys = "; ".join(
        f'[[matching.co_registered]] model_name = "{name}"'
        for name in sorted({stack.model_name for stack in (*cts, *pets)})
    )
    frames = [ct.frame for ct in cts if ct.frame is not None]
    detail = (
        "The contours were drawn on a CT in frame of reference "
        f"{_drawn_in(source, cts)}; the PET lies in "
        f"{listed(pet.frame or 'none' for pet in pets)}. "
        f"{deformable_only(bridges, frames, pets)}"
        "Send the Spatial Registration that joins them. If PET and CT of this scanner "
        f"share their coordinates, say so in the configuration: {keys}."
    )
    return Refused("frame_of_reference", detail, [*pets, *cts])


def _drawn_in(source: StoredInstance, cts: Sequence[Stack]) -> str:
    theirs = [ct.frame for ct in cts if ct.frame is not None]
    return listed([*theirs, *references_of(source).frames_of_reference])
