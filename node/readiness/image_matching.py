"""Which image beside the PET contours are applied to, for its features, and how.

The series that they name, else the one in their frame of reference and place, else the
one that stored registrations join to it; of a CT, else the one beside the PET that they
were drawn on, where a site's rule lets the two share their coordinates.

Design choice: where several fit in one of these ways, nothing is guessed, and the next
way is not tried.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from dicom_io.errors import DicomContentError
from dicom_io.header import DrawnOn, ObjectKind
from node.readiness.bridges import Bridges, Chain, joined
from node.readiness.matching_rules import MatchingRules
from node.readiness.references import references_of
from node.readiness.stacks import Stack, overlaps, stacks_of
from node.records.objects import StoredInstance

_BY_RULE = "By the site's rule, the CT's coordinates are the PET's."


class Wanted(Enum):
    """What is looked for."""

    CT = ObjectKind.CT
    OTHER = ObjectKind.IMAGE
    """An image that is neither PET nor CT."""


@dataclass(frozen=True)
class ImageMatch:
    """The image series to which contours are applied.

    Attributes
    ----------
    image : Stack
    chain : Chain
        Registrations from the contours' frames of reference to the image's.
    accept_frames_of_reference : tuple of str
        Of the contours, that a site's rule lets stand for the image's.
    statements : tuple of str
        How the match was made, where a rule made it.
    """

    image: Stack
    chain: Chain
    accept_frames_of_reference: tuple[str, ...] = ()
    statements: tuple[str, ...] = ()


class ImageMatcher:
    """The images among stored objects, and what joins contours to them.

    Parameters
    ----------
    instances : sequence of StoredInstance
    rules : MatchingRules
    """

    def __init__(
        self, instances: Sequence[StoredInstance], rules: MatchingRules
    ) -> None:
        self._rules = rules
        self._bridges = Bridges(instances)
        self._images = {
            wanted: stacks_of(instances, (wanted.value,)) for wanted in Wanted
        }
        self._pets = [stack for stack in stacks_of(instances) if stack.is_pet]

    def match(self, source: StoredInstance, wanted: Wanted) -> ImageMatch:
        """Return the image series of contours.

        Parameters
        ----------
        source : StoredInstance
            Structure set or segmentation.
        wanted : Wanted

        Raises
        ------
        NoCtError, NoImageError
            When none fits, or several do.
        """
        drawn_on = references_of(source)
        for fitting in self._fitting(source, drawn_on, self._images[wanted]):
            if len(fitting) == 1:
                chains = (
                    self._bridges.between(frame, fitting[0].frame)
                    for frame in drawn_on.frames_of_reference
                )
                return ImageMatch(fitting[0], joined(filter(None, chains)))
            if fitting:
                raise _unmatched(source, wanted, fitting)
        if wanted is not Wanted.CT:
            raise _unmatched(source, wanted, [])
        return self._by_site_rule(source, drawn_on)

    def leading(self, start: str | None, end: str | None) -> Chain | None:
        """Return what leads from one frame of reference to another, or None."""
        return self._bridges.between(start, end)

    def _fitting(
        self, source: StoredInstance, drawn_on: DrawnOn, images: Sequence[Stack]
    ) -> Iterator[list[Stack]]:
        """Give what fits, by each of the ways, the first first."""
        named = frozenset(drawn_on.instances)
        yield [
            image
            for image in images
            if image.series_uid in drawn_on.series or image.sop_instance_uids & named
        ]
        low, high = drawn_on.low_mm, drawn_on.high_mm
        yield [
            image
            for image in images
            if image.frame in drawn_on.frames_of_reference
            and low is not None
            and high is not None
            and overlaps(image, low, high)
        ]
        led_to = [
            image
            for image in images
            if any(
                self._bridges.between(uid, image.frame)
                for uid in drawn_on.frames_of_reference
            )
        ]
        own = source.header.study_instance_uid
        yield [image for image in led_to if image.study_uid == own] or led_to

    def _by_site_rule(self, source: StoredInstance, drawn_on: DrawnOn) -> ImageMatch:
        """Return the CT beside the PET that contours were drawn on."""
        pets = [
            pet
            for pet in self._pets
            if pet.model_name in self._shared_gantries
            and pet.frame in drawn_on.frames_of_reference
        ]
        beside = [
            ct
            for ct in self._images[Wanted.CT]
            if any(self.share_gantry(ct, pet) for pet in pets)
        ]
        if len(beside) != 1:
            raise _unmatched(source, Wanted.CT, beside)
        frames = dict.fromkeys(pet.frame for pet in pets if pet.frame is not None)
        return ImageMatch(beside[0], Chain(()), tuple(frames), (_BY_RULE,))

    def share_gantry(self, ct: Stack, pet: Stack) -> bool:
        """Return whether a site's rule lets a CT and a PET share their coordinates.

        Where the rule has the CT registered to the PET, they are not the same.
        """
        return ct.study_uid == pet.study_uid and self._shared_gantries.issuperset(
            (ct.model_name, pet.model_name)
        )

    @property
    def _shared_gantries(self) -> frozenset[str]:
        rules = self._rules.co_registered
        return frozenset(rule.model_name for rule in rules if not rule.register)


def _unmatched(
    source: StoredInstance, wanted: Wanted, fitting: Sequence[Stack]
) -> "NoCtError | NoImageError":
    kind = NoCtError if wanted is Wanted.CT else NoImageError
    return kind(source.header.sop_instance_uid, [each.series_uid for each in fitting])


class NoCtError(DicomContentError):
    """No CT series, or more than one, fits the contours."""

    reason = "no_ct"
    remedy = (
        "Name a folder with the CT on which the contours were drawn, and no other; or "
        "with the Spatial Registration that joins it to the PET. For a co-registered "
        "gantry, add [[matching.co_registered]] with its model_name to the "
        "configuration."
    )

    def __init__(self, sop_instance_uid: str, fitting: Sequence[str]) -> None:
        super().__init__(
            f"{len(fitting)} CT series fit the contours by reference, by frame of "
            "reference and place, by registration, or by a site's rule"
            f"{_listed(fitting)}",
            uid=sop_instance_uid,
        )
        self.fitting = tuple(fitting)


class NoImageError(DicomContentError):
    """No image beside PET and CT, or more than one, fits the contours."""

    reason = "no_image"
    remedy = (
        "Name a folder with the image on which the contours were drawn, and no other."
    )

    def __init__(self, sop_instance_uid: str, fitting: Sequence[str]) -> None:
        super().__init__(
            f"{len(fitting)} other image series fit the contours by reference, by "
            f"frame of reference and place, or by registration{_listed(fitting)}",
            uid=sop_instance_uid,
        )
        self.fitting = tuple(fitting)


def _listed(series: Sequence[str]) -> str:
    return f": {', '.join(series)}" if series else ""
