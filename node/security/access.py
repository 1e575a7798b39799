"""Who may open an association, and what it may send: a decision without side effects.

Design choice: without ``[[peers]]`` and without a list of titles everyone may connect,
as a node that nobody has configured yet must be found by those who try it. With either,
whoever is not named is refused.

Design choice: a peer is known by its title and its address together. Two scanners may
share a title, so the address chooses between them; a title from an address of nobody is
refused like an unknown title, and the words that the ledger keeps say which it was.

Design choice: the node's own title, called from the node's own machine, may ask whether
the node is well, whoever else is named. Else every list of peers would make a healthy
node look ill to its container platform. Nothing else is negotiated with it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

_PERMANENT, _TRANSIENT = 0x01, 0x02
_USER, _PRESENTATION = 0x01, 0x03
_NO_REASON, _CALLING_UNKNOWN, _CALLED_UNKNOWN = 0x01, 0x03, 0x07
_LOCAL_LIMIT = 0x02
"""*Result*, *Source* and *Reason* of an A-ASSOCIATE-RJ (PS3.8 9.3.4)."""

Address = IPv4Address | IPv6Address
AddressRange = IPv4Network | IPv6Network


@dataclass(frozen=True)
class Peer:
    """Someone who may connect.

    Attributes
    ----------
    name : str
        In logs and audit messages.
    ae_title : str
        Its calling AE title.
    networks : tuple of networks
        Where it connects from; empty for anywhere.
    sop_classes : frozenset of str or None
        UIDs of what it may send; None for all that the node takes.
    associations : int
        That it may have open at a time; 0 for no limit of its own.
    objects_per_second : int
        That are taken from it on average; 0 for no limit.
    """

    name: str
    ae_title: str
    networks: tuple[AddressRange, ...] = ()
    sop_classes: frozenset[str] | None = None
    associations: int = 0
    objects_per_second: int = 0


@dataclass(frozen=True)
class Admitted:
    """An association may be opened.

    Attributes
    ----------
    peer : Peer or None
        None for one that no table ``[[peers]]`` names.
    only_verifies : bool
        Whether it may ask by C-ECHO alone.
    """

    peer: Peer | None
    only_verifies: bool = False


@dataclass(frozen=True)
class Rejection:
    """An association may not be opened.

    Attributes
    ----------
    result, source, reason : int
        Of the A-ASSOCIATE-RJ (PS3.8 9.3.4).
    words : str
        Why, and what to do; for people, not for the peer.
    """

    result: int
    source: int
    reason: int
    words: str

    @property
    def status(self) -> str:
        """The codes, as the ledger keeps them."""
        return f"RJ {self.result}/{self.source}/{self.reason}"


DEFECTIVE = Rejection(
    _TRANSIENT, _USER, _NO_REASON, "the node could not decide; see its log"
)
"""When the decision itself fails: nobody gets in by a defect of ours."""


@dataclass(frozen=True)
class AccessRules:
    """Whom the node lets in.

    Attributes
    ----------
    ae_title : str
        Ours.
    require_called_ae_title : bool
        Whether peers must call us by it.
    peers : tuple of Peer
    calling_ae_titles : frozenset of str
        Who else may connect, by title alone.
    """

    ae_title: str
    require_called_ae_title: bool = True
    peers: tuple[Peer, ...] = ()
    calling_ae_titles: frozenset[str] = frozenset()

    def judge(
        self, calling: str, called: str, address: str, reached: str = ""
    ) -> Admitted | Rejection:
        """Return whether an association may be opened, and as whom.

        Parameters
        ----------
        calling, called : str
            AE titles of the request; spaces around them do not count.
        address : str
            IP address that the request came from.
        reached : str
            IP address of ours that it reached; empty where that is not known.
        """
        calling, called = calling.strip(), called.strip()
        if self.require_called_ae_title and called != self.ae_title:
            return Rejection(
                _PERMANENT,
                _USER,
                _CALLED_UNKNOWN,
                f"it calls {shown(called)}, and the node is {self.ae_title}; correct "
                "the called AE title at the peer",
            )
        peer = self.peer(calling, address)
        is_open = not self.peers and not self.calling_ae_titles
        if peer is not None or calling in self.calling_ae_titles or is_open:
            return Admitted(peer)
        if calling == self.ae_title and _is_ours(address, reached):
            return Admitted(None, only_verifies=True)
        why = "no [[peers]] and no node.allowed_calling_ae_titles name it"
        if any(peer.ae_title == calling for peer in self.peers):
            why = f"no peer of this title may connect from {address} (peers.addresses)"
        return Rejection(_PERMANENT, _USER, _CALLING_UNKNOWN, why)

    def peer(self, calling: str, address: str) -> Peer | None:
        """Return who calls by a title from an address; None when no peer does."""
        place = plain_address(address)
        titled = [each for each in self.peers if each.ae_title == calling.strip()]
        # Whoever names the address is meant before whoever may come from anywhere.
        for peer in sorted(titled, key=_narrowness):
            if not peer.networks or _within(place, peer.networks):
                return peer
        return None


def may_store(peer: Peer | None, sop_class_uid: str) -> bool:
    """Return whether a peer may send objects of a class."""
    return peer is None or peer.sop_classes is None or sop_class_uid in peer.sop_classes


def too_many(peer: Peer, is_open: int) -> Rejection | None:
    """Return why a peer may open no other association now, None when it may.

    Parameters
    ----------
    peer : Peer
    is_open : int
        Associations that it has.
    """
    if not peer.associations or is_open < peer.associations:
        return None
    return Rejection(
        _TRANSIENT,
        _PRESENTATION,
        _LOCAL_LIMIT,
        f"{peer.name} has {is_open} associations open, as many as it may "
        "(peers.associations); it may try again",
    )


def networks(texts: Iterable[str]) -> tuple[AddressRange, ...]:
    """Return networks from ``192.168.10.0/24`` or ``192.168.10.5``."""
    return tuple(ip_network(text) for text in texts)


def plain_address(text: str) -> Address | None:
    """Return an address without a zone, IPv4 also where IPv6 carries it."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def shown(text: str) -> str:
    """Return what a peer said of itself so that it cannot break a line of a log."""
    return "".join(each if each.isprintable() else "?" for each in text) or "nothing"


def _is_ours(address: str, reached: str) -> bool:
    """Return whether a connection comes from the machine that it reaches."""
    place = plain_address(address)
    return place is not None and (place.is_loopback or place == plain_address(reached))


def _within(address: Address | None, allowed: tuple[AddressRange, ...]) -> bool:
    return address is not None and any(address in _plain(each) for each in allowed)


def _plain(network: AddressRange) -> AddressRange:
    """Return the IPv4 network that an IPv6 one maps (``::ffff:10.0.0.0/104``)."""
    mapped = getattr(network.network_address, "ipv4_mapped", None)
    shared_bits = 96
    if mapped is None or network.prefixlen < shared_bits:
        return network
    return IPv4Network((int(mapped), network.prefixlen - shared_bits))


def _narrowness(peer: Peer) -> bool:
    return not peer.networks
