"""The regions of a case on an image's grid.

Design choice: one region's fault does not cost the others their result; it is held
beside what could be made. A region that is to be taken out of the others is another
matter: where it cannot be made, every mask would be wrong without anybody seeing it, so
that the whole case is held. One that lies outside the image takes nothing out.

Design choice: regions are taken out of those of their own object alone; a structure set
that came another day says nothing about this one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

from dicom_io.errors import DicomContentError
from dicom_io.regions.contour_source import ContourSource, read_contour_source
from dicom_io.source_reference import SourceReference
from model.contours import Roi, RoiOutsideImageError
from model.errors import ModelError
from model.grid import Grid
from model.masks import shared_voxels, without
from node.case.options import RoiPatterns
from node.case.region_making import (
    Drawing,
    FrameOfReferenceError,
    Join,
    Region,
    RegionRules,
    SegmentOutsideImageError,
    drawings_of,
    region_on,
)
from node.failure import held_by
from node.records.cases import Held

__all__ = [
    "FrameOfReferenceError",
    "NoRoiSelectedError",
    "NothingLeftError",
    "Region",
    "RegionRules",
    "Regions",
    "find_regions",
]


@dataclass(frozen=True, eq=False)
class Regions:
    """What was made of a structure set or segmentation.

    Attributes
    ----------
    source : SourceReference
    found : tuple of Region
    held : tuple of Held
        Regions that could not be made.
    statements : tuple of str
        What holds for all of them.
    frames_of_reference : frozenset of str
        In which they were drawn, those that were taken out among them.
    """

    source: SourceReference
    found: tuple[Region, ...]
    held: tuple[Held, ...]
    statements: tuple[str, ...]
    frames_of_reference: frozenset[str]


def find_regions(
    contours: Path,
    grid: Grid,
    rules: RegionRules,
    joins: Mapping[str, Join],
    study_instance_uid: str,
) -> Regions:
    """Return the regions of an object on a grid.

    Parameters
    ----------
    contours : Path
        Of the structure set or segmentation.
    grid : Grid
    rules : RegionRules
    joins : mapping of str to Join
        From frames of reference, by UID, to the grid's own; its own may be left out.
    study_instance_uid : str
        Which holds name.

    Raises
    ------
    NoRoiSelectedError
    DicomContentError
        When the object cannot be read.
    """
    source = read_contour_source(contours)
    drawings = drawings_of(source)
    patterns = rules.patterns
    selected = [each for each in drawings if patterns.select(each.written_name)]
    if not selected:
        raise NoRoiSelectedError(source, [each.roi for each in drawings], patterns)
    found: list[Region] = []
    held: list[Held] = []
    taken: list[Region] = []
    for drawing in drawings:
        if not patterns.subtracts(drawing.written_name):
            continue
        try:
            taken.append(region_on(drawing, grid, rules, joins))
        except (RoiOutsideImageError, SegmentOutsideImageError):
            continue
        except (DicomContentError, ModelError) as error:
            held.append(_unmade(error, drawing, study_instance_uid))
    for drawing in () if held else selected:
        try:
            region = region_on(drawing, grid, rules, joins)
            found.append(_without_taken(region, taken))
        except (DicomContentError, ModelError) as error:
            held.append(held_by(error, study_instance_uid, roi=drawing.roi.name))
    return Regions(
        source=_source(source),
        found=_overlaps_said(found),
        held=tuple(held),
        statements=source.statements,
        frames_of_reference=frozenset(
            region.roi.frame_of_reference for region in (*found, *taken)
        ),
    )


def _without_taken(region: Region, taken: Iterable[Region]) -> Region:
    mask, said = region.mask, list(region.warnings)
    for other in taken:
        shared = shared_voxels(mask, other.mask)
        if shared:
            mask = without(mask, other.mask)
            said.append(f"{shared} voxels of {other.roi.name!r} were taken out")
            said.extend(f"{other.roi.name!r}: {each}" for each in other.warnings)
    if region.mask.voxels and not mask.voxels:
        raise NothingLeftError(region.mask.voxels, said[len(region.warnings) :])
    return replace(region, mask=mask, warnings=tuple(said))


def _overlaps_said(regions: Sequence[Region]) -> tuple[Region, ...]:
    """Return the regions; those that share voxels say with which."""
    said: list[list[str]] = [[] for _ in regions]
    for (i, first), (j, second) in combinations(enumerate(regions), 2):
        shared = shared_voxels(first.mask, second.mask)
        if shared:
            said[i].append(f"{shared} voxels belong to {second.roi.name!r} as well")
            said[j].append(f"{shared} voxels belong to {first.roi.name!r} as well")
    return tuple(
        replace(region, warnings=(*region.warnings, *overlaps))
        for region, overlaps in zip(regions, said, strict=True)
    )


def _unmade(
    error: DicomContentError | ModelError, drawing: Drawing, study_instance_uid: str
) -> Held:
    """Return why the case is held for a region that is to be taken out."""
    held = held_by(error, study_instance_uid, roi=drawing.roi.name)
    consequence = "It is to be taken out of the others, so that none of them is made."
    return replace(held, detail=f"{held.detail} {consequence}")


def _source(source: ContourSource) -> SourceReference:
    return SourceReference(
        source.reference.sop_class_uid,
        source.reference.sop_instance_uid,
        source.study_instance_uid,
        source.series_instance_uid,
    )


class NoRoiSelectedError(DicomContentError):
    """No region of the structure set or segmentation is to be scored."""

    reason = "no_roi"
    remedy = (
        "Draw the tumour as a closed contour, or change rois.include, rois.exclude and "
        "rois.subtract in the configuration."
    )

    def __init__(
        self, source: ContourSource, rois: Sequence[Roi], patterns: RoiPatterns
    ) -> None:
        names = ", ".join(repr(roi.name) for roi in rois) or "none"
        left_out = [*patterns.exclude, *patterns.subtract]
        super().__init__(
            f"no region matches include {list(patterns.include)} and none of exclude "
            f"and subtract {left_out}; regions that enclose something: {names}"
            + "".join(f"; {said}" for said in source.statements),
            uid=source.reference.sop_instance_uid,
        )


class NothingLeftError(ModelError):
    """No voxel of a region is left after others were taken out of it."""

    reason = "nothing_left"
    remedy = "Correct the contours, or rois.subtract in the configuration."

    def __init__(self, voxels: int, taken: Sequence[str]) -> None:
        super().__init__(f"none of its {voxels} voxels is left: {', '.join(taken)}")
        self.voxels = voxels
