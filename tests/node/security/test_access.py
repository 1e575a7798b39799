"""Promises of `node.security.access`: who may connect, from where, with what."""

import pytest
from pydicom.uid import (
    Comprehensive3DSRStorage,
    CTImageStorage,
    MRImageStorage,
    PositronEmissionTomographyImageStorage,
    RTStructureSetStorage,
)

from config.schema import Settings
from node.association.sop_classes import RECEIVED_SOP_CLASSES, SOP_CLASSES_BY_KIND
from node.options.network import calling_ae_titles
from node.options.security import access_rules
from node.security.access import (
    AccessRules,
    Admitted,
    Peer,
    Rejection,
    may_store,
    networks,
    too_many,
)

_CALLING_UNKNOWN = (1, 1, 3)
_CALLED_UNKNOWN = (1, 1, 7)
_LOCAL_LIMIT = (2, 3, 2)
"""Result, source and reason (PS3.8 9.3.4)."""


def peer(
    name: str = "inveon", title: str = "INVEON", *addresses: str, associations: int = 2
) -> Peer:
    return Peer(name, title, networks(addresses), associations=associations)


def rules(*peers: Peer, titles: tuple[str, ...] = ()) -> AccessRules:
    return AccessRules("NODE", peers=peers, calling_ae_titles=frozenset(titles))


def codes(verdict: Admitted | Rejection) -> tuple[int, int, int]:
    assert isinstance(verdict, Rejection)
    return verdict.result, verdict.source, verdict.reason


def test_everybody_is_admitted_where_nobody_is_named() -> None:
    assert rules().judge("ANYONE", "NODE", "203.0.113.9") == Admitted(None)


def test_only_those_that_are_named_are_admitted() -> None:
    inveon = peer()
    asked = rules(inveon, titles=("PACS",))

    assert asked.judge("INVEON", "NODE", "10.0.0.1") == Admitted(inveon)
    assert asked.judge("PACS", "NODE", "10.0.0.1") == Admitted(None)
    assert codes(asked.judge("OTHER", "NODE", "10.0.0.1")) == _CALLING_UNKNOWN
    assert codes(asked.judge("", "NODE", "10.0.0.1")) == _CALLING_UNKNOWN
    assert codes(asked.judge("inveon", "NODE", "10.0.0.1")) == _CALLING_UNKNOWN


def test_a_title_from_another_address_is_refused_and_the_words_say_so() -> None:
    asked = rules(peer("inveon", "INVEON", "192.168.10.0/24"))

    verdict = asked.judge("INVEON", "NODE", "192.168.11.5")

    assert codes(verdict) == _CALLING_UNKNOWN
    assert isinstance(verdict, Rejection)
    assert "192.168.11.5" in verdict.words
    assert "peers.addresses" in verdict.words


@pytest.mark.parametrize(
    ("allowed", "address"),
    [
        ("192.168.10.5", "192.168.10.5"),
        ("192.168.10.5", "::ffff:192.168.10.5"),
        ("::ffff:192.168.10.0/120", "192.168.10.5"),
        ("2001:db8::/32", "2001:db8::5"),
        ("fe80::/10", "fe80::5%eth0"),
        ("::1", "::1"),
    ],
)
def test_addresses_are_the_same_however_they_are_written(
    allowed: str, address: str
) -> None:
    asked = rules(peer("inveon", "INVEON", allowed))

    assert isinstance(asked.judge("INVEON", "NODE", address), Admitted)


@pytest.mark.parametrize(
    "address", ["192.168.10.6", "::ffff:192.168.11.5", "2001:db9::5", "", "host"]
)
def test_other_addresses_are_refused(address: str) -> None:
    allowed = ("192.168.10.5", "2001:db8::/32")

    asked = rules(peer("inveon", "INVEON", *allowed))

    assert codes(asked.judge("INVEON", "NODE", address)) == _CALLING_UNKNOWN


def test_the_address_chooses_between_peers_of_one_title() -> None:
    first = peer("first", "STORESCU", "10.0.0.1")
    anywhere = peer("anywhere", "STORESCU")
    second = peer("second", "STORESCU", "10.0.0.2")
    asked = rules(anywhere, first, second)

    assert asked.judge("STORESCU", "NODE", "10.0.0.1") == Admitted(first)
    assert asked.judge("STORESCU", "NODE", "10.0.0.2") == Admitted(second)
    assert asked.judge("STORESCU", "NODE", "10.0.0.3") == Admitted(anywhere)


