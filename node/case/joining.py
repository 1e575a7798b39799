"""How the contours' coordinates of a case become the PET's.

Frames of reference that count as equal need nothing; stored registrations are followed
from the PET outwards (`node.case.joined_frames`); and where a site's rule asks for it,
the CT that the contours were drawn on is registered to the PET.

Design choice: a structure set may list frames of reference in which it has no region.
What is wrong with the way from such a one, an unreadable registration as much as two
that contradict each other, holds the regions that were drawn there, and no others.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dicom_io.ct_series import read_ct_series
from dicom_io.pet.series import PetSeries
from model.affine import (
    IDENTITY,
    Affine,
    box_corners_mm,
    field_corners_mm,
)
from model.errors import ModelError
from model.grid import Grid
from model.registration import RigidRegistration, register_rigid
from node.case.joined_frames import Reached, reached_frames
from node.case.region_making import Join
from node.readiness.bridges import Chain
from node.records.cases import Case, Registering
from node.records.objects import StoredInstance


@dataclass(frozen=True)
class Joins:
    """From the contours' frames of reference to the PET's.

    Attributes
    ----------
    affines : mapping of str to Join
        By Frame of Reference UID, points in millimetres to the image's coordinates, or
        why none can be had.
    statements : mapping of str to str
        By Frame of Reference UID, what was applied, with its size; empty where all
        frames are equal.
    """

    affines: Mapping[str, Join]
    statements: Mapping[str, str]

    def said_of(self, frames: Iterable[str]) -> tuple[str, ...]:
        """Return what was applied to contours in some frames of reference."""
        used = frozenset(frames)
        return tuple(said for uid, said in self.statements.items() if uid in used)


def joins_of(case: Case, pet: PetSeries) -> Joins:
    """Return how contours come onto the PET of a case.

    Parameters
    ----------
    case : Case
    pet : PetSeries
        Of the case.

    Raises
    ------
    dicom_io.errors.DicomContentError
        When the CT that is to be registered cannot be read.
    model.registration.RegistrationFailedError
        When the images cannot be registered.
    MotionError
        When the registration moves the contours further than the site allows.
    """
    chain = Chain(case.registrations, case.frames_of_images)
    accept = case.accept_frames_of_reference
    joins = joins_onto(pet.volume.grid, case.contours, chain, accept)
    if case.registering is None:
        return joins
    frame, moved, statement = _registered(case, case.registering, pet)
    return Joins(
        {**joins.affines, frame: moved}, {**joins.statements, frame: statement}
    )


def joins_onto(
    grid: Grid, contours: StoredInstance, chain: Chain, accept: Iterable[str]
) -> Joins:
    """Return how contours come onto an image by registrations that are stored.

    Parameters
    ----------
    grid : Grid
        Of the image.
    contours : StoredInstance
        Structure set or segmentation.
    chain : Chain
        From their frames of reference to the image's.
    accept : iterable of str
        Frames of reference that count as the image's own.
    """
    equal = frozenset(accept)
    affines: dict[str, Join] = dict.fromkeys(equal, IDENTITY)
    statements: dict[str, str] = {}
    reached = reached_frames(chain, grid)
    for frame in _frames_of(contours):
        found = reached.get(frame)
        if found is None or frame in (grid.frame_of_reference, *equal):
            continue
        affines[frame] = found.fault or found.to_image
        if found.fault is None:
            statements[frame] = _joined(frame, found, grid, _around(contours))
    return Joins(affines, statements)


def _frames_of(contours: StoredInstance) -> tuple[str, ...]:
    drawn_on = contours.header.drawn_on
    return drawn_on.frames_of_reference if drawn_on is not None else ()


def _around(contours: StoredInstance) -> NDArray[np.float64] | None:
    """Return the corners of the box around all contours, where they are known."""
    drawn_on = contours.header.drawn_on
    if drawn_on is None or drawn_on.low_mm is None or drawn_on.high_mm is None:
        return None
    return box_corners_mm(drawn_on.low_mm, drawn_on.high_mm)


def _joined(
    frame: str, reached: Reached, grid: Grid, box: NDArray[np.float64] | None
) -> str:
    moved = reached.to_image
    # Without a box of contours, the way back from the image's centre is as good.
    if box is None:
        box = moved.inverse().apply(field_corners_mm(grid))
    kind = "rigid" if moved.is_rigid else "affine"
    return (
        f"Spatial Registration {' then '.join(reached.through)} leads from frame of "
        f"reference {frame} to the image's {grid.frame_of_reference} ({kind}): "
        f"{_size(moved, box.mean(axis=0))}."
    )


def _size(moved: Affine, centre: NDArray[np.float64]) -> str:
    """Return how far a map moves a point, and how far it turns, in words."""
    x, y, z = (moved.apply(centre[np.newaxis]) - centre)[0]
    far = float(np.hypot(np.hypot(x, y), z))
    return (
        f"the contours' centre moves by {far:.2f} mm ({x:.2f}, {y:.2f}, {z:.2f}) and "
        f"the contours turn by {moved.rotation_degrees:.2f} degrees"
    )


def _registered(
    case: Case, registering: Registering, pet: PetSeries
) -> tuple[str, Affine, str]:
    ct = read_ct_series([each.path for each in registering.ct])
    frame = ct.volume.grid.frame_of_reference
    box = _around(case.contours)
    if box is None:
        # Contours without points are segments of the CT, which may lie anywhere in it.
        box = field_corners_mm(ct.volume.grid)
    found = register_rigid(pet.volume, ct.volume)
    motion_mm = float(found.ct_to_pet.displacements_mm(box).max())
    statement = _registered_so(ct.series_instance_uid, found, box, motion_mm)
    if motion_mm > registering.maximum_motion_mm:
        raise MotionError(statement, motion_mm, registering.maximum_motion_mm)
    return frame, found.ct_to_pet, statement


def _registered_so(
    series: str, found: RigidRegistration, box: NDArray[np.float64], motion_mm: float
) -> str:
    return (
        f"CT series {series} was registered to the PET (rigid, mutual information "
        f"{found.information_before:.4f} before, {found.information:.4f} after "
        f"{found.iterations} iterations): "
        f"{_size(found.ct_to_pet, box.mean(axis=0))}; no point of them moves by more "
        f"than {motion_mm:.2f} mm"
    )


class MotionError(ModelError):
    """The CT and the PET do not lie as the site's rule says."""

    reason = "registration_failed"
    remedy = (
        "Look at PET and CT side by side: if the animal moved, draw the contours on "
        "the PET; if the registration is right all the same, raise maximum_motion_mm "
        "of the rule [[matching.co_registered]]."
    )

    def __init__(self, statement: str, motion_mm: float, limit_mm: float) -> None:
        super().__init__(
            f"{statement}, beyond the {limit_mm:g} mm that the site allows"
        )
        self.motion_mm = motion_mm
        self.limit_mm = limit_mm
