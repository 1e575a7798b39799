"""The node's port, the archives and the peers: each tried as it will be used."""

import socket
from collections.abc import Iterator, Mapping, Sequence

from pydicom.uid import UID

from config.schema import Settings
from node.association.offers import accepted_of
from node.association.requestor import (
    Destination,
    PeerRefusesError,
    PeerUnavailableError,
    verify,
)
from node.doctor.finding import Finding, doubtful, ill, well
from node.healthcheck import why_unhealthy

COMMITMENT = "1.2.840.10008.1.20.1"
FIND = "1.2.840.10008.5.1.4.1.2.2.1"
RETRIEVE_METHODS = {
    "move": "1.2.840.10008.5.1.4.1.2.2.2",
    "get": "1.2.840.10008.5.1.4.1.2.2.3",
}
_REACH = (
    "See that host and port are right, that the archive runs, and that no firewall "
    "stands between."
)
_LET_IN = (
    "Have the archive told the node's AE title and address, and check ae_title: case "
    "counts."
)


def examine_listener(settings: Settings, timeout_s: float) -> Iterator[Finding]:
    """Yield whether the node answers, or could listen."""
    node = settings.node
    place = f"{node.ae_title} on {node.host}:{node.port}"
    why_not = _why_not_bound(node.host, node.port)
    if not why_not:
        yield well("listener", f"{place}: the port is free; the node does not run")
        return
    trouble = why_unhealthy(settings, timeout_s)
    if trouble:
        fact = f"{place}: {why_not}, and no node answers there: {trouble}"
        yield ill("listener", fact, "Stop what uses the port, or choose another one.")
    else:
        yield well("listener", f"{place}: the node answers")


def examine_archive(
    destination: Destination, uses: Mapping[str, str]
) -> Iterator[Finding]:
    """Yield how an archive takes what it is to be used for.

    Parameters
    ----------
    destination : Destination
    uses : mapping of str to str
        SOP Class UID to what it is needed for, in words.
    """
    subject = f"destination {destination.name}"
    try:
        accepted = accepted_of(destination, list(uses))
    except PeerUnavailableError as failure:
        yield ill(subject, str(failure), _REACH)
        return
    except PeerRefusesError as refusal:
        yield ill(subject, str(refusal), _LET_IN)
        return
    yield well(subject, f"{destination.place} accepts associations")
    for sop_class, use in uses.items():
        if sop_class not in accepted:
            name = UID(sop_class).name
            yield ill(
                subject,
                f"{destination.place} does not accept {name}, needed for {use}",
                f"Have the archive allow {name} for the node, or do without {use}.",
            )


def examine_peer(peer: Destination) -> Finding:
    """Return whether a peer that is answered on a new association can be reached."""
    timeouts = peer.timeouts
    trouble = verify(
        peer.host,
        peer.port,
        peer.ae_title,
        peer.calling_ae,
        timeouts.response_s,
        peer.tls,
    )
    subject = f"peer {peer.name}"
    if not trouble:
        return well(subject, f"{peer.place} answers")
    remedy = "Answers to its storage commitment requests go there: check host and port."
    return doubtful(subject, trouble, remedy)


def uses_of(
    objects: Sequence[str], *, commitment: bool, query: bool, retrieve: str
) -> dict[str, str]:
    """Return the SOP classes that an archive is used by, each with what for.

    Parameters
    ----------
    objects : sequence of str
        SOP Class UIDs of the results that it gets.
    commitment, query : bool
        Whether it is asked to commit, and whether it is queried.
    retrieve : str
        ``get``, ``move`` or empty.
    """
    uses = dict.fromkeys(objects, "results")
    if commitment:
        uses[COMMITMENT] = "destinations.confirm"
    if query or retrieve:
        uses[FIND] = "retrieve.source" if retrieve else "destinations.confirm"
    if retrieve:
        uses[RETRIEVE_METHODS[retrieve]] = "retrieve.method"
    return uses


def _why_not_bound(host: str, port: int) -> str:
    """Return why the port cannot be bound now; empty when it can."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as failure:
        return (failure.strerror or str(failure)).lower()
    return ""
