"""NIfTI images and the masks that lie on them.

A file is a mask when its name, or that of a folder that it lies in, has the word mask,
seg, segmentation, label or roi in it, in any case and number: ``tumour_mask.nii.gz``,
``labels/mouse-3.nii``. Folders count from the one that holds all NIfTI files on.

A mask belongs to the image whose voxels coincide with its own to
`dicom_io.nifti.SAME_PLACE` of a voxel. Every label but 0 is a region, under the name of
the file, with the label where there are several.

Design choice: where no image or several lie on a mask's grid, the mask is held with the
list. A name that two files share says nothing about what they show.
"""

import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from dicom_io.errors import DicomContentError
from dicom_io.nifti import read_nifti, read_nifti_grid, same_grid, stem_of
from model.contours import Roi
from model.errors import ModelError
from model.grid import Grid, Mask
from model.masks import shared_voxels, without
from node.case.acquisition import acquisition_of_file
from node.case.regions import NothingLeftError, Region, RegionRules
from node.failure import held_by
from node.features.measuring import Drawn

MOST_LABELS = 4096
"""Of a mask; a file with more is an image."""

_WORDS = re.compile(r"(?:masks?|segs?|segmentations?|labels?|rois?)\d*", re.IGNORECASE)
_BETWEEN_WORDS = re.compile(r"[^A-Za-z0-9]+")
_OTHER = "OT"
"""*Modality* of DICOM where there is no better word."""


@dataclass(frozen=True)
class _File:
    """A NIfTI file of which the header could be read.

    Attributes
    ----------
    path : Path
    name : str
        Below the folder that holds all, without suffix.
    grid : Grid
    """

    path: Path
    name: str
    grid: Grid

    @property
    def is_mask(self) -> bool:
        return any(map(_WORDS.fullmatch, _BETWEEN_WORDS.split(self.name)))


def drawn_on_nifti(
    paths: Sequence[Path], rules: RegionRules
) -> Iterator[Callable[[], Drawn]]:
    """Give for each image with masks what reads it, and for the rest why it is held.

    Parameters
    ----------
    paths : sequence of Path
        NIfTI files, at least one.
    rules : RegionRules
        Of which regions; contours there are none.

    Yields
    ------
    callable
        Returns a `Drawn`, or raises a `DicomContentError` or `ModelError`.
    """
    files, faults = _files(paths)
    for fault in faults:
        yield partial(_raise, fault)
    images = [file for file in files if not file.is_mask]
    masks = [file for file in files if file.is_mask]
    if not masks:
        yield partial(_raise, NoMaskError(images))
    on: dict[Path, list[_File]] = {}
    for mask in masks:
        fitting = [image for image in images if same_grid(image.grid, mask.grid)]
        if len(fitting) == 1:
            on.setdefault(fitting[0].path, []).append(mask)
        else:
            yield partial(_raise, NoImageOfMaskError(mask, fitting or images, fitting))
    for image in images:
        if image.path in on:
            yield partial(_drawn, image, on[image.path], rules)


def _raise(error: DicomContentError | ModelError) -> Drawn:
    raise error


def _files(paths: Sequence[Path]) -> tuple[list[_File], list[DicomContentError]]:
    parent = Path(os.path.commonpath([path.absolute().parent for path in paths]))
    files: list[_File] = []
    faults: list[DicomContentError] = []
    for path in paths:
        folder = path.absolute().parent.relative_to(parent)
        try:
            grid = read_nifti_grid(path)
        except DicomContentError as error:
            faults.append(error)
            continue
        files.append(_File(path, (folder / stem_of(path)).as_posix(), grid))
    return files, faults


