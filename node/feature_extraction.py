"""The feature catalogue of a study, from a folder.

PET features are of SUVbw on the PET grid. CT features are on the CT grid, of HU
+ 1000, as IBEX keeps CT values.
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dicom_io.ct_series import read_ct_series
from dicom_io.errors import DicomContentError
from dicom_io.header import ObjectKind
from dicom_io.pet_series import read_pet_series
from dicom_io.suv_rule import SuvRules, convert_to_suv
from model.affine import IDENTITY, Affine
from model.errors import ModelError
from model.features.catalogue import compute_features
from model.grid import Volume
from model.score.score_model import Preparation
from node.case_report import finite
from node.failure import held_by
from node.folder import FolderContents
from node.matching import MatchingRules
from node.readiness import assess_readiness
from node.records import Case, Held, Ready, StoredInstance
from node.regions import RegionRules, find_regions
from node.stacks import Stack, overlaps, stacks_of

IBEX_CT_OFFSET = 1000.0
"""What IBEX adds to HU."""


@dataclass(frozen=True)
class RoiFeatures:
    """The features of one region.

    Attributes
    ----------
    study_instance_uid, patient_id, roi, modality : str
    voxels : int
    features : dict of str to (float or None)
        None where a feature is undefined.
    warnings : tuple of str
        How the region was made, where that is not plain.
    """

    study_instance_uid: str
    patient_id: str
    roi: str
    modality: str
    voxels: int
    features: dict[str, float | None]
    warnings: tuple[str, ...] = ()

    def as_data(self) -> dict[str, Any]:
        """Return the keys of the contract, what identifies the study, and warnings."""
        return {**self.__dict__, "warnings": list(self.warnings)}


@dataclass(frozen=True)
class ExtractionOptions:
    """How features are computed.

    Attributes
    ----------
    matching : MatchingRules
    suv : SuvRules
    regions : RegionRules
    preparation : Preparation
    """

    matching: MatchingRules
    suv: SuvRules
    regions: RegionRules
    preparation: Preparation


@dataclass(frozen=True, eq=False)
class _Image:
    """An image, and what may be drawn on it."""

    volume: Volume
    modality: str
    study_instance_uid: str
    patient_id: str
    joins: Mapping[str, Affine]


def extract_pet_features(
    contents: FolderContents, options: ExtractionOptions
) -> tuple[list[RoiFeatures], list[Held]]:
    """Return the PET features of every region, and what is held.

    Parameters
    ----------
    contents : FolderContents
    options : ExtractionOptions
    """
    found: list[RoiFeatures] = []
    held: list[Held] = list(contents.unreadable)
    for item in assess_readiness(
        contents.instances, options.matching, settled=True, final=True
    ):
        if isinstance(item, Held):
            held.append(item)
        elif isinstance(item, Ready):
            case = item.case
            try:
                image = _pet_image(case, options)
                _extract(image, case.contours.path, options, found, held)
            except (DicomContentError, ModelError) as error:
                held.append(held_by(error, case.study_instance_uid))
    return found, held


def extract_ct_features(
    contents: FolderContents, options: ExtractionOptions
) -> tuple[list[RoiFeatures], list[Held]]:
    """Return the CT features of every region, and what is held.

    Contours go with the CT series that they name, else with the one in their frame of
    reference and place, also when they were drawn on the PET.
    """
    found: list[RoiFeatures] = []
    held: list[Held] = list(contents.unreadable)
    stacks = [stack for stack in stacks_of(contents.instances) if not stack.is_pet]
    sources = [
        instance
        for instance in contents.instances
        if instance.header.kind in (ObjectKind.STRUCTURE_SET, ObjectKind.SEGMENTATION)
    ]
    if not sources:
        held.append(Held(None, "no_roi", "there is no RTSTRUCT or SEG in the folder"))
    for source in sources:
        try:
            image = _ct_image(_ct_of(source, stacks))
            _extract(image, source.path, options, found, held)
        except (DicomContentError, ModelError) as error:
            held.append(held_by(error, source.header.study_instance_uid))
    return found, held


def extract_any_features(
    contents: FolderContents, options: ExtractionOptions
) -> tuple[list[RoiFeatures], list[Held]]:
    """Return the features of the PET that fits the contours, else of the CT."""
    found, held = extract_pet_features(contents, options)
    if found:
        return found, held
    on_ct, held_on_ct = extract_ct_features(contents, options)
    return (on_ct, held_on_ct) if on_ct else (found, held)


def _pet_image(case: Case, options: ExtractionOptions) -> _Image:
    series = read_pet_series([instance.path for instance in case.pet])
    suv, _ = convert_to_suv(series, options.suv)
    return _Image(
        volume=suv,
        modality="PET",
        study_instance_uid=series.study_instance_uid,
        patient_id=series.patient_id,
        joins=dict.fromkeys(case.accept_frames_of_reference, IDENTITY),
    )


def _ct_image(stack: Stack) -> _Image:
    series = read_ct_series([instance.path for instance in stack.instances])
    hounsfield = series.volume
    return _Image(
        volume=Volume(
            hounsfield.grid, hounsfield.values + IBEX_CT_OFFSET, hounsfield.unit
        ),
        modality="CT",
        study_instance_uid=series.study_instance_uid,
        patient_id=series.patient_id,
        joins={},
    )


def _extract(
    image: _Image,
    contours: Path,
    options: ExtractionOptions,
    found: list[RoiFeatures],
    held: list[Held],
) -> None:
    study = image.study_instance_uid
    regions = find_regions(
        contours, image.volume.grid, options.regions, image.joins, study
    )
    held.extend(regions.held)
    for region in regions.found:
        name = region.roi.name
        try:
            values = compute_features(image.volume, region.mask, options.preparation)
        except (DicomContentError, ModelError) as error:
            held.append(held_by(error, study, roi=name))
            continue
        found.append(
            RoiFeatures(
                study_instance_uid=study,
                patient_id=image.patient_id,
                roi=name,
                modality=image.modality,
                voxels=region.mask.voxels,
                features={name: finite(value) for name, value in values.items()},
                warnings=(*regions.statements, *region.warnings),
            )
        )


def _ct_of(source: StoredInstance, stacks: Sequence[Stack]) -> Stack:
    drawn_on = source.header.drawn_on
    if drawn_on is None:
        raise NoCtError(source.header.sop_instance_uid, 0)
    fitting = [stack for stack in stacks if stack.series_uid in drawn_on.series]
    if not fitting:
        fitting = [
            stack
            for stack in stacks
            if stack.frame in drawn_on.frames_of_reference
            and drawn_on.low_mm is not None
            and drawn_on.high_mm is not None
            and overlaps(stack, drawn_on.low_mm, drawn_on.high_mm)
        ]
    if len(fitting) != 1:
        raise NoCtError(source.header.sop_instance_uid, len(fitting))
    return fitting[0]


class NoCtError(DicomContentError):
    """No CT series, or more than one, fits the contours."""

    reason = "no_ct"
    remedy = "Name a folder with the CT on which the contours were drawn, and no other."

    def __init__(self, sop_instance_uid: str, fitting: int) -> None:
        super().__init__(
            f"{fitting} CT series fit the contours by reference, or by frame of "
            "reference and place",
            uid=sop_instance_uid,
        )
        self.fitting = fitting


def write_table(features: Sequence[RoiFeatures], path: Path) -> None:
    """Write a table with one row a region; a feature that is undefined is empty.

    Parameters
    ----------
    features : sequence of RoiFeatures
    path : Path
        CSV file; an earlier one is replaced.
    """
    names = sorted({name for found in features for name in found.features})
    head = ["study_instance_uid", "patient_id", "roi", "modality", "voxels"]
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, [*head, *names])
        table.writeheader()
        for found in features:
            row = {name: getattr(found, name) for name in head}
            table.writerow({**row, **found.features})
