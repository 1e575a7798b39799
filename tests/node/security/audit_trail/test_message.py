"""Promises of audit messages: what the schema of PS3.15 A.5.1 asks for is there."""

import base64
from datetime import UTC, datetime
from xml.etree.ElementTree import Element, fromstring

import pytest

from node.security.audit_trail.events import (
    Alert,
    AlertKind,
    AuditEvent,
    Party,
    Queried,
    Started,
    Stopped,
    StudyDeleted,
    StudyPart,
    TransferBegun,
    Transferred,
)
from node.security.audit_trail.message import AuditSource, message

_AT = datetime(2026, 3, 4, 5, 6, 7, 891000, tzinfo=UTC)
_SOURCE = AuditSource("NODE", "node.example.org", "Imaging core", "4711")
_US = Party("NODE", "node.example.org")
_SCANNER = Party("INVEON", "192.168.10.5", is_requestor=True, subject="CN=inveon")
_PART = StudyPart("1.2.3", "M01", {"1.2.840.10008.5.1.4.1.1.128": 159})

EVENTS: list[tuple[AuditEvent, str, str]] = [
    (Started(_AT), "110100", "E"),
    (Stopped(_AT), "110100", "E"),
    (TransferBegun(_AT, _US, _SCANNER, _PART), "110102", "E"),
    (Transferred(_AT, _SCANNER, _US, _PART), "110104", "C"),
    (Transferred(_AT, _SCANNER, _US, StudyPart("1.2"), "A700"), "110104", "C"),
    (StudyDeleted(_AT, _PART), "110105", "D"),
    (Queried(_AT, _US, _SCANNER, "1.2.840", b"\x08\x00", "1.2.1"), "110112", "E"),
    (Alert(_AT, AlertKind.NODE_AUTHENTICATION, _SCANNER, "expired"), "110113", "E"),
]

# Element: required attributes, other attributes, children in their order with the
# least and the greatest number (PS3.15 A.5.1.1).
_CODE = {"csd-code", "codeSystemName", "originalText"}
_MANY = 99
_SCHEMA: dict[str, tuple[set[str], set[str], list[tuple[set[str], int, int]]]] = {
    "AuditMessage": (
        set(),
        set(),
        [
            ({"EventIdentification"}, 1, 1),
            ({"ActiveParticipant"}, 1, _MANY),
            ({"AuditSourceIdentification"}, 1, 1),
            ({"ParticipantObjectIdentification"}, 0, _MANY),
        ],
    ),
    "EventIdentification": (
        {"EventDateTime", "EventOutcomeIndicator"},
        {"EventActionCode"},
        [
            ({"EventID"}, 1, 1),
            ({"EventTypeCode"}, 0, _MANY),
            ({"EventOutcomeDescription"}, 0, 1),
        ],
    ),
    "ActiveParticipant": (
        {"UserID", "UserIsRequestor"},
        {
            "AlternativeUserID",
            "UserName",
            "NetworkAccessPointID",
            "NetworkAccessPointTypeCode",
        },
        [({"RoleIDCode"}, 0, _MANY)],
    ),
    "AuditSourceIdentification": (
        {"AuditSourceID"},
        {"AuditEnterpriseSiteID"},
        [({"AuditSourceTypeCode"}, 0, _MANY)],
    ),
    "ParticipantObjectIdentification": (
        {"ParticipantObjectID"},
        {"ParticipantObjectTypeCode", "ParticipantObjectTypeCodeRole"},
        [
            ({"ParticipantObjectIDTypeCode"}, 1, 1),
            ({"ParticipantObjectName", "ParticipantObjectQuery"}, 1, 1),
            ({"ParticipantObjectDetail"}, 0, _MANY),
            ({"ParticipantObjectDescription"}, 0, _MANY),
        ],
    ),
    "ParticipantObjectDescription": (set(), set(), [({"SOPClass"}, 0, _MANY)]),
    "SOPClass": ({"NumberOfInstances"}, {"UID"}, []),
    "ParticipantObjectDetail": ({"type", "value"}, set(), []),
    "AuditSourceTypeCode": ({"csd-code"}, {"codeSystemName", "originalText"}, []),
    **{
        coded: (_CODE, {"displayName"}, [])
        for coded in (
            "EventID",
            "EventTypeCode",
            "RoleIDCode",
            "ParticipantObjectIDTypeCode",
        )
    },
    **{
        text: (set(), set(), [])
        for text in (
            "EventOutcomeDescription",
            "ParticipantObjectName",
            "ParticipantObjectQuery",
        )
    },
}