def _drawn(image: _File, masks: Sequence[_File], rules: RegionRules) -> Drawn:
    volume = read_nifti(image.path)
    regions: list[Region] = []
    held = []
    for mask, name in zip(masks, _names(masks), strict=True):
        try:
            regions.extend(_regions(mask, name, volume.grid))
        except DicomContentError as error:
            held.append(held_by(error, None))
    patterns = rules.patterns
    selected = [each for each in regions if patterns.select(each.roi.name)]
    taken = [each for each in regions if patterns.subtracts(each.roi.name)]
    if not selected and not held:
        raise NoRegionSelectedError([each.roi.name for each in regions])
    found: list[Region] = []
    for region in selected:
        try:
            found.append(_without(region, taken))
        except ModelError as error:
            held.append(held_by(error, None, roi=region.roi.name))
    return Drawn(
        volume=volume,
        modality=_OTHER,
        image=image.path.name,
        regions=tuple(found),
        held=tuple(held),
        acquisition=acquisition_of_file(image.path.name, volume.grid),
    )


def _names(masks: Sequence[_File]) -> list[str]:
    """Return what each mask's regions are called, no two alike."""
    short = [Path(mask.name).name for mask in masks]
    return [
        name if short.count(name) == 1 else mask.name
        for name, mask in zip(short, masks, strict=True)
    ]


def _regions(file: _File, name: str, grid: Grid) -> list[Region]:
    """Return the regions of a mask on the image's grid, its own but for rounding."""
    values = read_nifti(file.path).values
    labels = np.unique(values[values != 0.0])
    if not np.array_equal(labels, np.rint(labels)):
        raise MaskValuesError(file.path, "values that are no whole numbers")
    if len(labels) > MOST_LABELS:
        raise MaskValuesError(file.path, f"{len(labels)} labels")
    return [
        Region(
            Roi(
                number=int(label),
                name=name if len(labels) == 1 else f"{name} {int(label)}",
                contours=(),
                frame_of_reference=grid.frame_of_reference,
            ),
            Mask(grid, values == label),
        )
        for label in labels
    ]


def _without(region: Region, taken: Sequence[Region]) -> Region:
    mask, said = region.mask, list(region.warnings)
    for other in taken:
        shared = shared_voxels(mask, other.mask)
        if shared:
            mask = without(mask, other.mask)
            said.append(f"{shared} voxels of {other.roi.name!r} were taken out")
    if region.mask.voxels and not mask.voxels:
        raise NothingLeftError(region.mask.voxels, said)
    return Region(region.roi, mask, tuple(said))


def _listed(files: Sequence[_File]) -> str:
    return ", ".join(repr(file.name) for file in files) or "none"


class NoMaskError(DicomContentError):
    """There are NIfTI images and no mask."""

    reason = "no_roi"
    remedy = (
        "Put a mask on the grid of the image beside it, in a file or folder with the "
        "word mask, seg, label or roi in its name."
    )

    def __init__(self, images: Sequence[_File]) -> None:
        super().__init__(f"none of the NIfTI files is a mask: {_listed(images)}")


class NoImageOfMaskError(DicomContentError):
    """No NIfTI image, or more than one, lies on the grid of a mask."""

    reason = "no_image"
    remedy = (
        "Name a folder with the masks and the one image that they were drawn on, whose "
        "name has none of the words mask, seg, label and roi in it."
    )

    def __init__(
        self, mask: _File, listed: Sequence[_File], fitting: Sequence[_File]
    ) -> None:
        super().__init__(
            f"{len(fitting)} NIfTI images lie on the grid of the mask {mask.name!r}, "
            f"among {_listed(listed)}"
        )


class NoRegionSelectedError(DicomContentError):
    """No region of any mask is to be measured."""

    reason = "no_roi"
    remedy = (
        "Name one of them, or change rois.include, rois.exclude and rois.subtract in "
        "the configuration."
    )

    def __init__(self, names: Sequence[str]) -> None:
        listed = ", ".join(map(repr, names)) or "none"
        super().__init__(
            f"no region of the masks is to be measured; there are: {listed}"
        )


class MaskValuesError(DicomContentError):
    """The values of a mask are no labels."""

    remedy = "Write a mask whose voxels are 0 outside and a whole number inside."

    def __init__(self, path: Path, fact: str) -> None:
        super().__init__(f"{path.name} is no mask: it holds {fact}")
