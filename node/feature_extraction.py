"""The feature catalogue of a study, from a folder.

PET features are of SUVbw on the PET grid. CT features are on the CT grid, of Hounsfield
units.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dicom_io.ct_series import read_ct_series
from dicom_io.errors import DicomContentError
from dicom_io.header import ObjectKind
from dicom_io.suv.rule import SuvRules
from model.errors import ModelError
from model.features.catalogue import compute_features
from model.grid import Volume
from model.score.assess import EmptyRegionError
from model.score.score_model import Preparation
from node.case.animals import Share, share_of
from node.case.joining import joins_of, joins_onto
from node.case.regions import Region, RegionRules, find_regions
from node.case.report import finite
from node.case.suv_image import read_suv
from node.failure import held_by
from node.folder import FolderContents
from node.readiness.assess import assess_readiness
from node.readiness.bridges import Bridges
from node.readiness.ct_matching import CtMatch, match_ct
from node.readiness.matching import MatchingRules
from node.readiness.stacks import stacks_of
from node.records import Case, Held, Ready, StoredInstance
from node.scoring import cases_of
from node.subject import SubjectRules
from node.subjects import PATIENT_ID_ALONE, SubjectFinder


@dataclass(frozen=True)
class RoiFeatures:
    """The features of one region.

    Attributes
    ----------
    study_instance_uid, patient_id, animal_id, roi, modality : str
    voxels : int
    features : dict of str to (float or None)
        None where a feature is undefined.
    warnings : tuple of str
        How the region was made, where that is not plain.
    """

    study_instance_uid: str
    patient_id: str
    animal_id: str
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
    subjects : SubjectRules
    """

    matching: MatchingRules
    suv: SuvRules
    regions: RegionRules
    preparation: Preparation
    subjects: SubjectRules = PATIENT_ID_ALONE


@dataclass(frozen=True, eq=False)
class _Drawn:
    """An image and the regions on it."""

    volume: Volume
    modality: str
    study_instance_uid: str
    patient_id: str
    animal_id: str
    regions: tuple[Region, ...]
    statements: tuple[str, ...]
    held: tuple[Held, ...]


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
    finder = SubjectFinder(options.subjects)
    for item in assess_readiness(
        contents.instances, options.matching, settled=True, final=True
    ):
        if isinstance(item, Held):
            held.append(item)
        elif isinstance(item, Ready):
            for case in cases_of(item.case, contents.instances, finder):
                _extract_case(case, options, found, held)
    return found, held


def extract_ct_features(
    contents: FolderContents, options: ExtractionOptions
) -> tuple[list[RoiFeatures], list[Held]]:
    """Return the CT features of every region, and what is held.

    Contours go with the CT series that they name or that lies in their frame of
    reference, else with the one that registrations or a site's rule join to it
    (`node.readiness.ct_matching`), also when they were drawn on the PET.
    """
    found: list[RoiFeatures] = []
    held: list[Held] = list(contents.unreadable)
    stacks, bridges = stacks_of(contents.instances), Bridges(contents.instances)
    sources = [
        instance
        for instance in contents.instances
        if instance.header.kind in (ObjectKind.STRUCTURE_SET, ObjectKind.SEGMENTATION)
    ]
    if not sources:
        held.append(Held(None, "no_roi", "there is no RTSTRUCT or SEG in the folder"))
    for source in sources:
        try:
            match = match_ct(source, stacks, bridges, options.matching)
            drawn = _drawn_on_ct(source, match, options)
            _extract(drawn, options, found, held)
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


def _extract_case(
    case: Case | Held,
    options: ExtractionOptions,
    found: list[RoiFeatures],
    held: list[Held],
) -> None:
    if isinstance(case, Held):
        held.append(case)
        return
    try:
        _extract(_drawn_on_pet(case, options), options, found, held)
    except (DicomContentError, ModelError) as error:
        held.append(held_by(error, case.study_instance_uid))


def _drawn_on_pet(case: Case, options: ExtractionOptions) -> _Drawn:
    """Return the PET in SUV and the regions of the animal that a case is about."""
    image = read_suv(case, options.suv)
    joins = joins_of(case, image.series)
    study = case.study_instance_uid
    regions = find_regions(
        case.contours.path, image.suv.grid, options.regions, joins.affines, study
    )
    share = Share(regions.found, (), ())
    if case.animal_id:
        share = share_of(case, regions.found, image.series.headers[0])
    return _Drawn(
        volume=image.suv,
        modality="PET",
        study_instance_uid=study,
        patient_id=image.series.patient_id,
        animal_id=image.animal_id,
        regions=share.regions,
        statements=(
            *case.lineage.statements,
            *case.warnings,
            *joins.said_of(regions.frames_of_reference),
            *regions.statements,
            *share.statements,
            *image.statements,
            *image.conversion.statements,
        ),
        held=(*regions.held, *share.held),
    )


def _drawn_on_ct(
    source: StoredInstance, match: CtMatch, options: ExtractionOptions
) -> _Drawn:
    series = read_ct_series([instance.path for instance in match.ct.instances])
    hounsfield = series.volume
    study = series.study_instance_uid
    joins = joins_onto(
        hounsfield.grid, source, match.chain, match.accept_frames_of_reference
    )
    regions = find_regions(
        source.path, hounsfield.grid, options.regions, joins.affines, study
    )
    return _Drawn(
        volume=hounsfield,
        modality="CT",
        study_instance_uid=study,
        patient_id=series.patient_id,
        animal_id=series.patient_id,
        regions=regions.found,
        statements=(
            *match.statements,
            *joins.said_of(regions.frames_of_reference),
            *regions.statements,
        ),
        held=regions.held,
    )


def _extract(
    drawn: _Drawn,
    options: ExtractionOptions,
    found: list[RoiFeatures],
    held: list[Held],
) -> None:
    held.extend(drawn.held)
    for region in drawn.regions:
        name = region.roi.name
        try:
            if not region.mask.voxels:
                raise EmptyRegionError(region.roi.number)
            vector = compute_features(
                drawn.volume,
                region.mask,
                options.preparation,
                modality=drawn.modality,
            )
        except (DicomContentError, ModelError) as error:
            held.append(held_by(error, drawn.study_instance_uid, roi=name))
            continue
        found.append(
            RoiFeatures(
                study_instance_uid=drawn.study_instance_uid,
                patient_id=drawn.patient_id,
                animal_id=drawn.animal_id,
                roi=name,
                modality=drawn.modality,
                voxels=region.mask.voxels,
                features={n: finite(value) for n, value in vector.values.items()},
                warnings=(*drawn.statements, *region.warnings),
            )
        )


def write_table(features: Sequence[RoiFeatures], path: Path) -> None:
    """Write a table with one row a region; a feature that is undefined is empty.

    Parameters
    ----------
    features : sequence of RoiFeatures
    path : Path
        CSV file; an earlier one is replaced.
    """
    names = sorted({name for found in features for name in found.features})
    head = ["study_instance_uid", "patient_id", "animal_id", "roi", "modality"]
    head.append("voxels")
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, [*head, *names])
        table.writeheader()
        for found in features:
            row = {name: getattr(found, name) for name in head}
            table.writerow({**row, **found.features})
