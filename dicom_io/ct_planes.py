"""Planes through a CT, for pictures: no more of it is read than they need.

A CT has ten times the bytes of its PET, and a picture shows three planes of it. Each
slice that one of them meets is read once, and sampled where they lie.

Design choice: what may be read is bounded by a number of slices, fewer of compressed
ones, of which each has to be decoded. A plane along the slices gets the two that it
lies between; one across them is drawn from evenly chosen ones where there are more.
That is a picture with fewer rows, never one of another place, and said where its rows
are further apart than the pixels of the image before it.

References
----------
* DICOM PS3.3 C.7.6.2.1.1, equation C.7.6.2.1-1.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydicom.uid import UID

from dicom_io.attributes import text, uid_of, whole
from dicom_io.errors import DicomContentError
from dicom_io.part10 import read_dataset
from dicom_io.pixels import NATIVE_SYNTAXES, rescale_of, stored_values
from dicom_io.plane import Plane
from model.affine import Affine
from model.display_planes import Lattice
from model.slice_sampling import PlaneSampling, SliceStack

MOST_NATIVE = 128
"""Slices that are read for planes across them."""
MOST_COMPRESSED = 24
"""The same where each has to be decoded, which takes some ten milliseconds."""

_MOST_PARTS = 8
_MOST_PIXELS = 768
"""Along a side of a plane; a page has fewer for it."""
_SAME_DIRECTION = 1e-3
_SAME_PLACE_MM = 1e-3


@dataclass(frozen=True)
class CtSlice:
    """A slice of a CT that is stored.

    Attributes
    ----------
    path : Path
    sop_instance_uid : str
    plane : Plane or None
        None where the object does not say where it lies, or holds several planes.
    """

    path: Path
    sop_instance_uid: str
    plane: Plane | None


@dataclass(frozen=True, eq=False)
class CtPlanes:
    """Planes of a CT.

    Attributes
    ----------
    planes : tuple of ndarray, shape (rows, columns)
        Hounsfield units, as far as the scanner was calibrated to them; NaN outside.
    statements : tuple of str
    """

    planes: tuple[NDArray[np.float32], ...] = ()
    statements: tuple[str, ...] = ()


def read_ct_planes(
    slices: Sequence[CtSlice], lattices: Sequence[Lattice], to_ct: Affine
) -> CtPlanes:
    """Return a CT on planes of another image.

    Parameters
    ----------
    slices : sequence of CtSlice
        Of one series, in any order.
    lattices : sequence of Lattice
        The other image's pixels. The planes that are returned have the same edges, and
        pixels about as fine as the CT's.
    to_ct : Affine
        From the lattices' coordinates to the CT's.

    Raises
    ------
    CtNotShownError
        When its slices are no stack of parallel planes of one size.
    DicomContentError
        When a slice cannot be read.
    """
    stack, ordered = _stack_of(slices)
    finest = min(stack.spacing_mm)
    samplings = [
        PlaneSampling(stack, _divided(_moved(each, to_ct), finest)) for each in lattices
    ]
    across = [each.reach_mm for each in samplings if not each.runs_along]
    chosen, stride = _chosen(stack, across, _most(ordered[0]))
    for each in samplings:
        each.choose(stack.between(*each.reach_mm) if each.runs_along else chosen)
    for number in sorted({k for each in samplings for k in each.slices}):
        stored, rescale = _read(ordered[number], stack.shape)
        for each in samplings:
            each.add(number, stored, rescale)
    return CtPlanes(
        tuple(each.picture() for each in samplings),
        _thinned(stride, stack, lattices),
    )


def _stack_of(slices: Sequence[CtSlice]) -> tuple[SliceStack, list[CtSlice]]:
    """Return where slices lie, and the slices in this order, each place once."""
    planes = [each.plane for each in slices if each.plane is not None]
    if not planes or len(planes) < len(slices):
        fact = "not every object of it says where its one plane lies"
        raise CtNotShownError(fact)
    first = planes[0]
    if not all(_fits(first, plane) for plane in planes):
        fact = "its slices are not parallel, or differ in their size"
        raise CtNotShownError(fact)
    row, column = np.array(first.orientation).reshape(2, 3)
    axes = np.array([row, column, np.cross(row, column)])
    corners = np.array([plane.position_mm for plane in planes]) @ axes.T
    rising = sorted(
        range(len(slices)), key=lambda k: (corners[k, 2], slices[k].sop_instance_uid)
    )
    kept = rising[:1]
    for k in rising[1:]:
        if corners[k, 2] - corners[kept[-1], 2] > _SAME_PLACE_MM:
            kept.append(k)
    stack = SliceStack(
        axes, corners[kept], (first.rows, first.columns), first.spacing_mm
    )
    return stack, [slices[k] for k in kept]


def _fits(first: Plane, plane: Plane) -> bool:
    turned = np.abs(np.subtract(first.orientation, plane.orientation)).max()
    size = (first.rows, first.columns, first.spacing_mm)
    usable = min(*plane.spacing_mm, plane.rows, plane.columns) > 0
    same = (plane.rows, plane.columns, plane.spacing_mm) == size
    return bool(turned <= _SAME_DIRECTION) and same and usable


def _moved(lattice: Lattice, to_ct: Affine) -> Lattice:
    ways = np.array([lattice.down_mm, lattice.across_mm]) @ to_ct.linear.T
    corner = to_ct.apply(np.array([lattice.origin_mm]))
    origin, down, across = (
        (float(x), float(y), float(z)) for x, y, z in (*corner, *ways)
    )
    return Lattice(lattice.shape, origin, down, across)


def _divided(lattice: Lattice, finest_mm: float) -> Lattice:
    """Return a lattice whose pixels are about as fine as the CT's."""
    steps = np.linalg.norm([lattice.down_mm, lattice.across_mm], axis=1).tolist()
    rows, columns = (
        max(1, min(round(step / finest_mm), _MOST_PARTS, _MOST_PIXELS // count))
        for step, count in zip(steps, lattice.shape, strict=True)
    )
    return lattice.divided((rows, columns))


def _most(one: CtSlice) -> int:
    """Return how many slices may be read, by how one of them is encoded."""
    header = read_dataset(one.path, stop_before_pixels=True)
    syntax = UID(text(header.file_meta, "TransferSyntaxUID"))
    return MOST_NATIVE if syntax in NATIVE_SYNTAXES else MOST_COMPRESSED


def _chosen(
    stack: SliceStack, reaches_mm: Sequence[tuple[float, float]], most: int
) -> tuple[list[int], int]:
    """Return the slices of some reaches, evenly thinned, and every how many."""
    met = sorted({k for reach in reaches_mm for k in stack.between(*reach)})
    stride = max(1, -(-len(met) // most))
    kept = met[::stride]
    return [*kept, *(k for k in met[-1:] if k not in kept)], stride


def _thinned(
    stride: int, stack: SliceStack, lattices: Sequence[Lattice]
) -> tuple[str, ...]:
    ways = [way for each in lattices for way in (each.down_mm, each.across_mm)]
    coarsest = float(np.linalg.norm(ways, axis=1).max()) if ways else 0.0
    if stride == 1 or stride * stack.step_mm <= coarsest:
        return ()
    apart = f"{stride * stack.step_mm:.1f} mm apart"
    return (f"The CT behind the PET is drawn from slices that are {apart}.",)


def _read(
    one: CtSlice, shape: tuple[int, int]
) -> tuple[NDArray[np.integer], tuple[float, float]]:
    """Return stored values of a slice, with slope and intercept."""
    dataset = read_dataset(one.path)
    rescale = rescale_of(dataset)
    if (whole(dataset, "Rows"), whole(dataset, "Columns")) != shape:
        fact = "a slice has another size than its header said"
        raise CtNotShownError(fact, uid_of(dataset))
    return stored_values(dataset), rescale


class CtNotShownError(DicomContentError):
    """A CT cannot be shown behind another image."""

    remedy = "Nothing that is measured depends on it; send a whole axial series."

    def __init__(self, fact: str, uid: str | None = None) -> None:
        super().__init__(fact, uid=uid)
