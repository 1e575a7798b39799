"""Which CT series contours are applied to, for its features, and how they come there.

The one that they name, else the one in their frame of reference and place, else the one
that stored registrations join to it, else the one beside the PET that they were drawn
on, where a site's rule lets the two share their coordinates.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dicom_io.errors import DicomContentError
from dicom_io.header import DrawnOn
from node.readiness.bridges import Bridges, Chain, joined
from node.readiness.matching_rules import MatchingRules
from node.readiness.references import references_of
from node.readiness.stacks import Stack, overlaps
from node.records import StoredInstance

_BY_RULE = "By the site's rule, the CT's coordinates are the PET's."


@dataclass(frozen=True)
class CtMatch:
    """The CT series to which contours are applied.

    Attributes
    ----------
    ct : Stack
    chain : Chain
        Registrations from the contours' frames of reference to the CT's.
    accept_frames_of_reference : tuple of str
        Of the contours, that a site's rule lets stand for the CT's.
    statements : tuple of str
        How the match was made, where a rule made it.
    """

    ct: Stack
    chain: Chain
    accept_frames_of_reference: tuple[str, ...] = ()
    statements: tuple[str, ...] = ()


def match_ct(
    source: StoredInstance,
    stacks: Sequence[Stack],
    bridges: Bridges,
    rules: MatchingRules,
) -> CtMatch:
    """Return the CT series of contours.

    Parameters
    ----------
    source : StoredInstance
        Structure set or segmentation.
    stacks : sequence of Stack
        All image series.
    bridges : Bridges
        All registrations.
    rules : MatchingRules

    Raises
    ------
    NoCtError
        When none fits, or several do.
    """
    drawn_on = references_of(source)
    cts = [stack for stack in stacks if not stack.is_pet]
    for fitting in _fitting(source, drawn_on, cts, bridges):
        if len(fitting) == 1:
            chains = (
                bridges.between(frame, fitting[0].frame)
                for frame in drawn_on.frames_of_reference
            )
            return CtMatch(fitting[0], joined(filter(None, chains)))
        if fitting:
            raise NoCtError(source.header.sop_instance_uid, len(fitting))
    return _by_site_rule(source, drawn_on, stacks, rules)


def _fitting(
    source: StoredInstance, drawn_on: DrawnOn, cts: Sequence[Stack], bridges: Bridges
) -> Iterator[list[Stack]]:
    """Give what fits, by each of the ways, the first first."""
    yield [ct for ct in cts if ct.series_uid in drawn_on.series]
    low, high = drawn_on.low_mm, drawn_on.high_mm
    yield [
        ct
        for ct in cts
        if ct.frame in drawn_on.frames_of_reference
        and low is not None
        and high is not None
        and overlaps(ct, low, high)
    ]
    led_to = [
        ct
        for ct in cts
        if any(bridges.between(uid, ct.frame) for uid in drawn_on.frames_of_reference)
    ]
    own = source.header.study_instance_uid
    yield [ct for ct in led_to if ct.study_uid == own] or led_to


def _by_site_rule(
    source: StoredInstance,
    drawn_on: DrawnOn,
    stacks: Sequence[Stack],
    rules: MatchingRules,
) -> CtMatch:
    """Return the CT beside the PET that contours were drawn on.

    Where the rule has the CT registered to the PET, the coordinates are not the same.
    """
    named = {rule.model_name for rule in rules.co_registered if not rule.register}
    pets = [
        stack
        for stack in stacks
        if stack.is_pet
        and stack.model_name in named
        and stack.frame in drawn_on.frames_of_reference
    ]
    beside = [
        stack
        for stack in stacks
        if not stack.is_pet
        and stack.model_name in named
        and stack.study_uid in {pet.study_uid for pet in pets}
    ]
    if len(beside) != 1:
        raise NoCtError(source.header.sop_instance_uid, len(beside))
    frames = dict.fromkeys(pet.frame for pet in pets if pet.frame is not None)
    return CtMatch(beside[0], Chain(()), tuple(frames), (_BY_RULE,))


class NoCtError(DicomContentError):
    """No CT series, or more than one, fits the contours."""

    reason = "no_ct"
    remedy = (
        "Name a folder with the CT on which the contours were drawn, and no other; or "
        "with the Spatial Registration that joins it to the PET. For a co-registered "
        "gantry, add [[matching.co_registered]] with its model_name to the "
        "configuration."
    )

    def __init__(self, sop_instance_uid: str, fitting: int) -> None:
        super().__init__(
            f"{fitting} CT series fit the contours by reference, by frame of reference "
            "and place, by registration, or by a site's rule",
            uid=sop_instance_uid,
        )
        self.fitting = fitting
