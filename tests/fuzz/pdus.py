"""Protocol data units that can be encoded wrongly (PS3.8 9.3, PS3.7 annex E)."""

import struct
from dataclasses import dataclass, field

from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

ASSOCIATE_RQ, ASSOCIATE_AC, ASSOCIATE_RJ = 0x01, 0x02, 0x03
P_DATA, RELEASE_RQ, RELEASE_RP, ABORT = 0x04, 0x05, 0x06, 0x07
_APPLICATION_CONTEXT = b"1.2.840.10008.3.1.1.1"
_HAS_DATA_SET, _NO_DATA_SET = 1, 0x0101

Command = dict[int, bytes]
"""Values of a command set by element number of group 0000."""


@dataclass
class Node:
    """An item: its type, its value or the items in it, and a length if it lies."""

    kind: int
    value: bytes = b""
    below: "list[Node]" = field(default_factory=list)
    prefix: bytes = b""
    lie: int | None = None

    def encoded(self) -> bytes:
        value = self.prefix + self.value + b"".join(i.encoded() for i in self.below)
        length = len(value) if self.lie is None else self.lie
        return struct.pack(">BBH", self.kind, 0, length & 0xFFFF) + value


@dataclass
class Pdu:
    """A PDU: its type and its body, and a length if it lies."""

    kind: int
    body: bytes
    lie: int | None = None

    def encoded(self) -> bytes:
        length = len(self.body) if self.lie is None else self.lie
        return struct.pack(">BBL", self.kind, 0, length & 0xFFFFFFFF) + self.body


@dataclass
class Pdv:
    """A presentation data value (PS3.8 9.3.5.1)."""

    context: int
    header: int
    data: bytes
    lie: int | None = None

    def encoded(self) -> bytes:
        length = len(self.data) + 2 if self.lie is None else self.lie
        head = struct.pack(">LBB", length & 0xFFFFFFFF, self.context, self.header)
        return head + self.data


@dataclass
class Request:
    """An A-ASSOCIATE-RQ."""

    items: list[Node]
    called: bytes = b"EXHAUSTION      "
    calling: bytes = b"FUZZER          "
    version: int = 1

    def encoded(self) -> Pdu:
        head = struct.pack(">HH", self.version, 0) + self.called + self.calling
        return Pdu(
            ASSOCIATE_RQ, head + bytes(32) + b"".join(i.encoded() for i in self.items)
        )


def request(contexts: dict[int, str]) -> Request:
    """Return a request with every kind of item, contexts by their identifier."""
    items = [Node(0x10, _APPLICATION_CONTEXT)]
    for identifier, abstract in contexts.items():
        syntaxes = (ImplicitVRLittleEndian, ExplicitVRLittleEndian)
        chosen = syntaxes[identifier // 2 % 2]
        below = [Node(0x30, abstract.encode()), Node(0x40, chosen.encode())]
        items.append(Node(0x20, below=below, prefix=bytes([identifier, 0, 0, 0])))
    first = next(iter(contexts.values())).encode()
    named = struct.pack(">H", len(first)) + first
    user = [
        Node(0x51, struct.pack(">L", 16384)),
        Node(0x52, b"1.2.826.0.1.3680043.10.1555.99"),
        Node(0x53, struct.pack(">HH", 1, 1)),
        Node(0x54, named + b"\1\1"),
        Node(0x55, b"FUZZ_1"),
        Node(0x56, named + b"\1\0"),
        Node(0x57, named + struct.pack(">H", 0)),
        Node(0x58, b"\1\0\0\4user\0\0"),
    ]
    items.append(Node(0x50, below=user))
    return Request(items)


def data(*values: Pdv) -> Pdu:
    """Return a P-DATA-TF."""
    return Pdu(P_DATA, b"".join(each.encoded() for each in values))


def command_set(command: Command) -> bytes:
    """Return a command set in implicit VR, its group length right."""
    body = b"".join(
        struct.pack("<HHL", 0, number, len(value)) + value
        for number, value in command.items()
        if number
    )
    return struct.pack("<HHLL", 0, 0, 4, len(body)) + body


def uid(text: str) -> bytes:
    return text.encode() + b"\0" * (len(text) % 2)


def short(number: int) -> bytes:
    return struct.pack("<H", number & 0xFFFF)


def echo(message: int) -> Command:
    return {
        0x0002: uid("1.2.840.10008.1.1"),
        0x0100: short(0x0030),
        0x0110: short(message),
        0x0800: short(_NO_DATA_SET),
    }


def store(message: int, sop_class: str, instance: str) -> Command:
    return {
        0x0002: uid(sop_class),
        0x0100: short(0x0001),
        0x0110: short(message),
        0x0700: short(0),
        0x0800: short(_HAS_DATA_SET),
        0x1000: uid(instance),
    }


def action(message: int, instance: str) -> Command:
    """Return an N-ACTION-RQ that asks for storage commitment (PS3.4 J.3.2)."""
    return {
        0x0003: uid("1.2.840.10008.1.20.1"),
        0x0100: short(0x0130),
        0x0110: short(message),
        0x0800: short(_HAS_DATA_SET),
        0x1001: uid(instance),
        0x1008: short(1),
    }


def report(message: int, instance: str) -> Command:
    """Return an N-EVENT-REPORT-RQ with the answer to such a question (J.3.3)."""
    return {
        0x0002: uid("1.2.840.10008.1.20.1"),
        0x0100: short(0x0100),
        0x0110: short(message),
        0x0800: short(_HAS_DATA_SET),
        0x1000: uid(instance),
        0x1002: short(1),
    }


def find(message: int) -> Command:
    return {
        0x0002: uid("1.2.840.10008.5.1.4.1.2.2.1"),
        0x0100: short(0x0020),
        0x0110: short(message),
        0x0700: short(0),
        0x0800: short(_HAS_DATA_SET),
    }


def cancel(message: int) -> Command:
    return {
        0x0100: short(0x0FFF),
        0x0120: short(message),
        0x0800: short(_NO_DATA_SET),
    }