def test_who_calls_another_node_is_told_so_first() -> None:
    asked = rules(peer())

    assert codes(asked.judge("INVEON", "OTHER", "10.0.0.1")) == _CALLED_UNKNOWN
    assert codes(asked.judge("STRANGER", "OTHER", "10.0.0.1")) == _CALLED_UNKNOWN
    tolerant = AccessRules("NODE", require_called_ae_title=False)
    assert tolerant.judge("ANY", "OTHER", "10.0.0.1") == Admitted(None)


def test_titles_count_without_the_spaces_that_pad_them() -> None:
    assert isinstance(rules(peer()).judge("INVEON  ", " NODE ", ""), Admitted)


def test_a_title_cannot_break_a_line_of_the_log() -> None:
    verdict = rules(peer()).judge("INVEON", "NO\nDE\x1b[2J", "10.0.0.1")

    assert isinstance(verdict, Rejection)
    assert verdict.words.isprintable()


def test_a_peer_with_all_its_associations_is_refused_for_now() -> None:
    inveon = peer(associations=2)

    assert too_many(inveon, 1) is None
    rejection = too_many(inveon, 2)
    assert rejection is not None
    assert codes(rejection) == _LOCAL_LIMIT
    assert rejection.status == "RJ 2/3/2"


def test_a_peer_may_send_the_kinds_that_are_configured_for_it() -> None:
    settings = Settings.model_validate(
        {
            "peers": (
                {"name": "scanner", "ae_title": "S", "objects": ("pet", "ct")},
                {"name": "planning", "ae_title": "P", "objects": ("contours",)},
            )
        }
    )
    scanner, planning = access_rules(settings).peers

    assert may_store(scanner, PositronEmissionTomographyImageStorage)
    assert may_store(scanner, CTImageStorage)
    assert not may_store(scanner, RTStructureSetStorage)
    assert may_store(planning, RTStructureSetStorage)
    assert not may_store(planning, Comprehensive3DSRStorage)
    assert not may_store(planning, MRImageStorage)
    assert may_store(None, Comprehensive3DSRStorage)


def test_every_class_that_the_node_takes_is_of_one_kind() -> None:
    sorted_by_kind = [each for kind in SOP_CLASSES_BY_KIND.values() for each in kind]

    assert sorted(sorted_by_kind) == sorted(RECEIVED_SOP_CLASSES)


def test_peers_may_call_beside_the_titles_that_may() -> None:
    settings = Settings.model_validate(
        {
            "node": {"allowed_calling_ae_titles": ("PACS",)},
            "peers": ({"name": "scanner", "ae_title": "S"},),
        }
    )

    assert calling_ae_titles(settings) == ("EXHAUSTION", "PACS", "S")
    assert calling_ae_titles(Settings()) == ()


@pytest.mark.parametrize(
    ("address", "reached"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("::1", "::1"),
        ("::ffff:127.0.0.1", "::ffff:127.0.0.1"),
        ("10.0.0.7", "10.0.0.7"),
        ("::ffff:10.0.0.7", "10.0.0.7"),
    ],
)
def test_the_node_may_ask_itself_whether_it_is_well_and_nothing_else(
    address: str, reached: str
) -> None:
    verdict = rules(peer()).judge("NODE", "NODE", address, reached)

    assert verdict == Admitted(None, only_verifies=True)


@pytest.mark.parametrize(
    ("calling", "address", "reached"),
    [
        ("NODE", "10.0.0.1", "10.0.0.7"),
        ("NODE", "10.0.0.1", ""),
        ("NODE", "", ""),
        ("OTHER", "127.0.0.1", "127.0.0.1"),
    ],
)
def test_the_node_s_title_is_of_no_use_to_other_machines_nor_its_machine_to_others(
    calling: str, address: str, reached: str
) -> None:
    verdict = rules(peer()).judge(calling, "NODE", address, reached)

    assert codes(verdict) == _CALLING_UNKNOWN


def test_a_peer_that_has_the_node_s_title_is_that_peer() -> None:
    twin = peer("twin", "NODE", "127.0.0.1")

    assert rules(twin).judge("NODE", "NODE", "127.0.0.1") == Admitted(twin)
