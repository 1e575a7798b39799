"""From settings to who may speak to the node, and who is told of it.

Part of the composition root, like `node.options`.
"""

from datetime import timedelta
from pathlib import Path

from config import peers as settings_of_peers
from config.schema import Settings
from node.association.sop_classes import SOP_CLASSES_BY_KIND
from node.options.tls import tls_options
from node.security.access import AccessRules, Peer, networks
from node.security.audit_trail.events import Party
from node.security.audit_trail.message import AuditSource
from node.security.audit_trail.syslog import Repository
from node.security.audit_trail.trail import TrailOptions
from node.security.certificates import WatchOptions


def access_rules(settings: Settings) -> AccessRules:
    """Return whom the node lets in, and what each may send."""
    return AccessRules(
        ae_title=settings.node.ae_title,
        require_called_ae_title=settings.node.require_called_ae_title,
        peers=tuple(_peer(each) for each in settings.peers),
        calling_ae_titles=frozenset(settings.node.allowed_calling_ae_titles),
    )


def trail_options(settings: Settings, host: str, process: int) -> TrailOptions:
    """Return where audit messages go.

    Parameters
    ----------
    settings : Settings
    host : str
        Name of this machine.
    process : int
        Number of this process.
    """
    trail = settings.audit_trail
    return TrailOptions(
        repository=Repository(trail.host, trail.port, trail.transport)
        if trail.host
        else None,
        source=AuditSource(
            ae_title=settings.node.ae_title,
            host=host,
            site=settings.node.institution_name,
            process=str(process),
        ),
        keep=trail.keep,
        tls=tls_options(settings),
    )


def audited_destinations(settings: Settings) -> dict[str, Party]:
    """Return the archives as an audit repository knows them, by their names."""
    return {
        each.name: Party(each.ae_title or "", each.host or each.url)
        for each in settings.destinations
    }


def watch_options(settings: Settings) -> WatchOptions:
    """Return which certificates are watched, and which files are secret."""
    return WatchOptions(
        tls=tls_options(settings),
        warning=timedelta(days=settings.tls.expiry_warning_days),
        secret_files=secret_files(settings),
    )


def secret_files(settings: Settings) -> tuple[Path, ...]:
    """Return the files of the configuration that nobody else shall read."""
    tls = settings.tls
    named = [tls.key_file, tls.key_password_file, settings.ledger.url_file]
    for destination in settings.destinations:
        named += [destination.password_file, destination.token_file]
    return tuple(path for path in named if path is not None)


def _peer(peer: settings_of_peers.Peer) -> Peer:
    return Peer(
        name=peer.name,
        ae_title=peer.ae_title,
        networks=networks(peer.addresses),
        sop_classes=frozenset(
            each for kind in peer.objects for each in SOP_CLASSES_BY_KIND[kind]
        ),
        associations=peer.associations,
        objects_per_second=peer.objects_per_second,
    )
