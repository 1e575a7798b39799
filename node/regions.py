"""The regions of a case on an image's grid.

Design choice: one region's fault does not cost the others their result; it is held
beside what could be made.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dicom_io.errors import DicomContentError
from dicom_io.measurement_report import SourceReference
from dicom_io.rtstruct import StructureSet, read_structure_set
from model.affine import Affine
from model.contours import Roi, outside_contours, rasterise
from model.errors import ModelError
from model.grid import Grid, Mask
from node.case_options import RoiPatterns
from node.failure import held_by
from node.records import (
    Held,
)


@dataclass(frozen=True)
class RegionRules:
    """Which regions are made, and how.

    Attributes
    ----------
    patterns : RoiPatterns
    interpolate_gaps : bool
    """

    patterns: RoiPatterns
    interpolate_gaps: bool = False


@dataclass(frozen=True, eq=False)
class Region:
    """A region and its voxels.

    Attributes
    ----------
    roi : Roi
        As it was drawn; without contours where it is a segment.
    mask : Mask
    warnings : tuple of str
    """

    roi: Roi
    mask: Mask
    warnings: tuple[str, ...] = ()


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
    """

    source: SourceReference
    found: tuple[Region, ...]
    held: tuple[Held, ...]
    statements: tuple[str, ...]


def find_regions(
    contours: Path,
    grid: Grid,
    rules: RegionRules,
    joins: Mapping[str, Affine],
    study_instance_uid: str,
) -> Regions:
    """Return the regions of an object on a grid.

    Parameters
    ----------
    contours : Path
        Of the structure set or segmentation.
    grid : Grid
    rules : RegionRules
    joins : mapping of str to Affine
        From frames of reference, by UID, to the grid's own; its own may be left out.
    study_instance_uid : str
        Which holds name.

    Raises
    ------
    NoRoiSelectedError
    DicomContentError
        When the object cannot be read.
    """
    structure_set = read_structure_set(contours)
    found: list[Region] = []
    held: list[Held] = []
    for roi in selected_rois(structure_set, rules.patterns):
        try:
            found.append(_region(roi, grid, joins))
        except (DicomContentError, ModelError) as error:
            held.append(held_by(error, study_instance_uid, roi=roi.name))
    return Regions(
        _source(structure_set), tuple(found), tuple(held), structure_set.statements
    )


def _region(roi: Roi, grid: Grid, joins: Mapping[str, Affine]) -> Region:
    if roi.frame_of_reference not in (grid.frame_of_reference, *joins):
        raise FrameOfReferenceError(roi.frame_of_reference, grid)
    mask = rasterise(roi, grid)
    outside = outside_contours(roi, grid)
    if not outside:
        return Region(roi, mask)
    statement = f"{outside} of {len(roi.contours)} contours lie outside the PET"
    return Region(roi, mask, (statement,))


def selected_rois(structure_set: StructureSet, patterns: RoiPatterns) -> list[Roi]:
    """Return the regions that are to be scored.

    Raises
    ------
    NoRoiSelectedError
    """
    selected = [roi for roi in structure_set.rois if patterns.select(roi.name)]
    if not selected:
        raise NoRoiSelectedError(structure_set, patterns)
    return selected


def _source(structure_set: StructureSet) -> SourceReference:
    return SourceReference(
        structure_set.reference.sop_class_uid,
        structure_set.reference.sop_instance_uid,
        structure_set.study_instance_uid,
        structure_set.series_instance_uid,
    )


class NoRoiSelectedError(DicomContentError):
    """No region of the structure set is to be scored."""

    reason = "no_roi"
    remedy = (
        "Draw the tumour as a closed contour, or change rois.include and rois.exclude "
        "in the configuration."
    )

    def __init__(self, structure_set: StructureSet, patterns: RoiPatterns) -> None:
        names = ", ".join(repr(roi.name) for roi in structure_set.rois) or "none"
        super().__init__(
            f"no region matches include {list(patterns.include)} and exclude "
            f"{list(patterns.exclude)}; regions with contours: {names}"
            + "".join(f"; {said}" for said in structure_set.statements),
            attribute="ROIName (3006,0026)",
            uid=structure_set.reference.sop_instance_uid,
        )


class FrameOfReferenceError(ModelError):
    """Contours lie in another coordinate system than the PET."""

    reason = "frame_of_reference"
    remedy = (
        "Send the Spatial Registration that joins them, draw the contours on the PET, "
        "or, for a co-registered gantry, add [[matching.co_registered]] with its "
        "model_name to the configuration."
    )

    def __init__(self, contours: str, grid: Grid) -> None:
        super().__init__(
            f"the contours lie in frame of reference {contours}, the PET in "
            f"{grid.frame_of_reference}"
        )
        self.contours = contours