def check(element: Element) -> None:
    """Hold an element and all in it against the schema."""
    required, allowed, content = _SCHEMA[element.tag]
    given = set(element.keys())
    assert required <= given <= required | allowed, element.tag
    children = [child.tag for child in element]
    for tags, least, most in content:
        count = 0
        while children and children[0] in tags:
            children.pop(0)
            count += 1
        assert least <= count <= most, (element.tag, tags)
    assert not children, element.tag
    for child in element:
        check(child)


def parsed(event: AuditEvent) -> Element:
    return fromstring(message(event, _SOURCE))  # noqa: S314 - made here


@pytest.mark.parametrize(("event", "code", "action"), EVENTS)
def test_every_message_follows_the_schema(
    event: AuditEvent, code: str, action: str
) -> None:
    root = parsed(event)

    check(root)
    identification = root.find("EventIdentification")
    assert identification is not None
    assert identification.get("EventActionCode") == action
    assert identification.get("EventDateTime") == "2026-03-04T05:06:07.891+00:00"
    event_id = identification.find("EventID")
    assert event_id is not None
    assert event_id.get("csd-code") == code


def test_a_transfer_names_who_sent_what_to_whom() -> None:
    root = parsed(Transferred(_AT, _SCANNER, _US, _PART))

    scanner, node = root.findall("ActiveParticipant")
    assert scanner.get("AlternativeUserID") == "AETITLES=INVEON"
    assert scanner.get("NetworkAccessPointID") == "192.168.10.5"
    assert scanner.get("NetworkAccessPointTypeCode") == "2"
    assert scanner.get("UserName") == "CN=inveon"
    assert scanner.get("UserIsRequestor") == "true"
    assert node.get("UserID") == "4711"
    assert node.get("NetworkAccessPointTypeCode") == "1"
    study, patient = root.findall("ParticipantObjectIdentification")
    assert study.get("ParticipantObjectID") == "1.2.3"
    counted = study.find("ParticipantObjectDescription/SOPClass")
    assert counted is not None
    assert counted.get("NumberOfInstances") == "159"
    assert patient.get("ParticipantObjectID") == "M01"


def test_a_transfer_that_failed_says_why() -> None:
    root = parsed(Transferred(_AT, _US, _SCANNER, _PART, "refused: A700"))

    identification = root.find("EventIdentification")
    assert identification is not None
    assert identification.get("EventOutcomeIndicator") == "4"
    assert identification.findtext("EventOutcomeDescription") == "refused: A700"


def test_an_alert_describes_itself() -> None:
    root = parsed(Alert(_AT, AlertKind.RESTRICTED_FUNCTION, _SCANNER, "wrong AE"))

    detail = root.find(".//ParticipantObjectDetail")
    assert detail is not None
    assert detail.get("type") == "Alert Description"
    assert base64.b64decode(detail.get("value", "")) == b"wrong AE"


def test_what_a_peer_says_of_itself_cannot_break_the_message() -> None:
    hostile = Party('"><x/>\0\ud800\x1b', "10.0.0.1\n")

    root = parsed(Alert(_AT, AlertKind.NODE_AUTHENTICATION, hostile, "\0&<>]]>\x0b"))

    check(root)
