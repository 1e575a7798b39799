"""From settings to who may speak to the node, and who is told of it.

Part of the composition root, like `node.options`.
"""

from config import peers as settings_of_peers
from config.schema import Settings
from node.association.sop_classes import SOP_CLASSES_BY_KIND
from node.security.access import AccessRules, Peer, networks


def access_rules(settings: Settings) -> AccessRules:
    """Return whom the node lets in, and what each may send."""
    return AccessRules(
        ae_title=settings.node.ae_title,
        require_called_ae_title=settings.node.require_called_ae_title,
        peers=tuple(_peer(each) for each in settings.peers),
        calling_ae_titles=frozenset(settings.node.allowed_calling_ae_titles),
    )


def calling_ae_titles(settings: Settings) -> tuple[str, ...]:
    """Return the titles of all who may connect from anywhere; empty for everybody."""
    peers = {peer.ae_title for peer in settings.peers}
    return tuple(sorted(peers | set(settings.node.allowed_calling_ae_titles)))


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
