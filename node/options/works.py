"""From settings to how studies are decided on and computed.

What enters results is in `node.options.case`.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

from config import peers as settings_of_peers
from config.schema import Settings
from node.compute.computing import ComputeOptions
from node.compute.executor import ExecutorOptions
from node.compute.jobs import get_ready
from node.deciding.intake import IntakeOptions
from node.options.case import (
    case_options,
    matching_rules,
    reading_limits,
    subject_rules,
)
from node.records.kinds import ResultKind
from node.records.objects import Arrival


def intake_options(
    settings: Settings, arrived: Callable[[Arrival], None] | None = None
) -> IntakeOptions:
    """Return how studies are decided on.

    Parameters
    ----------
    settings : Settings
    arrived : callable or None
        Is told of what came, study by study.
    """
    return IntakeOptions(
        matching=matching_rules(settings),
        settle=timedelta(seconds=settings.matching.settle_seconds),
        case=case_options(settings),
        subjects=subject_rules(settings),
        limits=reading_limits(settings),
        arrived=arrived,
    )


def compute_options(settings: Settings) -> ComputeOptions:
    """Return how jobs are computed, and who wants their objects."""
    return ComputeOptions(
        case=case_options(settings),
        store_root=settings.node.data_folder,
        at_once=settings.compute.workers,
        attempts=settings.compute.attempts,
        wanted={
            destination.name: wanted_by(settings, destination)
            for destination in settings.destinations
        },
        review=settings.results.review,
    )


def wanted_by(
    settings: Settings, destination: settings_of_peers.Destination
) -> frozenset[ResultKind]:
    """Return the kinds of the objects that a destination is to get."""
    return frozenset(map(ResultKind, settings.sent_to(destination)))


def executor_options(settings: Settings) -> ExecutorOptions:
    """Return how many workers there are, and how long they may take."""
    return ExecutorOptions(
        workers=settings.compute.workers,
        timeout_s=settings.compute.timeout_s,
        warm_up=partial(get_ready, case_options(settings)),
        memory_mb=settings.compute.memory_mb,
    )
