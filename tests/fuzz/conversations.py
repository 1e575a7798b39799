"""What a hostile peer says on one connection, chosen by a seeded generator.

A conversation is a request for an association and what follows it. Gentle ones damage
what stands inside messages, so that the association lives and thousands of PDUs pass;
harsh ones damage the messages and PDUs themselves.
"""

import copy
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

from tests.fuzz.pdus import (
    ABORT,
    P_DATA,
    RELEASE_RP,
    RELEASE_RQ,
    Command,
    Node,
    Pdu,
    Pdv,
    Request,
    action,
    cancel,
    command_set,
    data,
    echo,
    find,
    report,
    request,
    short,
    store,
    uid,
)

PET = "1.2.840.10008.5.1.4.1.1.128"
STRUCTURE_SET = "1.2.840.10008.5.1.4.1.1.481.3"
CONTEXTS = {
    1: "1.2.840.10008.1.1",
    3: PET,
    5: STRUCTURE_SET,
    7: "1.2.840.10008.1.20.1",
    9: "1.2.840.10008.5.1.4.1.2.2.1",
    11: "1.2.840.10008.5.1.4.1.1.2",
}
_ROOT = "1.2.826.0.1.3680043.10.1555.66"
_UIDS = (
    b"",
    b"1",
    b"1.2/../../x",
    b"1.2\0.3.4",
    b"1." * 32000,
    b"x" * 64,
    b"\xff" * 20,
)
_TITLES = (
    bytes(16),
    b" " * 16,
    b"../../../../etc/",
    b"A\\B\0\n\r\t%s%n{}<>",
    b"\xff" * 16,
)
_LENGTHS = (0, 1, 2, 3, 5, 0x7F, 0xFFFF, 1 << 16, 1 << 20, 1 << 24, 1 << 31, 0xFFFFFFFF)
_COMMANDS = (0x0001, 0x8001, 0x0010, 0x0021, 0x0020, 0x0030, 0x8030, 0x0100, 0x0110)
_MORE_COMMANDS = (
    0x0120,
    0x0130,
    0x0140,
    0x0150,
    0x0FFF,
    0x0000,
    0xFFFF,
    0x8020,
    0x8100,
)

Sent = Iterator[bytes]


@dataclass(frozen=True)
class Conversation:
    """What is said on one connection.

    Attributes
    ----------
    request : bytes
    is_valid : bool
        Whether the request must be accepted, so that the answer is waited for.
    messages : list of list of bytes
        PDUs, message by message.
    ending : {"close", "reset", "wait", "drip"}
        How the peer leaves.
    """

    request: bytes
    is_valid: bool
    messages: list[list[bytes]]
    ending: str


def conversation(random: Random, number: int, accepted: frozenset[int]) -> Conversation:
    """Return what is said, all of it from the generator.

    Parameters
    ----------
    random : Random
    number : int
        Of the conversation, for UIDs of its own.
    accepted : frozenset of int
        Contexts of `CONTEXTS` that the service accepts; gentle messages come in these.
    """
    valid = random.random() < 0.85
    asked = request(CONTEXTS)
    first = asked.encoded().encoded() if valid else _damaged_request(asked, random)
    most = random.choice((1, 4, 20, 100, 400) if valid else (0, 1, 3))
    gentle = random.random() < 0.75
    messages = []
    for place in range(most):
        instance = f"{_ROOT}.{number}.{place + 1}"
        pdus = _message(random, instance, place, accepted if gentle else None)
        if not gentle and random.random() < 0.2:
            pdus = _disordered(pdus, random)
        messages.append(pdus)
    if random.random() < 0.5:
        last = Pdu(random.choice((RELEASE_RQ, ABORT)), bytes(4))
        messages.append([last.encoded()])
    ending = random.choices(("close", "reset", "wait", "drip"), (60, 30, 6, 4))[0]
    return Conversation(first, valid, messages, ending)


