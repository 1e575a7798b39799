"""What contours were drawn on, as far as it is stored.

By instance, else by series, else by frame of reference and place, else by a
registration that joins the contours' frame of reference to a PET's. A step that cannot
go on raises `Undecided`, when what is to come may help, or `Refused`, when a person
must act.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NoReturn

from dicom_io.header import DrawnOn
from node.readiness.bridges import Bridges
from node.readiness.stacks import Stack, overlaps, shortfall
from node.records.objects import StoredInstance

PET_MISSING = "PET missing"
_IMAGES_MISSING = "the images that the contours name are missing"

_NOTHING = DrawnOn((), (), (), None, None, ())


@dataclass(frozen=True)
class Drawn:
    """The image series that contours were drawn on.

    Attributes
    ----------
    stacks : tuple of Stack
    statements : tuple of str
        How that is known, where it is not by instance.
    """

    stacks: tuple[Stack, ...]
    statements: tuple[str, ...] = ()


class Undecided(Exception):  # noqa: N818 (a state of things, not an error)
    """What is stored does not decide yet."""

    def __init__(self, missing: str, reason: str, stacks: Iterable[Stack] = ()) -> None:
        super().__init__(missing)
        self.missing = missing
        self.reason = reason
        self.studies = tuple(dict.fromkeys(stack.study_uid for stack in stacks))


class Refused(Exception):  # noqa: N818 (a state of things, not an error)
    """What is stored cannot go together; a person must act."""

    def __init__(self, reason: str, detail: str, stacks: Iterable[Stack]) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail
        self.studies = tuple(dict.fromkeys(stack.study_uid for stack in stacks))


def references_of(source: StoredInstance) -> DrawnOn:
    """Return what contours say that they were drawn on."""
    return source.header.drawn_on or _NOTHING


def drawn_on_stacks(
    source: StoredInstance, stacks: Sequence[Stack], bridges: Bridges, *, settled: bool
) -> Drawn:
    """Return the image series that contours were drawn on.

    Parameters
    ----------
    source : StoredInstance
        Structure set or segmentation.
    stacks : sequence of Stack
        All that are stored.
    bridges : Bridges
        The registrations that are stored.
    settled : bool
        Whether references that nothing answers may be passed over.

    Raises
    ------
    Undecided, Refused
    """
    found = _by_instance(source, stacks)
    if found is None and (settled or not references_of(source).instances):
        found = _by_series(source, stacks, settled=settled)
    if found is None and settled:
        found = _by_place(source, stacks) or _by_registration(source, stacks, bridges)
    return found or _nothing_found(source, stacks, bridges, settled=settled)


def _by_instance(source: StoredInstance, stacks: Sequence[Stack]) -> Drawn | None:
    named = set(references_of(source).instances)
    holding = {stack: len(stack.sop_instance_uids & named) for stack in stacks}
    touched = [stack for stack, present in holding.items() if present]
    if not touched:
        return None
    present = sum(holding.values())
    if present < len(named):
        lacks = [shortfall(stack, settled=True) for stack in touched if stack.is_pet]
        words = "; ".join(filter(None, lacks))
        missing = words or f"{present} of {len(named)} referenced slices"
        raise Undecided(missing, "incomplete_series", touched)
    return Drawn(tuple(touched))


def _by_series(
    source: StoredInstance, stacks: Sequence[Stack], *, settled: bool
) -> Drawn | None:
    references = references_of(source)
    found = [stack for stack in stacks if stack.series_uid in references.series]
    if not found:
        return None
    absent = set(references.series) - {stack.series_uid for stack in found}
    if absent and not settled:
        missing = f"{len(absent)} of {len(references.series)} referenced series missing"
        raise Undecided(missing, "incomplete_series", found)
    names = ", ".join(stack.series_uid for stack in found)
    statement = f"{_unanswered(references)}The contours were matched by series {names}."
    return Drawn(tuple(found), (statement,))


def _by_place(source: StoredInstance, stacks: Sequence[Stack]) -> Drawn | None:
    references = references_of(source)
    found = [stack for stack in stacks if stack.frame in references.frames_of_reference]
    if not found:
        return None
    low, high = references.low_mm, references.high_mm
    if low is not None and high is not None:
        around = [stack for stack in found if overlaps(stack, low, high)]
        if not around:
            raise _elsewhere(found)
        found = around
    # A PET in the frame of reference is nearer to what is asked than a CT in it.
    drawn = [stack for stack in found if stack.is_pet] or found
    frames = ", ".join(dict.fromkeys(str(stack.frame) for stack in drawn))
    statement = (
        f"{_unanswered(references)}The contours were matched by frame of reference "
        f"{frames} and place."
    )
    return Drawn(_in_study_of(source, drawn), (statement,))


def _by_registration(
    source: StoredInstance, stacks: Sequence[Stack], bridges: Bridges
) -> Drawn | None:
    references = references_of(source)
    frames = references.frames_of_reference
    pets = [
        stack
        for stack in stacks
        if stack.is_pet and any(bridges.between(uid, stack.frame) for uid in frames)
    ]
    if not pets:
        return None
    statement = (
        f"{_unanswered(references)}The contours lie in frame of reference "
        f"{listed(frames)}, of which no image is stored; a registration joins it to "
        "the PET's."
    )
    return Drawn(_in_study_of(source, pets), (statement,))


def _elsewhere(stacks: Sequence[Stack]) -> Undecided | Refused:
    for stack in stacks:
        lacks = shortfall(stack, settled=True) if stack.is_pet else None
        if lacks is not None:
            return Undecided(lacks, "incomplete_series", [stack])
    names = ", ".join(stack.series_uid for stack in stacks)
    detail = (
        f"No contour touches the images in its frame of reference (series {names}). "
        "Send the images that the contours were drawn on, or draw them on these."
    )
    return Refused("roi_outside_image", detail, stacks)


def _nothing_found(
    source: StoredInstance, stacks: Sequence[Stack], bridges: Bridges, *, settled: bool
) -> NoReturn:
    pets = [stack for stack in stacks if stack.is_pet]
    if not pets:
        raise Undecided(PET_MISSING, "no_pet")
    own = _in_study_of(source, pets)
    lacks = "; ".join(filter(None, (shortfall(pet, settled=True) for pet in own)))
    if lacks:
        raise Undecided(lacks, "incomplete_series", own)
    if not settled:
        raise Undecided(_IMAGES_MISSING, "frame_of_reference", own)
    frames = references_of(source).frames_of_reference
    detail = (
        "The contours name no image that is stored; they lie in frame of reference "
        f"{listed(frames)}, the PET in {listed(pet.frame or 'none' for pet in own)}. "
        f"{deformable_only(bridges, frames, own)}"
        "Send the images that the contours were drawn on."
    )
    raise Refused("frame_of_reference", detail, own)


def _unanswered(references: DrawnOn) -> str:
    number = len(references.instances)
    return f"None of the {number} referenced slices is stored. " if number else ""


def _in_study_of(source: StoredInstance, stacks: Sequence[Stack]) -> tuple[Stack, ...]:
    """Return the stacks in the contours' own study if there are any, else all."""
    study = source.header.study_instance_uid
    return tuple(stack for stack in stacks if stack.study_uid == study) or tuple(stacks)


def deformable_only(
    bridges: Bridges, frames: Iterable[str], pets: Sequence[Stack]
) -> str:
    """Return a sentence on registrations that would help if they were rigid."""
    starts = tuple(frames)
    uids = [
        uid
        for start in starts
        for pet in pets
        for uid in bridges.deformable_between(start, pet.frame)
    ]
    if not uids:
        return ""
    return (
        f"Deformable registrations ({listed(uids)}) would join them, and are not "
        "used: a region must keep its shape. "
    )


def listed(uids: Iterable[str]) -> str:
    """Return UIDs for a sentence, each once."""
    return ", ".join(dict.fromkeys(uids)) or "none"
