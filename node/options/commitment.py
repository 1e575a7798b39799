"""From settings to whom the node asks for commitment, and whom it answers.

Part of the composition root, like `node.options`.
"""

from datetime import timedelta

from config import peers as settings_of_peers
from config.schema import Settings
from node.association.requestor import Destination
from node.delivery.answering import AnsweringOptions
from node.delivery.commitments import Asking, CommitmentOptions
from node.delivery.confirming import ConfirmingOptions
from node.delivery.dicomweb import WebDestination
from node.options.network import destinations, retry_policy, web_destinations
from node.options.tls import tls_options


def commitment_options(settings: Settings) -> CommitmentOptions:
    """Return who is asked by `destinations.confirm`, and where `[[peers]]` listen."""
    reached = _by_name(settings)
    return CommitmentOptions(
        asking=tuple(
            Asking(reached[each.name], _confirming(settings, each))
            for each in settings.destinations
            if each.confirm != "no"
        ),
        peers=_placed_peers(settings),
        answering=AnsweringOptions(retry_policy(settings)),
    )


def _by_name(settings: Settings) -> dict[str, Destination | WebDestination]:
    by_dimse = {each.name: each for each in destinations(settings)}
    return by_dimse | {each.name: each for each in web_destinations(settings)}


def _confirming(
    settings: Settings, destination: settings_of_peers.Destination
) -> ConfirmingOptions:
    by_commitment = (
        destination.confirm == "commitment" and destination.protocol == "dimse"
    )
    return ConfirmingOptions(
        by_commitment=by_commitment,
        within=timedelta(seconds=destination.confirm_within_s),
        policy=retry_policy(settings),
    )


def _placed_peers(settings: Settings) -> tuple[Destination, ...]:
    """Return the peers of which the port is known, the first of each AE title."""
    placed: dict[str, Destination] = {}
    for peer in settings.peers:
        if peer.port:
            found = Destination(
                name=peer.name,
                ae_title=peer.ae_title,
                host=peer.host,
                port=peer.port,
                calling_ae=settings.node.ae_title,
                tls=tls_options(settings) if peer.tls else None,
            )
            placed.setdefault(peer.ae_title, found)
    return tuple(placed.values())
