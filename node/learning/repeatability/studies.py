"""Test and retest from folders of DICOM studies with regions.

Each folder holds one repeat: the first the tests, the second the retests. Features are
computed as by the command ``features``.

Design choice: which scans belong together is read from the objects (`PairBy.ANIMAL`,
`PairBy.PATIENT`) or from where they lie (`PairBy.FOLDER`). The last is for scanners
whose PatientID is the name of a file, as an Inveon's is.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from config.feature_profiles import find_profile
from config.refusal import RefusalError
from config.schema import Settings
from dicom_io.limits import DEFAULT_LIMITS, ReadingLimits
from model.features.feature import CT, PET
from node import clock
from node.case.options import RoiPatterns
from node.case.regions import RegionRules
from node.features.extraction import (
    extract_ct_features,
    extract_pet_features,
)
from node.features.measuring import ExtractionOptions, RoiFeatures
from node.folder import FolderContents, opened_source, read_folder
from node.learning.repeatability.pair_by import PairBy
from node.learning.repeatability.rows import KEYS, RepeatedRows
from node.learning.tables.joined import Finding, FindingKind, SourceFile
from node.options.case import case_options, matching_rules, subject_rules
from node.records.cases import Held

_EXTRACTORS = {PET: extract_pet_features, CT: extract_ct_features}


@dataclass(frozen=True)
class StudyOptions:
    """How studies of test and retest are measured.

    Attributes
    ----------
    extraction : ExtractionOptions
    modalities : tuple of str
    pair_by : PairBy
    limits : ReadingLimits
        Of what an object may demand.
    """

    extraction: ExtractionOptions
    modalities: tuple[str, ...] = (PET,)
    pair_by: PairBy = PairBy.ANIMAL
    limits: ReadingLimits = DEFAULT_LIMITS


def study_extraction(
    settings: Settings, profile: str | None, rois: Sequence[str]
) -> ExtractionOptions:
    """Return how features are computed.

    Parameters
    ----------
    settings : Settings
    profile : str or None
        Feature profile or score model; None for the configured one.
    rois : sequence of str
        Shell patterns of regions that are measured; those of the configuration where
        there are none.
    """
    case = case_options(settings)
    patterns = RoiPatterns(tuple(rois), (), case.rois.subtract) if rois else case.rois
    return ExtractionOptions(
        matching=matching_rules(settings),
        suv=case.suv,
        regions=RegionRules(patterns, case.interpolate_gaps),
        profile=find_profile(
            profile or settings.features.profile or settings.score.model,
            settings.score_model_folders,
        ),
        subjects=subject_rules(settings),
        ct_on_pet=settings.features.ct_grid == "pet",
    )


@dataclass
class _Found:
    """What was measured so far.

    Attributes
    ----------
    rows : list of dict
    sources : list of SourceFile
    held : list of Held
    findings : list of Finding
    features : dict of str to None
        Names, in the order of their appearance.
    """

    rows: list[dict[str, Any]] = field(default_factory=list)
    sources: list[SourceFile] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    features: dict[str, None] = field(default_factory=dict)


def read_retest_studies(
    folders: Sequence[Path],
    options: StudyOptions,
    tell: Callable[[str], None] = lambda _: None,
) -> RepeatedRows:
    """Return the rows of folders of studies; what cannot be measured is held.

    Parameters
    ----------
    folders : sequence of Path
        Each a folder, zip file or DICOMDIR; the first holds the tests.
    options : StudyOptions
    tell : callable
        Is told what is being measured.

    Raises
    ------
    RefusalError
        When a folder holds no study, or no folders where these say what is paired.
    """
    found = _Found()
    for repeat, folder in enumerate(folders, start=1):
        parts = _parts(folder, options.pair_by)
        alone = [each.name for each in folders].count(folder.name) == 1
        label = folder.name if alone else f"{folder.name} (repeat {repeat})"
        before, objects = len(found.rows), list[str]()
        for name, part in parts:
            tell(f"measuring {folder.name} {name}".rstrip())
            keys = {"repeat": repeat, "file": label, "subject": name}
            objects += _measure(part, keys, options, found)
        measured = len(found.rows) - before
        found.sources.append(
            SourceFile(label, "studies", _sha256(objects), measured, measured)
        )
    frame = pd.DataFrame(found.rows, columns=[*KEYS, *found.features])
    profile = options.extraction.profile
    return RepeatedRows(
        frame=frame,
        features=tuple(found.features),
        findings=tuple(found.findings),
        sources=tuple(found.sources),
        profiles={profile.name: profile.sha256},
        held=tuple(vars(each) for each in found.held),
    )


def _parts(folder: Path, pair_by: PairBy) -> list[tuple[str, Path]]:
    """Return what is read at once, and the subject that it is of, where that is known.

    Everything below a folder is read together, since contours may lie anywhere in it.
    """
    if pair_by is not PairBy.FOLDER:
        return [("", folder)]
    below = sorted(each for each in folder.iterdir()) if folder.is_dir() else []
    parts = [(each.name, each) for each in below if each.is_dir()]
    if not parts:
        fact = (
            f"{folder} holds no folders, and --pair-by folder takes their names for "
            "the subjects. Put the scans of each subject into a folder of its own"
        )
        raise RefusalError(fact)
    return parts


@contextmanager
def _contents(source: Path, limits: ReadingLimits) -> Iterator[FolderContents]:
    with opened_source(source) as files:
        yield read_folder(files, clock.now(), limits)


def _measure(
    source: Path, keys: dict[str, Any], options: StudyOptions, found: _Found
) -> list[str]:
    """Measure what a folder holds, and return the checksums of its objects."""
    with _contents(source, options.limits) as contents:
        extractions = [
            _EXTRACTORS[modality](contents, options.extraction)
            for modality in options.modalities
        ]
    for extraction in extractions:
        for each in extraction.found:
            subject = keys["subject"] or _SUBJECT[options.pair_by](each)
            if not subject:
                found.findings.append(_nameless(each, str(keys["file"])))
                continue
            row = {"row": float("nan"), **keys, **_row(each), "subject": subject}
            found.rows.append(row)
            found.features.update(dict.fromkeys(each.features))
        # What no modality can use is held by each of them, and told once.
        found.held += [each for each in extraction.held if each not in found.held]
    return [each.sha256 for each in contents.instances]


def _sha256(objects: Sequence[str]) -> str:
    """Return the checksum of the sorted checksums of a folder's objects."""
    return hashlib.sha256("\n".join(sorted(objects)).encode()).hexdigest()


_SUBJECT: dict[PairBy, Callable[[RoiFeatures], str]] = {
    PairBy.ANIMAL: lambda each: each.animal_id,
    PairBy.PATIENT: lambda each: each.patient_id,
    PairBy.FOLDER: lambda _: "",
}


def _row(each: RoiFeatures) -> dict[str, Any]:
    return {
        "roi": each.roi,
        "modality": each.modality,
        "image": each.image,
        **each.features,
    }


def _nameless(each: RoiFeatures, file: str) -> Finding:
    fact = (
        f"{each.modality} of region {each.roi!r}: the image names no subject, so that "
        "nothing can be paired with it"
    )
    return Finding(FindingKind.EXCLUDED, file, None, "", fact)
