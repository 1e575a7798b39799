"""Image series as they are stored: whether they are whole, and where they lie.

A PET series that declares its size knows when it is whole. *Number of Slices*
(0054,0081), times *Number of Time Slices* (0054,0101) in a DYNAMIC series only, and
*Number of Series Related Instances* (0020,1209) declare it; a STATIC series may carry
any number of time slices.

Design choice: where declarations disagree, between attributes or between instances, the
greatest holds. A count that is too great costs a wait that says what it waits for; one
that is too small would score an incomplete stack in silence.

Design choice: a series that declares nothing is whole only after silence, and only when
its planes follow each other without a gap. Nothing else could tell that its end is not
still on the way.

References
----------
* DICOM PS3.3 C.8.9.1, PET Series module; C.7.6.2, Image Plane module.
"""

from collections import Counter
from collections.abc import Container, Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise, product
from statistics import median

from dicom_io.header import DeclaredCount, ObjectKind, Plane
from node.records.objects import StoredInstance

_PET = (ObjectKind.PET, ObjectKind.ENHANCED_PET)
_IMAGES = (*_PET, ObjectKind.CT)

_SAME_PLACE_MM = 0.005
"""Planes nearer to each other than this are one place; no scanner steps as finely."""

_GAP = 1.5
"""Distance between neighbours, in steps, from which a plane is missing."""

_SAME_DIRECTION = 1e-3
"""Difference of cosines up to which planes are parallel."""

Vector = tuple[float, float, float]


@dataclass(frozen=True, eq=False)
class Stack:
    """What is stored of one image series.

    Attributes
    ----------
    instances : tuple of StoredInstance
        At least one, of one study, series and kind, in the order given.
    """

    instances: tuple[StoredInstance, ...]

    @property
    def study_uid(self) -> str:
        """Study Instance UID."""
        return self.instances[0].header.study_instance_uid

    @property
    def series_uid(self) -> str:
        """Series Instance UID."""
        return self.instances[0].header.series_instance_uid

    @cached_property
    def sop_instance_uids(self) -> frozenset[str]:
        """SOP Instance UIDs of what is stored."""
        return frozenset(each.header.sop_instance_uid for each in self.instances)

    @property
    def frame(self) -> str | None:
        """Frame of Reference UID."""
        return self.instances[0].header.frame_of_reference_uid

    @property
    def model_name(self) -> str:
        """*Manufacturer's Model Name*."""
        return self.instances[0].header.model_name

    @property
    def description(self) -> str:
        """*Series Description*."""
        return self.instances[0].header.series_description

    @property
    def is_pet(self) -> bool:
        """Whether it is PET rather than CT."""
        return self.instances[0].header.kind in _PET

    @property
    def slices_in_words(self) -> str:
        """What its instances are called in messages."""
        return "PET slices" if self.is_pet else "CT slices"

    @property
    def is_enhanced(self) -> bool:
        """Whether it is an enhanced image, which holds the whole series by itself."""
        return self.instances[0].header.kind is ObjectKind.ENHANCED_PET

    @cached_property
    def is_multi_frame(self) -> bool:
        """Whether one object holds its planes, as far as their places are told."""
        return any(each.header.outer_planes for each in self.instances)

    @cached_property
    def is_gated(self) -> bool:
        """Whether it is a GATED series, each plane in several phases."""
        return any(count.series_type == "GATED" for count in self._counts)

    @cached_property
    def is_static(self) -> bool:
        """Whether nothing says that it is a GATED or a DYNAMIC series."""
        moving = ("GATED", "DYNAMIC")
        return not any(count.series_type in moving for count in self._counts)

    @cached_property
    def declared(self) -> int | None:
        """Number of instances that the series declares, or None."""
        return max(filter(None, map(_declared, self._counts)), default=None)

    @cached_property
    def planes(self) -> tuple[Plane, ...] | None:
        """Planes of all instances, or None when one of them has none.

        Of a multi-frame image, those at its ends.
        """
        if self.is_enhanced or self.is_multi_frame:
            ends = [each.header.outer_planes for each in self.instances]
            return tuple(plane for planes in ends for plane in planes) or None
        planes = [instance.header.plane for instance in self.instances]
        known = tuple(plane for plane in planes if plane is not None)
        return known if len(known) == len(planes) else None

    @property
    def _counts(self) -> list[DeclaredCount]:
        counts = [instance.header.count for instance in self.instances]
        return [count for count in counts if count is not None]

    @property
    def slices(self) -> int | None:
        """Number of planes that the series declares, or None."""
        return (
            max((_positive(count.slices) for count in self._counts), default=0) or None
        )

    @property
    def time_slices(self) -> int:
        """Number of times that a DYNAMIC series declares each plane; else 1."""
        return max(map(_time_slices, self._counts), default=1)


def stacks_of(
    instances: Iterable[StoredInstance], kinds: Container[ObjectKind] = _IMAGES
) -> tuple[Stack, ...]:
    """Return the image series among objects, in the order of their first instance.

    Parameters
    ----------
    instances : iterable of StoredInstance
    kinds : container of ObjectKind
        Of the images that count; PET and CT.
    """
    series: dict[tuple[str, str, str], list[StoredInstance]] = {}
    for instance in instances:
        header = instance.header
        if header.kind in kinds:
            key = (header.study_instance_uid, header.series_instance_uid, header.kind)
            series.setdefault(key, []).append(instance)
    return tuple(Stack(tuple(members)) for members in series.values())


