"""A CT averaged onto the grid of the PET that the same contours fit.

CT and PET features are then of the same voxels: the contours are rasterised on the
PET's grid, and each voxel has the mean of the CT over its extent (`model.onto_grid`).

Design choice: the CT comes to the PET as contours do that were drawn on it: in one
frame of reference as it is, else by a site's rule, by the registration that the rule
asks for, or by stored Spatial Registrations. Where nothing joins them it is held.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from pydicom.dataset import Dataset

from dicom_io.any_image import AnyImage, read_any_image
from dicom_io.header import DrawnOn
from dicom_io.pet.dynamic_series import read_pet
from dicom_io.pet.series import PetSeries
from dicom_io.suv.rule import injection_instant
from model.affine import IDENTITY, Affine
from model.grid import Grid, Volume
from model.masks import moved_grid
from model.onto_grid import OtherFrameError, averaged_onto
from node.case.acquisition import acquisition_of_image, spacings_of
from node.case.joining import Joins, joins_of, joins_onto
from node.case.region_making import Join
from node.case.regions import find_regions
from node.features.measuring import Drawn, ExtractionOptions
from node.readiness.image_matching import ImageMatch, ImageMatcher, Wanted
from node.readiness.stacks import Stack
from node.records.cases import Case

ON_PET_GRID = "CT features on the PET grid: the CT averaged over the PET's voxels"
_BY_RULE = "By the site's rule, the CT's coordinates are the PET's."


@dataclass(frozen=True)
class _Way:
    """From the CT's frame of reference to the PET's."""

    to_pet: Affine
    statements: tuple[str, ...] = ()


def ct_drawn_on_pet(
    case: Case, matcher: ImageMatcher, options: ExtractionOptions
) -> Drawn:
    """Return the CT of a case's contours on the PET's grid, and the regions there.

    Raises
    ------
    DicomContentError, ModelError
        With its reason, when there are none.
    """
    pet = _read_pet(case, options)
    grid = pet.volume.grid
    joins = joins_of(case, pet)
    match = matcher.match(case.contours, Wanted.CT)
    ct = read_any_image([instance.path for instance in match.image.instances])
    way = _way(case, match, matcher, joins, ct, grid)
    regions = find_regions(
        case.contours.path,
        grid,
        options.regions,
        joins.affines,
        case.study_instance_uid,
    )
    return Drawn(
        volume=averaged_onto(_moved(ct.volume, way.to_pet, grid), grid),
        modality="CT",
        image=ct.series_instance_uid,
        study_instance_uid=ct.study_instance_uid,
        patient_id=ct.patient_id,
        animal_id=pet.patient_id,
        regions=regions.found,
        statements=(
            ON_PET_GRID,
            *case.warnings,
            *way.statements,
            *joins.said_of(regions.frames_of_reference),
            *regions.statements,
        ),
        held=regions.held,
        acquisition={
            **acquisition_of_image(ct, options.suv.zone),
            **spacings_of(grid),
        },
    )


def _read_pet(case: Case, options: ExtractionOptions) -> PetSeries:
    """Return the PET, of which only the grid counts; it need not become SUV."""

    def injected_at(headers: Sequence[Dataset]) -> datetime:
        return injection_instant(headers, options.suv, ())

    paths = [instance.path for instance in case.pet]
    return read_pet(paths, options.suv.uptake_window, injected_at, options.suv.zone)


def _way(
    case: Case,
    match: ImageMatch,
    matcher: ImageMatcher,
    joins: Joins,
    ct: AnyImage,
    grid: Grid,
) -> _Way:
    frame = ct.volume.grid.frame_of_reference
    if frame == grid.frame_of_reference:
        return _Way(IDENTITY)
    known = joins.affines.get(frame)
    if known is not None:
        return _Way(_affine(known), joins.said_of([frame]))
    if matcher.share_gantry(match.image, Stack(case.pet)):
        return _Way(IDENTITY, (_BY_RULE,))
    chain = matcher.leading(frame, grid.frame_of_reference)
    if chain is None:
        raise OtherFrameError(frame, grid.frame_of_reference)
    # Joined as contours in the CT's frame of reference would be.
    as_drawn = replace(
        match.image.instances[0].header,
        drawn_on=DrawnOn((frame,), (), (), None, None, ()),
    )
    instance = replace(match.image.instances[0], header=as_drawn)
    joined = joins_onto(grid, instance, chain, ())
    return _Way(_affine(joined.affines[frame]), joined.said_of([frame]))


def _affine(join: Join) -> Affine:
    if not isinstance(join, Affine):
        raise join
    return join


def _moved(volume: Volume, join: Affine, grid: Grid) -> Volume:
    moved = moved_grid(volume.grid, join, grid.frame_of_reference)
    return Volume(moved, volume.values, volume.unit)