def _message(
    random: Random, instance: str, message: int, accepted: frozenset[int] | None
) -> list[bytes]:
    """Return the PDUs of one message with its data set, damaged."""
    gentle = accepted is not None
    command, context, content = random.choice(_KINDS)(instance, message, random)
    while accepted is not None and context not in accepted:
        command, context, content = random.choice(_KINDS)(instance, message, random)
    if random.random() < (0.02 if gentle else 0.5):
        _damage_command(command, random)
    encoded = command_set(dict(sorted(command.items())))
    if random.random() < (0.005 if gentle else 0.1):
        encoded = _damaged_bytes(encoded, random)
    if content and random.random() < 0.6:
        content = _damaged_bytes(content, random)
    values = [Pdv(context, 3, encoded)]
    if content and (gentle or random.random() < 0.9):
        values += _fragments(content, context, random)
    if not gentle:
        _damage_values(values, random)
    grouped = [values] if random.random() < 0.3 else [[each] for each in values]
    pdus = [data(*group) for group in grouped]
    if not gentle and random.random() < 0.3:
        _damage_pdu(random.choice(pdus), random)
    return [each.encoded() for each in pdus]


def _fragments(content: bytes, context: int, random: Random) -> list[Pdv]:
    size = random.choice((1, 20, 100, *[16000] * 9)) if len(content) < 400 else 16000
    parts = [content[at : at + size] for at in range(0, len(content), size)]
    values = [Pdv(context, 0, part) for part in parts]
    values[-1].header = 2
    if random.random() < 0.1:
        values.insert(random.randrange(len(values)), Pdv(context, 0, b""))
    return values


def _data_set(sop_class: str, instance: str, context: int, random: Random) -> bytes:
    """Return a small data set, in the encoding of its context."""
    elements = [
        (0x0008, 0x0016, b"UI", uid(sop_class)),
        (0x0008, 0x0018, b"UI", uid(instance)),
        (0x0008, 0x0060, b"CS", b"PT"),
        (0x0010, 0x0010, b"PN", b"Mouse^Seven "),
        (0x0020, 0x000D, b"UI", uid(_ROOT)),
        (0x0020, 0x000E, b"UI", uid(f"{_ROOT}.2")),
        (0x0028, 0x0010, b"US", short(4)),
        (0x0028, 0x0011, b"US", short(4)),
        (0x7FE0, 0x0010, b"OW", bytes(random.choice((0, 32, 40000)))),
    ]
    return b"".join(_element(each, context) for each in elements)


def _element(element: tuple[int, int, bytes, bytes], context: int) -> bytes:
    group, number, vr, value = element
    if context // 2 % 2 == 0:
        return struct.pack("<HHL", group, number, len(value)) + value
    if vr == b"OW":
        return struct.pack("<HH2sHL", group, number, vr, 0, len(value)) + value
    return struct.pack("<HH2sH", group, number, vr, len(value)) + value


Made = tuple[Command, int, bytes]


def _an_echo(_instance: str, message: int, _random: Random) -> Made:
    return echo(message), 1, b""


def _a_pet(instance: str, message: int, random: Random) -> Made:
    return store(message, PET, instance), 3, _data_set(PET, instance, 3, random)


def _contours(instance: str, message: int, random: Random) -> Made:
    content = _data_set(STRUCTURE_SET, instance, 5, random)
    return store(message, STRUCTURE_SET, instance), 5, content


def _references(instance: str, context: int) -> bytes:
    item = _element((0x0008, 0x1150, b"UI", uid(PET)), context)
    item += _element((0x0008, 0x1155, b"UI", uid(instance)), context)
    items = struct.pack("<HHL", 0xFFFE, 0xE000, len(item)) + item
    head = struct.pack("<HH2sHL", 8, 0x1199, b"SQ", 0, len(items))
    return (
        _element((0x0008, 0x1195, b"UI", uid(f"{instance}.9")), context) + head + items
    )


def _a_question(instance: str, message: int, _random: Random) -> Made:
    return action(message, "1.2.840.10008.1.20.1.1"), 7, _references(instance, 7)


def _an_answer(instance: str, message: int, _random: Random) -> Made:
    return report(message, "1.2.840.10008.1.20.1.1"), 7, _references(instance, 7)


def _a_query(_instance: str, message: int, _random: Random) -> Made:
    return find(message), 9, _element((0x0008, 0x0052, b"CS", b"STUDY "), 9)


def _a_cancel(_instance: str, message: int, _random: Random) -> Made:
    return cancel(message), 9, b""


_KINDS: tuple[Callable[[str, int, Random], Made], ...] = (
    *[_an_echo] * 3,
    *[_a_pet] * 4,
    _contours,
    _a_question,
    _an_answer,
    _a_query,
    _a_cancel,
)


