"""Frames of reference that stored registrations lead to an image's.

Registrations are followed from the image outwards, forwards and backwards.

Design choice: where several registrations lead from one frame of reference to the
image's in equally many steps, they must agree to `AGREEMENT_MM` everywhere in its field
of view. No date makes one of them right.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from dicom_io.errors import DicomContentError
from dicom_io.regions.registration import read_registration
from model.affine import (
    IDENTITY,
    Affine,
    field_corners_mm,
    greatest_difference_mm,
)
from model.errors import ModelError
from model.grid import Grid
from node.case.region_making import Join
from node.readiness.bridges import Chain
from node.records.objects import StoredInstance

AGREEMENT_MM = 0.1
"""An eighth of an Inveon's voxel."""


@dataclass(frozen=True)
class Reached:
    """A frame of reference and its way to the image's, or what is wrong with it."""

    to_image: Affine
    through: tuple[str, ...] = ()
    fault: DicomContentError | ModelError | None = field(default=None)


@dataclass(frozen=True)
class _Bridge:
    """What an object joins.

    Attributes
    ----------
    ways : tuple of (str, Affine)
        Frames of reference, each with its way into the registered one.
    fault : DicomContentError or ModelError or None
        Why the ways are not known.
    """

    ways: tuple[tuple[str, Affine], ...]
    fault: DicomContentError | ModelError | None = None


def reached_frames(chain: Chain, grid: Grid) -> dict[str, Reached]:
    """Return all frames of reference that a chain leads to a grid's, by their UID."""
    return _followed(_bridges(chain), grid) if chain.registrations else {}


def joined_frame(grid: Grid, frame: str, chain: Chain) -> Join | None:
    """Return the way from a frame of reference to an image's by stored registrations.

    Parameters
    ----------
    grid : Grid
        Of the image.
    frame : str
        Frame of Reference UID.
    chain : Chain
        From it to the image's.

    Returns
    -------
    Affine, DicomContentError, ModelError or None
        Why the way is not known, where registrations lead there and cannot be used;
        None where none does.
    """
    found = reached_frames(chain, grid).get(frame)
    return None if found is None else found.fault or found.to_image


def _bridges(chain: Chain) -> dict[str, _Bridge]:
    """Return what each object joins, by SOP Instance UID, in the UIDs' order."""
    uid_of = {each.header.sop_instance_uid: each for each in chain.registrations}
    frames = dict(chain.frames_of_images)
    return {uid: _bridge(uid_of[uid], frames) for uid in sorted(uid_of)}


def _bridge(stored: StoredInstance, frames: Mapping[str, str]) -> _Bridge:
    try:
        registration = read_registration(stored.path)
    except (DicomContentError, ModelError) as error:
        joins = stored.header.joins
        if joins is None:
            raise
        images = [uid for item in joins.images for uid in item]
        named = {joins.registered, *joins.sources}
        named.update(frames[uid] for uid in images if uid in frames)
        return _Bridge(tuple((each, IDENTITY) for each in sorted(named)), error)
    ways = [(registration.registered, IDENTITY)]
    for source in registration.sources:
        names = [source.frame_of_reference] if source.frame_of_reference else []
        names += [frames[uid] for uid in source.images if uid in frames]
        if names:
            ways.append((names[0], source.to_registered))
    return _Bridge(tuple(ways))


def _followed(bridges: Mapping[str, _Bridge], grid: Grid) -> dict[str, Reached]:
    """Return all frames of reference that objects lead to the grid's, by their UID."""
    reached = {grid.frame_of_reference: Reached(IDENTITY)}
    corners = field_corners_mm(grid)
    border = dict(reached)
    while border:
        layer: dict[str, Reached] = {}
        for frame, way in _one_further(border, bridges):
            if frame in reached:
                continue
            first = layer.setdefault(frame, way)
            layer[frame] = _agreed(first, way, frame, corners)
        reached.update(layer)
        border = layer
    return reached


def _one_further(
    border: Mapping[str, Reached], bridges: Mapping[str, _Bridge]
) -> Iterator[tuple[str, Reached]]:
    for uid, bridge in bridges.items():
        for frame, to_registered in bridge.ways:
            before = border.get(frame)
            if before is None:
                continue
            back = before.to_image.after(to_registered.inverse())
            fault = before.fault or bridge.fault
            for other, its_way in bridge.ways:
                way = back.after(its_way)
                yield other, Reached(way, (uid, *before.through), fault)


def _agreed(
    first: Reached, other: Reached, frame: str, corners: NDArray[np.float64]
) -> Reached:
    """Return the first of two ways, with what is wrong with either or both."""
    if first.fault is not None:
        return first
    if other.fault is not None:
        return replace(first, fault=other.fault)
    there = first.to_image.inverse().apply(corners)
    apart_mm = greatest_difference_mm(first.to_image, other.to_image, there)
    if apart_mm <= AGREEMENT_MM:
        return first
    fault = DisagreeingRegistrationsError(
        (first.through, other.through), frame, apart_mm
    )
    return replace(first, fault=fault)


class DisagreeingRegistrationsError(ModelError):
    """Two registrations lead from one frame of reference to different places."""

    reason = "frame_of_reference"
    remedy = (
        "Find out which is right, and send contours that were drawn on the PET itself, "
        "or a structure set in a frame of reference that the right one alone joins."
    )

    def __init__(
        self, ways: tuple[tuple[str, ...], tuple[str, ...]], frame: str, apart_mm: float
    ) -> None:
        one, other = (" then ".join(way) for way in ways)
        super().__init__(
            f"Spatial Registrations {one} and {other} lead from frame of reference "
            f"{frame} to places in the image that lie up to {apart_mm:.2f} mm apart"
        )
        self.ways = ways
        self.apart_mm = apart_mm
