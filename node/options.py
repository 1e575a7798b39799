"""From settings to the options of the service; part of the composition root.

What enters results is in `node.case_options`.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

from pydicom.uid import Comprehensive3DSRStorage, ParametricMapStorage

from config import peers as settings_of_peers
from config.schema import Settings
from node.association.listener import ListenerOptions
from node.association.sender import Destination, PeerTimeouts, send
from node.case_options import (
    case_options,
    matching_rules,
    reading_limits,
    subject_rules,
)
from node.computing import ComputeOptions
from node.delivery import dicomweb
from node.delivery.delivering import Route
from node.delivery.dicomweb import WebDestination
from node.delivery.web_session import Credentials
from node.executor import ExecutorOptions
from node.intake import IntakeOptions
from node.keeping.retention import DeletedStudy, RetentionOptions
from node.retry import RetryPolicy
from node.security.tls import TlsOptions
from node.warm_up import warm_up

_SOP_CLASSES = {"sr": Comprehensive3DSRStorage, "parametric_map": ParametricMapStorage}


def intake_options(settings: Settings) -> IntakeOptions:
    """Return how studies are decided on."""
    return IntakeOptions(
        matching=matching_rules(settings),
        settle=timedelta(seconds=settings.matching.settle_seconds),
        case=case_options(settings),
        subjects=subject_rules(settings),
        limits=reading_limits(settings),
    )


def compute_options(settings: Settings) -> ComputeOptions:
    """Return how jobs are computed, and who wants their objects."""
    return ComputeOptions(
        case=case_options(settings),
        store_root=settings.node.data_folder,
        at_once=settings.compute.workers,
        attempts=settings.compute.attempts,
        wanted={
            destination.name: wanted_by(destination)
            for destination in settings.destinations
        },
    )


def wanted_by(destination: settings_of_peers.Destination) -> frozenset[str]:
    """Return the SOP Class UIDs of the objects that a destination is to get."""
    return frozenset(_SOP_CLASSES[name] for name in destination.objects)


def executor_options(settings: Settings) -> ExecutorOptions:
    """Return how many workers there are, and how long they may take."""
    return ExecutorOptions(
        workers=settings.compute.workers,
        timeout_s=settings.compute.timeout_s,
        warm_up=partial(warm_up, case_options(settings)),
        memory_mb=settings.compute.memory_mb,
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
        idle_timeout_s=settings.limits.idle_s,
        object_limit=settings.limits.object_mb << 20,
        require_called_aet=node.require_called_ae_title,
        allowed_calling_aets=calling_ae_titles(settings),
        tls=tls_options(settings) if settings.tls.listen else None,
    )


def destinations(settings: Settings) -> list[Destination]:
    """Return where results go by C-STORE."""
    return [
        Destination(
            name=destination.name,
            # The settings have them for this protocol.
            ae_title=destination.ae_title or "",
            host=destination.host or "",
            port=destination.port or 0,
            calling_ae=settings.node.ae_title,
            timeouts=PeerTimeouts(
                connection_s=destination.connection_timeout_s,
                association_s=destination.acse_timeout_s,
                response_s=destination.dimse_timeout_s,
            ),
            tls=tls_options(settings) if destination.tls else None,
        )
        for destination in settings.destinations
        if destination.protocol == "dimse"
    ]


def web_destinations(settings: Settings) -> list[WebDestination]:
    """Return where results go by STOW-RS."""
    return [
        WebDestination(
            name=destination.name,
            url=destination.url,
            credentials=Credentials(
                user=destination.user,
                password_file=destination.password_file,
                token_file=destination.token_file,
            ),
            tls=tls_options(settings),
            timeouts=PeerTimeouts(
                connection_s=destination.connection_timeout_s,
                response_s=destination.dimse_timeout_s,
            ),
        )
        for destination in settings.destinations
        if destination.protocol == "dicomweb"
    ]


def routes(settings: Settings) -> list[Route]:
    """Return how each destination is reached, whatever its protocol."""
    by_dimse = [
        Route(destination.name, partial(send, destination))
        for destination in destinations(settings)
    ]
    by_web = [
        Route(destination.name, partial(dicomweb.send, destination))
        for destination in web_destinations(settings)
    ]
    return by_dimse + by_web


def answered_peers(settings: Settings) -> list[Destination]:
    """Return the peers whose place is configured, for answers that they asked for."""
    return [
        Destination(
            name=peer.name,
            ae_title=peer.ae_title,
            host=peer.host,
            port=peer.port,
            calling_ae=settings.node.ae_title,
            tls=tls_options(settings) if peer.tls else None,
        )
        for peer in settings.peers
        if peer.host and peer.port
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


def retention_options(
    settings: Settings, deleted: Callable[[DeletedStudy], None]
) -> RetentionOptions:
    """Return when files are deleted, and who is told.

    Those that `node.keeping.retention.Retention` asks are the destinations whose
    `confirm` is not "no".
    """
    days = settings.retention.delete_after_days
    return RetentionOptions(timedelta(days=days) if days else None, deleted)


def calling_ae_titles(settings: Settings) -> tuple[str, ...]:
    """Return the titles of all who may connect from anywhere; empty for everybody."""
    peers = {peer.ae_title for peer in settings.peers}
    return tuple(sorted(peers | set(settings.node.allowed_calling_ae_titles)))


def tls_options(settings: Settings) -> TlsOptions:
    """Return our certificate, and whom we believe."""
    tls = settings.tls
    return TlsOptions(
        certificate=tls.certificate_file,
        key=tls.key_file,
        key_password_file=tls.key_password_file,
        ca=tls.ca_file,
        require_peer_certificate=tls.require_peer_certificate,
        verify_host=tls.verify_host,
    )
