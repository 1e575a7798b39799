"""Which registrations lead from one frame of reference to another.

Design choice: the chain with the fewest objects counts; every step adds the error of a
registration. All objects on any chain of that length are taken together, so that two
which disagree are found by who reads their matrices; see `node.case.joining`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from dicom_io.regions.registration import JoinedFrames
from node.records.objects import StoredInstance


@dataclass(frozen=True)
class Chain:
    """Registrations that together lead from one frame of reference to another.

    Attributes
    ----------
    registrations : tuple of StoredInstance
        Those on any of the shortest chains, nearest to the start first.
    frames_of_images : tuple of tuple of str
        SOP Instance UID of an image and its Frame of Reference UID, for sources that
        the registrations name by their images alone.
    """

    registrations: tuple[StoredInstance, ...]
    frames_of_images: tuple[tuple[str, str], ...] = ()


def joined(chains: Iterable[Chain]) -> Chain:
    """Return several chains as one, each object once."""
    registrations: dict[str, StoredInstance] = {}
    images: dict[tuple[str, str], None] = {}
    for chain in chains:
        for each in chain.registrations:
            registrations.setdefault(each.header.sop_instance_uid, each)
        images.update(dict.fromkeys(chain.frames_of_images))
    return Chain(tuple(registrations.values()), tuple(images))


@dataclass(frozen=True, eq=False)
class _Bridge:
    """A registration and all the frames of reference that it joins."""

    instance: StoredInstance
    frames: frozenset[str]
    images: tuple[tuple[str, str], ...]
    deformable: bool


class Bridges:
    """The registrations among stored objects.

    Parameters
    ----------
    instances : iterable of StoredInstance
        Registrations, and the images that they may name.
    """

    def __init__(self, instances: Iterable[StoredInstance]) -> None:
        stored = tuple(instances)
        joining = [each for each in stored if each.header.joins is not None]
        # Nobody else pays for a look at every image.
        frames = _frames_by_image(stored) if joining else {}
        self._bridges = tuple(
            _bridge(each, each.header.joins, frames)
            for each in sorted(joining, key=lambda each: each.header.sop_instance_uid)
            if each.header.joins is not None
        )

    def between(self, start: str | None, end: str | None) -> Chain | None:
        """Return what leads from a frame of reference to another, or None.

        Parameters
        ----------
        start, end : str or None
            Frame of Reference UIDs; nothing leads to or from an unknown one.
        """
        usable = [each for each in self._bridges if not each.deformable]
        return _chain(usable, start, end)

    def deformable_between(self, start: str | None, end: str | None) -> tuple[str, ...]:
        """Return the deformable registrations that would be needed, by UID.

        Returns
        -------
        tuple of str
            SOP Instance UIDs; empty where none would help.
        """
        chain = _chain(self._bridges, start, end)
        if chain is None:
            return ()
        needed = {each.header.sop_instance_uid for each in chain.registrations}
        return tuple(
            each.instance.header.sop_instance_uid
            for each in self._bridges
            if each.deformable and each.instance.header.sop_instance_uid in needed
        )


def _bridge(
    instance: StoredInstance, joins: JoinedFrames, frames: Mapping[str, str]
) -> _Bridge:
    # All images of an item lie in one frame of reference: any that is stored tells it.
    images = tuple(
        next(((uid, frames[uid]) for uid in named if uid in frames), ("", ""))
        for named in joins.images
    )
    known = tuple(pair for pair in images if pair[0])
    ends = {joins.registered, *joins.sources, *(frame for _, frame in known)}
    return _Bridge(instance, frozenset(ends), known, joins.deformable)


def _frames_by_image(stored: Iterable[StoredInstance]) -> dict[str, str]:
    return {
        each.header.sop_instance_uid: each.header.frame_of_reference_uid
        for each in stored
        if each.header.frame_of_reference_uid is not None
    }


def _chain(
    bridges: Sequence[_Bridge], start: str | None, end: str | None
) -> Chain | None:
    if start is None or end is None or start == end:
        return None
    ahead, behind = _distances(bridges, end), _distances(bridges, start)
    whole = ahead.get(start)
    if whole is None:
        return None
    on_the_way: list[tuple[int, _Bridge]] = []
    for bridge in bridges:
        steps = min((behind.get(each, whole) for each in bridge.frames), default=whole)
        rest = min((ahead.get(each, whole) for each in bridge.frames), default=whole)
        if steps + 1 + rest == whole:
            on_the_way.append((steps, bridge))
    on_the_way.sort(key=lambda found: found[0])
    return Chain(
        tuple(bridge.instance for _, bridge in on_the_way),
        tuple(
            dict.fromkeys(pair for _, bridge in on_the_way for pair in bridge.images)
        ),
    )


def _distances(bridges: Sequence[_Bridge], start: str) -> dict[str, int]:
    """Return how many registrations lie between a frame of reference and others."""
    found = {start: 0}
    border = {start}
    steps = 0
    while border:
        steps += 1
        reached = {
            frame
            for bridge in bridges
            if bridge.frames & border
            for frame in bridge.frames
        }
        border = reached - found.keys()
        found.update(dict.fromkeys(border, steps))
    return found