def _damage_command(command: Command, random: Random) -> None:
    number = random.choice(list(command))
    kind = random.randrange(5)
    if kind == 0:
        command.pop(number)
    elif kind == 1:
        command[number] = random.choice((*_UIDS, b"\1", b"\1\2\3\4\5\6"))
    elif kind == 2:
        command[0x0100] = short(random.choice((*_COMMANDS, *_MORE_COMMANDS)))
    elif kind == 3:
        command[random.randrange(0x1100)] = random.choice(
            (b"", b"xx", b"\1\0", b"y" * 99)
        )
    else:
        command[random.choice((0x0110, 0x0700, 0x0800))] = short(
            random.randrange(1 << 16)
        )


def _damage_values(values: list[Pdv], random: Random) -> None:
    value = random.choice(values)
    kind = random.randrange(6)
    if kind == 0:
        value.context = random.choice((0, 1, 2, 5, 13, 255))
    elif kind == 1:
        value.header = random.choice((0, 1, 2, 3, 4, 0x80, 0xFF))
    elif kind == 2:
        value.lie = random.choice((*_LENGTHS, len(value.data), len(value.data) + 3))
    elif kind == 3:
        value.data = value.data[: random.choice((0, 1))]
    elif kind == 4:
        random.shuffle(values)
    else:
        values.insert(0, copy.copy(value))


def _damage_pdu(pdu: Pdu, random: Random) -> None:
    kind = random.randrange(4)
    if kind == 0:
        pdu.kind = random.choice((0, 1, 2, 3, 5, 6, 7, 8, 0x80, 0xFF))
    elif kind == 1:
        pdu.lie = random.choice((*_LENGTHS, len(pdu.body) + 1, len(pdu.body) - 1))
    elif kind == 2:
        pdu.body = pdu.body[: random.randrange(len(pdu.body) + 1)]
    else:
        pdu.body = _damaged_bytes(pdu.body, random)


def _disordered(pdus: list[bytes], random: Random) -> list[bytes]:
    kind = random.randrange(3)
    if kind == 0:
        random.shuffle(pdus)
    elif kind == 1:
        pdus = pdus + pdus[: random.randrange(len(pdus) + 1)]
    else:
        other = random.choice((RELEASE_RP, 2, 3, 1, RELEASE_RQ, P_DATA))
        pdus.insert(random.randrange(len(pdus) + 1), Pdu(other, bytes(4)).encoded())
    return pdus


def _damaged_request(asked: Request, random: Random) -> bytes:
    for _ in range(random.choice((1, 1, 2, 5))):
        _damage_request(asked, random)
    pdu = asked.encoded()
    if random.random() < 0.3:
        _damage_pdu(pdu, random)
    return pdu.encoded()


def _damage_request(asked: Request, random: Random) -> None:
    holder = asked.items
    while holder and random.random() < 0.6:
        inner = random.choice(holder).below
        holder = inner or holder
        if not inner:
            break
    kind = random.randrange(8)
    if kind == 0:
        asked.called = random.choice(_TITLES)
    elif kind == 1:
        asked.calling = random.choice(_TITLES)
    elif kind == 2:
        asked.version = random.choice((0, 2, 3, 0xFFFF))
    elif not holder:
        asked.items.append(Node(0x10))
    else:
        _damage_items(holder, random)


def _damage_items(holder: list[Node], random: Random) -> None:
    node = random.choice(holder)
    kind = random.randrange(6)
    if kind == 0:
        holder.remove(node)
    elif kind == 1:
        holder.extend([copy.copy(node) for _ in range(random.choice((1, 3, 300)))])
    elif kind == 2:
        node.kind = random.choice((0, 0x10, 0x20, 0x21, 0x30, 0x50, 0x51, 0x58, 0xFF))
    elif kind == 3:
        node.lie = random.choice(_LENGTHS)
    elif kind == 4:
        node.value = random.choice(_UIDS)
    else:
        node.prefix = bytes(random.randrange(256) for _ in range(random.randrange(9)))


def _damaged_bytes(content: bytes, random: Random) -> bytes:
    changed = bytearray(content)
    kind = random.randrange(3)
    if kind == 0:
        return bytes(changed[: random.randrange(len(changed) + 1)])
    for _ in range(random.choice((1, 3, 12))):
        if changed:
            place = random.randrange(min(len(changed), 300))
            changed[place] = random.randrange(256)
    return bytes(changed)