def shortfall(stack: Stack, *, settled: bool) -> str | None:
    """Return what an image series lacks, in words, or None when it is whole.

    Parameters
    ----------
    stack : Stack
    settled : bool
        Whether nothing came for a while, or nothing more can come.
    """
    if stack.is_enhanced or stack.is_multi_frame:
        return None
    declared = stack.declared
    if declared is None:
        return _undeclared_shortfall(stack, settled=settled)
    return _declared_shortfall(stack, declared)


def _declared_shortfall(stack: Stack, declared: int) -> str | None:
    present = len(stack.instances)
    if present < declared:
        return f"{present} of {declared} {stack.slices_in_words}"
    planes = stack.planes
    places = _places(planes) if planes else Counter[float]()
    if stack.slices is not None and 0 < len(places) < stack.slices:
        return f"{len(places)} of {stack.slices} places of {stack.slices_in_words}"
    time_slices = stack.time_slices
    short = sum(times < time_slices for times in places.values())
    if short:
        return (
            f"{short} of {len(places)} places of {stack.slices_in_words} in fewer than"
            f" {time_slices} time frames"
        )
    return None


def overlaps(stack: Stack, low_mm: Vector, high_mm: Vector) -> bool:
    """Return whether a box touches the space that a stack fills; False without planes.

    Parameters
    ----------
    stack : Stack
    low_mm, high_mm : tuple of float
        Corners of the box, LPS.
    """
    planes = stack.planes
    if not planes:
        return False
    corners = [corner for plane in planes for corner in _corners(plane)]
    half_step = [0.5 * _step(planes) * abs(cosine) for cosine in _normal(planes[0])]
    return all(
        min(corner[axis] for corner in corners) - half_step[axis] <= high_mm[axis]
        and low_mm[axis] <= max(corner[axis] for corner in corners) + half_step[axis]
        for axis in range(3)
    )


def _declared(count: DeclaredCount) -> int | None:
    totals = [_positive(count.related_instances)]
    slices = _positive(count.slices)
    if count.series_type == "DYNAMIC":
        totals.append(slices * _positive(count.time_slices))
    else:
        totals.append(slices)
    return max(totals) or None


def _time_slices(count: DeclaredCount) -> int:
    dynamic = count.series_type == "DYNAMIC"
    return max(_positive(count.time_slices), 1) if dynamic else 1


def _positive(number: int | None) -> int:
    return max(number or 0, 0)


def _undeclared_shortfall(stack: Stack, *, settled: bool) -> str | None:
    present = f"{len(stack.instances)} {stack.slices_in_words}"
    planes = stack.planes
    if planes is None:
        return f"{present}, of which neither number nor place is known"
    flaw = _flaw(planes)
    if flaw is not None:
        return f"{present}, {flaw}"
    return None if settled else f"{present}, how many come is not declared"


def _flaw(planes: tuple[Plane, ...]) -> str | None:
    """Return why planes are no regular stack, or None."""
    if not all(_parallel(planes[0], plane) for plane in planes):
        return "not all parallel"
    places = _places(planes)
    step = _step(planes)
    missing = sum(
        round((after - before) / step) - 1
        for before, after in pairwise(sorted(places))
        if after - before > _GAP * step
    )
    if missing:
        return f"at least {missing} between them missing"
    if len(set(places.values())) > 1:
        return "not every place equally often"
    return None


def _parallel(one: Plane, other: Plane) -> bool:
    return all(
        abs(a - b) <= _SAME_DIRECTION
        for a, b in zip(one.orientation, other.orientation, strict=True)
    )


def _normal(plane: Plane) -> Vector:
    a, b, c, d, e, f = plane.orientation
    return (b * f - c * e, c * d - a * f, a * e - b * d)


def _places(planes: tuple[Plane, ...]) -> Counter[float]:
    """Return how many planes lie at each distance along the normal, in mm."""
    normal = _normal(planes[0])
    distances = sorted(
        sum(n * x for n, x in zip(normal, plane.position_mm, strict=True))
        for plane in planes
    )
    places: Counter[float] = Counter()
    place = distances[0]
    for distance in distances:
        if distance - place > _SAME_PLACE_MM:
            place = distance
        places[place] += 1
    return places


def _step(planes: tuple[Plane, ...]) -> float:
    """Return the usual distance between neighbours in mm; 0 for a single place."""
    places = sorted(_places(planes))
    return median([b - a for a, b in pairwise(places)]) if len(places) > 1 else 0.0


def _corners(plane: Plane) -> Iterable[Vector]:
    """Give the outer corners of the pixels, half a pixel beyond their centres."""
    x, y, z = plane.position_mm
    a, b, c, d, e, f = plane.orientation
    between_rows, between_columns = plane.spacing_mm
    across = ((-0.5) * between_columns, (plane.columns - 0.5) * between_columns)
    down = ((-0.5) * between_rows, (plane.rows - 0.5) * between_rows)
    for u, v in product(across, down):
        yield (x + a * u + d * v, y + b * u + e * v, z + c * u + f * v)
