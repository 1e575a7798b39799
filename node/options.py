"""From settings to the options that packages own; part of the composition root."""

from datetime import timedelta
from functools import partial
from zoneinfo import ZoneInfo

from pydicom.uid import Comprehensive3DSRStorage, ParametricMapStorage

from config.schema import Settings
from config.score_models import find_score_model
from dicom_io.stamp import Equipment
from dicom_io.suv.rule import SuvRules
from model.administration import Source, SourceRules
from model.plausibility import AnimalLimits, UnitsInDoubt
from model.score.assess import AssessmentOptions
from node.association.listener import ListenerOptions
from node.association.sender import Destination, PeerTimeouts
from node.case.options import CaseOptions, ObjectOptions, RoiPatterns
from node.computing import ComputeOptions
from node.executor import ExecutorOptions
from node.identity import MANUFACTURER, MODEL_NAME, derived_uid, software_version
from node.intake import IntakeOptions
from node.readiness.assess import MatchingRules
from node.readiness.matching import GantryRule
from node.retry import RetryPolicy
from node.subject import SubjectRules
from node.warm_up import warm_up

_SOP_CLASSES = {"sr": Comprehensive3DSRStorage, "parametric_map": ParametricMapStorage}
_BQ_PER_MBQ = 1e6


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
        ),
        equipment=_equipment(settings),
    )


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


def intake_options(settings: Settings) -> IntakeOptions:
    """Return how studies are decided on."""
    return IntakeOptions(
        matching=matching_rules(settings),
        settle=timedelta(seconds=settings.matching.settle_seconds),
        case=case_options(settings),
        subjects=subject_rules(settings),
    )


def compute_options(settings: Settings) -> ComputeOptions:
    """Return how jobs are computed, and who wants their objects."""
    return ComputeOptions(
        case=case_options(settings),
        store_root=settings.node.data_folder,
        at_once=settings.compute.workers,
        attempts=settings.compute.attempts,
        wanted={
            destination.name: frozenset(
                _SOP_CLASSES[name] for name in destination.objects
            )
            for destination in settings.destinations
        },
    )


def executor_options(settings: Settings) -> ExecutorOptions:
    """Return how many workers there are, and how long they may take."""
    return ExecutorOptions(
        workers=settings.compute.workers,
        timeout_s=settings.compute.timeout_s,
        warm_up=partial(warm_up, case_options(settings)),
    )


def listener_options(settings: Settings) -> ListenerOptions:
    """Return where to listen, and whom to serve."""
    node = settings.node
    return ListenerOptions(
        ae_title=node.ae_title,
        host=node.host,
        port=node.port,
        maximum_associations=node.maximum_associations,
        maximum_pdu=node.maximum_pdu_bytes,
        network_timeout_s=node.network_timeout_s,
        acse_timeout_s=node.acse_timeout_s,
        dimse_timeout_s=node.dimse_timeout_s,
        require_called_aet=node.require_called_ae_title,
        allowed_calling_aets=node.allowed_calling_ae_titles,
    )


def destinations(settings: Settings) -> list[Destination]:
    """Return where results go."""
    return [
        Destination(
            name=destination.name,
            ae_title=destination.ae_title,
            host=destination.host,
            port=destination.port,
            calling_ae=settings.node.ae_title,
            timeouts=PeerTimeouts(
                connection_s=destination.connection_timeout_s,
                association_s=destination.acse_timeout_s,
                response_s=destination.dimse_timeout_s,
            ),
        )
        for destination in settings.destinations
    ]


def retry_policy(settings: Settings) -> RetryPolicy:
    """Return when a delivery that failed is tried again."""
    retry = settings.retry
    return RetryPolicy(
        first_delay=timedelta(seconds=retry.first_delay_s),
        factor=retry.factor,
        longest_delay=timedelta(seconds=retry.maximum_delay_s),
        alarm_after=retry.alarm_after,
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
        resolution_mm=settings.score.resolution_mm,
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
