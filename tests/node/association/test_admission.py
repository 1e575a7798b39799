"""Promises of `node.association.admission`, over real associations on loopback."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pydicom.uid import CTImageStorage, PositronEmissionTomographyImageStorage
from pynetdicom import build_context
from pynetdicom.association import Association

from node.association.admission import Admission
from node.association.listener import STORED, Listener
from node.association.requestor import (
    Destination,
    PeerRefusesError,
    PeerTimeouts,
    PeerUnavailableError,
    associate,
    close,
)
from node.association.sop_classes import RECEIVED_SOP_CLASSES
from node.security.access import AccessRules, Peer, networks
from node.security.tls import TlsOptions
from tests.support.certificates import Authority
from tests.support.peers import HOST, PATIENCE_S, listener_options

if TYPE_CHECKING:
    from node.records.refused import Refusal

_PET = PositronEmissionTomographyImageStorage
_VERIFICATION = "1.2.840.10008.1.1"
_ELSEWHERE = "203.0.113.0/24"


class Guarded:
    """A listener with an admission, and what both refused."""

    def __init__(self, *peers: Peer, **changes: object) -> None:
        self.refusals: list[Refusal] = []
        rules = AccessRules("NODE", peers=peers)
        self.seen: list[tuple[bytes, str]] = []
        self.admission = Admission(
            rules,
            RECEIVED_SOP_CLASSES,
            self.refusals.append,
            lambda certificate, caller: self.seen.append((certificate, caller)),
        )
        self.listener = Listener(
            listener_options(**changes),
            lambda _: STORED,
            [self.admission.service],
            self.refusals.append,
        )

    def associate(
        self,
        *classes: str,
        calling: str = "INVEON",
        called: str = "NODE",
        tls: TlsOptions | None = None,
    ) -> Association:
        """Return an association, or raise why there is none."""
        patience = PeerTimeouts(PATIENCE_S, PATIENCE_S, PATIENCE_S)
        port = self.listener.port
        node = Destination("node", called, HOST, port, calling, patience, tls)
        offered = classes or (_VERIFICATION,)
        return associate(node, [build_context(each) for each in offered])


@contextmanager
def guarded(*peers: Peer, **changes: object) -> Iterator[Guarded]:
    node = Guarded(*peers, **changes)
    node.listener.start()
    try:
        yield node
    finally:
        node.listener.stop()


def accepted(association: Association) -> set[str]:
    return {str(each.abstract_syntax) for each in association.accepted_contexts}


def test_a_peer_that_is_named_gets_its_echo_answered() -> None:
    with guarded(Peer("inveon", "INVEON", networks([HOST]))) as node:
        association = node.associate()
        status = association.send_c_echo()
        close(association)

    assert status.Status == 0
    assert node.refusals == []


@pytest.mark.parametrize(
    ("calling", "called", "status", "told", "kept"),
    [
        ("STRANGER", "NODE", "RJ 1/1/3", "calling ae title not", "[[peers]]"),
        ("REMOTE", "NODE", "RJ 1/1/3", "calling ae title not", "peers.addresses"),
        ("INVEON", "OTHER", "RJ 1/1/7", "called ae title not", "it calls OTHER"),
    ],
)
def test_who_is_not_let_in_is_told_by_the_standard_s_codes(
    calling: str, called: str, status: str, told: str, kept: str
) -> None:
    inveon, remote = Peer("i", "INVEON"), Peer("r", "REMOTE", networks([_ELSEWHERE]))

    with (
        guarded(inveon, remote) as node,
        pytest.raises(PeerRefusesError, match=told),
    ):
        node.associate(calling=calling, called=called)

    (refusal,) = node.refusals
    assert (refusal.calling_ae, refusal.address) == (calling, HOST)
    assert refusal.status == status
    assert kept in refusal.why


def test_classes_that_a_peer_may_not_send_are_not_negotiated() -> None:
    scanner = Peer("scanner", "INVEON", sop_classes=frozenset([_PET]))

    with guarded(scanner) as node:
        association = node.associate(_PET, CTImageStorage, _VERIFICATION)
        found = accepted(association)
        close(association)

    assert found == {_PET, _VERIFICATION}
    assert node.refusals == []


def test_the_restriction_of_one_peer_is_no_other_s() -> None:
    scanner = Peer("scanner", "INVEON", sop_classes=frozenset([_PET]))
    archive = Peer("archive", "PACS")

    with guarded(scanner, archive) as node:
        close(node.associate(_PET, CTImageStorage))
        association = node.associate(_PET, CTImageStorage, calling="PACS")
        found = accepted(association)
        close(association)

    assert found == {_PET, CTImageStorage}


def test_a_peer_that_offers_nothing_it_may_send_is_told_of() -> None:
    scanner = Peer("scanner", "INVEON", sop_classes=frozenset([_PET]))

    with guarded(scanner) as node, pytest.raises(PeerRefusesError, match="CT Image"):
        node.associate(CTImageStorage)

    (refusal,) = node.refusals
    assert "peers.objects" in refusal.why


def test_a_peer_beyond_its_associations_waits_and_takes_nobody_s_place() -> None:
    inveon = Peer("inveon", "INVEON", associations=2)

    with guarded(inveon, Peer("archive", "PACS")) as node:
        held = [node.associate(), node.associate()]
        with pytest.raises(PeerUnavailableError, match="local limit exceeded"):
            node.associate()
        close(node.associate(calling="PACS"))
        close(held.pop())
        held.append(_opened_at_last(node))
        for each in held:
            close(each)

    refusal = node.refusals[0]
    assert refusal.status == "RJ 2/3/2"
    assert "peers.associations" in refusal.why


def test_the_node_s_own_limit_is_told_of() -> None:
    with guarded(maximum_associations=1) as node:
        held = node.associate()
        with pytest.raises(PeerUnavailableError):
            node.associate()
        close(held)

    (refusal,) = node.refusals
    assert "node.maximum_associations" in refusal.why


def test_the_subject_of_a_certificate_is_kept_with_the_refusal(tmp_path: Path) -> None:
    authority = Authority(tmp_path)

    with (
        guarded(Peer("inveon", "INVEON"), tls=authority.options("node")) as node,
        pytest.raises(PeerRefusesError),
    ):
        node.associate(calling="OTHER", tls=authority.options("workstation"))

    (refusal,) = node.refusals
    assert "CN=workstation,O=Imaging core" in refusal.why


def test_the_certificate_of_who_is_let_in_is_shown(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    theirs = authority.issue("scanner")
    tls = TlsOptions(theirs.certificate, theirs.key, ca=authority.certificate)

    with guarded(tls=authority.options("node")) as node:
        close(node.associate(tls=tls))

    der = x509.load_pem_x509_certificate(theirs.certificate.read_bytes())
    assert node.seen == [(der.public_bytes(Encoding.DER), "INVEON")]


def test_a_defect_in_the_decision_lets_nobody_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_: object) -> NoReturn:
        raise ZeroDivisionError

    monkeypatch.setattr(AccessRules, "judge", broken)

    with guarded() as node, pytest.raises(PeerUnavailableError):
        node.associate()

    (refusal,) = node.refusals
    assert refusal.status == "RJ 2/1/1"


def test_a_peer_that_is_refused_leaves_no_thread() -> None:
    with guarded(Peer("inveon", "INVEON")) as node:
        threads = threading.active_count()
        for _ in range(5):
            with pytest.raises(PeerRefusesError):
                node.associate(calling="STRANGER")

        _wait_for(lambda: threading.active_count() <= threads)


def _opened_at_last(node: Guarded) -> Association:
    """Return an association, once the node has noticed that another one ended."""
    found: list[Association] = []

    def is_open() -> bool:
        with suppress(PeerUnavailableError):
            found.append(node.associate())
        return bool(found)

    _wait_for(is_open)
    return found[0]


def _wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_the_node_itself_verifies_from_its_own_machine_and_stores_nothing() -> None:
    with guarded(Peer("inveon", "INVEON", networks([_ELSEWHERE]))) as node:
        association = node.associate(_VERIFICATION, _PET, calling="NODE")
        agreed = accepted(association)
        status = association.send_c_echo()
        close(association)

    assert agreed == {_VERIFICATION}
    assert status.Status == 0
    assert node.refusals == []
