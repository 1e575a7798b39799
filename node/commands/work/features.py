"""``features``: the feature catalogue of a study."""

import glob
import sys
from pathlib import Path
from typing import Any

from config.feature_profiles import find_profile
from config.schema import Settings
from node import clock
from node.case.options import RoiPatterns
from node.case.regions import RegionRules
from node.commands.exits import EXIT_HELD
from node.commands.options import (
    console,
    notes,
    print_json,
    settings_of,
    writable_folder,
)
from node.display import print_held
from node.features.extraction import (
    extract_any_features,
    extract_ct_features,
    extract_pet_features,
)
from node.features.measuring import ExtractionOptions, RoiFeatures
from node.features.page import print_features
from node.features.table import write_table
from node.folder import opened_source, read_folder
from node.options.case import (
    case_options,
    matching_rules,
    reading_limits,
    subject_rules,
)

_EXTRACTORS = {
    "PET": extract_pet_features,
    "CT": extract_ct_features,
    "ANY": extract_any_features,
}


def do_features(
    *,
    source: Path,
    roi: str | None,
    modality: str,
    profile: str | None,
    config_file: Path | None,
    species: str | None,
    table: Path | None,
    as_json: bool,
) -> None:
    """Do what ``features`` was asked."""
    settings = settings_of(config_file, species=species)
    options = _options(settings, profile, roi)
    if table is not None:
        writable_folder(table.absolute().parent)
    with opened_source(source) as files, notes().status(f"reading {len(files)} files"):
        contents = read_folder(files, clock.now(), reading_limits(settings))
        extraction = _EXTRACTORS[modality](contents, options)
    if table is not None:
        write_table(extraction.found, table)
    if as_json:
        print_json(_document(extraction.found))
    else:
        print_features(console(), extraction.found)
    print_held(notes(), [vars(item) for item in extraction.held])
    if extraction.held:
        sys.exit(EXIT_HELD)


def _options(
    settings: Settings, profile: str | None, roi: str | None
) -> ExtractionOptions:
    case = case_options(settings)
    patterns = case.rois if roi is None else _only(roi, case.rois)
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


def _only(roi: str, rois: RoiPatterns) -> RoiPatterns:
    """Return patterns of one region, out of which the same is taken as ever.

    A region that is itself among those is wanted as it was drawn.
    """
    taken = () if rois.subtracts(roi) else rois.subtract
    return RoiPatterns((glob.escape(roi),), (), taken)


def _document(found: list[RoiFeatures]) -> Any:
    documents = [item.as_data() for item in found]
    return documents[0] if len(documents) == 1 else documents
