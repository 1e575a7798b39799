"""Audit messages: XML by the schema of PS3.15 A.5.1, content by A.5.3.

Design choice: no name of a patient is sent. The schema asks for a name of each object,
and gets what kind of thing it is.
"""

import base64
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import singledispatch
from ipaddress import ip_address
from xml.etree.ElementTree import Element, SubElement, tostring

from node.security.audit_trail.events import (
    Alert,
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

_SUCCESS, _MINOR_FAILURE, _SERIOUS_FAILURE = "0", "4", "8"
_APPLICATION_SERVER = "4"
"""*AuditSourceTypeCode* (A.5.1.2.1)."""
_PERSON, _SYSTEM_OBJECT = "1", "2"
_PATIENT, _REPORT, _SECURITY_RESOURCE = "1", "3", "13"
_MACHINE_NAME, _IP_ADDRESS, _URI = "1", "2", "5"

_APPLICATION = ("110150", "Application")
_DESTINATION = ("110152", "Destination Role ID")
_SOURCE = ("110153", "Source Role ID")
_STUDY_INSTANCE_UID = ("110180", "Study Instance UID")
_SOP_CLASS_UID = ("110181", "SOP Class UID")
_NODE_ID = ("110182", "Node ID")
_PATIENT_NUMBER = ("2", "Patient Number")


@dataclass(frozen=True)
class AuditSource:
    """Who reports.

    Attributes
    ----------
    ae_title : str
    host : str
        Name of the machine.
    site : str
        Empty where none is configured.
    process : str
        Number of the process.
    """

    ae_title: str
    host: str
    site: str
    process: str


def message(event: AuditEvent, source: AuditSource) -> bytes:
    """Return an event as an audit message, UTF-8.

    Parameters
    ----------
    event : AuditEvent
    source : AuditSource
    """
    root = Element("AuditMessage")
    children: list[Element] = _content(event, source)
    # The schema wants event, participants, source, objects in this order.
    objects = [each for each in children if each.tag.startswith("ParticipantObject")]
    root.extend(each for each in children if each not in objects)
    root.append(_reporter(source))
    root.extend(objects)
    content: bytes = tostring(root, "utf-8", xml_declaration=True)
    return content


@singledispatch
def _content(event: AuditEvent, source: AuditSource) -> list[Element]:
    """Return event, participants and objects of a message."""
    del source
    raise TypeError(event)


@_content.register
def _started(event: Started, source: AuditSource) -> list[Element]:
    return _activity(event.at, ("110120", "Application Start"), source)


@_content.register
def _stopped(event: Stopped, source: AuditSource) -> list[Element]:
    return _activity(event.at, ("110121", "Application Stop"), source)


def _activity(
    at: datetime, kind: tuple[str, str], source: AuditSource
) -> list[Element]:
    identification = _event(("110100", "Application Activity"), "E", at)
    _coded(identification, "EventTypeCode", kind)
    return [identification, _ourselves(source, _APPLICATION)]


@_content.register
def _transfer_begun(event: TransferBegun, source: AuditSource) -> list[Element]:
    return [
        _event(("110102", "Begin Transferring DICOM Instances"), "E", event.at),
        _participant(event.source, _SOURCE, source),
        _participant(event.destination, _DESTINATION, source),
        *_study_and_patient(event.study),
    ]


@_content.register
def _transferred(event: Transferred, source: AuditSource) -> list[Element]:
    identification = _event(
        ("110104", "DICOM Instances Transferred"),
        "C",
        event.at,
        _MINOR_FAILURE if event.why_not else _SUCCESS,
        event.why_not,
    )
    return [
        identification,
        _participant(event.source, _SOURCE, source),
        _participant(event.destination, _DESTINATION, source),
        *_study_and_patient(event.study),
    ]


@_content.register
def _deleted(event: StudyDeleted, source: AuditSource) -> list[Element]:
    return [
        _event(("110105", "DICOM Study Deleted"), "D", event.at),
        _ourselves(source, _APPLICATION),
        *_study_and_patient(event.study),
    ]


@_content.register
def _queried(event: Queried, source: AuditSource) -> list[Element]:
    asked = _object(event.sop_class_uid, _SOP_CLASS_UID, _SYSTEM_OBJECT, _REPORT)
    SubElement(asked, "ParticipantObjectQuery").text = _base64(event.query)
    _detail(asked, "TransferSyntax", event.transfer_syntax_uid)
    return [
        _event(("110112", "Query"), "E", event.at),
        _participant(event.source, _SOURCE, source),
        _participant(event.destination, _DESTINATION, source),
        asked,
    ]


@_content.register
def _alert(event: Alert, source: AuditSource) -> list[Element]:
    identification = _event(
        ("110113", "Security Alert"), "E", event.at, _SERIOUS_FAILURE, event.words
    )
    # The outcome's description is the last child by the schema.
    kind = _coded_element("EventTypeCode", event.kind.value)
    identification.insert(1, kind)
    node = event.party.address or event.party.ae_title or "unknown"
    subject = _object(node, _NODE_ID, _SYSTEM_OBJECT, _SECURITY_RESOURCE)
    SubElement(subject, "ParticipantObjectName").text = "Node"
    _detail(subject, "Alert Description", event.words)
    return [
        identification,
        _ourselves(source, _APPLICATION),
        _participant(event.party, None, source),
        subject,
    ]


def _event(
    code: tuple[str, str],
    action: str,
    at: datetime,
    outcome: str = _SUCCESS,
    description: str = "",
) -> Element:
    identification = Element(
        "EventIdentification",
        {
            "EventActionCode": action,
            "EventDateTime": at.astimezone(UTC).isoformat(timespec="milliseconds"),
            "EventOutcomeIndicator": outcome,
        },
    )
    _coded(identification, "EventID", code)
    if description:
        told = SubElement(identification, "EventOutcomeDescription")
        told.text = _legal(description)
    return identification


def _ourselves(source: AuditSource, role: tuple[str, str]) -> Element:
    us = Party(source.ae_title, source.host)
    return _participant(us, role, source)


def _participant(
    party: Party, role: tuple[str, str] | None, source: AuditSource
) -> Element:
    """Return an active participant (A.5.2.1, A.5.2.2)."""
    is_us = party.ae_title == source.ae_title
    names = {"UserID": source.process if is_us else party.ae_title or party.address}
    if party.ae_title:
        names["AlternativeUserID"] = f"AETITLES={party.ae_title}"
    if party.subject:
        names["UserName"] = party.subject
    if party.address:
        names["NetworkAccessPointID"] = party.address
        names["NetworkAccessPointTypeCode"] = _access_point(party.address)
    names["UserIsRequestor"] = "true" if party.is_requestor else "false"
    legal = {name: _legal(value) for name, value in names.items()}
    participant = Element("ActiveParticipant", legal)
    if role is not None:
        _coded(participant, "RoleIDCode", role)
    return participant


def _access_point(address: str) -> str:
    if "://" in address:
        return _URI
    try:
        ip_address(address.partition("%")[0])
    except ValueError:
        return _MACHINE_NAME
    return _IP_ADDRESS


def _reporter(source: AuditSource) -> Element:
    names = {"AuditSourceID": _legal(f"{source.ae_title}@{source.host}")}
    if source.site:
        names["AuditEnterpriseSiteID"] = _legal(source.site)
    reporter = Element("AuditSourceIdentification", names)
    SubElement(reporter, "AuditSourceTypeCode", {"csd-code": _APPLICATION_SERVER})
    return reporter


def _study_and_patient(part: StudyPart) -> list[Element]:
    study = _object(
        part.study_instance_uid, _STUDY_INSTANCE_UID, _SYSTEM_OBJECT, _REPORT
    )
    SubElement(study, "ParticipantObjectName").text = "Study"
    description = SubElement(study, "ParticipantObjectDescription")
    for uid, count in sorted(part.instances.items()):
        counted = {"UID": _legal(uid), "NumberOfInstances": str(count)}
        SubElement(description, "SOPClass", counted)
    if not part.patient_id:
        return [study]
    patient = _object(
        part.patient_id, _PATIENT_NUMBER, _PERSON, _PATIENT, system="RFC-3881"
    )
    SubElement(patient, "ParticipantObjectName").text = "Patient"
    return [study, patient]


def _object(
    identifier: str,
    kind: tuple[str, str],
    type_code: str,
    role: str,
    *,
    system: str = "DCM",
) -> Element:
    thing = Element(
        "ParticipantObjectIdentification",
        {
            "ParticipantObjectID": _legal(identifier),
            "ParticipantObjectTypeCode": type_code,
            "ParticipantObjectTypeCodeRole": role,
        },
    )
    thing.append(_coded_element("ParticipantObjectIDTypeCode", kind, system))
    return thing


def _detail(thing: Element, name: str, value: str) -> None:
    encoded = _base64(value.encode("utf-8", "replace"))
    SubElement(thing, "ParticipantObjectDetail", {"type": name, "value": encoded})


def _coded(parent: Element, tag: str, code: tuple[str, str]) -> None:
    parent.append(_coded_element(tag, code))


def _coded_element(tag: str, code: tuple[str, str], system: str = "DCM") -> Element:
    value, meaning = code
    return Element(
        tag,
        {
            "csd-code": value,
            "codeSystemName": system,
            "originalText": meaning,
            "displayName": meaning,
        },
    )


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")


def _legal(text: str) -> str:
    """Return text that XML 1.0 can hold; peers may say anything."""
    return "".join(
        each if each.isprintable() else "\N{REPLACEMENT CHARACTER}"
        for each in text.encode("utf-8", "replace").decode("utf-8")
    )
