"""What a study lacks that an archive may have. Pure.

Design choice: it follows from the same content as readiness, whether or not that study
could go on without: contours that were matched by frame of reference because the images
that they name are absent are worth an attempt, and give a revision when these come.

Design choice: images are sought for contours that came to the node by themselves or lie
in the PET's study, not for those that it fetched from another study to see whether they
fit. Otherwise one study would bring every other one of an animal with it.
"""

from collections.abc import Iterable, Iterator, Sequence

from dicom_io.header import ObjectKind
from node.readiness.bridges import Bridges
from node.readiness.references import references_of
from node.readiness.stacks import Stack, shortfall, stacks_of
from node.records.objects import StoredInstance
from node.records.sought import Need, Sought

CONTOUR_MODALITIES = ("RTSTRUCT", "SEG", "REG")
"""Of what somebody may make after the scan."""
IMAGE_MODALITIES = ("PT", "CT")
_CONTOURS = (ObjectKind.STRUCTURE_SET, ObjectKind.SEGMENTATION)


def lacking(
    study_uid: str, instances: Sequence[StoredInstance], *, earlier: bool
) -> tuple[Sought, ...]:
    """Return what may be sought for a study.

    Parameters
    ----------
    study_uid : str
    instances : sequence of StoredInstance
        Of the study and all that it is connected with.
    earlier : bool
        Whether earlier studies of the animal are wanted.
    """
    stacks = stacks_of(instances)
    own = [stack for stack in stacks if stack.study_uid == study_uid and stack.is_pet]
    found = [_images_of(each) for each in _unanswered(study_uid, instances, stacks)]
    found += [
        Sought(Need.SLICES, "SERIES", (stack.series_uid,), ("PT",))
        for stack in own
        if is_short(stack)
    ]
    if own:
        contours = Sought(Need.CONTOURS, "STUDY", (study_uid,), CONTOUR_MODALITIES)
        found.append(contours)
    if own and earlier:
        modalities = (*IMAGE_MODALITIES, *CONTOUR_MODALITIES)
        found.append(Sought(Need.EARLIER, "STUDY", (study_uid,), modalities))
    return tuple(found)


def is_short(stack: Stack) -> bool:
    """Return whether a series is known to have gaps, or not known to have none."""
    return shortfall(stack, settled=True) is not None


def series_is_short(series_uid: str, instances: Iterable[StoredInstance]) -> bool:
    """Return whether a series among objects has gaps; True when nothing of it is."""
    stacks = [each for each in stacks_of(instances) if each.series_uid == series_uid]
    return not stacks or any(is_short(stack) for stack in stacks)


def lacks_images(source: StoredInstance, instances: Sequence[StoredInstance]) -> bool:
    """Return whether images that contours need are absent.

    Those that they name, by instance, else by series, else by frame of reference; and
    any PET at all.

    Parameters
    ----------
    source : StoredInstance
        Structure set or segmentation.
    instances : sequence of StoredInstance
        Of its study and all that it is connected with.
    """
    stacks = stacks_of(instances)
    return _lacks(source, stacks, instances)


def contours_among(instances: Iterable[StoredInstance]) -> list[StoredInstance]:
    """Return the structure sets and segmentations among objects."""
    return [each for each in instances if each.header.kind in _CONTOURS]


def _images_of(source: StoredInstance) -> Sought:
    return Sought(
        Need.IMAGES, "IMAGE", (source.header.sop_instance_uid,), IMAGE_MODALITIES
    )


def _unanswered(
    study_uid: str, instances: Sequence[StoredInstance], stacks: Sequence[Stack]
) -> Iterator[StoredInstance]:
    for source in contours_among(instances):
        own = source.header.study_instance_uid == study_uid
        if own and _lacks(source, stacks, instances):
            yield source


def _lacks(
    source: StoredInstance,
    stacks: Sequence[Stack],
    instances: Iterable[StoredInstance],
) -> bool:
    if not any(stack.is_pet for stack in stacks):
        return True
    drawn_on = references_of(source)
    if drawn_on.instances:
        there = {each.header.sop_instance_uid for each in instances}
        return not there.issuperset(drawn_on.instances)
    if drawn_on.series:
        return not {stack.series_uid for stack in stacks}.issuperset(drawn_on.series)
    frames = drawn_on.frames_of_reference
    bridges = Bridges(instances)
    return not any(
        stack.frame == frame or bridges.between(frame, stack.frame)
        for stack in stacks
        for frame in frames
    )
