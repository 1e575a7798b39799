"""Further reconstructions of one scan: what a score's sensitivity is best seen from.

Design choice: nobody waits for them. One that is whole when the contours' own series is
takes part; one that comes later makes a revision, as every input does.

Design choice: DYNAMIC, GATED and enhanced series have none. What is averaged of the
first depends on the injection, and the others say otherwise when they were acquired.
"""

from collections.abc import Sequence

from dicom_io.header import Plane
from dicom_io.scan_identity import ScanIdentity
from node.readiness.stacks import Stack, shortfall

_SAME_MM = 0.005
_SAME_DIRECTION = 1e-6


def replicates_of(pet: Stack, stacks: Sequence[Stack]) -> tuple[Stack, ...]:
    """Return the other whole PET series of the scan that a series was made from.

    Parameters
    ----------
    pet : Stack
        Whole.
    stacks : sequence of Stack
        All image series that are known.

    Returns
    -------
    tuple of Stack
        In the same study and frame of reference, slice for slice on the same grid, at
        the same instants and with the same corrections; ordered by their UIDs.
    """
    scans, planes = _scans(pet), _ordered(pet)
    if scans is None or planes is None or pet.frame is None:
        return ()
    found = [
        other
        for other in stacks
        if other.is_pet
        and other.series_uid != pet.series_uid
        and (other.study_uid, other.frame) == (pet.study_uid, pet.frame)
        and _scans(other) == scans
        and shortfall(other, settled=True) is None
        and _same_planes(planes, _ordered(other))
    ]
    return tuple(sorted(found, key=lambda other: other.series_uid))


def _scans(stack: Stack) -> frozenset[ScanIdentity] | None:
    """Return when the slices of a static series were acquired, if all say so."""
    if stack.is_enhanced or not stack.is_static:
        return None
    scans = [instance.header.scan for instance in stack.instances]
    known = frozenset(scan for scan in scans if scan is not None)
    return known if None not in scans else None


def _ordered(stack: Stack) -> tuple[Plane, ...] | None:
    planes = stack.planes
    return planes and tuple(sorted(planes, key=lambda plane: plane.position_mm))


def _same_planes(first: tuple[Plane, ...], second: tuple[Plane, ...] | None) -> bool:
    if second is None or len(first) != len(second):
        return False
    return all(_same(one, other) for one, other in zip(first, second, strict=True))


def _same(one: Plane, other: Plane) -> bool:
    return (
        (one.rows, one.columns) == (other.rows, other.columns)
        and _near(one.position_mm, other.position_mm, _SAME_MM)
        and _near(one.spacing_mm, other.spacing_mm, _SAME_MM)
        and _near(one.orientation, other.orientation, _SAME_DIRECTION)
    )


def _near(one: Sequence[float], other: Sequence[float], most: float) -> bool:
    return all(abs(a - b) <= most for a, b in zip(one, other, strict=True))
