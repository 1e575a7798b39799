"""A region as polylines on the images that it lies on (SCOORD, PS3.3 C.18.6).

Design choice: the polylines run along the edges of the voxels that were really used,
not along the contour as it was drawn. They enclose exactly the mask that the numbers
come from, they exist on the PET's own slices even when somebody drew on the CT, and
they show the holes. The contour as drawn is referred to by the report.

Design choice: a region with a hole is one polyline, joined to the hole along a line of
no width, because several polylines of one group are read as a union.

Design choice: the slice with most voxels comes first. OHIF 3.12 draws only the first
polyline of a measurement group, and goes to its slice.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dicom_io.codes import SOURCE
from dicom_io.pet.series import InstanceReference
from dicom_io.results.report.content_items import SELECTED_FROM, ContentItems
from dicom_io.results.report.report_concepts import IMAGE_REGION
from model.grid import Mask
from model.outline import staircase_outlines

Corner = tuple[int, int]
Ring = list[Corner]


def image_regions(
    items: ContentItems, mask: Mask, instances: Sequence[InstanceReference]
) -> list[bytes]:
    """Return the region's polylines as content items, with the image of each.

    Parameters
    ----------
    items : ContentItems
    mask : Mask
        With at least one voxel.
    instances : sequence of InstanceReference
        The images of the mask's slices, or frames of one, by slice index.

    Returns
    -------
    list of bytes
        Closed polylines in (column, row); (0, 0) is the outer corner of the first pixel
        and whole numbers are edges between pixels (PS3.3 C.18.6.1.1).
    """
    start = mask.box[0].start
    voxels = np.count_nonzero(mask.inside[mask.box], axis=(1, 2)).tolist()
    used = [start + k for k, count in enumerate(voxels) if count]
    used.sort(key=lambda k: (-voxels[k - start], k))
    used[1:] = sorted(used[1:])
    return [
        items.polyline(IMAGE_REGION, polygon, _image(items, instances[k]))
        for k in used
        for polygon in enclosing_polygons(mask.inside[k])
    ]


def enclosing_polygons(inside: NDArray[np.bool_]) -> list[NDArray[np.float64]]:
    """Return closed polygons that together enclose exactly the pixels of a region.

    Parameters
    ----------
    inside : ndarray of bool, shape (rows, columns)

    Returns
    -------
    list of ndarray, shape (points, 2)
        (column, row) edges between pixels, the first point repeated as the last; one
        polygon per connected part, holes joined to it.
    """
    rings = [
        [(int(row), int(column)) for row, column in (outline + 0.5).tolist()]
        for outline in staircase_outlines(inside)
    ]
    polygons = [ring for ring in rings if _encloses(ring)]
    holes = [_from_leftmost(ring) for ring in rings if not _encloses(ring)]
    for hole in sorted(holes, key=lambda ring: (ring[0][1], ring[0][0])):
        _join(polygons, hole)
    return [
        np.array([(column, row) for row, column in [*ring, ring[0]]], np.float64)
        for ring in polygons
    ]


def _image(items: ContentItems, instance: InstanceReference) -> bytes:
    return items.reference(
        "IMAGE", SOURCE, instance, SELECTED_FROM, frame=instance.frame
    )


def _encloses(ring: Ring) -> bool:
    """Return whether a ring runs with its inside on the right: an outer one."""
    following = [*ring[1:], ring[0]]
    twice_area = sum(
        first[1] * second[0] - second[1] * first[0]
        for first, second in zip(ring, following, strict=True)
    )
    return twice_area > 0


def _from_leftmost(ring: Ring) -> Ring:
    """Return the ring from its leftmost corner on, the upper one of several."""
    start = min(range(len(ring)), key=lambda at: (ring[at][1], ring[at][0]))
    return ring[start:] + ring[:start]


def _join(polygons: list[Ring], hole: Ring) -> None:
    """Lead a polygon to a hole and back, along the row left of the hole's corner.

    Between the corner and the next edge on its left lies nothing but the region, so
    that the way there stays inside. Holes further left are part of a polygon by then.
    """
    row, column = hole[0]
    crossings = [
        (first[1], number, at)
        for number, ring in enumerate(polygons)
        for at, (first, second) in enumerate(
            zip(ring, [*ring[1:], ring[0]], strict=True)
        )
        if first[1] == second[1] <= column
        and min(first[0], second[0]) <= row <= max(first[0], second[0])
    ]
    edge, number, at = max(crossings)
    ring, there = polygons[number], (row, edge)
    way = [*ring[: at + 1], there, *hole, hole[0], there, *ring[at + 1 :]]
    polygons[number] = [
        corner
        for corner, before in zip(way, [way[-1], *way], strict=False)
        if corner != before
    ]
