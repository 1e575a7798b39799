"""A region as it was drawn, and what becomes of it on an image's grid."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from dicom_io.errors import DicomContentError
from dicom_io.regions.contour_source import ContourSource
from dicom_io.regions.rtstruct import StructureSet
from dicom_io.regions.segmentation import Segment
from model.affine import IDENTITY, Affine
from model.contours import (
    Roi,
    gaps_of,
    moved,
    outside_contours,
    rasterise,
    repeated_contours,
)
from model.errors import ModelError
from model.grid import Grid, Mask
from model.masks import carried, moved_grid
from node.case.options import RoiPatterns

Join = Affine | DicomContentError | ModelError
"""The way into the image's frame of reference, or why it is not known."""


@dataclass(frozen=True)
class RegionRules:
    """Which regions are made, and how.

    Attributes
    ----------
    patterns : RoiPatterns
    interpolate_gaps : bool
        Whether slices between contour planes are filled.
    """

    patterns: RoiPatterns
    interpolate_gaps: bool = False


@dataclass(frozen=True, eq=False)
class Region:
    """A region and its voxels.

    Attributes
    ----------
    roi : Roi
        As it was drawn, under a name that no other region of its object bears; without
        contours where it is a segment.
    mask : Mask
    warnings : tuple of str
    """

    roi: Roi
    mask: Mask
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Drawing:
    """A region before it is put onto a grid; contours or a segment.

    Attributes
    ----------
    written_name : str
        Which another may bear as well.
    roi : Roi
        Under a name of its own.
    segment : Segment or None
    """

    written_name: str
    roi: Roi
    segment: Segment | None = None


def drawings_of(source: ContourSource) -> list[Drawing]:
    """Return the regions of an object; a number tells apart what bears one name."""
    if isinstance(source, StructureSet):
        drawings = [Drawing(roi.name, roi) for roi in source.rois]
    else:
        drawings = [_segmented(segment) for segment in source.segments]
    return _told_apart(drawings)


def _told_apart(drawings: list[Drawing]) -> list[Drawing]:
    """Return the regions under names of their own; numbers may meet names again."""
    bearers = Counter(each.roi.name for each in drawings)
    if all(count == 1 for count in bearers.values()):
        return drawings
    return _told_apart(
        [each if bearers[each.roi.name] == 1 else _numbered(each) for each in drawings]
    )


def _segmented(segment: Segment) -> Drawing:
    frame = segment.mask.grid.frame_of_reference
    return Drawing(
        segment.label, Roi(segment.number, segment.label, (), frame), segment
    )


def _numbered(drawing: Drawing) -> Drawing:
    roi = drawing.roi
    return replace(drawing, roi=replace(roi, name=f"{roi.name} ({roi.number})"))


def region_on(
    drawing: Drawing, grid: Grid, rules: RegionRules, joins: Mapping[str, Join]
) -> Region:
    """Return a region on a grid.

    Parameters
    ----------
    drawing : Drawing
    grid : Grid
    rules : RegionRules
    joins : mapping of str to Join
        From frames of reference, by UID, to the grid's own; its own may be left out.

    Raises
    ------
    FrameOfReferenceError
        When nothing joins the region's frame of reference to the grid's.
    DicomContentError, ModelError
        When the join is not known, or when the region lies outside the image or is
        none.
    """
    roi = drawing.roi
    theirs, ours = roi.frame_of_reference, grid.frame_of_reference
    join = IDENTITY if theirs == ours else joins.get(theirs)
    if join is None:
        raise FrameOfReferenceError(theirs, grid)
    if not isinstance(join, Affine):
        raise join
    if drawing.segment is None:
        drawn = roi if theirs == ours else moved(roi, join, ours)
        mask, said = _outlined(drawn, grid, rules)
    else:
        painted = drawing.segment.mask
        if theirs != ours:
            moved_to = moved_grid(painted.grid, join, ours)
            painted = Mask(moved_to, painted.inside)
        mask, said = _painted(roi.name, painted, grid)
    return Region(roi, mask, said)


def _outlined(roi: Roi, grid: Grid, rules: RegionRules) -> tuple[Mask, tuple[str, ...]]:
    mask = rasterise(roi, grid, interpolate_gaps=rules.interpolate_gaps)
    said: list[str] = []
    outside = outside_contours(roi, grid)
    if outside:
        of_all = f"{outside} of {len(roi.contours)} contours"
        said.append(f"{of_all} lie outside the image, wholly or in part")
    repeated = repeated_contours(roi)
    if repeated:
        said.append(f"{repeated} of {len(roi.contours)} contours repeat another one")
    gaps = gaps_of(roi, grid)
    if gaps:
        outcome = "were interpolated" if rules.interpolate_gaps else "were left out"
        said.append(
            f"{gaps} {'slice' if gaps == 1 else 'slices'} between contour planes "
            f"without a contour {outcome}"
        )
    return mask, tuple(said)


def _painted(label: str, painted: Mask, grid: Grid) -> tuple[Mask, tuple[str, ...]]:
    result = carried(painted, grid)
    if not result.mask.voxels and result.outside:
        raise SegmentOutsideImageError(label, result.outside)
    said: list[str] = []
    if not result.same_voxels:
        size = " x ".join(f"{spacing:.3g}" for spacing in painted.grid.spacing_mm)
        said.append(
            f"the segment was painted on another grid, of {size} mm (slice, row, "
            "column): a voxel belongs to it when its centre lies in a painted one"
        )
    if result.outside:
        said.append(
            f"{result.outside} of {painted.voxels} painted voxels lie outside the image"
        )
    return result.mask, tuple(said)


class FrameOfReferenceError(ModelError):
    """Contours lie in another coordinate system than the image."""

    reason = "frame_of_reference"
    remedy = (
        "Send the Spatial Registration that joins them, draw the contours on the PET, "
        "or, for a co-registered gantry, add [[matching.co_registered]] with its "
        "model_name to the configuration."
    )

    def __init__(self, contours: str, grid: Grid) -> None:
        super().__init__(
            f"the contours lie in frame of reference {contours}, the image in "
            f"{grid.frame_of_reference}"
        )
        self.contours = contours


class SegmentOutsideImageError(ModelError):
    """A segment holds no voxel of the image because it lies outside."""

    reason = "roi_outside_image"
    remedy = "Check that the segment was painted on this image, or on its CT."

    def __init__(self, label: str, outside: int) -> None:
        super().__init__(
            f"{outside} voxels of {label!r} lie outside the image, and none in it"
        )
        self.roi_name = label
