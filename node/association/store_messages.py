"""C-STORE messages as bytes: a request read, a response written (PS3.7 9.1.1, 9.3.1).

Design choice: command sets are a dozen short elements in one fixed encoding, Implicit
VR Little Endian (PS3.7 6.3.1); to make a pydicom data set of each costs more than to
receive the object.
"""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass

_ELEMENT = struct.Struct("<HHL")
_US = struct.Struct("<H")
_UL = struct.Struct("<L")
_PDU_HEAD = struct.Struct(">BxLLBB")
_PDV_HEAD_SIZE = 6

_SOP_CLASS_UID = 0x0002
_REQUESTED_SOP_CLASS_UID = 0x0003
_COMMAND_FIELD = 0x0100
_MESSAGE_ID = 0x0110
_RESPONDED_MESSAGE_ID = 0x0120
_DATA_SET_TYPE = 0x0800
_STATUS = 0x0900
_ERROR_COMMENT = 0x0902
_SOP_INSTANCE_UID = 0x1000

_STORE_REQUEST = 0x0001
_STORE_RESPONSE = 0x8001
_NO_DATA_SET = 0x0101
_PLAIN_UID = re.compile(rb"[0-9.]{1,64}")
_LAST_OF_COMMAND = 0x03
_MORE_OF_COMMAND = 0x01


class CommandError(ValueError):
    """A command set is not one of PS3.7 6.3.1."""


@dataclass(frozen=True)
class StoreRequest:
    """What a C-STORE-RQ says.

    Attributes
    ----------
    message_id : int
    sop_class_uid, sop_instance_uid : str
        Digits and dots, at most 64; empty where the request names none, or what is no
        UID.
    """

    message_id: int
    sop_class_uid: str
    sop_instance_uid: str


Command = dict[int, bytes]
"""Element numbers of group 0000, and the values as encoded."""


def read_command(encoded: bytes) -> Command:
    """Return the elements of a command set.

    Raises
    ------
    CommandError
        Other groups, elements that do not ascend, or a length beyond the end.
    """
    elements: Command = {}
    place, before, size = 0, -1, len(encoded)
    while place < size:
        if place + _ELEMENT.size > size:
            fact = "it ends within an element"
            raise CommandError(fact)
        group, element, length = _ELEMENT.unpack_from(encoded, place)
        place += _ELEMENT.size
        if group or element <= before or length > size - place:
            fact = f"({group:04x},{element:04x}) with {length} bytes has no place in it"
            raise CommandError(fact)
        elements[element] = encoded[place : place + length]
        place += length
        before = element
    return elements


def command_field(command: Command) -> int:
    """Return which message it is.

    Raises
    ------
    CommandError
        It does not say that.
    """
    return _required(command, _COMMAND_FIELD)


def has_data_set(command: Command) -> bool:
    """Return whether a data set follows the command set.

    Raises
    ------
    CommandError
        It does not say that.
    """
    return _required(command, _DATA_SET_TYPE) != _NO_DATA_SET


def named_class(command: Command) -> str:
    """Return the Affected or Requested SOP Class UID; empty where none is named."""
    value = command.get(_SOP_CLASS_UID, command.get(_REQUESTED_SOP_CLASS_UID, b""))
    return value.decode("latin-1").rstrip("\0 ")


def is_store_request(command: Command) -> bool:
    """Return whether it is a C-STORE-RQ, whole or not."""
    return _number(command, _COMMAND_FIELD) == _STORE_REQUEST


def store_request(command: Command) -> StoreRequest | None:
    """Return what a C-STORE-RQ says; None when no answer could name it."""
    message_id = _number(command, _MESSAGE_ID)
    if message_id is None:
        return None
    return StoreRequest(
        message_id, _uid(command, _SOP_CLASS_UID), _uid(command, _SOP_INSTANCE_UID)
    )


def store_response(
    request: StoreRequest, status: int, comment: str, context_id: int, pdu_limit: int
) -> bytes:
    """Return the P-DATA-TF PDUs of a C-STORE-RSP, as they are sent.

    Parameters
    ----------
    request : StoreRequest
        That is answered.
    status : int
    comment : str
        *Error Comment*; empty for none. ASCII, at most 64 characters.
    context_id : int
    pdu_limit : int
        What the peer accepts in a PDU's body (PS3.8 D.1); 0 for no limit.
    """
    said = _padded(comment, b" ")
    rest = b"".join(
        (
            _named(_SOP_CLASS_UID, request.sop_class_uid),
            _element(_COMMAND_FIELD, _US.pack(_STORE_RESPONSE)),
            _element(_RESPONDED_MESSAGE_ID, _US.pack(request.message_id)),
            _element(_DATA_SET_TYPE, _US.pack(_NO_DATA_SET)),
            _element(_STATUS, _US.pack(status)),
            _element(_ERROR_COMMENT, said) if said else b"",
            _named(_SOP_INSTANCE_UID, request.sop_instance_uid),
        )
    )
    command = _element(0, _UL.pack(len(rest))) + rest
    return b"".join(_data_units(command, context_id, pdu_limit))


def _data_units(command: bytes, context_id: int, pdu_limit: int) -> Iterator[bytes]:
    room = max(pdu_limit - _PDV_HEAD_SIZE, 1) if pdu_limit else len(command)
    for start in range(0, len(command), room):
        part = command[start : start + room]
        last = start + room >= len(command)
        control = _LAST_OF_COMMAND if last else _MORE_OF_COMMAND
        length = len(part) + 2
        yield _PDU_HEAD.pack(0x04, length + 4, length, context_id, control) + part


def _element(number: int, value: bytes) -> bytes:
    return _ELEMENT.pack(0, number, len(value)) + value


def _named(number: int, uid: str) -> bytes:
    # Both are optional in a response (PS3.7 9.1.1): what is no UID is not said again.
    return _element(number, _padded(uid, b"\0")) if uid else b""


def _padded(text: str, padding: bytes) -> bytes:
    value = text.encode("ascii", "replace")
    return value + padding if len(value) % 2 else value


def _number(command: Command, element: int) -> int | None:
    value = command.get(element, b"")
    return int(_US.unpack(value)[0]) if len(value) == _US.size else None


def _required(command: Command, element: int) -> int:
    number = _number(command, element)
    if number is None:
        fact = f"(0000,{element:04x}) is missing or no number"
        raise CommandError(fact)
    return number


def _uid(command: Command, element: int) -> str:
    # Padded with a zero byte (PS3.5 9.1); some pad with a space.
    value = command.get(element, b"").rstrip(b"\0 ")
    return value.decode("ascii") if _PLAIN_UID.fullmatch(value) else ""
