"""From settings to what enters results; part of the composition root.

Design choice: apart from `node.options`, since to score a folder needs no ledger and no
associations, and their libraries take as long to import as the rest.
"""

import shutil
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from pydicom.sr.coding import Code

from config.schema import Settings
from config.score_models import find_score_model
from dicom_io.limits import ReadingLimits
from dicom_io.stamp import Equipment
from dicom_io.suv.rule import SuvRules
from model.administration import Source, SourceRules
from model.plausibility import AnimalLimits, UnitsInDoubt
from model.score.assessment_options import AssessmentOptions
from node.case.options import CaseOptions, ObjectOptions, RoiPatterns
from node.identity import MANUFACTURER, MODEL_NAME, derived_uid, software_version
from node.readiness.assess import MatchingRules
from node.readiness.matching import GantryRule
from node.records.kinds import ResultKind
from node.records.subject import SubjectRules

_BQ_PER_MBQ = 1e6
_MEGABYTE = 1 << 20


def case_options(settings: Settings) -> CaseOptions:
    """Return all that enters a result beside its objects.

    Raises
    ------
    config.score_models.ScoreModelError
        When a score model cannot be found or read.
    """
    return CaseOptions(
        suv=_suv_rules(settings),
        rois=RoiPatterns(
            settings.rois.include, settings.rois.exclude, settings.rois.subtract
        ),
        interpolate_gaps=settings.rois.interpolate_gaps,
        assessment=_assessment(settings),
        objects=ObjectOptions(
            uid_root=settings.node.uid_root,
            series_number_base=settings.results.series_number_base,
            kinds=frozenset(map(ResultKind, settings.results.objects)),
            finding_site=Code(*settings.results.finding_site),
            pages=settings.results.pages,
        ),
        equipment=_equipment(settings),
        external_check=_external_check(settings),
    )


def _external_check(settings: Settings) -> Path | None:
    """Return where dciodvfy is, if it is wanted and installed."""
    if not settings.results.external_check:
        return None
    found = shutil.which("dciodvfy")
    return None if found is None else Path(found).resolve()


def matching_rules(settings: Settings) -> MatchingRules:
    """Return which contours belong to which PET."""
    matching = settings.matching
    return MatchingRules(
        co_registered=tuple(
            GantryRule(
                model_name=rule.model_name,
                register=rule.registration == "rigid",
                maximum_motion_mm=rule.maximum_motion_mm,
            )
            for rule in matching.co_registered
        ),
        preferred_pet=matching.preferred_pet,
        replicates=settings.score.replicates,
    )


def subject_rules(settings: Settings) -> SubjectRules:
    """Return how the animals of a case are known."""
    return SubjectRules(
        attribute=settings.animals.attribute,
        pattern=settings.animals.pattern,
        injection_log=settings.injection_log.path,
        zone=ZoneInfo(settings.node.timezone),
    )


def _suv_rules(settings: Settings) -> SuvRules:
    suv, sources = settings.suv, settings.sources
    limits = settings.species[suv.species]
    least, most = limits.activity_mbq
    return SuvRules(
        limits=AnimalLimits(
            species=suv.species,
            weight_g=limits.weight_g,
            activity_bq=(least * _BQ_PER_MBQ, most * _BQ_PER_MBQ),
            uptake_half_lives=limits.uptake_half_lives,
        ),
        units_in_doubt=UnitsInDoubt(suv.units_in_doubt),
        zone=ZoneInfo(settings.node.timezone),
        uptake_window=_minutes(suv.uptake_window_min),
        uptake=None if suv.uptake_min is None else _minutes(suv.uptake_min),
        check_activity_balance=suv.activity_balance,
        require_attenuation_correction=not suv.allow_without_attenuation_correction,
        sources=SourceRules(
            precedence=tuple(Source(name) for name in sources.precedence),
            weight_tolerance=sources.weight_tolerance,
            activity_tolerance=sources.activity_tolerance,
            injection_tolerance_s=sources.injection_tolerance_s,
        ),
    )


def _minutes(span: tuple[float, float]) -> tuple[timedelta, timedelta]:
    return timedelta(minutes=span[0]), timedelta(minutes=span[1])


def _assessment(settings: Settings) -> AssessmentOptions:
    folders = settings.score_model_folders
    return AssessmentOptions(
        model=find_score_model(settings.score.model, folders),
        readings=tuple(
            find_score_model(name, folders) for name in settings.score.readings
        ),
        class_when_uncalibrated=settings.score.class_when_uncalibrated,
        with_feature_maps=settings.results.feature_maps,
        with_probability_map=settings.results.probability_maps,
        resolution_mm=settings.score.resolution_mm,
        peak_diameter_mm=settings.species[settings.suv.species].peak_diameter_mm,
        metabolic_volume_percent=settings.suv.metabolic_volume_percent,
    )


def _equipment(settings: Settings) -> Equipment:
    node = settings.node
    return Equipment(
        manufacturer=MANUFACTURER,
        model_name=MODEL_NAME,
        serial_number=derived_uid("2.25", MODEL_NAME, node.ae_title),
        software_version=software_version(),
        station_name=node.ae_title,
        institution_name=node.institution_name or None,
    )


def reading_limits(settings: Settings) -> ReadingLimits:
    """Return what an object may demand of its reader."""
    limits = settings.limits
    return ReadingLimits(
        elements=limits.elements,
        nesting=limits.nesting,
        frames=limits.frames,
        pixel_bytes=limits.pixels_mb * _MEGABYTE,
        object_bytes=limits.object_mb * _MEGABYTE,
    )
