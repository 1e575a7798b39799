"""The pictures of a case's regions: planes through each, and the whole image.

Design choice: what is drawn is what was used. Uptake is shown voxel by voxel, and the
outline runs along the edges of the region's voxels, as the report's regions do.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dicom_io.animal_facts import animal_facts
from dicom_io.ct_planes import CtPlanes
from model.display_planes import (
    AxisLetters,
    Field,
    PlaneAxes,
    central_voxel,
    cut_plane,
    display_axes,
    edge_letters,
    field_around,
    outlines_in,
    plane_lattice,
    plane_spacing_mm,
    turned,
)
from model.grid import Grid, Mask
from model.outline import staircase_outlines
from model.page.summary.views import EdgeLetters, View
from model.score.assessment import RoiAssessment
from node.case.background import CtBehind
from node.case.suv_image import SuvImage

_CORONAL = 1


@dataclass(frozen=True, eq=False)
class RegionPictures:
    """The pictures of a region.

    Attributes
    ----------
    planes : tuple of View
        Axial, coronal, sagittal.
    projection : View
    """

    planes: tuple[View, ...]
    projection: View


@dataclass(frozen=True, eq=False)
class Pictures:
    """The pictures of a case.

    Attributes
    ----------
    regions : tuple of RegionPictures
        Of the first regions, in the order of the assessments.
    statements : tuple of str
        What is to be said of them.
    """

    regions: tuple[RegionPictures, ...]
    statements: tuple[str, ...]


@dataclass(frozen=True)
class _Place:
    """Where the planes of a region are cut."""

    centre: tuple[int, int, int]
    field: Field


def make_pictures(
    image: SuvImage, assessments: Sequence[RoiAssessment], behind: CtBehind | None
) -> Pictures:
    """Return the pictures of regions.

    Parameters
    ----------
    image : SuvImage
    assessments : sequence of RoiAssessment
    behind : CtBehind or None
        The CT that is shown behind the PET.
    """
    grid = image.suv.grid
    axes = display_axes(grid)
    letters = animal_facts(image.series.headers[0]).letters
    places = [_place_of(found) for found in assessments]
    lattices = [
        plane_lattice(grid, each, place.centre[each.through], place.field)
        for place in places
        for each in axes
    ]
    anatomy = CtPlanes() if behind is None else behind.planes(lattices)
    planes = [
        view
        for found, place in zip(assessments, places, strict=True)
        for view in _planes(image, found, axes, place, letters)
    ]
    shown = [
        _before(view, anatomy.planes[number] if anatomy.planes else None)
        for number, view in enumerate(planes)
    ]
    whole = _projected(image, axes[_CORONAL])
    count = len(axes)
    return Pictures(
        tuple(
            RegionPictures(
                tuple(shown[number * count : (number + 1) * count]),
                _projection(whole, found, grid, axes[_CORONAL], letters),
            )
            for number, found in enumerate(assessments)
        ),
        anatomy.statements,
    )


def _place_of(found: RoiAssessment) -> _Place:
    centre = central_voxel(found.mask)
    return _Place(centre, field_around(found.mask, centre))


def _planes(
    image: SuvImage,
    found: RoiAssessment,
    axes: Iterable[PlaneAxes],
    place: _Place,
    letters: AxisLetters,
) -> Iterator[View]:
    index = None if found.score_map is None else found.score_map.values
    for each in axes:
        view = _plane(image, found.mask, each, place, letters)
        if index is not None:
            at = place.centre[each.through]
            cut = cut_plane(index, each, at, place.field)
            view = replace(view, index=_floats(cut))
        yield view


def _plane(
    image: SuvImage,
    mask: Mask,
    axes: PlaneAxes,
    place: _Place,
    letters: AxisLetters,
) -> View:
    at, field, grid = place.centre[axes.through], place.field, image.suv.grid
    return View(
        title=axes.name,
        position=f"plane {at + 1} of {grid.shape[axes.through]}",
        uptake=_floats(cut_plane(image.suv.values, axes, at, field)),
        spacing_mm=plane_spacing_mm(grid, axes),
        contours=tuple(outlines_in(mask.inside, axes, at, field)),
        letters=_letters(grid, axes, letters),
    )


def _before(view: View, anatomy: NDArray[np.floating] | None) -> View:
    """Return a view with a CT behind it."""
    if anatomy is None:
        return view
    return replace(view, anatomy=anatomy)


def _projected(image: SuvImage, axes: PlaneAxes) -> NDArray[np.floating]:
    # Noise makes no difference to a maximum, and a voxel without a number none either.
    highest = np.fmax.reduce(image.suv.values, axis=axes.through)
    return _floats(turned(highest, axes))


def _projection(
    whole: NDArray[np.floating],
    found: RoiAssessment,
    grid: Grid,
    axes: PlaneAxes,
    letters: AxisLetters,
) -> View:
    inside: NDArray[np.bool_] = np.any(found.mask.inside, axis=axes.through)
    seen = turned(inside, axes)
    return View(
        title="Projection",
        position="maximum",
        uptake=whole,
        spacing_mm=plane_spacing_mm(grid, axes),
        contours=tuple(staircase_outlines(seen.astype(np.bool_))),
        letters=_letters(grid, axes, letters),
    )


def _letters(grid: Grid, axes: PlaneAxes, letters: AxisLetters) -> EdgeLetters:
    left, right, top, bottom = edge_letters(grid, axes, letters)
    return EdgeLetters(left=left, right=right, top=top, bottom=bottom)


def _floats(plane: NDArray[np.generic]) -> NDArray[np.floating]:
    return np.ascontiguousarray(plane, np.float64)
