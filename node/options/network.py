"""From settings to where the node listens, and whom it calls."""

from datetime import timedelta
from functools import partial

from config.schema import Settings
from node.association.listener import ListenerOptions
from node.association.sender import Destination, PeerTimeouts, send
from node.delivery import dicomweb
from node.delivery.delivering import Route
from node.delivery.dicomweb import WebDestination
from node.delivery.web_session import Credentials
from node.instance_store import incoming_folder
from node.options.tls import tls_options
from node.retry import RetryPolicy


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
        spool_folder=incoming_folder(node.data_folder),
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


def calling_ae_titles(settings: Settings) -> tuple[str, ...]:
    """Return the titles of all who may connect from anywhere; empty for everybody.

    The node's own is among them, for whoever asks on its machine whether it is well.
    """
    node = settings.node
    named = {peer.ae_title for peer in settings.peers}
    named.update(node.allowed_calling_ae_titles)
    return tuple(sorted({node.ae_title, *named})) if named else ()
